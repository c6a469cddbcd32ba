"""The pages are what the source cards expect of the publishers' own: nothing is missed, nothing else is read."""

from __future__ import annotations

from typing import cast

import pytest

from netdocket.replica import Replica, serve
from netdocket.replica.plans import load_plans
from netdocket.replica.site import Site
from tests.replica.conftest import Visitor

SITES = sorted(source for source, plan in load_plans().items() if plan.share)
AROUND = (
    "演示站点", "相关稿件", "责任编辑", "打印", "内部流转单", "var channel",  # cac
    "Your contacts", "Related insights", "LinkedIn", "cookies to understand",  # twobirds
    "Share this", "Related posts", "Tags:", "Subscribe", "track(",  # dlapiper
)  # fmt: skip


@pytest.mark.parametrize("source", SITES)
def test_a_card_finds_every_bulletin_once_and_reads_it_without_what_stands_around_it(
    replica: Replica, source: str
) -> None:
    visitor, site = Visitor(replica, source), cast(Site, replica.sites[source])
    entries = visitor.entries()
    wanted = {path: b for path, b in site.articles.items() if not b.fixture.beside}
    assert set(entries) == {visitor.card.base + path for path in wanted}
    for path, bulletin in wanted.items():
        entry = entries[visitor.card.base + path]
        draft = visitor.detail(entry)
        assert entry.title == draft.title == bulletin.title.replace("\u00a0", " ")
        assert draft.published == f"{bulletin.published:%Y-%m-%d}"
        assert not [words for words in AROUND if words in draft.text]
        assert "{" not in draft.text and "**" not in draft.text and "[^" not in draft.text
        assert len(draft.text) > 150, "a notice, not a stub"


def test_tables_and_footnotes_come_out_as_rows_and_notes(replica: Replica) -> None:
    visitor = Visitor(replica, "cac")
    entries = visitor.entries()
    apps = next(visitor.detail(e) for e in entries.values() if "移动应用程序" in (e.title or ""))
    rows = [line.split("\t") for line in apps.text.splitlines() if "\t" in line]
    assert [len(row) for row in rows] == [6] * 9, "a head and eight apps"
    audit = next(visitor.detail(e) for e in entries.values() if "合规审计" in (e.title or ""))
    assert audit.text.splitlines()[-1].startswith("1."), "the note stands below the text"


@pytest.mark.parametrize("source", SITES)
def test_a_list_goes_on_over_many_pages_and_ends_with_a_404(source: str) -> None:
    with serve(count=400, sites=[source]) as many:
        visitor = Visitor(many, source)
        pages = list(visitor.lists())
        found = [entry.url for entries in pages for entry in entries if entry.wanted]
        assert len(set(found)) == 400
        assert len(pages) > 400 // 25
        urls = {url.replace(visitor.card.base, many.base_urls[source]) for url in found}
        assert urls == set(many.bulletins().values())


def test_lists_stay_within_the_pages_that_cards_walk() -> None:
    """More bulletins than the lists were made for: pages grow longer, not more."""
    with serve(count=6000, sites=["twobirds"]) as many:
        visitor = Visitor(many, "twobirds")
        assert len(visitor.entries()) == 6000


def test_the_newest_stand_first(replica: Replica) -> None:
    for source in SITES:
        for entries in Visitor(replica, source).lists():
            dates = [entry.published or "" for entry in entries]
            assert dates == sorted(dates, reverse=True)


def test_what_a_card_does_not_ask_for_stands_on_the_lists_too(replica: Replica) -> None:
    for source in ("twobirds", "dlapiper"):
        listed = [entry for entries in Visitor(replica, source).lists() for entry in entries]
        assert [entry for entry in listed if not entry.wanted], source
