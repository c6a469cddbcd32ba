"""Documents to text, in a process that is ended when it takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import Final

from crawlers.extract.document import document_kind
from crawlers.extract.documents.worker import LENGTH
from netdocket.errors import UnreadableError

SECONDS: Final = 9.0
"""For one document."""
_START: Final = 20.0
"""More for the first of a process, which loads its parsers."""


class SlowDocumentError(UnreadableError):
    """A document was not read in time, or its process ended: on another day, on a machine less busy, it may be."""


class DocumentReader:
    """Thread-safe; one document at a time. The process is started with the first document and ends with `close`."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, body: bytes) -> str:
        """Raises UnreadableError."""
        if document_kind(body) == "markup":  # needs no process
            raise UnreadableError("a document was promised and a page came")
        with self._lock:
            fresh = self._process is None
            answer = self._ask(body, self._seconds + (_START if fresh else 0))
        if "failure" in answer:
            raise UnreadableError(answer["failure"])
        return answer["text"]

    def close(self) -> None:
        with self._lock:
            self._end()

    def __enter__(self) -> DocumentReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, body: bytes, seconds: float) -> dict[str, str]:
        process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101 - both are pipes
        try:
            process.stdin.write(LENGTH.pack(len(body)) + body)
            process.stdin.flush()
            line = _line(process.stdout.fileno(), time.monotonic() + seconds)
        except TimeoutError as error:
            self._end()
            raise SlowDocumentError(f"the document takes more than {self._seconds:g} s to read") from error
        except OSError as error:
            self._end()
            raise SlowDocumentError("the document ended the process that read it") from error
        if line is None:
            self._end()
            raise SlowDocumentError("the document ended the process that read it")
        answer: dict[str, str] = json.loads(line)
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crawlers.extract.documents.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(part or "." for part in sys.path)},
        )  # fmt: skip
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()
        process.wait()


def _line(descriptor: int, until: float) -> bytes | None:
    """A line of the process; None where it has ended. Raises TimeoutError."""
    parts: list[bytes] = []
    while not parts or not parts[-1].endswith(b"\n"):
        left = until - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            raise TimeoutError
        part = os.read(descriptor, 1 << 20)
        if not part:
            return None
        parts.append(part)
    return b"".join(parts)
