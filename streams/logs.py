"""Log lines for machines: one JSON object a line on standard error."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from typing import Any, Final

PLAIN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
QUIET: Final = {
    "kafka": logging.CRITICAL,  # tells of every attempt to connect; we say once what we wait for
    "aiokafka": logging.WARNING,
    "elastic_transport": logging.ERROR,
    "faust": logging.WARNING,
    "mode": logging.WARNING,
}


class JsonLines(logging.Formatter):
    """What was passed as `extra` stands beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in PLAIN}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_as_json(level: int = logging.INFO) -> None:
    """For the whole process; of libraries only what is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
