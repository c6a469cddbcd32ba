"""What waits for its delivery, kept in a file or in the store: the same; in the store several may send."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from index.embedded import EmbeddedStore
from index.store import Store
from streams.alerts.deliver import deliver_due
from streams.alerts.deliveries import HELD_SECONDS, INDEX, Deliveries
from streams.alerts.documents import set_state
from streams.alerts.messages import Alert
from streams.alerts.outbox import REFUSED_ATTEMPTS, Outbox
from streams.alerts.rules import Channel, Feed

CHANNELS: list[Channel] = [
    Feed(id="a", path="x"),
    Feed(id="b", path="x", rules=("new",)),
    Feed(id="digest", path="x", digest_minutes=60),
]
Kept = Outbox | Deliveries


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(tmp_path / "store", writer=True, heap_mb=32) as store:
        yield store


@pytest.fixture(params=["file", "store"])
def kept(request: pytest.FixtureRequest, store: EmbeddedStore, tmp_path: Path) -> Iterator[Kept]:
    if request.param == "file":
        box: Kept = Outbox(tmp_path / "alerts.sqlite", CHANNELS, clock=lambda: 1000.0)
    else:
        box = Refreshed(store, CHANNELS, clock=lambda: 1000.0)
    yield box
    box.close()


class Refreshed(Deliveries):
    """Elasticsearch refreshes each second by itself."""

    def due(self, channel: str, now: float, limit: int) -> list[str]:
        self._store.refresh()
        return super().due(channel, now, limit)


def test_who_is_left_is_known_until_it_is_delivered(kept: Kept) -> None:
    for alert in ("x", "y"):
        kept.put(alert, "old")
    kept.due("a", 1000, 10)
    kept.failed(["x"], "a", 1000, "later", refused=True, left=["q@a.example", "p@a.example"])
    kept.failed(["y"], "a", 1000, "nobody there")
    assert kept.left(["x", "y"], "a") == {"x": ("p@a.example", "q@a.example")}
    assert kept.left(["x"], "digest") == {}
    kept.failed(["x"], "a", 1000, "later", refused=True, left=["q@a.example"])
    assert kept.left(["x"], "a") == {"x": ("q@a.example",)}
    kept.delivered(["x"], "a", 1000)
    assert kept.left(["x"], "a") == {}


def test_each_alert_waits_once_for_each_channel_that_wants_it(kept: Kept) -> None:
    for _ in range(2):
        kept.put("x", "new")
        kept.put("y", "old")
    assert kept.waiting() == {"a": 2, "b": 1, "digest": 2}
    assert kept.due("a", 1000, 10) == ["x", "y"]
    kept.delivered(["x", "y"], "a", 1001)
    kept.put("x", "new")
    assert kept.due("a", 2000, 10) == []
    assert kept.waiting() == {"b": 1, "digest": 2}
    (sent, *_) = sorted(kept.of("x"), key=lambda one: one.channel)
    assert (sent.channel, sent.attempts, sent.delivered_at, sent.error) == ("a", 1, 1001.0, None)


def test_what_was_withdrawn_unsent_is_sent_where_it_opens_again(kept: Kept, store: EmbeddedStore) -> None:
    sent: list[list[str]] = []

    def send(_to: Channel, alerts: Sequence[Alert], _store: Store) -> None:
        sent.append([alert["alert_id"] for alert in alerts])

    def deliver() -> None:
        deliver_due(store, kept, CHANNELS[0], now=1000, send=send)

    for id in ("x", "y"):
        store.create(
            "alerts", id, {"schema": "netdocket.alerts/1", "alert_id": id, "rule": "old", "state": "open"}
        )
        kept.put(id, "old")
    set_state(store, "x", "withdrawn")
    deliver()
    assert sent == [["y"]]
    assert {one.delivered_at for one in kept.of("x")} <= {None}
    set_state(store, "x", "open")
    for id in ("x", "y"):
        kept.put(id, "old")
    deliver()
    assert sent == [["y"], ["x"]]


def test_what_opens_again_while_it_is_dropped_waits(
    kept: Kept, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens it puts it in before it is out."""
    alert = {"schema": "netdocket.alerts/1", "alert_id": "x", "rule": "old", "state": "withdrawn"}
    store.create("alerts", "x", alert)
    kept.put("x", "old")
    drop = kept.drop

    def slowly(alerts: Sequence[str], channel: str) -> None:
        monkeypatch.setattr(kept, "drop", drop)
        set_state(store, "x", "open")
        kept.put("x", "old")
        drop(alerts, channel)

    monkeypatch.setattr(kept, "drop", slowly)
    sent: list[str] = []

    def send(_to: Channel, alerts: Sequence[Alert], _store: Store) -> None:
        sent.extend(alert["alert_id"] for alert in alerts)

    deliver_due(store, kept, CHANNELS[0], now=1000, send=send)
    assert sent == ["x"]


def test_a_digest_is_due_with_its_oldest(kept: Kept) -> None:
    kept.put("x", "new")
    assert kept.due("digest", 1000 + 3599, 10) == []
    assert kept.due("digest", 1000 + 3600, 10) == ["x"]


def test_what_failed_comes_later_and_later_and_blocks_nothing(kept: Kept) -> None:
    kept.put("x", "new")
    assert kept.due("a", 1000, 1) == ["x"]
    kept.failed(["x"], "a", 1000, "no")
    kept.put("y", "new")
    assert kept.due("a", 1004, 1) == ["y"]
    kept.delivered(["y"], "a", 1004)
    assert kept.due("a", 1004, 1) == []
    assert kept.due("a", 1005, 1) == ["x"]
    kept.failed(["x"], "a", 1005, "no")
    assert kept.due("a", 1014, 1) == []
    assert kept.due("a", 1015, 1) == ["x"]
    assert [(d.attempts, d.error) for d in kept.of("x") if d.channel == "a"] == [(2, "no")]


def test_what_is_refused_often_enough_is_given_up_until_somebody_says_so(kept: Kept) -> None:
    kept.put("x", "new")
    for day in range(REFUSED_ATTEMPTS):
        assert kept.due("b", 86_400.0 * (1 + day), 1) == ["x"]
        kept.failed(["x"], "b", 86_400.0 * (1 + day), "422", refused=True)
    assert kept.due("b", 1e9, 1) == []
    assert (kept.given_up(), "b" in kept.waiting()) == ({"b": 1}, False)
    assert [d.due_at for d in kept.of("x") if d.channel == "b"] == [None]
    assert kept.offer_again(1e9) == 1
    assert kept.due("b", 1e9, 1) == ["x"]
    kept.delivered(["x"], "b", 1e9)
    assert kept.given_up() == {}


def test_a_mute_holds_for_its_time(kept: Kept) -> None:
    kept.mute("new", 2000.0)
    kept.mute("old", 999.0)
    kept.mute("always", None)
    assert [kept.muted(rule) for rule in ("new", "old", "always", "other")] == [True, False, True, False]
    assert kept.mutes() == {"always": None, "new": 2000.0}
    kept.unmute("always")
    kept.unmute("never muted")
    assert kept.mutes() == {"new": 2000.0}


def test_of_two_who_would_send_one_does_and_the_other_where_the_first_has_died(store: EmbeddedStore) -> None:
    one, two = (Deliveries(store, CHANNELS[:1], clock=lambda: 1000.0) for _ in range(2))
    one.put("x", "new")
    one.put("y", "new")
    store.refresh()
    assert one.due("a", 1000, 1) == ["x"]
    assert two.due("a", 1000, 10) == ["y"], "the search still shows both"
    two.delivered(["y"], "a", 1000)
    store.refresh()
    assert two.due("a", 1000 + HELD_SECONDS - 1, 10) == []
    assert two.due("a", 1000 + HELD_SECONDS, 10) == ["x"]
    two.delivered(["x"], "a", 1200)
    assert one.due("a", 9999, 10) == [], "delivered, whatever the search shows"
    (stored,) = store.mget(INDEX, ["x/a"])
    assert "held_until" not in stored.source
