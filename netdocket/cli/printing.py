"""Text of publishers on a terminal: nothing in it may command the terminal or be taken for markup."""

from __future__ import annotations

import unicodedata

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

KEPT = {"\n", "\t"}


def plain(text: str) -> str:
    """`text` without control and format characters (escape sequences, bidirectional overrides)."""
    return "".join(c if c in KEPT or unicodedata.category(c) not in ("Cc", "Cf") else "\ufffd" for c in text)


def echo(text: str = "", *, err: bool = False) -> None:
    click.echo(plain(text), err=err)


def table(columns: list[str], rows: list[list[str]]) -> None:
    """Prints a table; cells are text as it stands, no markup."""
    shown = Table(*columns, box=None)
    for row in rows:
        shown.add_row(*(Text(plain(cell)) for cell in row))
    Console().print(shown)
