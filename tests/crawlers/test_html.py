"""From the tree of a page to lines of text."""

from __future__ import annotations

import pytest
from parsel import Selector

from crawlers.extract.html import html_to_text
from crawlers.extract.picking import parse_page
from netdocket.errors import UnreadableError


def text_of(html: str, *, drop: str | None = None) -> str:
    tree = Selector(text=f"<html><body><div id=x>{html}</div></body></html>")
    dropped = [item.root for item in tree.css(drop)] if drop else []
    return html_to_text(tree.css("#x")[0].root, drop=dropped)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("one<br>two<br/><br>three", "one\ntwo\nthree"),
        ("a <b>bold</b>, <i>it</i><em>al</em>ic", "a bold, italic"),
        ("  folded \n\t white&nbsp;&nbsp; space ", "folded white space"),
        ("依法\n   查处一批\r\n案件", "依法查处一批案件"),
        ("处罚款 5 万元\nby the CAC", "处罚款 5 万元 by the CAC"),
        ("<p>　　首行缩进</p>", "首行缩进"),
        ("zero\u200bwidth\ufeff and soft\u00adhyphen", "zerowidth and softhyphen"),
        ("<h2>Head</h2><p>text</p><h3>Next</h3>more", "Head\ntext\n\nNext\nmore"),
        ("<div>loose<div>inner</div>tail</div>after", "loose\ninner\ntail\nafter"),
        ("<!-- not --><p>shown</p><?php no ?>", "shown"),
        ("<script>var a</script><style>p{}</style><p>x</p><noscript>enable</noscript>", "x"),
        ("<p hidden>no</p><p style='color:red; display : none'>no</p><p>yes</p>", "yes"),
        ("a<span style='visibility:hidden'>no</span>b", "ab"),
        ("<nav><a>Home</a></nav><p>x</p>", "x"),
        ("<blockquote><p>quoted</p></blockquote>", "quoted"),
        ("<dl><dt>Term</dt><dd>Meaning</dd></dl>", "Term\nMeaning"),
    ],
)
def test_blocks_are_lines(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<ol><li>a</li><li>b</li></ol>c", "1. a\n2. b\nc"),
        ("<ol start=4><li>a<li value=9>b<li>c</ol>", "4. a\n9. b\n10. c"),
        ("<ol><li>a<ul><li>x</li></ul></li><li>b</li></ol>", "1. a\n  - x\n2. b"),
        ("<ul><li><p>a</p><p>more</p></li><li></li><li>b</li></ul>", "- a\nmore\n- b"),
        ("<ul style='list-style:none'><li>a</li></ul>", "a"),
        ("<ol style='display:none'><li>no</li></ol><ol><li>a</li></ol>", "1. a"),
        ("<li>stray</li>", "stray"),
    ],
)
def test_items_of_lists_keep_their_marks(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Review<sup>1</sup> of data", "Review[1] of data"),
        ("Review<a href='#f'><sup> 12 </sup></a>.", "Review[12]."),
        ("Review<sup>[3]</sup>", "Review[3]"),
        ("<p><sup>1</sup> A note.</p>", "[1] A note."),
        ("an area of 5 m<sup>2</sup>", "an area of 5 m2"),
        ("the 1<sup>st</sup> of May", "the 1st of May"),
    ],
)
def test_footnote_marks_do_not_run_into_words(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<table><tr><th>A<th>B<tr><td>1<td>2</table>", "A\tB\n1\t2"),
        ("<table><tr><td>1<td></td><td>3</table>", "1\t\t3"),
        ("<table><tr><td>a<br>b<td><p>c</p><p>d</p></table>", "a b\tc d"),
        ("<table><tr><td>tab\there<td>line\nhere</table>", "tab here\tline here"),
        ("<table><tr><td colspan=2>wide<td>x<tr><td>1<td>2<td>3</table>", "wide\t\tx\n1\t2\t3"),
        ("<table><tr><td rowspan=2>tall<td>1<tr><td>2<tr><td>a<td>b</table>", "tall\t1\n\t2\na\tb"),
        ("<table><caption>Cases</caption><tr><td>1<td>2</table>", "Cases\n1\t2"),
        ("<table><tr><td></td><td></td></tr><tr><td>1<td>2</table>", "1\t2"),
        ("<p>before</p><table><tr><td>1<td>2</table>after", "before\n1\t2\nafter"),
        ("<table><tr><td><p>only</p><p>column</p></table>", "only\ncolumn"),
        ("<table><tr><td>menu<td><table><tr><td>1<td>2</table></table>", "menu\n1\t2"),
        ("<table><tr><td><p>a<p>b<p>c<p>d<p>e<td>side</table>", "a\nb\nc\nd\ne\nside"),
        ("<table><tr><td>1<td rowspan=999999999 colspan=bad>2<tr><td>3</table>", "1\t2\n3\t"),
    ],
)
def test_tables_of_data_go_row_by_row(html: str, text: str) -> None:
    assert text_of(html) == text


def test_pre_is_taken_verbatim() -> None:
    written = "\n  two  spaces\n\n\ttab\u00a0no-break & <angle>\r\n  end \n"
    html = written.replace("&", "&amp;").replace("<", "&lt;").replace("\r", "&#13;")
    tree = Selector(text=f"<html><body><pre id=x>\n{html}</pre></body></html>")
    assert html_to_text(tree.css("#x")[0].root) == written
    assert text_of("<p>a</p><pre>\n  b\n   <i>c</i><br>d</pre>e") == "a\n  b\n   c\nd\ne"


def test_what_a_card_drops_is_left_out_and_what_follows_it_is_not() -> None:
    html = "<p>text</p><div class=share>Share <b>this</b></div>tail<table><tr><td>1<td class=share>2</table>"
    assert text_of(html, drop=".share") == "text\ntail\n1\t"


def test_a_page_is_read_to_its_end_or_not_at_all() -> None:
    """The parser gives up at some depth, and says nothing to who does not ask."""
    for depth, readable in ((900, True), (20_000, False)):
        html = (
            "<html><body>" + "<div><b>" * depth + "deep" + "</b></div>" * depth + "<p>end</p></body></html>"
        )
        if readable:
            assert html_to_text(parse_page(html.encode(), None, "html").root) == "deep\nend"
        else:
            with pytest.raises(UnreadableError, match="to its end"):
                parse_page(html.encode(), None, "html")


def test_tables_within_tables_need_no_recursion() -> None:
    html = "<table><tr><td>a<td>" * 300 + "deep" + "</table>" * 300
    assert text_of(html).split("\n") == ["a"] * 299 + ["a\tdeep"]


def test_a_table_that_reaches_everywhere_stays_small() -> None:
    cell = "<td colspan=1000 rowspan=1000>x"
    rows = text_of("<table>" + f"<tr>{cell * 20}" * 400 + "</table>").split("\n")
    assert max(len(row) for row in rows) < 5_000
