"""A chart as a picture: it can be had by its address and says what it is a picture of."""

from __future__ import annotations

import re
import struct
import urllib.request
from html import unescape

import msgspec
import pytest

from dashboards.panels.load import load_panels
from dashboards.panels.model import Text
from dashboards.panels.tables import Key, Row, Table
from dashboards.web.pictures import picture_spec, png, writes_chinese
from tests.dashboards.conftest import Client

DRAWN = [p for p in load_panels().values() if p.chart in ("bars", "columns", "heat")]


@pytest.mark.parametrize("panel", DRAWN, ids=lambda panel: panel.id)
def test_svg_holds_the_words_of_the_chart(panel: object, client: Client) -> None:
    answer = client.get(f"/panels/{panel.id}.svg?lang=zh")  # type: ignore[attr-defined]
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    words = unescape(re.sub(r"<[^>]+>", " ", answer.text))
    assert panel.title.zh in words  # type: ignore[attr-defined]
    assert "DEMO" in words


def test_filters_and_what_is_left_out_stand_in_the_picture(client: Client) -> None:
    answer = client.get("/panels/violations.svg?lang=en&role=official&from=2022")
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
    assert "Filters: Source Official, From 2022" in words
    left = client.get("/panels/violations.json?lang=en&role=official&from=2022").json()["left_out"]
    assert f"no violation type found {left['no violation type found']}" in words


def test_png_is_one(client: Client) -> None:
    with urllib.request.urlopen(client.base + "/panels/violations.png?lang=zh") as found:  # noqa: S310 - our own
        data = found.read()
        assert found.headers["Content-Type"] == "image/png"
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    assert width > 900
    assert height > 600


def test_words_are_drawn_and_not_lost() -> None:
    """A font list that is not understood loses all text without a word: then these would be equal."""
    if not writes_chinese():
        pytest.skip(
            "no font with Chinese characters on this machine (Debian: apt-get install fonts-wqy-microhei)"
        )
    panel = load_panels()["violations"]
    rows = (Row((Key("A", Text("Alpha", "甲类")),), (3,)), Row((Key("B", Text("Beta", "乙类")),), (2,)))
    table = Table(by=panel.by, measures=panel.measures, rows=rows, total=5)
    drawn = set()
    for said in ("Fines", "Finer", "罚款", "罚金"):
        titled = msgspec.structs.replace(panel, title=Text(said, said))
        spec = picture_spec(titled, table, "en", filters="", mark=None)
        assert spec
        drawn.add(png(spec))
    assert len(drawn) == 4


@pytest.mark.parametrize("path", ["money.svg", "first_seen.png", "nothing.svg"])
def test_what_is_no_chart_has_no_picture(path: str, client: Client) -> None:
    assert client.get(f"/panels/{path}").status == 404
