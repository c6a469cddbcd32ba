"""Texts given by hand: a UTF-8 file, and beside it, when there is one, a `.json` with what is known of it.

The text is kept exactly as it stands in the file (a byte order mark is dropped, line ends stay as they are), because
the spans of its records are compared with the file. Of the metadata only title, language, publisher and published
are used.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any, Final

import msgspec

from netdocket.errors import IntakeError
from netdocket.identity import bulletin_id, content_digest
from netdocket.records import MAX_TEXT_BYTES, Bulletin, Language, Origin, utc_now

LONGEST_TITLE: Final = 200
_DATE: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?\Z")
_SAMPLE: Final = 20_000
# A page in Chinese quotes product names and addresses; one in English hardly ever has this share of Han characters.
_HAN_SHARE: Final = 0.15


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """A text as read from its file, before it is a bulletin."""

    title: str
    language: Language
    text: str
    publisher: str | None = None
    published: str | None = None


def read_text(path: Path | str) -> Intake:
    """The text at `path` with its metadata. Raises IntakeError naming the file and what is wrong with it."""
    path = Path(path)
    text = _decode(path)
    known = _metadata(path.with_suffix(".json"))
    return Intake(
        title=known.get("title") or _title(text, path.stem),
        language=known.get("language") or detect_language(text),
        text=text,
        publisher=known.get("publisher"),
        published=known.get("published"),
    )


def as_bulletin(
    intake: Intake,
    *,
    source: str = "intake",
    url: str | None = None,
    origin: Origin = "intake",
    quiet: bool = False,
    fetched_at: str | None = None,
) -> Bulletin:
    """A bulletin of `intake`, not yet numbered by the spool. Without an address its id rests on its content."""
    digest = content_digest(
        title=intake.title, published=intake.published, publisher=intake.publisher, text=intake.text
    )
    return Bulletin(
        bulletin_id=bulletin_id(source, url or digest),
        source=source,
        url=url,
        title=intake.title,
        text=intake.text,
        language=intake.language,
        publisher=intake.publisher,
        published=intake.published,
        fetched_at=fetched_at or utc_now(),
        content_digest=digest,
        origin=origin,
        quiet=quiet,
    )


def detect_language(text: str) -> Language:
    """`zh` where a fair share of the letters are Han characters, else `en`."""
    sample = text[:_SAMPLE]
    letters = sum(character.isalpha() for character in sample)
    han = sum("\u4e00" <= character <= "\u9fff" for character in sample)
    return "zh" if letters and han / letters >= _HAN_SHARE else "en"


def _decode(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise IntakeError(f"cannot be read ({error.strerror})", where=str(path)) from error
    if len(data) > MAX_TEXT_BYTES:
        raise IntakeError(f"has {len(data)} bytes, over the {MAX_TEXT_BYTES} of a bulletin", where=str(path))
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise IntakeError(f"is not UTF-8 (byte {error.start})", where=str(path)) from error
    if "\x00" in text:
        raise IntakeError("holds NUL characters: not a text", where=str(path))
    return text


def _is_date(value: str) -> bool:
    """Whether there is a day, month or year of that name."""
    if not _DATE.match(value):
        return False
    try:
        dt.date.fromisoformat((value + "-01-01")[:10])
    except ValueError:
        return False
    return True


def _title(text: str, stem: str) -> str:
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return first if 0 < len(first) <= LONGEST_TITLE else stem


def _metadata(path: Path) -> dict[str, Any]:
    """What may be used of the metadata beside a text; a value of the wrong kind is an error, none is no error."""
    if not path.is_file():
        return {}
    try:
        given = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise IntakeError(f"is not JSON ({error})", where=str(path)) from error
    if not isinstance(given, dict):
        raise IntakeError("is not a JSON object", where=str(path))
    known: dict[str, Any] = {}
    for key in ("title", "language", "publisher", "published"):
        value = given.get(key)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            raise IntakeError(f"{key} is not a string", where=str(path))
        known[key] = value.strip()
    if known.get("language", "zh") not in ("zh", "en"):
        raise IntakeError(f"language {known['language']!r} is neither zh nor en", where=str(path))
    if not _is_date(known.get("published", "2000")):
        raise IntakeError(f"published {known['published']!r} is no ISO date, month or year", where=str(path))
    return known
