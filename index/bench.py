"""What the embedded store costs over bare tantivy: indexing, thirteen dashboard aggregations, memory.

Both take the same generated documents of `schemas/penalties.json` from a file. The bare index has the mapping's
fields and nothing else: no SQLite, no versions, no sources, its months from the mapping's own keyword.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import multiprocessing
import os
import random
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import msgspec
import tantivy

from index.dates import from_milliseconds, stored_date
from index.embedded import EmbeddedStore
from index.embedded.columns import ANALYZER, add_column, analyzer
from index.mappings import IndexMapping, load_mappings
from index.store import Write

INDEX: Final = "penalties"
BATCH: Final = 5_000
HEAP_MB: Final = 128
ROUNDS: Final = 7
GOAL_AGGREGATIONS: Final = 1.5
GOAL_INDEXING: Final = 1 / 3

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclasses.dataclass(frozen=True, slots=True)
class Indexing:
    """Seconds from the first document to the commit, on the clock and of all cores, reading the file taken off; peak
    of the process's memory."""

    seconds: float
    cpu: float
    peak_mb: float
    disk_mb: float


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """Milliseconds are medians over rounds."""

    documents: int
    bare: Indexing
    embedded: Indexing
    aggregations: dict[str, tuple[float, float]]
    together: tuple[float, float]
    memory_mb: float

    @property
    def slowdown(self) -> float:
        """All aggregations one after another: embedded by bare."""
        bare, embedded = (sum(times) for times in zip(*self.aggregations.values(), strict=True))
        return float(embedded / bare)

    @property
    def rate(self) -> float:
        """Indexing: the embedded rate as a share of the bare one."""
        return self.bare.seconds / self.embedded.seconds

    def reached(self) -> bool:
        return self.slowdown <= GOAL_AGGREGATIONS and self.rate >= GOAL_INDEXING

    def lines(self) -> Iterator[str]:
        yield f"{self.documents:,} documents of schemas/{INDEX}.json"
        for name, one in (("bare tantivy", self.bare), ("embedded store", self.embedded)):
            yield (
                f"  indexing, {name:14} {self.documents / one.seconds:8,.0f}/s   {one.cpu:6,.1f} s of CPU"
                f"   peak {one.peak_mb:6,.0f} MB"
                f"   on disk {one.disk_mb:6,.0f} MB"
            )
        yield (
            f"  indexing rate {self.rate:.2f} of bare tantivy's (goal: at least {GOAL_INDEXING:.2f}),"
            f" {self.bare.cpu / self.embedded.cpu:.2f} by CPU"
        )
        for name, (bare, embedded) in self.aggregations.items():
            yield f"  {name:32} bare {bare:7.1f} ms   embedded {embedded:7.1f} ms   {embedded / bare:5.2f}"
        bare, embedded = (sum(times) for times in zip(*self.aggregations.values(), strict=True))
        yield f"  {'one after another':32} bare {bare:7.1f} ms   embedded {embedded:7.1f} ms   {self.slowdown:5.2f}"
        bare, embedded = self.together
        yield f"  {'in two threads / one msearch':32} bare {bare:7.1f} ms   embedded {embedded:7.1f} ms   {embedded / bare:5.2f}"
        yield f"  goal: at most {GOAL_AGGREGATIONS}; searching process {self.memory_mb:,.0f} MB resident"


# --- the documents -----------------------------------------------------------------------------------


def penalty(rng: random.Random, number: int) -> dict[str, Any]:
    """A penalty document as a stream would write it, from made-up codes."""
    violations = rng.sample(range(30), rng.choice((1, 1, 1, 2, 3)))
    province, authority, kind, sector = (
        rng.randrange(31),
        rng.randrange(15),
        rng.randrange(20),
        rng.randrange(18),
    )
    date = f"{rng.randint(2016, 2025)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    amount = None if rng.random() < 0.4 else int(rng.lognormvariate(13, 2))
    bulletin = f"{rng.getrandbits(128) % 400_000:032x}"
    money = {} if amount is None else {
        "amount": amount, "amount_yuan": amount / 100, "currency": "CNY", "total": amount, "total_yuan": amount / 100
    }  # fmt: skip
    return {
        "schema": "netdocket.penalty/1",
        "bulletin_id": bulletin,
        "revision": 1_700_000_000 + number,
        "rules_version": 1,
        "origin": "generated",
        "quiet": False,
        "fetched_at": f"{date}T08:00:00Z",
        "archive": {"file": f"{number // 1000:05}.warc.gz", "offset": number % 1000 * 4096},
        "record_id": f"{bulletin}-{number}",
        "kind": "ENFORCEMENT_CASE",
        "kind_label": {"en": "Enforcement case", "zh": "执法案例"},
        "title": f"第{number % 5000}号 某某公司未履行网络安全保护义务",
        "source": f"source_{rng.randrange(40)}",
        "source_role": "official",
        "authority": [f"AUTHORITY_{authority}"],
        "authority_label": {"en": [f"Authority {authority}"], "zh": [f"机关{authority}"]},
        "authority_name": [f"第{province}省第{authority}局"],
        "place": {"province": f"{11 + province}0000", "prefecture": f"{11 + province}0100"},
        "province_label": {"en": f"Province {province}", "zh": f"第{province}省"},
        "region": f"Province {province}/City {rng.randrange(12)}",
        "violation": [f"VIOLATION_{one}" for one in violations],
        "violation_label": {
            "en": [f"Violation {one}" for one in violations],
            "zh": [f"违法{one}" for one in violations],
        },
        "sector": f"SECTOR_{sector}",
        "sector_label": {"en": f"Sector {sector}", "zh": f"行业{sector}"},
        "url": f"https://publisher-{number % 40}.invalid/{bulletin}.html",
        "language": "zh",
        "jurisdiction": "CN",
        "published": date,
        "published_precision": "day",
        "event_date": date,
        "event_precision": "day",
        "event_from": "decision",
        "event_month": date[:7],
        "confidence": 0.9,
        "span": {"start": 0, "end": 300},
        "penalty_id": f"{bulletin}-{number}:p:1",
        "penalty_type": f"PENALTY_{kind}",
        "penalty_type_label": {"en": f"Penalty {kind}", "zh": f"处罚{kind}"},
        "phrase": f"处罚{kind}",
        "target": rng.choice(("entity", "entity", "individual")),
        **money,
        "approximate": False,
        "amount_unknown": amount is None,
        "count": 1,
        "combined": False,
        "shared": False,
        "article": [f"CSL-2016 {rng.randint(1, 79)}" for _ in range(rng.randrange(3))],
        "status": "decided",
        "evidence": {"start": 120, "end": 160},
    }


def _write_documents(path: Path, documents: int) -> None:
    rng = random.Random(7)  # noqa: S311 (made-up data, the same in every run)
    with path.open("wb") as file:
        for number in range(documents):
            file.write(_encode(penalty(rng, number)) + b"\n")


def _batches(path: Path) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    with path.open("rb") as file:
        for line in file:
            batch.append(_decode(line))
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


# --- the aggregations --------------------------------------------------------------------------------


def _terms(field: str, size: int, **below: Any) -> dict[str, Any]:
    return {"terms": {"field": field, "size": size}, **({"aggs": below} if below else {})}


def _months(**below: Any) -> dict[str, Any]:
    histogram = {"field": "event_date", "calendar_interval": "month"}
    return {"date_histogram": histogram, **({"aggs": below} if below else {})}


def _bare_months(**below: Any) -> dict[str, Any]:
    return _terms("event_month", 1000, **below)


def _both(aggregation: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return aggregation, aggregation


SUM: Final = {"sum": {"field": "total_yuan"}}
# Name: (as a search body for the store, as bare tantivy would be asked).
AGGREGATIONS: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "penalty types": _both(_terms("penalty_type", 30)),
    "violations": _both(_terms("violation", 30)),
    "authorities": _both(_terms("authority", 20)),
    "regions": _both(_terms("region", 40)),
    "articles": _both(_terms("article", 20)),
    "months": (_months(), _bare_months()),
    "months by violation": (_months(v=_terms("violation", 30)), _bare_months(v=_terms("violation", 30))),
    "months by sum": (_months(s=SUM), _bare_months(s=SUM)),
    "violations by authority": _both(_terms("violation", 30, a=_terms("authority", 20))),
    "penalty types by sum": _both(_terms("penalty_type", 30, s=SUM)),
    "percentiles of amounts": _both({"percentiles": {"field": "total_yuan"}}),
    "stats of amounts": _both({"stats": {"field": "total_yuan"}}),
    "sectors by percentiles": _both(_terms("sector", 20, p={"percentiles": {"field": "total_yuan"}})),
}


# --- bare tantivy ------------------------------------------------------------------------------------


def _bare_index(folder: Path, mapping: IndexMapping) -> tantivy.Index:
    builder = tantivy.SchemaBuilder()
    for name, kind in mapping.fields.items():
        if kind == "date":
            builder.add_date_field(name, indexed=True, fast=True)
        else:
            add_column(builder, name, kind)
    folder.mkdir(parents=True, exist_ok=True)
    index = tantivy.Index(builder.build(), path=str(folder))
    index.register_tokenizer(ANALYZER, analyzer())
    return index


def _flat(document: Mapping[str, Any], mapping: IndexMapping, prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in document.items():
        name = prefix + key
        if isinstance(value, dict):
            flat.update(_flat(value, mapping, name + "."))
        elif mapping.fields[name] == "date":
            flat[name] = from_milliseconds(stored_date(value)).isoformat()
        else:
            flat[name] = value
    return flat


def _index_bare(source: Path, folder: Path) -> Indexing:
    mapping = load_mappings()[INDEX]
    index = _bare_index(folder, mapping)
    writer = index.writer(HEAP_MB * 1_000_000)
    started = time.perf_counter()
    for batch in _batches(source):
        for document in batch:
            writer.add_json(_encode(_flat(document, mapping)).decode())
    writer.commit()
    seconds, cpu = time.perf_counter() - started, time.process_time()
    writer.wait_merging_threads()
    return Indexing(seconds, cpu, _peak_mb(), _disk_mb(folder))


def _index_embedded(source: Path, folder: Path) -> Indexing:
    store = EmbeddedStore(folder, writer=True, heap_mb=HEAP_MB)
    started = time.perf_counter()
    for batch in _batches(source):
        store.bulk([Write(INDEX, document["penalty_id"], 1, document) for document in batch])
    store.refresh()
    seconds, cpu = time.perf_counter() - started, time.process_time()
    store.close()
    return Indexing(seconds, cpu, _peak_mb(), _disk_mb(folder))


def _only_read(source: Path) -> tuple[float, float]:
    started = time.perf_counter()
    for _ in _batches(source):
        pass
    return time.perf_counter() - started, time.process_time()


# --- measuring ---------------------------------------------------------------------------------------


def run(
    documents: int = 1_000_000, folder: Path | None = None, *, say: Callable[[str], None] = print
) -> Report:
    """Takes some 4 KB of disk a document in `folder` (a temporary one by default), cleared afterwards."""
    base = Path(tempfile.mkdtemp(prefix="netdocket-bench-", dir=folder))
    try:
        return _measured(documents, base, say)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _measured(documents: int, base: Path, say: Callable[[str], None]) -> Report:
    source = base / "penalties.jsonl"
    say(f"writing {documents:,} documents ({base})")
    _write_documents(source, documents)
    # Each in a process of its own, so that its peak of memory is its own.
    with concurrent.futures.ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1
    ) as processes:
        reading, reading_cpu = processes.submit(_only_read, source).result()
        say("indexing with bare tantivy")
        bare = processes.submit(_index_bare, source, base / "bare").result()
        say("indexing with the embedded store")
        embedded = processes.submit(_index_embedded, source, base / "store").result()
    bare, embedded = (
        dataclasses.replace(one, seconds=one.seconds - reading, cpu=one.cpu - reading_cpu)
        for one in (bare, embedded)
    )
    say("aggregating")
    with EmbeddedStore(base / "store", writer=False) as store:
        index = tantivy.Index.open(str(base / "bare"))
        aggregations, together = _aggregate(store, index.searcher())
        return Report(documents, bare, embedded, aggregations, together, _resident_mb())


def _aggregate(
    store: EmbeddedStore, searcher: tantivy.Searcher
) -> tuple[dict[str, tuple[float, float]], tuple[float, float]]:
    everything = tantivy.Query.all_query()
    bodies = {name: {"size": 0, "aggs": {"a": asked}} for name, (asked, _) in AGGREGATIONS.items()}
    bare = {name: {"a": asked} for name, (_, asked) in AGGREGATIONS.items()}
    times = {
        name: _medians(
            lambda name=name: searcher.aggregate(everything, bare[name]),  # type: ignore[misc]
            lambda name=name: store.search(INDEX, bodies[name]),  # type: ignore[misc]
        )
        for name in AGGREGATIONS
    }
    with ThreadPoolExecutor(2) as pool:
        together = _medians(
            lambda: list(pool.map(lambda one: searcher.aggregate(everything, one), bare.values())),
            lambda: store.msearch([(INDEX, body) for body in bodies.values()]),
        )
    return times, together


def _medians(one: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds of each, in turns, so that what else the machine does falls on both; the first is for warming."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS + 1):
        for call, times in zip((one, other), taken, strict=True):
            started = time.perf_counter()
            call()
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken[0][1:]), statistics.median(taken[1][1:])


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _disk_mb(folder: Path) -> float:
    return float(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    print("\n".join(run(given.documents, given.folder).lines()))


if __name__ == "__main__":
    main()
