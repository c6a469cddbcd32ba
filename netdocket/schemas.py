"""The published JSON Schemas, and what a change of a message may not do.

Messages outlive the program that wrote them: they lie in topics, archives and stores. A new version of the code
must read them all, so a change under the same `schema` version may add optional fields and widen types, and
nothing else. A breaking change takes a new version.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from netdocket.records import (
    Bulletin,
    BulletinRecords,
    Classified,
    DeadLetter,
    Manifest,
    Message,
    Record,
    SourceState,
    json_schema,
)

PUBLISHED: tuple[type[Message], ...] = (
    Bulletin, SourceState, Record, Classified, BulletinRecords, Manifest, DeadLetter,
)  # fmt: skip


def file_name(kind: type[Message]) -> str:
    """`record-1.json` for `netdocket.record/1`."""
    tag = kind.__struct_config__.tag
    return f"{str(tag).removeprefix('netdocket.').replace('/', '-')}.json"


def render(kind: type[Message]) -> str:
    return json.dumps(json_schema(kind), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def publish(folder: Path) -> list[Path]:
    """Writes every schema into `folder`; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in PUBLISHED:
        path = folder / file_name(kind)
        path.write_text(render(kind), encoding="utf-8")
        written.append(path)
    return written


def breaking_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Why messages written under `old` may be unreadable under `new`; empty where they all can be read."""
    return sorted(set(_breaks(old, new, old, new, "$", frozenset())))


def _breaks(
    old: Any, new: Any, old_root: dict[str, Any], new_root: dict[str, Any], path: str, seen: frozenset[str]
) -> Iterator[str]:
    reference = old.get("$ref")
    if reference is not None:
        if reference in seen:
            return
        seen |= {reference}
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    new_options = [_resolve(option, new_root) for option in new.get("anyOf", [new])]
    for option in old.get("anyOf", [old]):
        option = _resolve(option, old_root)  # noqa: PLW2901 - the option itself, wherever it stands
        fitting = [candidate for candidate in new_options if _same_sort(option, candidate)]
        if not fitting:
            yield f"{path}: {_sort(option)} is no longer allowed"
            continue
        yield from _object_breaks(option, fitting[0], old_root, new_root, path, seen)


def _object_breaks(
    old: Any, new: Any, old_root: dict[str, Any], new_root: dict[str, Any], path: str, seen: frozenset[str]
) -> Iterator[str]:
    for value in old.get("enum", []):
        if "enum" in new and value not in new["enum"]:
            yield f"{path}: value {value!r} is no longer allowed"
    if "enum" in new and "enum" not in old:
        yield f"{path}: now restricted to {new['enum']}"
    for field in new.get("required", []):
        if field not in old.get("required", []):
            yield f"{path}.{field}: now required"
    for field, shape in old.get("properties", {}).items():
        if field not in new.get("properties", {}):
            yield f"{path}.{field}: removed"
        else:
            yield from _breaks(shape, new["properties"][field], old_root, new_root, f"{path}.{field}", seen)
    if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
        yield from _breaks(old["items"], new["items"], old_root, new_root, f"{path}[]", seen)


def _resolve(shape: Any, root: dict[str, Any]) -> Any:
    while "$ref" in shape:
        name = shape["$ref"].rsplit("/", 1)[-1]
        shape = root["$defs"][name]
    return shape


def _sort(shape: Any) -> str:
    if "enum" in shape:
        return "enum"
    return str(shape.get("type", "anything"))


def _same_sort(old: Any, new: Any) -> bool:
    if "type" not in new and "enum" not in new:
        return True
    sorts = {"enum": {"enum", "string"}, "integer": {"integer", "number"}, "string": {"string", "enum"}}
    return _sort(new) in sorts.get(_sort(old), {_sort(old)})
