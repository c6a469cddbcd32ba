"""How fast texts are classified, beside a bare scan for the same phrases in the same run.

Both go through the same texts, in turns of a few, on one core; what is compared is processor time. The bare scan looks for
all phrases of all tables with one automaton of ahocorasick_rs, the matcher that the tables use themselves, and does
nothing with what it finds. Machines differ and are busy: the ratio is what counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ahocorasick_rs import AhoCorasick
from msgspec.structs import replace

from enrich.catalogue import Knowledge, load_knowledge
from enrich.pipeline import classify
from enrich.tables import tables
from netdocket.records import Bulletin

TURN: Final = 50
LEAST: Final = 1 / 15
GOAL: Final = 1 / 8


@dataclass(frozen=True, kw_only=True)
class Report:
    """Seconds of processor time over all documents; sizes in bytes of UTF-8."""

    documents: int
    size: int
    records: int
    phrases: int
    matches: int
    classifier: float
    bare: float

    @property
    def ratio(self) -> float:
        """The classifier's rate as a share of the bare scan's."""
        return self.bare / self.classifier

    def __str__(self) -> str:
        mean = self.size / self.documents
        said = "reaches the goal of" if self.ratio >= GOAL else "is below the goal of"
        least = "" if self.ratio >= LEAST else f", and below the 1/{1 / LEAST:.0f} that is asked for"
        return "\n".join(
            (
                f"{self.documents:,} documents of {mean / 1000:.2f} KB on average, {self.records:,} records; one core, processor time",
                f"classifier  {self.documents / self.classifier:10,.0f} documents/s  {self.size / self.classifier / 1e6:8.2f} MB/s",
                f"bare scan   {self.documents / self.bare:10,.0f} documents/s  {self.size / self.bare / 1e6:8.2f} MB/s"
                f"  ({self.phrases:,} phrases, {self.matches / self.documents:,.0f} matches a document)",
                f"ratio       1/{1 / self.ratio:.1f}: {said} 1/{1 / GOAL:.0f}{least}",
            )
        )


def run(
    bulletins: Sequence[Bulletin], clock: Callable[[], float], knowledge: Knowledge | None = None
) -> Report:
    """Measure on `bulletins`; `clock` gives seconds (of processor time: `time.process_time`)."""
    rules = knowledge or load_knowledge()
    phrases = all_phrases(rules)
    automaton = AhoCorasick(phrases)
    for bulletin in bulletins[:TURN]:  # tables are compiled when first asked for
        classify(bulletin, rules)
    classifier = bare = 0.0
    records = matches = 0
    for first in range(0, len(bulletins), TURN):
        turn = bulletins[first : first + TURN]
        texts = [bulletin.text for bulletin in turn]
        begin = clock()
        for bulletin in turn:
            records += len(classify(bulletin, rules).records)
        between = clock()
        for text in texts:
            matches += len(automaton.find_matches_as_indexes(text.lower(), overlapping=True))
        classifier += between - begin
        bare += clock() - between
    return Report(
        documents=len(bulletins),
        size=sum(len(bulletin.text.encode()) for bulletin in bulletins),
        records=records,
        phrases=len(phrases),
        matches=matches,
        classifier=classifier,
        bare=bare,
    )


LENGTHS: Final = (10_000, 100_000, 1_000_000, 10_000_000)


@dataclass(frozen=True, kw_only=True)
class Length:
    """One text of `size` bytes of UTF-8: seconds of processor time, records found."""

    size: int
    seconds: float
    records: int

    def __str__(self) -> str:
        return (
            f"{self.size / 1000:8,.0f} KB  {self.seconds:8.2f} s  {1e6 * self.seconds / self.size:6.2f} s/MB"
            f"  {self.records:,} records"
        )


def run_lengths(
    bulletins: Sequence[Bulletin],
    clock: Callable[[], float],
    knowledge: Knowledge | None = None,
    sizes: Sequence[int] = LENGTHS,
) -> Iterator[Length]:
    """The texts of the Chinese `bulletins` joined to one of each size: the seconds for a megabyte stay what they are
    where classification is linear."""
    rules = knowledge or load_knowledge()
    series = [bulletin for bulletin in bulletins if bulletin.language == "zh"]
    joined = "\n\n".join(bulletin.text for bulletin in series).encode()
    for size in sizes:
        text = (joined * (size // len(joined) + 1))[:size].decode(errors="ignore")
        begin = clock()
        records = len(classify(replace(series[0], text=text), rules).records)
        yield Length(size=size, seconds=clock() - begin, records=records)


def all_phrases(knowledge: Knowledge) -> list[str]:
    """The phrases of every table that the steps scan for, each once."""
    return list(dict.fromkeys(phrase.lower() for table in tables(knowledge) for phrase in table.phrases))
