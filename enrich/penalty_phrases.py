"""The words of a measure, normalised, so that two records of one unlisted type hold the same phrase."""

from __future__ import annotations

import re

ORDERED_ZH = re.compile(
    r"^责令(?:其|当事人|(?:该|涉事|涉案)[^，。；\n]{1,4}?(?=[公向作聘委登开组接参刊发提销返退设每]))?"
)
ORDERED_EN = re.compile(r"^(?:ordered|directed|instructed)\b.*?\bto\s")
OPEN = re.compile(r"^(?:责令|(?:ordered|directed|instructed)\b)", re.IGNORECASE)
# 处 goes before what is imposed (处罚款), and is a part of 处分, 处理 and 处罚.
ADVERBS = re.compile(
    r"^(?:依法|依规|并|予以|给予|处以|处(?!分|理|罚(?![款金]))|被|(?:was|were|been|has|have|had|be)\b)\s*"
)
DIGITS = re.compile(r"[\d一二三四五六七八九十百千万亿余多,.]+(?:元|日|天|个月|年)?")


def is_open(printed: str) -> bool:
    """Whether these words of an unlisted measure say which it is, unlike 依法予以行政处罚."""
    return OPEN.match(printed) is not None


def phrase(printed: str) -> str:
    """A measure's words, normalised as the contract asks for penalties of no listed type: lower case, white space
    folded, without adverbs, numbers and whom it was ordered."""
    text = " ".join(printed.lower().split())
    previous = ""
    while previous != text:
        previous, text = text, ADVERBS.sub("", text)
    if is_open(text) and not re.match(r"责令(?:改正|整改|限期)", text):
        text = ORDERED_EN.sub("ordered to ", ORDERED_ZH.sub("责令", text))
    return DIGITS.sub("", text).strip() or printed
