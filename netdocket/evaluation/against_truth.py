"""The classifier against the generator, whose truth is exact: for every code how often it was found, missed, invented.

No mark is set: the generator's texts are invented, and how they are worded is its choice. What it shows is which codes are
not reached at all, and which are confused, over far more cases than anybody labels by hand.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from enrich import Knowledge, classify
from netdocket.evaluation.answers import Answer
from netdocket.evaluation.intervals import Tally
from netdocket.evaluation.pairing import pair
from netdocket.exchange import exchange_row
from netdocket.generator import Generated, generate
from netdocket.identity import bulletin_id
from netdocket.records import Bulletin

FETCHED: Final = "2026-11-22T00:00:00Z"
GROUPS: Final[Mapping[str, str]] = {
    "kind": "Kinds of records", "authority": "Authorities", "violation": "Violations", "penalty": "Penalties",
    "sector": "Sectors", "subject_kind": "Kinds of subjects", "law": "Laws cited", "role": "Roles of citations",
    "status": "Status of instruments", "issuer": "Issuers of instruments", "incident": "Types of incidents",
    "notice_class": "Classes of notices", "figure": "Figures of reports", "jurisdiction": "Jurisdictions",
}  # fmt: skip


@dataclass
class Compared:
    """`codes`: group (see GROUPS) to code to how often it was right, missed, invented; `paired`: records of the truth that
    a record answers; `exact`: of those, the ones in which every code is right."""

    bulletins: int = 0
    wanted: int = 0
    given: int = 0
    paired: int = 0
    exact: int = 0
    codes: dict[str, dict[str, Tally]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, truth: Sequence[Answer], found: Sequence[Answer]) -> None:
        """The records of one bulletin."""
        self.bulletins += 1
        self.wanted += len(truth)
        self.given += len(found)
        for at, to in pair(truth, found):
            wanted = _codes(truth[at].row) if at is not None else {}
            given = _codes(found[to].row) if to is not None else {}
            if at is not None and to is not None:
                self.paired += 1
                self.exact += wanted == given
            for group in GROUPS:
                self._count(group, wanted.get(group, Counter()), given.get(group, Counter()))

    def total(self, group: str) -> Tally:
        total = Tally()
        for tally in self.codes[group].values():
            total = total.plus(tally)
        return total

    def _count(self, group: str, wanted: Counter[str], given: Counter[str]) -> None:
        for code in wanted | given:
            right = min(wanted[code], given[code])
            tally = Tally(right, wanted[code] - right, given[code] - right)
            self.codes[group][code] = self.codes[group].get(code, Tally()).plus(tally)


def compare(
    count: int, seed: int, knowledge: Knowledge, on_progress: Callable[[int], None] = lambda done: None
) -> Compared:
    """The first `count` bulletins of a seed, generated and classified one by one."""
    compared = Compared()
    for done, made in enumerate(generate(count, seed), 1):
        rows = [exchange_row(record, made.name) for record in classify(as_harvested(made), knowledge).records]
        truth, found = ([Answer(row=row) for row in _told(given)] for given in (made.truth, rows))
        compared.add(truth, found)
        on_progress(done)
    return compared


def _told(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (row for row in rows if row["kind"] != "CONTAINER")


def as_harvested(made: Generated) -> Bulletin:
    """As a crawl hands it over."""
    return Bulletin(
        bulletin_id=bulletin_id(made.source, made.url), source=made.source, url=made.url, title=made.title,
        text=made.text, language=made.language, publisher=made.publisher, published=made.published,
        fetched_at=FETCHED, origin="generated",
    )  # fmt: skip


def _codes(row: Mapping[str, Any]) -> dict[str, Counter[str]]:
    """All codes of a record, by group. A penalty counts by its type, however many entries it has."""
    regulatory, incident = row.get("regulatory") or {}, row.get("incident") or {}
    found: dict[str, Iterable[str | None]] = {
        "kind": [row["kind"]],
        "authority": [row.get("authority_type")],
        "violation": row.get("violations") or (),
        "penalty": {penalty["type"] for penalty in row.get("penalties") or ()},
        "sector": [row.get("sector")],
        "subject_kind": [row.get("subject_kind")],
        "law": {citation["law"] for citation in row.get("citations") or ()},
        "role": {f"{c['law']} {c['article']} {c['role']}" for c in row.get("citations") or ()},
        "status": [regulatory.get("status")],
        "issuer": regulatory.get("issuer_types") or (),
        "incident": incident.get("types") or (),
        "notice_class": [incident.get("notice_class")],
        "figure": {figure["metric"] for figure in row.get("figures") or ()},
        "jurisdiction": [row.get("jurisdiction")],
    }
    counted = {group: Counter(code for code in codes if code) for group, codes in found.items()}
    return {group: codes for group, codes in counted.items() if codes}
