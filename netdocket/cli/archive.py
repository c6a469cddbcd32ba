"""`netdocket archive`: the bytes as publishers sent them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from netdocket.cli.printing import echo, table
from netdocket.cli.workspace import data_dir_option, json_option, print_json, workspace
from netdocket.errors import ConfigurationError
from netdocket.records import Archive


@click.group("archive")
def command() -> None:
    """What was fetched, as it was sent: WARC files that other tools read too."""


@command.command("show")
@click.argument("place", required=False, metavar="[FILE:OFFSET | ADDRESS]")
@click.option("--source", help="Only fetches of this source.")
@click.option("--body", is_flag=True, help="Write the unpacked bytes of the one fetch to standard output.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many are listed.")
@data_dir_option
@json_option
def show(
    place: str | None, source: str | None, body: bool, limit: int, data_dir: Path | None, as_json: bool
) -> None:
    """List the fetches of the archive, or those of one ADDRESS, or show the one at FILE:OFFSET."""
    from crawlers.archived import fetches

    folder = workspace(data_dir=data_dir).datadir.archive
    if place is not None and (at := _location(place)) is not None:
        _show_one(folder, at, body)
        return
    if body:
        raise click.UsageError("--body wants FILE:OFFSET")
    found = []
    for fetch in fetches(folder, lambda damage: echo(f"netdocket: {damage}", err=True)):
        if source in (None, fetch.source) and place in (None, fetch.url, fetch.bulletin_url):
            found.append(fetch)
            if len(found) == limit:
                break
    if as_json:
        print_json(
            [
                {
                    "file": f.archive.file, "offset": f.archive.offset, "source": f.source, "url": f.url,
                    "status": f.status, "fetched_at": f.fetched_at, "bytes": f.length, "documents": len(f.attached),
                }
                for f in found
            ]
        )  # fmt: skip
        return
    table(
        ["place", "source", "fetched", "bytes", "address"],
        [
            [f"{f.archive.file}:{f.archive.offset}", f.source, f.fetched_at, f"{f.length:,}", f.url]
            for f in found
        ],
    )


@command.command("verify")
@data_dir_option
@json_option
def verify(data_dir: Path | None, as_json: bool) -> None:
    """Read every record to its end and compare its digest. Ends with 1 where something is damaged."""
    from crawlers.archived import archive_files
    from crawlers.archived import verify as verdict_on

    verdicts = [verdict_on(path) for path in archive_files(workspace(data_dir=data_dir).datadir.archive)]
    damaged = [verdict for verdict in verdicts if verdict.damage]
    records = sum(verdict.records for verdict in verdicts)
    if as_json:
        print_json(
            {
                "files": len(verdicts),
                "records": records,
                "damaged": [{"file": v.file, "offset": v.offset, "damage": v.damage} for v in damaged],
            }
        )
    else:
        for verdict in damaged:
            echo(
                f"{verdict.file}:{verdict.offset}: {verdict.damage}; {verdict.records:,} records of the file are sound"
            )
        echo(f"{len(verdicts)} files, {records:,} sound records, {len(damaged)} files damaged")
    if damaged:
        raise SystemExit(1)


def _location(place: str) -> Archive | None:
    name, sign, offset = place.rpartition(":")
    if not sign or not name.endswith(".warc.gz") or not offset.isdigit():
        return None
    return Archive(file=name, offset=int(offset))


def _show_one(folder: Path, at: Archive, body: bool) -> None:
    from crawlers.archive import read_fetch

    if Path(at.file).name != at.file:
        raise ConfigurationError("a file of the archive is named without a folder", where=at.file)
    fetch, unpacked = read_fetch(folder, at)
    if body:
        sys.stdout.buffer.write(unpacked)
        return
    echo(f"{fetch.source}  {fetch.url}")
    echo(f"fetched {fetch.fetched_at}" + (f" from {fetch.fetched_from}" if fetch.fetched_from else ""))
    echo(f"HTTP {fetch.status}, {len(fetch.body):,} bytes as sent, {len(unpacked):,} unpacked")
    for name, value in fetch.headers:
        echo(f"  {name}: {value}")
    for document in fetch.attached:
        at_place = f"{document.archive.file}:{document.archive.offset}" if document.archive else "not fetched"
        echo(f"  document {document.name}: {document.url} ({at_place})")
