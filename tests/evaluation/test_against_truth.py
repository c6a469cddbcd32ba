"""The comparison with the generator's truth: what it counts, and that it is the truth that it counts."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from netdocket.cli import main
from netdocket.evaluation.against_truth import Compared
from netdocket.evaluation.answers import Answer
from netdocket.generator import generate

FINE = {"type": "FINE", "target": "entity", "amount_cny": 50_000, "count": None}
CASE: dict[str, Any] = {
    "kind": "ENFORCEMENT_CASE", "char_start": 0, "char_end": 100, "authority_type": "POLICE_LOCAL", "jurisdiction": "CN",
    "violations": ["MLPS", "NET_SEC_DUTY"], "penalties": [FINE, FINE], "sector": None, "subject_kind": "ENTITY_NAMED",
    "citations": [{"law": "CSL", "article": "21", "role": "violated"}], "regulatory": None, "incident": None, "figures": [],
}  # fmt: skip


def compared(truth: list[dict[str, Any]], found: list[dict[str, Any]]) -> Compared:
    result = Compared()
    result.add([Answer(row=row) for row in truth], [Answer(row=row) for row in found])
    return result


def counts(result: Compared, group: str) -> dict[str, tuple[int, int, int]]:
    return {code: tuple(tally[:3]) for code, tally in result.codes[group].items()}


def test_what_is_the_same_is_right_and_a_type_counts_once_a_record() -> None:
    result = compared([CASE], [CASE])
    assert (result.paired, result.exact) == (1, 1)
    assert counts(result, "penalty") == {"FINE": (1, 0, 0)}
    assert counts(result, "violation") == {"MLPS": (1, 0, 0), "NET_SEC_DUTY": (1, 0, 0)}


def test_a_wrong_code_is_missed_and_invented() -> None:
    given = CASE | {"violations": ["MLPS", "MINORS"], "authority_type": "MPS", "citations": []}
    result = compared([CASE], [given])
    assert (result.paired, result.exact) == (1, 0)
    assert counts(result, "violation") == {"MLPS": (1, 0, 0), "NET_SEC_DUTY": (0, 1, 0), "MINORS": (0, 0, 1)}
    assert counts(result, "authority") == {"POLICE_LOCAL": (0, 1, 0), "MPS": (0, 0, 1)}
    assert counts(result, "law") == {"CSL": (0, 1, 0)}


def test_a_record_apart_answers_nothing() -> None:
    result = compared([CASE], [CASE | {"char_start": 200, "char_end": 300}])
    assert (result.wanted, result.given, result.paired) == (1, 1, 0)
    assert counts(result, "kind") == {"ENFORCEMENT_CASE": (0, 1, 1)}


def test_the_command_counts_the_generators_codes(tmp_path: Path) -> None:
    """What is right and what is missed together are exactly what the generator says is there."""
    result = CliRunner().invoke(main, ["evaluate", "--generated", "40", "--seed", "5", "--format", "json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    wanted = [row for made in generate(40, 5) for row in made.truth]
    violations = Counter(code for row in wanted for code in row["violations"])
    labelled = {code: one["right"] + one["missed"] for code, one in told["codes"]["violation"].items()}
    assert {code: number for code, number in labelled.items() if number} == dict(violations)
    assert told["records"] == len(wanted) and told["exact"] > 0
    page = tmp_path / "page.md"
    again = CliRunner().invoke(
        main, ["evaluate", "--generated", "5", "--format", "md", "--output", str(page)]
    )
    assert again.exit_code == 0 and "## Violations" in page.read_text("utf-8")


def test_labels_and_the_generator_are_not_mixed() -> None:
    for given in (["--generated", "5", "--format", "html"], ["--generated", "5", "--half", "even"], []):
        assert CliRunner().invoke(main, ["evaluate", *given]).exit_code == 2
