"""A hostile or huge text must go through: no reader may take more than linear time.

Nothing is timed: a reader whose work grows with the square of the text would run into the time limit of the suite
long before it came to the end of these texts.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from types import FrameType

import pytest

from enrich.catalogue import load_knowledge
from enrich.citations import find_citations
from enrich.context import clause_contexts
from enrich.dates import find_dates
from enrich.money import find_money
from enrich.needed import sought
from enrich.normalise import normalise
from enrich.numerals import find_numbers
from enrich.periods import find_periods
from enrich.persons import find_persons, mask
from enrich.pipeline import classify
from enrich.places import find_places, settle
from enrich.reading import Reading
from enrich.rulebook import rulebook
from netdocket.records import Language
from tests.enrich.bulletins import bulletin

KNOWLEDGE = load_knowledge()
READERS: dict[str, Callable[[str], object]] = {
    "numbers": lambda text: find_numbers(text, words=True),
    "money": find_money,
    "dates": find_dates,
    "periods": lambda text: find_periods(text, dt.date(2026, 1, 1)),
    "citations": lambda text: find_citations(text, KNOWLEDGE),
    "places": lambda text: settle(find_places(text, KNOWLEDGE), KNOWLEDGE),
    "persons": lambda text: mask(text, find_persons(text, KNOWLEDGE)),
    "context": lambda text: clause_contexts(text, KNOWLEDGE),
}
# Each is what some pattern begins with and never gets to end, or ends at every place.
UNITS = [
    "1", "1,", "一", "第", "第1条、", "第(一)", "《", "《a", "(", "Article 1, ", "Articles 1 and ", "The Law ", "Rules on ", "A Aa ",
    " ", "RMB ", "RMB 1 ", "1至", "2021年1月至", "5日", "May ", "张某", "犯罪嫌疑人李小强", "阿·", "对李", "江苏", "Suzhou ", "的，", "元以上",
    "if ", "had been fined announced ", "该法第一条", "该办法第一条《甲法》", "Cybersecurity Law (the \"Law\") Article 5 of the Law. ",
    "《网络安全法》(以下简称《网安法》)第一条", "近日，某市网信办依据《网络安全法》第五十九条对某公司罚款5万元。\n",
    "，王小强被", "对王强处以", "主任王强、", "将王强，", "Zhao Wei, ", "Zhao Wei and ", "南京王强网上滋事案 ",
]  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_comes_to_the_end(reader: str, proof_scale: float) -> None:
    for unit in UNITS:
        text = unit * (int(200_000 * proof_scale) // len(unit))
        READERS[reader](normalise(text))


SHAPES: dict[str, tuple[Language, str]] = {
    "lines": ("zh", "近日，某市网信办依据《网络安全法》第五十九条对某公司给予警告，罚款5万元，对责任人张某强罚款1万元。\n"),
    "one sentence": ("zh", "对该公司给予警告并处罚款人民币5万元，违反《网络安全法》第二十一条，"),
    "one English sentence": ("en", "a school in Nantong was fined RMB30,000 under Article 59 of the Cyber Security Law, "),
    "figures": ("zh", "全年查处案件120起，警告1100家次，罚款3000万元，下架应用57款，关闭网站43家。\n"),
    "headings": ("zh", "一、某公司未履行网络安全保护义务案\n某市网信办对某科技公司给予警告，并处罚款5万元，责令改正。\n"),
    "incident": ("zh", "某医院系统遭勒索病毒攻击，业务中断，10万条患者信息泄露，CVE-2024-1234漏洞被利用。\n"),
}  # fmt: skip
SIZE = 6_000
TIMES = 4


@pytest.mark.parametrize("shape", SHAPES)
def test_work_grows_with_the_length_of_a_text(shape: str) -> None:
    """Counted in lines of Python run, loops within one line included: `TIMES` the text may take little more than
    `TIMES` the work. A walk through all that was found for each thing found takes several times that."""
    language, unit = SHAPES[shape]
    small, large = (
        lines_run(
            lambda size=size: classify(bulletin(unit * (size // len(unit)), language=language), KNOWLEDGE)
        )
        for size in (SIZE, TIMES * SIZE)
    )
    assert large <= 1.1 * TIMES * small


CASE = "2025年4月7日，某市网信办发现某科技公司未履行网络安全保护义务，对该公司给予警告，并处罚款5万元。"
FRAMES = {
    "in sentences of their own": "检查了日志。该公司没有问题。",
    "in one sentence": "检查了日志，该公司没有问题，",
    "too far apart": "检查了日志" + "，" * 50 + "该公司没有问题" + "，" * 50,
    "pairs too far apart": "出售" + "，" * 90 + "身份证号" + "，" * 90,
}
"""Words of a breach's frame that never make one, below a case: in a text without one nobody asks for breaches."""


@pytest.mark.parametrize("shape", FRAMES)
def test_work_grows_with_the_number_of_words_of_frames(shape: str) -> None:
    unit = FRAMES[shape]
    small, large = (
        lines_run(lambda size=size: classify(bulletin(CASE + unit * (size // len(unit))), KNOWLEDGE))
        for size in (SIZE, TIMES * SIZE)
    )
    assert large <= 1.1 * TIMES * small


@pytest.mark.parametrize("ask", ["search", "matches"])
def test_where_a_pattern_may_match_is_not_walked_anew_for_each_part(ask: str) -> None:
    """Each sentence holds what the pattern needs, and none a match."""
    pattern = sought(r"\w(?:责令|要求).{0,9}改正")
    unit = "该公司改正以后，某部门责令其处理问题。"
    small, large = (
        lines_run(
            lambda reading=reading: [getattr(reading, ask)(pattern, *line) for line in reading.sentences]
        )
        for reading in (
            Reading((unit + "，" * 40) * n, "zh", rulebook(KNOWLEDGE).cues) for n in (100, TIMES * 100)
        )
    )
    assert large <= 1.1 * TIMES * small


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of the classifier's Python a piece of work runs."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> object:
        nonlocal count
        if event == "call" and not frame.f_globals["__name__"].startswith("enrich."):
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.proof
def test_a_text_of_the_largest_size_goes_through_all_readers(proof_scale: float) -> None:
    paragraph = (
        "2025年4月7日，江苏省南京市网信办发现某科技有限公司未履行网络安全保护义务，违反《网络安全法》第二十一条，依据该法第五十九条第一款，"
        "对该公司给予警告，并处罚款人民币5万元，对直接负责的主管人员张某强罚款1万元。下一步，将依法处理。\n"
        "On 23 August 2019 a school in Nantong City was fined RMB30,000 under Article 59 of the Cyber Security Law.\n"
    )
    text = normalise(paragraph * (int(10_000_000 * proof_scale) // len(paragraph)))
    repeats = text.count("张某强")
    assert len(find_money(text)) == 3 * repeats
    assert len(find_citations(text, KNOWLEDGE)) == 3 * repeats
    assert mask(text, find_persons(text, KNOWLEDGE)).count("张某某") == repeats
    assert len(find_dates(text)) == 2 * repeats
    assert len([c for c in clause_contexts(text, KNOWLEDGE) if c.context == "hypothetical"]) >= repeats
    assert len(find_places(text, KNOWLEDGE)) == 3 * repeats
