"""Any number of bulletins from a few fixtures: exactly so many, all different, the same every time."""

from __future__ import annotations

from typing import cast

import pytest

from netdocket.replica import serve
from netdocket.replica.fixtures import load_fixtures
from netdocket.replica.plans import load_plans
from netdocket.replica.site import Site
from netdocket.replica.variation import vary
from tests.replica.conftest import Visitor, fetch


@pytest.mark.parametrize("count", [1, 12, 46, 47, 500, 5000])
def test_count_is_kept_to_the_bulletin(count: int) -> None:
    with serve(count=count) as running:
        keys = running.bulletins()
        assert len(keys) == len(set(keys.values())) == count


def test_bulletins_differ_in_title_and_text() -> None:
    for source in (s for s, plan in load_plans().items() if plan.share):
        bulletins = vary([f for f in load_fixtures(source) if not f.beside], 3000, seed=1)
        assert len({b.title for b in bulletins}) == 3000
        assert len({b.text(b.fixture.body) for b in bulletins}) > 2950, source
        assert len({b.published for b in bulletins}) > 2900


def test_places_years_and_kinds_are_spread() -> None:
    bulletins = vary(load_fixtures("cac"), 2000, seed=1)
    years = {b.published.year for b in bulletins}
    assert years == set(range(2019, 2027))
    texts = [b.text(b.fixture.body) for b in bulletins]
    for city in ("无锡", "昆明", "沈阳", "兰州", "海口", "重庆"):
        assert sum(city in text for text in texts) >= 3, city


def test_a_moved_bulletin_keeps_to_the_dates_for_which_its_articles_are_right() -> None:
    for source in (s for s, plan in load_plans().items() if plan.share):
        for bulletin in vary(load_fixtures(source), 800, seed=3):
            if bulletin.number:
                start, end = bulletin.fixture.between or (None, None)
                assert start and end and start <= bulletin.published.date() <= end


def test_a_seed_gives_the_same_bulletins_and_another_gives_others() -> None:
    fixtures = load_fixtures("cac")
    shown = [[(b.title, b.text(b.fixture.body)) for b in vary(fixtures, 200, seed)] for seed in (1, 1, 2)]
    assert shown[0] == shown[1]
    written = len(fixtures)
    assert shown[0][:written] == shown[2][:written]
    assert not set(shown[0][written:]) & set(shown[2][written:])


def test_more_bulletins_leave_the_first_ones_as_they_were() -> None:
    with serve(count=300) as few, serve(count=900) as many:
        assert few.bulletins().keys() <= many.bulletins().keys()


def test_a_few_bulletins_leave_no_list_of_a_card_empty() -> None:
    with serve(count=12) as running:
        for source in (s for s, plan in load_plans().items() if plan.share):
            assert all(Visitor(running, source).lists())


def test_an_amended_bulletin_has_another_text_and_new_validators_and_no_other_has() -> None:
    with serve(count=120) as running:
        urls = running.bulletins()
        before = {key: fetch(url) for key, url in urls.items()}
        amended = running.amend(0.1)
        assert len(amended) == 12
        after = {key: fetch(url) for key, url in urls.items()}
        changed = {key for key in urls if after[key].headers["etag"] != before[key].headers["etag"]}
        assert changed == set(amended)
        for key in amended:
            stale = {"If-Modified-Since": before[key].headers["last-modified"]}
            assert fetch(urls[key], headers=stale).status == 200
        once_more = amended[0]
        running.amend([once_more])
        assert fetch(urls[once_more]).headers["etag"] != after[once_more].headers["etag"]


def test_an_amendment_changes_the_figure_that_the_fixture_names() -> None:
    with serve(sites=["cac"], count=1) as running:
        site = cast(Site, running.sites["cac"])
    for bulletin in vary(load_fixtures("cac"), 200, seed=1):
        if (name := bulletin.fixture.amend) is not None:
            printed = [bulletin.text(f"{{{name}}}", revision=revision) for revision in range(4)]
            assert printed[1] != printed[0], bulletin.key
    assert site.revisions == {}


def test_a_replica_may_start_amended() -> None:
    with serve(count=40, amended=0.25) as amended, serve(count=40) as plain:
        tags = [
            {key: fetch(url).headers["etag"] for key, url in running.bulletins().items()}
            for running in (amended, plain)
        ]
    assert sum(tags[0][key] != tags[1][key] for key in tags[0]) == 10
