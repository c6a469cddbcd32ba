"""Writers of rows, each with flat memory: what is written is on disk, not in a list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TextIO

import xlsxwriter

from netdocket.errors import ConfigurationError, StoreError
from streams.tabular.cells import BOM, csv_line, joined, moment
from streams.tabular.columns import Cell, Column

Format = Literal["csv", "xlsx", "parquet", "jsonl"]
FORMATS: Final[tuple[Format, ...]] = ("csv", "xlsx", "parquet", "jsonl")
XLSX_ROWS: Final = 1_048_576
XLSX_TEXT: Final = 32_767
PARQUET_ROWS: Final = 10_000


class RowWriter(Protocol):
    """`cut`: cells that the format could not take whole."""

    cut: int

    def write(self, cells: Sequence[Cell]) -> None: ...

    def close(self) -> None:
        """Completes the file."""
        ...


class CsvWriter:
    """RFC 4180 with a line of names; several values in a cell are joined; every text is quoted and nothing in it is a
    formula, whatever sign a spreadsheet parts cells by; what is not known is empty and not quoted."""

    cut = 0

    def __init__(self, out: TextIO, shape: Sequence[Column], *, bom: bool = False) -> None:
        if bom:
            out.write(BOM)
        self._out = out
        out.write(csv_line(column.name for column in shape))

    def write(self, cells: Sequence[Cell]) -> None:
        self._out.write(csv_line(joined(cell) for cell in cells))

    def close(self) -> None:
        self._out.flush()


class JsonLinesWriter:
    """One flat object a line; what is not known is left out; several values are a list."""

    cut = 0

    def __init__(self, out: TextIO, shape: Sequence[Column]) -> None:
        self._out = out
        self._names = [column.name for column in shape]

    def write(self, cells: Sequence[Cell]) -> None:
        found = {name: cell for name, cell in zip(self._names, cells, strict=True) if cell is not None}
        self._out.write(json.dumps(found, ensure_ascii=False) + "\n")

    def close(self) -> None:
        self._out.flush()


class XlsxWriter:
    """Typed cells: numbers, days and times as such, all text as text (a formula cannot arise). A sheet that is full is
    followed by another. A text over the format's limit is cut, marked, and counted in `cut`."""

    def __init__(
        self, path: Path, shape: Sequence[Column], *, name: str, rows_a_sheet: int = XLSX_ROWS
    ) -> None:
        self._book: Any = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "tmpdir": str(path.parent),
            },
        )
        self._bold = self._book.add_format({"bold": True})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._shape, self._name, self._rows = shape, name, rows_a_sheet
        self._sheets = 0
        self.cut = 0
        self._new_sheet()

    def _new_sheet(self) -> None:
        self._sheets += 1
        self._sheet = self._book.add_worksheet(
            self._name if self._sheets == 1 else f"{self._name} {self._sheets}"
        )
        self._sheet.freeze_panes(1, 1)
        for at, column in enumerate(self._shape):
            self._sheet.write_string(0, at, column.name, self._bold)
        self._next = 1

    def write(self, cells: Sequence[Cell]) -> None:
        if self._next >= self._rows:
            self._new_sheet()
        for at, (cell, column) in enumerate(zip(cells, self._shape, strict=True)):
            self._write(self._next, at, joined(cell), column)
        self._next += 1

    def _write(self, row: int, at: int, value: str | float | None, column: Column) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            self._sheet.write_boolean(row, at, value)
        elif isinstance(value, int | float):
            self._sheet.write_number(row, at, value)
        elif column.type == "date" and (when := moment(value)) is not None:
            self._sheet.write_datetime(
                row, at, when, self._time if len(value) > len("2024-01-01") else self._day
            )
        else:
            if len(value) > XLSX_TEXT:
                self.cut += 1
                value = value[: XLSX_TEXT - 1] + "…"
            self._sheet.write_string(row, at, value)

    def close(self) -> None:
        self._book.close()


class ParquetWriter:
    """Typed columns, lists as lists; dates as text, since a month or a year alone is no day. Raises
    ConfigurationError where pyarrow is not installed, StoreError for a value that is not of its column's type."""

    cut = 0

    def __init__(self, path: Path, shape: Sequence[Column]) -> None:
        try:
            import pyarrow as pa  # noqa: PLC0415 - an extra: 40 MB that other formats do without
            import pyarrow.parquet as pq  # noqa: PLC0415
        except ImportError as error:
            raise ConfigurationError(
                "Parquet needs pyarrow: install netdocket[parquet], or write csv, xlsx or jsonl",
                where="parquet",
            ) from error
        kinds = {"double": pa.float64(), "boolean": pa.bool_(), "long": pa.int64(), "integer": pa.int32()}
        fields = []
        for column in shape:
            kind = kinds.get(column.type, pa.string())
            fields.append(pa.field(column.name, pa.list_(kind) if column.several else kind))
        self._schema = pa.schema(fields)
        self._misfit = pa.ArrowException
        self._batch = pa.RecordBatch
        self._array = pa.array
        self._file = pq.ParquetWriter(str(path), self._schema, compression="zstd")
        self._shape = shape
        self._waiting: list[list[Any]] = [[] for _ in shape]

    def write(self, cells: Sequence[Cell]) -> None:
        for cell, column, waiting in zip(cells, self._shape, self._waiting, strict=True):
            waiting.append(cell if column.several else joined(cell))
        if len(self._waiting[0]) >= PARQUET_ROWS:
            self._flush()

    def _flush(self) -> None:
        arrays = []
        for waiting, field in zip(self._waiting, self._schema, strict=True):
            try:
                arrays.append(self._array(waiting, type=field.type))
            except self._misfit as error:
                raise StoreError(f"a value is no {field.type}: {error}", where=field.name) from error
        self._file.write_batch(self._batch.from_arrays(arrays, schema=self._schema))
        self._waiting = [[] for _ in self._shape]

    def close(self) -> None:
        if self._waiting[0]:
            self._flush()
        self._file.close()
