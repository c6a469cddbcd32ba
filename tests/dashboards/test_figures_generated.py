"""The page's figures against plain Python over the same records, once more: of the generator's bulletins, as the classifier
reads them. What is in them nobody has put there for the page's sake."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from enrich import classify, load_knowledge
from index.embedded import EmbeddedStore
from netdocket.evaluation.against_truth import as_harvested
from netdocket.generator import generate
from netdocket.records import Record
from tests.dashboards.conftest import Client, Pairs, of_kind, served, stored
from tests.dashboards.test_figures import (  # noqa: F401 - they run here over other records
    scoped,
    test_panel_equals_python,
    test_reports_and_other_jurisdictions_are_in_no_case_figure,
)

pytestmark = pytest.mark.proof
COUNT = 3_000


@pytest.fixture(scope="module")
def pairs(proof_scale: float) -> Pairs:
    """Bulletins and their records; each address once, as a crawl has it."""
    knowledge = load_knowledge()
    found = {}
    for made in generate(round(COUNT * proof_scale), seed=41):
        bulletin = msgspec.structs.replace(as_harvested(made), revision=1_760_000_000 + made.index, ordinal=1)
        found[bulletin.bulletin_id] = (bulletin, classify(bulletin, knowledge))
    return list(found.values())


@pytest.fixture(scope="module")
def records(pairs: Pairs) -> list[Record]:
    return [record for _, classified in pairs for record in classified.records]


@pytest.fixture(scope="module")
def store(pairs: Pairs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    with stored(tmp_path_factory.mktemp("generated") / "store", pairs) as store:
        yield store


@pytest.fixture(scope="module")
def client(store: EmbeddedStore) -> Iterator[Client]:
    with served(store) as client:
        yield client


def test_there_is_something_to_count(records: list[Record]) -> None:
    cases = of_kind(records, "case")
    print(f"\n{len(records):,} records, {len(cases):,} of them cases")
    assert len(cases) > len(records) / 4
    assert len({penalty.type for case in cases if case.case for penalty in case.case.penalties}) > 15
