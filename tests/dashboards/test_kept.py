"""What people set down: saved views with what has changed in them, records that they say are wrong."""

from __future__ import annotations

import http.client
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import msgspec
import pytest
from click.testing import CliRunner

from dashboards.kept import changes
from dashboards.kept.reported import reported_records
from dashboards.kept.shown import Shown
from dashboards.kept.views import SavedView, key_of, saved_views
from dashboards.panels.errors import FilterError
from dashboards.web import view_pages
from index.embedded import EmbeddedStore
from index.store import Keeper, Store, Write
from netdocket.cli.reported import command
from netdocket.datadir import DataDir
from netdocket.errors import StoreError
from netdocket.identity import external_version
from tests.dashboards.conftest import Client, fill, served
from tests.dashboards.made import made

REVISIONS = itertools.count(1_790_000_000)


class KeepingStore(Store, Keeper, Protocol):
    """Embedded here, Elasticsearch in tests/engines."""


class Reader:
    """A reader of the page: fills in its forms as a browser sends them."""

    def __init__(self, client: Client, store: KeepingStore) -> None:
        self.client, self.store = client, store

    def token(self, page: str) -> str:
        found = re.search(r'name="form" value="([^"]+)"', self.client.get(page).text)
        assert found, page
        return found[1]

    def send(
        self, to: str, page: str, /, headers: dict[str, str] | None = None, **fields: str
    ) -> tuple[int, str]:
        """(status, where it leads or what it says). `form` is the page's own unless it is given."""
        fields = {"form": self.token(page), **fields} if "form" not in fields else fields
        connection = http.client.HTTPConnection(urlsplit(self.client.base).netloc, timeout=60)
        sent = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        connection.request("POST", to, urlencode(fields), sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers.get("Location") or text

    def look(self, key: str, *, meanwhile: Callable[[], None] = lambda: None) -> tuple[int, str]:
        """Marks a view as looked at, from its page as it was before `meanwhile`."""
        page = self.client.get(f"/views/{key}").text
        fields = dict(re.findall(r'name="(form|shown)" value="([^"]+)"', page))
        meanwhile()
        return self.send(f"/views/{key}/looked", "", **fields)


@pytest.fixture
def folder(tmp_path: Path) -> DataDir:
    datadir = DataDir(tmp_path / "data")
    datadir.claim("generated")
    return datadir


@pytest.fixture
def reader(folder: DataDir) -> Iterator[Reader]:
    with EmbeddedStore(folder.store, writer=True, heap_mb=32) as store:
        fill(store, made(40))
        with served(store) as client:
            yield Reader(client, store)


def some_case(store: Store, **wanted: str) -> dict[str, object]:
    clauses = [{"term": {name: value}} for name, value in {"jurisdiction": "CN", **wanted}.items()]
    hits = store.search(
        "cases", {"query": {"bool": {"filter": clauses}}, "size": 1, "sort": [{"record_id": "asc"}]}
    )
    return dict(hits["hits"]["hits"][0]["_source"])


def write(store: Store, case: dict[str, object], **fields: object) -> None:
    """As a later revision than any before."""
    revision = next(REVISIONS)
    record = case["record"]
    assert isinstance(record, dict)
    body = {**case, "revision": revision, "record": {**record, "revision": revision}, **fields}
    (written,) = store.bulk([Write("cases", str(case["record_id"]), external_version(revision, 9), body)])
    assert written.result not in ("refused", "stale")
    store.refresh()


def test_a_view_is_kept_under_its_name_and_leads_back(reader: Reader) -> None:
    where = "/cases?lang=en&violation=MLPS&from=2020&sort=oldest"
    form = re.search(r'name="query" value="([^"]*)"', reader.client.get(where).text)
    assert form
    status, to = reader.send(
        "/views", where, path="/cases", query=form[1].replace("&amp;", "&"), name="  MLPS  since 2020 "
    )
    assert (status, to) == (303, f"/views#{key_of('MLPS since 2020')}")
    view = saved_views(reader.store).get(key_of("mlps SINCE 2020"))
    assert view is not None
    assert view.address == "/cases?violation=MLPS&from=2020&sort=oldest"
    assert "/cases?violation=MLPS&amp;from=2020&amp;sort=oldest" in reader.client.get("/views").text
    assert reader.client.get(view.address).status == 200
    again, said = reader.send("/views", "/cases", path="/cases", query="", name="MLPS since 2020")
    assert (again, "another view" in said) == (400, True)
    key = key_of(view.name)
    assert reader.send(f"/views/{key}/remove", "/views")[0] == 303
    assert reader.client.get(f"/views/{key}").status == 404


def test_what_changed_since_the_last_look(reader: Reader) -> None:
    reader.send("/views", "/", path="/", query="violation=MLPS", name="x")
    key = key_of("x")
    first, second, third = (
        dict(hit["_source"])
        for hit in reader.store.search(
            "cases",
            {"query": {"bool": {"filter": [{"term": {"jurisdiction": "CN"}}, {"term": {"violation": "MLPS"}}]}}, "size": 3, "sort": [{"record_id": "asc"}]},
        )["hits"]["hits"]
    )  # fmt: skip
    write(reader.store, first, rules_version=9)  # the same result under other rules
    write(reader.store, second, title="Now another")
    write(reader.store, third, violation=["RUMOUR"])
    new = {**first, "record_id": "0" * 36, "title": "Never there before"}
    write(reader.store, new)
    page = reader.client.get(f"/views/{key}?lang=en").text
    assert ["New: 1" in page, "Changed: 1" in page, "No longer in view: 1" in page] == [True] * 3
    assert "Never there before" in page
    assert "Now another" in page
    assert reader.look(key)[0] == 303
    page = reader.client.get(f"/views/{key}?lang=en").text
    assert ["New: 0" in page, "Changed: 0" in page, "No longer in view: 0" in page] == [True] * 3


def test_what_comes_behind_the_page_is_not_looked_at(reader: Reader) -> None:
    reader.send("/views", "/", path="/", query="", name="x")
    key = key_of("x")
    case = some_case(reader.store)
    write(reader.store, case, title="Seen on the page")
    reader.look(key, meanwhile=lambda: write(reader.store, case, title="Came behind it"))
    page = reader.client.get(f"/views/{key}?lang=en").text
    assert ["Changed: 1" in page, "Came behind it" in page] == [True, True]
    assert reader.send(f"/views/{key}/looked", f"/views/{key}", shown="nothing")[0] == 400


def test_a_view_saved_again_keeps_what_was_not_looked_at(reader: Reader) -> None:
    view = {"path": "/cases", "query": "penalty=FINE", "name": "x"}
    key = key_of("x")
    reader.send("/views", "/cases", **view)
    kept = saved_views(reader.store).get(key)
    write(reader.store, some_case(reader.store, penalty_type="FINE"), title="Not yet seen")
    assert reader.send("/views", "/cases", **view) == (303, f"/views#{key}")
    assert saved_views(reader.store).get(key) == kept
    assert "Not yet seen" in reader.client.get(f"/views/{key}").text


def test_nothing_is_saved_where_it_cannot_be_looked_at(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise StoreError("away")

    monkeypatch.setattr("dashboards.web.view_pages.look", gone)
    assert reader.send("/views", "/cases", path="/cases", query="", name="x")[0] == 503
    assert saved_views(reader.store).all() == {}


def test_a_view_that_is_no_more_is_said_and_removed_while_the_others_stand(reader: Reader) -> None:
    reader.send("/views", "/cases", path="/cases", query="penalty=FINE", name="good")
    for name, path, parameters in (
        ("of a former vocabulary", "/cases", (("penalty", "FORMER_CODE"),)),
        ("of a former page", "/dashboards/former", ()),
    ):
        view = SavedView(name=name, path=path, parameters=parameters, index="cases", saved_at="2026-01-01")
        saved_views(reader.store).put(key_of(name), view)
    page = reader.client.get("/views?lang=en")
    assert page.status == 200
    assert page.text.count("Cannot be shown any more") == 2
    assert "FORMER_CODE" in page.text
    assert 'href="/cases?penalty=FINE' in page.text
    assert "无法显示" in reader.client.get("/views?lang=zh").text
    for name in ("of a former vocabulary", "of a former page"):
        assert reader.send(f"/views/{key_of(name)}/remove", "/views")[0] == 303
    assert list(saved_views(reader.store).all()) == [key_of("good")]


def test_an_order_that_is_no_more_is_said(reader: Reader) -> None:
    for name, parameters in {"former": ("sort", "former"), "no text": ("sort", "best")}.items():
        view = SavedView(
            name=name, path="/cases", parameters=(parameters,), index="cases", saved_at="2026-01-01"
        )
        assert reader.client.get(view.address).status == 400
        saved_views(reader.store).put(key_of(name), view)
        assert reader.send("/views", "/cases", path="/cases", query="=".join(parameters), name="x")[0] == 400
    assert reader.client.get("/views?lang=en").text.count("Cannot be shown any more") == 2
    assert reader.send("/views", "/cases", path="/cases", query="q=data&sort=best", name="y")[0] == 303
    assert reader.client.get("/views?lang=en").text.count("Cannot be shown any more") == 2


def test_a_view_refused_for_its_name_puts_no_look_for_the_one_that_has_it(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are saved at once: the other one while the first is looked at."""
    real = view_pages.look

    def look(*of: Any) -> changes.Look:
        monkeypatch.setattr(view_pages, "look", real)
        assert reader.send("/views", "/cases", path="/cases", query="penalty=FINE", name="x")[0] == 303
        return real(*of)

    monkeypatch.setattr(view_pages, "look", look)
    status, said = reader.send("/views", "/cases", path="/cases", query="penalty=WARNING", name="x")
    assert (status, "another view" in said) == (400, True)
    page = reader.client.get(f"/views/{key_of('x')}?lang=en").text
    assert ["New: 0" in page, "No longer in view: 0" in page] == [True, True]


def test_too_much_to_be_compared_is_said_when_it_is_saved(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = key_of("all")
    with monkeypatch.context() as fewer:
        fewer.setattr(changes, "MOST", 3)
        reader.send("/views", "/", path="/", query="", name="all")
        assert "More than 10,000 records" in reader.client.get("/views?lang=en").text
        page = reader.client.get(f"/views/{key}?lang=en").text
        assert ["More than 10,000 records" in page, "Mark as looked at" in page] == [True, False]
    page = reader.client.get(f"/views/{key}?lang=en").text  # there are fewer now
    assert ["is not kept" in page, "New:" in page] == [True, False]
    assert reader.look(key)[0] == 303
    assert "New: 0" in reader.client.get(f"/views/{key}?lang=en").text
    with pytest.raises(FilterError):
        changes.compare(changes.Look(at="x", records={}), changes.Look(at="y", records=None))


def test_looks_that_were_shown_are_held_up_to_a_limit() -> None:
    shown = Shown(most=6)
    first, second, third = (
        changes.Look(at="x", records={f"{n}-{m}": "d" for m in range(size)})
        for n, size in enumerate((2, 2, 9))
    )
    held = [shown.hold("view", look) for look in (first, second)]
    assert [shown.of("view", said) for said in held] == [first, second]
    assert shown.of("another view", held[0]) is None
    last = shown.hold("view", third)
    assert [shown.of("view", said) for said in (*held, last)] == [None, None, third]


def test_a_wrong_record_is_reported_from_where_it_is_seen(reader: Reader, folder: DataDir) -> None:
    case = some_case(reader.store, penalty_type="FINE")
    path = f"/cases/{case['record_id']}"
    fields = {
        "index": "cases",
        "record_id": str(case["record_id"]),
        "revision": str(case["revision"]),
        "rules": str(case["rules_version"]),
    }
    status, to = reader.send("/reported", path, **fields, value="p-1", said="<b>The sum is another.</b>")
    assert (status, to[:10]) == (303, "/reported#")
    ((key, report),) = reported_records(reader.store).all().items()
    assert to.endswith(key)
    assert (report.revision, report.rules_version, report.said) == (
        case["revision"],
        case["rules_version"],
        "<b>The sum is another.</b>",
    )
    assert report.value
    page = reader.client.get("/reported?lang=en").text
    assert "&lt;b&gt;The sum is another." in page
    assert "as it was" in page
    write(reader.store, case)
    run = CliRunner()
    place = ["--data-dir", str(folder.root)]
    (told,) = msgspec.json.decode(run.invoke(command, ["list", "--json", *place]).stdout)
    assert (told["record_id"], told["state"], told["revision"]) == (
        case["record_id"],
        "read_again",
        case["revision"],
    )
    status, said = reader.send("/reported", path, **fields, said="of a version that is no more")
    assert (status, "read again meanwhile" in said) == (400, True)
    assert run.invoke(command, ["drop", "nothing", *place]).exit_code == 2
    assert run.invoke(command, ["drop", key, *place]).exit_code == 0
    assert "nothing is reported" in run.invoke(command, ["list", *place]).output


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": ""}, 400),
        ({"name": "x" * 81}, 400),
        ({"path": "/etc/passwd"}, 404),
        ({"path": "//evil.example/"}, 404),
        ({"query": "violation=NOTHING"}, 400),
        ({"query": "colour=red"}, 400),
        ({"query": "sort=sideways"}, 400),
    ],
)
def test_what_is_no_view_is_refused(reader: Reader, fields: dict[str, str], status: int) -> None:
    given = {"path": "/cases", "query": "", "name": "x", **fields}
    assert reader.send("/views", "/cases", **given)[0] == status
    assert saved_views(reader.store).all() == {}


def test_only_the_pages_own_forms_are_taken(reader: Reader) -> None:
    view = {"path": "/cases", "query": "", "name": "x"}
    assert reader.send("/views", "/cases", form="guessed", **view)[0] == 403
    assert reader.send("/views", "/cases", headers={"Sec-Fetch-Site": "cross-site"}, **view)[0] == 403
    assert reader.send("/views", "/cases", headers={"Host": "evil.example"}, **view)[0] == 400
    assert reader.send("/views", "/cases", said="x" * 70_000, **view)[0] == 400
    assert saved_views(reader.store).all() == {}
    assert reader.send("/views", "/cases", headers={"Sec-Fetch-Site": "same-origin"}, **view)[0] == 303
