"""`netdocket alerts`: what was new, what came of it, and what would have fired."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from netdocket.cli.alerting import load, load_checked, outbox
from netdocket.cli.printing import echo, table
from netdocket.cli.workspace import data_dir_option, demo_notice, json_option, print_json, workspace

if TYPE_CHECKING:
    from index.store import Store

STATES = ("open", "acked", "muted", "withdrawn")


@click.group("alerts")
def command() -> None:
    """What was new: look, acknowledge, mute, deliver; try rules out.

    Rules and channels stand in DATA_DIR/alerts.yaml; without it the built-in rules hold (`netdocket alerts rules`).
    """


@command.command("list")
@click.option("--rule", help="Only alerts of this rule.")
@click.option("--state", type=click.Choice(STATES), help="Only alerts in this state.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@data_dir_option
@json_option
def list_(rule: str | None, state: str | None, limit: int, data_dir: Path | None, as_json: bool) -> None:
    """Alerts, newest first."""
    from streams.alerts.documents import INDEX, alerts

    ws = workspace(data_dir=data_dir)
    clauses = [{"term": {name: value}} for name, value in (("rule", rule), ("state", state)) if value]
    with ws.store(writer=False) as store, outbox(ws, load(ws)) as box:
        store.refresh()
        total = store.count(INDEX, {"bool": {"filter": clauses}})
        found = list(itertools.islice(alerts(store, clauses), limit))
        given_up = box.given_up()
        unwatched = ws.cluster and not _anybody_looks(store)
    if as_json:
        print_json(found)
        return
    rows = [
        [
            alert["alert_id"][:8],
            alert["fired_at"][:16].replace("T", " "),
            alert["state"],
            alert["rule"],
            alert.get("label", {}).get("en") or alert["value"],
            ("late, " if alert["late"] else "") + alert.get("event_date", ""),
            alert.get("title", ""),
        ]
        for alert in found
    ]
    table(["alert", "fired", "state", "rule", "what", "dated", "title"], rows)
    echo(f"\n{len(found)} of {total:,} alerts.")
    if unwatched:
        echo("Nobody has looked for alerts here yet: `netdocket worker --alerts` does.")
    for channel, count in given_up.items():
        echo(
            f"{channel} refused {count:,} for good; `netdocket alerts deliver --again` offers them once more."
        )
    if ws.datadir.family == "demo":
        echo(demo_notice())


def _anybody_looks(store: Store) -> bool:
    from streams.alerts.following import anybody_looks

    return anybody_looks(store)


@command.command("show")
@click.argument("alert")
@data_dir_option
@json_option
def show(alert: str, data_dir: Path | None, as_json: bool) -> None:
    """One ALERT (its id or the beginning of it): the sentence, both languages, the link, its deliveries."""
    from streams.alerts import messages
    from streams.alerts.documents import find

    ws = workspace(data_dir=data_dir)
    with ws.store(writer=False) as store, outbox(ws, load(ws)) as box:
        found = find(store, alert)
        deliveries = box.of(found["alert_id"])
    if as_json:
        sent = [
            {"channel": d.channel, "attempts": d.attempts, "delivered_at": d.delivered_at, "error": d.error}
            for d in deliveries
        ]
        print_json({**found, "deliveries": sent})
        return
    echo(messages.text([found]))
    echo(f"{found['state']}" + (f": {found['note']}" if found.get("note") else ""))
    for delivery in deliveries:
        came = (
            f"delivered {dt.datetime.fromtimestamp(delivery.delivered_at, dt.UTC):%Y-%m-%d %H:%M:%SZ}"
            if delivery.delivered_at
            else "waiting"
            if delivery.due_at is not None
            else "given up"
        )
        echo(
            f"{delivery.channel}: {came}, {delivery.attempts} attempts"
            + (f", {delivery.error}" if delivery.error else "")
        )


@command.command("ack")
@click.argument("alert")
@click.option("--note", help="What was done about it.")
@data_dir_option
def ack(alert: str, note: str | None, data_dir: Path | None) -> None:
    """Say that ALERT has been seen to."""
    from streams.alerts.documents import find, set_state

    with workspace(data_dir=data_dir).store(writer=False) as store:
        id = find(store, alert)["alert_id"]
        set_state(store, id, "acked", note)
        store.refresh()
    echo(f"{id} acked")


@command.command("mute")
@click.argument("rule")
@click.option("--days", type=click.FloatRange(min=0), help="For so long.  [default: until --off]")
@click.option("--off", is_flag=True, help="Not muted any more.")
@data_dir_option
def mute(rule: str, days: float | None, off: bool, data_dir: Path | None) -> None:
    """Keep the alerts of RULE without sending them."""
    ws = workspace(data_dir=data_dir)
    alerting = load(ws)
    alerting.rule(rule)
    with outbox(ws, alerting) as box:
        if off:
            box.unmute(rule)
        else:
            box.mute(rule, None if days is None else time.time() + days * 86_400)
    echo(f"{rule} is {'heard again' if off else 'muted'}")


@command.command("deliver")
@click.option("--again", is_flag=True, help="Also what a channel has refused for good.")
@data_dir_option
@json_option
def deliver(again: bool, data_dir: Path | None, as_json: bool) -> None:
    """Send what is due now, once on each channel.

    `netdocket run` does so all the time; in the cluster profile `netdocket worker --alerts`.
    """
    from streams.alerts.deliver import deliver_due

    ws = workspace(data_dir=data_dir)
    alerting = load(ws)
    with ws.store(writer=False) as store, outbox(ws, alerting) as box:
        if again:
            box.offer_again(time.time())
        sent = {c.id: deliver_due(store, box, c, now=time.time()) for c in alerting.channels}
        waiting, given_up = box.waiting(), box.given_up()
    if as_json:
        print_json(
            {
                id: {
                    "delivered": s.delivered,
                    "failed": s.failed,
                    "waiting": waiting.get(id, 0),
                    "given_up": given_up.get(id, 0),
                    "errors": s.errors,
                }
                for id, s in sent.items()
            }
        )
    else:
        if not sent:
            echo(f"no channels; they are set in {ws.datadir.alerts}")
        for id, s in sent.items():
            echo(
                f"{id}: {s.delivered} delivered, {waiting.get(id, 0)} waiting"
                + (f", {given_up[id]} given up" if id in given_up else "")
                + "".join(f"; {e}" for e in s.errors)
            )
    if any(s.failed for s in sent.values()):
        raise SystemExit(1)


@command.command("rules")
@data_dir_option
@json_option
def rules(data_dir: Path | None, as_json: bool) -> None:
    """The rules and channels in force, checked."""
    import msgspec

    ws = workspace(data_dir=data_dir)
    with ws.store(writer=False) as store:
        alerting = load_checked(ws, store)
    with outbox(ws, alerting) as box:
        muted = box.mutes()
    if as_json:
        print_json({**msgspec.to_builtins(alerting), "muted": sorted(muted)})
        return
    rows: list[list[str]] = []
    for rule in alerting.rules:
        given: dict[str, Any] = msgspec.to_builtins(rule)
        said = ", ".join(
            f"{k}: {v}" for k, v in given.items() if k not in ("id", "title", "kind") and v is not None
        )
        rows.append([rule.id, rule.kind, rule.title.en, said, "muted" if rule.id in muted else ""])
    table(["rule", "kind", "title", "how", ""], rows)
    echo("channels: " + (", ".join(f"{c.id} ({c.kind})" for c in alerting.channels) or "none"))
    for caution in alerting.cautions():
        echo(f"note: {caution}")


@command.command("test")
@click.argument("rule")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="What would have fired since this day."
)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@data_dir_option
@json_option
def test(rule: str, since: dt.datetime, limit: int, data_dir: Path | None, as_json: bool) -> None:
    """What RULE would have fired, had it watched the stored records in the order of their dates. Changes nothing."""
    from streams.alerts.rehearsal import rehearse

    ws = workspace(data_dir=data_dir)
    with ws.store(writer=False) as store:
        alerting = load_checked(ws, store)
        found = list(rehearse(store, alerting.rule(rule), since.date().isoformat()))
    if as_json:
        print_json(found[:limit])
        return
    rows = [
        [a["event_date"], a.get("label", {}).get("en") or a["value"], a["reason"]["en"], a.get("title", "")]
        for a in found[:limit]
    ]
    table(["dated", "what", "why", "title"], rows)
    echo(f"\n{len(found)} alerts would have fired since {since:%Y-%m-%d}; {len(rows)} are shown.")
