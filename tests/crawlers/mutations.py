"""Damages to pages and documents: coarse ones, which most parsers notice at once, and fine ones, which leave the form whole
and reach what reads the content."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator
from typing import Any

from lxml import etree

PIECES = (
    b"<", b">", b"</table>", b"<table><tr><td colspan=99999999>", b"<!--", b"]]>", b"\x00", b"\xff\xfe", b"&#x110000;",
    b"\xe7\xbd", b'"', b"{", b"[[[[[[[[", b"}", b"null", b"1e999", b"-", b"/Length 99999999", b"endobj", b"stream",
    b"<<", b"%%EOF", b"PK\x05\x06", b"<div>" * 300, b"[" * 5000, "锟斤拷".encode() * 5, b"gb2312", b"\r\n\r\n",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 3.5, 10**30, 1e308, "", " ", "0", "x" * 5_000, "<p>", "<table><tr><td>", "\ud800", "\x00",
    "javascript:void(0)", "//", "http://[", "2026-13-45", "20260312", "１２", "²", [], [[]], {}, {"x": 1}, [None], [{}],
)  # fmt: skip
TEXTS = (
    "", " ", "0", "-1", "²", "1e999", "99999999999999999999", "2026-13-45", "x" * 40_000, "\u202e", "true", "#REF!", "A1:XFD1048576",
    "..", "rId999", "s", "n", "inlineStr", "b", "e", "d",
)  # fmt: skip


def coarse(body: bytes, draw: random.Random) -> bytes:
    """One to eight changes: bits, cuts, doublings, pieces put in, ends swapped."""
    data = bytearray(body)
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(len(data) + 1)
        match draw.randrange(6):
            case 0:
                for _ in range(draw.randint(1, 20)):
                    if data:
                        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
            case 1:
                del data[at : at + draw.randint(1, max(1, len(data) // 4))]
            case 2:
                data[at:at] = data[at : at + draw.randint(1, 4000)] * draw.randint(1, 5)
            case 3:
                data[at:at] = draw.choice(PIECES)
            case 4:
                data = data[:at]
            case 5:
                data = data[at:] + data[:at]
    return bytes(data)


# --- JSON --------------------------------------------------------------------------------------------------


def json_finely(body: bytes, draw: random.Random) -> bytes:
    """One to three changes of an answer that stays JSON: a value or its type, a key that is missing or named otherwise, a
    list that is cut or doubled, markup inside a string that is damaged."""
    answer = json.loads(body)
    for _ in range(draw.randint(1, 3)):
        places = list(_places(answer))
        if not places:
            break
        _change(*draw.choice(places), draw)
    return json.dumps(answer, ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with every key or number in it."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _change(holder: Any, key: Any, draw: random.Random) -> None:
    value = holder[key]
    how = draw.randrange(6)
    if isinstance(value, str) and len(value) > 40 and how < 3:
        holder[key] = coarse(value.encode("utf-8", "replace"), draw).decode("utf-8", "replace")
    elif isinstance(value, list) and value and how < 3:
        holder[key] = value[: draw.randrange(len(value))] if how else value * 3
    elif isinstance(value, dict) and value and how < 2:
        old = draw.choice(list(value))
        value[f"{old}X"] = value.pop(old)
    elif how == 3:
        del holder[key]
    else:
        holder[key] = draw.choice(VALUES)


# --- office files ------------------------------------------------------------------------------------------


def office_finely(body: bytes, draw: random.Random) -> bytes:
    """One to four changes of a DOCX or XLSX that stays a ZIP file, each in the tree of one of its parts; now and then a part
    that is missing, empty, or damaged in its bytes."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    content = [name for name in parts if name.endswith((".xml", ".rels"))]
    central = [name for name in content if "sheet" in name or "document" in name or "sharedStrings" in name]
    for _ in range(draw.randint(1, 4)):
        name = draw.choice(central if draw.random() < 0.8 else content)
        how = draw.random()
        if name not in parts:
            continue
        if how < 0.03:
            del parts[name]
        elif how < 0.05:
            parts[name] = b""
        elif how < 0.1:
            parts[name] = coarse(parts[name], draw)
        else:
            parts[name] = _tree(parts[name], draw)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def _tree(part: bytes, draw: random.Random) -> bytes:
    try:
        root = etree.fromstring(part)
    except etree.XMLSyntaxError:  # damaged by a change before
        return part
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    element = draw.choice(elements)
    parent = element.getparent()
    match draw.randrange(6):
        case 0 if element.attrib:
            element.set(draw.choice(sorted(map(str, element.attrib))), draw.choice(TEXTS).replace("\x00", ""))
        case 1 if element.attrib:
            del element.attrib[draw.choice(sorted(map(str, element.attrib)))]
        case 2 if parent is not None:
            parent.remove(element)
        case 3 if parent is not None:
            copies = [etree.fromstring(etree.tostring(element)) for _ in range(draw.randint(1, 3))]
            parent.extend(copies)
        case 4 if parent is not None:
            parent.insert(0, element)  # in another order
        case _:
            element.text = draw.choice(TEXTS)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


# --- PDF ---------------------------------------------------------------------------------------------------


def pdf_finely(body: bytes, draw: random.Random) -> bytes:
    """One to four changes that keep the file's length and its table of objects: digits, names, words of operators."""
    data = bytearray(body)
    for _ in range(draw.randint(1, 4)):
        where = [at for at, byte in enumerate(data) if chr(byte).isdigit() or chr(byte) in "/[]<>"]
        at = draw.choice(where)
        data[at] = ord(draw.choice("0123456789")) if chr(data[at]).isdigit() else ord(draw.choice("/[]<> x"))
    return bytes(data)
