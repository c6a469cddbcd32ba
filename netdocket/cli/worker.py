"""`netdocket worker`: classify what Kafka brings, and store it in Elasticsearch."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click

from netdocket.cli.workspace import data_dir_option, workspace
from netdocket.errors import NetdocketError


@click.command("worker")
@click.option("--demo", is_flag=True, help="Demonstration data.")
@click.option("--host", help="Address of /healthz, /readyz and /metrics.  [default: 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Their port; 0 takes a free one.  [default: 9321]"
)
@data_dir_option
def command(demo: bool, host: str | None, port: int | None, data_dir: Path | None) -> None:
    """Work on the topics of bulletins until SIGTERM or Ctrl-C; as many workers as there are partitions share them.

    Whatever else ends it ends it with exit code 1; whoever runs it is to start it again. Logs are JSON lines on
    standard error. NETDOCKET_KAFKA and NETDOCKET_ES_URL say where the engines are.
    """
    from streams.logs import log_as_json
    from streams.running import run_worker

    ws = workspace(
        data_dir=data_dir, demo=demo or None, profile="cluster", worker_host=host, worker_port=port
    )
    log_as_json()
    try:
        run_worker(
            ws.settings, ws.family, ws.knowledge(), ws.settings.worker_dir or ws.datadir.root / "workers"
        )
    except NetdocketError as error:
        logging.getLogger("netdocket.worker").error("%s", error)  # noqa: TRY400 - a line, no traceback
        sys.exit(error.exit_code)
