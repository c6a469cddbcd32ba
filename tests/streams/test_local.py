"""The runner, re-classification, removal, replay and export, on the real spool and store."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
import zlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from netdocket.errors import ConfigurationError, StorageError, StoreError
from netdocket.records import Archive, Bulletin, Classified, DeadLetter, Stated
from netdocket.spool import BULLETINS, RECLASSIFY
from streams import firstseen
from streams.audit import audit
from streams.exports import document_name, export_records
from streams.local import Progress
from streams.processors import Processor
from streams.reclassify import reclassify
from streams.removal import remove, restore
from streams.replay import replay_letters
from tests.streams.conftest import Plant
from tests.streams.toy_rules import bulletin, rules

# --- runner --------------------------------------------------------------------------------------------------


def test_everything_is_stored_searchable_and_confirmed(plant: Plant) -> None:
    plant.submit(
        *(bulletin(f"b{n}", 0, "FINE\nWARNING", url=f"https://a.example/{n}.html") for n in range(7))
    )
    heard: list[Progress] = []
    done = plant.runner().drain(heard.append)
    assert (done.done, done.pending, done.bulletins, done.records) == (7, 0, 7, 14)
    assert [p.done for p in heard] == [0, 3, 6, 7]
    assert plant.store.count("cases") == 14
    assert plant.store.search("bulletins", {"query": {"term": {"bulletin_id": "b3"}}})["hits"]["hits"][0]["_source"][
        "ordinal"
    ] == 1  # fmt: skip
    assert (plant.spool.pending(), audit(plant.store)) == (0, [])


def test_a_running_runner_takes_what_comes_until_it_is_stopped(
    plant: Plant, no_waiting: Callable[[], None]
) -> None:
    no_waiting()
    stop, stored = threading.Event(), threading.Event()
    result: list[Progress] = []

    def heard(progress: Progress) -> None:
        if progress.bulletins == 2:
            stored.set()

    runner = threading.Thread(target=lambda: result.append(plant.runner().run(stop, heard)))
    runner.start()
    for name in ("a", "b"):
        plant.submit(bulletin(name, 0, "FINE"))
    assert stored.wait(30)
    stop.set()
    runner.join(30)
    assert result[0].bulletins == 2
    assert plant.store.count("bulletins") == 2


def test_nothing_is_confirmed_when_the_store_fails(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant.submit(bulletin("a", 0, "FINE"))

    def full(_: Any) -> Any:
        raise StoreError("no room is left")

    with monkeypatch.context() as broken:
        broken.setattr(plant.store, "bulk", full)
        with pytest.raises(StoreError, match="no room"):
            plant.drain()
    assert plant.spool.pending() == 1
    plant.drain()
    assert (plant.store.count("bulletins"), plant.spool.pending(), audit(plant.store)) == (1, 0, [])


# --- replay --------------------------------------------------------------------------------------------------


def test_a_replayed_letter_is_processed_once_its_cause_is_mended(plant: Plant) -> None:
    plant.submit(bulletin("a", 0, "FINE\nboom until:1"), bulletin("b", 0, "FINE"))
    plant.drain()
    (letter,) = plant.letters.list()
    assert replay_letters(plant.datadir, plant.letters, [letter.key]) == 1
    assert (plant.letters.count(), plant.spool.pending()) == (0, 1)
    plant.drain()
    assert [x.payload for x in plant.letters.list()] == [letter.payload], "nothing was mended: it fails again"
    replay_letters(plant.datadir, plant.letters, [letter.key])
    plant.drain(version=2)
    assert (plant.letters.count(), plant.ids("bulletins")) == (0, {"a", "b"})


def test_a_letter_of_a_reclassification_comes_back_as_one_and_wins_nothing(plant: Plant) -> None:
    plant.submit(
        bulletin("a", 0, "boom since:2 until:2\nFINE since:3"), bulletin("new", 0, "boom until:2\nWARNING")
    )
    plant.drain()
    reclassify(plant.datadir, plant.store, rules(2))
    assert {x.bulletin_id: x.topic for x in plant.letters.list()} == {"new": BULLETINS, "a": RECLASSIFY}
    replay_letters(plant.datadir, plant.letters, [x.key for x in plant.letters.list()])
    entries = plant.spool.read()
    assert {(e.topic, e.key) for e in entries} == {(BULLETINS, "new"), (RECLASSIFY, "a")}
    outcome = Processor(plant.store, rules(3), plant.letters).process(entries)
    assert [won.thing for won in outcome.won] == ["WARNING"], "what was never stored is news"
    assert plant.ids("penalty-types") == {"FINE", "WARNING"}


def test_letters_of_other_steps_stay_and_say_why(plant: Plant) -> None:
    plant.submit(bulletin("a", 0, "boom"))
    plant.drain()
    plant.letters.keep([
        DeadLetter(key="x/extract", step="extract", reason="r", error="E", payload=b"", at="2026-03-01T00:00:00Z")
    ])  # fmt: skip
    keys = [letter.key for letter in plant.letters.list()]
    with pytest.raises(
        StorageError, match="1 given back; not this: x/extract: a letter of the step 'extract'"
    ):
        replay_letters(plant.datadir, plant.letters, keys)
    assert [letter.key for letter in plant.letters.list()] == ["x/extract"]


# --- re-classification ---------------------------------------------------------------------------------------


def test_a_reclassification_leaves_news_that_waits_to_the_runner(plant: Plant) -> None:
    """Stored before it, its news would come late, and fire nothing."""
    plant.submit(bulletin("old", 1, "FINE"))
    plant.drain()
    plant.submit(bulletin("a", 1, "WARNING"))
    plant.spool.submit(bulletin("a", 2, "WARNING FINE"), RECLASSIFY).result(30)  # a reader was mended
    done = reclassify(plant.datadir, plant.store, rules(2))
    assert (done.seen, done.passed_over) == (1, 1)
    heard: list[str] = []
    plant.runner(2, watch=lambda found: heard.extend(w.bulletin.bulletin_id for w in found.fresh)).drain()
    assert heard == ["a"]
    assert (audit(plant.store), plant.spool.pending()) == ([], 0)


def test_news_that_comes_while_a_reclassification_goes_on_is_left_to_the_runner(plant: Plant) -> None:
    plant.submit(*(bulletin(f"old{n}", 1, "FINE") for n in range(3)))
    plant.drain()

    def meanwhile(done: int, _all: int) -> None:
        if done > 3:
            return
        plant.submit(bulletin("a", 1, "WARNING"))
        plant.spool.submit(bulletin("a", 2, "WARNING FINE"), RECLASSIFY).result(30)  # a reader was mended

    done = reclassify(plant.datadir, plant.store, rules(2), on_progress=meanwhile)
    assert (done.seen, done.passed_over) == (3, 1)
    heard: list[str] = []
    plant.runner(2, watch=lambda found: heard.extend(w.bulletin.bulletin_id for w in found.fresh)).drain()
    assert heard == ["a"]


def test_a_lost_store_is_filled_by_a_reclassification(plant: Plant) -> None:
    """What has left the queue was stored."""
    plant.submit(bulletin("a", 1, "FINE"))
    plant.spool.confirm([entry.position for entry in plant.spool.read()])
    done = reclassify(plant.datadir, plant.store, rules(1))
    assert (done.written, plant.ids("bulletins")) == (1, {"a"})


def test_newer_rules_change_add_and_remove_records(plant: Plant) -> None:
    plant.submit(
        bulletin("a", 0, "FINE until:1\nWARNING\nINTERVIEW since:2", source="one", published="2026-01-01"),
        bulletin("b", 0, "FINE", source="two", published="2026-02-01"),
    )
    plant.drain()
    before = plant.contents()
    preview = reclassify(plant.datadir, plant.store, rules(2), diff=True)
    assert plant.contents() == before, "a preview changes nothing"
    assert sorted((c.what, c.bulletin_id) for c in preview.changes) == [("added", "a"), ("removed", "a")]
    done = reclassify(plant.datadir, plant.store, rules(2))
    assert (done.seen, done.written, done.added, done.removed, done.changed) == (2, 2, 1, 1, 0)
    assert plant.ids("penalty-types") == {"WARNING", "INTERVIEW", "FINE"}
    assert (done.first_seen.gained, done.first_seen.inherited) == (["INTERVIEW"], ["FINE"])
    assert (audit(plant.store), plant.spool.pending()) == ([], 0)
    again = reclassify(plant.datadir, plant.store, rules(2))
    assert (again.seen, again.written) == (2, 0), "the same rules find the same"
    older = reclassify(plant.datadir, plant.store, rules(1))
    assert (older.seen, older.passed_over) == (0, 2)


def test_a_preview_names_the_values_that_would_change(plant: Plant) -> None:
    plant.submit(bulletin("a", 0, "FINE"))
    plant.drain()

    def corrected(_: Bulletin, found: Classified) -> Classified:
        (record,) = found.records
        assert record.case
        penalty = msgspec.structs.replace(record.case.penalties[0], amount=500_000, rule="another")
        case = msgspec.structs.replace(record.case, penalties=(penalty,))
        sector = Stated(value="EDU", rule="of a person")
        return msgspec.structs.replace(
            found, records=(msgspec.structs.replace(record, case=case, sector=sector),)
        )

    report = reclassify(plant.datadir, plant.store, rules(1), diff=True, correct=corrected)
    (change,) = report.changes
    before = {"type": "FINE", "phrase": "FINE", "target": "entity"}
    assert (change.what, change.fields) == (
        "changed",
        {"case.penalties": ([before], [before | {"amount": 500_000}]), "sector": (None, "EDU")},
    )


@pytest.mark.parametrize(
    ("given", "reached"),
    [
        ({"source": "one"}, {"a"}),
        ({"since": dt.date(2026, 2, 1)}, {"b", "c", "month", "year"}),
        ({"since": dt.date(2026, 2, 2)}, {"c", "month", "year"}),
        ({"since": dt.date(2026, 3, 1)}, {"c", "year"}),
        ({"since": dt.date(2027, 1, 1)}, set()),
    ],
)
def test_a_part_of_the_bulletins_can_be_classified_again(
    plant: Plant, given: dict[str, Any], reached: set[str]
) -> None:
    plant.submit(
        bulletin("a", 0, "FINE since:2", source="one", published="2026-01-31"),
        bulletin("b", 0, "FINE since:2", source="two", published="2026-02-01"),
        bulletin("c", 0, "FINE since:2", source="two", fetched_at="2026-03-01T00:00:00Z"),
        # any day of the month or the year may have been theirs
        bulletin("month", 0, "FINE since:2", source="two", published="2026-02"),
        bulletin("year", 0, "FINE since:2", source="two", published="2026"),
    )
    plant.drain()
    reclassify(plant.datadir, plant.store, rules(2), **given)
    assert {
        document["bulletin_id"] for (index, _), document in plant.contents().items() if index == "cases"
    } == reached


def test_poison_under_new_rules_is_a_letter_and_keeps_what_there_was(plant: Plant) -> None:
    plant.submit(bulletin("a", 0, "FINE"))
    plant.drain()

    def fails(*_: Any) -> Any:
        raise ValueError("a new rule is wrong")

    done = reclassify(plant.datadir, plant.store, rules(2), correct=fails)
    assert (done.dead, done.written) == (1, 0)
    assert plant.letters.counts() == {"classify": 1}
    assert len(plant.ids("cases")) == 1


def test_a_killed_reclassification_is_finished_by_the_next_runner(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant.submit(*(bulletin(f"b{n}", 0, "FINE until:1\nWARNING since:2") for n in range(4)))
    plant.drain()
    real = plant.store.bulk

    def killed(writes: Any) -> Any:
        real(writes[:2])
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(plant.store, "bulk", killed)
        with pytest.raises(KeyboardInterrupt):
            reclassify(plant.datadir, plant.store, rules(2))
    assert audit(plant.store) != []
    plant.drain(version=2)
    assert (audit(plant.store), plant.ids("penalty-types"), plant.spool.pending()) == ([], {"WARNING"}, 0)


def test_a_killed_reclassification_is_finished_by_one_of_another_part(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "FINE until:1\nWARNING since:2\nlaw:CSL since:2"
    plant.submit(*(bulletin(f"{name}{n}", 0, text, source=name) for name in ("one", "two") for n in range(2)))
    plant.drain()
    real = plant.store.bulk

    def killed(writes: Any) -> Any:
        real(writes[:2])
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(plant.store, "bulk", killed)
        with pytest.raises(KeyboardInterrupt):
            reclassify(plant.datadir, plant.store, rules(2), source="two")
    assert audit(plant.store) != []
    done = reclassify(plant.datadir, plant.store, rules(2), source="one")
    assert (audit(plant.store), plant.spool.pending()) == ([], 0)
    assert done.written == 4, "what the first one had in hand as well"
    assert done.first_seen.gained == ["WARNING"]


def test_a_preview_leaves_what_a_killed_reclassification_has_in_hand(plant: Plant) -> None:
    plant.submit(bulletin("a", 0, "FINE"))
    plant.drain()
    plant.spool.requeue(["a"])
    reclassify(plant.datadir, plant.store, rules(2), diff=True)
    assert plant.spool.pending() == 1


def test_entries_are_put_in_order_once_at_the_end_of_a_reclassification(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"b{n}" for n in range(8)]
    plant.submit(*(bulletin(name, 0, "FINE until:1\nWARNING since:2") for name in names))
    plant.drain()
    plant.spool.requeue(names)
    waiting: list[int] = []
    real = firstseen.settle_all

    def counted(store: Any) -> Any:
        waiting.append(plant.spool.pending())
        return real(store)

    monkeypatch.setattr(firstseen, "settle_all", counted)
    plant.drain(version=2)
    assert waiting == [2], "once, with the last entries not confirmed yet"
    assert (audit(plant.store), plant.ids("penalty-types")) == ([], {"WARNING"})


def test_a_kept_bulletin_that_nobody_can_read_is_a_letter_and_the_rest_goes_on(plant: Plant) -> None:
    plant.submit(*(bulletin(name, 0, "FINE until:1\nWARNING since:2") for name in "abc"))
    plant.drain()
    unreadable = b'{"schema": "netdocket.bulletin/0"}'
    with sqlite3.connect(plant.spool.path) as rows:
        rows.execute("UPDATE payloads SET payload = ? WHERE bulletin_id = 'b'", (zlib.compress(unreadable),))
    rows.close()
    preview = reclassify(plant.datadir, plant.store, rules(2), diff=True)
    assert (preview.seen, preview.dead, plant.letters.count()) == (2, 1, 0)
    done = reclassify(plant.datadir, plant.store, rules(2), since=dt.date(2026, 1, 1))
    assert (done.seen, done.written, done.dead) == (2, 2, 1)
    (letter,) = plant.letters.list()
    assert (letter.step, letter.bulletin_id, letter.payload) == ("read", "b", unreadable)
    plant.submit(bulletin("b", 0, "INTERVIEW", fetched_at="2026-04-01T00:00:00Z"))
    plant.drain(version=2)
    assert plant.letters.count() == 0, "a newer revision was read"


def test_an_entry_whose_bytes_are_gone_is_a_letter_that_names_it(plant: Plant) -> None:
    plant.submit(*(bulletin(name, 0, "FINE") for name in "abc"))
    with sqlite3.connect(plant.spool.path) as rows:
        rows.execute("DELETE FROM payloads WHERE bulletin_id IN ('a', 'b')")
    rows.close()
    assert plant.drain().bulletins == 1
    letters = plant.letters.list()
    assert [(letter.step, letter.bulletin_id) for letter in letters] == [("read", "a"), ("read", "b")]
    assert all("bytes are gone" in letter.reason for letter in letters)
    assert plant.spool.pending() == 0


# --- removal -------------------------------------------------------------------------------------------------


def parts(plant: Plant) -> dict[str, Any]:
    return {"store": plant.store, "spool": plant.spool, "letters": plant.letters, "knowledge": rules(1)}


def test_what_is_removed_stays_away_until_it_is_restored(plant: Plant) -> None:
    plant.submit(bulletin("a", 0, "FINE\nlaw:CSL"), bulletin("b", 0, "WARNING"))
    plant.drain()
    before = plant.contents()
    done = remove("a", "asked for by the person", **parts(plant))
    assert ("bulletins", "a") in done.documents
    left = plant.contents()
    assert {key for key in left if key[0] != "manifests"} == {
        key for key in before if key[0] != "manifests" and before[key].get("bulletin_id") == "b"
    }
    assert left["manifests", "a"]["why"] == "asked for by the person"
    plant.submit(bulletin("a", 0, "FINE INTERVIEW", fetched_at="2026-04-01T00:00:00Z"))
    assert (plant.drain().late, plant.contents()) == (1, left)
    reclassify(plant.datadir, plant.store, rules(2))
    assert ("bulletins", "a") not in plant.contents()
    restore("a", **parts(plant))
    assert plant.ids("penalty-types") == {"FINE", "INTERVIEW", "WARNING"}, "what came meanwhile is the newest"
    assert audit(plant.store) == []


def test_what_is_purged_cannot_be_restored_and_is_nowhere(plant: Plant) -> None:
    plant.submit(bulletin("a", 0, "boom"))
    plant.drain()
    remove("a", "court order", purge=True, **parts(plant))
    assert (plant.letters.count(), plant.spool.latest("a")) == (0, None)
    with pytest.raises(ConfigurationError, match="not kept any more"):
        restore("a", **parts(plant))


def test_a_purge_of_what_a_reclassification_waits_for_settles_the_rest(plant: Plant) -> None:
    plant.submit(bulletin("a", 0, "FINE until:1\nWARNING since:2"), bulletin("b", 0, "INTERVIEW"))
    plant.drain()
    plant.spool.requeue(["a", "b"])
    (first, _) = plant.spool.read()
    Processor(plant.store, rules(2), plant.letters).process([first], settle=False)
    plant.spool.confirm([first.position])
    assert audit(plant.store) != []
    remove("b", "court order", purge=True, **parts(plant))
    assert (plant.spool.pending(), plant.ids("penalty-types"), audit(plant.store)) == (0, {"WARNING"}, [])


def test_what_can_be_restored_keeps_its_letters(plant: Plant) -> None:
    plant.submit(bulletin("a", 0, "boom"))
    plant.drain()
    (letter,) = plant.letters.list()
    assert remove("a", "asked for", **parts(plant)).letters == 1
    assert plant.letters.list() == [letter]
    assert remove("a", "asked for, and for good", purge=True, **parts(plant)).letters == 0
    assert plant.letters.count() == 0


def test_a_bulletin_that_is_only_a_letter_can_be_removed(plant: Plant) -> None:
    archive = Archive(file="a-1.warc.gz", offset=7)
    plant.letters.keep([
        DeadLetter(key="x/extract", step="extract", reason="r", error="E", payload=b"page", at="2026-03-01T00:00:00Z",
                   bulletin_id="x", archive=archive)
    ])  # fmt: skip
    done = remove("x", "court order", purge=True, **parts(plant))
    assert (done.documents, done.archive, plant.letters.count()) == ((), archive, 0)
    assert plant.spool.submit(bulletin("x", 0, "FINE")).result(30).change == "unchanged", "it stays away"


def test_a_bulletin_that_nobody_can_read_can_be_removed(plant: Plant) -> None:
    plant.submit(bulletin("a", 0, "FINE"))
    plant.drain()
    with sqlite3.connect(plant.spool.path) as rows:
        rows.execute("UPDATE payloads SET payload = ?", (zlib.compress(b"{}"),))
    rows.close()
    assert remove("a", "asked for", purge=True, **parts(plant)).archive is None
    assert (plant.ids("bulletins"), plant.spool.latest("a")) == (set(), None)


def test_a_restored_bulletin_that_fails_is_a_letter_and_comes_back_with_a_replay(plant: Plant) -> None:
    plant.submit(bulletin("a", 0, "FINE\nboom since:2 until:2"))
    plant.drain()
    remove("a", "asked for", **parts(plant))
    outcome = restore("a", **parts(plant) | {"knowledge": rules(2)})
    assert ([x.reason for x in outcome.letters], outcome.stored) == (["boom in the text"], [])
    assert (audit(plant.store), plant.spool.pending()) == ([], 0)
    replay_letters(plant.datadir, plant.letters, [x.key for x in outcome.letters])
    plant.drain(version=3)
    assert (plant.ids("bulletins"), audit(plant.store), plant.letters.count()) == ({"a"}, [], 0)


def test_a_removal_at_the_same_moment_wins_over_the_restoration(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant.submit(bulletin("a", 0, "FINE"))
    plant.drain()
    remove("a", "asked for", **parts(plant))
    real = plant.store.swap_many

    def beaten(*given: Any) -> Any:
        monkeypatch.setattr(plant.store, "swap_many", real)
        remove("a", "asked for once more", **parts(plant))
        return real(*given)

    monkeypatch.setattr(plant.store, "swap_many", beaten)
    outcome = restore("a", **parts(plant))
    assert (outcome.late, outcome.stored, outcome.letters) == (["a"], [], [])
    assert plant.contents()["manifests", "a"]["why"] == "asked for once more"
    assert (plant.ids("bulletins"), audit(plant.store)) == (set(), [])


def test_mistyped_ids_are_errors(plant: Plant) -> None:
    with pytest.raises(ConfigurationError, match="nobody: no bulletin with this id"):
        remove("nobody", "why", **parts(plant))
    plant.submit(bulletin("a", 0, "FINE"))
    plant.drain()
    with pytest.raises(ConfigurationError, match="a: this bulletin is not removed"):
        restore("a", **parts(plant))


# --- exports -------------------------------------------------------------------------------------------------


def test_exported_records_stand_in_the_order_of_documents_and_text(plant: Plant) -> None:
    plant.submit(
        bulletin("x", 0, "FINE\nlaw:CSL\nWARNING", url="https://a.example/2026/zz.htm"),
        bulletin("y", 0, "ARREST", url="https://a.example/2026/aa.html"),
    )
    plant.drain()
    rows = list(export_records(plant.store))
    assert [(r["doc"], r["kind"], r["char_start"]) for r in rows] == [
        ("aa", "ENFORCEMENT_CASE", 0),
        ("zz", "ENFORCEMENT_CASE", 0),
        ("zz", "REGULATORY_DEV", 5),
        ("zz", "ENFORCEMENT_CASE", 13),
    ]
    assert rows[0]["penalties"][0]["type"] == "ARREST"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a.example/2026/c_17.htm", "c_17"),
        ("https://a.example/ItemDetail.html?docId=17", "17"),
        ("https://a.example/insights/some-title/", "some-title"),
        ("https://a.example/%E6%A1%88.v2.html", "案.v2"),
        ("https://a.example/", "id"),
        (None, "id"),
    ],
)
def test_a_document_is_called_by_the_last_part_of_its_address(url: str | None, name: str) -> None:
    assert document_name(url, "id") == name
