"""What an alert says, in both languages: as text, as JSON, as an Atom feed. All of it is masked text."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

Alert = Mapping[str, Any]
DEMO: Final = "[DEMONSTRATION DATA 演示数据] "
SHOWN: Final = (
    "alert_id", "rule", "rule_title", "kind", "thing", "dimension", "value", "label", "reason", "record_id",
    "bulletin_id", "title", "sentence", "url", "source", "event_date", "published", "late", "amount_yuan", "fired_at",
    "origin",
)  # fmt: skip


def subject(alerts: Sequence[Alert]) -> str:
    first = alerts[0]
    mark = DEMO if first.get("origin") in ("replica", "generated") else ""
    if len(alerts) > 1:
        return f"{mark}netdocket: {len(alerts)} alerts 条提醒"
    label = first.get("label", {})
    what = " / ".join(dict.fromkeys(x for x in (label.get("en"), label.get("zh")) if x)) or first.get(
        "title", ""
    )
    return one_line(f"{mark}netdocket: {first['rule_title']['en']} {first['rule_title']['zh']}: {what}")


def text(alerts: Sequence[Alert]) -> str:
    return "\n\n".join(_text(alert) for alert in alerts) + "\n"


def _text(alert: Alert) -> str:
    lines = [
        f"{alert['rule_title']['en']} / {alert['rule_title']['zh']}",
        alert["reason"]["en"],
        alert["reason"]["zh"],
        "",
        alert.get("title", ""),
        f"“{alert['sentence']}”" if alert.get("sentence") else "",
        " · ".join(str(alert[name]) for name in ("event_date", "source") if alert.get(name)),
        alert.get("url", ""),
        f"netdocket alerts show {alert['alert_id']}",
    ]
    kept = [line for line, after in zip(lines, [*lines[1:], "x"], strict=True) if line or after]
    return "\n".join(one_line(line) for line in kept)


def payload(alert: Alert) -> dict[str, Any]:
    """What a webhook gets."""
    return {"schema": "netdocket.alert/1", **{name: alert[name] for name in SHOWN if name in alert}}


def message_id(alerts: Sequence[Alert]) -> str:
    """The same for the same alerts: a mail that goes twice is known for one."""
    ids = "\n".join(alert["alert_id"] for alert in alerts)
    return f"<{hashlib.sha256(ids.encode()).hexdigest()[:40]}@alerts.netdocket.invalid>"


def atom(alerts: Sequence[Alert], address: str, updated: str) -> str:
    """An Atom feed (RFC 4287) of these alerts, newest first."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{_xml(address)}</id>",
        "<title>netdocket alerts 提醒</title>",
        "<author><name>netdocket</name></author>",
        f"<updated>{updated}</updated>",
    ]
    for alert in alerts:
        link = f"<link rel='alternate' href={quoteattr(one_line(alert['url']))}/>" if alert.get("url") else ""
        lines.append(
            f"<entry><id>urn:uuid:{alert['alert_id']}</id><title>{_xml(subject([alert]))}</title>"
            f"<updated>{alert['fired_at']}</updated>{link}"
            f'<content type="text">{_xml(text([alert]))}</content></entry>'
        )
    return "\n".join([*lines, "</feed>"]) + "\n"


def one_line(text: str) -> str:
    """Without line breaks and control characters: a title must not write a header or command a terminal."""
    return " ".join(
        "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text).split()
    )


def _xml(text: str) -> str:
    """Only characters that XML has."""
    kept = (
        c
        for c in text
        if c in "\n\t" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in "\ufffe\uffff")
    )
    return escape("".join(kept))
