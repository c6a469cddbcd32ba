"""How figures, intervals and slips are said, the same in all reports."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from netdocket.evaluation.intervals import DRAWS, Interval
from netdocket.evaluation.measures import NOTHING
from netdocket.evaluation.results import Evaluation, Figure, Slip

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "items": "Items found",
        "kind_accuracy": "Kind",
        "authority_type_accuracy": "Authority",
        "violations": "Violations",
        "penalty_types": "Penalty types",
        "penalty_entries": "Penalties with target and amount",
        "fine_amounts": "Amounts of fines",
        "articles": "Articles cited",
        "article_roles": "Articles with their role",
        "no_penalty_invented": "No penalty invented",
        "case_dates": "Dates of cases",
        "reg_issuers": "Issuers of instruments",
        "reg_status": "Status of instruments",
        "reg_dates": "Dates of instruments",
        "reg_instrument": "Instruments recognised",
        "inc_types": "Types of incidents",
        "inc_identifiers": "Vulnerability numbers",
        "inc_scale": "Extent of incidents",
        "foreign_kept_out": "Foreign items kept out",
        "span_overlap": "Overlap of spans",
    }
)
"""Figures in the order in which they are shown."""
INTERVALS: Final = (
    f"Intervals of 95 %. Figures and F1: bootstrap over documents ({DRAWS} draws, fixed seed); precision, recall and shares "
    "of a class, and whatever has no error at all: Wilson, which takes values for independent."
)
SLICES: Final[Mapping[str, str]] = MappingProxyType(
    {"all": "all", "even": "even numbers", "odd": "odd numbers", "zh": "Chinese", "en": "English"}
)


def percent(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.3f}"


def value(figure: Figure) -> str:
    """A figure's value; nothing where nothing was judged."""
    return percent(figure.value) if figure.judged else NOTHING


def interval(found: Interval | None) -> str:
    return NOTHING if found is None else f"{found.low:.2f}–{found.high:.2f}"


def measured(evaluation: Evaluation) -> str:
    """One line on what was measured."""
    whole = evaluation.slices["all"]
    half = "" if evaluation.half == "all" else f" (the half with {evaluation.half} numbers)"
    rules = "" if evaluation.rules_version is None else f", rules version {evaluation.rules_version}"
    return f"{whole.documents} documents{half}, {whole.labels} labels, {whole.records} records{rules}"


def said(slip: Slip) -> str:
    """What went wrong: `missed fine entity 5,000`."""
    if slip.outcome == "missed":
        return f"missed {slip.wanted}"
    if slip.outcome == "invented":
        return f"invented {slip.given}"
    return f"{slip.given} instead of {slip.wanted}"
