"""The indices themselves: made once, extended where only fields are added, and compared with what we write now.

Everything about an index is in its mapping's `_meta`: the version of its schema, and the family of its data.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Literal

import elasticsearch as es

from index.elastic.client import Caller
from index.elastic.names import Names
from index.mappings import IndexMapping
from netdocket.datadir import Family
from netdocket.errors import MixedOriginError, StoreError, StoreSetupError

FIRST: Final = 1
AT_ONCE: Final = 6
# Set explicitly: without it, Elasticsearch stops refreshing an index that nobody searches, and a page that asks only
# whether there is something new would never see it.
REFRESH_INTERVAL: Final = "1s"

State = Literal["missing", "current", "additions", "changed", "newer"]
"""`additions`: setup adds the fields. `changed`: migrate builds it anew. `newer`: written by a newer netdocket."""


@dataclasses.dataclass(frozen=True, slots=True)
class IndexStatus:
    """`physical`: the index behind the alias. `others`: former and unfinished ones. `differences`: field -> what."""

    index: str
    alias: str
    state: State
    physical: str | None = None
    schema_version: int | None = None
    documents: int = 0
    bytes: int = 0
    others: tuple[str, ...] = ()
    differences: Mapping[str, str] = dataclasses.field(default_factory=dict)


def setup(
    client: es.Elasticsearch,
    caller: Caller,
    names: Names,
    mappings: Mapping[str, IndexMapping],
    family: Family,
    *,
    shards: int = 1,
    replicas: int = 0,
) -> Iterator[tuple[str, str]]:
    """Makes what is missing and adds fields; what was done, index by index. Raises MixedOriginError before anything is
    done, and StoreSetupError for an index that only a migration can bring up to date, whatever is done with the others."""
    held = family_held(client, caller, names, mappings)
    if held is not None and held != family:
        raise MixedOriginError(f"holds {held} data, not {family}", where=names.prefix)

    def bring(mapping: IndexMapping) -> str | None:
        return _bring(client, caller, names, mapping, family, shards=shards, replicas=replicas)

    # Elasticsearch takes its time over each, and does several in one.
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for index, done in zip(mappings, threads.map(bring, mappings.values()), strict=True):
            if done is not None:
                yield index, done


def _bring(
    client: es.Elasticsearch,
    caller: Caller,
    names: Names,
    mapping: IndexMapping,
    family: Family,
    *,
    shards: int,
    replicas: int,
) -> str | None:
    """Makes or extends one index; what was done."""
    index = mapping.name
    found = status_of(client, caller, names, mapping)
    match found.state:
        case "missing":
            physical = names.physical(index, FIRST)
            create(client, caller, physical, mapping, family, shards=shards, replicas=replicas)
            point(client, caller, names.alias(index), to=physical, away_from=None)
            return f"made {physical}"
        case "additions":
            assert found.physical is not None  # noqa: S101 - only a missing one has none
            _extend(client, caller, found.physical, mapping, family)
            added = f"added {', '.join(found.differences)}" if found.differences else "no new fields"
            return f"{added}, is of schema version {mapping.version} now"
        case "changed":
            raise StoreSetupError(
                f"{_first(found.differences)}; `netdocket index migrate {index}` builds it anew",
                where=found.alias,
            )
        case "newer":
            raise StoreSetupError(
                f"is of schema version {found.schema_version}, this netdocket writes version {mapping.version}",
                where=found.alias,
            )
        case "current":
            return None


def create(
    client: es.Elasticsearch,
    caller: Caller,
    physical: str,
    mapping: IndexMapping,
    family: Family,
    *,
    shards: int,
    replicas: int,
    marks: Mapping[str, Any] | None = None,
) -> None:
    """A physical index without an alias. Two who make it at the same time make one, unless it is to bear `marks` in its
    meta: then it is made for one of them only, and the other has a StoreSetupError."""
    settings = {
        **mapping.body["settings"]["index"],
        "number_of_shards": shards,
        "number_of_replicas": replicas,
        "refresh_interval": REFRESH_INTERVAL,
    }

    mappings = _mappings(mapping, family)
    mappings["_meta"] = {**mappings["_meta"], **(marks or {})}

    def request() -> None:
        try:
            client.indices.create(index=physical, settings={"index": settings}, mappings=mappings)
        except es.BadRequestError as error:
            if error.error != "resource_already_exists_exception":
                raise
            if marks:
                raise StoreSetupError("somebody else is making it", where=physical) from error

    caller.call(physical, request)


def point(client: es.Elasticsearch, caller: Caller, alias: str, *, to: str, away_from: str | None) -> None:
    """Moves the alias in one step: no search and no write finds none or two."""
    actions: list[dict[str, Any]] = [{"add": {"index": to, "alias": alias, "is_write_index": True}}]
    if away_from is not None:
        actions.append({"remove": {"index": away_from, "alias": alias, "must_exist": True}})
    try:
        caller.call(alias, lambda: client.indices.update_aliases(actions=actions))
    except StoreError:
        # An attempt without an answer may have moved it; then the second finds nothing to remove.
        if behind(client, caller, alias) != to:
            raise


def behind(client: es.Elasticsearch, caller: Caller, alias: str) -> str | None:
    """The physical index of an alias. Raises StoreSetupError where there are several, or an index of that name."""

    def request() -> list[str]:
        try:
            return list(client.indices.get_alias(name=alias).body)
        except es.NotFoundError:
            return []

    found = caller.call(alias, request)
    if len(found) > 1:
        raise StoreSetupError(f"stands for several indices: {', '.join(sorted(found))}", where=alias)
    if not found and caller.call(alias, lambda: bool(client.indices.exists(index=alias))):
        raise StoreSetupError("is an index; netdocket needs the name for an alias", where=alias)
    return found[0] if found else None


def family_held(
    client: es.Elasticsearch, caller: Caller, names: Names, mappings: Mapping[str, IndexMapping]
) -> Family | None:
    """Whose data these indices hold; None where there are none."""
    families = {meta.get("family") for meta in _metas(client, caller, names, mappings).values()}
    if not families:
        return None
    family = families.pop()
    if families or family not in ("live", "demo"):
        raise StoreSetupError(
            "holds indices that were not made by `netdocket index setup`", where=names.prefix
        )
    return "live" if family == "live" else "demo"


def require_current(
    client: es.Elasticsearch, caller: Caller, names: Names, mappings: Mapping[str, IndexMapping]
) -> None:
    """Raises StoreSetupError where an index is missing, or of an older schema: every document with a field that it does
    not know would be refused, one by one."""
    held = _metas(client, caller, names, mappings)
    versions: dict[str, int] = {}
    for index in mappings:
        for physical, meta in held.items():
            if names.number(index, physical) is not None:
                versions[index] = int(meta.get("version", 0))
    for index, mapping in mappings.items():
        if index not in versions:
            raise StoreSetupError("is missing; `netdocket index setup` makes it", where=names.alias(index))
        if versions[index] < mapping.version:
            raise StoreSetupError(
                f"is of schema version {versions[index]}, this netdocket writes version {mapping.version}; `netdocket index "
                "setup` adds what is new, or says what to do",
                where=names.alias(index),
            )


def _metas(
    client: es.Elasticsearch, caller: Caller, names: Names, mappings: Mapping[str, IndexMapping]
) -> dict[str, dict[str, Any]]:
    """What each physical index behind our aliases says of itself."""
    aliases = [names.alias(index) for index in mappings]
    found = caller.call(
        names.prefix,
        lambda: client.indices.get_mapping(index=aliases, ignore_unavailable=True, allow_no_indices=True),
    ).body
    return {physical: body["mappings"].get("_meta", {}) for physical, body in found.items()}


def status(
    client: es.Elasticsearch, caller: Caller, names: Names, mappings: Mapping[str, IndexMapping]
) -> list[IndexStatus]:
    return [status_of(client, caller, names, mapping) for mapping in mappings.values()]


def status_of(client: es.Elasticsearch, caller: Caller, names: Names, mapping: IndexMapping) -> IndexStatus:
    index = mapping.name
    alias = names.alias(index)
    physical = behind(client, caller, alias)
    others = tuple(name for name in physical_ones(client, caller, names, index) if name != physical)
    if physical is None:
        return IndexStatus(index, alias, "missing", others=others)
    body = caller.call(physical, lambda: client.indices.get(index=physical)).body[physical]
    version = int(body["mappings"].get("_meta", {}).get("version", 0))
    differences = _differences(mapping.body, body)
    stats = caller.call(physical, lambda: client.indices.stats(index=physical, metric="docs,store")).body
    primaries = stats["_all"]["primaries"]
    return IndexStatus(
        index,
        alias,
        _state(version, mapping.version, differences),
        physical,
        version,
        primaries["docs"]["count"],
        primaries["store"]["size_in_bytes"],
        others,
        differences,
    )


def physical_ones(client: es.Elasticsearch, caller: Caller, names: Names, index: str) -> list[str]:
    """All physical indices of an index, oldest first."""
    pattern = f"{names.alias(index)}-v*"
    found = caller.call(pattern, lambda: client.indices.get(index=pattern, features="aliases")).body
    numbered = [(number, name) for name in found if (number := names.number(index, name)) is not None]
    return [name for _, name in sorted(numbered)]


def _state(held: int, ours: int, differences: Mapping[str, str]) -> State:
    if held > ours:
        return "newer"
    if not differences:
        return "current" if held == ours else "additions"
    return "additions" if all(what == ADDED for what in differences.values()) else "changed"


ADDED: Final = "is new"


def _differences(ours: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, str]:
    wanted, there = fields(ours["mappings"]), fields(held["mappings"])
    found = dict.fromkeys(wanted.keys() - there.keys(), ADDED)
    found |= dict.fromkeys(there.keys() - wanted.keys(), "is no longer there")
    for name in wanted.keys() & there.keys():
        if wanted[name] != there[name]:
            found[name] = f"is {there[name]}, and should be {wanted[name]}"
    if _analysis(ours["settings"]) != _analysis(held["settings"]):
        found["(analysis)"] = "texts are analysed otherwise"
    return dict(sorted(found.items()))


def fields(mappings: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Field or object -> its definition, in one form whoever wrote it."""
    found: dict[str, str] = {}
    for name, definition in mappings.get("properties", {}).items():
        plain = {"type": "object", **{key: value for key, value in definition.items() if key != "properties"}}
        found[prefix + name] = json.dumps(plain, sort_keys=True)
        found |= fields(definition, f"{prefix}{name}.")
    return found


def _analysis(settings: Mapping[str, Any]) -> Any:
    """Elasticsearch gives every value back as a string."""

    def plain(part: Any) -> Any:
        if isinstance(part, Mapping):
            return {key: plain(value) for key, value in part.items()}
        return [plain(one) for one in part] if isinstance(part, list) else str(part)

    return plain(settings["index"].get("analysis", {}))


def _mappings(mapping: IndexMapping, family: Family) -> dict[str, Any]:
    body = mapping.body["mappings"]
    return {**body, "_meta": {**body["_meta"], "family": family}}


def _extend(
    client: es.Elasticsearch, caller: Caller, physical: str, mapping: IndexMapping, family: Family
) -> None:
    body = _mappings(mapping, family)
    held = caller.call(
        physical, lambda: client.indices.get_mapping(index=physical).body[physical]["mappings"]
    )
    meta = {**held.get("_meta", {}), **body["_meta"]}  # what it was made from stays known: the way back
    caller.call(
        physical,
        lambda: client.indices.put_mapping(index=physical, properties=body["properties"], meta=meta),
    )


def _first(differences: Mapping[str, str]) -> str:
    name, what = next(iter((name, what) for name, what in differences.items() if what != ADDED))
    return f"{name} {what}"
