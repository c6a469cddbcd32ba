"""What people set down, on Elasticsearch: the tests of tests/dashboards/test_kept.py over another store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboards.kept.changes import MOST, Look, looks
from dashboards.kept.views import saved_views
from index.elastic import ElasticStore
from tests.dashboards.conftest import fill, served
from tests.dashboards.made import made
from tests.dashboards.test_kept import (  # noqa: F401 - collected here with the fixture below
    Reader,
    test_a_view_is_kept_under_its_name_and_leads_back,
    test_a_view_saved_again_keeps_what_was_not_looked_at,
    test_a_view_that_is_no_more_is_said_and_removed_while_the_others_stand,
    test_too_much_to_be_compared_is_said_when_it_is_saved,
    test_what_changed_since_the_last_look,
    test_what_comes_behind_the_page_is_not_looked_at,
)
from tests.engines.conftest import MakeStore


@pytest.fixture(scope="module")
def filled(make_store: MakeStore) -> ElasticStore:
    """One for all tests here: to make all indices takes longer than a test."""
    store = make_store()
    fill(store, made(40))
    return store


@pytest.fixture
def reader(filled: ElasticStore) -> Iterator[Reader]:
    for kept in (saved_views(filled), looks(filled)):
        for key in kept.all():
            kept.remove(key)
    with served(filled) as client:
        yield Reader(client, filled)


def test_a_look_of_as_many_records_as_can_be_compared_is_kept(make_store: MakeStore) -> None:
    store = make_store("user-state")
    look = Look(at="2026-11-23T00:00:00Z", records={f"{n:036}": f"{n:016x}" for n in range(MOST)})
    looks(store).put("x", look)
    assert looks(store).get("x") == look
    assert looks(store).all() == {"x": look}
