"""The same processors over either store leave the same documents, and the same is swept."""

from __future__ import annotations

from pathlib import Path

import pytest

from enrich import load_knowledge
from index.elastic import ElasticStore
from index.embedded import EmbeddedStore
from index.store import Store, Write
from netdocket.datadir import DataDir
from netdocket.identity import external_version
from netdocket.settings import Settings
from netdocket.spool import Spool
from streams.audit import audit, contents
from streams.local import LocalRunner
from streams.sweep import sweep
from tests.dashboards.made import made
from tests.engines.conftest import MakeStore

BULLETINS = 60
CLOCKS = ("revision", "version", "entered_at")


def run(store: Store, folder: Path) -> None:
    """A bulletin's life: harvested, changed by its publisher, delivered again."""
    datadir = DataDir(folder)
    spool = Spool(datadir.spool, commit_ms=0)
    for seed in (1, 2, 1):
        for future in [spool.submit(bulletin) for bulletin, _ in made(BULLETINS, seed=seed)]:
            future.result(60)
        LocalRunner(datadir, store, load_knowledge(), Settings(batch_size=25)).drain()
    spool.close()


@pytest.fixture(scope="module")
def both(
    make_store: MakeStore, tmp_path_factory: pytest.TempPathFactory
) -> tuple[EmbeddedStore, ElasticStore]:
    folder = tmp_path_factory.mktemp("pipeline")
    embedded = EmbeddedStore(folder / "store", writer=True, heap_mb=32, origin_family="demo")
    elastic = make_store()
    for name, store in (("embedded", embedded), ("elastic", elastic)):
        run(store, folder / name)
    return embedded, elastic


def test_the_same_documents_in_both(both: tuple[EmbeddedStore, ElasticStore]) -> None:
    ours, theirs = (contents(store) for store in both)
    print(f"\n{len(ours)} documents in {len({index for index, _ in ours})} indices")
    assert len(ours) > 5 * BULLETINS
    revisions = [_without_moments(found) for found in (ours, theirs)]
    assert revisions[0].keys() == revisions[1].keys()
    assert revisions[0] == revisions[1]
    for store in both:
        assert audit(store) == []


def _without_moments(found: dict[tuple[str, str], dict[str, object]]) -> dict[tuple[str, str], object]:
    """Revisions are given by the clock of the spool that saw the bulletin first, and everything derived carries them; a
    first-seen entry also says when it came."""

    def plain(part: object) -> object:
        if isinstance(part, dict):
            return {key: plain(value) for key, value in part.items() if key not in CLOCKS}
        return [plain(one) for one in part] if isinstance(part, list) else part

    return {key: plain(document) for key, document in found.items()}


def test_a_sweep_removes_what_no_manifest_lists_and_nothing_else(
    both: tuple[EmbeddedStore, ElasticStore],
) -> None:
    for store in both:
        before = contents(store)
        (index, _), penalty = next((key, one) for key, one in before.items() if key[0] == "penalties")
        revision, rules = penalty["revision"] - 1, penalty["rules_version"]
        orphan = {**penalty, "penalty_id": "orphan", "revision": revision}
        stranger = {**orphan, "penalty_id": "stranger", "bulletin_id": "never heard of"}
        version = external_version(revision, rules)
        store.bulk([Write(index, "orphan", version, orphan), Write(index, "stranger", version, stranger)])
        swept = sweep(store)
        assert swept.removed == [(index, "orphan")]
        assert swept.unknown == [(index, "stranger")]
        store.bulk([Write(index, "stranger", version, None)])
        assert contents(store) == before
        assert sweep(store).removed == []
