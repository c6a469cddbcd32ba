"""The generator's bulletins are the same on every machine, and their truth is what stands in their text."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml

from netdocket.exchange import exchange_row
from netdocket.generator import Generated, bulletin, generate, generate_matching, plan
from netdocket.identity import bulletin_id, record_id
from netdocket.records import Record, Span

KNOWLEDGE = Path(__file__).parents[2] / "enrich" / "knowledge"
MANY = 2500
FINANCIAL = dict(zip("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千", strict=True))
ONLY_IN_ROLL_UPS = {"COLLECTIVE"}
"""A subject kind of records that have no subject."""


@pytest.fixture(scope="module")
def made() -> list[Generated]:
    return list(generate(MANY, seed=11))


@pytest.fixture(scope="module")
def taxonomy() -> dict[str, Any]:
    known: dict[str, Any] = yaml.safe_load((KNOWLEDGE / "taxonomy.yaml").read_text("utf-8"))
    return known


@pytest.fixture(scope="module")
def incidents() -> dict[str, Any]:
    known: dict[str, Any] = yaml.safe_load((KNOWLEDGE / "incidents.yaml").read_text("utf-8"))
    return known


def rows(made: list[Generated]) -> Iterator[tuple[Generated, dict[str, Any]]]:
    yield from ((one, row) for one in made for row in one.truth)


def codes(entries: list[dict[str, Any]]) -> set[str]:
    return {entry["code"] for entry in entries}


def test_a_bulletin_depends_on_its_number_and_seed_alone(made: list[Generated]) -> None:
    for index in (0, 19, 37, 87, 1234, MANY - 1):
        assert bulletin(index, seed=11) == made[index]
    assert list(generate(5, seed=11, start=700)) == made[700:705]
    assert bulletin(999_999, seed=11).text
    assert bulletin(0, seed=12) != made[0] and bulletin(0, seed=-11) != made[0]


def test_names_and_addresses_are_as_many_as_pages(made: list[Generated]) -> None:
    assert len({one.name for one in made}) == len(made)
    pages = [one for one in made if one.amends is None]
    assert len({(one.source, one.url) for one in pages}) == len(pages)


def test_a_second_revision_keeps_the_address_and_changes_the_page(made: list[Generated]) -> None:
    amended = [one for one in made if one.amends is not None]
    assert len(amended) == MANY // 50
    for one in amended:
        first = made[one.amends or 0]
        assert (first.url, first.source, first.title, first.published) == (
            one.url,
            one.source,
            one.title,
            one.published,
        ) or (
            first.genre == "app_list"  # its title counts the apps
        )
        assert first.amends is first.reprints is None
        assert one.text != first.text
        assert [row["record_id"] for row in one.truth][1:] == [row["record_id"] for row in first.truth][1:]
    assert sum(made[one.amends or 0].truth != [{**row, "doc": made[one.amends or 0].name} for row in one.truth] for one in amended) > len(amended) / 2  # fmt: skip
    assert bulletin(amended[0].amends or 0, seed=11, revision=1).text == amended[0].text


def test_a_reprint_says_the_same_elsewhere(made: list[Generated]) -> None:
    reprints = [one for one in made if one.reprints is not None]
    assert len(reprints) == MANY // 40 + (MANY % 40 > 19)
    for one in reprints:
        first = made[one.reprints or 0]
        assert one.text == first.text and one.source != first.source and one.url != first.url
        assert one.published >= first.published and first.reprints is None
        strip = {"doc": "", "record_id": ""}
        assert [row | strip for row in one.truth] == [row | strip for row in first.truth]


def test_spans_hold_text_in_order_and_apart(made: list[Generated]) -> None:
    for one in made:
        reached = 0
        for row in one.truth:
            assert reached <= row["char_start"] < row["char_end"] <= len(one.text), one.name
            assert (
                one.text[row["char_start"] : row["char_end"]].strip()
                == one.text[row["char_start"] : row["char_end"]]
            )
            reached = row["char_end"]
        for statement in one.statements:
            row = one.truth[statement.record]
            assert row["char_start"] <= statement.start < statement.end <= row["char_end"], one.name
            assert one.text[statement.start : statement.end].strip(), one.name


def test_what_a_record_states_is_marked_in_it(made: list[Generated]) -> None:
    """So no trap, no threat and no history around it has added a penalty."""
    for one in made:
        for number, row in enumerate(one.truth):
            own = [s for s in one.statements if s.record == number]
            if row["kind"] in ("ENFORCEMENT_CASE", "COURT_CASE"):
                assert [s.code for s in own if s.what == "penalty"] == [
                    p["type"] for p in row["penalties"]
                ], one.name
            if row["kind"] in ("ENFORCEMENT_CASE", "COURT_CASE", "APP_LIST"):
                assert {s.code for s in own if s.what == "violation"} == set(row["violations"]), one.name


def test_rows_have_the_form_of_records_of_the_classifier(made: list[Generated]) -> None:
    record = Record(
        record_id="", bulletin_id="", revision=1, rules_version=1, kind="EXPLAINER", span=Span(start=0, end=1), title="",
        source="", source_role="official", language="zh", fetched_at="",
    )  # fmt: skip
    wanted = exchange_row(record, "")
    for _, row in rows(made):
        assert list(row) == list(wanted)
        assert row["dates"].keys() == wanted["dates"].keys()


def test_codes_are_those_of_the_taxonomy_and_each_occurs(
    made: list[Generated], taxonomy: dict[str, Any], incidents: dict[str, Any]
) -> None:
    seen: dict[str, set[Any]] = {}

    def see(name: str, *found: Any) -> None:
        seen.setdefault(name, set()).update(found)

    for _, row in rows(made):
        see("record_kinds", row["kind"])
        see("violation_types", *row["violations"])
        see("authority_types", row["authority_type"])
        see("sectors", row["sector"])
        see("subject_kinds", row["subject_kind"])
        see("penalty_types", *(penalty["type"] for penalty in row["penalties"]))
        see("metrics", *(figure["metric"] for figure in row["figures"]))
        see("citation_roles", *(citation["role"] for citation in row["citations"]))
        if row["regulatory"]:
            see("authority_types", *row["regulatory"]["issuer_types"], *row["regulatory"]["bodies_named"])
            see("regulatory_statuses", row["regulatory"]["status"])
        if row["incident"]:
            see("incident_types", *row["incident"]["types"])
            see("notice_class", row["incident"]["notice_class"])
            see("states", row["incident"]["state"])
    metrics = codes(taxonomy["figure_metrics"])
    for name, wanted, never in (
        ("record_kinds", codes(taxonomy["record_kinds"]), {"CONTAINER"}),
        ("violation_types", codes(taxonomy["violation_types"]), set()),
        ("authority_types", codes(taxonomy["authority_types"]), set()),
        ("sectors", codes(taxonomy["sectors"]), set()),
        ("subject_kinds", codes(taxonomy["subject_kinds"]), ONLY_IN_ROLL_UPS),
        ("penalty_types", codes(taxonomy["penalty_types"]), set()),
        ("regulatory_statuses", codes(taxonomy["regulatory_statuses"]), set()),
        ("citation_roles", codes(taxonomy["citation_roles"]), set()),
        ("incident_types", codes(incidents["incident_types"]), set()),
        ("notice_class", codes(incidents["notice_class"]), {"MONITORING_SUMMARY"}),  # figures, no incident
    ):
        assert seen[name] - {None} == wanted - never, name
    assert metrics - seen["metrics"] == set()
    assert seen["metrics"] - metrics <= codes(taxonomy["penalty_types"])
    assert seen["states"] - {None} <= codes(incidents["states"])


def test_every_instrument_of_the_catalogue_is_cited_or_in_the_news(made: list[Generated]) -> None:
    catalogue = yaml.safe_load((KNOWLEDGE / "laws.yaml").read_text("utf-8"))["instruments"]
    known = {law["id"] for law in catalogue}
    seen = {citation["law"] for _, row in rows(made) for citation in row["citations"]}
    news = (bulletin(i, seed=11) for i in range(25_000) if plan(i, seed=11).genre == "regulatory")
    for one in news:
        seen |= {row["regulatory"]["instrument"] for row in one.truth}
    assert known <= seen
    assert seen - known - {None} <= {
        c["law"] for _, row in rows(made) for c in row["citations"] if c["role"] == "mentioned"
    }


def test_articles_are_of_the_law_in_force_on_the_day(made: list[Generated]) -> None:
    old = new = 0
    for one, row in rows(made):
        for citation in row["citations"]:
            if citation["law"] in ("CSL", "PSAPL") and citation["role"] != "mentioned":
                day = row["dates"]["decision"] or one.published
                is_new = citation["version"].endswith("2025")
                old, new = old + (not is_new), new + is_new
                if row["dates"]["decision"]:
                    assert is_new == (day >= "2026"), one.name
    assert old > 200 and new > 20


def test_sums_of_the_truth_stand_in_the_text(made: list[Generated]) -> None:
    found = 0
    for one, row in rows(made):
        text = one.text[row["char_start"] : row["char_end"]]
        printed = set(sums(text))
        for penalty in row["penalties"]:
            if penalty["amount_cny"] is not None:
                assert penalty["amount_cny"] in printed, (one.name, penalty, text)
                found += 1
    assert found > 500


def test_days_of_the_truth_stand_in_the_text(made: list[Generated]) -> None:
    months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    for one, row in rows(made):
        text = one.text[row["char_start"] : row["char_end"]]
        stated = [row["dates"]["decision"], row["published"]]
        if row["regulatory"]:
            stated += [row["regulatory"]["effective"], row["regulatory"]["consultation_until"]]
        for value in filter(None, stated):
            year, month, *day = value.split("-")
            number = str(int(day[0])) if day else ""
            said = f"{int(month)}月{number}{'日' if number else ''}" if one.language == "zh" else f"{number} {months[int(month) - 1]}".strip()  # fmt: skip
            assert said in text, (one.index, value, text)
            assert year in text or year == one.published[:4], (one.name, value)


def test_persons_are_named_and_their_names_masked_in_the_truth(made: list[Generated]) -> None:
    named = [one for one in made if one.persons]
    assert len(named) > MANY / 20
    for one in named:
        for person in one.persons:
            assert person.printed in one.text
            assert len(person.masked) == len(person.printed) and person.masked[0] == person.printed[0]
            assert person.masked[1:].strip(" X某") == "" or " X" in person.masked
            assert not any(person.printed in row["title"] for row in one.truth)


def test_record_ids_are_those_that_the_contract_gives(made: list[Generated]) -> None:
    for one in made[:400]:
        identity = bulletin_id(one.source, one.url)
        masked = one.text
        for person in one.persons:
            masked = masked.replace(person.printed, person.masked)
        seen: dict[str, int] = {}
        for row in one.truth:
            text = masked[row["char_start"] : row["char_end"]]
            head = " ".join(text.split())[:80]
            assert row["record_id"] == record_id(identity, text, seen.get(head, 0))
            seen[head] = seen.get(head, 0) + 1


def test_lines_are_as_a_page_is_read(made: list[Generated]) -> None:
    """No line is empty but before a heading, none begins or ends with white space, none holds two spaces."""
    for one in made:
        starts = {block.start for block in one.blocks if block.kind == "heading"}
        at = 0
        for line in one.text.split("\n"):
            assert line or at + 1 in starts, one.name
            assert line == line.strip() and "  " not in line, (one.name, line)
            at += len(line) + 1


def test_years_and_languages_are_spread(made: list[Generated]) -> None:
    years = {one.published[:4] for one in made}
    assert years == {str(year) for year in range(2016, 2027)}
    assert 0.5 < sum(one.language == "zh" for one in made) / len(made) < 0.75
    chosen = list(islice(generate_matching(seed=11, language="en", shapes=["dlapiper"]), 20))
    assert {(one.language, one.shape) for one in chosen} == {("en", "dlapiper")}
    assert all(made[one.index] == one for one in chosen if one.index < MANY)


def test_memory_does_not_grow_with_their_number() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        for _ in generate(count, seed=5):
            pass
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    for _ in generate(1500, seed=4):  # what is read and kept once
        pass
    few, many = peak(150), peak(750)
    assert many < 1.5 * few + 200_000


def sums(text: str) -> Iterator[int]:
    """Every sum of money in a text, in whole yuan: read without the generator's help."""
    for number, scale in re.findall(r"([\d,]+(?:\.\d+)?)(万|亿)?元", text):
        yield _scaled(number, {"万": 10_000, "亿": 100_000_000}.get(scale, 1))
    for number, scale in re.findall(r"([零一二三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟]+)(万)?元", text):
        yield _chinese(number) * (10_000 if scale else 1)
    for number, scale in re.findall(r"(?:RMB ?|CNY ?)([\d,]+(?:\.\d+)?)( million| billion)?", text):
        yield _scaled(number, {" million": 1_000_000, " billion": 1_000_000_000}.get(scale, 1))
    for number, scale in re.findall(r"([\d,]+(?:\.\d+)?)( million| billion)? yuan", text):
        yield _scaled(number, {" million": 1_000_000, " billion": 1_000_000_000}.get(scale, 1))


def _scaled(number: str, scale: int) -> int:
    return round(float(number.replace(",", "")) * scale)


def _chinese(number: str) -> int:
    total = digit = 0
    for char in (FINANCIAL.get(char, char) for char in number):
        if char in "十百千":
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[char]
            digit = 0
        else:
            digit = "零一二三四五六七八九".index(char)
    return total + digit
