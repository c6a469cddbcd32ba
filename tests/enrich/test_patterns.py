"""No regular expression can blow up: each comes to the end of its worst case.

A pattern that backtracks without bound takes hours for such texts, so the limit after which the process is killed says
nothing about speed. At full scale (`--proof-scale 1`, 50,000 characters) also one that only grows with the square is caught.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.enrich.pattern_attacks import attacks

KILL_AFTER = 900  # seconds
LEAST_PATTERNS = 300


@pytest.mark.proof
def test_every_pattern_comes_to_the_end_of_its_worst_case(proof_scale: float) -> None:
    size = str(int(50_000 * proof_scale))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.enrich.pattern_attacks", size],
            cwd=Path(__file__).parents[2],
            check=False,
            capture_output=True,
            text=True,
            timeout=KILL_AFTER,
        )
    except subprocess.TimeoutExpired as killed:
        tried = (killed.stdout or b"").decode().splitlines()
        pytest.fail(
            f"does not come to an end on {size} characters: {tried[-1] if tried else 'nothing tried'}"
        )
    assert done.returncode == 0, done.stderr
    patterns = int(done.stdout.splitlines()[-1].split()[0])
    assert patterns >= LEAST_PATTERNS, "the patterns of the classifier are not all tried"


def test_repeated_parts_are_attacked_behind_what_stands_before_them() -> None:
    # Nested repetitions, and a repetition that only begins behind other words: the texts that make them backtrack.
    assert "a" * 24 in set(attacks(r"(?:a+)+b", 0, 24))
    assert "fined " + "1" * 24 in set(attacks(r"fined (?:\d+,?)+ yuan", 0, 24))
