"""The bench of the whole harvest measures what it says: every bulletin through every step, in one process."""

from __future__ import annotations

from pathlib import Path

import pytest

from netdocket.cli.bench_harvest import Step, Watched, run


@pytest.mark.proof
def test_every_bulletin_goes_through_every_step(tmp_path: Path, proof_scale: float) -> None:
    count = max(100, round(1000 * proof_scale))
    result = run(count=count, seed=3, folder=tmp_path)
    print(f"\n{result}")
    assert (result.bulletins, result.sites) == (count, 22)
    assert result.records > count and result.requests > count
    assert set(result.steps) == {"crawl", "work"}
    assert 0 < result.classifying < result.steps["work"].seconds
    assert all(0 < least <= result.peak for step in result.steps.values() for least in step.anonymous)
    assert f"{count:,} bulletins of 22 sites" in str(result) and "RssAnon, then work" in str(result)


def test_memory_is_looked_at_at_a_fifth_and_at_the_end() -> None:
    memory = iter([10.0, 12.0])
    watched = Watched(1000, lambda name: next(memory))
    for done in (0, 150, 230, 600, 1000):
        watched.at(done)
    step = watched.step(2.5)
    assert step == Step(seconds=2.5, anonymous=(10.0, 12.0)) and step.growth == 1.2
