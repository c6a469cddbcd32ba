"""The constructed examples of incidents: what comes out of a notice of one or two sentences, field by field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from enrich import classify, incidents, load_knowledge
from enrich.incident_products import versions
from enrich.incidents import identifiers
from enrich.normalise import normalise
from enrich.numerals import find_numbers
from enrich.passage import Passage
from enrich.reading import Span
from enrich.rulebook import rulebook
from enrich.segment import Item
from enrich.whole import read_whole
from netdocket.records import Incident
from tests.enrich.bulletins import bulletin

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "domain" / "incident_examples.jsonl"


def examples() -> list[dict[str, Any]]:
    if not EXAMPLES.is_file():
        return []
    return [json.loads(line) for line in EXAMPLES.read_text(encoding="utf-8").splitlines()]


def passage_of(text: str) -> Passage:
    whole = read_whole(bulletin(text, language="zh"), rulebook(load_knowledge()))
    return Passage(whole.facts, Item(Span(0, len(text))), "", "")


def noted(incident: Incident, wanted: dict[str, Any]) -> dict[str, Any]:
    """The fields of an incident that the example states, in its form."""
    severity, state, subject, dates = incident.severity, incident.state, incident.subject, incident.dates
    fields: dict[str, Any] = {
        "types": sorted(kind.value for kind in incident.types),
        "severity": severity.value if severity else None,
        "identifiers": [found.value for found in incident.identifiers],
        "scale": [[s.what, s.value, s.unit, s.approximate, s.claimed] for s in incident.scale],
        "state": state.value if state else None,
        "subject": subject.value if subject else None,
        "dates": {"occurred": dates.occurred.value if dates.occurred else None},
        "products": [{"name": p.name, "versions": p.versions[0]} for p in incident.products],
    }
    return {key: value for key, value in fields.items() if key in wanted}


@pytest.mark.skipif(
    not EXAMPLES.is_file(), reason="the folder ../shared (domain examples) is not beside this checkout"
)
def test_there_are_examples() -> None:
    assert len(examples()) > 60


@pytest.mark.parametrize(
    "example",
    [e for e in examples() if e["f"] in ("incident_zh", "incident_en")],
    ids=lambda example: example["text"][:24],
)
def test_incident(example: dict[str, Any]) -> None:
    wanted = dict(example["want"])
    found = classify(bulletin(example["text"], language=example["f"][-2:])).records
    record = found[0] if found else None
    assert (record.kind if record else None) == wanted["kind"]
    if "penalties" in wanted:
        assert record is not None and record.case is not None
        assert [penalty.type for penalty in record.case.penalties] == wanted["penalties"]
    if record is None or record.incident is None:
        return
    wanted["types"] = sorted(wanted["types"])
    wanted["scale"] = [
        [s["what"], s["value"], s["unit"], s.get("approximate", False), s.get("claimed", False)]
        for s in wanted["scale"]
    ]
    assert record.jurisdiction == wanted.get("jurisdiction", "CN")
    got = noted(record.incident, wanted)
    assert got == {key: wanted[key] for key in got}


@pytest.mark.parametrize(
    "example",
    [e for e in examples() if e["f"] not in ("incident_zh", "incident_en")],
    ids=lambda example: f"{example['f']}: {example['text'][:24]}",
)
def test_parts(example: dict[str, Any]) -> None:
    function, text, want = example["f"], example["text"], example["want"]
    if function == "inc_number_zh":
        numbers = find_numbers(normalise(text), words=True)
        assert (float(numbers[0].value) if numbers else None) == want
    elif function == "inc_identifiers":
        assert [found.value for found in identifiers(passage_of(text))] == want
    elif function == "inc_versions":
        assert [list(pair) for pair in versions(normalise(text))] == want
    else:
        assert function == "inc_state"
        state = incidents.incident(passage_of(text), None).state
        assert state is not None and state.value == want
