"""The ids of a bulletin's records and of their parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from netdocket.identity import record_head, record_id
from netdocket.records import Bulletin, Record


def numbered(bulletin: Bulletin, masked: str, drafts: Sequence[Record]) -> tuple[Record, ...]:
    """The records with their ids and the ids of their parts."""
    seen: dict[str, int] = {}
    out = []
    for draft in drafts:
        own = masked[draft.span.start : draft.span.end]
        head = record_head(own)
        ordinal = seen.get(head, 0)
        seen[head] = ordinal + 1
        out.append(_with_ids(draft, record_id(bulletin.bulletin_id, own, ordinal)))
    return tuple(out)


def _with_ids(record: Record, identity: str) -> Record:
    changes: dict[str, Any] = {"record_id": identity}
    if record.case is not None:
        changes["case"] = replace(
            record.case,
            penalties=_prefixed(record.case.penalties, identity),
            citations=_prefixed(record.case.citations, identity),
            apps=_prefixed(record.case.apps, identity),
        )
    if record.report is not None:
        changes["report"] = replace(
            record.report,
            figures=_prefixed(record.report.figures, identity),
            citations=_prefixed(record.report.citations, identity),
        )
    if record.regulatory is not None:
        changes["regulatory"] = replace(
            record.regulatory, citations=_prefixed(record.regulatory.citations, identity)
        )
    return replace(record, **changes)


def _prefixed(parts: Sequence[Any], identity: str) -> tuple[Any, ...]:
    return tuple(replace(part, id=f"{identity}:{part.id}") for part in parts)
