"""Sums, bursts, searches and sources on the real store; the rehearsal says what watching would have said."""

from __future__ import annotations

import dataclasses
import json
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from enrich import load_knowledge
from index.embedded import EmbeddedStore
from index.store import Swap
from netdocket.cli import main
from netdocket.datadir import DataDir
from netdocket.dead_letters import DeadLetters
from netdocket.errors import ConfigurationError
from netdocket.records import Bulletin, Classified, SourceState, encode
from netdocket.spool import SOURCES, Entry
from streams.alerts.bursts import at_least
from streams.alerts.checks import check_codes, check_searches
from streams.alerts.deliver import Deliverer
from streams.alerts.documents import alerts, forget
from streams.alerts.evaluate import Evaluation
from streams.alerts.outbox import Outbox
from streams.alerts.rehearsal import rehearse
from streams.alerts.rules import Alerting, load_alerting
from streams.processors import Processor
from tests.alerts import watching
from tests.alerts.receivers import smtp, webhook
from tests.dashboards.made import made
from tests.streams.conftest import Plant
from tests.streams.toy_rules import bulletin

TITLE = "title: {en: Made, zh: 测试}"
Pairs = list[tuple[Bulletin, Classified]]


class Bench:
    """Made records on the real store, given in the order of their dates, ten bulletins at a time."""

    def __init__(self, folder: Path, alerting: Alerting) -> None:
        self.store = EmbeddedStore(folder / "store", writer=True, heap_mb=32)
        self.letters = DeadLetters(folder / "letters.sqlite")
        self.outbox = Outbox(folder / "alerts.sqlite", alerting.channels)
        self.evaluation = Evaluation(self.store, alerting, self.outbox)
        self.alerting = alerting

    def watch(self, pairs: Pairs, at_a_time: int = 10) -> None:
        by_id = {bulletin.bulletin_id: classified for bulletin, classified in pairs}
        version = pairs[0][1].rules_version
        knowledge = dataclasses.replace(load_knowledge(), rules_version=version)
        processor = Processor(
            self.store, knowledge, self.letters, classify=lambda b, _knowledge: by_id[b.bulletin_id]
        )
        for start in range(0, len(pairs), at_a_time):
            some = pairs[start : start + at_a_time]
            entries = [
                Entry(n, "netdocket.bulletins", b.bulletin_id, encode(b)) for n, (b, _) in enumerate(some, 1)
            ]
            outcome = processor.process(entries)
            assert outcome.letters == []
            self.evaluation.evaluate(outcome)
        self.store.refresh()

    def found(self, rule: str) -> list[dict[str, Any]]:
        self.store.refresh()
        return list(alerts(self.store, [{"term": {"rule": rule}}]))

    def close(self) -> None:
        self.outbox.close()
        self.letters.close()
        self.store.close()


def by_date(pairs: Pairs) -> Pairs:
    def date(pair: tuple[Bulletin, Classified]) -> str:
        dates = [r.event_date.value for r in pair[1].records if r.event_date]
        return min(dates, default="9999")

    return sorted(pairs, key=date)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    rules = f"""
rules:
  - {{kind: first, id: penalty, of: penalty, {TITLE}}}
  - {{kind: first, id: violation, of: violation, {TITLE}}}
  - {{kind: first, id: authority, of: authority, {TITLE}}}
  - {{kind: amount, id: large, penalty_types: [FINE], at_least_yuan: 50000, {TITLE}}}
  - {{kind: amount, id: unusual, penalty_types: [FINE], percentile: 60, min_history: 5, {TITLE}}}
  - {{kind: search, id: mlps, index: cases, query: {{term: {{violation: MLPS}}}}, {TITLE}}}
"""
    bench = Bench(tmp_path, watching.alerting(tmp_path, rules))
    bench.watch(by_date(made(120)))
    yield bench
    bench.close()


def test_sums_and_searches_fire_for_every_record_that_fits_and_no_other(bench: Bench) -> None:
    records = [
        r for _, c in made(120) for r in c.records if r.case and r.jurisdiction == "CN" and not r.quiet
    ]
    large = {
        r.record_id
        for r in records
        if r.case and any(p.type == "FINE" and (p.total or 0) >= 5_000_000 for p in r.case.penalties)
    }
    mlps = {r.record_id for r in records if any(v.code == "MLPS" for v in r.violations)}
    assert large
    assert {a["record_id"] for a in bench.found("large")} == large
    assert {a["record_id"] for a in bench.found("mlps")} == mlps
    for alert in bench.found("large"):
        assert alert["amount_yuan"] >= 50_000


def test_above_a_percentile_says_of_how_many(bench: Bench) -> None:
    found = bench.found("unusual")
    assert found
    for alert in found:
        assert "above the 60th percentile" in alert["reason"]["en"]
        assert int(alert["reason"]["en"].rsplit(" of ", 1)[1].split()[0].replace(",", "")) >= 5


@pytest.mark.parametrize("rule", ["penalty", "violation", "authority", "mlps", "large"])
def test_a_rehearsal_says_what_watching_said(bench: Bench, rule: str) -> None:
    """Of values, since records of one bulletin can be dated apart."""
    rehearsed = list(rehearse(bench.store, bench.alerting.rule(rule), "0001-01-01"))
    assert {a["value"] for a in rehearsed} == {a["value"] for a in bench.found(rule)}
    assert len(rehearsed) == len(bench.found(rule))
    later = list(rehearse(bench.store, bench.alerting.rule(rule), "2024-01-01"))
    assert later == [] or len(later) < len(rehearsed) or rehearsed[0]["event_date"] >= "2024-01-01"
    assert all(a["event_date"] >= "2024-01-01" for a in later if a["event_date"])


def test_a_bulletin_that_is_removed_takes_its_alerts_along(bench: Bench) -> None:
    alert = bench.found("mlps")[0]
    assert forget(bench.store, alert["bulletin_id"]) >= 1
    assert all(a["bulletin_id"] != alert["bulletin_id"] for a in bench.found("mlps"))


def test_a_burst_is_more_than_the_rate_makes_likely() -> None:
    assert at_least(0, 3.0) == 1.0
    assert at_least(1, 1.0) == pytest.approx(1 - 2.718281828459045**-1)
    assert at_least(5, 0.1) < 1e-6 < at_least(5, 2.0)


def test_many_cases_in_a_week_fire_once_and_the_usual_number_does_not(tmp_path: Path, plant: Plant) -> None:
    rules = watching.alerting(
        tmp_path, f"rules: [{{kind: burst, id: burst, of: violation, at_least: 5, {TITLE}}}]"
    )
    outbox = Outbox(tmp_path / "alerts.sqlite", ())
    watch = watching.Watch(plant.store, plant.letters, outbox, rules)
    for week in range(1, 20):  # one a week is usual
        watch.take(
            bulletin(
                f"usual{week}", 1, "v:HACKING", published=f"2026-{1 + week // 5:02}-{1 + week % 5 * 6:02}"
            )
        )
    assert list(_alerts(plant)) == []
    for n in range(8):
        watch.take(bulletin(f"burst{n}", 1, "v:HACKING\nv:MLPS", published="2026-05-20"))
    outbox.close()
    assert sorted(a["value"] for a in _alerts(plant)) == ["HACKING", "MLPS"]


@pytest.mark.parametrize("seed", range(4))
def test_a_burst_fires_as_rehearsed_in_whatever_order_and_batches_its_cases_come(
    tmp_path: Path, plant: Plant, seed: int
) -> None:
    """One of Monday and eight of Friday are a burst also where Monday's stands first in the batch."""
    chance = random.Random(seed)
    rules = watching.alerting(
        tmp_path, f"rules: [{{kind: burst, id: burst, of: violation, at_least: 5, {TITLE}}}]"
    )
    outbox = Outbox(tmp_path / "alerts.sqlite", ())
    watch = watching.Watch(plant.store, plant.letters, outbox, rules)
    days = ["2026-05-18", *["2026-05-22"] * 8, *(f"2026-05-{chance.randint(1, 14):02}" for _ in range(6))]
    cases = [
        bulletin(f"case{n}", 1, "v:HACKING", published=day, fetched_at="2026-05-25T00:00:00Z")
        for n, day in enumerate(days)
    ]
    if seed:
        chance.shuffle(cases)
    size = len(cases) if seed < 2 else 4
    for start in range(0, len(cases), size):
        watch.take(*cases[start : start + size])
    outbox.close()
    rehearsed = {a["thing"] for a in rehearse(plant.store, rules.rule("burst"), "2026-01-01")}
    assert "burst:violation:HACKING:2026-W21" in rehearsed
    assert {a["thing"] for a in _alerts(plant)} == rehearsed


def _alerts(plant: Plant) -> list[dict[str, Any]]:
    plant.store.refresh()
    return list(alerts(plant.store, []))


def test_a_source_in_trouble_fires_once_for_each_trouble(tmp_path: Path, plant: Plant) -> None:
    rules = watching.alerting(tmp_path, f"rules: [{{kind: source, id: s, states: [blocked], {TITLE}}}]")
    outbox = Outbox(tmp_path / "alerts.sqlite", ())
    watch = watching.Watch(plant.store, plant.letters, outbox, rules)

    def report(state: str, day: int) -> None:
        at = f"2026-03-{day:02}T00:00:00Z"
        message = SourceState(source="cac", state=state, since=at, at=at, run_id=str(day))
        watch.take(Entry(1, SOURCES, "cac", encode(message)))

    for day, state in enumerate(["ok", "blocked", "blocked", "ok", "blocked"], 1):
        report(state, day)
    outbox.close()
    told = sorted((a["fired_at"][:10], a["state"], a.get("note")) for a in _alerts(plant))
    assert told == [("2026-03-02", "withdrawn", "ok now"), ("2026-03-05", "open", None)]


def test_a_trouble_is_not_over_because_there_are_many_sources(tmp_path: Path, plant: Plant) -> None:
    rules = watching.alerting(tmp_path, f"rules: [{{kind: source, id: s, states: [blocked], {TITLE}}}]")
    outbox = Outbox(tmp_path / "alerts.sqlite", ())
    watch = watching.Watch(plant.store, plant.letters, outbox, rules)
    at = "2026-03-01T00:00:00Z"

    def state(source: str, state: str) -> SourceState:
        return SourceState(source=source, state=state, since=at, at=at, run_id="r")

    many = [(f"s{n:04}", encode(state(f"s{n:04}", "ok"))) for n in range(1000)]
    plant.store.swap_many("sources", [Swap(id, json.loads(body), None) for id, body in many])
    last = Entry(1, SOURCES, "zzz", encode(state("zzz", "blocked")))
    for _ in range(2):
        watch.take(last)
    outbox.close()
    assert [(a["source"], a["state"]) for a in _alerts(plant)] == [("zzz", "open")]


def test_a_search_that_no_store_takes_is_named_before_anything_runs(tmp_path: Path, plant: Plant) -> None:
    rules = watching.alerting(
        tmp_path, f"rules: [{{kind: search, id: bad, query: {{nonsense: 1}}, {TITLE}}}]"
    )
    with pytest.raises(ConfigurationError, match="rule bad"):
        check_searches(plant.store, rules)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{kind: source, id: s, states: [blokced], %s}", "did you mean blocked"),
        ("{kind: amount, id: s, penalty_types: [FIEN], at_least_yuan: 1, %s}", "did you mean FINE"),
    ],
)
def test_a_code_that_nothing_can_have_is_named_before_anything_runs(
    tmp_path: Path, rule: str, said: str
) -> None:
    rules = watching.alerting(tmp_path, f"rules: [{rule % TITLE}]")
    with pytest.raises(ConfigurationError, match=said):
        check_codes(rules, load_knowledge())


def test_the_built_in_rules_have_codes_that_there_are() -> None:
    check_codes(load_alerting(), load_knowledge())


def test_published_found_and_delivered_within_ten_seconds_and_never_again(
    tmp_path: Path, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By mail, webhook and feed, from the spool on, with the runner and the channels' threads as `run` has them."""
    monkeypatch.setenv("HOOK_KEY", "k")
    with smtp() as (port, mails), webhook() as posted:
        rules = watching.alerting(
            tmp_path,
            f"""
rules: [{{kind: first, id: new, of: penalty, {TITLE}}}]
channels:
  - {{kind: smtp, id: m, host: 127.0.0.1, port: {port}, starttls: false, sender: a@b.example, to: [c@d.example]}}
  - {{kind: webhook, id: w, url: '{posted.url}', secret_env: HOOK_KEY}}
  - {{kind: feed, id: f, path: '{tmp_path}/feed.xml'}}
""",
        )
        outbox = Outbox(tmp_path / "alerts.sqlite", rules.channels)
        evaluation = Evaluation(plant.store, rules, outbox)
        stop = threading.Event()
        thread = threading.Thread(
            target=plant.runner(watch=evaluation.evaluate).run, args=(stop,), daemon=True
        )
        with Deliverer(plant.store, outbox, rules.channels):
            thread.start()
            plant.submit(bulletin("a", 1, "OTHER=公开致歉"))
            began = time.monotonic()
            while not (mails and posted.requests and (tmp_path / "feed.xml").exists()):
                assert time.monotonic() - began < 60
                time.sleep(0.05)
            took = time.monotonic() - began
            (id,) = [a["alert_id"] for a in _alerts(plant)]
            plant.spool.requeue("all")
            plant.submit(bulletin("a", 1, "OTHER=公开致歉 "), bulletin("b", 1, "OTHER=公开致歉"))
            while plant.spool.pending():
                time.sleep(0.05)
            stop.set()
            thread.join()
        outbox.close()
    print(f"delivered on three channels {took:.1f} s after it was published")
    assert [a["alert_id"] for a in _alerts(plant)] == [id]
    assert len(mails) == len(posted.requests) == 1
    assert (tmp_path / "feed.xml").read_text("utf-8").count("<entry>") == 1


def test_the_commands_list_show_ack_mute_and_rehearse(tmp_path: Path) -> None:
    datadir = DataDir(tmp_path / "data")
    datadir.claim("generated")
    rules = watching.alerting(datadir.root, f"rules: [{{kind: first, id: new, of: penalty, {TITLE}}}]")
    bench = Bench(datadir.root, rules)
    bench.watch(by_date(made(40)))
    bench.close()

    def run(*arguments: str) -> Any:
        done = CliRunner().invoke(main, ["alerts", *arguments, "--data-dir", str(datadir.root)])
        assert done.exit_code == 0, done.output
        return done.output

    listed = json.loads(run("list", "--json"))
    id = listed[0]["alert_id"]
    assert listed[0]["sentence"] in run("show", id[:8]) if "sentence" in listed[0] else True
    run("ack", id[:8], "--note", "seen to")
    assert json.loads(run("show", id, "--json"))["note"] == "seen to"
    assert [a["alert_id"] for a in json.loads(run("list", "--state", "acked", "--json"))] == [id]
    run("mute", "new", "--days", "0")
    assert json.loads(run("rules", "--json"))["muted"] == [], "its time is over"
    run("mute", "new", "--days", "2")
    assert json.loads(run("rules", "--json"))["muted"] == ["new"]
    rehearsed = json.loads(run("test", "new", "--since", "2000-01-01", "--limit", "1000", "--json"))
    assert {a["value"] for a in rehearsed} == {a["value"] for a in listed}
    assert "no channels" in run("deliver")
