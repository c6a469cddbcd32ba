"""A briefing as a file: Markdown, HTML, Word, Excel."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import docx
import xlsxwriter
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Inches

from netdocket.briefing.blocks import (
    Briefing,
    Case,
    Cell,
    Chart,
    Cut,
    Heading,
    Language,
    Number,
    Paragraph,
    Sources,
    Table,
    Text,
)
from netdocket.briefing.charts import png, svg
from netdocket.database import storage_errors

NO_FONT: Final = Text(
    "No chart here: the machine that wrote this has no font with Chinese characters.",
    "此处无图：制作本文件的机器没有中文字体。",
)
CHINESE_FONT: Final = "Microsoft YaHei"
_RIGHT: Final = ' class="n"'
CSS: Final = (
    "body{font:16px/1.5 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;max-width:50rem;margin:2rem auto;"
    "padding:0 1rem}table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.2rem .5rem;"
    "text-align:left;overflow-wrap:anywhere}td.n,th{white-space:nowrap}td.n,th.n{text-align:right}figure{margin:1rem 0}figure svg{max-width:100%;height:auto}blockquote{color:#444;overflow-wrap:anywhere}"
)


def write(briefing: Briefing, path: Path, format: str, language: Language) -> None:
    """Whole or not at all. Raises StorageError."""
    unfinished = path.with_name(path.name + ".unfinished")
    with storage_errors(path):
        try:
            WRITERS[format](briefing, unfinished, language)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def trace(briefing: Briefing) -> str:
    """Every number with the search that it is the answer to, and where in the answer it stands."""
    numbers = [
        {"value": n.value, "index": n.index, "body": n.body, "path": list(n.path)} for n in briefing.numbers()
    ]
    return json.dumps(numbers, ensure_ascii=False, indent=1) + "\n"


def _cell(cell: Cell, language: Language) -> str:
    if isinstance(cell, Number):
        return cell.shown
    return cell.in_(language) if isinstance(cell, Text) else cell


# --- Markdown ------------------------------------------------------------------------------------------------


def _markdown(briefing: Briefing, path: Path, language: Language) -> None:
    lines = [f"# {_md(briefing.title.in_(language))}", ""]
    for block in briefing.blocks:
        match block:
            case Heading(text):
                lines += [f"## {_md(text.in_(language))}", ""]
            case Paragraph(text) | Cut(text=text):
                lines += [_md(text.in_(language)), ""]
            case Table(_, head, rows):
                lines.append("| " + " | ".join(_md(t.in_(language)) for t in head) + " |")
                lines.append("|" + "---|" * len(head))
                lines += ["| " + " | ".join(_md(_cell(c, language)) for c in row) + " |" for row in rows]
                lines.append("")
            case Case(title, said, quotation, source):
                lines += [f"**{_md(title)}** ({said.in_(language)}) [{source}]", ""]
                lines += [f"> {_md(quotation)}", ""] if quotation else []
            case Sources(urls):
                lines += [f"{n}. {_md_url(url)}" for n, url in enumerate(urls, 1)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _md(text: str) -> str:
    """Nothing of a publisher's text is markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|!~&])", r"\\\1", " ".join(text.split()))


def _md_url(url: str) -> str:
    """A link only of the web's own schemes, and only of what cannot end it."""
    if url.startswith(("http://", "https://")) and not re.search(r"[\s<>\x00-\x20\x7f]", url):
        return f"<{url}>"
    return _md(url)


# --- HTML ----------------------------------------------------------------------------------------------------


def _html(briefing: Briefing, path: Path, language: Language) -> None:
    title = html.escape(briefing.title.in_(language))
    lang = "zh" if language == "zh" else "en"
    out = [
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title><style>{CSS}</style>'
    ]
    out.append(f"<h1>{title}</h1>")
    for block in briefing.blocks:
        match block:
            case Heading(text):
                out.append(f"<h2>{html.escape(text.in_(language))}</h2>")
            case Paragraph(text) | Cut(text=text):
                out.append(f"<p>{html.escape(text.in_(language))}</p>")
            case Table(_, head, rows):
                numbers = {at for row in rows for at, cell in enumerate(row) if isinstance(cell, Number)}
                cells = "".join(
                    f"<th{_RIGHT if at in numbers else ''}>{html.escape(t.in_(language))}</th>"
                    for at, t in enumerate(head)
                )
                out.append(f"<table><tr>{cells}</tr>")
                for row in rows:
                    out.append("<tr>" + "".join(_td(cell, language) for cell in row) + "</tr>")
                out.append("</table>")
            case Chart(table):
                out.append(f"<figure>{svg(table, language)}</figure>")
            case Case(title_, said, quotation, source):
                link = f'<a href="#s{source}">[{source}]</a>'
                out.append(f"<p><b>{html.escape(title_)}</b> ({html.escape(said.in_(language))}) {link}</p>")
                if quotation:
                    out.append(f"<blockquote>{html.escape(quotation)}</blockquote>")
            case Sources(urls):
                out.append("<ol>")
                for n, url in enumerate(urls, 1):
                    shown = html.escape(url)
                    is_link = url.startswith(("http://", "https://"))
                    out.append(f'<li id="s{n}">' + (f'<a href="{shown}">{shown}</a>' if is_link else shown))
                out.append("</ol>")
    path.write_text("\n".join(out) + "</html>\n", encoding="utf-8")


def _td(cell: Cell, language: Language) -> str:
    kind = _RIGHT if isinstance(cell, Number) else ""
    return f"<td{kind}>{html.escape(_cell(cell, language))}</td>"


# --- Word ----------------------------------------------------------------------------------------------------


def _docx(briefing: Briefing, path: Path, language: Language) -> None:
    document = docx.Document()
    for name in ("Normal", "Title", "Heading 1"):
        fonts = document.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), CHINESE_FONT)
    document.add_heading(_plain(briefing.title.in_(language)), 0)
    for block in briefing.blocks:
        match block:
            case Heading(text):
                document.add_heading(_plain(text.in_(language)), 1)
            case Paragraph(text) | Cut(text=text):
                document.add_paragraph(_plain(text.in_(language)))
            case Table(_, head, rows):
                table = document.add_table(rows=1, cols=len(head), style="Light Grid Accent 1")
                for cell, text in zip(table.rows[0].cells, head, strict=True):
                    cell.text = _plain(text.in_(language))
                for row in rows:
                    for cell, value in zip(table.add_row().cells, row, strict=True):
                        cell.text = _plain(_cell(value, language))
                        if isinstance(value, Number):
                            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
                document.add_paragraph()
            case Chart(drawn):
                picture = png(drawn, language)
                if picture is None:
                    document.add_paragraph(_plain(NO_FONT.in_(language)))
                else:
                    document.add_picture(io.BytesIO(picture), width=Inches(5.8))
            case Case(title, said, quotation, source):
                paragraph = document.add_paragraph()
                paragraph.add_run(_plain(title)).bold = True
                paragraph.add_run(_plain(f" ({said.in_(language)}) [{source}]"))
                if quotation:
                    document.add_paragraph(_plain(quotation), style="Quote")
            case Sources(urls):
                for n, url in enumerate(urls, 1):
                    document.add_paragraph(_plain(f"[{n}] {url}"))
    document.save(str(path))


def _plain(text: str) -> str:
    """Without characters that XML does not have."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)


# --- Excel ---------------------------------------------------------------------------------------------------


def _xlsx(briefing: Briefing, path: Path, language: Language) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book: Any = xlsxwriter.Workbook(str(path), options)
    bold = book.add_format({"bold": True})
    whole = book.add_format({"num_format": "#,##0"})
    notes = book.add_worksheet("notes")
    notes.set_column(0, 0, 120)
    line = 0
    for block in briefing.blocks:
        match block:
            case Heading(text) | Paragraph(text) | Cut(text=text):
                notes.write_string(line, 0, text.in_(language), bold if isinstance(block, Heading) else None)
                line += 1
            case Case(title, said, quotation, source):
                notes.write_string(line, 0, f"{title} ({said.in_(language)}) [{source}] {quotation or ''}")
                line += 1
            case Sources(urls):
                for n, url in enumerate(urls, 1):
                    notes.write_string(line, 0, f"[{n}] {url}")
                    line += 1
            case Table(name, head, rows):
                sheet = book.add_worksheet(name)
                sheet.set_column(0, 0, 50)
                sheet.set_column(1, 3, 18)
                for at, text in enumerate(head):
                    sheet.write_string(0, at, text.in_(language), bold)
                for number, row in enumerate(rows, 1):
                    for at, cell in enumerate(row):
                        if isinstance(cell, Number) and cell.value is not None:
                            sheet.write_number(number, at, cell.value, whole)
                        else:
                            sheet.write_string(number, at, _cell(cell, language))
    book.close()


WRITERS: Final[Mapping[str, Callable[[Briefing, Path, Language], None]]] = {
    "md": _markdown,
    "html": _html,
    "docx": _docx,
    "xlsx": _xlsx,
}
