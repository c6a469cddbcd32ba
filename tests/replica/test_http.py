"""What a polite crawler relies on: validators, robots, plain refusals."""

from __future__ import annotations

import socket
from urllib.parse import quote

import pytest

from netdocket.errors import ConfigurationError
from netdocket.replica import Answer, Replica, serve
from tests.replica.conftest import fetch

LIST = "/wxzw/wxfb/A093702index_1.htm"


def test_a_page_is_not_sent_again_while_it_is_the_same(replica: Replica) -> None:
    for url in (replica.base_urls["cac"] + LIST, replica.bulletins()["dlapiper/ai-labels/0"]):
        first = fetch(url)
        etag, modified = first.headers["etag"], first.headers["last-modified"]
        for asked in (
            {"If-None-Match": etag},
            {"If-None-Match": f'"x", W/{etag}'},
            {"If-Modified-Since": modified},
        ):
            again = fetch(url, headers=asked)
            assert (again.status, again.body) == (304, b"")
            assert again.headers["etag"] == etag


def test_a_wrong_validator_gets_the_page(replica: Replica) -> None:
    url = replica.base_urls["cac"] + LIST
    modified = fetch(url).headers["last-modified"]
    for asked in (
        {"If-None-Match": '"another"'},
        {"If-None-Match": '"another"', "If-Modified-Since": modified},  # the tag decides alone
        {"If-Modified-Since": "Mon, 01 Jan 2018 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
    ):
        assert fetch(url, headers=asked).status == 200, asked


def test_validators_outlive_the_server() -> None:
    """A second run on the same fixtures finds nothing new, whatever its ports."""
    seen = []
    for _ in range(2):
        with serve(count=60) as running:
            seen.append({key: fetch(url).headers["etag"] for key, url in running.bulletins().items()})
    assert seen[0] == seen[1]
    assert len(set(seen[0].values())) == 60


def test_robots_missing_pages_and_methods(replica: Replica) -> None:
    for base in replica.base_urls.values():
        robots = fetch(f"{base}/robots.txt")
        assert robots.status == 200 and b"User-agent: *" in robots.body
        assert fetch(f"{base}/").status == 200
        assert fetch(f"{base}/2020-01/01/c_1.htm").status == 404
        assert fetch(f"{base}/../../etc/passwd").status == 404
        assert fetch(f"{base}/", method="POST").status == 405
        head = fetch(f"{base}/", method="HEAD")
        assert head.body == b"" and int(head.headers["content-length"]) == len(fetch(f"{base}/").body)


def test_a_planted_answer_stands_over_the_page_until_it_is_taken_away() -> None:
    with serve(sites=["cac"]) as running:
        url = running.base_urls["cac"] + LIST
        running.plant("cac", LIST, Answer(status=403, headers={"content-type": "text/plain"}, body=b"no"))
        assert (fetch(url).status, fetch(url).body) == (403, b"no")
        running.plant("cac", LIST, None)
        assert fetch(url).status == 200
        assert running.served["cac", 403] == 2 and running.served["cac", 200] == 1


@pytest.mark.parametrize("number", ["²", "٣", "-1", "9" * 400, "x", ""])
@pytest.mark.parametrize(
    ("source", "path"),
    [("gat-jiangsu", "/module/web/jpage/dataproxy.jsp?columnid=x&page="),
     ("nfra", "/cbircweb/DocInfo/SelectDocByItemIdAndChild?itemId=x&pageIndex=")],
)  # fmt: skip
def test_a_number_of_a_page_that_is_none_is_no_error_of_ours(source: str, path: str, number: str) -> None:
    with serve(sites=[source], generated=True, count=3) as running:
        assert fetch(running.base_urls[source] + path + quote(number)).status in (200, 404)


def test_ports_follow_the_first_one_and_a_taken_one_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port} cannot be had"):
            serve(sites=["cac"], port=port)


@pytest.mark.parametrize("asked", [{"sites": ["nowhere"]}, {"sites": ["texts"]}, {"count": -1}])
def test_what_cannot_be_served_is_said_in_one_line(asked: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        serve(**asked)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
