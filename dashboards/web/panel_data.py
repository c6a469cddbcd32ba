"""What a panel shows, as a file: CSV, JSON, and a chart as SVG and PNG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboards.panels.bodies import panel_body
from dashboards.panels.csv_export import BOM, csv_text, panel_csv
from dashboards.panels.errors import FilterError, NotFoundError
from dashboards.panels.load import load_dashboards, load_panels
from dashboards.panels.model import Language, Panel
from dashboards.panels.tables import Table, panel_table
from dashboards.web.cells import cell, value
from dashboards.web.chips import Chip, chips
from dashboards.web.pictures import picture_spec, png, svg, writes_chinese
from dashboards.web.site import Site, Speech, demo_mark, site_of


def filters_of_panels() -> tuple[str, ...]:
    """The filters that any dashboard has: a panel may stand on several."""
    return tuple(dict.fromkeys(name for board in load_dashboards().values() for name in board.filters))


def panel_data(request: Request) -> Response:
    """`/panels/<id>.csv`, `.json`, `.svg`, `.png`: what the panel shows for the scope in the address."""
    site = site_of(request)
    language = site.language_of(request)
    name, form = request.path_params["name"], request.path_params["form"]
    panel = load_panels().get(name)
    if panel is None:
        raise NotFoundError("there is no such panel", "没有该图表", where=name)
    if form not in ("csv", "json", "svg", "png"):
        raise NotFoundError(
            "a panel is there as csv and json, a chart also as svg and png",
            "图表可下载为 csv、json，图形另有 svg、png",
            where=form,
        )
    scope = site.scope(request, filters_of_panels())
    body, foreign = panel_body(panel, scope, today=site.today())
    if foreign:
        raise FilterError(
            "this panel's data know no such filter", "该图表数据没有此筛选条件", where=", ".join(foreign)
        )
    (answer,) = site.answers.ask([(panel.index, body)])
    table = panel_table(panel, answer, site.labels)
    mark = demo_mark(site)
    stem = f"{'demo-' if mark else ''}{panel.id}"
    if form == "json":
        return JSONResponse(
            {
                **({"demo": mark} if mark else {}),
                "panel": panel.id,
                "filters": scope.address(),
                "counts": panel.counts.in_(language),
                "total": table.total,
                "rows": _json_rows(panel, table, language),
                "left_out": {entry.words.in_(language): entry.count for entry in table.left_out},
            },
            headers={"Content-Disposition": f'attachment; filename="{stem}.json"'},
        )
    if form in ("svg", "png"):
        return _picture(panel, table, form, Speech(language=language), chips(scope, site.labels), mark, stem)
    text = (
        documents_csv(site, panel, table, Speech(language=language), mark)
        if panel.chart == "documents"
        else panel_csv(panel, table, language, mark=mark)
    )
    return Response(
        BOM + text,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{stem}.csv"'},
    )


def _picture(
    panel: Panel, table: Table, form: str, t: Speech, set_: Sequence[Chip], mark: str | None, stem: str
) -> Response:
    words = (f"{t.text(c.title) if c.title else t(f'filters.{c.name}')} {t.text(c.value)}" for c in set_)
    spec = picture_spec(panel, table, t.language, filters=t("comma").join(words), mark=mark)
    if spec is None:
        raise NotFoundError("there is nothing to draw here", "没有可绘制的内容", where=panel.id)
    if form == "png" and not writes_chinese():
        raise NotFoundError(
            "this machine has no font with Chinese characters, so a PNG would lose its words; take the SVG",
            "本机没有中文字体，PNG 会丢失文字，请下载 SVG",
            where=f"{panel.id}.png",
        )
    content, media = (svg(spec), "image/svg+xml") if form == "svg" else (png(spec), "image/png")
    headers = {"Content-Disposition": f'attachment; filename="{stem}.{form}"'}
    return Response(content, media_type=media, headers=headers)


def documents_csv(site: Site, panel: Panel, table: Table, t: Speech, mark: str | None) -> str:
    """The documents of a panel: its columns, the codes beside their wordings, and the record that each is of."""
    coded = [column for column in panel.columns if column.form == "codes"]
    head = [t.text(column.title) for column in panel.columns]
    head += [f"{column.field} (code)" for column in coded] + ["record_id", *(["data"] if mark else [])]
    lines: list[list[Any]] = [head]
    for hit in table.hits:
        row: list[Any] = []
        for column in panel.columns:
            found = value(hit, column.field)
            exact = column.form in ("money", "number") and isinstance(found, int | float)
            row.append(found if exact else None if found in (None, []) else cell(site, t, column, hit))
        codes = (value(hit, column.field) for column in coded)
        row += [";".join(map(str, code)) if isinstance(code, list) else code for code in codes]
        lines.append([*row, hit.get("record_id"), *([mark] if mark else [])])
    return csv_text(lines)


def _json_rows(panel: Panel, table: Table, language: Language) -> Sequence[dict[str, Any]]:
    if panel.chart == "documents":
        return table.hits
    return [
        {
            **{
                by.field: {"code": key.code, "label": key.label.in_(language)}
                for by, key in zip(panel.by, row.keys, strict=True)
            },
            **{measure.id: value for measure, value in zip(panel.measures, row.values, strict=True)},
        }
        for row in table.rows
    ]
