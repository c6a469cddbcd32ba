"""The generator must be no mirror of the rules: much of what it tells is told in other words than the taxonomy's cues."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from netdocket.errors import ConfigurationError
from netdocket.generator import Generated, generate
from netdocket.generator.drawing import draw_for
from netdocket.generator.lexicon import read
from netdocket.generator.templates import Given, template

TAXONOMY = Path(__file__).parents[2] / "enrich" / "knowledge" / "taxonomy.yaml"
PHRASES = Path(__file__).parents[2] / "netdocket" / "generator" / "phrases"
BARE = {"罚款", "fined"}
"""Words so bare that a sentence on a fine can hardly do without them."""
LONGEST_COMMON_WORDS, LONGEST_COMMON_HAN = 12, 20


@pytest.fixture(scope="module")
def taxonomy() -> dict[str, Any]:
    known: dict[str, Any] = yaml.safe_load(TAXONOMY.read_text("utf-8"))
    return known


@pytest.fixture(scope="module")
def cue(taxonomy: dict[str, Any]) -> re.Pattern[str]:
    """Any cue of violation_types or penalty_types; N stands for a number."""
    found = {
        str(word).lower()
        for group in ("violation_types", "penalty_types")
        for entry in taxonomy[group]
        for name in ("cues_zh", "cues_en")
        for word in entry.get(name, [])
    } - BARE
    number = r"[\d一二三四五六七八九十]+"
    patterns = (
        re.escape(word).replace("n日", f"{number}日").replace(r"for\ n\ days", rf"for {number} days")
        for word in found
    )
    return re.compile("|".join(sorted(patterns, key=len, reverse=True)))


def test_a_third_of_the_sentences_avoid_every_cue(
    cue: re.Pattern[str], capsys: pytest.CaptureFixture[str]
) -> None:
    told, free = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for made in generate(1500, seed=21):
        for what, sentence in sentences(made):
            told[what, made.language] += 1
            free[what, made.language] += not cue.search(sentence.lower())
    with capsys.disabled():
        for (what, language), number in sorted(told.items()):
            share = free[what, language] / number
            print(f"\n{language} sentences on a {what}: {number}, without any cue {share:.0%}", end="")
    for key, number in told.items():
        assert number > 400
        assert free[key] / number >= 1 / 3, key


def test_plain_phrases_hold_no_cue(cue: re.Pattern[str]) -> None:
    for where, phrase in plain_phrases():
        assert not cue.search(phrase.lower()), (where, phrase)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_violation_has_six_descriptions_and_half_of_them_are_plain(
    taxonomy: dict[str, Any], language: str
) -> None:
    phrases = read(f"violations_{language}")
    assert phrases.keys() == {entry["code"] for entry in taxonomy["violation_types"]}
    for code, entry in phrases.items():
        plain, cued = entry["plain"], entry["cued"]
        assert len(plain) + len(cued) >= 6, code
        # few ways there are to say nothing in particular
        assert len(plain) >= 3 and (
            len(plain) >= len(cued) or code in ("HACK_TOOLS", "ILLEGAL_SITE_GROUP", "FIN_DATA")
        ), code
        assert len({*plain, *cued}) == len(plain) + len(cued), code


def test_every_penalty_that_a_case_may_end_with_is_told_in_both_ways(taxonomy: dict[str, Any]) -> None:
    phrases = read("penalties")
    assert phrases.keys() == {entry["code"] for entry in taxonomy["penalty_types"]} - {
        "CASE_TRANSFER"
    }  # a status
    for code, entry in phrases.items():
        for language in ("zh", "en"):
            for wording in ("plain", "cued"):
                forms = entry[language][wording]
                assert sum(len(found) for found in forms.values()) >= 1, (code, language, wording)


def test_no_sentence_is_taken_from_real_bulletins(shared: Path) -> None:
    real = [*(shared / "seeds").glob("*.txt"), *(shared / "gold" / "docs").glob("*.txt")]
    assert len(real) > 5
    taken = {run for path in real for run in runs(path.read_text("utf-8"))}
    for path in sorted(PHRASES.glob("*.yaml")):
        for text in strings(yaml.safe_load(path.read_text("utf-8"))):
            assert not taken & set(runs(text)), (path.name, text)
    for made in generate(1500, seed=22):
        for line in made.text.split("\n"):
            assert not taken & set(runs(line)), (made.name, line)


def test_a_phrase_with_an_open_bracket_is_refused() -> None:
    for wrong in ("[a|b", "{name", "<left/leaving", "{?name|text"):
        with pytest.raises(ConfigurationError, match="phrase"):
            template(wrong)


def test_the_little_language_of_phrases() -> None:
    phrase = template("<left/leaving> {its} [door|gate] open{?why|, since {why}}")
    said = {phrase.say(draw_for(1, i), Given(its="its", why="it was hot"), form=1) for i in range(20)}
    assert said == {f"leaving its {what} open, since it was hot" for what in ("door", "gate")}
    assert phrase.needed == {"its"} and phrase.slots() == {"its", "why"}
    written: list[str] = []
    phrase.play(written.append, draw_for(1, 1), {"its": lambda: written.append("her")})
    assert "".join(written).startswith(("left her", "leaving her")) and "since" not in "".join(written)


def sentences(made: Generated) -> Iterator[tuple[str, str]]:
    """The sentences in which violations and penalties are stated, each once."""
    seen: set[tuple[str, int]] = set()
    for statement in made.statements:
        before = [
            made.text.rfind(end, 0, statement.start) + len(end)
            for end in ("。", "\n", ". ", "\t")
            if end in made.text[: statement.start]
        ]
        after = [at for end in ("。", "\n", ". ", "\t") if (at := made.text.find(end, statement.end)) >= 0]
        start, end = max(before, default=0), min(after, default=len(made.text))
        if (statement.what, start) not in seen:
            seen.add((statement.what, start))
            yield statement.what, made.text[start:end]


def plain_phrases() -> Iterator[tuple[str, str]]:
    for language in ("zh", "en"):
        for code, entry in read(f"violations_{language}").items():
            yield from ((code, phrase) for phrase in entry["plain"])
        for code, entry in read("penalties").items():
            yield from ((code, phrase) for forms in entry[language]["plain"].values() for phrase in forms)


def runs(text: str) -> Iterator[str]:
    """Runs of one word or one Han character more than may be common. Names of instruments are left out."""
    text = re.sub(r"《[^》]*》|《[^》]*$", "", text)
    han = "".join(re.findall(r"[\u4e00-\u9fff]", text))
    yield from (han[at : at + LONGEST_COMMON_HAN + 1] for at in range(len(han) - LONGEST_COMMON_HAN))
    words = re.findall(r"[a-z0-9]+", text.lower())
    length = LONGEST_COMMON_WORDS + 1
    yield from (" ".join(words[at : at + length]) for at in range(len(words) - length + 1))


def strings(given: Any) -> Iterator[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, dict):
        for value in given.values():
            yield from strings(value)
    elif isinstance(given, list):
        for value in given:
            yield from strings(value)
