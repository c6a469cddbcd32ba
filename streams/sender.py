"""Messages into Kafka, for good: an idempotent producer, acknowledged by all copies, tried again while it takes.

A message that Kafka will never take (too large) is given back. Everything else waits until the broker is there, or
until whoever sends is told to stop; then BrokerError, and nothing of the batch counts as sent.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import kafka
from kafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from netdocket.errors import BrokerError
from netdocket.settings import Settings
from streams.topics import MAX_LETTER_BYTES, brokers

DELIVERY_MS: Final = 20_000
REQUEST_MS: Final = 10_000
BATCH_BYTES: Final = 64 << 10
LINGER_MS: Final = 5
FIRST_DELAY: Final = 0.2
LONGEST_DELAY: Final = 5.0
OVERHEAD: Final = 1 << 10
"""Bytes of a record's and a batch's own."""

log = logging.getLogger(__name__)
# They tell of every attempt to connect; what we wait for is said once, in our words.
logging.getLogger("kafka").setLevel(logging.CRITICAL)


@dataclasses.dataclass(frozen=True, slots=True)
class Outgoing:
    """`value` None takes back what a compacted topic holds under the key."""

    topic: str
    key: str
    value: bytes | None

    @property
    def size(self) -> int:
        return len(self.value or b"") + len(self.key.encode()) + OVERHEAD


@dataclasses.dataclass(frozen=True, slots=True)
class Refused:
    """What Kafka will not take, however often it is offered."""

    number: int
    reason: str


class Sender:
    """Thread-safe. `limit`: bytes of a message at most. Raises ConfigurationError where no broker is named."""

    def __init__(
        self,
        settings: Settings,
        *,
        limit: int = MAX_LETTER_BYTES,
        patience: float | None = None,
        on_waiting: Callable[[str | None], None] = lambda _problem: None,
    ) -> None:
        """`patience`: seconds that a delivery may wait for the broker; None: for ever. `on_waiting` hears why we wait,
        and None when it is there again; what it raises ends the delivery."""
        self._brokers = brokers(settings)
        self._settings = settings
        self._limit = limit
        self._patience = patience
        self._on_waiting = on_waiting
        self._lock = threading.Lock()
        self._producer: Any = None
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ends all waiting."""
        self._stopping.set()

    def deliver(self, messages: Sequence[Outgoing]) -> list[Refused]:
        """Returns when all are on the broker, but for those refused. Raises BrokerError when stopped before, or out of
        patience."""
        refused = [
            Refused(number, f"a message of {message.size:,} bytes, at most {self._limit:,} are taken")
            for number, message in enumerate(messages)
            if message.size > self._limit
        ]
        kept_out = {one.number for one in refused}
        open_ = [number for number in range(len(messages)) if number not in kept_out]
        delay, waited, began = FIRST_DELAY, False, time.monotonic()
        while open_:
            open_, problem = self._attempt(messages, open_, refused)
            if not open_:
                break
            waited = True
            self._on_waiting(problem)
            log.warning("Kafka: %d messages wait: %s", len(open_), problem)
            if self._patience is not None and time.monotonic() - began > self._patience:
                raise BrokerError(
                    f"no answer in {self._patience:.0f} s, {len(open_)} messages waited: {problem}",
                    where=self._settings.kafka,
                )
            if self._stopping.wait(delay):
                raise BrokerError(
                    f"stopped while {len(open_)} messages waited: {problem}", where=self._settings.kafka
                )
            delay = min(delay * 2, LONGEST_DELAY)
        if waited:
            self._on_waiting(None)
        return refused

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _attempt(
        self, messages: Sequence[Outgoing], open_: Sequence[int], refused: list[Refused]
    ) -> tuple[list[int], str]:
        """Those that are not there yet, and why."""
        with self._lock:
            sent: dict[int, Any] = {}
            left: list[int] = []
            problem = ""
            try:
                producer = self._connected()
                for number in open_:
                    one = messages[number]
                    sent[number] = producer.send(one.topic, value=one.value, key=one.key.encode())
                producer.flush(timeout=DELIVERY_MS / 1000 + 1)
            except KafkaError as error:
                problem = _said(error)
            # Over a slow line a part has arrived all the same: what is acknowledged is not sent again.
            for number in open_:
                if number not in sent:
                    left.append(number)
                    continue
                try:
                    sent[number].get(timeout=0.001)
                except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
                    refused.append(Refused(number, _said(error)))
                except KafkaError as error:
                    left.append(number)
                    problem = problem or _said(error)
            if left:
                self._drop()  # an idempotent producer that has lost a batch starts anew
            return left, problem

    def _connected(self) -> Any:
        if self._producer is None:
            self._producer = kafka.KafkaProducer(
                bootstrap_servers=self._brokers,
                client_id="netdocket",
                acks="all",
                enable_idempotence=True,
                batch_size=BATCH_BYTES,
                linger_ms=LINGER_MS,
                max_request_size=self._limit + OVERHEAD,
                max_block_ms=REQUEST_MS,
                request_timeout_ms=REQUEST_MS,
                delivery_timeout_ms=DELIVERY_MS,
                bootstrap_timeout_ms=REQUEST_MS,
                reconnect_backoff_max_ms=2000,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
        return self._producer

    def _drop(self) -> None:
        if self._producer is not None:
            producer, self._producer = self._producer, None
            try:
                producer.close(timeout=1)
            except KafkaError:
                # close() first waits for what is on its way, gives up by raising, and leaves thread and sockets as they
                # are: what nobody acknowledged could still arrive, behind what is sent anew. Made to forget it, it ends.
                producer._sender.force_close()
                producer._sender.join(REQUEST_MS / 1000)
                with contextlib.suppress(
                    KafkaError
                ):  # where it does not end in time: what waits is sent anew all the same
                    producer.close(timeout=1)


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
