"""One contract, two stores: the same documents, the same search bodies, the same answers.

The bodies are those that the page and the commands ask as somebody clicks through all of it, all panels over many
scopes, and random ones over the whole supported subset.
"""

from __future__ import annotations

import datetime as dt
import functools
import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from dashboards.panels.bodies import panel_body
from dashboards.panels.load import load_filters, load_panels
from dashboards.panels.scope import Scope
from index.elastic import ElasticStore
from index.embedded import EmbeddedStore
from index.store import Store, Write
from netdocket.errors import StoreError
from tests.dashboards.conftest import fill, served
from tests.dashboards.made import made
from tests.engines.agreement import Agreement
from tests.engines.conftest import MakeStore
from tests.engines.recording import Recording
from tests.index import bodies

Search = tuple[str, dict[str, Any]]
BULLETINS = 150
DOCUMENTS = 600
PAGES = 150
RANDOM_BODIES = 400
SHOWN = 20


@pytest.fixture(scope="module")
def applied(
    make_store: MakeStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[EmbeddedStore, ElasticStore]]:
    """Both stores with the documents of the same bulletins."""
    elastic = make_store()
    pairs = made(BULLETINS)
    with EmbeddedStore(
        tmp_path_factory.mktemp("contract"), writer=True, heap_mb=64, origin_family="demo"
    ) as embedded:
        with pytest.MonkeyPatch.context() as patched:
            # when something was first stored is the one thing that the clock says
            patched.setattr("streams.firstseen.utc_now", lambda: "2026-03-01T00:00:00Z")
            for store in (embedded, elastic):
                fill(store, pairs)
        yield embedded, elastic


@pytest.fixture(scope="module")
def random_documents(
    make_store: MakeStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[EmbeddedStore, ElasticStore]]:
    """Both stores with the same random documents and the same history of updates and deletes."""
    elastic = make_store("penalties")
    with EmbeddedStore(tmp_path_factory.mktemp("random"), writer=True, origin_family="demo") as embedded:
        rng = random.Random(20)
        for version in range(3):
            writes = []
            for number in range(DOCUMENTS):
                if version and rng.random() < 0.7:
                    continue
                document = bodies.document(rng, number)
                gone = version == 2 and rng.random() < 0.2
                writes.append(Write("penalties", document["penalty_id"], version, None if gone else document))
            results = [[one.result for one in store.bulk(writes)] for store in (embedded, elastic)]
            assert results[0] == results[1]
            for store in (embedded, elastic):
                store.refresh()
        yield embedded, elastic


def test_what_the_page_and_the_commands_ask(applied: tuple[EmbeddedStore, ElasticStore]) -> None:
    embedded, elastic = applied
    recording = Recording(embedded)
    visited = _click_through(recording)
    assert visited == PAGES
    agreement = _agreement(embedded, elastic, recording.searches)
    _report(agreement, len(recording.searches), f"bodies of {visited} pages")


def test_every_panel_over_many_scopes(applied: tuple[EmbeddedStore, ElasticStore]) -> None:
    searches = [
        (panel.index, panel_body(panel, scope, today=dt.date(2024, 6, 1))[0])
        for scope in _scopes(random.Random(7))
        for panel in load_panels().values()
    ]
    agreement = _agreement(*applied, searches)
    _report(agreement, len(searches), "bodies of panels")


def test_random_bodies(random_documents: tuple[EmbeddedStore, ElasticStore], proof_scale: float) -> None:
    count = max(RANDOM_BODIES, round(3000 * proof_scale))
    searches: list[Search] = [("penalties", comparable(bodies.body(random.Random(n)))) for n in range(count)]
    agreement = _agreement(*random_documents, searches)
    _report(agreement, count, "random bodies")


def test_what_is_estimated_stays_within_its_bound(make_store: MakeStore, tmp_path: Path) -> None:
    """More values than either store counts one by one."""
    rng = random.Random(5)
    writes = [
        Write(
            "penalties",
            f"p{n}",
            1,
            {"penalty_id": f"p{n}", "amount": round(rng.lognormvariate(12, 2)), "count": n % 9},
        )
        for n in range(9000)
    ]
    below = {
        "p": {"percentiles": {"field": "amount", "percents": [1, 25, 50, 75, 90, 99]}},
        "c": {"cardinality": {"field": "penalty_id"}},
        "d": {"cardinality": {"field": "amount"}},
    }
    halves = {"range": {"field": "count", "ranges": [{"to": 4}, {"from": 4}]}, "aggs": below}
    elastic = make_store("penalties")
    with EmbeddedStore(tmp_path, writer=True, heap_mb=32, origin_family="demo") as embedded:
        for store in (embedded, elastic):
            store.bulk(writes)
            store.refresh()
        agreement = _agreement(
            embedded, elastic, [("penalties", {"size": 0, "aggs": {**below, "halves": halves}})]
        )
    _report(agreement, 1, "body over 9,000 documents")
    assert agreement.worst_percentile > 0
    assert agreement.worst_cardinality > 0


def comparable(part: Any) -> Any:
    """The body without what each store may answer in its own way: the order of equals (a last sort key tells documents
    apart), and empty buckets of terms (Elasticsearch shows those that only deleted documents had, until it merges)."""
    if isinstance(part, list):
        return [comparable(one) for one in part]
    if not isinstance(part, dict):
        return part
    found = {key: comparable(value) for key, value in part.items()}
    if isinstance(found.get("sort"), list) and not any("penalty_id" in key for key in found["sort"]):
        found["sort"] = [*found["sort"], {"penalty_id": "asc"}]
    if isinstance(found.get("terms"), dict) and found["terms"].get("min_doc_count") == 0:
        found["terms"]["min_doc_count"] = 1
    return found


def _agreement(embedded: Store, elastic: Store, searches: list[Search]) -> Agreement:
    """The two are asked at the same time."""
    agreement = Agreement()
    with ThreadPoolExecutor(2) as threads:
        answers = [threads.map(functools.partial(_asked, store), searches) for store in (embedded, elastic)]
        for number, ((index, body), ours, theirs) in enumerate(zip(searches, *answers, strict=True)):
            agreement.compare(ours, theirs, body, f"#{number} {index} {body}\n  ")
    return agreement


def _asked(store: Store, search: Search) -> Any:
    try:
        return store.search(*search)
    except StoreError as error:
        return {"error": type(error).__name__}


def _report(agreement: Agreement, count: int, what: str) -> None:
    print(
        f"\n{count} {what}: {agreement.compared} values compared, {len(agreement.differences)} different; percentiles "
        f"apart by at most {agreement.worst_percentile:.4f}, cardinality by at most {agreement.worst_cardinality:.4f}"
    )
    assert agreement.compared > count
    shown = agreement.differences[:SHOWN]
    assert not shown, "\n".join(shown)


def _click_through(store: Any) -> int:
    """Reads the page as somebody who follows every link, up to PAGES pages; how many."""
    texts = ("数据", '"data protection" -fine')
    queue = ["/", "/?from=2023&to=2024-06", *(f"/?q={quote(text)}" for text in texts)]
    seen: set[str] = set(queue)
    rng = random.Random(3)
    visited = 0
    with served(store) as client:
        while queue and visited < PAGES:
            # At random: else all pages would be narrowings of the first list.
            path = queue.pop(rng.randrange(len(queue)))
            answer = client.get(path)
            assert answer.status in (200, 302, 303, 307), path
            visited += 1
            for link in re.findall(r'href="(/[^"#]*)', answer.text):
                plain = unescape(link)
                # A picture as PNG asks what the same panel as SVG does, and is no text.
                picture = plain.partition("?")[0].endswith(".png")
                if plain not in seen and not plain.startswith("/static") and not picture:
                    seen.add(plain)
                    queue.append(plain)
    return visited


def _scopes(rng: random.Random) -> list[Scope]:
    codes = {
        "violation": ("PI_CONSENT", "MLPS", "LOG_RETENTION"),
        "penalty": ("FINE", "WARNING"),
        "authority": ("CAC_LOCAL", "MIIT"),
        "sector": ("EDU", "HEALTH"),
        "province": ("320000", "440000"),
        "source": ("cac", "dlapiper"),
        "law": ("CSL",),
    }
    known = {name: values for name, values in codes.items() if name in load_filters()}
    scopes = [Scope(), Scope(since="2022"), Scope(until="2023-06"), Scope(since="2021-03-15", until="2024")]
    for name, values in known.items():
        scopes += [
            Scope(chosen={name: values}),
            Scope(chosen={name: values[:1]}, since="2022", text="数据 OR security"),
        ]
    for _ in range(6):
        chosen = {name: tuple(rng.sample(known[name], 1)) for name in rng.sample(sorted(known), 2)}
        scopes.append(Scope(chosen=chosen))
    return scopes
