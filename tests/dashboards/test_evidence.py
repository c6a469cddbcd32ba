"""Evidence in a text: whatever the spans are, the text stays as it is and every value can be reached."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from dashboards.web.evidence import marked_text
from dashboards.web.lists import CLOSE, OPEN, highlighted
from dashboards.web.values import Value
from netdocket.records import Span

TAG = re.compile(r"<[^>]*>")
texts = st.text(alphabet="abc<>&\"'\n\t 罚款\ue000\ue001", max_size=60)


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, int, int, list[Value]]:
    text = draw(texts)
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, len(text)))
    values = []
    for n in range(draw(st.integers(0, 5))):
        left = draw(st.integers(0, len(text)))
        right = draw(st.integers(left, len(text)))
        name = f"p-{n}"
        values.append(
            Value(name=name, category="penalty", what="<b>", text='">', evidence=Span(start=left, end=right))
        )
    return text, start, end, values


@given(marked())
def test_marks_change_no_word_and_reach_every_value(given: tuple[str, int, int, list[Value]]) -> None:
    text, start, end, values = given
    found = marked_text(text, start, end, values)
    assert unescape(TAG.sub("", found.html)) == text[start:end]
    for value in values:
        span = value.evidence
        assert span is not None
        covered = (
            text[max(start, span.start) : min(end, span.end)] if span.start < end and span.end > start else ""
        )
        assert (value.name in found.inside) == bool(covered)
        assert found.html.count(f'id="e-{value.name}"') == bool(covered)
        pieces = re.findall(
            rf'<a [^>]*data-values="[^"]*\b{value.name}\b[^"]*"[^>]*>(.*?)</a>', found.html, re.S
        )
        assert unescape("".join(pieces)) == covered


def test_the_narrowest_value_is_the_one_linked() -> None:
    wide = Value(name="c-1", category="citation", what="", text="", evidence=Span(start=0, end=9))
    narrow = Value(name="p-1", category="penalty", what="", text="", evidence=Span(start=3, end=5))
    html = str(marked_text("abcdefghi", 0, 9, [wide, narrow]).html)
    assert re.findall(r'href="#([^"]+)" data-values="([^"]+)"', html) == [
        ("c-1", "c-1"),
        ("p-1", "p-1 c-1"),
        ("c-1", "c-1"),
    ]


@given(texts)
def test_highlights_bring_in_no_markup_but_marks(text: str) -> None:
    html = str(highlighted(text))
    assert set(TAG.findall(html)) <= {"<mark>", "</mark>"}
    assert html.count("<mark>") == html.count("</mark>")
    assert unescape(TAG.sub("", html)).replace(OPEN, "").replace(CLOSE, "") == text.replace(OPEN, "").replace(
        CLOSE, ""
    )
