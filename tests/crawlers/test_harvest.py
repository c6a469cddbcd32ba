"""The whole harvest: the replica of every family, each bulletin of the generator once, and the archive of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawlers.archived import archive_files, fetches, verify
from crawlers.cards import load_cards
from crawlers.loop import run
from crawlers.reparse import reparse
from crawlers.run import CrawlReport, crawl
from netdocket.cli import main
from netdocket.datadir import DataDir
from netdocket.generator import generate
from netdocket.generator.export import write
from netdocket.identity import digest_of
from netdocket.records import Bulletin
from netdocket.replica import Replica, serve
from netdocket.replica.generated import MadeBulletin
from netdocket.replica.site import Site
from netdocket.settings import load_settings
from netdocket.spool import Spool
from tests.crawlers.example_site import harvested

COUNT = 4000
TEXTS = 100
"""Bulletins of the generator that stand as files in a folder, which the site `texts` serves."""
CARDS = load_cards()


class Harvest:
    """A replica with the generator's bulletins on all its sites, and crawls of it into one data directory."""

    def __init__(self, replica: Replica, datadir: DataDir, texts: Path | None = None) -> None:
        self.replica, self.datadir, self.texts = replica, datadir, texts

    def crawl(self, **given: bool) -> CrawlReport:
        settings = load_settings(download_delay=0, download_timeout=30, spool_limit=1_000_000)
        return run(
            crawl(
                CARDS, settings=settings, datadir=self.datadir, base_urls=self.replica.base_urls,
                origin="generated", **given,
            )
        )  # fmt: skip

    def posted(self) -> Iterator[tuple[str, MadeBulletin]]:
        """Address and bulletin of all that the cards ask for, but for the folder of texts."""
        for source, site in self.replica.sites.items():
            if isinstance(site, Site):
                for path, bulletin in site.articles.items():
                    assert isinstance(bulletin, MadeBulletin)
                    if not bulletin.beside:
                        yield CARDS[source].base + path, bulletin

    def files(self) -> dict[str, Path]:
        """Address and file of what the folder of texts holds."""
        found = sorted(self.texts.glob("*.txt")) if self.texts else []
        return {f"{CARDS['texts'].base}/articles/{path.stem}.html": path for path in found}


@pytest.fixture(scope="module")
def harvest(tmp_path_factory: pytest.TempPathFactory, proof_scale: float) -> Iterator[Harvest]:
    folder = tmp_path_factory.mktemp("harvest")
    write(generate(round(TEXTS * proof_scale), seed=18), out=folder / "texts", truth=folder / "truth.jsonl")
    with serve(generated=True, count=round(COUNT * proof_scale), seed=17, texts=folder / "texts") as replica:
        yield Harvest(replica, DataDir(folder / "data"), folder / "texts")


@pytest.mark.proof
def test_exactly_the_generators_bulletins_each_once_then_none_then_only_those_amended(
    harvest: Harvest,
) -> None:
    wanted, files = dict(harvest.posted()), harvest.files()
    assert set(harvest.replica.base_urls) == set(CARDS)  # there is no card that this leaves out
    first = harvest.crawl()
    assert {code: s.state for code, s in first.sources.items() if s.state != "ok"} == {}
    assert (first.new, first.failed) == (len(wanted) + len(files), 0)
    assert set(first.sources) == set(CARDS)
    found = harvested(harvest.datadir)
    assert sorted(b.url or "" for b in found) == sorted([*wanted, *files])
    for bulletin in found:
        if bulletin.source == "texts":
            assert bulletin.text == files[bulletin.url or ""].read_text("utf-8")
            continue
        made = wanted[bulletin.url or ""].made(0)
        assert (bulletin.source, bulletin.title, bulletin.text, bulletin.published, bulletin.language) == (
            made.source, made.title, made.text, made.published, made.language,
        )  # fmt: skip

    second = harvest.crawl()
    assert (second.new, second.changed, second.failed) == (0, 0, 0)
    cards = [CARDS[source] for source in harvest.replica.base_urls]
    preludes = sum(len(card.lists) for card in cards if card.engine == "jpaas")
    # robots.txt and the first page of each list (behind a column page for jpaas), and due pages: those of the last days
    due = second.unchanged
    assert second.requests == sum(1 + len(card.lists) for card in cards) + preludes + due
    assert due == 0
    print(
        f"\n{first.new:,} bulletins of {len(cards)} cards: {first.requests:,} requests, then {second.requests:,}"
    )

    keys = set(harvest.replica.amend(0.05))
    rewritten = dict(list(files.items())[:1])
    for path in rewritten.values():
        path.write_text(path.read_text("utf-8") + "\n以上有更正。", "utf-8")
    third = harvest.crawl(recheck=True)
    revised = {url for url, bulletin in wanted.items() if bulletin.key in keys} | set(rewritten)
    assert (third.new, third.changed, third.failed) == (0, len(revised), 0)
    again = harvested(harvest.datadir)[len(found) :]
    assert {bulletin.url for bulletin in again} == revised
    for bulletin in again:
        url = bulletin.url or ""
        text = files[url].read_text("utf-8") if url in files else wanted[url].made(1).text
        assert (bulletin.text, bulletin.ordinal) == (text, 2)
    print(f"{len(again)} amended: {third.requests:,} requests, {third.changed} new revisions, nothing else")


@pytest.mark.proof
def test_the_archive_gives_the_same_bulletins_again(harvest: Harvest) -> None:
    """After the test above: what was harvested last of each address, page by page."""
    archive, cards = harvest.datadir.archive, CARDS
    newest: dict[str, Bulletin] = {b.url or "": b for b in harvested(harvest.datadir)}
    spool = Spool(harvest.datadir.spool)
    try:
        result = reparse(cards, archive, spool, origin="generated")
    finally:
        spool.close()
    assert (result.same, result.changed, result.new, result.failed) == (len(newest), 0, 0, [])
    assert {f.bulletin_url for f in fetches(archive)} == set(newest)
    verdicts = [verify(path) for path in archive_files(archive)]
    assert not [v for v in verdicts if v.damage]
    assert sum(v.records for v in verdicts) == len(harvested(harvest.datadir))


@pytest.mark.proof
def test_archive_and_state_are_shown_on_the_command_line(harvest: Harvest) -> None:
    """After the tests above."""

    def called(*given: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, [*given, "--data-dir", str(harvest.datadir.root)])
        assert result.exit_code == code, result.output
        return result.output

    states = json.loads(called("sources", "status", "--json"))
    assert set(states) == set(harvest.replica.base_urls)
    assert all(
        s["last_good"] == s["crawled"] and s["since"] <= s["crawled"] < s["due"] for s in states.values()
    )
    assert "nfra" in called("sources", "status")
    (listed,) = json.loads(called("archive", "show", "--source", "nfra", "--limit", "1", "--json"))
    place = f"{listed['file']}:{listed['offset']}"
    assert "SelectByDocId" in called("archive", "show", place)
    assert json.loads(called("archive", "show", place, "--body"))["data"]["docClob"]
    assert json.loads(called("archive", "verify", "--json"))["damaged"] == []
    assert json.loads(called("reparse", "--dry-run", "--json", "pbc"))["changed"] == 0
    damaged = archive_files(harvest.datadir.archive)[0]
    kept = damaged.read_bytes()
    damaged.write_bytes(kept[: len(kept) // 2])
    found = json.loads(called("archive", "verify", "--json", code=1))["damaged"]
    assert [item["file"] for item in found] == [damaged.name]
    damaged.write_bytes(kept)


def test_a_mended_card_reads_the_archive_anew(tmp_path: Path) -> None:
    datadir = DataDir(tmp_path / "data")
    with serve(generated=True, count=12, seed=3, sites=["pbc"]) as replica:
        Harvest(replica, datadir).crawl()
    before = {b.bulletin_id: b for b in harvested(datadir)}
    card = CARDS["pbc"]
    import msgspec

    mended = msgspec.structs.replace(
        card, detail=msgspec.structs.replace(card.detail, drop=("#zoom tr:last-child",))
    )
    spool = Spool(datadir.spool)
    try:
        dry = reparse({"pbc": mended}, datadir.archive, spool, origin="replica", dry=True)
        result = reparse({"pbc": mended}, datadir.archive, spool, origin="replica")
        again = reparse({"pbc": mended}, datadir.archive, spool, origin="replica")
    finally:
        spool.close()
    assert (dry.changed, result.changed, again.changed, again.same) == (12, 12, 0, 12)
    revised = harvested(datadir)[len(before) :]
    assert len(revised) == 12
    for bulletin in revised:
        assert bulletin.revision > before[bulletin.bulletin_id].revision
        assert digest_of(bulletin) != digest_of(before[bulletin.bulletin_id])
        assert len(bulletin.text.splitlines()) == len(before[bulletin.bulletin_id].text.splitlines()) - 1


def test_a_changed_byte_of_the_archive_is_found(tmp_path: Path) -> None:
    datadir = DataDir(tmp_path / "data")
    with serve(generated=True, count=6, seed=3, sites=["nfra"]) as replica:
        Harvest(replica, datadir).crawl()
    (path,) = archive_files(datadir.archive)
    assert (verify(path).records, verify(path).damage) == (6, None)
    whole = path.read_bytes()
    for place in (len(whole) // 3, len(whole) // 2, len(whole) - 40):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :])
        assert verify(path).damage
    path.write_bytes(whole[:-7])
    assert verify(path).damage
