"""Of several indices that cannot be committed, each is told: the first is raised, the others are in the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.embedded import EmbeddedStore
from index.embedded.writer import Runner
from index.store import Write
from netdocket.errors import StorageError


def test_each_failure_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with EmbeddedStore(tmp_path, writer=True, heap_mb=32) as store:
        store.bulk([
            Write("penalties", "p", 1, {"penalty_id": "p"}),
            Write("manifests", "m", 1, {"bulletin_id": "m"}),
        ])  # fmt: skip
        with monkeypatch.context() as patched:

            def full(_self: Runner, target: object) -> int:
                raise StorageError("the disk is full", where=target.folder)  # type: ignore[attr-defined]

            patched.setattr(Runner, "_commit_one", full)
            with pytest.raises(StorageError) as raised:
                store.refresh()
        told = f"{raised.value} {caplog.text}"
        assert "penalties" in told
        assert "manifests" in told
        store.refresh()
        assert store.count("penalties") == 1
