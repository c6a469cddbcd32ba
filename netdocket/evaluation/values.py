"""What of a label and of a record can be compared: values with a key that must be equal, a class, and where they stand.

A key is what counts as the same; a class is under what a value is listed. Both sides go through the same functions
wherever label and exchange form say the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from netdocket.evaluation.answers import Answer
from netdocket.evaluation.labels import IncidentLabel, Label
from netdocket.evaluation.vocabulary import OTHER, Vocabulary

MOST_ALIKE: Final = 100
"""A fine imposed more often than this counts so many times."""
BANDS: Final = ((10_000, "below 10,000"), (100_000, "10,000 to 99,999"), (1_000_000, "100,000 to 999,999"))
ABOVE: Final = "1,000,000 and more"
_VERSION = re.compile(r"-(?:19|20)\d\d$")
_UNIT_COMPARED: Final = "money"
"""Of a scale only money has a unit that its `what` does not imply."""


class Value(NamedTuple):
    """`key`: what is compared; `group`: its class; `shown`: as people read it; `path`: of a record's value, its place in
    the exchange form (`penalties.0`)."""

    key: Hashable
    group: str
    shown: str
    path: str | None = None


class PenaltyValues(NamedTuple):
    """One case's penalties as types, as entries (type, target, amount), and as single fines."""

    types: list[Value]
    entries: list[Value]
    fines: list[Value]


class ArticleValues(NamedTuple):
    articles: list[Value]
    roles: list[Value]


def labelled_penalties(label: Label | None, vocabulary: Vocabulary) -> PenaltyValues:
    rows = [(p.type, p.target, p.amount_cny, p.count, p.detail) for p in label.penalties] if label else []
    return _penalties(rows, vocabulary, given=False)


def given_penalties(answer: Answer | None, vocabulary: Vocabulary) -> PenaltyValues:
    rows = [
        (p["type"], p.get("target"), p.get("amount_cny"), p.get("count"), p.get("detail"))
        for p in (answer.rows("penalties") if answer else ())
    ]
    return _penalties(rows, vocabulary, given=True)


def _penalties(rows: Sequence[tuple[Any, ...]], vocabulary: Vocabulary, *, given: bool) -> PenaltyValues:
    """Alike penalties are one entry; a fine stands as often as it was imposed, a combined one once."""
    types: dict[Hashable, Value] = {}
    entries: dict[Hashable, Value] = {}
    fines: list[Value] = []
    for n, (kind, target, amount, count, detail) in enumerate(rows):
        label = vocabulary.penalty(kind)
        if label is None:
            continue
        path = f"penalties.{n}" if given else None
        hit = "entity" if label in vocabulary.always_entity else target or "entity"
        types.setdefault(label, Value(label, label, label, path))
        key = (label, hit, amount)
        sum_ = f" {amount:,.0f}" if amount is not None else ""
        entries.setdefault(key, Value(key, label, f"{label} {hit}{sum_}", path))
        if amount and label in vocabulary.fines:
            times = 1 if detail == "combined" else min(int(count or 1), MOST_ALIKE)
            fines += [Value(amount, _band(amount), f"{amount:,.0f}", path)] * times
    return PenaltyValues(list(types.values()), list(entries.values()), fines)


def _band(amount: float) -> str:
    return next((name for limit, name in BANDS if amount < limit), ABOVE)


def labelled_articles(label: Label | None) -> ArticleValues:
    return _articles([(a.law, a.article, a.role) for a in label.articles] if label else [], given=False)


def given_articles(answer: Answer | None) -> ArticleValues:
    rows = answer.rows("citations") if answer else ()
    return _articles([(c["law"], c.get("article"), c.get("role")) for c in rows], given=True)


def _articles(rows: Sequence[tuple[str, Any, str | None]], *, given: bool) -> ArticleValues:
    """Articles without paragraph and item; what is only mentioned, or names no article, is left out."""
    articles: dict[Hashable, Value] = {}
    roles: dict[Hashable, Value] = {}
    for n, (law, article, role) in enumerate(rows):
        if not article or role == "mentioned":
            continue
        path = f"citations.{n}" if given else None
        key = (law_key(law), re.split(r"[(\[]", str(article), maxsplit=1)[0])
        shown = f"{law} {key[1]}"
        articles.setdefault(key, Value(key, key[0], shown, path))
        roles.setdefault((*key, role), Value((*key, role), str(role), f"{shown} {role}", path))
    return ArticleValues(list(articles.values()), list(roles.values()))


def law_key(law: str) -> str:
    """An instrument's id without its version; a printed name without its marks and its country."""
    bare = _VERSION.sub("", law).strip("《》 ").removeprefix("中华人民共和国")
    return bare.lower()


def violations(
    label: Label | None, answer: Answer | None, vocabulary: Vocabulary
) -> tuple[list[Value], list[Value]]:
    """(wanted, given). A code is right for each wanted label it may stand for and no earlier code has found; it is
    wrong when it may stand for none of them, and not judged when it may stand for `other` and that is labelled."""
    named = list(dict.fromkeys(label.violation_types)) if label else []
    wanted = [name for name in named if name != OTHER]
    left = set(wanted)
    given: list[Value] = []
    seen: set[str] = set()
    for n, code in enumerate(answer.rows("violations") if answer else ()):
        if code in seen:
            continue
        seen.add(code)
        stands = vocabulary.violation(code)
        path = f"violations.{n}"
        found = [name for name in stands if name in left]
        given += [Value(name, name, code, path) for name in found]
        left.difference_update(found)
        not_judged = code == "OTHER" or (OTHER in named and OTHER in stands)
        if not found and not any(name in wanted for name in stands) and not not_judged:
            given.append(Value(("wrong", code), stands[0], code, path))
    return [Value(name, name, name) for name in wanted], given


def judged(
    wanted: str | None, may: Iterable[str], given: Any, group: str, path: str, *, date: bool = False
) -> tuple[list[Value], list[Value]]:
    """(wanted, given) of a field with one value. A given one that the label accepts is the wanted one, and none where
    the label asks for none. A date may be more precise than its label."""
    accepted = [value for value in (wanted, *may) if value]
    if given and any(str(given).startswith(value) if date else given == value for value in accepted):
        same: Any = wanted
    else:
        same = given
    return (
        [Value((group, wanted), group, str(wanted))] if wanted else [],
        [Value((group, same), group, str(given), path)] if same else [],
    )


def issuers(label: Label | None, answer: Answer | None) -> tuple[list[Value], list[Value]]:
    part = label.reg if label else None
    wanted = dict.fromkeys(part.issuer_types) if part else {}
    optional = set(part.issuer_types_may) - set(wanted) if part else set()
    given: dict[str, Value] = {}
    for n, code in enumerate((answer.part("regulatory") if answer else {}).get("issuer_types") or ()):
        if code not in optional:
            given.setdefault(code, Value(code, code, code, f"regulatory.issuer_types.{n}"))
    return [Value(code, code, code) for code in wanted], list(given.values())


class IncidentValues(NamedTuple):
    types: list[Value]
    identifiers: list[Value]
    scale: list[Value]


def labelled_incident(part: IncidentLabel | None) -> IncidentValues:
    if part is None:
        return IncidentValues([], [], [])
    return _incident(
        part.types, part.identifiers, [(s.what, s.value, s.unit) for s in part.scale], given=False
    )


def given_incident(part: Mapping[str, Any]) -> IncidentValues:
    scale = [(s.get("what"), s.get("value"), s.get("unit")) for s in part.get("scale") or ()]
    return _incident(part.get("types") or (), part.get("identifiers") or (), scale, given=True)


def _incident(
    types: Sequence[str],
    identifiers: Sequence[str],
    scale: Sequence[tuple[str | None, float | None, str | None]],
    *,
    given: bool,
) -> IncidentValues:
    """Each once; extents without a value are left out."""

    def at(field: str, n: int) -> str | None:
        return f"incident.{field}.{n}" if given else None

    kinds = {code: Value(code, code, code, at("types", n)) for n, code in enumerate(types)}
    numbers: dict[str, Value] = {}
    for n, printed in enumerate(identifiers):
        number = printed.upper()
        numbers.setdefault(number, Value(number, number.split("-")[0], number, at("identifiers", n)))
    extents: dict[Hashable, Value] = {}
    for n, (what, value, unit) in enumerate(scale):
        if value is not None:
            key = (what, float(value), unit if what == _UNIT_COMPARED else None)
            shown = f"{what} {value:,.0f} {unit or ''}".strip()
            extents.setdefault(key, Value(key, str(what), shown, at("scale", n)))
    return IncidentValues(list(kinds.values()), list(numbers.values()), list(extents.values()))
