"""The cluster profile as a user has it: the same commands, the same answers."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from index.elastic import ElasticStore
from index.embedded import EmbeddedStore
from netdocket.datadir import DataDir
from netdocket.records import BulletinRecords, decode
from netdocket.settings import Settings, load_settings
from netdocket.spool import Spool
from streams.audit import audit, contents
from streams.letter_topic import walk_topic
from streams.topics import Topics
from tests.engines.conftest import MakeStore
from tests.engines.stage import ROOT, Supervised, environment

MOMENTS = frozenset(
    {"fetched_at", "first_seen_at", "entered_at", "archive", "revision", "at", "since", "last_good", "run_id"}
)
"""What differs between two harvests of the same pages: when, and where the bytes lie."""


class Two:
    """The five documents through either profile."""

    def __init__(self, embedded: Path, cluster: Settings, folder: Path) -> None:
        self.embedded = embedded
        self.cluster = cluster
        self.folder = folder

    def ask(self, *arguments: str) -> tuple[str, str]:
        """What the same command says in both."""
        both = (load_settings(data_dir=self.embedded), self.cluster)
        with ThreadPoolExecutor(2) as threads:
            ours, theirs = threads.map(lambda settings: self._run(settings, *arguments), both)
        return ours, theirs

    def _run(self, settings: Settings, *arguments: str) -> str:
        done = netdocket(settings, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout


def netdocket(settings: Settings, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "netdocket", *map(str, arguments)],
        cwd=ROOT,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def two(
    kafka: str,
    es_settings: Settings,
    make_store: MakeStore,
    shared: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("profiles")
    store: ElasticStore = make_store()
    prefix = store.names.prefix.removesuffix("-demo")
    cluster = load_settings(
        profile="cluster", kafka=kafka, es_url=es_settings.es_url, index_prefix=prefix, topic_prefix=prefix,
        data_dir=folder / "cluster", worker_port=0, family="demo",
    )  # fmt: skip
    embedded = folder / "embedded"
    assert netdocket(cluster, "topics", "setup").returncode == 0
    worker = Supervised(
        [sys.executable, "-m", "netdocket", "worker"], environment(cluster), folder / "worker.log"
    )
    try:
        with ThreadPoolExecutor(2) as threads:
            runs = [
                threads.submit(netdocket, settings, "run", "--texts", shared / "seeds", "--once", "--records",
                               folder / f"{settings.profile}.jsonl")
                for settings in (load_settings(data_dir=embedded), cluster)
            ]  # fmt: skip
        for run in runs:
            assert run.result().returncode == 0, run.result().stderr + worker.log.read_text("utf-8")
        yield Two(embedded, cluster, folder)
    finally:
        seconds, code = worker.leave()
    assert (code, seconds < 10) == (0, True), seconds


def test_the_same_records(two: Two, shared: Path) -> None:
    ours, theirs = (
        sorted((two.folder / f"{name}.jsonl").read_text("utf-8").splitlines())
        for name in ("embedded", "cluster")
    )
    assert len(ours) == 27
    assert ours == theirs
    check = [sys.executable, shared / "seeds" / "check.py", two.folder / "cluster.jsonl"]
    said = subprocess.run(check, capture_output=True, text=True, check=False).stdout
    assert said.splitlines()[-1] == "fields 296/296 records 27/27 extra 0", said


def test_the_same_documents(two: Two) -> None:
    embedded = EmbeddedStore(two.embedded / "store", writer=False)
    elastic = ElasticStore.from_settings(two.cluster, "demo")
    with embedded, elastic:
        ours, theirs = (
            {key: _lasting(d) for key, d in contents(store).items()} for store in (embedded, elastic)
        )
        assert audit(elastic) == []
    assert ours.keys() == theirs.keys()
    assert ours == theirs


def test_announced_once_a_bulletin(two: Two) -> None:
    topics = Topics.of(two.cluster, "demo")
    announced = [
        decode(value or b"", BulletinRecords) for _, value in walk_topic(two.cluster, topics.records)
    ]
    assert len(announced) == 5
    assert sum(len(one.records) for one in announced) == 27


@pytest.mark.parametrize(
    "command",
    [
        ("search", "网络安全", "--json"),
        ("stats", "--by", "violation", "--json"),
        ("stats", "--by", "month", "--json"),
        ("dead-letters", "list"),
    ],
    ids=" ".join,
)
def test_the_same_answers(two: Two, command: tuple[str, ...]) -> None:
    ours, theirs = two.ask(*command)
    if command[-1] == "--json":
        assert _lasting(json.loads(ours)) == _lasting(json.loads(theirs))
    else:
        assert ours == theirs


def test_the_page(two: Two) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "netdocket", "web", "--port", "0"],
        cwd=ROOT, env=environment(two.cluster), stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[2]
            for path, wanted in (("", "Demonstration data"), ("cases", "cases"), ("sources", "texts")):
                with urllib.request.urlopen(address + path, timeout=60) as answer:  # noqa: S310
                    assert wanted.lower() in answer.read().decode().lower(), path
        finally:
            process.terminate()
            process.wait(30)


def test_a_removal_and_its_undoing_are_announced(two: Two) -> None:
    topics = Topics.of(two.cluster, "demo")

    def announced() -> dict[str, int | None]:
        last = dict(walk_topic(two.cluster, topics.records))
        return {
            key: len(decode(value, BulletinRecords).records) if value else None for key, value in last.items()
        }

    before = announced()
    bulletin, records = next(iter(before.items()))
    for arguments, wanted in (
        (("--why", "a test"), None),
        (("--undo",), records),
        (("--why", "a test", "--purge", "--yes"), None),
    ):
        done = netdocket(two.cluster, "remove", bulletin, *arguments)
        assert done.returncode == 0, done.stderr
        assert announced() == {**before, bulletin: wanted}


def test_a_crawl_goes_on_without_a_broker(two: Two, shared: Path, tmp_path: Path) -> None:
    """Into the spool; and out of it when the broker is back."""
    away = two.cluster.model_copy(update={"kafka": "127.0.0.1:9", "data_dir": tmp_path / "data"})
    from netdocket.replica import serve

    with serve(texts=shared / "seeds", sites=["texts"]) as sites:
        base = f"texts={sites.base_urls['texts']}"
        done = netdocket(away, "crawl", "texts", "--base", base)
    assert done.returncode == 0, done.stderr
    assert "wait in the spool" in done.stderr
    spool = Spool(DataDir(tmp_path / "data").spool)
    waiting = spool.pending()
    assert waiting == 6, "five bulletins and the state of their source"
    back = two.cluster.model_copy(update={"data_dir": tmp_path / "data"})
    done = netdocket(back, "publish", "--once")
    assert f"{waiting} messages sent" in done.stdout, done.stderr
    assert spool.pending() == 0
    spool.close()


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        # a manifest's version is made of its revision; a law's is a word
        return {
            key: _lasting(part)
            for key, part in value.items()
            if key not in MOMENTS and not (key == "version" and isinstance(part, int))
        }
    return [_lasting(part) for part in value] if isinstance(value, list) else value
