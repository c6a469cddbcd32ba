"""What axe-core finds on the pages: nothing. The program comes with a package of the tests' own."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from dashboards.kept.reported import Reported, keep
from dashboards.kept.views import SavedView, save
from dashboards.panels.load import load_dashboards
from dashboards.web.boards import path_of
from index.embedded import EmbeddedStore
from netdocket.records import Record
from tests.dashboards.conftest import Client, of_kind

DRAWN = "document.documentElement.dataset.charts === 'drawn'"


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "zh")])
def test_axe_finds_nothing(
    theme: Any, language: str, chromium: str, client: Client, store: EmbeddedStore, records: list[Record]
) -> None:
    case = of_kind(records, "case")[0]
    key = save(store, SavedView(name="x", path="/", parameters=(), index="cases", saved_at=case.fetched_at))
    reported = {
        name: getattr(case, name)
        for name in ("record_id", "bulletin_id", "revision", "rules_version", "title")
    }
    keep(store, Reported(**reported, index="cases", said="x", at=case.fetched_at))
    found = []
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        # Axe is put into the page from outside, which the page's own policy forbids.
        page = browser.new_context(color_scheme=theme, bypass_csp=True).new_page()
        for path in [
            *map(path_of, load_dashboards()),
            "/cases",
            "/incidents",
            "/views",
            "/reported",
            "/sources",
            "/glossary",
            f"/cases/{case.record_id}",
            f"/bulletins/{case.bulletin_id}",
            f"/views/{key}",
        ]:
            page.goto(f"{client.base}{path}?lang={language}", wait_until="load")
            if path == "/" or path.startswith("/dashboards/"):
                page.wait_for_function(DRAWN)
            page.evaluate(axe)
            report = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            found += [(path, v["impact"], v["id"], v["nodes"][0]["html"][:120]) for v in report["violations"]]
        browser.close()
    assert found == []
