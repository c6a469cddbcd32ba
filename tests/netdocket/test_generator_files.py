"""`netdocket generate`: what is written is what was generated, and the classifier's reader takes it as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from netdocket.cli.generate import command
from netdocket.errors import ConfigurationError
from netdocket.generator import generate
from netdocket.generator.export import write
from netdocket.intake import read_text


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_texts_metadata_and_truth_are_those_of_the_generator(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--count", "60", "--seed", "3", "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    made = list(generate(60, seed=3))
    assert lines(tmp_path / "out" / "truth.jsonl") == json.loads(
        json.dumps([row for one in made for row in one.truth])
    )
    for one in made:
        intake = read_text(tmp_path / "out" / f"{one.name}.txt")
        assert (intake.text, intake.title, intake.language) == (one.text, one.title, one.language)
        assert (intake.published, intake.publisher) == (one.published, one.publisher)


def test_one_file_of_bulletins_and_one_of_truth(tmp_path: Path) -> None:
    arguments = ["--count", "40", "--jsonl", str(tmp_path / "b.jsonl"), "--truth", str(tmp_path / "t.jsonl")]
    arguments += ["--language", "en", "--from", "2021-01-01", "--to", "2023-12-31"]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    bulletins = lines(tmp_path / "b.jsonl")
    assert len(bulletins) == 40
    assert {one["language"] for one in bulletins} == {"en"}
    assert all("2021-01-01" <= str(one["published"]) <= "2023-12-31" for one in bulletins)
    assert {row["doc"] for row in lines(tmp_path / "t.jsonl")} <= {one["name"] for one in bulletins}


def test_the_distribution_of_codes_is_printed() -> None:
    result = CliRunner().invoke(command, ["--count", "300", "--stats"])
    assert result.exit_code == 0, result.output
    assert (
        "violation\n" in result.output
        and "NET_SEC_DUTY" in result.output
        and "REGULATORY_DEV" in result.output
    )


def test_without_a_place_to_write_to_it_says_what_to_ask_for() -> None:
    result = CliRunner().invoke(command, ["--count", "3"])
    assert result.exit_code == 2 and "--out" in result.output


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="file"):
        write(generate(1), out=tmp_path / "file" / "under")
