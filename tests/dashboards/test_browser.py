"""The page in a real browser, under its own Content-Security-Policy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from dashboards.kept.views import SavedView, save, saved_views
from dashboards.panels.load import load_dashboard, load_dashboards
from dashboards.web.boards import path_of
from index.embedded import EmbeddedStore
from netdocket.records import Record
from tests.dashboards.conftest import Client, of_kind, served, stored
from tests.dashboards.made import made

DRAWN = "document.documentElement.dataset.charts === 'drawn'"
LUMINANCE = """() => { const [r, g, b] = getComputedStyle(document.documentElement).backgroundColor
    .match(/\\d+/g).map(Number); return (r + g + b) / 3; }"""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """A page being looked at: what it logs and whom it calls."""

    def __init__(self, browser: Browser, client: Client, *, width: int = 1280, theme: str = "light") -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
        )
        self.page: Page = self.context.new_page()
        self.client = client
        self.complaints: list[str] = []
        self.outside: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.called(request.url))

    def called(self, url: str) -> None:
        if not url.startswith((self.client.base, "data:")):
            self.outside.append(url)

    def go(self, path: str) -> Page:
        self.page.goto(self.client.base + path, wait_until="load")
        return self.page

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


def paths(records: list[Record]) -> list[str]:
    case = of_kind(records, "case")[0]
    return [*map(path_of, load_dashboards()), "/cases", "/cases?q=%E7%BD%9A%E6%AC%BE", "/developments", "/incidents", "/reports", "/views", "/reported", "/sources",
            "/glossary", f"/cases/{case.record_id}", f"/bulletins/{case.bulletin_id}"]  # fmt: skip


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1280, "dark")])
def test_pages_work_under_their_policy(
    width: int, theme: str, browser: Browser, client: Client, records: list[Record]
) -> None:
    language = "zh" if theme == "dark" else "en"
    with Visit(browser, client, width=width, theme=theme) as visit:
        for path in paths(records):
            page = visit.go(f"{path}{'&' if '?' in path else '?'}lang={language}")
            if path == "/" or path.startswith("/dashboards/"):
                page.wait_for_function(DRAWN)
            assert visit.complaints == [], path
            assert visit.outside == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            assert (page.evaluate(LUMINANCE) < 128) == (theme == "dark"), path


@pytest.mark.parametrize("name", list(load_dashboards()))
def test_every_chart_is_drawn_with_as_many_marks_as_it_has_data(
    name: str, browser: Browser, client: Client
) -> None:
    with Visit(browser, client) as visit:
        page = visit.go(f"{path_of(name)}?lang=en")
        page.wait_for_function(DRAWN)
        drawn = 0
        for panel in load_dashboard(name).panels:
            if panel.chart in ("bars", "columns", "heat"):
                data = page.evaluate(
                    "id => JSON.parse(document.getElementById(id).textContent).data.values.length",
                    f"{panel.id}-spec",
                )
                marks = page.locator(f"#{panel.id} figure svg .mark-rect.role-mark path").count()
                assert marks == data, panel.id
                drawn += 1
        assert drawn == len(page.query_selector_all("figure[data-spec]"))
        assert drawn > 2


def test_choosing_a_bar_narrows_the_page(browser: Browser, client: Client) -> None:
    with Visit(browser, client) as visit:
        page = visit.go("/?lang=en&role=official")
        page.wait_for_function(DRAWN)
        first = client.get("/panels/violations.json?role=official").json()["rows"][0]["violation"]["code"]
        with page.expect_navigation():
            page.locator("#violations figure svg .mark-rect path").first.click()
        asked = parse_qs(urlsplit(page.url).query)
        assert asked == {"lang": ["en"], "role": ["official"], "violation": [first]}
        assert page.locator(".chip").count() == 2


def test_evidence_and_value_light_up_together(
    browser: Browser, client: Client, records: list[Record]
) -> None:
    case = next(r for r in of_kind(records, "case") if r.case and r.case.penalties)
    with Visit(browser, client) as visit:
        page = visit.go(f"/cases/{case.record_id}?lang=en")
        page.locator("tr#p-1").hover()
        assert "lit" in (page.locator('.text a[data-values~="p-1"]').first.get_attribute("class") or "")
        page.locator('tr#p-1 a[href="#e-p-1"]').click()
        assert page.evaluate("location.hash") == "#e-p-1"
        page.locator('.text a[data-values~="p-1"]').first.click()
        assert page.evaluate("location.hash").startswith("#")
        assert visit.complaints == []


def test_a_reader_without_a_mouse_gets_everywhere(browser: Browser, client: Client) -> None:
    with Visit(browser, client) as visit:
        page = visit.go("/?lang=en")
        page.wait_for_function(DRAWN)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        reached = set()
        page.evaluate("document.querySelector('details.side').remove()")  # many links, walked elsewhere
        page.evaluate("""addEventListener('focusin', event => {
            (window.reached ??= []).push(event.target.closest('.panel')?.id ?? ''); })""")
        for _ in range(120):
            page.keyboard.press("Tab")
        reached.update(page.evaluate("window.reached"))
        assert {panel.id for panel in load_dashboard("overview").panels} <= reached


def test_pages_serve_without_scripts(browser: Browser, client: Client) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(client.base + "/?lang=en")
    page.locator("#violations details.data summary").click()
    assert page.locator("#violations details.data table td").first.is_visible()
    context.close()


def test_on_a_narrow_screen_what_stands_in_a_list_is_not_cut_off(
    browser: Browser, client: Client, store: EmbeddedStore
) -> None:
    long = SavedView(
        name="x" * 80, path="/cases", parameters=(("violation", "MLPS"), ("penalty", "FINE")), index="cases", saved_at="2026-11-20T06:30:00Z"
    )  # fmt: skip
    key = save(store, long)
    with Visit(browser, client, width=360) as visit:
        for path in ("/", "/cases", "/views"):
            page = visit.go(f"{path}?lang=en")
            if path == "/":
                page.wait_for_function(DRAWN)
            cut = page.evaluate("""() => [...document.querySelectorAll(".list td > *, .list th > *")]
                .filter(part => part.offsetParent && part.getBoundingClientRect().right > part.closest("table").getBoundingClientRect().right + 1)
                .map(part => part.textContent.trim().slice(0, 60))""")
            assert cut == [], path
    saved_views(store).remove(key)


def test_few_records_are_drawn_and_without_complaint(browser: Browser, tmp_path: Path) -> None:
    with stored(tmp_path / "s", made(3)[:1]) as few, served(few) as client, Visit(browser, client) as visit:
        for name in load_dashboards():
            visit.go(f"{path_of(name)}?lang=en").wait_for_function(DRAWN)
            assert visit.complaints == [], name
        page = visit.go("/?lang=en")
        page.wait_for_function(DRAWN)
        widths = page.evaluate("""() => [...document.querySelectorAll("figure svg .mark-rect path")]
            .map(mark => mark.getBoundingClientRect().width / mark.closest("figure").clientWidth)""")
        assert widths
        assert all(width > 0 for width in widths)
