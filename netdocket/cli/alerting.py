"""Alerting beside the pipeline of the same process: what is stored is looked at, what fires is delivered."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from netdocket.cli.workspace import Workspace
from netdocket.errors import ConfigurationError

if TYPE_CHECKING:
    from index.store import Store
    from streams.alerts.deliveries import Deliveries
    from streams.alerts.outbox import Outbox
    from streams.alerts.rules import Alerting
    from streams.local import Watch


log = logging.getLogger(__name__)


def load(ws: Workspace) -> Alerting:
    """The rules of the data directory's alerts.yaml, else the built-in ones."""
    from streams.alerts.rules import load_alerting

    return load_alerting(ws.datadir.alerts if ws.datadir.alerts.exists() else None)


def load_checked(ws: Workspace, store: Store | None = None) -> Alerting:
    """As `load`, of rules that are to be used: with codes that there are, and searches that the store takes. Raises
    ConfigurationError."""
    from streams.alerts.checks import check_codes, check_searches

    alerting = load(ws)
    try:
        check_codes(alerting, ws.knowledge())
        if store is not None:
            check_searches(store, alerting)
    except ConfigurationError as error:
        raise ConfigurationError(str(error), where=str(ws.datadir.alerts)) from error
    return alerting


@contextmanager
def outbox(ws: Workspace, alerting: Alerting) -> Iterator[Outbox | Deliveries]:
    """What waits for its delivery: in the data directory, in the cluster profile in the store."""
    if ws.cluster:
        from streams.alerts.deliveries import Deliveries as Kept

        with ws.store(writer=False) as store:
            yield Kept(store, alerting.channels)
        return
    from streams.alerts.outbox import Outbox as Box

    box = Box(ws.datadir.outbox, alerting.channels)
    try:
        yield box
    finally:
        box.close()


@contextmanager
def watching(ws: Workspace, store: Store) -> Iterator[Watch]:
    """What the pipeline shall call after each batch, while the channels' threads deliver."""
    from streams.alerts.deliver import Deliverer
    from streams.alerts.evaluate import Evaluation

    alerting = load_checked(ws, store)
    for caution in alerting.cautions():
        log.warning("alerts: %s", caution)
    with outbox(ws, alerting) as box, Deliverer(store, box, alerting.channels):
        yield Evaluation(store, alerting, box).evaluate
