"""`netdocket stats`: counts by one dimension, as the page counts them."""

from __future__ import annotations

from pathlib import Path

import click

from netdocket.cli.printing import echo, table
from netdocket.cli.scope import scope_of, scope_options
from netdocket.cli.workspace import data_dir_option, demo_notice, json_option, print_json, workspace

DIMENSIONS = {
    "violation": ("violation", "violation_types"),
    "penalty": ("penalty_type", "penalty_types"),
    "article": ("article", None),
    "authority": ("authority", "authority_types"),
    "sector": ("sector", "sectors"),
    "place": ("region", None),
    "role": ("source_role", "source_roles"),
    "month": ("event_month", None),
    "year": ("event_date", None),
}


@click.command("stats")
@click.option("--by", type=click.Choice(list(DIMENSIONS)), default="violation", show_default=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@scope_options
@data_dir_option
@json_option
def command(
    by: str,
    limit: int,
    filters: tuple[str, ...],
    since: str | None,
    until: str | None,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Cases by violation, penalty, article, authority, sector, place, month or year.

    Only cases of mainland jurisdiction are counted; reports never enter a sum of cases. A case with several values is
    counted in each. What a figure leaves out stands below it.
    """
    ws = workspace(data_dir=data_dir)
    knowledge = ws.knowledge()
    scope = scope_of(knowledge, filters, since, until)
    clauses, foreign = scope.clauses("cases")
    if foreign:
        raise click.UsageError(f"cases have no {foreign[0]} to filter by")
    field, group = DIMENSIONS[by]
    body = {
        "size": 0,
        "track_total_hits": True,
        "query": {"bool": {"filter": clauses}},
        "aggs": {
            "by": _buckets(by, field, limit),
            "none": {"missing": {"field": "event_month" if by == "month" else field}},
            "secondary": {"filter": {"term": {"source_role": "secondary"}}},
            "no_amount": {"filter": {"term": {"amount_unknown": True}}},
            "no_month": {"missing": {"field": "event_month"}},
        },
    }
    with ws.store(writer=False) as store:
        answer = store.search("cases", body)
    total, found = answer["hits"]["total"]["value"], answer["aggregations"]
    rows = [
        (
            str(bucket.get("key_as_string", bucket["key"])),
            knowledge.label(group, bucket["key"]).en if group else "",
            bucket["doc_count"],
        )
        for bucket in found["by"]["buckets"]
    ]
    left_out = {
        "without a value": found["none"]["doc_count"],
        "beyond --limit": found["by"].get("sum_other_doc_count", 0),
        "from secondary sources": found["secondary"]["doc_count"],
        "with a penalty of unknown amount": found["no_amount"]["doc_count"],
        "with an unknown month": found["no_month"]["doc_count"],
    }
    demo = ws.demo
    if as_json:
        print_json(
            {
                "demonstration_data": demo,
                "cases": total,
                "by": by,
                "counts": [
                    {"key": key, "label": label or None, "cases": count} for key, label, count in rows
                ],
                "of_these": left_out,
            }
        )
        return
    table([by, "", "cases"], [[key, label, f"{count:>8,}"] for key, label, count in rows])
    said = [f"{count:,} {what}" for what, count in left_out.items() if count]
    echo(f"\n{total:,} cases" + (", of these " + ", ".join(said) if said else "") + ".")
    if demo:
        echo(demo_notice())


def _buckets(by: str, field: str, limit: int) -> dict[str, object]:
    if by == "year":
        return {"date_histogram": {"field": field, "calendar_interval": "year", "format": "yyyy"}}
    order = {"_key": "desc"} if by == "month" else {"_count": "desc"}
    return {"terms": {"field": field, "size": limit, "order": order}}
