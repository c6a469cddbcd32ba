"""`netdocket explain`: why a text was read as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from netdocket.cli.printing import echo
from netdocket.cli.workspace import json_option, print_json
from netdocket.evidence import quote, values
from netdocket.intake import as_bulletin, read_text
from netdocket.settings import load_settings

if TYPE_CHECKING:
    from enrich.trace import Considered
    from netdocket.records import Found, Record


@click.command("explain")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def command(file: Path, as_json: bool) -> None:
    """Classify the text FILE and show each value of each record with its sentence (the words that it was read from in
    brackets), the rule that read it, and the readings that were considered and lost.

    What is known of the text is read from the .json file beside it, as by `classify`. Persons are masked.
    """
    from enrich import classify, load_knowledge
    from enrich.trace import considered

    knowledge = load_knowledge(load_settings().knowledge_dir)
    bulletin = as_bulletin(read_text(file))
    classified = classify(bulletin, knowledge)
    text = classified.masked_text
    items = [
        _item(item, classified.records[item.record] if item.record is not None else None, text)
        for item in considered(bulletin, classified, knowledge)
    ]
    explained = {
        "file": str(file),
        "title": classified.masked_title,
        "rules_version": classified.rules_version,
        "items": items,
    }
    if as_json:
        print_json(explained)
    else:
        for line in _lines(explained):
            echo(line)


def _item(item: Considered, record: Record | None, text: str) -> dict[str, Any]:
    """One item as it is shown: its values and what was lost."""
    from enrich.trace import REASONS

    begins = quote(text, item.start, item.start)
    return {
        "start": item.start,
        "end": item.end,
        "begins": f"{begins.before}{begins.after}"[:80],
        "record_id": record.record_id if record else None,
        "kind": item.kind,
        "decided_by": item.why,
        "values": [
            {"path": value.path, "value": value.shown, **_warrant(value.found, text)}
            for value in (values(record) if record else ())
            if (value.found.evidence or value.found.derived) and not _told_as_figure(value.path, record)
        ],
        "lost": [
            {
                "field": lost.field,
                "value": lost.value,
                "because": REASONS[lost.why],
                "start": lost.start,
                "end": lost.end,
                "sentence": str(quote(text, lost.start, lost.end)),
            }
            for lost in item.lost
        ],
    }


def _told_as_figure(path: str, record: Record | None) -> bool:
    """The penalties of a campaign are its figures once more."""
    return path.startswith("penalties.") and record is not None and record.report is not None


def _warrant(found: Found, text: str) -> dict[str, Any]:
    if found.evidence is None:
        return {"derived": found.derived}
    span = found.evidence
    return {
        "rule": found.rule,
        "start": span.start,
        "end": span.end,
        "sentence": str(quote(text, span.start, span.end)),
    }


def _lines(explained: dict[str, Any]) -> Iterator[str]:
    items = explained["items"]
    records = sum(item["kind"] is not None for item in items)
    yield f"{explained['file']}: {explained['title']}"
    yield f"{records} records, {len(items) - records} items that gave none; rules version {explained['rules_version']}"
    for number, item in enumerate(items, 1):
        yield ""
        yield f"{number}  {item['kind'] or 'no record'} ({item['decided_by']})  characters {item['start']} to {item['end']}"
        yield f"   {item['begins']}"
        for value in item["values"]:
            yield f"   {value['path']}: {value['value']}"
            if value.get("derived"):
                yield f"       derived from {value['derived']}"
            else:
                yield f"       {value['sentence']}"
                yield f"       by {value['rule']}"
        if item["lost"]:
            yield "   lost:"
        for lost in item["lost"]:
            yield f"   - {lost['field']} {lost['value']}: {lost['because']}"
            yield f"       {lost['sentence']}"
