"""Sources in trouble: one alert for each time that a source comes into a state, taken back when it has left it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.store import Store
from streams import sourcestates
from streams.alerts.documents import INDEX, alert_id, alerts, set_state
from streams.alerts.rules import SourceRule
from streams.walk import walk


def found(store: Store, rule: SourceRule) -> Iterator[dict[str, Any]]:
    """After a refresh."""
    for state in _states(store):
        if state["state"] not in rule.states:
            continue
        why, since = state.get("reason", ""), state["since"]
        thing = _thing(state)
        yield {
            "schema": f"netdocket.{INDEX}/1",
            "alert_id": alert_id(rule.id, thing, since),
            "rule": rule.id,
            "rule_title": {"en": rule.title.en, "zh": rule.title.zh},
            "kind": rule.kind,
            "thing": thing,
            "value": state["state"],
            "title": state["source"],
            "reason": {
                "en": f"{state['source']}: {state['state']} since {since}. {why}".strip(),
                "zh": f"{state['source']}：自 {since} 起状态为 {state['state']}。{why}",
            },
            "source": state["source"],
            "origin": state.get("origin", "live"),
            "late": False,
            "fired_at": state["at"],
            "state": "open",
        }


def resolve(store: Store, rule: SourceRule) -> int:
    """Withdraws open alerts of troubles that are over; how many. After a refresh."""
    now = {state["source"]: state for state in _states(store)}
    over = 0
    for alert in list(alerts(store, [{"term": {"rule": rule.id}}, {"term": {"state": "open"}}])):
        state = now.get(alert["source"])
        if state is None or alert["alert_id"] != alert_id(rule.id, _thing(state), state["since"]):
            set_state(
                store, alert["alert_id"], "withdrawn", f"{state['state'] if state else 'no source'} now"
            )
            over += 1
    return over


def _thing(state: dict[str, Any]) -> str:
    return f"source:{state['source']}:{state['state']}"


def _states(store: Store) -> list[dict[str, Any]]:
    return [state for _, state in walk(store, sourcestates.INDEX)]
