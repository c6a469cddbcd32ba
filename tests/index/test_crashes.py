"""A kill at any moment loses nothing confirmed, and what is searched is always one whole moment."""

from __future__ import annotations

import logging
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from index.embedded import EmbeddedStore
from index.store import Write
from netdocket.errors import NetdocketError
from tests.conftest import ROOT
from tests.index import crashing

State = dict[tuple[str, str], dict[str, Any]]


def searched(store: EmbeddedStore) -> State:
    """Everything that search finds."""
    found: State = {}
    for index in crashing.INDICES:
        body = {"size": 10_000, "sort": [{"record_id": "asc"}], "track_total_hits": True}
        hits = store.search(index, body)["hits"]
        assert hits["total"]["value"] == len(hits["hits"])
        for hit in hits["hits"]:
            assert (index, hit["_id"]) not in found
            found[index, hit["_id"]] = hit["_source"]
    return found


def stored(store: EmbeddedStore) -> State:
    ids = [f"{index}-{number}" for index in crashing.INDICES for number in range(crashing.IDS)]
    return {(one.index, one.id): one.source for index in crashing.INDICES for one in store.mget(index, ids)}


@pytest.mark.proof
def test_a_kill_at_any_moment_loses_nothing_confirmed(tmp_path: Path, proof_scale: float) -> None:
    rng = random.Random(3)
    confirmed, unsure = 0, 0
    state: State = {}
    for _ in range(max(5, round(100 * proof_scale))):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.index.crashing", str(tmp_path / "store"), str(confirmed + 1)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(rng.random() * 0.6)
        child.kill()
        lines = [first, *child.stdout]
        child.stdout.close()
        child.wait()
        for line in lines:
            if line.endswith("\n"):
                confirmed = int(line)
                crashing.apply(state, confirmed)
        with EmbeddedStore(tmp_path / "store", writer=bool(rng.randrange(2))) as store:
            store.refresh()
            held = stored(store)
            if held != state:
                # The batch under way may have been made durable before its line was printed; never a part of it.
                crashing.apply(state, confirmed + 1)
                confirmed += 1
                unsure += 1
            assert held == state
            assert searched(store) == state
    print(f"\n{confirmed} batches, {unsure} of them durable but not yet said so when killed")


def test_searches_see_one_moment_of_all_indices(tmp_path: Path) -> None:
    """Every write sets one number in the documents of two indices: no search may see two numbers."""
    stop = threading.Event()
    failures: list[BaseException] = []

    def watch(store: EmbeddedStore) -> None:
        seen = []
        try:
            while not stop.is_set():
                body = {
                    "size": 5,
                    "sort": [{"revision": "desc"}],
                    "track_total_hits": True,
                    "aggs": {"s": {"stats": {"field": "revision"}}},
                }
                answers = store.msearch([("cases", body), ("penalties", body), ("cases", body)])
                numbers = {answer["aggregations"]["s"][end] for answer in answers for end in ("min", "max")}
                numbers |= {
                    hit["_source"]["revision"] for answer in answers for hit in answer["hits"]["hits"]
                }
                assert len(numbers) == 1, numbers
                assert {answer["hits"]["total"]["value"] for answer in answers} == {20}
                seen.append(numbers.pop())
            assert seen == sorted(seen)
            assert len(set(seen)) > 3, "the watcher saw the store change"
        except BaseException as error:
            failures.append(error)

    with EmbeddedStore(tmp_path, writer=True) as store:

        def write(number: int) -> None:
            store.bulk(
                [
                    Write(index, f"{index}-{one}", number, {"record_id": f"{one}", "revision": number})
                    for index in crashing.INDICES
                    for one in range(20)
                ]
            )
            store.refresh()

        write(0)
        with EmbeddedStore(tmp_path, writer=False) as other:
            watchers = [threading.Thread(target=watch, args=(one,)) for one in (store, other)]
            for watcher in watchers:
                watcher.start()
            for number in range(1, 40):
                write(number)
            stop.set()
            for watcher in watchers:
                watcher.join()
    assert not failures, failures


def filled(path: Path) -> State:
    state: State = {}
    with EmbeddedStore(path, writer=True) as store:
        for number in range(1, 6):
            store.bulk(crashing.batch(number))
            store.refresh()
            crashing.apply(state, number)
    return state


def newest(path: Path, index: str) -> Path:
    return max((path / "tantivy").glob(f"{index}-*"))


@pytest.mark.parametrize(
    "harm", ["no folder", "no meta", "no segment", "cut segment", "wrong meta", "old folder"]
)
def test_a_damaged_search_index_is_built_anew_with_a_notice(
    tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    state = filled(tmp_path)
    folder = newest(tmp_path, "cases")
    segment = max(folder.glob("*.fast"))
    match harm:
        case "no folder":
            shutil.rmtree(folder)
        case "no meta":
            (folder / "meta.json").unlink()
        case "no segment":
            segment.unlink()
        case "cut segment":
            segment.write_bytes(segment.read_bytes()[: segment.stat().st_size // 2])
        case "wrong meta":
            (folder / "meta.json").write_text("{}")
        case "old folder":
            # A copy from before the last commit put back in place.
            kept = tmp_path / "kept"
            shutil.copytree(folder, kept)
            with EmbeddedStore(tmp_path, writer=True) as store:
                store.bulk(crashing.batch(6))
            crashing.apply(state, 6)
            with EmbeddedStore(tmp_path, writer=True):
                pass
            shutil.rmtree(folder)
            shutil.move(kept, folder)
    with caplog.at_level(logging.WARNING), EmbeddedStore(tmp_path, writer=True) as store:
        assert searched(store) == state
    assert any("built anew" in record.message for record in caplog.records)


def spoil(folder: Path) -> None:
    """Zeros in the middle of every column file."""
    for file in folder.glob("*.fast"):
        content = bytearray(file.read_bytes())
        body = len(content) - 200
        content[body // 4 : body] = bytes(body - body // 4)
        file.write_bytes(content)


def test_bytes_gone_wrong_on_the_disk_are_found_when_the_runner_starts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    state = filled(tmp_path)
    spoil(newest(tmp_path, "cases"))
    with caplog.at_level(logging.WARNING), EmbeddedStore(tmp_path, writer=True) as store:
        assert searched(store) == state
    assert any("checksum" in record.message for record in caplog.records)


def test_a_search_that_names_rows_which_do_not_exist_builds_the_index_anew(tmp_path: Path) -> None:
    state = filled(tmp_path)
    with EmbeddedStore(tmp_path, writer=True):
        spoil(newest(tmp_path, "cases"))
        # No checksum is looked at here, and the runner is alive: the reader cannot help itself.
        with EmbeddedStore(tmp_path, writer=False) as reader, pytest.raises(NetdocketError):
            searched(reader)
    with EmbeddedStore(tmp_path, writer=True) as store:
        assert searched(store) == state


def test_rebuild_gives_the_same_answers(tmp_path: Path) -> None:
    state = filled(tmp_path)
    body = {"size": 0, "aggs": {"r": {"terms": {"field": "region"}}}}
    with EmbeddedStore(tmp_path, writer=True) as store:
        before = store.search("cases", body)["aggregations"]
        assert store.rebuild() == store.generation()
        assert store.search("cases", body)["aggregations"] == before
        assert searched(store) == state
        store.bulk(crashing.batch(9))
        store.refresh()
        crashing.apply(state, 9)
        assert searched(store) == state
    assert len(list((tmp_path / "tantivy").iterdir())) == 2


def test_a_reader_finishes_what_a_killed_runner_left_between_two_commits(tmp_path: Path) -> None:
    state = filled(tmp_path)
    store = EmbeddedStore(tmp_path, writer=True)
    store.bulk(crashing.batch(6))
    crashing.apply(state, 6)
    # One index committed, the other not, nothing noted: what a kill there leaves.
    assert store._runner is not None
    store._runner.feed()
    writer = store._runner._targets["cases"].writer
    assert writer is not None
    writer.commit()
    del writer
    store._runner._targets.clear()
    store.close()
    with EmbeddedStore(tmp_path, writer=False) as reader:
        assert searched(reader) == state
