"""What fires arrives: by mail, webhook and feed, signed and readable, and one channel's trouble is its own."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from index.store import Store
from netdocket.errors import ConfigurationError
from streams.alerts import channels, messages
from streams.alerts.deliver import Deliverer, deliver_due, quiet
from streams.alerts.documents import find
from streams.alerts.messages import Alert
from streams.alerts.outbox import REFUSED_ATTEMPTS, Outbox
from streams.alerts.rules import Channel, Feed
from tests.alerts.conftest import NewWatch
from tests.alerts.receivers import garbage, smtp, webhook
from tests.alerts.watching import RULES, Watch, alerting
from tests.streams.conftest import Plant
from tests.streams.toy_rules import bulletin

ATOM = "{http://www.w3.org/2005/Atom}"
HEAD = RULES.partition("channels:")[0]


def ready(new_watch: NewWatch, text: str) -> Watch:
    watch = new_watch(text=HEAD + "channels:\n" + text)
    watch.take(
        bulletin(
            "a",
            1,
            "v:MLPS",
            url="https://a.example/1?x=1&y=2",
            title="标题 <b> & \x07x",
        )
    )
    return watch


def deliver(watch: Watch, now: float = 2000) -> list[str]:
    return [
        error
        for channel in watch.alerting.channels
        for error in deliver_due(watch.store, watch.outbox, channel, now=now).errors
    ]


def test_a_mail_says_it_in_both_languages_and_has_the_same_id_when_it_goes_twice(new_watch: NewWatch) -> None:
    with smtp() as (port, mails):
        watch = ready(
            new_watch,
            f"  - {{kind: smtp, id: m, host: 127.0.0.1, port: {port}, starttls: false, sender: n@a.example, to: [x@a.example]}}",
        )
        assert deliver(watch) == []
        (alert,) = watch.alerts().values()
        channels.send(watch.alerting.channels[0], [alert], watch.store)
    first, second = mails
    body = first.get_content()
    assert "New violation / 新违法" in body
    assert alert["sentence"] in body
    assert "https://a.example/1?x=1&y=2" in body
    assert {mail["Message-ID"].strip() for mail in (first, second)} == {messages.message_id([alert])}


def test_a_webhook_is_signed_over_its_time_and_body(
    new_watch: NewWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_KEY", "correct horse")
    with webhook() as posted:
        watch = ready(new_watch, f"  - {{kind: webhook, id: w, url: '{posted.url}', secret_env: HOOK_KEY}}")
        assert deliver(watch) == []
        ((headers, body),) = posted.requests
    (id,) = watch.alerts()
    at, _, given = headers["netdocket-signature"].partition(",v1=")
    wanted = hmac.new(b"correct horse", at.removeprefix("t=").encode() + b"." + body, hashlib.sha256)
    assert given == wanted.hexdigest()
    assert headers["netdocket-alert"] == json.loads(body)["alert_id"] == id
    assert json.loads(body)["reason"]["zh"]


def test_a_feed_is_atom_and_holds_each_alert_once(new_watch: NewWatch, tmp_path: Path) -> None:
    watch = ready(
        new_watch,
        f"  - {{kind: feed, id: f, path: '{tmp_path}/feed.xml', address: 'https://n.example/feed'}}",
    )
    assert deliver(watch) == []
    watch.take(bulletin("b", 1, "v:HACKING"))
    assert deliver(watch) == []
    feed = ElementTree.parse(tmp_path / "feed.xml").getroot()  # noqa: S314 - written by us
    entries = [e.findtext(f"{ATOM}id") for e in feed.iterfind(f"{ATOM}entry")]
    assert sorted(entries, key=str) == sorted(f"urn:uuid:{id}" for id in watch.alerts())
    links = [e.get("href") for e in feed.iterfind(f"{ATOM}entry/{ATOM}link")]
    assert links == ["https://a.example/1?x=1&y=2"]


def test_a_feed_holds_the_alerts_of_its_rules_only(new_watch: NewWatch, tmp_path: Path) -> None:
    watch = ready(new_watch, "  - {kind: feed, id: f, path: feed.xml, rules: [new-penalty]}")
    watch.take(bulletin("b", 1, "FINE v:HACKING"))
    assert deliver(watch) == []
    feed = (tmp_path / "feed.xml").read_text("utf-8")
    assert (feed.count("<entry>"), feed.count("New penalty")) == (1, 2)


def test_a_failing_channel_waits_longer_each_time_and_holds_up_no_other(
    new_watch: NewWatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_KEY", "k")
    with webhook() as posted:
        posted.answers = [500, 500]
        watch = ready(
            new_watch,
            f"  - {{kind: webhook, id: w, url: '{posted.url}', secret_env: HOOK_KEY}}\n"
            f"  - {{kind: feed, id: f, path: '{tmp_path}/feed.xml'}}",
        )
        assert deliver(watch, 2000) == ["w: answered 500"]
        assert (tmp_path / "feed.xml").exists()
        assert deliver(watch, 2004) == []  # not yet
        assert len(posted.requests) == 1
        assert deliver(watch, 2006) == ["w: answered 500"]
        assert deliver(watch, 2015) == []
        assert len(posted.requests) == 2
        assert deliver(watch, 2017) == []
        assert len(posted.requests) == 3
    assert watch.outbox.waiting() == {}


def test_a_receiver_that_is_not_there_is_an_error_of_the_channel(
    new_watch: NewWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook() as posted, smtp() as (port, _):
        url = posted.url
    monkeypatch.setenv("HOOK_KEY", "k")
    watch = ready(
        new_watch,
        f"  - {{kind: webhook, id: w, url: '{url}', secret_env: HOOK_KEY}}\n"
        f"  - {{kind: smtp, id: m, host: 127.0.0.1, port: {port}, starttls: false, sender: a@b.example, to: [c@d.example]}}\n"
        "  - {kind: webhook, id: s, url: 'http://127.0.0.1:9/', secret_env: HOOK_KEY_MISSING}",
    )
    errors = deliver(watch)
    assert [error.split(":")[0] for error in errors] == ["w", "m", "s"]
    assert "HOOK_KEY_MISSING is not set" in errors[2]
    assert watch.outbox.waiting() == {"m": 1, "s": 1, "w": 1}


def test_a_redirect_is_no_delivery_and_is_not_followed(
    new_watch: NewWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_KEY", "k")
    with webhook() as posted:
        posted.answers = [302]
        watch = ready(new_watch, f"  - {{kind: webhook, id: w, url: '{posted.url}', secret_env: HOOK_KEY}}")
        assert deliver(watch, 2000) == ["w: answered 302: redirects are not followed"]
        assert (posted.other, watch.outbox.waiting()) == ([], {"w": 1})
        assert deliver(watch, 2010) == []
    assert (len(posted.requests), watch.outbox.waiting()) == (2, {})


def many(new_watch: NewWatch, url: str) -> tuple[Watch, list[str]]:
    """Four alerts for a webhook, and their ids in the order in which they are due."""
    watch = ready(new_watch, f"  - {{kind: webhook, id: w, url: '{url}', secret_env: HOOK_KEY}}")
    watch.take(bulletin("b", 1, "v:HACKING\nv:LOG_RETENTION\nv:REAL_NAME"))
    assert len(watch.alerts()) == 4
    return watch, sorted(watch.alerts())


def test_what_a_webhook_refuses_blocks_nothing_and_is_given_up_in_the_end(
    new_watch: NewWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_KEY", "k")
    with webhook() as posted:
        watch, ids = many(new_watch, posted.url)
        posted.refused = {ids[1]}
        assert deliver(watch, 2000) == ["w: answered 422"]
        assert posted.alerts == ids, "those behind it have gone, and none twice"
        for day in range(1, 60):
            deliver(watch, 2000 + day * 86_400)
        assert posted.alerts.count(ids[1]) == REFUSED_ATTEMPTS
        assert (watch.outbox.waiting(), watch.outbox.given_up()) == ({}, {"w": 1})
        posted.refused = set()
        assert watch.outbox.offer_again(9_000_000) == 1
        assert deliver(watch, 9_000_000) == []
    assert len(posted.requests) == 4 + REFUSED_ATTEMPTS
    assert (watch.outbox.waiting(), watch.outbox.given_up()) == ({}, {})


def test_a_webhook_that_is_not_well_is_asked_once_and_no_delivered_alert_goes_again(
    new_watch: NewWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_KEY", "k")
    with webhook() as posted:
        posted.answers = [204, 503]
        watch, ids = many(new_watch, posted.url)
        assert deliver(watch, 2000) == ["w: answered 503"]
        assert posted.alerts == ids[:2]
        assert deliver(watch, 2010) == []
        assert sorted(posted.alerts) == sorted([*ids, ids[1]])


def test_an_answer_in_no_language_is_an_error_of_the_channel(
    new_watch: NewWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_KEY", "k")
    with garbage() as (address, _):
        watch = ready(
            new_watch, f"  - {{kind: webhook, id: w, url: 'http://{address}/', secret_env: HOOK_KEY}}"
        )
        with pytest.raises(channels.DeliveryError, match="garbage"):
            channels.send(watch.alerting.channels[0], list(watch.alerts().values()), watch.store)


def test_whatever_a_channel_raises_the_others_and_its_next_messages_go_on(
    new_watch: NewWatch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("streams.alerts.deliver.POLL_SECONDS", 0.01)
    watch = ready(new_watch, "  - {kind: feed, id: a, path: a}\n  - {kind: feed, id: b, path: b}")
    sent: list[str] = []

    def send(channel: Channel, alerts: Sequence[Alert], _store: Store) -> None:
        sent.append(channel.id)
        if sent.count("a") == 1 and channel.id == "a":
            raise KeyError("what nobody thought of")

    monkeypatch.setattr(deliver_due, "__kwdefaults__", {**deliver_due.__kwdefaults__, "send": send})
    monkeypatch.setattr("streams.alerts.outbox.FIRST_RETRY_SECONDS", 0.05)
    with Deliverer(watch.store, watch.outbox, watch.alerting.channels):
        deadline = time.monotonic() + 30
        while watch.outbox.waiting() and time.monotonic() < deadline:
            time.sleep(0.01)
    assert watch.outbox.waiting() == {}
    assert sorted(sent) == ["a", "a", "b"]
    assert "a: KeyError: 'what nobody thought of'" in caplog.text


def test_the_end_waits_for_the_message_in_hand_and_for_no_other(
    new_watch: NewWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_KEY", "k")
    watch, ids = many(new_watch, "http://127.0.0.1:9/")
    began, sent = threading.Event(), []

    def send(_channel: Channel, alerts: Sequence[Alert], _store: Store) -> None:
        began.set()
        assert ending.wait(60), "held until the end has begun"
        sent.extend(alert["alert_id"] for alert in alerts)

    monkeypatch.setattr(deliver_due, "__kwdefaults__", {**deliver_due.__kwdefaults__, "send": send})
    deliverer = Deliverer(watch.store, watch.outbox, watch.alerting.channels, last_seconds=0.0)
    ending = deliverer._stop
    with deliverer:
        assert began.wait(60)
    assert len(sent) == 1
    assert watch.outbox.waiting() == {"w": len(ids) - 1}, "what was sent is noted, nothing is lost"


def test_the_end_does_not_wait_for_ever_for_a_message(
    new_watch: NewWatch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HOOK_KEY", "k")
    watch, ids = many(new_watch, "http://127.0.0.1:9/")
    began, over, done = threading.Event(), threading.Event(), threading.Event()

    def send(_channel: Channel, _alerts: Sequence[Alert], _store: Store) -> None:
        began.set()
        assert over.wait(60)
        done.set()

    monkeypatch.setattr(deliver_due, "__kwdefaults__", {**deliver_due.__kwdefaults__, "send": send})
    with Deliverer(watch.store, watch.outbox, watch.alerting.channels, last_seconds=0.0, patience=0.05):
        assert began.wait(60)
    assert not done.is_set()
    assert "alerts-w: left with a message in hand" in caplog.text
    assert watch.outbox.waiting() == {"w": len(ids)}
    over.set()
    assert done.wait(60)


MAIL = (
    "  - {kind: smtp, id: m, host: 127.0.0.1, port: %d, starttls: false, sender: n@a.example, "
    "to: [x@a.example, y@a.example]}"
)


def test_a_recipient_who_is_refused_is_named(new_watch: NewWatch) -> None:
    with smtp({"y@a.example": "550 no such box"}) as (port, mails):
        watch = ready(new_watch, MAIL % port)
        assert deliver(watch) == ["m: refused for y@a.example (550 no such box)"]
        assert deliver(watch, 9000) == []
    assert len(mails) == 1
    (id,) = watch.alerts()
    assert [d.error for d in watch.outbox.of(id)] == ["m: refused for y@a.example (550 no such box)"]


def test_a_recipient_who_is_refused_for_now_gets_it_later(new_watch: NewWatch) -> None:
    refused = {"y@a.example": "450 later"}
    with smtp(refused) as (port, mails):
        watch = ready(new_watch, MAIL % port)
        assert deliver(watch, 2000) == ["m: not taken for y@a.example (450 later)"]
        refused.clear()
        assert deliver(watch, 2010) == []
    assert len({mail["Message-ID"] for mail in mails}) == 1
    assert [mail["To"] for mail in mails] == ["x@a.example, y@a.example", "y@a.example"]
    assert watch.outbox.waiting() == {}


def test_a_recipient_who_is_always_refused_for_now_costs_the_others_nothing_and_is_given_up(
    new_watch: NewWatch,
) -> None:
    refused = {"y@a.example": "452 mailbox full"}
    with smtp(refused) as (port, mails):
        watch = ready(new_watch, MAIL % port)
        tries = [deliver(watch, 2000 + day * 86_400) for day in range(60)]
        assert tries.count(["m: not taken for y@a.example (452 mailbox full)"]) == REFUSED_ATTEMPTS
        assert len(mails) == 1
        assert (watch.outbox.waiting(), watch.outbox.given_up()) == ({}, {"m": 1})
        refused.clear()
        assert watch.outbox.offer_again(9_000_000) == 1
        assert deliver(watch, 9_000_000) == []
    assert [mail["To"] for mail in mails] == ["x@a.example, y@a.example", "y@a.example"]


@pytest.mark.parametrize("refused", [{"@a.example": "550 no such box"}, {"data": "554 not this"}])
def test_a_mail_that_nobody_will_have_is_given_up(new_watch: NewWatch, refused: dict[str, str]) -> None:
    with smtp(refused) as (port, mails):
        watch = ready(new_watch, MAIL % port)
        for day in range(60):
            deliver(watch, 2000 + day * 86_400)
    (id,) = watch.alerts()
    assert (mails, watch.outbox.given_up()) == ([], {"m": 1})
    assert [d.attempts for d in watch.outbox.of(id)] == [REFUSED_ATTEMPTS]


def test_what_is_left_to_one_and_what_is_new_to_all_go_their_own_ways(new_watch: NewWatch) -> None:
    refused = {"y@a.example": "450 later"}
    with smtp(refused) as (port, mails):
        watch = ready(new_watch, MAIL % port)
        deliver(watch, 2000)
        refused.clear()
        watch.take(bulletin("b", 1, "v:HACKING"))
        assert deliver(watch, 2010) == []
    assert sorted(mail["To"] for mail in mails[1:]) == ["x@a.example, y@a.example", "y@a.example"]
    assert watch.outbox.waiting() == {}


def test_with_tls_nothing_goes_before_the_handshake(new_watch: NewWatch) -> None:
    with garbage() as (address, heard):
        host, port = address.split(":")
        watch = ready(
            new_watch,
            f"  - {{kind: smtp, id: m, host: {host}, port: {port}, tls: true, sender: a@b.example, to: [c@d.example]}}",
        )
        (error,) = deliver(watch)
    assert error.startswith("m: ")
    assert heard[0][:2] == b"\x16\x03", "a TLS record: handshake"


def test_an_alert_is_found_by_the_beginning_of_its_id(tmp_path: Path, plant: Plant) -> None:
    rules = alerting(tmp_path)
    outbox = Outbox(tmp_path / "alerts.sqlite", ())
    watch = Watch(plant.store, plant.letters, outbox, rules)
    ids = watch.take(bulletin("a", 1, "v:MLPS FINE\nlaw:CSL"))
    outbox.close()
    assert [find(plant.store, id[:8])["alert_id"] for id in ids] == ids
    with pytest.raises(ConfigurationError, match="several"):
        find(plant.store, "")
    with pytest.raises(ConfigurationError, match="no such alert"):
        find(plant.store, "zzzz")


def test_a_digest_gathers_until_its_oldest_is_due_and_is_one_mail(new_watch: NewWatch) -> None:
    with smtp() as (port, mails):
        watch = ready(
            new_watch,
            f"  - {{kind: smtp, id: m, digest_minutes: 60, host: 127.0.0.1, port: {port}, starttls: false, "
            "sender: a@b.example, to: [c@d.example]}",
        )
        watch.take(bulletin("b", 1, "v:HACKING"))
        deliver(watch, 1000 + 3599)
        assert mails == []
        deliver(watch, 1000 + 3601)
    (mail,) = mails
    assert "2 alerts" in mail["Subject"]


def test_quiet_hours_reach_over_midnight() -> None:
    channel = Feed(id="f", path="x", quiet_hours="22:00-07:00")
    hours = {
        hour: quiet(channel, 1_700_000_000 // 86_400 * 86_400 + ((hour - 8) % 24) * 3600)
        for hour in (6, 7, 12, 21, 22, 23)
    }
    assert hours == {6: True, 7: False, 12: False, 21: False, 22: True, 23: True}


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise asks for it
def test_apprise_carries_an_alert(new_watch: NewWatch, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("apprise", reason="the extra `notify` is not installed")
    with webhook() as posted:
        monkeypatch.setenv("CHAT_URL", posted.url.replace("http://", "json://"))
        watch = ready(new_watch, "  - {kind: apprise, id: c, url_env: CHAT_URL}")
        assert deliver(watch) == []
        ((_, body),) = posted.requests
    assert "新违法" in json.loads(body)["message"]


def test_a_signature_holds_for_its_second_only() -> None:
    now = str(int(time.time()))
    assert channels.signature("k", now, b"x") != channels.signature("k", str(int(now) + 1), b"x")
