"""What holds for the records of any text: spans, evidence, masks, the same result again, and no crash whatever comes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from enrich import classify, load_knowledge
from netdocket.identity import record_id
from netdocket.records import Bulletin, Classified, Found, Record, Span, encode
from tests.enrich.bulletins import bulletin, bulletin_of, names

# Rules whose evidence lies outside the record: the lead, the title's line, a body named before, the date below the text.
AROUND = (
    "kinds.statute",
    "authorities.lead",
    "authorities.referred",
    "dates.lead",
    "place_name",
    "regulatory.effective",
    "regulatory.status",
)


def found_values(part: Any, path: str = "") -> Iterator[tuple[str, Found]]:
    """Every value with a warrant inside a record, with the path to it."""
    if isinstance(part, Found):
        yield path, part
    if isinstance(part, msgspec.Struct):
        for name in part.__struct_fields__:
            yield from found_values(getattr(part, name), f"{path}.{name}")
    elif isinstance(part, tuple):
        for number, item in enumerate(part):
            yield from found_values(item, f"{path}[{number}]")


def check(source: Bulletin, result: Classified) -> None:
    text = source.text
    assert len(result.masked_text) == len(text)
    assert len(result.masked_title) == len(source.title)
    last = 0
    for record in result.records:
        assert 0 <= record.span.start < record.span.end <= len(text)
        assert record.span.start >= last, "records overlap or stand out of order"
        last = record.span.end
        for path, value in found_values(record):
            check_warrant(record, path, value, len(text))
    ids = [record.record_id for record in result.records]
    assert len(set(ids)) == len(ids)


def check_warrant(record: Record, path: str, value: Found, size: int) -> None:
    if path in (".kind_found", ".title_found") or path.endswith("_found"):
        assert value.evidence is not None or value.derived is not None, path
    if value.evidence is None:
        assert value.derived is not None, f"{path} has neither evidence nor what it is derived from"
        return
    assert value.rule is not None, f"{path} has evidence and no rule"
    span: Span = value.evidence
    assert 0 <= span.start < span.end <= size, path
    if not value.rule.startswith(AROUND):
        assert record.span.start <= span.start and span.end <= record.span.end, f"{path} {value.rule}"


@pytest.mark.parametrize("name", names())
def test_spans_and_warrants(name: str) -> None:
    source = bulletin_of(name)
    check(source, classify(source))


@pytest.mark.parametrize("name", ["batch_zh", "monthly_highlights_en"])
def test_the_same_text_gives_the_same_records(name: str) -> None:
    source = bulletin_of(name)
    before = encode(source)
    first, second = classify(source), classify(source, load_knowledge())
    assert encode(first) == encode(second)
    assert encode(source) == before


def test_ids_rest_on_the_masked_text_and_part_ids_on_the_records() -> None:
    source = bulletin_of("single_notice_zh")
    result = classify(source)
    case = result.records[0]
    own = result.masked_text[case.span.start : case.span.end]
    assert case.record_id == record_id(source.bulletin_id, own, 0)
    assert case.case is not None
    assert [p.id for p in case.case.penalties] == [f"{case.record_id}:p:{n}" for n in range(1, 5)]


def test_a_named_subject_is_masked_wherever_it_stands() -> None:
    source = bulletin_of("court_zh")
    result = classify(source)
    everything = encode(result).decode()
    assert "邹大海" not in everything
    assert result.masked_text.count("邹某某") == source.text.count("邹大海") > 1
    case = result.records[0].case
    assert case is not None and case.subjects[0].name == "邹某某"


def test_random_cuts_and_joins_of_texts_neither_crash_nor_break_spans(proof_scale: float) -> None:
    chance = random.Random(20261122)
    texts = [bulletin_of(name).text for name in names()]
    for _ in range(int(400 * proof_scale)):
        pieces = []
        for _ in range(chance.randint(1, 4)):
            text = chance.choice(texts)
            start = chance.randrange(len(text))
            pieces.append(text[start : start + chance.randint(1, 1200)])
        joined = chance.choice(["", "\n", "\n\n", "\t"]).join(pieces)
        source = bulletin(
            joined, language=chance.choice(["zh", "en"]), title=joined[:30], published="2025-06-30"
        )
        check(source, classify(source))


@pytest.mark.parametrize(
    "text",
    ["", " \n\t\n", "。", "1.", "案例一：", "《", "\u0000\ufffd\u200b" * 50, "A" * 5000, "第一条" * 2000],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_empty_and_odd_texts_give_no_crash(text: str, language: Any) -> None:
    source = bulletin(text, language=language)
    check(source, classify(source))


def test_bytes_read_as_text_give_no_crash() -> None:
    junk = random.Random(7).randbytes(60_000).decode("latin-1")
    source = bulletin(junk, language="en")
    check(source, classify(source))


def test_five_megabytes_are_read_in_linear_time(proof_scale: float) -> None:
    """A text of 5 MB passes; no part of the pipeline goes back over the whole text for each of its items."""
    one = bulletin_of("batch_zh").text
    size = int(5_000_000 * proof_scale)
    copies = size // len(one.encode()) + 1
    source = bulletin("\n".join([one] * copies), published="2024-06-30")
    result = classify(source)
    assert len(result.masked_text) == len(source.text)
    assert len(result.records) >= copies


@pytest.mark.parametrize("name", names())
def test_the_sector_of_a_subject_says_where_it_was_read(name: str) -> None:
    for record in classify(bulletin_of(name)).records:
        for subject in record.case.subjects if record.case else ():
            found = subject.sector_found
            assert (found is None) == (subject.sector is None)
            if found is not None and record.sector is not None:
                assert (subject.sector, found.evidence) == (record.sector.value, record.sector.evidence)
