"""The generator's bulletins on the replica's sites: a reader of the pages gets their text, character by character."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from lxml import html

from crawlers.extract.html import html_to_text
from netdocket.generator import generate
from netdocket.generator.html import Editor, body_html
from netdocket.replica import Replica, serve
from netdocket.replica.generated import MadeBulletin
from netdocket.replica.plans import load_plans
from netdocket.replica.site import Site
from streams.exports import document_name
from tests.replica.conftest import Visitor

SITES = tuple(load_plans())
COUNT = 700


@pytest.fixture(scope="module")
def generated() -> Iterator[Replica]:
    with serve(generated=True, count=COUNT, seed=9) as replica:
        yield replica


def on(replica: Replica, source: str) -> dict[str, MadeBulletin]:
    site = cast(Site, replica.sites[source])
    posted = {path: cast(MadeBulletin, posted) for path, posted in site.articles.items()}
    return {path: made for path, made in posted.items() if not made.beside}


def test_the_count_is_kept_and_no_site_is_empty(generated: Replica) -> None:
    numbers = [len(on(generated, source)) for source in SITES]
    assert sum(numbers) == COUNT and min(numbers) > 2


@pytest.mark.parametrize("source", SITES)
def test_each_card_finds_exactly_the_generators_bulletins_and_their_texts(
    generated: Replica, source: str
) -> None:
    visitor, posted = Visitor(generated, source), on(generated, source)
    entries = visitor.entries()
    assert set(entries) == {visitor.card.base + path for path in posted}
    for path, bulletin in posted.items():
        made = bulletin.made(0)
        draft = visitor.detail(entries[visitor.card.base + path])
        assert draft.text == made.text
        assert draft.title == made.title and draft.published == made.published
        assert visitor.card.base + path == made.url and made.source == source


def test_the_truth_is_that_of_the_pages_as_they_stand(generated: Replica) -> None:
    truth = list(generated.truth())
    assert {row["doc"] for row in truth} <= {document_name(url, "") for url in generated.bulletins().values()}
    assert len(truth) > COUNT


def test_an_amended_page_reads_as_the_generators_next_revision() -> None:
    with serve(generated=True, count=300, seed=9) as replica:
        before = {source: on(replica, source) for source in SITES}
        keys = replica.amend(0.02)
        assert len(keys) == 6
        changed = 0
        for source in SITES:
            visitor = Visitor(replica, source)
            entries = visitor.entries()
            for path, bulletin in before[source].items():
                text = visitor.detail(entries[visitor.card.base + path]).text
                assert text == bulletin.made(int(bulletin.key in keys)).text
                changed += text != bulletin.made(0).text
        assert changed == 6


def test_every_kind_of_bulletin_is_read_back_from_its_html() -> None:
    genres = set()
    for made in generate(600, seed=31):
        body = body_html(made.text, made.blocks, Editor(paragraph=' style="x"', indent="　　"))
        assert html_to_text(html.fromstring(f"<div>{body}</div>")) == made.text, made.name
        genres.add(made.genre)
    assert {"pboc", "nfra", "app_list", "batch", "digest", "monthly", "round_up"} <= genres
