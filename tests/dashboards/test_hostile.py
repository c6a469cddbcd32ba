"""Titles, texts, names, addresses and queries that try to run something in the page."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from netdocket.records import Bulletin, Classified
from tests.dashboards.conftest import Client, Pairs, served, stored
from tests.dashboards.made import made

SCRIPT = "<script>window.ran=1</script>"
IMAGE = '"><img src=x onerror="window.ran=1">'
CLOSING = "</script><svg onload=window.ran=1>"
TEMPLATE = "{{ 7*7 }}${7*7}"
HOSTILE = f"{SCRIPT}{IMAGE}{CLOSING}{TEMPLATE}"


def poisoned(pairs: Pairs) -> Pairs:
    """The same records with markup wherever a publisher has a say: title, text, names, phrases, addresses."""
    return [(poison(bulletin), poison(classified)) for bulletin, classified in pairs]


def poison(part: Bulletin | Classified) -> Any:
    plain = json.loads(msgspec.json.encode(part))
    return msgspec.convert(_poisoned(plain), type(part))


def _poisoned(node: Any, key: str = "") -> Any:
    if isinstance(node, dict):
        return {name: _poisoned(value, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_poisoned(value, key) for value in node]
    if key in ("title", "masked_title", "name", "phrase", "printed", "campaign", "rule", "publisher"):
        return f"{HOSTILE}{node}"
    if key == "law":
        return HOSTILE
    if key == "url":
        return "javascript:window.ran=1//" + node
    if key in ("text", "masked_text"):
        return (HOSTILE + node)[: len(node)] if len(node) > len(HOSTILE) else node
    return node


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Pairs]]:
    pairs = poisoned(made(12, seed=5))
    with stored(tmp_path_factory.mktemp("hostile") / "store", pairs) as store, served(store) as client:
        yield client, pairs


def hostile_addresses(pairs: Pairs) -> list[str]:
    query = urllib.parse.quote(HOSTILE.replace('"', ""))
    records = [r for _, classified in pairs for r in classified.records]
    return [
        "/", "/cases", "/developments", "/incidents", "/reports", "/sources",
        *(f"/records/{r.record_id}" for r in records[:12]), *(f"/bulletins/{b.bulletin_id}" for b, _ in pairs[:3]),
        f"/cases?q={query}", "/cases?q=script%20ran", f"/?vendor={query}", f"/cases?law={query}",
        f"/cases?violation={query}", f"/cases?from={query}", f"/cases?{query}=1", f"/cases/{query}", f"/{query}",
        f"/incidents?vendor={query}", f"/cases?sort={query}", f"/cases?lang={query}",
    ]  # fmt: skip


def test_nothing_of_the_data_or_the_address_becomes_markup(hostile: tuple[Client, Pairs]) -> None:
    client, pairs = hostile
    for path in hostile_addresses(pairs):
        for language in ("en", "zh"):
            html = client.get(path, accept_language=language).text
            assert not re.search(r"<(img|svg)\b", html), path
            assert "<script>window" not in html, path
            assert not re.search(r"<[^>]*\sonerror=", re.sub(r'"[^"]*"', '""', html)), path
            assert 'href="javascript:' not in html, path


def test_what_was_escaped_is_still_what_was_published(hostile: tuple[Client, Pairs]) -> None:
    client, pairs = hostile
    records = [r for _, classified in pairs for r in classified.records if r.case and r.jurisdiction == "CN"]
    listed = {r["record_id"]: r["title"] for r in client.get("/cases.json").json()["records"]}
    assert listed == {r.record_id: r.title for r in records}


def test_nothing_hostile_runs(hostile: tuple[Client, Pairs], chromium: str) -> None:
    from playwright.sync_api import sync_playwright

    client, pairs = hostile
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        for path in hostile_addresses(pairs)[1::2]:
            page.goto(client.base + path, wait_until="load")
            assert page.evaluate("window.ran") is None, path
        page.goto(client.base + "/")
        page.wait_for_function("document.documentElement.dataset.charts === 'drawn'")
        assert page.locator("figure svg").count() > 5
        page.locator("figure svg path[aria-roledescription], figure svg .mark-rect path").first.hover()
        assert page.evaluate("window.ran") is None
        browser.close()


def test_the_store_of_this_test_is_hostile(hostile: tuple[Client, Pairs]) -> None:
    """The poison has reached every page it is meant for."""
    client, pairs = hostile
    record = next(r for _, c in pairs for r in c.records if r.case and r.case.penalties)
    html = client.get(f"/cases/{record.record_id}").text
    assert html.count("&lt;script&gt;window.ran=1&lt;/script&gt;") > 5
    assert "{{ 7*7 }}" in html
