"""Whether the store holds together: every document on a manifest, every manifest's documents there, and what is merged
from them says what they say. Read-only; meant for a store that nobody is writing to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from index.keys import OWN_KEY
from index.store import Store
from streams import firstseen, instruments
from streams.manifests import MERGED, Key, as_manifest
from streams.walk import walk

DERIVED: Final = tuple(sorted(OWN_KEY.keys() - MERGED - {"manifests", "sources"}))


def audit(store: Store) -> list[str]:
    """What is wrong, one line each; empty: nothing. After a refresh."""
    store.refresh()
    return [*_documents(store), *_first_seen(store), *_instruments(store)]


def _documents(store: Store) -> Iterator[str]:
    listed: dict[Key, tuple[str, int]] = {}
    shares: set[Key] = set()
    for bulletin_id, source in walk(store, "manifests"):
        manifest = as_manifest(source)
        for key in manifest.to_delete:
            yield f"{_name(key)} waits for its deletion (bulletin {bulletin_id})"
        for key in manifest.documents:
            if key in listed:
                yield f"{_name(key)} stands on two manifests"
            if key[0] in MERGED:
                shares.add(key)
            else:
                listed[key] = (bulletin_id, manifest.version)
    there: set[Key] = set()
    for index in DERIVED:
        for id, document in walk(store, index, fields=["bulletin_id", "revision", "rules_version"]):
            there.add((index, id))
            if (index, id) not in listed:
                yield f"{index}/{id} stands on no manifest"
                continue
            bulletin_id, version = listed[index, id]
            if bulletin_id != document["bulletin_id"]:
                yield f"{index}/{id} stands on the manifest of another bulletin"
            elif (document["revision"] << 20) + document["rules_version"] != version:
                yield f"{index}/{id} is of another version than its manifest"
    for key in sorted(listed.keys() - there):
        yield f"{_name(key)} is missing (bulletin {listed[key][0]})"
    merged = {(index, id) for index in MERGED for id, _ in walk(store, index, fields=[OWN_KEY[index]])}
    for key in sorted(shares ^ merged):
        yield f"{_name(key)} {'is missing' if key in shares else 'is merged from nothing'}"


def _first_seen(store: Store) -> Iterator[str]:
    occurrences: set[tuple[str, str]] = set()
    for _, penalty in walk(store, firstseen.PENALTIES):
        thing = firstseen.thing_of(penalty)
        if thing is not None:
            occurrences.add((thing, penalty["record_id"]))
    for id, entry in walk(store, firstseen.INDEX):
        if (entry["thing"], entry["record_id"]) not in occurrences:
            yield f"{firstseen.INDEX}/{id} names a record that does not have it"
        if entry.get("unsettled"):
            yield f"{firstseen.INDEX}/{id} is not settled"


def _instruments(store: Store) -> Iterator[str]:
    expected: dict[str, set[str]] = {}
    for id, development in walk(store, "developments", fields=["instrument", "jurisdiction"]):
        instrument = instruments.instrument_of(development)
        if instrument is not None:
            expected.setdefault(instrument, set()).add(id)
    for id, document in walk(store, instruments.INDEX):
        reporting = expected.pop(id, set())
        if document["outdated"]:
            yield f"{instruments.INDEX}/{id} is out of date"
        elif document["development_count"] != len(reporting) or not reporting.issuperset(
            document["developments"]
        ):
            yield f"{instruments.INDEX}/{id} does not list the developments that report on it"
    for id in sorted(expected):
        yield f"{instruments.INDEX}/{id} is missing, with {len(expected[id])} developments"


def contents(store: Store) -> dict[Key, dict[str, Any]]:
    """Every document of every index, to compare two stores by. After a refresh."""
    store.refresh()
    return {(index, id): document for index in sorted(OWN_KEY) for id, document in walk(store, index)}


def _name(key: Key) -> str:
    return f"{key[0]}/{key[1]}"
