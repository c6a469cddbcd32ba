"""What fires arrives: by mail, webhook and feed, signed and readable, and one channel's trouble is its own."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from netdocket.errors import ConfigurationError
from streams.alerts import channels, messages
from streams.alerts.deliver import deliver_due, quiet
from streams.alerts.rules import Feed, load_alerting
from tests.alerts.conftest import NewWatch
from tests.alerts.receivers import smtp, webhook
from tests.alerts.watching import RULES, Watch
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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: [{kind: first, id: x, of: colour, title: {en: x, zh: x}}]", "colour"),
        (
            "rules: [{kind: amount, id: x, penalty_types: [FINE], title: {en: x, zh: x}}]",
            "either at_least_yuan or",
        ),
        ("rules: []\nchannels: [{kind: feed, id: f, path: x, rules: [nope]}]", "no rule is called nope"),
        ("rules: [", "flow"),
        ("rules: []\nchannels: [{kind: pigeon, id: f}]", "pigeon"),
    ],
)
def test_a_wrong_file_says_what_and_where(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=said) as found:
        load_alerting(path)
    assert found.value.where == str(path)


def test_the_built_in_rules_can_be_read_and_send_nothing() -> None:
    built_in = load_alerting()
    assert built_in.channels == ()
    assert len(built_in.rules) > 5
    with pytest.raises(ConfigurationError, match="did you mean new-penalty"):
        built_in.rule("new-penalti")


def test_a_signature_holds_for_its_second_only() -> None:
    now = str(int(time.time()))
    assert channels.signature("k", now, b"x") != channels.signature("k", str(int(now) + 1), b"x")
