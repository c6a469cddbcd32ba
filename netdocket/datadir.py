"""The data directory: where the spool, the archive, the store and the crawl state of one body of data live.

Live data (harvested, or given by hand) and demonstration data (replica, generator) never share one. The family is
written down once, by the first who brings data; whoever brings the other kind gets MixedOriginError.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Final, Literal

from netdocket.errors import FormatVersionError, MixedOriginError, StorageError
from netdocket.records import DEMO_ORIGINS, Origin

FORMAT: Final = 1
MARKER: Final = "netdocket-data.json"

Family = Literal["live", "demo"]


def family_of(origin: Origin) -> Family:
    return "demo" if origin in DEMO_ORIGINS else "live"


class DataDir:
    """Made where it is missing. Raises StorageError (cannot be made), FormatVersionError (made by another version)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"cannot be made a data directory: {error.strerror}", where=str(root)
            ) from error
        self.family  # noqa: B018 - reads the marker: a directory of another format is refused at once

    def __repr__(self) -> str:
        return f"DataDir({str(self.root)!r})"

    @property
    def spool(self) -> Path:
        return self.root / "spool.sqlite"

    @property
    def dead_letters(self) -> Path:
        return self.root / "dead-letters.sqlite"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def store(self) -> Path:
        return self.root / "store"

    @property
    def crawl(self) -> Path:
        return self.root / "crawl.sqlite"

    @property
    def alerts(self) -> Path:
        """Rules and channels of alerts; may be missing."""
        return self.root / "alerts.yaml"

    @property
    def outbox(self) -> Path:
        return self.root / "alerts.sqlite"

    @property
    def marker(self) -> Path:
        return self.root / MARKER

    @property
    def family(self) -> Family | None:
        """What this directory holds; None before the first claim."""
        try:
            written = json.loads(self.marker.read_text("utf-8"))
            found, family = written["format"], written["family"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StorageError(f"cannot be read: {error}", where=str(self.marker)) from error
        if found != FORMAT:
            raise FormatVersionError(
                f"format {found}, this netdocket reads format {FORMAT}", where=str(self.marker)
            )
        if family == "live":
            return "live"
        if family == "demo":
            return "demo"
        raise StorageError(f"holds {family!r}, which is neither live nor demo", where=str(self.marker))

    def claim(self, origin: Origin) -> Family:
        """Says that data of this origin is about to come. Raises MixedOriginError where the other kind lives."""
        wanted = family_of(origin)
        held = self.family or self._write_marker(wanted)
        if held != wanted:
            raise MixedOriginError(
                f"holds {held} data and cannot take {origin} data; choose another directory (--data-dir)",
                where=str(self.root),
            )
        return held

    def _write_marker(self, family: Family) -> Family:
        """Who links its file first has claimed: complete from the first moment, and on disk when this returns."""
        handle, name = tempfile.mkstemp(dir=self.root, prefix=".claim-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"format": FORMAT, "family": family}, file)
                file.flush()
                os.fchmod(file.fileno(), 0o644)  # whoever may enter the directory may know what is in it
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(name, self.marker)
            _sync_folder(self.root)
            _sync_folder(self.root.absolute().parent)
        except OSError as error:
            raise StorageError(f"cannot be written: {error.strerror}", where=str(self.marker)) from error
        finally:
            Path(name).unlink(missing_ok=True)
        return self.family or family


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
