"""A visitor who asks the replica for pages over HTTP and reads them as the source cards say."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from crawlers.cards import Card, load_cards
from crawlers.engines import engine_for
from crawlers.pages import Draft, Entry, Page
from netdocket.replica import Replica, serve


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None) -> Response:
    request = urllib.request.Request(url, headers=dict(headers or {}), method=method)  # noqa: S310  loopback
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return Response(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Response(error.code, error.headers, error.read())


class Visitor:
    """Reads one source with its card's engine. Addresses are the publisher's; the replica stands in for it."""

    def __init__(self, replica: Replica, source: str) -> None:
        self.card: Card = load_cards()[source]
        self.engine = engine_for(self.card)
        self.base = replica.base_urls[source]

    def get(self, url: str, **asked: Any) -> Response:
        return fetch(url.replace(self.card.base, self.base), **asked)

    def lists(self) -> Iterator[list[Entry]]:
        """Every list page of every list, to the 404 that ends it."""
        for source_list in self.card.lists:
            request = self.engine.first_page(source_list)
            while request is not None:
                answer = self.get(request.url, headers=request.headers)
                if answer.status == 404 and request.number > self.card.pagination.first:
                    break
                assert answer.status == 200, request.url
                listing = self.engine.parse_list(page(request.url, answer), request)
                if not request.prelude:
                    yield list(listing.entries)
                request = listing.following

    def entries(self) -> dict[str, Entry]:
        return {entry.url: entry for entries in self.lists() for entry in entries if entry.wanted}

    def detail(self, entry: Entry) -> Draft:
        answer = self.get(self.engine.fetch_url(entry.url))
        assert answer.status == 200, entry.url
        return self.engine.parse_detail(page(entry.url, answer), entry)


def page(url: str, answer: Response) -> Page:
    return Page(url=url, body=answer.body, content_type=answer.headers.get("content-type"))


@pytest.fixture(scope="package")
def replica() -> Iterator[Replica]:
    """The fixtures as written."""
    with serve() as running:
        yield running
