"""The mappings in `index/schemas`: which fields an index has, and whether a document fits.

Both stores load the same files; `dynamic` is strict in all of them, so a field that is not named is refused.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast, get_args

import msgspec

from index.dates import stored_date
from netdocket.errors import ConfigurationError

FieldType = Literal["keyword", "text", "long", "integer", "double", "boolean", "date"]
FIELD_TYPES: Final = frozenset(get_args(FieldType))
SCHEMAS: Final = Path(__file__).parent / "schemas"

# Elasticsearch and Lucene refuse a longer term; so do we, rather than leave it out of the index in silence.
LONGEST_KEYWORD_BYTES: Final = 32_766
BOUNDS: Final = {"integer": 2**31, "long": 2**63}


@dataclasses.dataclass(frozen=True, slots=True)
class IndexMapping:
    """An index: its fields by dotted name, the objects that hold them, and what is kept but not searched."""

    name: str
    version: int
    fields: Mapping[str, FieldType]
    objects: frozenset[str]
    unsearched: frozenset[str]
    body: Mapping[str, Any]
    shape: type[msgspec.Struct]

    def misfit(self, document: Mapping[str, Any]) -> str | None:
        """Why the document does not fit, with the field's name; None where it fits."""
        try:
            # In C and many times faster than the walk below, which then only has to say what is wrong.
            msgspec.convert(document, self.shape)
        except msgspec.ValidationError:
            return next(self._misfits(document, ""), None)
        for name, kind in self.fields.items():
            if kind == "date" and not _are_dates(document, name.split(".")):
                return next(self._misfits(document, ""), None)
        return None

    def _misfits(self, part: Mapping[str, Any], prefix: str) -> Iterator[str]:
        for key, value in part.items():
            name = prefix + key
            kind = self.fields.get(name)
            if kind is not None:
                values = value if isinstance(value, list | tuple) else (value,)
                for one in values:
                    if one is not None and (reason := _misfit(kind, one)):
                        yield f"{self.name}.{name}: {reason}"
            elif name in self.objects:
                for one in value if isinstance(value, list | tuple) else (value,):
                    if isinstance(one, Mapping):
                        yield from self._misfits(one, name + ".")
                    elif one is not None:
                        yield f"{self.name}.{name}: an object is wanted, not {_shown(one)}"
            elif name not in self.unsearched:
                yield f"{self.name}.{name}: the mapping has no such field"


def _misfit(kind: FieldType, value: Any) -> str | None:
    match kind:
        case "keyword":
            if not isinstance(value, str):
                return f"a string is wanted, not {_shown(value)}"
            # A character has at most four bytes, so short strings need no encoding to be sure.
            if len(value) * 4 > LONGEST_KEYWORD_BYTES and len(value.encode()) > LONGEST_KEYWORD_BYTES:
                return f"a keyword of more than {LONGEST_KEYWORD_BYTES} bytes"
        case "text":
            if not isinstance(value, str):
                return f"a string is wanted, not {_shown(value)}"
        case "boolean":
            if not isinstance(value, bool):
                return f"true or false is wanted, not {_shown(value)}"
        case "double":
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                return f"a number is wanted, not {_shown(value)}"
        case "date":
            if not isinstance(value, str):
                return f"a date string is wanted, not {_shown(value)}"
            try:
                stored_date(value)
            except ValueError as error:
                return str(error)
        case _:
            if isinstance(value, bool) or not isinstance(value, int):
                return f"a whole number is wanted, not {_shown(value)}"
            if not -BOUNDS[kind] <= value < BOUNDS[kind]:
                return f"{value} is out of range for {kind}"
    return None


def _shown(value: Any) -> str:
    return repr(value)[:40]


def _are_dates(part: Any, path: Sequence[str]) -> bool:
    for position, key in enumerate(path):
        if isinstance(part, list | tuple):
            return all(_are_dates(one, path[position:]) for one in part)
        part = part.get(key) if part is not None else None
    for one in part if isinstance(part, list | tuple) else (part,):
        try:
            if one is not None:
                stored_date(one)
        except ValueError:
            return False
    return True


Integer = Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]
Long = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Double = Annotated[float, msgspec.Meta(ge=-sys.float_info.max, le=sys.float_info.max)]
# A character has at most four bytes; longer ones are looked at more closely.
Keyword = Annotated[str, msgspec.Meta(max_length=LONGEST_KEYWORD_BYTES // 4)]
SHAPES: Final[Mapping[FieldType, Any]] = {
    "keyword": Keyword | list[Keyword | None] | None,
    "text": str | list[str | None] | None,
    "date": str | list[str | None] | None,
    "boolean": bool | list[bool | None] | None,
    "integer": Integer | list[Integer | None] | None,
    "long": Long | list[Long | None] | None,
    "double": Double | list[Double | None] | None,
}


def _shape(name: str, members: Mapping[str, Any]) -> type[msgspec.Struct]:
    """A Struct with these members, whatever they are called."""
    fields = [(f"f{number}", kind, None) for number, kind in enumerate(members.values())]
    names = {f"f{number}": member for number, member in enumerate(members)}
    return msgspec.defstruct(name, fields, rename=names, forbid_unknown_fields=True)


def load_mappings(folder: Path = SCHEMAS) -> dict[str, IndexMapping]:
    """All indices by short name (`cases`, `penalties`, ...). Raises ConfigurationError."""
    return dict(_load(folder))


@functools.lru_cache(maxsize=8)
def _load(folder: Path) -> tuple[tuple[str, IndexMapping], ...]:
    return tuple((path.stem, _read(path)) for path in sorted(folder.glob("*.json")))


def _read(path: Path) -> IndexMapping:
    try:
        body = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        return parse_mapping(path.stem, body)
    except (OSError, msgspec.DecodeError, KeyError) as error:
        raise ConfigurationError(f"not a mapping: {error!r}", where=str(path)) from error


def parse_mapping(name: str, body: Mapping[str, Any]) -> IndexMapping:
    """An Elasticsearch index body (settings and mappings). Raises ConfigurationError, KeyError."""
    fields: dict[str, FieldType] = {}
    objects: set[str] = set()
    unsearched: set[str] = set()

    def walk(properties: Mapping[str, Any], prefix: str) -> type[msgspec.Struct]:
        members: dict[str, Any] = {}
        for key, definition in properties.items():
            full = prefix + key
            kind = definition.get("type", "object")
            if kind == "object" and definition.get("enabled", True):
                objects.add(full)
                inner: Any = walk(definition.get("properties", {}), full + ".")
                members[key] = inner | list[inner | None] | None
            elif kind in ("object", "binary"):
                unsearched.add(full)
                members[key] = Any
            elif kind in FIELD_TYPES:
                fields[full] = cast(FieldType, kind)
                members[key] = SHAPES[fields[full]]
            else:
                raise ConfigurationError(f"field type {kind!r} is not one we have", where=f"{name}.{full}")
        return _shape(f"{name}.{prefix}", members)

    mappings = body["mappings"]
    shape = walk(mappings["properties"], "")
    return IndexMapping(
        name=name,
        version=int(mappings["_meta"]["version"]),
        fields=fields,
        objects=frozenset(objects),
        unsearched=frozenset(unsearched),
        body=body,
        shape=shape,
    )
