"""A crawl killed at any moment: the next ones lose nothing and double nothing."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path

import pytest

from crawlers.cards import load_cards
from crawlers.loop import run
from crawlers.run import crawl
from netdocket.datadir import DataDir
from netdocket.replica import serve
from netdocket.replica.site import Site as ReplicaSite
from netdocket.settings import Settings
from netdocket.spool import Spool
from tests.conftest import ROOT
from tests.crawlers.conftest import Crawl
from tests.crawlers.example_site import Site, harvested

CRAWLER = """
    import os, sys
    from pathlib import Path
    from crawlers.cards import load_card, load_cards
    from crawlers.loop import run
    from crawlers.run import crawl
    from netdocket.datadir import DataDir
    from netdocket.settings import load_settings

    {prepare}
    urls = dict(item.split("=", 1) for item in sys.argv[2:])
    run(crawl({cards}, settings=load_settings(download_delay={delay}), datadir=DataDir(Path(sys.argv[1])),
              base_urls=urls, origin="replica"))
"""


def crawler(
    root: Path, base_urls: dict[str, str], *, cards: str, prepare: str = "", delay: float = 0
) -> subprocess.Popen[bytes]:
    source = textwrap.dedent(CRAWLER).format(cards=cards, prepare=prepare, delay=delay)
    urls = [f"{code}={url}" for code, url in base_urls.items()]
    return subprocess.Popen(
        [sys.executable, "-c", source, str(root), *urls], cwd=ROOT, start_new_session=True
    )


@pytest.mark.parametrize("method", ["settle", "complete_page", "complete_walk"])
def test_a_kill_between_spool_and_memory_means_to_fetch_again(
    site: Site, crawl_site: Crawl, datadir: DataDir, tmp_path: Path, card: object, method: str
) -> None:
    """The spool has the bulletin and memory does not know it: it is fetched again and is no second one."""
    site.bulletins({n: f"Notice number {n} in full." for n in range(1, 6)})
    killed = crawler(
        datadir.root,
        {"example": site.url},
        cards=f"[load_card(Path({str(tmp_path / 'example.yaml')!r}))]",
        prepare=f"import crawlers.memory; crawlers.memory.CrawlMemory.{method} = lambda *a, **k: os._exit(9)",
    )
    assert killed.wait(60) == 9
    before = harvested(datadir)
    assert before  # it had come as far as the spool
    report = crawl_site()
    after = harvested(datadir)
    assert report.new == 5 - len(before)
    assert Counter(bulletin.url for bulletin in after) == {
        f"https://www.example.org/news/{n}.html": 1 for n in range(1, 6)
    }
    assert crawl_site().requests == 2


def wait_for_growth(datadir: DataDir, victim: subprocess.Popen[bytes], *, by: int) -> None:
    """Until the victim has brought so many bulletins into the spool, or has ended."""
    spool = Spool(datadir.spool)
    try:
        before = spool.pending()
        while victim.poll() is None and spool.pending() < before + by:
            time.sleep(0.01)
    finally:
        spool.close()


@pytest.mark.proof
def test_random_kills_of_a_crawl(datadir: DataDir, settings: Settings, proof_scale: float) -> None:
    """SIGKILL at random moments of crawls of the replica; the last one runs to its end."""
    count, kills = max(60, round(600 * proof_scale)), max(5, round(50 * proof_scale))
    moments = random.Random(7)
    with serve(count=count) as replica:
        wanted = {
            load_cards()[site.source].base + path
            for site in replica.sites.values()
            if isinstance(site, ReplicaSite)
            for path, bulletin in site.articles.items()
            if not bulletin.fixture.beside
        }
        sizes = []
        for _ in range(kills):
            victim = crawler(datadir.root, replica.base_urls, cards="load_cards()", delay=0.02)
            wait_for_growth(datadir, victim, by=moments.randrange(1, count // kills))
            time.sleep(moments.uniform(0, 0.05))
            victim.kill()
            assert victim.wait(30) in (-signal.SIGKILL, 0)  # killed, or done before; never failed
            sizes.append(len(harvested(datadir)))

        def crawled() -> tuple[int, int]:
            report = run(
                crawl(
                    load_cards(),
                    settings=settings,
                    datadir=datadir,
                    base_urls=replica.base_urls,
                    origin="replica",
                )
            )
            return report.new, report.failed

        new, failed = crawled()
        found = Counter(bulletin.url for bulletin in harvested(datadir))
        assert failed == 0
        assert found == dict.fromkeys(wanted, 1)
        assert crawled() == (0, 0)
    print(
        f"\n{count} bulletins, {kills} kills, in the spool after each: {sizes}, {new} new in the last crawl"
    )
