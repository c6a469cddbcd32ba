"""Bytes that say one character set and are another."""

from __future__ import annotations

import pytest

from crawlers.extract.charset import decode
from crawlers.extract.json_values import load_json
from netdocket.errors import UnreadableError

CHINESE = "国家网信办依法对该公司处以警告，并处罚款五万元。" * 8
RARE = "处置𠮷野家及镕基、喆等字的网站信息安全案件，依法予以通报。" * 5  # outside gb2312, inside gb18030


def page(text: str, declared: str) -> str:
    return f'<html><head><meta charset="{declared}"></head><body>{text}</body></html>'


@pytest.mark.parametrize("text", [CHINESE, RARE, "Plain English, with a £5 fine."])
@pytest.mark.parametrize(
    ("written", "declared"),
    [
        ("utf-8", "utf-8"),
        ("gb18030", "gb2312"),
        ("gb18030", "gbk"),
        ("utf-8", "gb2312"),  # a page moved to UTF-8 with its old declaration
        ("utf-8", "iso-8859-1"),
        ("utf-8-sig", "gb2312"),
        ("utf-16", "utf-16"),
    ],
)
def test_pages_are_read_whatever_they_declare(text: str, written: str, declared: str) -> None:
    html = page(text, declared)
    assert decode(html.encode(written)) == html


def test_a_header_goes_before_the_page() -> None:
    html = page(CHINESE, "iso-8859-1")
    assert decode(html.encode("gb18030"), content_type="text/html; charset=GB2312") == html


def test_gb18030_that_declares_utf_8_is_read_by_its_looks() -> None:
    html = page(CHINESE, "utf-8")
    assert decode(html.encode("gb18030")) == html
    assert decode(html.encode("gb18030"), content_type="text/html; charset=utf-8") == html


def test_windows_punctuation_in_a_latin_page() -> None:
    html = page("the “Draft” – a fine", "iso-8859-1")
    assert decode(html.encode("cp1252")) == html


def test_a_few_broken_bytes_are_the_publishers_own() -> None:
    whole = page(CHINESE * 20, "utf-8").encode()
    broken = whole[:3000] + b"\xff" + whole[3000:]
    assert decode(broken).count("\ufffd") <= 4


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (bytes(range(128, 256)) * 20, "cannot be read"),
        (page(CHINESE, "utf-8").encode()[::2], "mojibake"),
        (page("锟斤拷锟斤拷锟斤拷", "utf-8").encode(), "lost"),
        (page("烫烫烫烫烫烫", "utf-8").encode(), "lost"),
        (page(CHINESE.encode().decode("gb18030", errors="replace").replace("\ufffd", "?"), "utf-8").encode(), "mojibake"),
        (page(CHINESE.encode().decode("latin-1"), "utf-8").encode(), "encoded twice"),
        (page(CHINESE, "gb2312").encode("big5", errors="replace"), "mojibake"),
    ],
)  # fmt: skip
def test_garbage_is_never_taken_for_text(body: bytes, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        decode(body)


def test_real_words_are_no_mojibake() -> None:
    for text in (
        "Müller & Søn A/S, São Paulo: naïve façade, 50 € – “Überprüfung”",
        "公司名单：" + "、".join(f"{c}某科技有限公司" for c in "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"),
    ):
        assert text in decode(page(text, "utf-8").encode())


def test_half_a_character_of_a_json_answer_does_not_cost_the_answer() -> None:
    """Titles are cut to a number of UTF-16 units."""
    answer = load_json(b'{"\\ud800": ["\\ud83d\\ude00 whole", "cut \\ud83d", 1]}', None)
    assert answer == {"\ufffd": ["\U0001f600 whole", "cut \ufffd", 1]}
