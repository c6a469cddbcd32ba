"""What goes wrong at a publisher, and the state of the source that it leads to. Never an empty success."""

from __future__ import annotations

import gzip
import http.client
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawlers.archive import read_fetch
from crawlers.bulletins import remake_bulletin
from crawlers.cards import Card
from crawlers.resolver import is_public
from netdocket.datadir import DataDir
from netdocket.records import SourceState
from netdocket.settings import load_settings
from tests.crawlers.conftest import Crawl
from tests.crawlers.example_site import (
    Reply,
    Site,
    article,
    dead_letters,
    harvested,
    make_card,
    news,
    source_states,
)

LIST = "/news/index_1.html"
PAGE = "/news/1.html"
JSL_SHELL = (
    "<html><body><script>document.cookie=('_')+('_')+('jsl_clearance_s')+'=1';"
    "/* __jsl_clearance */location.reload()</script></body></html>"
)
LIVE = load_settings(contact_url="https://about.example/crawler", download_timeout=30, spool_commit_ms=1)
SCRIPT_SHELL = '<html><head><script src="/app.js"></script></head><body><div id="app"></div></body></html>'


def state_after(crawl_site: Crawl) -> SourceState:
    return crawl_site().sources["example"]


# --- the list ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "state", "words"),
    [
        (Reply(status=403), "blocked", "HTTP 403"),
        (Reply(status=401), "blocked", "HTTP 401"),
        (Reply(status=429), "blocked", "HTTP 429"),
        (Reply(status=412), "challenge", "瑞数"),
        (Reply(status=521), "challenge", "加速乐"),
        (Reply(JSL_SHELL.encode()), "challenge", "__jsl_clearance"),
        (Reply(SCRIPT_SHELL.encode()), "challenge", "shell of scripts"),
        (Reply("<html><body>环境异常，完成验证后继续访问</body></html>".encode()), "challenge", "环境异常"),
        (Reply(b"<html><body><ul class=news></ul></body></html>"), "empty", "no items"),
        (Reply(b"<html><body><h1>Welcome</h1><ul class=items><li>One</ul></body></html>"), "changed", "no list"),
        (Reply(b"<html><body><ul class=news><li>One<li>Two</ul></body></html>"), "changed", "none with a link"),
        (Reply(status=404), "gone", "HTTP 404"),
        (Reply(status=410), "gone", "HTTP 410"),
        (Reply(status=302, headers={"Location": "https://other.example/news"}), "gone", "another host"),
        (Reply(status=301, headers={"Location": "http://10.0.0.7/news"}), "gone", "private address"),
        (Reply(status=301, headers={"Location": "http://localhost/news"}), "gone", "private address"),
        (Reply(status=302, headers={"Location": LIST}), "gone", "more than 5 times"),
        (Reply(status=302), "gone", "leads nowhere"),
        (Reply(status=500), "unreachable", "HTTP 500"),
        (Reply(status=503), "unreachable", "HTTP 503"),
        (Reply(b"late", seconds=3), "unreachable", "no answer in time"),
        (Reply(b"short", headers={"Content-Length": "500", "Connection": "close"}), "unreachable", "broke off"),
        (Reply(b"\x1f\x8b\x08 no gzip", headers={"Content-Encoding": "gzip"}), "unreadable", "unpacked"),
        (Reply(gzip.compress(bytes(40_000_000)), headers={"Content-Encoding": "gzip"}), "unreadable", "exceeded"),
        (Reply(b"", headers={"Content-Length": "40000000"}), "unreadable", "too large"),
        (Reply(b"<html>\x81\xff\x81\x20" * 400), "unreadable", "cannot be read"),
        (Reply(status=400), "failed", "HTTP 400"),
        (Reply(status=304), "changed", "no list"),  # to a question without a condition
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_had_names_the_state(
    site: Site, crawl_site: Crawl, datadir: DataDir, reply: Reply, state: str, words: str
) -> None:
    site.tell(LIST, reply)
    found = state_after(crawl_site)
    assert (found.state, found.new) == (state, 0)
    assert words in (found.reason or "")
    assert found.where == "https://www.example.org/news/index_1.html"
    assert found.last_good is None
    assert [kept.state for kept in source_states(datadir)] == [state]


def test_a_refused_connection_is_unreachable(site: Site, crawl_site: Crawl) -> None:
    site.close()
    found = state_after(crawl_site)
    assert (found.state, found.reason) == ("unreachable", "robots.txt cannot be had: Connection was refused by other side: 111: Connection refused.")  # fmt: skip


def test_who_refuses_is_not_asked_again(site: Site, crawl_site: Crawl, tmp_path: Path) -> None:
    second = (
        '{path: "/news/index_{page}.html", title: News}\n  - {path: "/other/index_{page}.html", title: Other}'
    )
    card = make_card(tmp_path, ('{path: "/news/index_{page}.html", title: News}', second))
    site.tell(LIST, Reply(status=403))
    report = crawl_site(cards=[card])
    assert report.sources["example"].state == "blocked"
    assert site.paths() == ["/robots.txt", LIST]


def test_a_page_that_is_forbidden_is_that_pages_failure(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    """Also several of them, where the publisher serves others in between."""
    site.bulletins({n: f"Notice number {n} in full." for n in range(1, 11)})
    for number in (2, 3, 5, 6):
        site.tell(f"/news/{number}.html", Reply(status=403))
    found = state_after(crawl_site)
    assert (found.state, found.new, found.failed, found.reason) == ("ok", 6, 4, "HTTP 403")
    for number in (2, 3, 5, 6):
        site.tell(f"/news/{number}.html", article(number, f"Notice number {number} in full."))
    assert state_after(crawl_site).new == 4
    assert len(harvested(datadir)) == 10


def test_pages_that_are_forbidden_in_a_row_end_the_crawl(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    site.bulletins({n: f"Notice number {n} in full." for n in range(1, 16)})
    for number in (11, 12, 13):
        site.tell(f"/news/{number}.html", Reply(status=403))
    found = state_after(crawl_site)
    assert (found.state, found.new, found.failed) == ("blocked", 10, 3)
    assert found.reason == "HTTP 403 for 3 pages in a row"
    assert "/news/14.html" not in site.paths()
    for number in (11, 12, 13):
        site.tell(f"/news/{number}.html", article(number, f"Notice number {number} in full."))
    assert state_after(crawl_site).new == 5  # nothing of it was forgotten
    assert len(harvested(datadir)) == 15


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (Reply(status=429), "blocked"),
        (Reply(status=412), "challenge"),
        (Reply(JSL_SHELL.encode()), "challenge"),
        (Reply(status=503, headers={"Retry-After": "86400"}), "blocked"),
    ],
)
def test_a_page_that_answers_for_the_whole_site_ends_the_crawl(
    site: Site, crawl_site: Crawl, reply: Reply, state: str
) -> None:
    site.bulletins({n: f"Notice number {n} in full." for n in range(1, 8)})
    site.tell("/news/3.html", reply)
    found = state_after(crawl_site)
    assert (found.state, found.failed) == (state, 1)
    assert (
        found.new <= 3
    )  # the shell of a challenge is known when it is read: one more page is on its way by then
    assert "/news/5.html" not in site.paths()


def test_a_page_that_robots_txt_disallows_is_that_pages_failure(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    site.bulletins({n: f"Notice number {n} in full." for n in range(1, 11)})
    site.tell("/robots.txt", "User-agent: *\nDisallow: /news/3.html\nDisallow: /news/4\nDisallow: /news/5\n")
    found = state_after(crawl_site)
    assert (found.state, found.new, found.failed) == ("ok", 7, 3)
    assert (found.reason, found.where) == (
        "robots.txt does not allow it", "https://www.example.org/news/3.html",
    )  # fmt: skip
    assert not {"/news/3.html", "/news/4.html", "/news/5.html"} & set(site.paths())
    site.tell("/robots.txt", Reply(status=404))
    assert state_after(crawl_site).new == 3
    assert len(harvested(datadir)) == 10


def test_a_list_that_robots_txt_disallows_leaves_the_others(
    site: Site, crawl_site: Crawl, tmp_path: Path
) -> None:
    second = (
        '{path: "/news/index_{page}.html", title: News}\n  - {path: "/other/index_{page}.html", title: Other}'
    )
    card = make_card(tmp_path, ('{path: "/news/index_{page}.html", title: News}', second))
    site.bulletins({1: "Notice number 1 in full."})
    site.tell("/other/index_1.html", news([1]))
    site.tell("/robots.txt", f"User-agent: *\nDisallow: {LIST}\n")
    found = crawl_site(cards=[card]).sources["example"]
    assert (found.state, found.new) == ("blocked", 1)
    assert LIST not in site.paths()


@pytest.mark.parametrize("rules", ["User-agent: *\nDisallow: /\n", Reply(status=500)])
def test_rules_that_forbid_everything_leave_what_is_known_as_it_was(
    site: Site, crawl_site: Crawl, rules: str | Reply
) -> None:
    """Nothing was learned of the pages: validators and digests hold on."""
    pages = range(1, 8)
    site.tell(LIST, news(list(pages)))
    for number in pages:
        body = article(number, f"Notice number {number} in full.").encode()
        site.tell(f"/news/{number}.html", Reply(body, headers={"ETag": f'"{number}"'}))
    crawl_site()
    site.tell("/robots.txt", rules)
    site.asked.clear()
    assert crawl_site(recheck=True).failed <= 1
    assert set(site.paths()) == {"/robots.txt"}
    site.tell("/robots.txt", Reply(status=404))
    site.asked.clear()
    assert crawl_site(recheck=True).unchanged == 7
    conditional = [r.path for r in site.asked if "If-None-Match" in r.headers]
    assert len(conditional) >= 6


def test_robots_txt_is_obeyed(site: Site, crawl_site: Crawl) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    site.tell("/robots.txt", "User-agent: netdocket\nDisallow: /news/\n")
    found = state_after(crawl_site)
    assert (found.state, found.reason) == ("blocked", "robots.txt does not allow it")
    assert site.paths() == ["/robots.txt"]


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (Reply(status=500), "unreachable"),
        (Reply(status=521), "challenge"),
        (Reply(status=301, headers={"Location": "https://other.example/robots.txt"}), "unreachable"),
        (Reply(status=302, headers={"Location": "http://127.0.0.1:9/robots.txt"}), "unreachable"),
        (Reply(status=302, headers={"Location": "/robots.txt"}), "unreachable"),
        (Reply(status=302), "unreachable"),
    ],
)
def test_without_robots_txt_nothing_is_asked(site: Site, crawl_site: Crawl, reply: Reply, state: str) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    site.tell("/robots.txt", reply)
    assert state_after(crawl_site).state == state
    assert set(site.paths()) == {"/robots.txt"}


def test_robots_txt_may_move_to_a_host_of_the_card(site: Site, crawl_site: Crawl, tmp_path: Path) -> None:
    card = make_card(
        tmp_path, ("base: https://www.example.org", "base: https://www.example.org\nhosts: [example.org]")
    )
    site.bulletins({1: "Notice number 1 in full.", 2: "Notice number 2 in full."})
    moved = Reply(status=301, headers={"Location": "https://example.org/rules.txt"})
    site.tell("/robots.txt", moved)
    site.tell("/rules.txt", "User-agent: *\nDisallow: /news/2.html\n")
    found = crawl_site(cards=[card]).sources["example"]
    assert (found.new, found.failed) == (1, 1)
    assert "/news/2.html" not in site.paths()


def test_a_404_ends_a_list_only_where_the_card_says_so(site: Site, crawl_site: Crawl, tmp_path: Path) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    strict = make_card(tmp_path, ("missing_page: end", "missing_page: failure"))
    found = crawl_site(cards=[strict]).sources["example"]
    assert (found.state, found.new, found.where) == ("gone", 1, "https://www.example.org/news/index_2.html")
    assert state_after(crawl_site).state == "nothing_new"


def test_a_second_page_on_another_host_is_no_end(site: Site, crawl_site: Crawl) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    site.tell("/news/index_2.html", Reply(status=302, headers={"Location": "https://other.example/"}))
    found = state_after(crawl_site)
    assert (found.state, found.new) == ("gone", 1)


def test_an_empty_second_page_is_the_end(site: Site, crawl_site: Crawl) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    site.tell("/news/index_2.html", news([]))
    assert state_after(crawl_site).state == "ok"


def test_links_to_elsewhere_are_counted_and_not_followed(site: Site, crawl_site: Crawl) -> None:
    site.tell(LIST, news([1], extra='<li><a href="http://127.0.0.1:9/x">X</a><li><a href="mailto:x@y">Y</a>'))
    site.tell(PAGE, article(1, "Notice number 1 in full."))
    found = state_after(crawl_site)
    assert (found.state, found.new) == ("ok", 1)
    assert found.reason == "1 links lead to hosts that the card does not name; 1 items of lists have no link"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_a_private_address_is_not_even_connected_to_live(
    site: Site, crawl_site: Crawl, datadir: DataDir, tmp_path: Path, host: str
) -> None:
    """A public name that leads to an address inside looks like this once it is resolved. Also where a replica stood
    at that address before."""
    crawl_site(datadir=DataDir(tmp_path / "demo"))
    site.asked.clear()
    card = make_card(tmp_path, ("https://www.example.org", site.url.replace("127.0.0.1", host)))
    site.bulletins({1: "Notice number 1 in full."})
    found = crawl_site(cards=[card], base_urls=None, origin="live", settings=LIVE).sources["example"]
    assert found.state == "unreachable"
    assert "private address, " in (found.reason or "")
    assert site.asked == []


def test_a_proxy_of_our_own_may_stand_inside(
    site: Site, crawl_site: Crawl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in most firms; the names of publishers are then looked up by the proxy."""
    base = "http://publisher.example"
    for path, body in ((LIST, news([1])), (PAGE, article(1, "Notice number 1 in full."))):
        site.tell(base + path, body)
    monkeypatch.setenv("http_proxy", site.url)
    card = make_card(tmp_path, ("https://www.example.org", base), ("delay: 2", "delay: 1"))
    found = crawl_site(cards=[card], base_urls=None, origin="live", settings=LIVE).sources["example"]
    assert (found.state, found.new) == ("ok", 1)
    assert site.paths()[0] == f"{base}/robots.txt"


def test_a_replica_may_stand_at_a_name(site: Site, crawl_site: Crawl) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    assert crawl_site(base_urls={"example": site.url.replace("127.0.0.1", "LocalHost")}).new == 1


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::1", True), ("127.0.0.1", False), ("10.0.0.7", False), ("::1", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("fe80::1%eth0", False), ("fd00::1", False),
        ("::ffff:10.0.0.1", False), ("0.0.0.1", False), ("224.0.0.1", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) == public


# --- one page ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "state", "words"),
    [
        (Reply(b"<html><body><h1>Notice 1</h1><div class=text>Elsewhere</div></body></html>"), "changed", "no body"),
        (Reply(article(1, "Full text of it.").replace("<time>2024-03-02</time>", "").encode()), None, ""),
        (Reply(article(1, "short").encode()), "unreadable", "5 characters"),
        (Reply(b"%PDF-1.7 binary"), "unreadable", "a file came (pdf)"),
        (Reply(b""), "unreadable", "no content"),
        (Reply(article(1, "锟斤拷锟斤拷锟斤拷").encode()), "unreadable", "lost before it was sent"),
        (Reply(("<html>" + "国家网信办依法查处" * 30).encode().decode("latin-1").encode()), "unreadable", "mojibake"),
        (Reply(JSL_SHELL.encode()), "challenge", "__jsl_clearance"),
        (Reply(status=404), "gone", "HTTP 404"),
        (Reply(status=302, headers={"Location": "http://127.0.0.1:9/"}), "gone", "private address"),
        (Reply(status=500), "unreachable", "HTTP 500"),
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_had_names_the_state(
    site: Site, crawl_site: Crawl, reply: Reply, state: str | None, words: str
) -> None:
    site.tell(LIST, news([1]))
    site.tell(PAGE, reply)
    found = state_after(crawl_site)
    if state is None:  # the date is taken from the list
        assert (found.state, found.new) == ("ok", 1)
        return
    assert (found.state, found.new, found.failed) == (state, 0, 1)
    assert words in (found.reason or "")
    assert (found.where or "").endswith(PAGE)


def test_a_page_that_is_no_bulletin_is_a_dead_letter_until_it_is_one(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    site.bulletins({1: "Notice number 1 in full.", 2: "Notice number 2 in full.", 3: "Notice 3 in full."})
    site.tell("/news/2.html", "<html><body><h1>Notice 2</h1><div class=new>Redesigned</div></body></html>")
    found = state_after(crawl_site)
    assert (found.state, found.new, found.failed) == ("ok", 2, 1)  # one page alone is no redesign
    assert "no body here" in (found.reason or "")
    (letter,) = dead_letters(datadir)
    assert (letter.step, letter.error, letter.source) == ("extract", "LayoutError", "example")
    assert b"Redesigned" in letter.payload
    assert letter.archive is not None
    assert (datadir.archive / letter.archive.file).is_file()
    crawl_site()
    (again,) = dead_letters(datadir)
    assert (again.key, again.attempts) == (letter.key, 2)
    site.tell("/news/2.html", article(2, "Notice number 2 in full."))
    for _ in range(2):
        crawl_site(recheck=True)
    assert dead_letters(datadir) == []
    assert len(harvested(datadir)) == 3


def test_bytes_that_cannot_be_read_are_archived_once(
    site: Site, crawl_site: Crawl, datadir: DataDir, tmp_path: Path
) -> None:
    def archived() -> int:
        count = 0
        for path in datadir.archive.iterdir():
            with path.open("rb") as file:
                count += sum(record.rec_type == "response" for record in ArchiveIterator(file))
        return count

    site.tell(LIST, news([1]))
    site.tell(PAGE, "<html><body><div class=new>Redesigned</div></body></html>")
    crawl_site()
    (letter,) = dead_letters(datadir)
    crawl_site(recheck=True)
    site.tell(PAGE, Reply(status=404))
    crawl_site(recheck=True)
    site.tell(PAGE, "<html><body><div class=new>Redesigned</div></body></html>")
    crawl_site(recheck=True)
    (again,) = dead_letters(datadir)
    assert (again.archive, again.attempts, archived()) == (letter.archive, 3, 1)
    site.tell(PAGE, "<html><body><div class=new>Redesigned again</div></body></html>")
    crawl_site(recheck=True)
    (other,) = dead_letters(datadir)
    assert other.archive != letter.archive
    assert archived() == 2
    mended = make_card(tmp_path, ("body: [div.body]", "body: [div.new]"))
    assert crawl_site(cards=[mended], recheck=True).new == 1
    (bulletin,) = harvested(datadir)
    assert bulletin.archive is not None
    again_made = remake_bulletin({"example": mended}, datadir.archive, bulletin.archive, origin="replica")
    assert again_made.fetched_at == bulletin.fetched_at


def test_bytes_that_are_no_longer_in_the_archive_are_archived_again(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    """Whoever purges a bulletin takes files out by hand; a dead letter must not point to nothing."""
    site.tell(LIST, news([1]))
    site.tell(PAGE, "<html><body><div class=new>Redesigned</div></body></html>")
    crawl_site()
    for path in datadir.archive.iterdir():
        path.unlink()
    crawl_site(recheck=True)
    (letter,) = dead_letters(datadir)
    assert letter.archive is not None
    assert b"Redesigned" in read_fetch(datadir.archive, letter.archive)[1]


def test_a_text_over_the_bound_is_a_dead_letter_that_names_its_archive_entry(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    site.bulletins({1: "word " * 2_500_000})
    crawl_site()
    assert harvested(datadir) == []
    (letter,) = dead_letters(datadir)
    assert letter.error == "OversizedBulletinError"
    assert letter.archive is not None
    assert letter.archive.file in letter.reason


def test_failing_pages_are_asked_for_again(site: Site, crawl_site: Crawl, datadir: DataDir) -> None:
    site.bulletins({n: f"Notice number {n} in full." for n in range(1, 5)})
    site.tell("/news/2.html", Reply(status=404))
    assert state_after(crawl_site).failed == 1
    site.tell("/news/2.html", article(2, "Notice number 2 in full."))
    site.asked.clear()
    assert state_after(crawl_site).new == 1
    assert "/news/2.html" in site.paths()
    assert len(harvested(datadir)) == 4


def test_a_page_that_is_taken_down_is_told_but_no_failure(site: Site, crawl_site: Crawl) -> None:
    site.bulletins({1: "Notice number 1 in full.", 2: "Notice number 2 in full."})
    crawl_site()
    site.tell("/news/2.html", Reply(status=404))
    found = crawl_site(recheck=True).sources["example"]
    assert (found.state, found.failed, found.unchanged) == ("nothing_new", 0, 1)
    assert found.reason == "1 pages taken before are gone"


def test_states_say_since_when_and_when_all_was_well(site: Site, crawl_site: Crawl, datadir: DataDir) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    good = state_after(crawl_site)
    site.tell(LIST, Reply(status=403))
    blocked, still = state_after(crawl_site), state_after(crawl_site)
    assert (blocked.state, still.state) == ("blocked", "blocked")
    assert blocked.last_good == still.last_good == good.at
    assert still.since == blocked.since >= good.since


def test_a_full_spool_ends_the_crawl_with_its_error(
    site: Site, crawl_site: Crawl, card: Card, datadir: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ends a crawl from our side says nothing of the source, and nothing harvested is lost."""
    import crawlers.run
    from netdocket.errors import SpoolFullError
    from netdocket.spool import Spool

    site.bulletins({n: f"Notice number {n} in full." for n in range(1, 9)})
    monkeypatch.setattr(
        crawlers.run, "Spool", lambda path, **given: Spool(path, **{**given, "patience": 0.2})
    )
    with pytest.raises(SpoolFullError):
        crawl_site(settings=load_settings(download_delay=0, spool_limit=3))
    assert len(harvested(datadir)) == 3
    assert source_states(datadir) == []
    assert crawl_site().new == 5


def test_the_site_of_these_tests_answers_as_told(site: Site) -> None:
    site.tell("/x", "one", Reply(b"two", status=410))
    for status, body in ((200, b"one"), (410, b"two"), (410, b"two")):
        connection = http.client.HTTPConnection(site.url.removeprefix("http://"))
        connection.request("GET", "/x")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (status, body)
        connection.close()


def test_a_page_that_reads_as_it_did_has_no_letter_of_an_attempt_between(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    crawl_site()
    site.tell(PAGE, "<html><body><h1>Notice 1</h1></body></html>")
    assert crawl_site(recheck=True).failed == 1 and len(dead_letters(datadir)) == 1
    site.tell(PAGE, article(1, "Notice number 1 in full."))
    assert crawl_site(recheck=True).unchanged == 1
    assert dead_letters(datadir) == []
