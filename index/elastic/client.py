"""The client, and what its errors mean to us. All waiting and trying again is done here."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import elasticsearch as es
import msgspec
from elasticsearch.serializer import JsonSerializer, NdjsonSerializer

from netdocket.errors import ConfigurationError, MalformedQuery, StoreError, StoreSetupError, StoreUnavailable
from netdocket.settings import Settings

T = TypeVar("T")

FIRST_DELAY: Final = 0.1
LONGEST_DELAY: Final = 5.0
BUSY: Final = 429
LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
log = logging.getLogger(__name__)
# Says of each failed attempt that there was one; what we wait for is said once, in our words.
logging.getLogger("elastic_transport.node_pool").setLevel(logging.ERROR)
_encoder = msgspec.json.Encoder()


class _Json(JsonSerializer):
    """The client's JSON, by msgspec, as everywhere else here."""

    mimetype = "application/vnd.elasticsearch+json"

    def json_dumps(self, data: Any) -> bytes:
        return _encoder.encode(data)

    def json_loads(self, data: bytes) -> Any:
        return msgspec.json.decode(data)


class _Lines(_Json, NdjsonSerializer):
    mimetype = "application/vnd.elasticsearch+x-ndjson"


def connect(settings: Settings) -> es.Elasticsearch:
    """Raises ConfigurationError where the settings name no Elasticsearch."""
    if settings.es_url is None:
        raise ConfigurationError(
            "says where Elasticsearch is, and is not set; `netdocket engines up` starts one for development",
            where="NETDOCKET_ES_URL",
        )
    if settings.es_ca is not None and not settings.es_ca.is_file():
        raise ConfigurationError("no such file", where=str(settings.es_ca))
    _refuse_open_lines(settings)
    options: dict[str, Any] = {}
    if settings.es_ca is not None:
        options["ca_certs"] = str(settings.es_ca)
    if settings.es_api_key is not None:
        options["api_key"] = settings.es_api_key.get_secret_value()
    try:
        return es.Elasticsearch(
            settings.es_url.split(","),
            request_timeout=settings.es_timeout,
            max_retries=0,  # trying again is `Caller`'s and `bulk`'s: they know what is safe to repeat
            retry_on_timeout=False,
            serializers={_Json.mimetype: _Json(), _Lines.mimetype: _Lines()},
            **options,
        )
    except ValueError as error:
        raise ConfigurationError(str(error), where="NETDOCKET_ES_URL") from error


def _refuse_open_lines(settings: Settings) -> None:
    """A key that goes over a network unencrypted is everybody's."""
    if settings.es_api_key is None:
        return
    for address in (settings.es_url or "").split(","):
        parts = urlsplit(address)
        if parts.scheme == "http" and parts.hostname not in LOCAL:
            raise ConfigurationError(
                f"a key is sent in the clear to {parts.hostname}: use https there, and NETDOCKET_ES_CA where its "
                "authority is your own",
                where="NETDOCKET_ES_URL",
            )


class Caller:
    """Calls Elasticsearch, again and again while it is busy or away, for `patience` seconds."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ends all waiting, now and later: what is under way raises StoreUnavailable."""
        self._stopping.set()

    def call(self, what: str, request: Callable[[], T]) -> T:
        """Only for what may be repeated: after an ApiError or TransportError that may pass, and after a StoreUnavailable
        of the request's own. Raises StoreError and its kinds; `what` is named in them."""
        waiting = Waiting(self.patience, self._stopping)
        while True:
            try:
                return request()
            except es.ApiError as error:
                if not passing(error.status_code):
                    raise as_store_error(error, what) from error
                waiting.wait(reason_of(error), what)
            except es.TransportError as error:
                if isinstance(error, es.SerializationError):
                    raise StoreError(f"not an answer of Elasticsearch: {error}", where=what) from error
                waiting.wait(_reason(error), what)
            except StoreUnavailable as error:
                waiting.wait(error.what, what)

    def waiting(self) -> Waiting:
        return Waiting(self.patience, self._stopping)


class Waiting:
    """Longer and longer pauses, up to a moment at which we give up."""

    def __init__(self, patience: float, stopping: threading.Event) -> None:
        self._patience = patience
        self._deadline = time.monotonic() + patience
        self._delay = FIRST_DELAY
        self._stopping = stopping

    def wait(self, problem: str, what: str) -> None:
        """Raises StoreUnavailable when it has been long enough, or when we are to stop."""
        if time.monotonic() + self._delay > self._deadline:
            raise StoreUnavailable(f"no answer in {self._patience:g} s: {problem}", where=what)
        if self._delay >= 1:  # said when it lasts
            log.warning("%s: waiting for Elasticsearch: %s", what, problem)
        # Not all workers at the same moment: that is what made it busy.
        if self._stopping.wait(self._delay * random.uniform(0.7, 1.3)):  # noqa: S311
            raise StoreUnavailable(f"stopped while waiting: {problem}", where=what)
        self._delay = min(self._delay * 2, LONGEST_DELAY)


def passing(status: int) -> bool:
    """Whether it may be otherwise in a moment."""
    return status == BUSY or status >= 500


def blocked(error_type: str | None) -> bool:
    """The index takes no writes just now: a migration is about to move the alias, or a disk is full."""
    return error_type == "cluster_block_exception"


def as_store_error(error: es.ApiError, what: str) -> StoreError:
    kind, reason = _said(error)
    match error.status_code:
        case 401 | 403:
            return StoreError(f"Elasticsearch does not allow it: {reason}", where=what)
        case 404 if kind in ("index_not_found_exception", "alias_not_found_exception"):
            return StoreSetupError(f"{reason}; `netdocket index setup` makes what is missing", where=what)
        case 404 if kind == "search_context_missing_exception":
            return StoreUnavailable(
                "what was walked over is gone (a restart, or a pause too long)", where=what
            )
        case 400:
            return MalformedQuery(reason, where=what)
    return StoreError(f"{error.status_code}: {reason}", where=what)


def search_failure(answer: Mapping[str, Any], what: str) -> StoreError | None:
    """The error in one answer of a multi-search; StoreUnavailable for what may be otherwise in a moment."""
    if "error" not in answer:
        return None
    kind, reason = _cause(answer["error"])
    status = int(answer.get("status", 500))
    if passing(status) or kind == "search_context_missing_exception":
        return StoreUnavailable(reason, where=what)
    if kind == "index_not_found_exception":
        return StoreSetupError(f"{reason}; `netdocket index setup` makes what is missing", where=what)
    return MalformedQuery(reason, where=what) if status == 400 else StoreError(reason, where=what)


def reason_of(error: es.ApiError) -> str:
    """In Elasticsearch's own words."""
    return f"{error.status_code}: {_said(error)[1]}"


def _said(error: es.ApiError) -> tuple[str | None, str]:
    body = error.body
    if isinstance(body, Mapping) and "error" in body:
        return _cause(body["error"])
    return None, str(body)[:300] if body else error.message


def _cause(error: Any) -> tuple[str | None, str]:
    """The innermost kind and reason: that is where Elasticsearch says what is really wrong."""
    if not isinstance(error, Mapping):
        return None, str(error)[:300]
    failed = error.get("failed_shards")
    if failed:
        return _cause(failed[0].get("reason"))
    root = (error.get("root_cause") or [error])[0]
    cause = error
    while isinstance(cause.get("caused_by"), Mapping):
        cause = cause["caused_by"]
    reasons = dict.fromkeys(one["reason"] for one in (root, cause) if one.get("reason"))
    return root.get("type"), ": ".join(reasons) or str(error.get("type"))


def _reason(error: es.TransportError) -> str:
    return str(error.message or type(error).__name__)
