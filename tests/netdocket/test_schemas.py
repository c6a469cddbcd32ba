"""The published schemas are those of the code, and a change that would make old messages unreadable is seen."""

import copy
import json
from typing import Any

import jsonschema
import msgspec
import pytest

from netdocket import records, schemas
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "schemas"


@pytest.mark.parametrize("kind", schemas.PUBLISHED, ids=lambda kind: kind.__name__)
def test_published_schema_is_current_and_compatible(kind: type[records.Message]) -> None:
    published = json.loads((FOLDER / schemas.file_name(kind)).read_text(encoding="utf-8"))
    assert schemas.breaking_changes(published, records.json_schema(kind)) == []
    assert published == json.loads(schemas.render(kind)), "run `netdocket schemas docs/schemas`"


def bulletin(**changed: Any) -> records.Bulletin:
    given: dict[str, Any] = {
        "bulletin_id": "b", "source": "s", "title": "t", "text": "x", "language": "zh", "fetched_at": "2024-01-01T00:00:00Z",
    }  # fmt: skip
    return records.Bulletin(**(given | changed))


def test_message_validates_against_its_schema_and_comes_back_equal() -> None:
    message = bulletin(
        archive=records.Archive(file="a.warc.gz", offset=7),
        attachments=(records.Attachment(name="n", span=records.Span(start=0, end=1)),),
        origin="replica",
        quiet=True,
    )
    data = records.encode(message)
    jsonschema.validate(json.loads(data), records.json_schema(records.Bulletin))
    assert records.decode(data, records.Bulletin) == message


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b'{"schema":"netdocket.bulletin/2"}', b'{"schema":"netdocket.bulletin/1"}', b"\xff"],
)
def test_what_is_no_bulletin_is_a_record_error(data: bytes) -> None:
    with pytest.raises(records.RecordError, match="Bulletin"):
        records.decode(data, records.Bulletin)


def changed(edit: Any) -> list[str]:
    old = records.json_schema(records.Record)
    new = copy.deepcopy(old)
    edit(new["$defs"])
    return schemas.breaking_changes(old, new)


@pytest.mark.parametrize(
    "edit, found",
    [
        (lambda d: d["Record"]["properties"].pop("title"), "$.title: removed"),
        (lambda d: d["Record"]["required"].append("url"), "$.url: now required"),
        (
            lambda d: d["Penalty"]["properties"].__setitem__("type", {"type": "integer"}),
            "$.case.penalties[].type",
        ),
        (lambda d: d["Record"]["properties"]["kind"]["enum"].remove("INCIDENT"), "$.kind: value 'INCIDENT'"),
        (
            lambda d: d["Record"]["properties"]["url"].__setitem__("anyOf", [{"type": "null"}]),
            "$.url: string",
        ),
    ],
)
def test_breaking_change_is_named(edit: Any, found: str) -> None:
    assert any(line.startswith(found) for line in changed(edit)), changed(edit)


def test_added_optional_field_and_added_code_break_nothing() -> None:
    def edit(definitions: Any) -> None:
        definitions["Record"]["properties"]["weather"] = {"type": "string"}
        definitions["Record"]["properties"]["kind"]["enum"].append("NEW_KIND")

    assert changed(edit) == []


def test_every_message_names_its_schema() -> None:
    tags = [kind.__struct_config__.tag for kind in schemas.PUBLISHED]
    assert len(set(tags)) == len(tags)
    assert msgspec.json.decode(records.encode(bulletin()))["schema"] == "netdocket.bulletin/1"
