"""The compiled file that stands beside this one, for those who import it by hand."""

from __future__ import annotations

from pathlib import Path

from dashboards.kibana.objects import PAGE, compile_objects, ndjson
from dashboards.panels.labels import Labels
from dashboards.web.app import vocabularies
from enrich import Knowledge

COMPILED = Path(__file__).parent / "netdocket.ndjson"


def compile_text(knowledge: Knowledge, *, prefix: str = "netdocket", page: str = PAGE) -> str:
    """The NDJSON for these index names and this address of the local page."""
    labels = Labels(knowledge, extra=vocabularies(knowledge, {}))
    return ndjson(compile_objects(labels, prefix=prefix, page=page))
