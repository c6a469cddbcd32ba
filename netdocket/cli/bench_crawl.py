"""The crawl beside a bare Scrapy spider: the same replica, the same pages, one connection each, no delay.

The bare spider asks for the same list pages and details and takes title and text with two selectors; it archives,
spools and remembers nothing. Each is run in turn, in a process of its own, and the best of each counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from netdocket.replica import serve

SITE: Final = "cac"
ROUNDS: Final = 3
_OURS: Final = """
import json, sys, time
from pathlib import Path
from crawlers.cards import load_cards
from crawlers.loop import run
from crawlers.run import crawl
from netdocket.datadir import DataDir
from netdocket.settings import load_settings
site, base, folder = sys.argv[1:4]
settings = load_settings(download_delay=0, spool_limit=10_000_000)
began = time.perf_counter()
report = run(crawl([load_cards()[site]], settings=settings, datadir=DataDir(Path(folder)), base_urls={site: base}, origin="replica"))
print(json.dumps({"pages": report.new, "seconds": time.perf_counter() - began}))
"""
_BARE: Final = """
import json, sys, time
import scrapy
from scrapy.crawler import CrawlerProcess
from crawlers.cards import load_cards
site, base = sys.argv[1:3]
card = load_cards()[site]
taken = []

class Bare(scrapy.Spider):
    name = "bare"
    handle_httpstatus_list = [404]
    seen = set()

    async def start(self):
        for source_list in card.lists:
            yield self.page(source_list.path, 1)

    def page(self, path, number):
        return scrapy.Request(base + path.replace("{page}", str(number)), self.parse_list, cb_kwargs={"path": path, "number": number})

    def parse_list(self, response, path, number):
        if response.status == 404:
            return
        for item in response.css("#loadingInfoPage li"):
            url = response.urljoin(item.css("h5 a::attr(href)").get()).replace(card.base, base)
            if url not in self.seen:
                self.seen.add(url)
                yield scrapy.Request(url, self.parse_detail)
        yield self.page(path, number + 1)

    def parse_detail(self, response):
        text = "".join(response.css("#BodyLabel ::text").getall())
        taken.append((response.css("h1.title::text").get(), text))
        yield {"title": taken[-1][0], "text": text}

process = CrawlerProcess({
    "LOG_ENABLED": False, "CONCURRENT_REQUESTS": 1, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY": 0,
    "ROBOTSTXT_OBEY": True, "TELNETCONSOLE_ENABLED": False, "WARN_ON_GENERATOR_RETURN_VALUE": False,
})
began = time.perf_counter()
process.crawl(Bare)
process.start()
print(json.dumps({"pages": len(taken), "seconds": time.perf_counter() - began}))
"""


@dataclass(frozen=True, slots=True)
class Result:
    """Pages a minute, the best of the rounds."""

    pages: int
    ours: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.ours / self.bare

    def __str__(self) -> str:
        return (
            f"crawl: {self.pages:,} pages of the replica, one connection, no delay\n"
            f"  netdocket (archive, spool, memory)  {self.ours:>9,.0f} pages/min\n"
            f"  bare Scrapy spider                  {self.bare:>9,.0f} pages/min\n"
            f"  ratio                               {self.ratio:>9.2f}  (wanted: 0.70)"
        )


def run(*, pages: int, folder: Path) -> Result:
    best = {"ours": 0.0, "bare": 0.0}
    with serve(count=pages, sites=[SITE]) as replica:
        base = replica.base_urls[SITE]
        for number in range(ROUNDS):
            for name, program, given in (
                ("bare", _BARE, [SITE, base]),
                ("ours", _OURS, [SITE, base, str(folder / f"round-{number}")]),
            ):
                best[name] = max(best[name], _measured(program, given, pages))
    return Result(pages, best["ours"], best["bare"])


def _measured(program: str, given: list[str], pages: int) -> float:
    """Pages a minute. Raises RuntimeError where not all were taken."""
    command = [sys.executable, "-c", program, *given]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own programs
    told = json.loads(done.stdout.splitlines()[-1])
    if told["pages"] != pages:
        raise RuntimeError(f"{told['pages']} of {pages} pages were taken")
    return 60 * pages / float(told["seconds"])
