"""What an English sentence says of an article behind it: "Articles 41 and 43 … as breached and Article 64 as the penalty
clause", "Article 40 … and Article 37 … to have been infringed"."""

from __future__ import annotations

import re
from typing import Literal

_FLAGS = re.IGNORECASE
# The law's name behind the article, further articles of the same row, and what may stand before the word that decides.
_LAW = r"(?:\s(?:of|in)\s(?:the\s)?[^.;,()\n]{2,90}?|\s(?-i:[A-Z]{2,6}))?"
_MORE = r"(?:,?\s(?:and|as well as|,)\s(?:of\s)?Art(?:icle|\.)s?\s\d{1,3}[^.;\n]{0,90}?)?"
_BREACHED = re.compile(
    rf"{_LAW}{_MORE}\s?,?\s?(?:\((?:as\s)?(?:violated|breached|infringed)\)|as (?:the (?:provisions?|articles?) )?(?:breached|violated|infringed)"
    r"|(?:which|that) (?:it|the \w{1,20}) (?:held|found|considered)(?: to be| to have been)? (?:infringed|violated|breached)"
    r"|to have been (?:infringed|violated|breached)|(?:had|have|has) (?:not been (?:complied with|observed|met|followed)|been (?:infringed|violated|breached))"
    r"|(?:was|were) (?:not (?:complied with|observed|met|followed)|infringed|violated|breached|disregarded))\b|\((?:violated|breached|infringed)\)",
    _FLAGS,
)
_GROUND = re.compile(
    rf"{_LAW}\s?,?\s?(?:\((?:as\s)?(?:applied|basis|penalty|penalty clause)\)|as (?:the |a |its )?(?:legal |statutory )?(?:penalty|sanction|sanctioning|power|basis|ground|authority|liability)\b"
    r"|(?:supports?|supported|carries|carried|provides? the basis for|served as the basis|(?:was|were) (?:the (?:ground|basis)|applied|relied on|invoked))\b)",
    _FLAGS,
)
_SAID_OF_IT = re.compile(
    rf"{_LAW}\s?,?\s?(?:would(?: both)? (?:have|allow|permit|offer)|could have|lets?\b|allows?\b|permits?\b|provides? for|sets?\b|defines?\b|requires?\b|touches on)",
    _FLAGS,
)


def said_behind(text: str, end: int) -> Literal["violated", "basis", "mentioned"] | None:
    """The role that the words behind a citation ending at `end` give it; None where they say nothing of it."""
    if end >= len(text) or (not text.isascii() and text[end : end + 1] >= "\u4e00"):
        return None
    if _BREACHED.match(text, end):
        return "violated"
    if _GROUND.match(text, end):
        return "basis"
    return "mentioned" if _SAID_OF_IT.match(text, end) else None
