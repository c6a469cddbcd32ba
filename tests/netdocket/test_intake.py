"""Texts given by hand: what is kept of the file, what is read from beside it, and what is refused with which words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netdocket.errors import IntakeError
from netdocket.intake import as_bulletin, detect_language, read_text


def test_the_text_is_kept_to_the_character(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes("\ufeff标题一行\r\n\r\n 正文\u00a0有空格。\n".encode())
    intake = read_text(path)
    assert intake.text == "标题一行\r\n\r\n 正文\u00a0有空格。\n"
    assert (intake.title, intake.language, intake.published) == ("标题一行", "zh", None)


def test_only_the_four_known_fields_of_the_metadata_are_used(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Text of the bulletin.", encoding="utf-8")
    known = {
        "title": "T",
        "language": "en",
        "published": "2024-05",
        "publisher": "P",
        "kind": "INCIDENT",
        "id": 7,
    }
    path.with_suffix(".json").write_text(json.dumps(known), encoding="utf-8")
    intake = read_text(path)
    assert (intake.title, intake.language, intake.published, intake.publisher) == ("T", "en", "2024-05", "P")
    bulletin = as_bulletin(intake, fetched_at="2026-01-02T03:04:05Z")
    assert (bulletin.source, bulletin.origin, bulletin.revision) == ("intake", "intake", 0)


def test_a_long_first_line_is_no_title(tmp_path: Path) -> None:
    path = tmp_path / "stem-of-file.txt"
    path.write_text("word " * 60, encoding="utf-8")
    assert read_text(path).title == "stem-of-file"


def test_the_id_rests_on_the_content_and_not_on_the_file(tmp_path: Path) -> None:
    ids = set()
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("One line\nThe same text.", encoding="utf-8")
        ids.add(as_bulletin(read_text(tmp_path / name)).bulletin_id)
    (tmp_path / "c.txt").write_text("One line\nAnother text.", encoding="utf-8")
    assert len(ids) == 1
    assert as_bulletin(read_text(tmp_path / "c.txt")).bulletin_id not in ids


@pytest.mark.parametrize(
    ("data", "metadata", "says"),
    [
        (b"\xff\xfe\x00", None, "not UTF-8 (byte 0)"),
        (b"a\x00b", None, "NUL"),
        (b"fine", b"{", "not JSON"),
        (b"fine", b"[]", "not a JSON object"),
        (b"fine", b'{"language": "de"}', "neither zh nor en"),
        (b"fine", b'{"published": "May 2024"}', "no ISO date"),
        (b"fine", b'{"title": 3}', "title is not a string"),
    ],
)
def test_what_cannot_be_taken_in_is_said_with_the_file(
    tmp_path: Path, data: bytes, metadata: bytes | None, says: str
) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(data)
    if metadata is not None:
        path.with_suffix(".json").write_bytes(metadata)
    with pytest.raises(IntakeError) as caught:
        read_text(path)
    assert says in str(caught.value)
    assert str(tmp_path / "x.") in str(caught.value)


def test_a_missing_file_is_said() -> None:
    with pytest.raises(IntakeError, match="cannot be read"):
        read_text("/nowhere/at-all.txt")


def test_language_of_mixed_texts() -> None:
    assert (
        detect_language("VMware vCenter Server 8.0 U3d 存在堆溢出漏洞，官方已发布安全公告修复该漏洞。")
        == "zh"
    )
    assert detect_language("The CAC (国家网信办) published draft rules for comment.") == "en"
    assert detect_language("12345 !!!") == "en"
