"""An alert fires once: whatever is redelivered, re-classified, replaced, removed or killed."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netdocket.dead_letters import DeadLetters
from netdocket.records import Bulletin
from netdocket.spool import RECLASSIFY, Entry
from streams.alerts.documents import alert_id, set_state
from streams.alerts.evaluate import Looked, looked
from streams.alerts.outbox import Outbox
from tests.alerts.conftest import NewWatch
from tests.alerts.watching import Watch, alerting
from tests.streams.memory_store import MemoryStore
from tests.streams.toy_rules import bulletin, entry

RUNS = 1000


def test_the_first_to_have_a_value_fires_and_the_next_does_not(watch: Watch) -> None:
    watch.take(bulletin("a", 1, "FINE v:MLPS"))
    watch.take(bulletin("b", 1, "FINE v:MLPS"), bulletin("c", 1, "law:CSL"))
    assert watch.things() == ["instrument:CSL", "pair:MLPS + FINE", "penalty:FINE", "violation:MLPS"]


def test_an_unlisted_penalty_is_told_apart_by_its_phrase(watch: Watch) -> None:
    watch.take(bulletin("a", 1, "OTHER=公开致歉"))
    watch.take(bulletin("b", 1, "OTHER=公开致歉\nOTHER=暂停供电"))
    assert watch.things() == ["penalty:OTHER:公开致歉", "penalty:OTHER:暂停供电"]


def test_a_pair_is_new_where_its_parts_are_not(watch: Watch) -> None:
    watch.take(bulletin("a", 1, "FINE v:MLPS\nWARNING v:HACKING"))
    before = set(watch.things())
    watch.take(bulletin("b", 1, "WARNING v:MLPS"))
    assert set(watch.things()) - before == {"pair:MLPS + WARNING"}


def test_a_redelivery_and_a_new_revision_fire_nothing_again(watch: Watch) -> None:
    first = watch.take(bulletin("a", 1, "FINE v:MLPS"))
    made = watch.alerts()
    assert watch.take(bulletin("a", 1, "FINE v:MLPS")) == first
    watch.take(bulletin("a", 2, "FINE v:MLPS"))
    assert watch.alerts() == made
    watch.deliver(2000)
    watch.deliver(3000)
    assert len(watch.sent) == len(set(watch.sent)) == len(made) + 1


def test_a_re_classification_fires_nothing(new_watch: NewWatch) -> None:
    watch = new_watch()
    watch.take(bulletin("a", 1, "FINE\nWARNING v:MLPS since:2"))
    assert watch.things() == ["penalty:FINE"]
    after = new_watch(watch.store, rules_version=2)
    after.take(entry(1, bulletin("a", 1, "FINE\nWARNING v:MLPS since:2"), RECLASSIFY))
    assert after.things() == ["penalty:FINE"]
    after.take(bulletin("b", 1, "v:MLPS WARNING"))  # known by then
    assert after.things() == ["penalty:FINE"]


@pytest.mark.parametrize("news_first", [True, False])
def test_news_fires_whichever_side_of_its_own_re_reading_it_comes_on(watch: Watch, news_first: bool) -> None:
    """On a broker the two have topics of their own, and so no order."""
    news = entry(1, bulletin("a", 1, "FINE"))
    read_again = entry(2, bulletin("a", 2, "FINE v:MLPS"), RECLASSIFY)
    watch.take(*([news, read_again] if news_first else [read_again, news]))
    assert watch.things() == ["pair:MLPS + FINE", "penalty:FINE", "violation:MLPS"]
    assert watch.store.get("bulletins", "a").source["revision"] == 2  # type: ignore[union-attr]


def test_what_is_quiet_teaches_and_does_not_fire(watch: Watch) -> None:
    watch.take(bulletin("a", 1, "FINE v:MLPS", quiet=True))
    assert watch.things() == []
    watch.take(bulletin("b", 1, "FINE v:MLPS\nWARNING"))
    assert watch.things() == ["penalty:WARNING"]


def test_what_the_store_held_before_alerts_were_looked_for_is_no_news(new_watch: NewWatch) -> None:
    store = MemoryStore()
    silent = new_watch(store, text="rules: []")
    silent.take(bulletin("a", 1, "FINE v:MLPS"))
    watch = new_watch(store)
    watch.take(bulletin("b", 1, "FINE v:MLPS"))
    watch.take(bulletin("a", 2, "FINE v:MLPS"))  # the winner itself, changed
    assert watch.things() == []


def test_the_earliest_that_is_left_inherits_in_silence(watch: Watch) -> None:
    watch.take(bulletin("a", 1, "v:MLPS"))
    watch.take(bulletin("b", 1, "v:MLPS"))
    watch.take(bulletin("a", 2, "v:HACKING"))  # the winner has lost it
    watch.take(bulletin("c", 1, "v:MLPS"))
    assert watch.things() == ["violation:HACKING", "violation:MLPS"]
    told = {a["value"]: (a["bulletin_id"], a["state"]) for a in watch.alerts().values()}
    assert told == {"HACKING": ("a", "open"), "MLPS": ("a", "withdrawn")}, "what it says is so no more"


def test_two_rules_over_the_same_values_fire_and_are_withdrawn_together(new_watch: NewWatch) -> None:
    title = "title: {en: Made, zh: 测试}"
    watch = new_watch(
        text=f"rules: [{{kind: first, id: x, of: violation, {title}}}, {{kind: first, id: y, of: violation, {title}}}]"
    )
    watch.take(bulletin("a", 1, "v:MLPS"))
    watch.take(bulletin("a", 2, ""))
    watch.take(bulletin("b", 1, "v:MLPS"))
    told = sorted((a["rule"], a["bulletin_id"], a["state"]) for a in watch.alerts().values())
    assert told == [("x", "a", "withdrawn"), ("x", "b", "open"), ("y", "a", "withdrawn"), ("y", "b", "open")]


def test_where_none_is_left_the_next_is_a_first_one_again(watch: Watch) -> None:
    watch.take(bulletin("a", 1, "v:MLPS"))
    watch.take(bulletin("a", 2, "v:HACKING"))
    watch.take(bulletin("c", 1, "v:MLPS"))
    told = [a for a in watch.alerts().values() if a["thing"] == "violation:MLPS"]
    assert sorted((a["bulletin_id"], a["state"]) for a in told) == [("a", "withdrawn"), ("c", "open")]


def test_other_jurisdictions_are_no_news(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    import msgspec

    from tests.alerts import watching

    real = watching.classify

    def abroad(b: Bulletin, knowledge: Any) -> Any:
        found = real(b, knowledge)
        return msgspec.structs.replace(
            found, records=tuple(msgspec.structs.replace(r, jurisdiction="US") for r in found.records)
        )

    watch.processor._classify = abroad
    watch.take(bulletin("a", 1, "FINE v:MLPS\nlaw:CSL"))
    assert watch.things() == []


def test_a_value_dated_long_before_it_was_seen_says_so(watch: Watch) -> None:
    watch.take(bulletin("a", 1, "v:MLPS", published="2024-05-06"), bulletin("b", 1, "v:HACKING"))
    late = {a["value"]: (a["late"], "2024-05-06" in a["reason"]["en"]) for a in watch.alerts().values()}
    assert late == {"MLPS": (True, True), "HACKING": (False, False)}


def test_an_alert_shows_the_sentence_and_its_id_follows_from_what_it_says(watch: Watch) -> None:
    watch.take(bulletin("a", 1, "v:MLPS FINE", url="https://a.example/1"))
    alert = next(a for a in watch.alerts().values() if a["thing"] == "violation:MLPS")
    assert alert["sentence"] == "v:MLPS FINE"
    assert alert["url"] == "https://a.example/1"
    assert alert["alert_id"] == alert_id("new-violation", "violation:MLPS", alert["record_id"])


def test_a_muted_rule_keeps_its_alerts_and_sends_none(watch: Watch) -> None:
    watch.outbox.mute("new-violation", None)
    watch.take(bulletin("a", 1, "v:MLPS"))
    watch.take(bulletin("a", 1, "v:MLPS"))  # the redelivery finds it muted as well
    watch.outbox.unmute("new-violation")
    watch.take(bulletin("a", 1, "v:MLPS"))
    watch.deliver(2000)
    assert [a["state"] for a in watch.alerts().values()] == ["muted"]
    assert watch.sent == []


def test_what_was_seen_to_before_it_went_out_is_not_sent(watch: Watch) -> None:
    (id,) = watch.take(bulletin("a", 1, "v:MLPS"))
    set_state(watch.store, id, "acked", "known")
    watch.deliver(2000)
    assert watch.sent == []
    assert watch.outbox.waiting() == {}


# --- crashes -------------------------------------------------------------------------------------------------


class Crash(BaseException):
    """The process is gone; what was durable is all that is left."""


class Points:
    """Counts the steps that can be the last, and ends the process at the chosen ones."""

    def __init__(self, crashes: set[int]) -> None:
        self.crashes, self.count = crashes, 0

    def __call__(self, _name: str = "") -> None:
        self.count += 1
        if self.count in self.crashes:
            raise Crash


class CrashingOutbox(Outbox):
    point: Callable[[str], None]

    def put(self, alert: str, rule: str) -> None:
        self.point("put")
        super().put(alert, rule)
        self.point("was put")

    def delivered(self, alerts: Any, channel: str, now: float, note: str | None = None) -> None:
        self.point("delivered")
        super().delivered(alerts, channel, now, note)
        self.point("was delivered")


def scenario(seed: int) -> list[Entry]:
    """Bulletins with values of a small vocabulary; some come again changed, some are quiet, some re-classified."""
    chance = random.Random(seed)
    found: list[Entry] = []
    revisions: dict[str, int] = {}
    words = ["FINE", "WARNING", "INTERVIEW", "OTHER=甲", "OTHER=乙", "v:MLPS", "v:HACKING", "v:LOG_RETENTION"]
    for position in range(1, 13):
        key = chance.choice("abcdefgh")
        again = key in revisions and chance.random() < 0.2
        revisions[key] = revisions.get(key, 0) + (0 if again else 1)
        lines = [" ".join(chance.sample(words, chance.randint(1, 3))) for _ in range(chance.randint(1, 2))]
        if chance.random() < 0.3:
            lines.append("law:" + chance.choice(["CSL", "PIPL"]))
        if again:
            (earlier,) = [e for e in found if e.key == key][-1:]
            found.append(Entry(position, RECLASSIFY, key, earlier.payload))
        else:
            quiet = chance.random() < 0.15
            found.append(entry(position, bulletin(key, revisions[key], "\n".join(lines), quiet=quiet)))
    return found


def live(
    folder: Path, entries: list[Entry], crashes: set[int], at_a_time: int = 3
) -> tuple[dict[str, dict[str, Any]], list[tuple[str, str]], int]:
    """The alerts and what was sent, when the process ends at these steps and is started again each time."""
    folder.mkdir()
    store, rules, sent, confirmed = MemoryStore(), alerting(folder), [], 0
    point = Points(crashes)
    store.before = point
    letters = DeadLetters(folder / "dead-letters.sqlite")
    outbox = CrashingOutbox(folder / "alerts.sqlite", rules.channels, clock=lambda: 1000.0)
    outbox.point = point

    class Sending(Watch):
        def send(self, channel: Any, alerts: Any, _store: Any) -> None:
            point("send")
            super().send(channel, alerts, _store)
            point("was sent")

    while True:
        try:
            watch = Sending(store, letters, outbox, rules, sent)
            while confirmed < len(entries):
                batch = entries[confirmed : confirmed + at_a_time]
                watch.take(*batch)
                point("confirm")
                confirmed += len(batch)
                watch.deliver(2000)
            watch.deliver(2000)
            break
        except Crash:
            continue
    outbox.close()
    letters.close()
    alerts = {id: s.source for (index, id), s in store.now.items() if index == "alerts"}
    return alerts, sent, point.count


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_each_expected_alert_is_one_document_and_is_delivered_whatever_is_killed(
    tmp_path: Path, proof_scale: float
) -> None:
    chance = random.Random(8)
    crashes = fired = 0
    for number in range(round(RUNS * proof_scale)):
        seed = number % 50
        entries = scenario(seed)
        expected, told, steps = live(tmp_path / f"{number}-whole", entries, set())
        points = set(chance.sample(range(1, steps + 1), 2))
        alerts, sent, _ = live(tmp_path / f"{number}-killed", entries, points)
        assert _said(alerts) == _said(expected), f"seed {seed}, killed at {points}"
        # what was withdrawn before its channel was asked again is not told any more
        due = {(channel, id) for channel, id in told if alerts[id]["state"] == "open"}
        assert set(sent) >= due, f"seed {seed}, killed at {points}"
        assert {id for _, id in sent} <= alerts.keys()
        crashes += len(points)
        fired += len(alerts)
    print(f"{crashes} crashes, {fired} alerts, each one document and sent")
    assert fired


def test_a_first_one_that_is_none_any_more_is_withdrawn_whatever_is_killed(tmp_path: Path) -> None:
    """At each of its steps; also between the entry's new record and the old one's alert."""
    lives = [("a", 1, "v:MLPS"), ("a", 2, "v:HACKING"), ("c", 1, "v:MLPS")]
    entries = [entry(n, bulletin(key, revision, text)) for n, (key, revision, text) in enumerate(lives, 1)]
    expected, _, steps = live(tmp_path / "whole", entries, set(), at_a_time=1)
    states = {id: alert["state"] for id, alert in expected.items()}
    assert sorted(states.values()) == ["open", "open", "withdrawn"]
    for step in range(1, steps + 1):
        alerts, _, _ = live(tmp_path / f"killed-{step}", entries, {step}, at_a_time=1)
        assert {id: alert["state"] for id, alert in alerts.items()} == states, f"killed at {step} of {steps}"


def test_a_batch_that_comes_again_behind_another_with_its_value_fires_what_it_had_won(
    new_watch: NewWatch,
) -> None:
    """The worker was killed after the entry was made, and the alert was not; what comes first now did not win."""
    store = MemoryStore()
    watch = new_watch(store)
    watch.take(bulletin("a", 1, "v:HACKING"))

    def kill(name: str) -> None:
        if name == "create" and ("first-seen", "violation:MLPS") in store.now:
            raise Crash

    store.before = kill
    with pytest.raises(Crash):
        watch.take(bulletin("b", 1, "v:MLPS"))
    store.before = lambda _name: None
    new_watch(store).take(bulletin("a", 2, "v:HACKING v:MLPS"), bulletin("b", 1, "v:MLPS"))
    (alert,) = [a for a in watch.alerts().values() if a["value"] == "MLPS"]
    assert alert["bulletin_id"] == "b"


# --- several who look at what others have stored -------------------------------------------------------------


def stored(watch: Watch, *messages: Bulletin) -> list[Looked]:
    """Of bulletins that are stored, and that nobody has looked at."""
    outcome = watch.processor.process([entry(n, m) for n, m in enumerate(messages, 1)])
    return [looked(work) for work in outcome.fresh]


def test_of_two_that_are_stored_before_anybody_looks_one_fires(new_watch: NewWatch) -> None:
    watch = new_watch(since="2026-01-01T00:00:00Z")
    one, two = stored(watch, bulletin("a", 1, "v:MLPS")), stored(watch, bulletin("b", 1, "v:MLPS"))
    watch.evaluation.look(two)
    watch.evaluation.look(one)
    assert [(a["value"], a["bulletin_id"]) for a in watch.alerts().values()] == [("MLPS", "b")]


def test_what_was_harvested_before_the_watch_began_is_known(new_watch: NewWatch) -> None:
    watch = new_watch(since="2026-01-01T00:00:00Z")
    stored(watch, bulletin("a", 1, "v:MLPS", fetched_at="2025-12-31T00:00:00Z"))
    watch.evaluation.look(stored(watch, bulletin("b", 1, "v:MLPS\nv:HACKING")))
    assert [a["value"] for a in watch.alerts().values()] == ["HACKING"]


def test_what_teaches_fires_nothing_and_makes_known(new_watch: NewWatch) -> None:
    watch = new_watch(since="2026-01-01T00:00:00Z")
    taught = [dataclasses.replace(one, teaches=True) for one in stored(watch, bulletin("a", 1, "v:MLPS"))]
    watch.evaluation.look([*stored(watch, bulletin("b", 1, "v:MLPS")), *taught])
    watch.evaluation.look(stored(watch, bulletin("c", 1, "v:MLPS")))
    assert watch.alerts() == {}


def _said(alerts: dict[str, dict[str, Any]]) -> dict[str, tuple[str, str]]:
    return {id: (alert["rule"], alert["thing"]) for id, alert in alerts.items()}
