"""The knowledge as loaded: complete labels, overlays, and errors that name file and key."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from enrich.catalogue import FOLDER, GROUPS, Knowledge, load_knowledge
from netdocket.errors import KnowledgeError


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


def test_it_is_loaded_once(knowledge: Knowledge) -> None:
    assert load_knowledge() is knowledge


@pytest.mark.parametrize("group", GROUPS)
def test_every_code_has_a_label_in_both_languages(knowledge: Knowledge, group: str) -> None:
    table, path, _ = GROUPS[group]
    node = knowledge.tables[table]
    for key in path:
        node = node[key]
    for entry in node:
        label = knowledge.label(group, entry["code"])
        assert label.en.isascii() or "é" in label.en
        assert not label.zh.isascii() or label.zh in ("AI",)


def test_the_glossary_defines_violations_and_kinds(knowledge: Knowledge) -> None:
    assert all(knowledge.define("violation_types", code) for code in knowledge.codes("violation_types"))
    assert "roll-up" in str(knowledge.define("record_kinds", "CAMPAIGN_STATS")).lower()
    assert knowledge.define("violation_types", "NO_SUCH_CODE") is None


def test_an_unknown_code_is_an_error(knowledge: Knowledge) -> None:
    with pytest.raises(KnowledgeError, match="penalty_types 'GULAG'"):
        knowledge.label("penalty_types", "GULAG")


def test_tables_cannot_be_changed(knowledge: Knowledge) -> None:
    with pytest.raises(TypeError):
        knowledge.tables["taxonomy"]["violation_types"] = ()  # type: ignore[index]


def test_laws_named_by_the_taxonomy_exist_with_their_articles(knowledge: Knowledge) -> None:
    """`CSL:21>23` names article 21 of the oldest text and 23 of the newest."""
    for violation in knowledge.tables["taxonomy"]["violation_types"]:
        for reference in violation["articles"]:
            id, _, articles = reference.partition(":")
            law = knowledge.laws[id]
            if articles == "all":
                continue
            old, _, new = articles.partition(">")
            versions = [version.id for version in law.versions] or [None]
            assert not old.strip("-") or law.has_article(old, versions[0]) is not False, reference
            assert not new or law.has_article(new, versions[-1]) is not False, reference


def test_an_overlay_replaces_files_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("rules_version: 7\n", encoding="utf-8")
    (tmp_path / "own.yaml").write_text("cues: [a, b]\n", encoding="utf-8")
    knowledge = load_knowledge(tmp_path)
    assert knowledge.rules_version == 7
    assert knowledge.tables["own"]["cues"] == ("a", "b")
    assert knowledge.label("penalty_types", "FINE").zh == "罚款"
    assert knowledge is not load_knowledge()


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("rules.yaml", "rules_version: ", "rules_version: 1048576 #", "rules.yaml rules_version"),
        ("laws.yaml", "- id: DSL\n", "- id: CSL\n", "laws.yaml instruments: an id stands twice"),
        ("laws.yaml", "replaced_by: CRM2020", "replaced_by: NOWHERE", "laws.yaml CRM2017.replaced_by"),
        ("laws.yaml", "adopted: 2016-11-07", "adopted: soon", "laws.yaml CSL.adopted"),
        ("places.yaml", "prefecture_level: 333", "prefecture_level: 334", "places.yaml prefecture_level"),
        (
            "taxonomy.yaml",
            "- code: MLPS\n",
            "- code: NET_SEC_DUTY\n",
            "taxonomy.yaml violation_types: NET_SEC_DUTY",
        ),
        (
            "labels.yaml",
            "GOV: {en: Government and public bodies}",
            "GOV: {}",
            "labels.yaml sectors.GOV: no label in en",
        ),
        ("labels.yaml", "sectors:\n", "record_kinds:\n", "labels.yaml: line .* 'record_kinds' stands twice"),
        ("context.yaml", "- code: past", "- code: history", "context.yaml classes"),
        ("context.yaml", "{1,14}", "*", "unbounded repetition"),
        ("persons.yaml", "stop_zh:", "stops:", "persons.yaml stop_zh"),
        ("places.yaml", "zh_after:", "zh_behind:", "places.yaml meta.zh_after"),
        ("incidents.yaml", "states:\n", "stages:\n", "incidents.yaml states"),
    ],
)
def test_a_wrong_file_is_named_with_its_key(
    tmp_path: Path, name: str, old: str, new: str, message: str
) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=message):
        load_knowledge(tmp_path)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a: [1", b"- 1\n"])
def test_an_unreadable_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rules.yaml").write_bytes(content)
    with pytest.raises(KnowledgeError, match=r"rules\.yaml"):
        load_knowledge(tmp_path)


def test_a_missing_overlay_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="is no folder"):
        load_knowledge(tmp_path / "none")


def test_the_built_in_folder_is_complete_by_itself(tmp_path: Path) -> None:
    copy = tmp_path / "all"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    assert load_knowledge(copy).rules_version == load_knowledge().rules_version
