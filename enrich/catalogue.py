"""The knowledge that classification applies: the tables of `enrich/knowledge`, read and checked once.

    knowledge = load_knowledge()
    knowledge.label("penalty_types", "FINE")          # Label(en="Fine", zh="罚款")
    knowledge.laws["CSL"].zh                          # 中华人民共和国网络安全法
    knowledge.tables["taxonomy"]["violation_types"]   # any table as it stands in its file

A folder given as overlay replaces built-in files of the same name and may add files; nothing else is looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml

from enrich.divisions import Divisions, read_divisions
from enrich.laws import Laws, read_laws
from netdocket.errors import KnowledgeError

FOLDER = Path(__file__).parent / "knowledge"
REQUIRED = ("taxonomy", "laws", "places", "incidents", "labels", "rules", "context", "persons")
RULES_LIMIT = 1 << 20

# Groups of codes: file, path to the list, and the key that holds a definition.
GROUPS: Mapping[str, tuple[str, tuple[str, ...], str]] = MappingProxyType({
    "violation_types": ("taxonomy", ("violation_types",), "definition"),
    "penalty_types": ("taxonomy", ("penalty_types",), "note"),
    "authority_types": ("taxonomy", ("authority_types",), "note"),
    "record_kinds": ("taxonomy", ("record_kinds",), "definition"),
    "sectors": ("taxonomy", ("sectors",), "note"),
    "subject_kinds": ("taxonomy", ("subject_kinds",), "cue"),
    "case_statuses": ("taxonomy", ("case_statuses",), "en"),
    "citation_roles": ("taxonomy", ("citation_roles",), "note"),
    "regulatory_statuses": ("taxonomy", ("regulatory_statuses",), "en"),
    "source_roles": ("taxonomy", ("source_roles",), "note"),
    "figure_metrics": ("taxonomy", ("figure_metrics",), "note"),
    "notice_class": ("incidents", ("notice_class",), "en"),
    "incident_types": ("incidents", ("incident_types",), "definition"),
    "incident_states": ("incidents", ("states",), "note"),
    "scale_whats": ("incidents", ("scale", "whats"), "note"),
})  # fmt: skip


class Label(NamedTuple):
    """What a code is called."""

    en: str
    zh: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Knowledge:
    """The tables and what is compiled from them. Immutable; compared by identity, so tables compiled from it
    elsewhere may be cached by it."""

    rules_version: int
    tables: Mapping[str, Mapping[str, Any]]
    laws: Laws
    divisions: Divisions
    spelling_pairs: tuple[tuple[str, str], ...]
    _labels: Mapping[str, Mapping[str, Label]] = field(repr=False)
    _definitions: Mapping[str, Mapping[str, str]] = field(repr=False)

    def label(self, group: str, code: str) -> Label:
        """The label of a code in both languages. Raises KnowledgeError for a group or code that is unknown."""
        try:
            return self._labels[group][code]
        except KeyError:
            raise KnowledgeError(f"no label for {group} {code!r}", where="labels") from None

    def define(self, group: str, code: str) -> str | None:
        """The glossary's text for a code, or None."""
        return self._definitions.get(group, {}).get(code)

    def codes(self, group: str) -> tuple[str, ...]:
        """All codes of a group, in the order of its table."""
        return tuple(self._labels.get(group, {}))

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(self._labels)


def load_knowledge(overlay: Path | None = None) -> Knowledge:
    """The knowledge, read once for each overlay. Raises KnowledgeError naming file and key."""
    return _load(overlay.resolve() if overlay is not None else None)


@lru_cache(maxsize=8)
def _load(overlay: Path | None) -> Knowledge:
    raw = _read_folder(FOLDER)
    if overlay is not None:
        if not overlay.is_dir():
            raise KnowledgeError("is no folder", where=str(overlay))
        raw |= _read_folder(overlay)
    for name in REQUIRED:
        if name not in raw:
            raise KnowledgeError("is missing", where=f"{name}.yaml")
    tables: Mapping[str, Mapping[str, Any]] = MappingProxyType(
        {name: _frozen(data) for name, data in raw.items()}
    )
    labels, definitions = _label_groups(tables)
    pairs = _spelling_pairs(tables["taxonomy"])
    laws = read_laws(tables["laws"], pairs)
    for group, codes in (("laws", laws),):
        labels[group] = MappingProxyType({code: Label(laws[code].en_name, laws[code].zh) for code in codes})
    knowledge = Knowledge(
        rules_version=_rules_version(tables["rules"]),
        tables=tables,
        laws=laws,
        divisions=read_divisions(tables["places"]),
        spelling_pairs=pairs,
        _labels=MappingProxyType(labels),
        _definitions=MappingProxyType(definitions),
    )
    _compile(knowledge)
    return knowledge


def _compile(knowledge: Knowledge) -> None:
    """Compiles the tables of the readers now, so that a wrong entry is reported when the knowledge is loaded."""
    from enrich.citations import role_cues  # noqa: PLC0415 - the readers are written on top of the catalogue
    from enrich.context import context_table  # noqa: PLC0415
    from enrich.person_table import person_table  # noqa: PLC0415
    from enrich.places import place_table  # noqa: PLC0415

    for table in (context_table, person_table, place_table, role_cues):
        table(knowledge)


@cache
def _unique_keys() -> type[yaml.CSafeLoader]:
    """A YAML loader that refuses a key that stands twice in one mapping."""

    class Loader(yaml.CSafeLoader):
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            seen: set[str] = set()
            for key, _ in node.value:
                if key.value in seen:
                    line = key.start_mark.line + 1
                    raise yaml.constructor.ConstructorError(
                        problem=f"line {line}: key {key.value!r} stands twice"
                    )
                seen.add(key.value)
            return super().construct_mapping(node, deep)

    return Loader


def _read_folder(folder: Path) -> dict[str, Any]:
    return {path.stem: _read(path) for path in sorted(folder.glob("*.yaml"))}


def _read(path: Path) -> Any:
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), _unique_keys())  # noqa: S506 - a safe loader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise KnowledgeError(" ".join(str(error).split()), where=path.name) from error
    if not isinstance(data, dict):
        raise KnowledgeError("holds no mapping", where=path.name)
    return data


def _frozen(node: Any) -> Any:
    if isinstance(node, dict):
        return MappingProxyType({key: _frozen(value) for key, value in node.items()})
    return tuple(map(_frozen, node)) if isinstance(node, list) else node


def _rules_version(rules: Mapping[str, Any]) -> int:
    version = rules.get("rules_version")
    if not isinstance(version, int) or isinstance(version, bool) or not 0 < version < RULES_LIMIT:
        raise KnowledgeError(
            f"{version!r} is no integer from 1 to {RULES_LIMIT - 1}", where="rules.yaml rules_version"
        )
    return version


def _spelling_pairs(taxonomy: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    pairs = taxonomy.get("meta", {}).get("spelling_pairs", ())
    for pair in pairs:
        if not (isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(word, str) for word in pair)):
            raise KnowledgeError(f"{pair!r} is no pair of words", where="taxonomy.yaml meta.spelling_pairs")
    return tuple(pairs)


def _label_groups(
    tables: Mapping[str, Mapping[str, Any]],
) -> tuple[dict[str, Mapping[str, Label]], dict[str, Mapping[str, str]]]:
    labels: dict[str, Mapping[str, Label]] = {}
    definitions: dict[str, Mapping[str, str]] = {}
    own = tables["labels"]
    for group, (file, path, key) in GROUPS.items():
        entries = list(_entries(tables[file], file, path))
        over = own.get(group, {})
        labels[group] = MappingProxyType({
            code: _label(f"labels.yaml {group}.{code}", over.get(code, {}), entry)
            for code, entry in [*entries, *((code, {}) for code in over if code not in dict(entries))]
        })  # fmt: skip
        definitions[group] = MappingProxyType({
            code: str(entry[key]) for code, entry in entries if entry.get(key) is not None
        })  # fmt: skip
    for group in own:
        if group not in labels:
            labels[group] = MappingProxyType({
                code: _label(f"labels.yaml {group}.{code}", over, {}) for code, over in own[group].items()
            })  # fmt: skip
    return labels, definitions


def _entries(
    table: Mapping[str, Any], file: str, path: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    where = f"{file}.yaml {'.'.join(path)}"
    node: Any = table
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    if not isinstance(node, tuple):
        raise KnowledgeError("is no list", where=where)
    seen: set[str] = set()
    for entry in node:
        code = entry.get("code") if isinstance(entry, Mapping) else None
        if not isinstance(code, str) or not code:
            raise KnowledgeError(f"entry without code: {str(entry)[:60]}", where=where)
        if code in seen:
            raise KnowledgeError(f"{code} stands twice", where=where)
        seen.add(code)
        yield code, entry


def _label(where: str, over: Mapping[str, Any], entry: Mapping[str, Any]) -> Label:
    def name(language: str) -> str:
        value = over.get(language) or entry.get(language)
        value = value[0] if isinstance(value, tuple) and value else value
        if not isinstance(value, str):
            raise KnowledgeError(f"no label in {language}", where=where)
        return value

    return Label(en=name("en"), zh=name("zh"))
