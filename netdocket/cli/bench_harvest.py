"""Crawl, classify and index so many generated bulletins in one process, as `netdocket run` does: how fast each step is, and
whether memory grows with their number.

The replica serves from a process of its own. The steps go one after the other, so that each has a rate; all in the same
process, whose memory is looked at when a fifth and when all of the bulletins are through a step.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from netdocket.errors import ConfigurationError

MARK: Final = 5
"""Memory is compared between the fifth part and the whole."""
MOST_MB: Final = 500
MOST_GROWTH: Final = 1.2
_STATUS: Final = Path("/proc/self/status")
_SERVE: Final = """
import json, sys
from netdocket.replica import serve
with serve(generated=True, count=int(sys.argv[1]), seed=int(sys.argv[2])) as replica:
    print(json.dumps(replica.base_urls), flush=True)
    sys.stdin.read()
"""
_MEASURE: Final = """
import json, sys
from netdocket.cli.bench_harvest import measure
print(json.dumps(measure(json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3])))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`anonymous`: RssAnon in MB when a fifth, and when all of the bulletins were through."""

    seconds: float
    anonymous: tuple[float, float]

    @property
    def growth(self) -> float:
        return self.anonymous[1] / self.anonymous[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`steps`: crawl, and work (classify and index together); `classifying`: seconds of work that classification took;
    `peak`: resident memory of the process in MB at most, files that are mapped included."""

    bulletins: int
    sites: int
    records: int
    requests: int
    steps: Mapping[str, Step]
    classifying: float
    peak: float

    def __str__(self) -> str:
        crawl, work = self.steps["crawl"], self.steps["work"]
        rates = {
            "crawl": crawl.seconds, "classify": self.classifying, "index": work.seconds - self.classifying,
        }  # fmt: skip
        fifth = self.bulletins // MARK
        return "\n".join(
            [
                f"harvest: {self.bulletins:,} bulletins of {self.sites} sites ({self.requests:,} requests), {self.records:,} records",
                *(
                    f"  {name:<10}{seconds:>9,.1f} s {60 * self.bulletins / seconds:>10,.0f} bulletins/min"
                    for name, seconds in rates.items()
                ),
                f"  peak memory           {self.peak:>6,.0f} MB  (wanted: under {MOST_MB})",
                *(
                    f"  RssAnon, {name:<12} {step.anonymous[0]:>6,.0f} MB at {fifth:,}, {step.anonymous[1]:,.0f} MB at"
                    f" {self.bulletins:,}: {step.growth:.2f} times (wanted: at most {MOST_GROWTH})"
                    for name, step in (("crawl", crawl), ("then work", work))
                ),
            ]
        )


def run(*, count: int, seed: int, folder: Path) -> Result:
    """Raises ConfigurationError where there is no /proc, RuntimeError where not every bulletin came through."""
    if not _STATUS.exists():
        raise ConfigurationError("memory is read from here, and this system has none", where=str(_STATUS))
    serving = [sys.executable, "-c", _SERVE, str(count), str(seed)]
    with subprocess.Popen(serving, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as replica:  # noqa: S603 - ours
        assert replica.stdin is not None and replica.stdout is not None  # noqa: S101 - both are pipes
        bases = replica.stdout.readline()
        measuring = [sys.executable, "-c", _MEASURE, bases, str(count), str(folder / "data")]
        done = subprocess.run(measuring, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - ours
        replica.stdin.close()
    if done.returncode:
        raise RuntimeError(f"the measured process ended with {done.returncode}")
    told = json.loads(done.stdout.splitlines()[-1])
    if told["bulletins"] != count:
        raise RuntimeError(f"{told['bulletins']} of {count} bulletins came through: {told}")
    steps = {name: Step(**step) for name, step in told.pop("steps").items()}
    return Result(**told, steps=steps)


def measure(base_urls: Mapping[str, str], count: int, folder: str) -> dict[str, Any]:
    """The steps in this process; what Result holds, as plain values."""
    import time

    from crawlers.cards import load_cards
    from crawlers.loop import run as run_loop
    from crawlers.run import crawl
    from enrich import Knowledge, classify, load_knowledge
    from index.embedded import EmbeddedStore
    from netdocket.datadir import DataDir
    from netdocket.memory import take_little
    from netdocket.records import Bulletin, Classified
    from netdocket.settings import load_settings
    from streams.local import LocalRunner

    take_little()
    settings = load_settings(download_delay=0, spool_limit=10_000_000)
    datadir = DataDir(Path(folder))
    watched, taken = Watched(count), dict[str, int]()
    began = time.perf_counter()

    def crawled(progress: Any) -> None:
        taken[progress.source] = progress.new
        watched.at(sum(taken.values()))

    report = run_loop(
        crawl(
            load_cards(), settings=settings, datadir=datadir, base_urls=base_urls, origin="generated",
            on_progress=crawled,
        )
    )  # fmt: skip
    steps = {"crawl": watched.step(time.perf_counter() - began)}
    classifying = 0.0

    def timed(bulletin: Bulletin, knowledge: Knowledge) -> Classified:
        nonlocal classifying
        start = time.perf_counter()
        classified = classify(bulletin, knowledge)
        classifying += time.perf_counter() - start
        return classified

    watched = Watched(count)
    began = time.perf_counter()
    store = EmbeddedStore(datadir.store, writer=True, heap_mb=settings.writer_heap_mb)
    try:
        runner = LocalRunner(datadir, store, load_knowledge(), settings, classify=timed)
        progress = runner.drain(lambda progress: watched.at(progress.bulletins))
    finally:
        store.close()
    steps["work"] = watched.step(time.perf_counter() - began)
    return {
        "bulletins": progress.bulletins, "sites": len(report.sources), "records": progress.records,
        "requests": report.requests, "steps": {name: asdict(step) for name, step in steps.items()},
        "classifying": classifying, "peak": megabytes("VmHWM"),
    }  # fmt: skip


@dataclass(slots=True)
class Watched:
    """Looks at memory when a fifth, and when all of `count` are done."""

    count: int
    read: Callable[[str], float] = field(default=lambda name: megabytes(name))  # noqa: PLW0108 - defined below
    _fifth: float | None = None

    def at(self, done: int) -> None:
        if self._fifth is None and done >= self.count // MARK:
            self._fifth = self.read("RssAnon")

    def step(self, seconds: float) -> Step:
        """At the end of it."""
        last = self.read("RssAnon")
        return Step(seconds=seconds, anonymous=(self._fifth or last, last))


def megabytes(name: str) -> float:
    """A line of this process's status: VmHWM (peak of resident memory), RssAnon (without mapped files)."""
    lines = _STATUS.read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
