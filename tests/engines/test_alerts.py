"""A kind of penalty that nobody has seen before: published, found and delivered on the real engines, once."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from netdocket.cli import main
from netdocket.datadir import DataDir
from netdocket.records import Bulletin, encode
from netdocket.settings import Settings
from streams.sender import Outgoing
from streams.topics import lags
from tests.alerts.receivers import smtp, webhook
from tests.engines.conftest import MakeStore
from tests.engines.stage import Stage, Supervised, environment, staged

ALERTS = """
rules:
  - {{kind: first, id: new-penalty, of: penalty, title: {{en: New kind of penalty, zh: 新的处罚种类}}}}
  - {{kind: first, id: new-pair, of: pair, title: {{en: New pair, zh: 新组合}}}}
channels:
  - {{kind: smtp, id: m, rules: [new-penalty], host: 127.0.0.1, port: {port}, starttls: false, sender: a@b.example, to: [c@d.example]}}
  - {{kind: webhook, id: w, rules: [new-penalty], url: '{url}', secret_env: HOOK_KEY}}
  - {{kind: feed, id: f, rules: [new-penalty], path: feed.xml}}
"""
KNOWN = "2026年11月3日，江州市网信办依法对江州示例科技有限公司未履行网络安全保护义务的行为作出警告，并处罚款人民币5万元的行政处罚。"
PLANTED = "2026年11月12日，江州市网信办对江州样本网络有限公司未履行网络安全保护义务的行为作出吊销相关业务许可证的行政处罚。"


@pytest.fixture
def stage(
    kafka: str, es_settings: Settings, make_store: MakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    monkeypatch.setenv("HOOK_KEY", "k")
    datadir = DataDir(tmp_path / "data")
    datadir.claim("live")
    store = make_store(family="live")
    with staged(kafka, es_settings, store, tmp_path, profile="cluster", data_dir=datadir.root) as stage:
        yield stage


def started(stage: Stage, *arguments: str) -> Supervised:
    """Each with a folder of its own, as on a machine of its own; it is not there yet."""
    log = stage.folder / f"worker-{len(stage.workers)}.log"
    command = [sys.executable, "-m", "netdocket", "worker", *arguments]
    folder = stage.folder / f"machine-{len(stage.workers)}" / "workers"
    variables = environment(stage.settings) | {"NETDOCKET_WORKER_DIR": str(folder)}
    stage.workers.append(Supervised(command, variables, log))
    return stage.workers[-1]


def published(key: str, text: str, **given: Any) -> Bulletin:
    return Bulletin(
        bulletin_id=key, source="cac", title="行政处罚信息", text=text, language="zh", revision=1, ordinal=1,
        published="2026-11-20", **{"fetched_at": "2099-01-01T00:00:00Z", **given},
    )  # fmt: skip


def looked_at(stage: Stage) -> bool:
    """Whether nothing waits: neither for a worker, nor for who looks for alerts."""
    topics = stage.topics
    waiting = lags(stage.settings, topics.alerts_group, [topics.records])
    return stage.behind() == 0 and sum(lag.behind for lag in waiting) == 0


def test_a_new_kind_of_penalty_is_delivered_once_by_mail_webhook_and_feed(stage: Stage) -> None:
    """With two that look for alerts; then everything comes again, as it was and re-classified."""
    feed = Path(stage.settings.data_dir or "") / "feed.xml"
    with smtp() as (port, mails), webhook() as posted:
        DataDir(feed.parent).alerts.write_text(ALERTS.format(port=port, url=posted.url), "utf-8")
        workers = [started(stage), started(stage, "--alerts"), started(stage, "--alerts", "--port", "0")]
        stage.until("at work", lambda: all(worker.at_work() for worker in workers))

        stage.send([published("back-fill", KNOWN, quiet=True)])
        stage.send([published("old", KNOWN, fetched_at="2020-01-01T00:00:00Z")])
        stage.until("looked at", lambda: _stored(stage, 2) and looked_at(stage))
        assert (mails, posted.requests, feed.exists()) == ([], [], False), "what is learnt quietly is no news"

        planted = published("planted", PLANTED)
        began = time.monotonic()
        stage.send([planted])
        arrived: dict[str, float] = {}
        arrivals: dict[str, Callable[[], object]] = {
            "mail": lambda: mails, "webhook": lambda: posted.requests, "feed": feed.exists,
        }  # fmt: skip

        def delivered() -> bool:
            for channel, has in arrivals.items():
                if channel not in arrived and has():
                    arrived[channel] = time.monotonic() - began
            return len(arrived) == len(arrivals)

        stage.until("delivered", delivered, 120)
        print("\nseconds from publication:", {channel: round(took, 1) for channel, took in arrived.items()})

        again = [published("back-fill", KNOWN, quiet=True), planted, published("another", PLANTED)]
        stage.send(again)
        copies = [Outgoing(stage.topics.reclassify, one.bulletin_id, encode(one)) for one in again]
        assert stage.sender.deliver(copies) == []
        stage.until("looked at", lambda: _stored(stage, 4) and looked_at(stage))
        time.sleep(2)  # a channel is looked at each second
        stops = stage.stop()

    assert [code for _, code in stops] == [0, 0, 0]
    assert len(mails) == len(posted.requests) == 1
    assert feed.read_text("utf-8").count("<entry>") == 1
    body = json.loads(posted.requests[0][1])
    assert (body["rule"], body["bulletin_id"], body["value"]) == ("new-penalty", "planted", "REVOKE_LICENCE")
    assert "吊销" in body["sentence"]
    assert stage.letters() == {}

    listed = json.loads(netdocket(stage, "list", "--rule", "new-penalty", "--json"))
    assert [alert["alert_id"] for alert in listed] == [body["alert_id"]]
    shown = json.loads(netdocket(stage, "show", body["alert_id"][:8], "--json"))
    assert {one["channel"]: (one["attempts"], one["error"]) for one in shown["deliveries"]} == dict.fromkeys(
        "fmw", (1, None)
    )
    assert json.loads(netdocket(stage, "deliver", "--json"))["w"]["waiting"] == 0
    netdocket(stage, "mute", "new-pair")
    assert json.loads(netdocket(stage, "rules", "--json"))["muted"] == ["new-pair"]


def _stored(stage: Stage, bulletins: int) -> bool:
    stage.store.refresh()
    return stage.store.count("bulletins") >= bulletins


def netdocket(stage: Stage, *arguments: str) -> str:
    done = CliRunner().invoke(main, ["alerts", *arguments], env=environment(stage.settings))
    assert done.exit_code == 0, done.output
    return done.output
