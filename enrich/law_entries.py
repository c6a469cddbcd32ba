"""The entries of laws.yaml as laws. Raises KnowledgeError naming the instrument and the key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from enrich.law import Law, LawVersion
from netdocket.errors import KnowledgeError


def read_law(entry: Any) -> Law:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), str):
        raise KnowledgeError(f"entry without id: {str(entry)[:60]}", where="laws.yaml instruments")
    id = entry["id"]

    def text(key: str) -> str:
        if not isinstance(entry.get(key), str):
            raise KnowledgeError("is no text", where=f"laws.yaml {id}.{key}")
        return str(entry[key])

    def names(key: str, *, needed: bool = False) -> tuple[str, ...]:
        value = entry.get(key, ())
        if (
            not isinstance(value, tuple)
            or not all(isinstance(v, str) for v in value)
            or (needed and not value)
        ):
            raise KnowledgeError("is no list of texts", where=f"laws.yaml {id}.{key}")
        return value

    return Law(
        id=id,
        zh=text("zh"),
        short_zh=names("short_zh"),
        en=names("en", needed=True),
        level=text("level"),
        **{key: _day(entry, key, id) for key in ("adopted", "published", "effective", "repealed")},
        replaces=entry.get("replaces"),
        replaced_by=entry.get("replaced_by"),
        last_article=_count(entry, "last_article", id),
        items_only=frozenset(names("items_only")),
        versions=tuple(_read_version(version, id) for version in entry.get("versions", ())),
        entry=entry,
    )


def _read_version(version: Mapping[str, Any], law: str) -> LawVersion:
    id = version.get("id")
    first = _day(version, "from", f"{law}.versions")
    if not isinstance(id, str) or first is None:
        raise KnowledgeError("a version needs id and from", where=f"laws.yaml {law}.versions")
    return LawVersion(
        id,
        first,
        _day(version, "to", f"{law}.versions"),
        _count(version, "articles", f"{law}.versions"),
        frozenset(version.get("items_only", ())),
    )


def _day(entry: Mapping[str, Any], key: str, where: str) -> dt.date | None:
    value = entry.get(key)
    if value is not None and not isinstance(value, dt.date):
        raise KnowledgeError(f"{value!r} is no date", where=f"laws.yaml {where}.{key}")
    return value


def _count(entry: Mapping[str, Any], key: str, where: str) -> int | None:
    value = entry.get(key)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise KnowledgeError(f"{value!r} is no number", where=f"laws.yaml {where}.{key}")
    return value
