"""Requests to a Kibana, carried by kibana-api's requester, which sends the header that Kibana asks for.

Of that package nothing else is used: its builders make panels that Kibana no longer creates. It raises no errors and
has no time-out of its own, so both are added here.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from netdocket.errors import ConfigurationError, NetdocketError

TIMEOUT = 60
PAUSE = 1.0
STARTING = 503
Json = dict[str, Any]


class KibanaError(NetdocketError):
    """Kibana refused something, or part of it; each refusal is a line."""


class KibanaUnavailableError(KibanaError):
    """Kibana does not answer, or is still starting."""


class Carrier:
    """`url`: of Kibana. `patience`: seconds that it may take to start. `sleep`: for tests."""

    def __init__(
        self,
        url: str,
        *,
        user: str | None = None,
        password: str | None = None,
        patience: float = 120,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Raises ConfigurationError where kibana-api is not installed."""
        try:
            import kibana_api  # noqa: PLC0415 - an extra of its own
        except ImportError:
            raise ConfigurationError("needs the package kibana-api: pip install kibana-api==0.0.4") from None
        self._kibana = kibana_api.Kibana(base_url=url.rstrip("/") + "/", username=user, password=password)
        self._patience = patience
        self._sleep = sleep
        self.where = shown(url)
        self._reason = ""

    def wait(self) -> str:
        """Returns when Kibana is ready: its version. Raises KibanaUnavailableError."""
        deadline = time.monotonic() + self._patience
        while True:
            status, answer = self._once("get", "api/status", {})
            overall = answer.get("status", {}).get("overall", {}) if isinstance(answer, dict) else {}
            level = overall.get("level") or overall.get("state")
            if status == 200 and level in ("available", "green", None):
                return str(answer.get("version", {}).get("number", "unknown"))
            if status in (401, 403):
                raise KibanaError(f"refuses these credentials ({status})", where=self.where)
            if time.monotonic() > deadline:
                said = (
                    f"does not answer ({self._reason})"
                    if status is None
                    else f"is not ready ({status}, {level or 'no status'})"
                )
                raise KibanaUnavailableError(f"{said} after {self._patience:g} s", where=self.where)
            self._sleep(PAUSE)

    def ask(self, method: str, path: str, *, allowed: tuple[int, ...] = (), **more: Any) -> tuple[int, Any]:
        """(status, answer). Waits while Kibana says that it is starting. Raises KibanaError for any status of 400 and
        more that is not `allowed`."""
        status, answer = self._once(method, path, more)
        if status is None or status == STARTING:
            self.wait()
            status, answer = self._once(method, path, more)
        if status is None:
            raise KibanaUnavailableError(f"does not answer ({self._reason})", where=self.where)
        if status >= 400 and status not in allowed:
            said = answer.get("message", answer) if isinstance(answer, dict) else answer
            raise KibanaError(f"{status}: {said}", where=f"{method.upper()} {path}")
        return status, answer

    def _once(self, method: str, path: str, more: dict[str, Any]) -> tuple[int | None, Any]:
        import requests  # noqa: PLC0415 - comes with kibana-api

        try:
            answer = self._kibana.requester(
                method=method, url=self._kibana.url(self._kibana.base_url, path), timeout=TIMEOUT, **more
            )
        except (requests.exceptions.SSLError, ValueError) as error:
            # Waiting mends neither a certificate nor an address; requests' errors of addresses are ValueErrors.
            raise KibanaError(f"cannot be asked: {_told(error)}", where=self.where) from error
        except requests.RequestException as error:
            self._reason = _told(error)
            return None, None
        try:
            return answer.status_code, answer.json()
        except ValueError:
            # Decoded here: without a charset in its header the package guesses one.
            return answer.status_code, answer.content.decode("utf-8", "replace")


def shown(url: str) -> str:
    """The address without the name and the password that it may carry."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _told(error: BaseException) -> str:
    """The innermost cause, in a line: requests wraps it three times, with the whole address in each."""
    reason: object = error
    while isinstance(reason, BaseException):
        inner = getattr(reason, "reason", None) or next(iter(reason.args), None)
        if not isinstance(inner, BaseException):
            break
        reason = inner
    said = re.sub(r"//[^/@\s]*@", "//", str(reason))
    return re.sub(r"<[^>]*object at 0x[0-9a-f]+>:?\s*", "", said).partition("\n")[0] or type(error).__name__


def payload(body: Json) -> str:
    return json.dumps(body, ensure_ascii=False)
