"""What axe-core finds on the pages: nothing serious. The program comes with a package of the tests' own."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from dashboards.panels.load import load_dashboards
from dashboards.web.boards import path_of
from tests.dashboards.conftest import Client

DRAWN = "document.documentElement.dataset.charts === 'drawn'"


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "zh")])
def test_axe_finds_nothing_serious(theme: Any, language: str, chromium: str, client: Client) -> None:
    found = []
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        # Axe is put into the page from outside, which the page's own policy forbids.
        page = browser.new_context(color_scheme=theme, bypass_csp=True).new_page()
        for path in [*map(path_of, load_dashboards()), "/cases", "/incidents", "/sources", "/glossary"]:
            page.goto(f"{client.base}{path}?lang={language}", wait_until="load")
            if path == "/" or path.startswith("/dashboards/"):
                page.wait_for_function(DRAWN)
            page.evaluate(axe)
            report = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            found += [
                (path, v["impact"], v["id"], v["nodes"][0]["html"][:120])
                for v in report["violations"]
                if v["impact"] in ("serious", "critical")
            ]
        browser.close()
    assert found == []
