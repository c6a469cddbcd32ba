"""Text made ready for matching, at the same length, so that every span holds in the original as well.

One character becomes one character: full-width digits, letters and brackets become ASCII, odd spaces a space,
curly quotes and odd dashes plain ones, traditional characters simplified ones. What Unicode or OpenCC would turn
into several characters is left alone. Chinese sentence punctuation is kept, since it marks clauses.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

KEPT = "，。、；：！？《》〈〉「」『』【】〔〕…—·～"
SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\ufeff\u200b"
PLAIN = {
    "‘": "'", "’": "'", "ʼ": "'", "′": "'", "`": "'", "“": '"', "”": '"', "„": '"', "″": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "−": "-", "﹣": "-", "○": "〇", "￥": "¥",
}  # fmt: skip


class Normalised(str):
    """A text that has been through `normalise`; it is not normalised a second time."""

    __slots__ = ()


def normalise(text: str) -> Normalised:
    """`text` ready for matching: same length, character by character. Idempotent; linear in the text."""
    if isinstance(text, Normalised):
        return text
    if text.isascii():
        return Normalised(text)
    table = _table()
    odd = set(_odd().findall(text))
    if len(odd) > FEW:
        return Normalised(text.translate(table))
    for character in odd:  # what one yields is never changed by another one
        text = text.replace(character, table.get(ord(character), character))
    return Normalised(text)


def simplified(character: str) -> str:
    """The simplified form of a traditional character, else the character itself."""
    return _simplified().get(character, character)


LAST_OF_FIRST_PLANE = 0xFFFF
FEW = 24
"""So many different characters are faster replaced one by one than by a table asked for every character."""


@cache
def _odd() -> re.Pattern[str]:
    """What is changed; of what lies beyond the first plane anything: to tell it apart would make the class slow."""
    first = "".join(re.escape(chr(code)) for code in sorted(_table()) if code <= LAST_OF_FIRST_PLANE)
    return re.compile(f"[{first}{chr(LAST_OF_FIRST_PLANE + 1)}-\U0010ffff]")


@cache
def _table() -> dict[int, str]:
    table = {ord(old): new for old, new in _simplified().items()}
    for codepoint in (*range(0x80, 0x3400), *range(0xF900, 0x10000), *range(0x2F800, 0x2FA20)):
        character = chr(codepoint)
        # Circled and raised numbers are marks of lists and footnotes, no digits.
        if character in KEPT or codepoint in table or unicodedata.category(character) == "No":
            continue
        folded = unicodedata.normalize("NFKC", character)
        # Only what takes up one place, and never into a space that NFKC makes of accents standing alone.
        if len(folded) == 1 and folded != character:
            table[codepoint] = folded
    table.update({ord(space): " " for space in SPACES})
    table.update({ord(old): new for old, new in PLAIN.items()})
    # What a first pass yields must not be changed by a second one.
    return {old: str(new.translate(table)) for old, new in table.items()}


@cache
def _simplified() -> dict[str, str]:
    """OpenCC's table of single characters, traditional to simplified (first choice of each)."""
    lines = (
        files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    )
    pairs = (line.split("\t") for line in lines if "\t" in line)
    table = {old: new.split(" ")[0] for old, new in pairs if len(old) == 1}
    return {old: new for old, new in table.items() if len(new) == 1 and old != new}
