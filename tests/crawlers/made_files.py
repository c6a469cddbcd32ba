"""Documents as publishers attach them: PDF with ruled tables, DOCX, XLSX. Written here, byte by byte for PDF."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

import docx
import openpyxl

WIDTH, HEIGHT, MARGIN, LINE = 595, 842, 60, 20
Row = Sequence[str]


class Pdf:
    """Pages with lines of text and tables whose cells have rules around them. Text is in a font of Chinese without its
    file, as many offices write it; codes are UTF-16."""

    def __init__(self) -> None:
        self._pages: list[list[str]] = []
        self._y = 0

    def page(self) -> Pdf:
        self._pages.append([])
        self._y = HEIGHT - MARGIN
        return self

    def line(self, text: str) -> Pdf:
        self._y -= LINE
        self._show(text, MARGIN, self._y)
        return self

    def table(self, rows: Sequence[Row], widths: Sequence[int]) -> Pdf:
        self._y -= 8
        for row in rows:
            lines = max(cell.count("\n") + 1 for cell in row)
            height, left = lines * LINE, MARGIN
            for cell, width in zip(row, widths, strict=True):
                self._pages[-1].append(f"{left} {self._y - height} {width} {height} re S")
                for number, part in enumerate(cell.split("\n")):
                    self._show(part, left + 4, self._y - 14 - number * LINE)
                left += width
            self._y -= height
        return self

    def bytes(self) -> bytes:
        count = len(self._pages)
        kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(count))
        objects = [
            b"<</Type/Catalog/Pages 2 0 R>>",
            f"<</Type/Pages/Count {count}/Kids[{kids}]>>".encode(),
            b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UTF16-H/DescendantFonts[4 0 R]>>",
            b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/FontDescriptor 5 0 R"
            b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>>>",
            b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/Ascent 880/Descent -120/CapHeight 880"
            b"/FontBBox[-25 -254 1000 880]/ItalicAngle 0/StemV 93>>",
        ]
        for number, page in enumerate(self._pages):
            content = zlib.compress("\n".join(page).encode("latin-1"))
            objects.append(
                f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]/Resources<</Font<</F1 3 0 R>>>>"
                f"/Contents {7 + 2 * number} 0 R>>".encode()
            )
            objects.append(
                b"<</Length %d/Filter/FlateDecode>>stream\n" % len(content) + content + b"\nendstream"
            )
        out = io.BytesIO(b"")
        out.write(b"%PDF-1.4\n")
        places = []
        for number, body in enumerate(objects, 1):
            places.append(out.tell())
            out.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
        start = out.tell()
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
        out.writelines(b"%010d 00000 n \n" % place for place in places)
        out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
        return out.getvalue()

    def _show(self, text: str, x: int, y: int) -> None:
        if text:
            codes = text.encode("utf-16-be").hex()
            self._pages[-1].append(f"BT /F1 12 Tf {x} {y} Td <{codes}> Tj ET")


def word(paragraphs: Sequence[str], rows: Sequence[Row] = (), *, after: str = "") -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if rows:
        table = document.add_table(rows=0, cols=len(rows[0]))
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    if after:
        document.add_paragraph(after)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def workbook(sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
