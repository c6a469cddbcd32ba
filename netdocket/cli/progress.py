"""Progress on standard error: bars on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

LINE_EVERY = 5.0
"""Seconds between two lines of one step where there is no terminal; what is done sooner needs none."""


class Steps:
    """The steps of a run and how far each is. Thread-safe: rich locks its own state."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.bars = console.is_terminal
        self.progress = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not self.bars,
        )
        self._tasks: dict[str, TaskID] = {}
        self._said: dict[str, float] = {}
        self._began = time.monotonic()

    def update(self, step: str, done: int, total: int | None = None, note: str = "") -> None:
        if self.bars:
            if step not in self._tasks:
                self._tasks[step] = self.progress.add_task(step, total=total, note=note)
            self.progress.update(self._tasks[step], completed=done, total=total, note=note)
            return
        now = time.monotonic()
        if now - self._said.get(step, self._began) >= LINE_EVERY:
            self._said[step] = now
            of = f" of {total}" if total else ""
            self.console.print(f"{step}: {done}{of} {note}".rstrip())

    def say(self, line: str) -> None:
        self.console.print(line)


@contextmanager
def steps(console: Console) -> Iterator[Steps]:
    shown = Steps(console)
    with shown.progress:
        yield shown
