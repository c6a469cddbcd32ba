"""What is said of a source after a crawl, where several things happened at once."""

from __future__ import annotations

import pytest

from crawlers.challenge import challenge_in
from crawlers.health import Tally, source_state
from crawlers.memory import KnownState
from crawlers.pages import Page
from netdocket.errors import (
    BlockedError,
    ChallengeError,
    EmptyListError,
    GoneError,
    LayoutError,
    NetdocketError,
    UnreachableError,
)

AT = "2026-03-01T00:00:00Z"


def tally(*, lists: list[NetdocketError] | None = None, pages: list[NetdocketError] | None = None, new: int = 0) -> Tally:  # fmt: skip
    counted = Tally(new=new)
    counted.list_failures += lists or []
    for error in pages or []:
        counted.page_failed(error)
    return counted


@pytest.mark.parametrize(
    ("counted", "state"),
    [
        (tally(), "nothing_new"),
        (tally(new=1), "ok"),
        (tally(new=9, lists=[EmptyListError("x")]), "empty"),
        (tally(new=9, lists=[EmptyListError("x"), GoneError("x"), LayoutError("x")]), "gone"),
        (tally(lists=[UnreachableError("x"), ChallengeError("x"), BlockedError("x")]), "challenge"),
        (tally(new=9, pages=[LayoutError("x")]), "ok"),
        (tally(new=1, pages=[LayoutError("x")]), "changed"),
        (tally(new=1, pages=[LayoutError("x"), LayoutError("x"), GoneError("x")]), "changed"),
    ],
)
def test_the_gravest_failure_names_the_state(counted: Tally, state: str) -> None:
    found = source_state("s", counted, None, at=AT, run_id="r", origin="replica")
    assert found.state == state
    assert found.last_good == (AT if state in ("ok", "nothing_new") else None)


def test_who_refuses_us_as_a_whole_names_the_state_alone() -> None:
    """One place knows who refused; a single page that is forbidden says nothing of the others."""
    counted = tally(new=99, pages=[BlockedError("x")])
    given = {"at": AT, "run_id": "r", "origin": "replica"}
    assert source_state("s", counted, None, **given).state == "ok"  # type: ignore[arg-type]
    assert source_state("s", counted, None, refused=BlockedError("x"), **given).state == "blocked"  # type: ignore[arg-type]


def test_good_states_are_one_spell() -> None:
    before = KnownState(state="ok", since="2026-01-01T00:00:00Z", last_good="2026-02-01T00:00:00Z")
    good = source_state("s", tally(), before, at=AT, run_id="r", origin="replica")
    assert (good.state, good.since, good.last_good) == ("nothing_new", before.since, AT)
    bad = source_state("s", tally(lists=[GoneError("x")]), before, at=AT, run_id="r", origin="replica")
    assert (bad.since, bad.last_good) == (AT, before.last_good)


def test_what_is_no_failure_is_still_said() -> None:
    counted = tally(new=1)
    counted.withdrawn, counted.volume = 2, ["3 items on the list, where 10 to 40 are usual"]
    said = source_state("s", counted, None, at=AT, run_id="r", origin="replica")
    assert said.state == "ok"
    assert said.reason == "3 items on the list, where 10 to 40 are usual; 2 pages taken before are gone"


@pytest.mark.parametrize(
    "html",
    [
        "<html><body><p>"
        + "A long page that speaks of __jsl_clearance and captcha. " * 30
        + "</p></body></html>",
        "<html><body><p>Redesigned, with little text and no script at all.</p></body></html>",
        "<html><body><script>var a</script><p>" + "Enough text to be a page. " * 5 + "</p></body></html>",
    ],
)
def test_a_page_that_only_speaks_of_challenges_is_none(html: str) -> None:
    assert challenge_in(Page(url="https://www.example.org/", body=html.encode())) is None
