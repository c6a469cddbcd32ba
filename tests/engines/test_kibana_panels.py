"""Every panel on a real Elasticsearch, by our own search and by what Lens would send: both equal plain Python over the
documents that the store was filled with."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from dashboards.kibana.compiled import COMPILED
from dashboards.kibana.lens import both, measures_shown
from dashboards.panels.bodies import panel_body
from dashboards.panels.labels import Labels
from dashboards.panels.load import index_fields, load_panels
from dashboards.panels.model import Dimension, Measure, Panel
from dashboards.panels.provisions import load_provisions, provision_label
from dashboards.panels.scope import Scope
from dashboards.panels.tables import panel_table
from enrich import load_knowledge
from index.elastic import ElasticStore
from streams.walk import walk
from tests.dashboards import plain
from tests.dashboards.conftest import fill
from tests.dashboards.made import made
from tests.dashboards.test_kibana import checker
from tests.engines.conftest import MakeStore

CHARTS = [panel for panel in load_panels().values() if panel.chart != "documents"]
TODAY = dt.date(2026, 1, 1)


@pytest.fixture(scope="module")
def filled(make_store: MakeStore) -> ElasticStore:
    store = make_store()
    fill(store, made(120))
    return store


@pytest.fixture(scope="module")
def documents(filled: ElasticStore) -> dict[str, list[dict[str, Any]]]:
    return {index: [d for _, d in walk(filled, index)] for index in {panel.index for panel in CHARTS}}


def test_our_own_searches(filled: ElasticStore, documents: dict[str, list[dict[str, Any]]]) -> None:
    answers = filled.msearch([(p.index, panel_body(p, Scope(), today=TODAY)[0]) for p in CHARTS])
    labels = Labels(load_knowledge())
    for panel, answer in zip(CHARTS, answers, strict=True):
        table = panel_table(panel, answer, labels)
        docs = plain.of_panel(panel, documents[panel.index])
        assert table.total == len(docs), panel.id
        shown = {tuple(key.code for key in row.keys): list(row.values) for row in table.rows}
        agree(panel, panel.measures, shown, plain.rows(panel, docs))
    print(f"{len(CHARTS)} panels")


def test_searches_of_lens(filled: ElasticStore, documents: dict[str, list[dict[str, Any]]]) -> None:
    translate = checker("lens_to_es")
    views = indices_of_panels()
    panels = load_panels()
    seen = set()
    for name, state in translate.lens_docs(COMPILED):
        tile = name.rsplit(":", 1)[1]
        (layer,) = state["datasourceStates"]["formBased"]["layers"].values()
        body = translate.layer_body(layer, state["query"], state["filters"])
        id, _, measure_id = tile.partition("-")
        panel = panels[id]
        index = views[name]
        assert index == panel.index
        for column in layer["columns"].values():
            field = column.get("sourceField", "___records___")  # a column of filters has none
            assert field == "___records___" or field in index_fields(index)
        answer = filled.search(index, body)
        measures = [m for m in panel.measures if m.id == measure_id] if measure_id else measures_shown(panel)
        docs = plain.of_panel(panel, documents[index])
        for by in panel.by:
            if by.kind == "months":
                docs = [d for d in docs if plain.values(d, by.presence)]
        narrowed = [d for d in docs if not measure_id or counts(measures[0], d)]
        assert answer["hits"]["total"]["value"] == len(narrowed), tile
        found = dict(lens_rows(panel.by, measures, answer.get("aggregations", {}), len(narrowed)))
        agree(panel, measures, found, rows_of(panel, measures, docs))
        seen.add(tile)
    assert len(seen) == sum(len(p.measures) if p.chart == "figures" else 1 for p in CHARTS)
    print(f"{len(seen)} Lens layers")


def indices_of_panels() -> dict[str, str]:
    """dashboard:<id>:<panel> -> the index of its data view."""
    found = {}
    for line in COMPILED.read_text(encoding="utf-8").splitlines():
        board = json.loads(line)
        for ref in board["references"] if board["type"] == "dashboard" else ():
            if ref["type"] == "index-pattern":
                panel = ref["name"].partition(":")[0]
                found[f"dashboard:{board['id']}:{panel}"] = ref["id"].removeprefix("netdocket-")
    return found


def counts(measure: Measure, doc: dict[str, Any]) -> bool:
    return plain.fits(doc, measure.only) and not (measure.lacks and plain.values(doc, measure.lacks))


def rows_of(panel: Panel, measures: Sequence[Measure], docs: Sequence[dict[str, Any]]) -> plain.Rows:
    places = [panel.measures.index(measure) for measure in measures]
    return {key: tuple(row[n] for n in places) for key, row in plain.rows(panel, docs).items()}


def lens_rows(
    by: Sequence[Dimension], measures: Sequence[Measure], found: dict[str, Any], count: int, depth: int = 0
) -> Iterator[tuple[tuple[str, ...], list[float | None]]]:
    if depth == len(by):
        yield (), [lens_value(measure, found, count) for measure in measures]
        return
    buckets = found[f"by{depth}"]["buckets"]
    if by[depth].kind == "provisions":
        labels = {both(provision_label(code)): code for code in load_provisions()}
        buckets = [{"key": labels[name], **one} for name, one in buckets.items() if one["doc_count"]]
    for bucket in buckets:
        for rest, row in lens_rows(by, measures, bucket, bucket["doc_count"], depth + 1):
            yield (bucket_code(by[depth], bucket), *rest), row


def bucket_code(by: Dimension, bucket: dict[str, Any]) -> str:
    match by.kind:
        case "months":
            return str(bucket["key_as_string"])[:7]
        case "ranges":
            low, high = bucket.get("from"), bucket.get("to")
            return f"{'' if low is None else f'{low:.10g}'}-{'' if high is None else f'{high:.10g}'}"
        case "provisions":
            return str(bucket["key"])
        case "terms":
            return plain.code(bucket.get("key_as_string", bucket["key"]))


def lens_value(measure: Measure, found: dict[str, Any], count: int) -> float | None:
    if measure.kind == "count":
        return count
    answer = found[f"m_{measure.id}"]
    answer = answer.get(f"m_{measure.id}", answer)
    return answer["value"] if "value" in answer else next(iter(answer["values"].values()))


def agree(
    panel: Panel, measures: Sequence[Measure], shown: dict[tuple[str, ...], list[Any]], expected: plain.Rows
) -> None:
    shown = {key: row for key, row in shown.items() if key in expected or any(row)}
    assert set(shown) == set(expected), panel.id
    for key, row in shown.items():
        for measure, value, exact in zip(measures, row, expected[key], strict=True):
            assert plain.same(measure, value, exact), (panel.id, key, measure.id, value, exact)
