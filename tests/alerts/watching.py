"""The pipeline with alerts on a store in memory, small rules, and a word more than toy_rules.py: `v:MLPS` a violation."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from enrich import Knowledge
from index.store import Store
from netdocket.dead_letters import DeadLetters
from netdocket.records import Bulletin, Classified, Span, Violation
from netdocket.spool import Entry
from streams.alerts.deliver import deliver_due
from streams.alerts.evaluate import Evaluation
from streams.alerts.messages import Alert
from streams.alerts.outbox import Outbox
from streams.alerts.rules import Alerting, Channel, load_alerting
from streams.processors import Processor
from tests.streams import toy_rules
from tests.streams.memory_store import MemoryStore
from tests.streams.toy_rules import entry, rules

RULES = """
rules:
  - {kind: first, id: new-penalty, of: penalty, title: {en: New penalty, zh: 新处罚}}
  - {kind: first, id: new-violation, of: violation, title: {en: New violation, zh: 新违法}}
  - {kind: first, id: new-pair, of: pair, title: {en: New pair, zh: 新组合}}
  - {kind: first, id: new-instrument, of: instrument, title: {en: New instrument, zh: 新规定}}
channels:
  - {kind: feed, id: a, path: unused-a}
  - {kind: feed, id: b, path: unused-b, rules: [new-violation]}
"""


def classify(bulletin: Bulletin, knowledge: Knowledge) -> Classified:
    found = toy_rules.classify(bulletin, knowledge)
    records = []
    for record in found.records:
        line = bulletin.text[record.span.start : record.span.end]
        violations = tuple(
            Violation(
                code=word[2:], confidence=1.0, evidence=Span(start=record.span.start, end=record.span.end)
            )
            for word in line.split()
            if word.startswith("v:")
        )
        records.append(
            msgspec.structs.replace(record, violations=violations, url=bulletin.url, quiet=bulletin.quiet)
        )
    return msgspec.structs.replace(found, records=tuple(records))


def alerting(folder: Path, text: str = RULES) -> Alerting:
    (folder / "alerts.yaml").write_text(text, "utf-8")
    return load_alerting(folder / "alerts.yaml")


@dataclasses.dataclass
class Watch:
    """One life of a process: what it processes, evaluates and sends."""

    store: Store
    letters: DeadLetters
    outbox: Outbox
    alerting: Alerting
    sent: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    rules_version: int = 1
    since: str | None = None

    def __post_init__(self) -> None:
        knowledge = rules(self.rules_version)
        self.processor = Processor(self.store, knowledge, self.letters, classify=classify)
        self.evaluation = Evaluation(self.store, self.alerting, self.outbox, since=self.since)

    def take(self, *messages: Bulletin | Entry) -> list[str]:
        """The alerts that one batch stands for."""
        entries = [m if isinstance(m, Entry) else entry(n, m) for n, m in enumerate(messages, 1)]
        return self.evaluation.evaluate(self.processor.process(entries))

    def send(self, channel: Channel, alerts: Sequence[Alert], _store: Store) -> None:
        self.sent += [(channel.id, alert["alert_id"]) for alert in alerts]

    def deliver(self, now: float) -> None:
        for channel in self.alerting.channels:
            deliver_due(self.store, self.outbox, channel, now=now, send=self.send)

    def alerts(self) -> dict[str, dict[str, Any]]:
        assert isinstance(self.store, MemoryStore)
        return {id: s.source for (index, id), s in self.store.now.items() if index == "alerts"}

    def things(self) -> list[str]:
        return sorted(alert["thing"] for alert in self.alerts().values())
