"""The fixtures themselves: whole, our own words, and none of their parts idle."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from netdocket.errors import ConfigurationError
from netdocket.replica.fixtures import FOLDER, Fixture, load_fixtures, read_fixture
from netdocket.replica.markup import Style, to_html
from netdocket.replica.plans import load_plans
from netdocket.replica.variation import vary

FIXTURES = [fixture for source in load_plans() for fixture in load_fixtures(source)]
LONGEST_COMMON_WORDS = 12
LONGEST_COMMON_HAN = 20
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def written(fixture: Fixture) -> str:
    return "\n".join((fixture.title, fixture.varied_title, fixture.publisher, fixture.summary, fixture.body))


def test_every_fixture_is_read() -> None:
    assert len(FIXTURES) == len(list(FOLDER.glob("*/*.md"))) >= 40


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda f: f"{f.source}/{f.stem}")
def test_every_value_is_used_and_every_default_may_be_drawn(fixture: Fixture) -> None:
    used = {match.split(".")[0] for match in PLACEHOLDER.findall(written(fixture))}
    assert set(fixture.values) <= used
    assert fixture.amend is None or fixture.amend in fixture.values
    assert fixture.amend is None or f"{{{fixture.amend}}}" not in fixture.title + fixture.varied_title
    assert fixture.between is None or fixture.between[0] <= fixture.published.date() <= fixture.between[1]
    for name, value in fixture.values.items():
        if value.choices:
            assert value.default in value.choices, name
        if value.span:
            assert int(value.default) in range(value.span[0], value.span[1] + 1, value.span[2]), name


@pytest.mark.parametrize("source", sorted(source for source, plan in load_plans().items() if plan.share))
def test_placeholders_are_all_filled_in_every_variation(source: str) -> None:
    for bulletin in vary(load_fixtures(source), 400, seed=5):
        for template in (bulletin.fixture.body, bulletin.fixture.publisher, bulletin.fixture.summary):
            assert "{" not in bulletin.text(template, revision=1)


def test_columns_are_those_of_the_sites() -> None:
    for fixture in FIXTURES:
        assert fixture.column in {column.code for column in load_plans()[fixture.source].columns}, (
            fixture.stem
        )


def runs(text: str) -> Iterator[str]:
    """Runs of one word or one Han character more than may be common. Names of instruments are left out."""
    text = re.sub(r"《[^》]*》|《[^》]*$", "", text)
    han = "".join(re.findall(r"[\u4e00-\u9fff]", text))
    yield from (han[at : at + LONGEST_COMMON_HAN + 1] for at in range(len(han) - LONGEST_COMMON_HAN))
    words = re.findall(r"[a-z0-9]+", text.lower())
    length = LONGEST_COMMON_WORDS + 1
    yield from (" ".join(words[at : at + length]) for at in range(len(words) - length + 1))


def test_no_sentence_is_taken_from_real_bulletins(shared: Path) -> None:
    real = [*(shared / "seeds").glob("*.txt"), *(shared / "gold" / "docs").glob("*.txt")]
    assert len(real) > 5
    taken = {run for path in real for run in runs(path.read_text("utf-8"))}
    for fixture in FIXTURES:
        (as_written,) = vary([fixture], None, seed=1)
        for text in (written(fixture), as_written.text(fixture.body)):
            assert not taken & set(runs(text)), f"{fixture.source}/{fixture.stem}"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("no front matter", "front matter"),
        ("---\ntitle: [\n---\nbody", "no YAML"),
        ("---\ntitle: t\npublished: 2020-01-01 10:00\ncolumn: c\ncolour: red\n---\nbody", "front matter"),
        ("---\ntitle: t\npublished: soon\ncolumn: c\n---\nbody", "YYYY-MM-DD"),
        ("---\ntitle: t\npublished: 2020-01-01 10:00\ncolumn: c\nvalues: {a: 3}\n---\nbody", "a value has"),
    ],
)
def test_a_wrong_fixture_is_named(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "f.md"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=wrong) as caught:
        read_fixture(path)
    assert "f.md" in str(caught.value)


def test_an_unknown_placeholder_is_named(tmp_path: Path) -> None:
    path = tmp_path / "f.md"
    path.write_text("---\ntitle: t\npublished: 2020-01-01 10:00\ncolumn: c\n---\nfined {amount}")
    (bulletin,) = vary([read_fixture(path)], None, seed=1)
    with pytest.raises(ConfigurationError, match="amount"):
        bulletin.text(bulletin.fixture.body)


def test_markup_escapes_what_it_does_not_know() -> None:
    html = to_html("A <b> & **bold** “q”[^1]\n\n- one\n- two\n  goes on\n\n[^1]: note <i>", Style())
    assert "<p>A &lt;b&gt; &amp; <strong>bold</strong> &ldquo;q&rdquo;<sup>" in html
    assert "<li>two goes on</li>" in html
    assert html.index("note &lt;i&gt;") > html.index("<ul>")
