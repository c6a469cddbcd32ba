"""The administrative divisions of China: province and prefecture levels and the counties directly under a province."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from netdocket.errors import KnowledgeError
from netdocket.records import Division, Place

LEVELS = ("province", "prefecture", "county")


class Entry(NamedTuple):
    """One division as the table has it. `level`: province, prefecture or county (directly under a province)."""

    code: str
    zh: str
    zh_short: str
    en: str
    en_variants: tuple[str, ...]
    type: str
    level: str
    province: str

    @property
    def division(self) -> Division:
        return Division(code=self.code, zh=self.zh, en=self.en)


class Divisions(Mapping[str, Entry]):
    """The divisions by code. `ambiguous`: English names shared by several, to the codes they may mean;
    `former`: codes no longer in use, to those that took their place."""

    def __init__(self, entries: list[Entry], table: Mapping[str, Any]) -> None:
        self._entries = {entry.code: entry for entry in entries}
        self.ambiguous: dict[str, tuple[str, ...]] = {}
        for shared in table.get("ambiguous", ()):
            name = shared.get("en") or shared.get("zh")
            known = tuple(code for code in shared.get("codes", ()) if code in self._entries)
            if not isinstance(name, str) or known != tuple(shared.get("codes", ())):
                raise KnowledgeError(f"{name}: a code is unknown", where="places.yaml ambiguous")
            self.ambiguous[name] = known
        self.former: dict[str, tuple[str, str, str]] = {}
        for old in table.get("former", ()):
            if old.get("now") not in self._entries:
                raise KnowledgeError(
                    f"{old.get('now')!r} is no code", where=f"places.yaml former {old.get('code')}"
                )
            self.former[old["code"]] = (old["now"], old["zh"], old["en"])
        self.en_suffixes: dict[str, tuple[str, ...]] = dict(table.get("meta", {}).get("en_suffixes", {}))
        self.zh_suffixes: dict[str, str] = dict(table.get("meta", {}).get("zh_suffixes", {}))

    def __getitem__(self, code: str) -> Entry:
        return self._entries[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def place(self, code: str) -> Place:
        """The place of a code, with its province."""
        entry = self._entries[code]
        return Place(
            province=self._entries[entry.province].division,
            prefecture=entry.division if entry.level == "prefecture" else None,
            county=entry.division if entry.level == "county" else None,
        )


def read_divisions(table: Mapping[str, Any]) -> Divisions:
    """The divisions from the table of places.yaml. Raises KnowledgeError naming the code."""
    entries: list[Entry] = []
    for province in table.get("provinces", ()):
        entries.append(_entry(province, "province", province.get("code")))
        for level, key in (("prefecture", "prefectures"), ("county", "direct")):
            entries += [_entry(below, level, province["code"]) for below in province.get(key, ())]
    counts = table.get("meta", {}).get("counts", {})
    for level, key in zip(LEVELS, ("province_level", "prefecture_level", "direct"), strict=True):
        have = sum(entry.level == level for entry in entries)
        if key in counts and have != counts[key]:
            raise KnowledgeError(
                f"{have} stand in the table, {counts[key]} are stated", where=f"places.yaml {key}"
            )
    if len({entry.code for entry in entries}) < len(entries):
        raise KnowledgeError("a code stands twice", where="places.yaml provinces")
    return Divisions(entries, table)


def _entry(raw: Mapping[str, Any], level: str, province: Any) -> Entry:
    for key in ("code", "zh", "zh_short", "en", "type"):
        if not isinstance(raw.get(key), str):
            raise KnowledgeError(f"{key} is no text", where=f"places.yaml {raw.get('code')}")
    if not isinstance(province, str) or raw["code"][:2] != province[:2]:
        raise KnowledgeError("does not belong to its province", where=f"places.yaml {raw['code']}")
    return Entry(
        raw["code"],
        raw["zh"],
        raw["zh_short"],
        raw["en"],
        tuple(raw.get("en_variants", ())),
        raw["type"],
        level,
        province,
    )
