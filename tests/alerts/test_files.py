"""The file of rules and channels: what is wrong in it is named when it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from netdocket.errors import ConfigurationError
from streams.alerts.rules import Feed, load_alerting


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
        (
            "rules: []\nchannels: [{kind: feed, id: f, path: x, zone: Asia/Shangai}]",
            "did you mean Asia/Shanghai",
        ),
        ("rules: []\nchannels: [{kind: feed, id: f, path: x, quiet_hours: '25:00-07:00'}]", "hour"),
        (
            "rules: []\nchannels: [{kind: smtp, id: m, host: n.example, starttls: false, user: u, password_env: P, "
            "sender: a, to: [b]}]",
            "in the clear",
        ),
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


def test_a_feed_lies_where_its_rules_lie(tmp_path: Path) -> None:
    (tmp_path / "alerts.yaml").write_text("rules: []\nchannels: [{kind: feed, id: f, path: public/feed.xml}]")
    (feed,) = load_alerting(tmp_path / "alerts.yaml").channels
    assert isinstance(feed, Feed)
    assert feed.path == str(tmp_path / "public" / "feed.xml")


def test_what_goes_unencrypted_to_another_machine_is_said(tmp_path: Path) -> None:
    (tmp_path / "alerts.yaml").write_text("""
rules: []
channels:
  - {kind: webhook, id: far, url: 'http://n.example/x', secret_env: K}
  - {kind: webhook, id: near, url: 'http://127.0.0.1/x', secret_env: K}
  - {kind: webhook, id: safe, url: 'https://n.example/x', secret_env: K}
  - {kind: smtp, id: post, host: n.example, starttls: false, sender: a@b.example, to: [c@d.example]}
""")
    cautions = load_alerting(tmp_path / "alerts.yaml").cautions()
    assert [caution.split(":")[0] for caution in cautions] == ["channel far", "channel post"]
