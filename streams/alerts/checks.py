"""Whether rules can ever fire: their codes against the closed lists, their searches against the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from enrich import Knowledge
from index.store import Store
from netdocket.errors import ConfigurationError, HarvestError, MalformedQuery, UnsupportedQuery
from streams.alerts.rules import Alerting, Amount, SearchRule, SourceRule, suggestion
from streams.sourcestates import GOOD


def _states(kind: type[HarvestError]) -> set[str]:
    return {kind.state}.union(*(_states(one) for one in kind.__subclasses__()))


SOURCE_STATES: Final = frozenset(GOOD | _states(HarvestError))
"""What a source can be found in (netdocket.records.SourceState)."""


def check_codes(alerting: Alerting, knowledge: Knowledge) -> None:
    """Raises ConfigurationError for a code that no record and no source can have, with the nearest there is."""
    for rule in alerting.rules:
        if isinstance(rule, Amount):
            _check(rule.id, "penalty type", rule.penalty_types, knowledge.codes("penalty_types"))
        elif isinstance(rule, SourceRule):
            _check(rule.id, "state of a source", rule.states, SOURCE_STATES)


def check_searches(store: Store, alerting: Alerting) -> None:
    """Raises ConfigurationError for a search rule whose query no store would take."""
    for rule in alerting.rules:
        if isinstance(rule, SearchRule):
            try:
                store.count(rule.index, rule.query)
            except (MalformedQuery, UnsupportedQuery) as error:
                raise ConfigurationError(f"rule {rule.id}: {error}", where="query") from error


def _check(rule: str, what: str, given: Iterable[str], known: Collection[str]) -> None:
    for code in given:
        if code not in known:
            raise ConfigurationError(
                f"no {what} is called {code}{suggestion(code, known)}", where=f"rule {rule}"
            )
