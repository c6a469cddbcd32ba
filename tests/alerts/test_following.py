"""Who looks for alerts reads what workers announce, and looks at what is stored: several at a time, in any order."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from index.store import Store
from netdocket.dead_letters import DeadLetters
from netdocket.records import Bulletin, DeadLetter, decode, utc_now
from netdocket.spool import Entry
from streams.alerts.deliver import deliver_due
from streams.alerts.deliveries import HELD_SECONDS
from streams.alerts.evaluate import Evaluation
from streams.alerts.following import Follower, anybody_looks, watch_began
from streams.alerts.messages import Alert
from streams.alerts.outbox import Outbox
from streams.alerts.rules import Channel
from streams.announce import Announcer
from streams.letter_topic import LetterTopic, Place
from streams.worker import Delivery
from tests.alerts.conftest import NewWatch
from tests.alerts.test_deliveries import Refreshed
from tests.alerts.test_once import RUNS, Crash, Points, scenario
from tests.alerts.watching import Watch, alerting
from tests.streams.memory_store import MemoryStore
from tests.streams.test_announce import TOPICS, Broker
from tests.streams.toy_rules import bulletin, entry

BEGAN = "2026-01-01T00:00:00Z"


class Cluster:
    """Workers store and announce; `follow` gives the announcements to who looks for alerts."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.store: Any = watch.store
        self.broker: Any = Broker()
        self.announcer = Announcer(self.broker, TOPICS, watch.store)
        self.evaluation = Evaluation(watch.store, watch.alerting, watch.outbox, since=BEGAN)

    def stored(self, *messages: Bulletin, news: bool = True) -> list[bytes | None]:
        before = len(self.broker.sent)
        outcome = self.watch.processor.process([entry(n, one) for n, one in enumerate(messages, 1)])
        self.announcer.tell(outcome.classified, news={one.bulletin_id for one in messages} if news else ())
        return [one.value for one in self.broker.sent[before:]]

    def follow(self, *payloads: bytes | None) -> list[str]:
        follower = Follower(self.store, self.evaluation, LetterTopic(self.broker, TOPICS), BEGAN)
        deliveries = [
            Delivery(Place(TOPICS.records, 0, n), b"key", one or b"") for n, one in enumerate(payloads)
        ]
        return follower.process(deliveries)

    def told(self) -> list[tuple[str, str]]:
        return sorted((a["value"], a["bulletin_id"]) for a in self.watch.alerts().values())

    def letters(self) -> list[DeadLetter]:
        return [decode(one.value, DeadLetter) for one in self.broker.sent if one.topic == TOPICS.dead_letters]


@pytest.fixture
def cluster(new_watch: NewWatch) -> Cluster:
    return Cluster(new_watch())


def test_what_is_announced_fires_once_however_often(cluster: Cluster) -> None:
    told = cluster.stored(bulletin("a", 1, "v:MLPS"))
    first = cluster.follow(*told)
    assert cluster.follow(*told, *told) == first
    assert cluster.told() == [("MLPS", "a")]


def test_of_two_stored_before_anybody_looked_the_one_looked_at_first_fires(cluster: Cluster) -> None:
    one, two = cluster.stored(bulletin("a", 1, "v:MLPS")), cluster.stored(bulletin("b", 1, "v:MLPS"))
    cluster.follow(*two)
    cluster.follow(*one)
    assert cluster.told() == [("MLPS", "b")]


def test_a_re_classification_teaches(cluster: Cluster) -> None:
    cluster.follow(*cluster.stored(bulletin("a", 1, "v:MLPS"), news=False))
    cluster.follow(*cluster.stored(bulletin("b", 1, "v:MLPS v:HACKING")))
    assert cluster.told() == [("HACKING", "b")]


def test_a_bulletin_that_is_news_stays_so_when_it_is_also_classified_again(cluster: Cluster) -> None:
    told = cluster.stored(bulletin("a", 1, "v:MLPS"))
    cluster.follow(*told, *cluster.stored(bulletin("a", 1, "v:MLPS"), news=False))
    assert cluster.told() == [("MLPS", "a")]


def test_what_was_harvested_before_the_watch_began_teaches(cluster: Cluster) -> None:
    cluster.follow(*cluster.stored(bulletin("a", 1, "v:MLPS", fetched_at="2025-12-31T23:59:59Z")))
    cluster.follow(*cluster.stored(bulletin("b", 1, "v:MLPS")))
    assert cluster.told() == []


def test_what_was_removed_since_fires_nothing(cluster: Cluster) -> None:
    told = cluster.stored(bulletin("a", 1, "v:MLPS"))
    manifest = cluster.store.get("manifests", "a")
    cluster.store.swap("manifests", "a", {**manifest.source, "removed": True}, seq_no=manifest.seq_no)
    cluster.follow(*told, None)
    assert cluster.told() == []


def test_what_cannot_be_read_or_looked_at_is_a_dead_letter_and_the_others_fire(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = cluster.stored(bulletin("a", 1, "v:MLPS")), cluster.stored(bulletin("b", 1, "v:HACKING"))
    look = cluster.evaluation.look

    def poisoned(bulletins: Any, **given: Any) -> list[str]:
        if any(one.bulletin_id == "b" for one in bulletins):
            raise KeyError("what nobody thought of")
        return look(bulletins, **given)

    monkeypatch.setattr(cluster.evaluation, "look", poisoned)
    cluster.follow(b"{half", *bad, *good)
    assert cluster.told() == [("MLPS", "a")]
    letters = cluster.letters()
    assert [(one.step, one.topic) for one in letters] == [("alert", "netdocket.records")] * 2
    assert {one.payload for one in letters} == {b"{half", *bad}
    assert TOPICS.named(letters[0].topic or "") == TOPICS.records, "so a replay looks again"


# --- crashes -------------------------------------------------------------------------------------------------


def lived(folder: Path, entries: list[Entry], crashes: set[int]) -> tuple[dict[str, Any], set[Any], int]:
    """The alerts and what was sent, when who looks and sends ends at these of its steps and is started again."""
    folder.mkdir()
    store, rules, broker, sent = MemoryStore(), alerting(folder), Broker(), []
    letters = DeadLetters(folder / "dead-letters.sqlite")
    watch = Watch(store, letters, Outbox(folder / "unused.sqlite", ()), rules, since=BEGAN)
    announcer = Announcer(broker, TOPICS, store)  # type: ignore[arg-type]
    for one in entries:
        outcome = watch.processor.process([one])
        announcer.tell(outcome.classified, news={work.bulletin.bulletin_id for work in outcome.fresh})
    messages = [one.value or b"" for one in broker.sent]
    point = Points(crashes)
    store.before = point
    now, confirmed = 2000.0, 0

    def send(channel: Channel, alerts: Sequence[Alert], _store: Store) -> None:
        point()
        sent.extend((channel.id, alert["alert_id"]) for alert in alerts)
        point()

    while True:
        try:
            box = Refreshed(store, rules.channels, clock=lambda: 1000.0)
            evaluation = Evaluation(store, rules, box, since=BEGAN)
            follower = Follower(store, evaluation, LetterTopic(broker, TOPICS), BEGAN)  # type: ignore[arg-type]
            while confirmed < len(messages):
                batch = messages[confirmed : confirmed + 3]
                places = [Place(TOPICS.records, 0, confirmed + n) for n in range(len(batch))]
                follower.process([Delivery(p, b"", one) for p, one in zip(places, batch, strict=True)])
                point()
                confirmed += len(batch)
            for channel in rules.channels:
                deliver_due(store, box, channel, now=now, send=send)
            break
        except Crash:
            now += HELD_SECONDS  # what it had in hand is free by then
    letters.close()
    watch.outbox.close()
    alerts = {id: stored.source for (index, id), stored in store.now.items() if index == "alerts"}
    return alerts, set(sent), point.count


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_each_expected_alert_is_one_document_and_is_delivered_whatever_is_killed(
    tmp_path: Path, proof_scale: float
) -> None:
    chance = random.Random(9)
    runs, fired = round(RUNS * proof_scale), 0
    for number in range(runs):
        entries = scenario(number % 50)
        expected, told, steps = lived(tmp_path / f"{number}-whole", entries, set())
        points = set(chance.sample(range(1, steps + 1), 2))
        alerts, sent, _ = lived(tmp_path / f"{number}-killed", entries, points)
        assert alerts.keys() == expected.keys(), f"scenario {number % 50}, killed at {points}"
        assert sent == told, f"scenario {number % 50}, killed at {points}"
        fired += len(alerts)
    print(f"{2 * runs} crashes, {fired} alerts, each one document and sent")
    assert fired


def test_the_watch_began_when_somebody_first_asked(tmp_path: Path) -> None:
    store = MemoryStore()
    before = utc_now()
    assert not anybody_looks(store)
    began = watch_began(store)
    assert anybody_looks(store)
    assert before <= began <= utc_now()
    key = ("user-state", "alerts/began")
    held = store.now[key]
    store.now[key] = dataclasses.replace(held, source={**held.source, "value": {"at": BEGAN}})
    assert watch_began(store) == BEGAN
