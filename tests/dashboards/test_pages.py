"""The pages: there in both languages, honest about the data, and clear about what is wrong with a request."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jinja2.nodes
import pytest
import vl_convert

from dashboards.panels.csv_export import csv_text
from dashboards.panels.load import load_dashboards, load_filters, load_lists, load_panels
from dashboards.panels.model import Text
from dashboards.web.answers import Answers
from dashboards.web.boards import path_of
from dashboards.web.language import preferred, words
from dashboards.web.site import TEMPLATES, environment
from enrich import load_knowledge
from index.embedded import EmbeddedStore
from index.store import Answer as StoreAnswer
from index.store import Body, Store
from netdocket.errors import StoreError
from netdocket.records import Record
from tests.dashboards.conftest import Client, Pairs, of_kind, served

HAN = re.compile(r"[\u4e00-\u9fff]")
PLAIN = (
    "/",
    "/cases",
    "/developments",
    "/incidents",
    "/reports",
    "/views",
    "/reported",
    "/sources",
    "/glossary",
    *(path_of(name) for name in load_dashboards()),
)


def addresses(records: list[Record]) -> list[str]:
    """One of every kind of page."""
    first = {
        section: of_kind(records, section)[0] for section in ("case", "report", "regulatory", "incident")
    }
    return [
        *PLAIN,
        f"/cases/{first['case'].record_id}",
        f"/reports/{first['report'].record_id}",
        f"/developments/{first['regulatory'].record_id}",
        f"/incidents/{first['incident'].record_id}",
        f"/records/{first['report'].record_id}",
        f"/bulletins/{first['case'].bulletin_id}",
        "/cases?q=%E7%BD%9A%E6%AC%BE&violation=MLPS&from=2020",
        "/cases?violation=MLPS&violation=RUMOUR&page=1&sort=oldest",
        "/nothing-here",
        "/cases?from=2023-13",
    ]


class Reading(HTMLParser):
    """What a page says: its text without data blocks, and the languages that parts of it declare."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, str | None]] = []
        self.said: list[tuple[str, str | None]] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("meta", "link", "input", "br"):
            return
        self.stack.append((tag, dict(attrs).get("lang")))
        self.silent += tag in ("script", "style")
        found = dict(attrs)
        for name in ("title", "aria-label", "placeholder", "data-label"):
            if found.get(name):
                self.said.append((str(found[name]), self.language()))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("meta", "link", "input", "br"):
            return
        opened, _ = self.stack.pop()
        assert opened == tag, (opened, tag, self.getpos())
        self.silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if data.strip() and not self.silent:
            self.said.append((data.strip(), self.language()))

    def language(self) -> str | None:
        return next((lang for _, lang in reversed(self.stack) if lang), None)


def read(html: str) -> Reading:
    reading = Reading()
    reading.feed(html)
    reading.close()
    assert reading.stack == []
    return reading


# --- every page ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_is_whole_marked_and_guarded(language: str, client: Client, records: list[Record]) -> None:
    for path in addresses(records):
        answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
        expected = 404 if "nothing" in path else 400 if "2023-13" in path else 200
        assert answer.status == expected, path
        read(answer.text)
        assert f'<html lang="{"zh-Hans" if language == "zh" else "en"}">' in answer.text
        assert words()["demo.sentence"].in_(language).replace("'", "&#39;") in answer.text, path  # type: ignore[arg-type]
        line = re.search(r'<section class="coverage".*?</section>', answer.text, re.S)
        assert line, path
        assert len(re.findall(r"\d", line[0])) > 5, path
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"<script(?![^>]*(src=|application/json))", answer.text), path
        assert not re.search(r"\son\w+=|\sstyle=|javascript:", re.sub(r">[^<]*<", "><", answer.text)), path
        outside = re.findall(r'(?:src|href)="(https?://[^"]+)"', answer.text)
        linked = re.findall(r'<a href="(https?://[^"]+)" rel="noreferrer noopener external"', answer.text)
        own = [address for address in outside if address.startswith("http://127.0.0.1")]
        assert sorted(outside) == sorted(linked + own), path


def test_without_demo_data_nothing_says_so(store: EmbeddedStore) -> None:
    with served(store, demo=False) as live:
        assert 'class="demo"' not in live.get("/").text
        assert "DEMO" not in live.get("/cases.csv").text
        assert live.get("/healthz").json()["demo"] is False


# --- languages -------------------------------------------------------------------------------------------


def test_every_wording_is_there_in_both_languages_and_used() -> None:
    for key, text in words().items():
        assert text.en.strip() and text.zh.strip(), key
        assert set(re.findall(r"{\w+}", text.en)) == set(re.findall(r"{\w+}", text.zh)), key
        assert HAN.search(text.zh) or not re.search("[A-Za-z]{3}", text.zh), key
    used = set()
    code = "".join(path.read_text(encoding="utf-8") for path in Path(TEMPLATES.parent).glob("*.py"))
    for template in TEMPLATES.glob("*.html"):
        source = template.read_text(encoding="utf-8")
        code += source
        for call in environment().parse(source).find_all(jinja2.nodes.Call):
            if isinstance(call.node, jinja2.nodes.Name) and call.node.name == "t" and call.args:
                key = call.args[0]
                if isinstance(key, jinja2.nodes.Const):
                    used.add(key.value)
    assert used - set(words()) == set()
    prefixes = ("event_from.", "derived.", "state.", "order.", "group.", "error.", "category.", "nav.", "value.", "filters.", "boards.list.",
                "coverage.records.", "error.hint.", "views.group.", "reported.state.")  # fmt: skip
    idle = {key for key in words() if f'"{key}"' not in code and f"'{key}'" not in code}
    assert {key for key in idle if not key.startswith(prefixes)} == set()


def texts_of(value: Any) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            yield from texts_of(getattr(value, name))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_of(one)


def test_every_declaration_is_worded_in_both_languages() -> None:
    declared = [*load_dashboards().values(), *load_lists().values(), *load_filters().values()]
    found = list(texts_of(declared))
    assert len(found) > 100
    for text in found:
        assert text.en and not HAN.search(text.en), text
        assert HAN.search(text.zh) or text.zh == "n（已知）", text


def test_chinese_pages_hold_no_english_but_data(client: Client, records: list[Record]) -> None:
    """Whatever the page itself says on a Chinese page is Chinese. Names and texts of the data may be in English."""
    data = {r.title for r in records} | {a.name for r in records for a in r.authorities}
    knowledge = load_knowledge()
    codes = {code for group in knowledge.groups for code in knowledge.codes(group)}
    english = re.compile(r"[A-Za-z]{4,}")
    allowed = re.compile(
        r"netdocket|English|JSON|YYYY|https?:\S+|[A-Z_]{3,}|[0-9a-f-]{36}|[A-Za-z-]+\.warc\.gz"
    )
    for path in (*PLAIN, "/cases?violation=MLPS"):
        for said, language in read(client.get(f"{path}{'&' if '?' in path else '?'}lang=zh").text).said:
            left = allowed.sub("", said)
            if language == "en" or not english.search(left):
                continue
            known = any(said in title or title in said for title in data)
            assert known or said in ENGLISH_DATA | codes, (path, said)


ENGLISH_DATA = {"cac", "miit", "dlapiper", "twobirds", "403 Forbidden (/insights)", "403 Forbidden", "blocked", "nothing_new", "ok", "Northwind", "Northwind Gateway", "Gateway",
                "warning", "fine", "ordered to rectify", "confiscation of illegal gains", "removed from stores",
                "regulatory interview", "administrative detention", "business suspended", "public apology"}  # fmt: skip


def test_language_of_a_first_visit_of_a_choice_and_of_a_return(client: Client) -> None:
    def language(path: str, **headers: str) -> str:
        return client.get(path, **headers).headers["content-language"]

    assert language("/cases") == "en"
    assert language("/cases", accept_language="zh-CN,zh;q=0.9,en;q=0.8") == "zh"
    assert language("/cases", accept_language="fr, en;q=0.5, zh;q=0.4") == "en"
    chosen = client.get("/cases?lang=zh", accept_language="en")
    assert chosen.headers["content-language"] == "zh"
    cookie = chosen.headers["set-cookie"].split(";")[0]
    assert language("/cases", accept_language="en", cookie=cookie) == "zh"
    assert language("/cases?lang=en", cookie=cookie) == "en"
    assert "set-cookie" not in client.get("/cases", accept_language="zh").headers
    assert 'href="/developments?lang=zh"' in chosen.text
    assert client.get("/cases?lang=fr").status == 400
    assert preferred("zh;q=0, en;q=bad", "zh") == "zh"


# --- requests that cannot be met -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "named"),
    [
        ("/cases/no-such-id", 404, "no-such-id"),
        ("/records/no-such-id", 404, "no-such-id"),
        ("/bulletins/no-such-id", 404, "no-such-id"),
        ("/panels/nothing.csv", 404, "nothing"),
        ("/panels/violations.xml", 404, "xml"),
        ("/cases.xml", 404, "xml"),
        ("/elsewhere", 404, "Not Found"),
        ("/cases?from=2023-13", 400, "from=2023-13"),
        ("/cases?violation=MLSP", 400, "did you mean MLPS?"),
        ("/cases?colour=red", 400, "colour"),
        ("/cases?page=0", 400, "page=0"),
        ("/cases?page=9999999999", 400, "page=9999999999"),
        ("/cases?page=399", 404, "there are"),
        ("/cases?sort=prettiest", 400, "newest, oldest, largest"),
        ("/cases?q=%22open", 400, "quotation mark"),
        ("/cases.json?q=%22open", 400, "quotation mark"),
        ("/incidents?penalty=FINE", 400, "penalty"),
        ("/panels/money.csv?law=CSL", 400, "law"),
        ("/sources?violation=MLPS", 400, "violation"),
    ],
)
def test_errors_name_what_is_wrong(path: str, status: int, named: str, client: Client) -> None:
    answer = client.get(path, accept_language="en")
    assert answer.status == status
    assert named in answer.text
    assert "Traceback" not in answer.text


def test_only_reading_is_possible(client: Client) -> None:
    import urllib.request

    request = urllib.request.Request(client.base + "/cases", method="DELETE")  # noqa: S310 - our own server
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)  # noqa: S310
    with caught.value:
        assert caught.value.code == 405


def test_foreign_host_names_are_refused(client: Client) -> None:
    assert client.get("/cases", host="rebound.example").status == 400
    assert client.get("/cases", host="localhost:8321").status == 200


class Broken:
    """The store of a test, until it is told to fail as a store does that cannot be reached."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.failing = False

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **more: Any) -> Any:
            if self.failing:
                raise StoreError("the index is being rebuilt", where="store")
            return getattr(self._store, name)(*args, **more)

        return call


def test_an_unavailable_store_is_said_to_be_unavailable(store: EmbeddedStore, records: list[Record]) -> None:
    broken = Broken(store)
    with served(broken) as client:  # type: ignore[arg-type]
        assert client.get("/healthz").status == 200
        broken.failing = True
        for path in ("/", "/cases", f"/cases/{records[0].record_id}", "/cases.csv", "/panels/money.json"):
            answer = client.get(path, accept_language="en")
            assert answer.status == 503, path
            assert "the index is being rebuilt" in answer.text
        assert client.get("/healthz").status == 503
        broken.failing = False
        assert client.get("/").status == 200


# --- records ---------------------------------------------------------------------------------------------


def test_case_page_shows_every_value_with_its_evidence(client: Client, records: list[Record]) -> None:
    case = max(of_kind(records, "case"), key=lambda r: len(r.case.penalties) if r.case else 0)
    assert case.case
    html = client.get(f"/cases/{case.record_id}?lang=en").text
    for n, penalty in enumerate(case.case.penalties, 1):
        assert penalty.evidence
        assert f'id="e-p-{n}"' in html
        assert f'<tr id="p-{n}"' in html
        assert f'<a href="#e-p-{n}">' in html
        if penalty.amount is not None:
            assert f"¥{penalty.amount / 100:,.2f}".removesuffix(".00") in html
    for n, _ in enumerate(case.case.citations, 1):
        assert f'<tr id="c-{n}"' in html
    assert "crawl-0001.warc.gz" in html
    assert f'rel="noreferrer noopener external">{case.url}</a>' in html
    assert f"/cases/{case.record_id}?revision={case.revision}&amp;rules={case.rules_version}" in html
    assert "/glossary?lang=en#penalty_types." in html


def test_a_citation_says_when_there_is_a_newer_version(client: Client, records: list[Record]) -> None:
    case = of_kind(records, "case")[0]
    base = f"/cases/{case.record_id}?lang=en"

    def notice(**asked: int) -> str:
        query = "".join(f"&{name}={value}" for name, value in asked.items())
        return client.get(base + query).text

    newer, older = "There is a newer version", "does not have yet"
    current = notice(revision=case.revision, rules=case.rules_version)
    assert newer not in current and older not in current
    assert newer in notice(revision=case.revision - 1, rules=case.rules_version)
    assert newer in notice(revision=case.revision, rules=case.rules_version - 1)
    assert newer in notice(revision=case.revision - 1, rules=case.rules_version + 1)
    assert older in notice(revision=case.revision, rules=case.rules_version + 1)
    assert client.get(base + "&revision=x").status == 400


def test_bulletin_page_leads_to_all_its_records(client: Client, records: list[Record]) -> None:
    bulletin = next(
        r.bulletin_id for r in records if sum(o.bulletin_id == r.bulletin_id for o in records) > 2
    )
    html = client.get(f"/bulletins/{bulletin}").text
    for record in records:
        if record.bulletin_id == bulletin:
            assert f"/{record.record_id}" in html


# --- lists and exports -----------------------------------------------------------------------------------


def test_pages_of_a_list_hold_every_record_once(client: Client, records: list[Record]) -> None:
    expected = {r.record_id for r in of_kind(records, "case")}
    seen: list[str] = []
    for number in range(1, len(expected) // 25 + 2):
        seen += re.findall(r'<a href="/cases/([0-9a-f-]{36})"', client.get(f"/cases?page={number}").text)
    assert sorted(seen) == sorted(expected)


@pytest.mark.parametrize(("sort", "backward"), [("newest", True), ("oldest", False)])
def test_lists_are_in_order_unknown_dates_last(sort: str, backward: bool, client: Client) -> None:
    found = client.get(f"/cases.json?sort={sort}").json()["records"]
    dates = [(r.get("event_date") or "") for r in found]
    known = [(d + "-01-01")[:10] for d in dates if d]
    assert known == sorted(known, reverse=backward)
    assert "" not in dates[: len(known)]
    assert len(known) < len(dates)


def test_full_text_finds_phrases_and_shows_where(client: Client, records: list[Record]) -> None:
    cases = of_kind(records, "case")
    for query, wanted in (
        ("罚款", "罚款"),
        ('"fine of CNY"', "fine of cny"),
        ("county school", "county school"),
    ):
        found = client.get(f"/cases.json?q={_quoted(query)}").json()["records"]
        exact = {r.record_id for r in cases if wanted in _text(client, r).lower()}
        assert {r["record_id"] for r in found} == exact, query
        assert exact
        html = client.get(f"/cases?q={_quoted(query)}&lang=en").text
        assert "<mark>" in html
    assert client.get(f"/cases.json?q={_quoted('没有这样的词')}").json()["records"] == []


def _quoted(text: str) -> str:
    import urllib.parse

    return urllib.parse.quote(text)


_texts: dict[str, str] = {}


def _text(client: Client, record: Record) -> str:
    """The record's own words, from its page."""
    if record.record_id not in _texts:
        html = client.get(f"/cases/{record.record_id}").text
        block = re.search(r'<div class="text"[^>]*>(.*?)</div>', html, re.S)
        assert block
        _texts[record.record_id] = re.sub(r"<[^>]+>", "", block[1])
    return _texts[record.record_id]


def test_exports_are_complete_and_marked(client: Client, records: list[Record]) -> None:
    answer = client.get("/cases.csv?lang=en&role=official")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    chosen = [r for r in of_kind(records, "case") if r.source_role == "official"]
    assert sorted(row["record_id"] for row in rows) == sorted(r.record_id for r in chosen)
    assert {row["data"] for row in rows} == {"DEMO: generated or replica data"}
    assert 'filename="demo-netdocket-cases.csv"' in answer.headers["content-disposition"]
    by_id = {r.record_id: r for r in chosen}
    for row in rows:
        record = by_id[row["record_id"]]
        assert row["violation (code)"] == ";".join(dict.fromkeys(v.code for v in record.violations))
        assert row["address"].endswith(f"/cases/{record.record_id}?revision={record.revision}&rules=7")
    assert client.get("/cases.json").json()["demo"].startswith("DEMO")
    assert client.get("/panels/violations.json").json()["demo"].startswith("DEMO")
    assert "DEMO" in client.get("/panels/violations.csv").text


def test_csv_runs_nothing_in_a_spreadsheet() -> None:
    hostile = [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =1",
        "＝1+1",
        'x"y',
        "a\nb",
    ]
    text = csv_text([[*hostile, -5, 2.5, None]])
    (row,) = csv.reader(io.StringIO(text))
    assert row[:4] == ["'" + cell for cell in hostile[:4]]
    assert row[4:6] == ["'\t'=1", "'\r'=1"]
    assert row[6:8] == ["'" + cell for cell in hostile[6:8]]
    assert row[8:] == [hostile[8], hostile[9], "-5", "2.5", ""]
    assert ",-5,2.5," in text


@pytest.mark.parametrize("between", [";", "; ", "\t", "\n", "\r\n"])
def test_csv_runs_nothing_where_cells_are_parted_by_another_sign(between: str) -> None:
    """Most of Europe's spreadsheets part them at semicolons."""
    text = csv_text([[f"foo{between}=HYPERLINK(1)", f"bar{between}@SUM(A1)"]])
    parts = re.split(r"[;\t\r\n,]", text)
    assert not [part for part in parts if part.strip(' "').startswith(("=", "@"))]


# --- one generation --------------------------------------------------------------------------------------


class Counting:
    """A store that counts its searches and moves on to another generation when told."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.number = 1
        self.moves = False

    def generation(self) -> int:
        return self.number

    def msearch(self, searches: list[tuple[str, Body]]) -> list[StoreAnswer]:
        self.asked.append(len(searches))
        if self.moves:
            self.moves = False
            self.number += 1
        return [{"generation": self.number, "body": body} for _, body in searches]


def test_answers_are_kept_for_one_generation_and_never_mixed() -> None:
    store = Counting()
    answers = Answers(store)  # type: ignore[arg-type]
    one, two = ("cases", {"size": 1}), ("cases", {"size": 2})
    answers.ask([one])
    answers.ask([one])
    assert store.asked == [1]
    answers.ask([one, two])
    assert store.asked == [1, 1]
    store.moves = True
    found = answers.ask([one, ("cases", {"size": 3})])
    assert {answer["generation"] for answer in found} == {2}
    store.asked.clear()
    answers.ask([one])
    assert store.asked == [1]


def test_a_store_that_moves_all_the_time_is_asked_once() -> None:
    store = Counting()
    answers = Answers(store)  # type: ignore[arg-type]
    for n in range(1, 4):
        store.moves = True
        found = answers.ask([("cases", {"size": 1}), ("cases", {"size": 2})])
        assert {answer["generation"] for answer in found} == {n + 1}
    assert store.asked == [2, 2, 2]


def test_evidence_outside_the_record_is_marked_in_the_bulletin(
    client: Client, records: list[Record], pairs: Pairs
) -> None:
    """An authority that only the head of a bulletin names stands outside the passage of each of its records."""
    case = next(r for r in of_kind(records, "case") if r.case and r.case.penalties and r.authorities)
    html = client.get(f"/bulletins/{case.bulletin_id}?record={case.record_id}&lang=en").text
    assert f'href="/cases/{case.record_id}?lang=en#p-1" data-values="p-1' in html
    assert 'id="e-p-1"' in html
    assert client.get(f"/bulletins/{case.bulletin_id}?record=no-such").status == 404
    bulletin = next(b for b, _ in pairs if b.bulletin_id == case.bulletin_id)
    block = re.search(r'<div class="text"[^>]*>(.*?)</div>', html, re.S)
    assert block
    assert unescape(re.sub(r"<[^>]+>", "", block[1])) == bulletin.text


def test_a_store_without_records_has_pages_too(tmp_path: Path) -> None:
    with (
        contextlib.closing(EmbeddedStore(tmp_path / "store", writer=True, heap_mb=64)) as store,
        served(store) as empty,
    ):
        for path in PLAIN:
            answer = empty.get(f"{path}?lang=en")
            assert answer.status == 200, path
            assert not re.search(r"\bnan\b", answer.text, re.IGNORECASE), path
        assert "0 cases in view" in empty.get("/?lang=en").text
        for panel in load_panels().values():
            assert empty.get(f"/panels/{panel.id}.json").status == 200, panel.id
        assert empty.get("/cases.json").json()["records"] == []


def test_every_chart_compiles_to_vega(client: Client) -> None:
    """Where there is no browser either: the specifications are valid, and their text is all there when drawn."""
    for language in ("en", "zh"):
        html = "".join(client.get(f"{path_of(name)}?lang={language}").text for name in load_dashboards())
        for panel in load_panels().values():
            if panel.chart not in ("bars", "columns", "heat"):
                continue
            block = re.search(
                rf'<script type="application/json" id="{panel.id}-spec">(.*?)</script>', html, re.S
            )
            assert block, panel.id
            spec = json.loads(block[1])
            vega = vl_convert.vegalite_to_vega({**spec, "width": 600})
            assert vega["marks"], panel.id
            assert spec["data"]["values"], panel.id


def test_codes_are_explained_where_they_stand(client: Client) -> None:
    meaning = load_knowledge().define("violation_types", "MLPS")
    assert meaning
    for path in ("/", "/cases?violation=MLPS"):
        assert f'title="MLPS: {meaning}"' in client.get(f"{path}{'&' if '?' in path else '?'}lang=en").text
    glossary = client.get("/glossary?lang=en").text
    assert 'id="violation_types.MLPS"' in glossary
    assert meaning in glossary
