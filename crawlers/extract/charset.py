"""Bytes to characters, whatever the page says it is written in.

Chinese pages declare gb2312 and are written in its superset gb18030; others declare one character set and are written
in another. Valid UTF-8 outside ASCII is never anything else by accident, so it goes before every declaration. What
cannot be read, or reads as garbage, is UnreadableError: garbage in the index would look like a successful harvest.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding

from netdocket.errors import UnreadableError

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDER: Final = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030"}
_BROKEN_SHARE: Final = 0.002
"""A few broken bytes in a long page are the publisher's own and are kept as U+FFFD."""

_TWICE: Final = re.compile(r"[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0178\u2018-\u2122]")
"""UTF-8 that was read byte by byte: `Ã©`, `ä¸­`, `â€™`."""
_LOST: Final = re.compile("(?:锟斤拷){2}|锟斤拷锟|烫烫烫烫|屯屯屯屯")
"""Characters that were lost before the page was sent."""
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
# The commonest characters of written Chinese, with those of official notices: about half of any text, and hardly a
# twentieth of text that was read in a wrong character set.
_COMMON: Final = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相"
    "全表间样与关各重新线内数正心反你明看原又利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果"
    "料象员革位入常文总次品式活设及管特件长求基资边流路级少山统接知较将组见计别角期根论运指几九区强放决西被做必战先回则任取据处理网信"
    "息安络案罚款警告责令改违规定个监督通报应用企"
)


def decode(body: bytes, *, content_type: str | None = None) -> str:
    """The page as text, without a byte order mark. Raises UnreadableError."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _sound(_strict_or_nearly(body[len(mark) :], name), name)
    if (text := _strict(body, "utf-8")) is not None:
        return _sound(text, "utf-8")
    declared = _declared(body, content_type)
    if declared is not None and declared != "utf-8" and (text := _strict(body, declared)) is not None:
        return _sound(text, declared)
    text = _strict(body, "gb18030")
    if text is not None and _reads_as_chinese(text):
        return _sound(text, "gb18030")
    return _sound(_strict_or_nearly(body, declared or "utf-8"), declared or "utf-8")


def _declared(body: bytes, content_type: str | None) -> str | None:
    """As the header says, else as the page says; None where nothing known is declared."""
    name = http_content_type_encoding(content_type) or html_body_declared_encoding(body[:4096])
    if not name:
        return None
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    return {**_WIDER, "iso8859-1": "cp1252", "ascii": "cp1252"}.get(found, found)


def _strict(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except UnicodeError:
        return None


def _strict_or_nearly(body: bytes, name: str) -> str:
    text = body.decode(name, errors="replace")
    broken = text.count("\ufffd")
    if broken > max(3, _BROKEN_SHARE * len(text)):
        raise UnreadableError(f"{broken:,} of {len(text):,} characters cannot be read as {name}")
    return text


def _sound(text: str, name: str) -> str:
    if _LOST.search(text):
        raise UnreadableError("the text was lost before it was sent (锟斤拷 and its like)")
    twice = len(_TWICE.findall(text))
    if twice > max(5, 0.005 * len(text)):
        raise UnreadableError(f"read as {name} it is mojibake: UTF-8 that was encoded twice")
    if not _reads_as_chinese(text):
        raise UnreadableError(f"read as {name} it is mojibake: characters that no Chinese text is made of")
    return text


def _reads_as_chinese(text: str) -> bool:
    """False only where there is enough Chinese to tell."""
    han = _HAN.findall(text)
    return len(han) < 50 or sum(char in _COMMON for char in han) >= 0.08 * len(han)
