"""What the processors promise for one batch: poison harms nobody else, older never wins, refused is not lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from netdocket.dead_letters import DeadLetters
from netdocket.errors import StoreError
from netdocket.records import Bulletin, Classified, EventDate, SourceState, encode
from netdocket.spool import BULLETINS, RECLASSIFY, SOURCES, Entry
from streams.audit import audit
from streams.processors import Outcome, Processor
from tests.streams.conftest import Plant
from tests.streams.memory_store import MemoryStore
from tests.streams.toy_rules import bulletin, classify, entry, rules


@dataclasses.dataclass
class Bench:
    """A store, dead letters, and a processor between them."""

    store: MemoryStore
    letters: DeadLetters

    def process(self, *messages: Bulletin | Entry, rules_version: int = 1, **given: Any) -> Outcome:
        processor = Processor(
            self.store, rules(rules_version), self.letters, **{"classify": classify} | given
        )
        outcome = processor.process([
            message if isinstance(message, Entry) else entry(number, message)
            for number, message in enumerate(messages, 1)
        ])  # fmt: skip
        processor.refresh()
        return outcome

    def titles(self) -> dict[str, str]:
        """Bulletin -> title as stored."""
        return {id: s.source["title"] for (index, id), s in self.store.now.items() if index == "bulletins"}

    def ids(self, index: str) -> set[str]:
        return {id for i, id in self.store.now if i == index}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    letters = DeadLetters(tmp_path / "dead-letters.sqlite")
    yield Bench(MemoryStore(), letters)
    letters.close()


# --- poison --------------------------------------------------------------------------------------------------


def test_a_bulletin_that_the_rules_choke_on_is_a_dead_letter_and_the_rest_goes_on(bench: Bench) -> None:
    poisoned = bulletin("p", 1, "FINE\nboom", url="https://a.example/p")
    outcome = bench.process(bulletin("a", 1, "FINE"), poisoned, bulletin("z", 1, "FINE"))
    assert outcome.stored == ["a", "z"]
    (letter,) = bench.letters.list()
    assert (letter.step, letter.reason, letter.error) == ("classify", "boom in the text", "Boom")
    assert (letter.bulletin_id, letter.source, letter.url) == ("p", "test", "https://a.example/p")
    assert letter.payload == encode(poisoned)
    assert audit(bench.store) == []


def test_a_redelivered_poison_makes_no_second_letter_and_a_cure_takes_it_away(bench: Bench) -> None:
    for _ in range(2):
        bench.process(bulletin("p", 1, "boom"))
    assert bench.letters.counts() == {"classify": 1}
    bench.process(bulletin("p", 2, "FINE"))
    assert bench.letters.count() == 0


def test_poison_leaves_what_was_stored_before(bench: Bench) -> None:
    bench.process(bulletin("p", 1, "FINE"))
    bench.process(bulletin("p", 2, "boom"))
    assert bench.titles() == {"p": "Title of p"}
    assert audit(bench.store) == []


@pytest.mark.parametrize(
    ("topic", "payload", "step", "reason"),
    [
        (BULLETINS, b"\xff\x00", "read", "Bulletin: "),
        (BULLETINS, b'{"schema": "netdocket.bulletin/2"}', "read", "Bulletin: Invalid value"),
        (BULLETINS, encode(bulletin("a", 1 << 33, "FINE")), "read", "revision 8589934592 cannot be"),
        (SOURCES, b"[]", "source-state", "SourceState: "),
        ("netdocket.unknown", b"{}", "read", "nothing is known about this topic"),
    ],
)
def test_bytes_that_are_no_message_are_kept_as_they_came(
    bench: Bench, topic: str, payload: bytes, step: str, reason: str
) -> None:
    outcome = bench.process(Entry(1, topic, "k", payload), bulletin("b", 1, "FINE"))
    assert outcome.stored == ["b"]
    (letter,) = bench.letters.list()
    assert (letter.step, letter.payload) == (step, payload)
    assert reason in letter.reason


def test_a_document_that_the_store_refuses_is_a_letter_and_everything_else_is_stored(plant: Plant) -> None:
    def misdated(b: Bulletin, found: Classified) -> Classified:
        """A date that no calendar has, in a development and in a case."""
        if b.bulletin_id != "a":
            return found
        event = EventDate(value="2025-13-41", precision="day", from_="bulletin")
        bad = [msgspec.structs.replace(r, event_date=event) for r in found.records[:2]]
        return msgspec.structs.replace(found, records=(*bad, *found.records[2:]))

    processor = Processor(plant.store, rules(1), plant.letters, classify=classify, correct=misdated)
    a, b = bulletin("a", 1, "FINE\nlaw:CSL\nWARNING"), bulletin("b", 1, "INTERVIEW")
    assert processor.process([entry(1, a), entry(2, b)]).stored == ["a", "b"]
    (letter,) = plant.letters.list()
    assert (letter.step, letter.payload) == ("store", encode(a))
    assert "cases/" in letter.reason
    assert "event_date" in letter.reason
    assert len(plant.ids("cases")) == 2
    assert plant.ids("penalty-types") == {"WARNING", "INTERVIEW"}
    processor.refresh()
    assert plant.ids("instruments") == set()
    mended = Processor(plant.store, rules(1), plant.letters, classify=classify)
    mended.process([entry(1, a)])
    mended.refresh()
    assert (plant.letters.count(), audit(plant.store)) == (0, []), "mended, it is stored whole"


# --- order ---------------------------------------------------------------------------------------------------


def test_of_several_revisions_in_a_batch_the_newest_counts(bench: Bench) -> None:
    newest = bulletin("a", 9, "WARNING", title="newest")
    outcome = bench.process(bulletin("a", 7, "FINE"), newest, bulletin("a", 8, "FINE"))
    assert (outcome.stored, bench.titles()) == (["a"], {"a": "newest"})


def test_what_is_older_than_the_manifest_is_dropped(bench: Bench) -> None:
    bench.process(bulletin("a", 2, "FINE", title="new"))
    before = dict(bench.store.now)
    outcome = bench.process(bulletin("a", 1, "WARNING", title="old"))
    assert (outcome.late, outcome.stored, bench.store.now) == (["a"], [], before)


def test_newer_rules_take_away_what_they_no_longer_find_and_older_rules_do_not_bring_it_back(
    bench: Bench,
) -> None:
    text = "FINE until:1\nWARNING\nINTERVIEW since:2"
    bench.process(bulletin("a", 1, text), rules_version=1)
    assert bench.ids("penalty-types") == {"FINE", "WARNING"}
    for version in (2, 1):
        bench.process(bulletin("a", 1, text), rules_version=version)
        assert bench.ids("penalty-types") == {"WARNING", "INTERVIEW"}
        assert len(bench.ids("cases")) == 2
    assert audit(bench.store) == []


def test_a_replay_changes_nothing(bench: Bench) -> None:
    messages = [bulletin("a", 1, "FINE\nlaw:CSL"), bulletin("b", 1, "FINE WARNING\nlaw:CSL status:in_force")]
    bench.process(*messages)
    before = {key: stored.source for key, stored in bench.store.now.items()}
    bench.process(*messages, *reversed(messages))
    assert {key: stored.source for key, stored in bench.store.now.items()} == before


def test_corrections_come_after_the_rules(bench: Bench) -> None:
    def renamed(_: Bulletin, classified: Classified) -> Classified:
        corrected = tuple(
            msgspec.structs.replace(r, sector=None, title="corrected") for r in classified.records
        )
        return msgspec.structs.replace(classified, records=corrected)

    for _ in range(2):
        bench.process(bulletin("a", 1, "FINE"), correct=renamed)
        assert [s.source["title"] for (i, _), s in bench.store.now.items() if i == "cases"] == ["corrected"]


# --- a store that fails ------------------------------------------------------------------------------------------


def failing(store: MemoryStore, fail_at: Sequence[int]) -> Callable[[str], None]:
    """Fails at the n-th operations, counted over all attempts."""
    count = 0

    def before(_name: str) -> None:
        nonlocal count
        count += 1
        if count in fail_at:
            raise StoreError(f"operation {count} failed")

    return before


def test_whichever_operation_fails_the_next_attempt_makes_it_whole(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.firstseen.utc_now", lambda: "2026-03-02T00:00:00Z")
    old = [bulletin("a", 1, "FINE\nlaw:CSL"), bulletin("b", 1, "WARNING")]
    new = [bulletin("a", 2, "INTERVIEW\nlaw:PIPL"), bulletin("b", 2, "WARNING\nboom")]
    plain = MemoryStore()
    Bench(plain, bench.letters).process(*old)
    Bench(plain, bench.letters).process(*new)
    expected = {key: stored.source for key, stored in plain.now.items()}
    for fail_at in range(1, 40):
        store = MemoryStore()
        tried = Bench(store, bench.letters)
        tried.process(*old)
        store.before = failing(store, [fail_at])
        try:
            tried.process(*new)
        except StoreError:
            tried.process(*new)
        else:
            assert fail_at > 10, "there are that many operations at least"
        assert {key: stored.source for key, stored in store.now.items()} == expected, fail_at


# --- first seen ----------------------------------------------------------------------------------------------


def test_the_first_of_a_kind_wins_once_and_a_redelivery_of_it_wins_again(bench: Bench) -> None:
    first = bulletin("a", 1, "FINE", published="2026-03-05")
    assert [w.thing for w in bench.process(first, bulletin("b", 1, "FINE WARNING")).won] == [
        "FINE",
        "WARNING",
    ]
    assert bench.store.now["penalty-types", "FINE"].source["bulletin_id"] == "a"
    assert bench.process(bulletin("c", 1, "FINE", published="2020-01-01")).won == [], "earlier, but not first"
    assert [w.thing for w in bench.process(first).won] == ["FINE"]


def test_unlisted_measures_are_told_apart_by_their_phrase(bench: Bench) -> None:
    bench.process(bulletin("a", 1, "OTHER=断卡"), bulletin("b", 1, "OTHER=劝导 OTHER=断卡"))
    assert bench.ids("penalty-types") == {"OTHER:断卡", "OTHER:劝导"}
    assert bench.store.now["penalty-types", "OTHER:断卡"].source["bulletin_id"] == "a"


def test_the_earliest_remaining_inherits_and_without_one_the_next_occurrence_is_a_first_one(
    bench: Bench,
) -> None:
    bench.process(
        bulletin("a", 1, "FINE", published="2026-03-05"),
        bulletin("b", 1, "FINE", published="2026-03-04"),
        bulletin("c", 1, "FINE", published="2026-03-03"),
    )
    bench.store.refresh()
    assert bench.process(bulletin("a", 2, "WARNING")).won[0].thing == "WARNING"
    assert bench.store.now["penalty-types", "FINE"].source["bulletin_id"] == "c"
    bench.process(bulletin("b", 2, "WARNING"), bulletin("c", 2, "WARNING"))
    assert bench.ids("penalty-types") == {"WARNING"}
    assert [w.bulletin_id for w in bench.process(bulletin("d", 1, "FINE")).won] == ["d"]


def test_only_mainland_records_and_imposed_measures_count(bench: Bench) -> None:
    def abroad(_: Bulletin, classified: Classified) -> Classified:
        records = tuple(msgspec.structs.replace(r, jurisdiction="US") for r in classified.records)
        return msgspec.structs.replace(classified, records=records)

    assert bench.process(bulletin("a", 1, "FINE"), correct=abroad).won == []
    assert bench.process(bulletin("b", 1, "NO_PENALTY")).won == []
    assert bench.ids("penalty-types") == set()


def test_a_reclassification_wins_nothing_but_puts_the_entries_in_order(bench: Bench) -> None:
    old, new = bulletin("a", 1, "FINE until:1\nWARNING since:2"), bulletin("b", 1, "FINE")
    bench.process(old, new)
    outcome = bench.process(entry(1, old, RECLASSIFY), rules_version=2)
    assert outcome.won == []
    assert bench.store.now["penalty-types", "FINE"].source["bulletin_id"] == "b"
    assert bench.ids("penalty-types") == {"FINE", "WARNING"}


# --- merged documents ----------------------------------------------------------------------------------------


def test_an_instrument_is_what_was_reported_of_it_last_whatever_came_first(bench: Bench) -> None:
    reports = [
        bulletin("draft", 1, "law:NDSR status:draft", published="2021-11-14"),
        bulletin("issued", 1, "law:NDSR status:issued", published="2024-09-30"),
        bulletin("in-force", 1, "law:NDSR status:in_force", published="2025-01-01"),
    ]
    documents = []
    for order in (reports, reports[::-1]):
        store = MemoryStore()
        for report in order:
            Bench(store, bench.letters).process(report)
        documents.append(store.now["instruments", "NDSR"].source)
    assert documents[0] == documents[1]
    assert (documents[0]["status"], documents[0]["last_reported"]) == ("in_force", "2025-01-01")
    assert documents[0]["development_count"] == 3
    assert documents[0]["instrument_label"]["zh"] == "网络数据安全管理条例"


def test_a_withdrawn_development_leaves_its_instrument_and_the_last_one_takes_it_along(bench: Bench) -> None:
    bench.process(bulletin("a", 1, "law:CSL status:draft"), bulletin("b", 1, "law:CSL status:in_force"))
    bench.process(bulletin("b", 2, "law:PIPL"))
    assert bench.store.now["instruments", "CSL"].source["status"] == "draft"
    bench.process(bulletin("a", 2, "FINE"))
    assert bench.ids("instruments") == {"PIPL"}


def test_a_source_keeps_its_newest_state_with_what_earlier_ones_knew(bench: Bench) -> None:
    def state(at: str, name: str) -> Entry:
        reported = SourceState(source="cac", state=name, since=at, at=at, run_id=at)
        return Entry(1, SOURCES, "cac", encode(reported))

    def stored() -> dict[str, Any]:
        return bench.store.now["sources", "cac"].source

    bench.process(state("2026-03-01T00:00:00Z", "ok"), state("2026-03-02T00:00:00Z", "blocked"))
    bench.process(state("2026-03-03T00:00:00Z", "blocked"))
    assert (stored()["since"], stored()["last_good"]) == ("2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z")
    outcome = bench.process(state("2026-03-01T12:00:00Z", "ok"))
    assert (outcome.states, stored()["at"]) == (0, "2026-03-03T00:00:00Z"), "an older report changes nothing"
