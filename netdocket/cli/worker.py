"""`netdocket worker`: classify what Kafka brings, and store it in Elasticsearch."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click

from netdocket.cli.workspace import Workspace, data_dir_option, workspace
from netdocket.errors import NetdocketError


@click.command("worker")
@click.option(
    "--alerts",
    is_flag=True,
    help="Look for alerts in what the others store, and deliver them; classify nothing.",
)
@click.option("--demo", is_flag=True, help="Demonstration data.")
@click.option("--host", help="Address of /healthz, /readyz and /metrics.  [default: 127.0.0.1]")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Their port; 0 takes a free one.  [default: 9321, 9322 with --alerts]",
)
@data_dir_option
def command(alerts: bool, demo: bool, host: str | None, port: int | None, data_dir: Path | None) -> None:
    """Work on the topics of bulletins until SIGTERM or Ctrl-C; as many workers as there are partitions share them.
    At least one more, with --alerts, reads the topic of records; its rules and channels are those of DATA_DIR/alerts.yaml.

    Whatever else ends it ends it with exit code 1; whoever runs it is to start it again. Logs are JSON lines on
    standard error. NETDOCKET_KAFKA and NETDOCKET_ES_URL say where the engines are.
    """
    from streams.logs import log_as_json
    from streams.running import run_worker

    ws = workspace(
        data_dir=data_dir, demo=demo or None, profile="cluster", worker_host=host, worker_port=port
    )
    log_as_json()
    folder = ws.settings.worker_dir or ws.datadir.root / "workers"
    try:
        if alerts:
            _look_for_alerts(ws, folder, port)
        else:
            run_worker(ws.settings, ws.family, ws.knowledge(), folder)
    except NetdocketError as error:
        logging.getLogger("netdocket.worker").error("%s", error)  # noqa: TRY400 - a line, no traceback
        sys.exit(error.exit_code)


def _look_for_alerts(ws: Workspace, folder: Path, port: int | None) -> None:
    from netdocket.cli.alerting import load_checked
    from streams.alerts.agent import run_alerts

    settings = ws.settings
    if port is None and settings.worker_port:
        # beside a worker of the same machine
        settings = settings.model_copy(update={"worker_port": settings.worker_port + 1})
    with ws.store(writer=False) as store:
        alerting = load_checked(ws, store)
    for caution in alerting.cautions():
        logging.getLogger("netdocket.worker").warning("%s", caution)
    run_alerts(settings, ws.family, alerting, folder / "alerts")
