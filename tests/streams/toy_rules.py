"""A classifier small enough to reason about: a line of the text is a record, its words are what the record says.

FINE WARNING     a case with these penalties
law:CSL          a development of this instrument
FINE since:2     only rules version 2 and later see this line
FINE until:1     only up to version 1
boom             the classifier raises
"""

from __future__ import annotations

import dataclasses
from typing import Any

from enrich import Knowledge, load_knowledge
from netdocket.identity import record_id
from netdocket.records import (
    Authority,
    Bulletin,
    Case,
    Classified,
    EventDate,
    Penalty,
    Record,
    Regulatory,
    Span,
    Stated,
    encode,
)
from netdocket.spool import BULLETINS, Entry


class Boom(ValueError):
    pass


def rules(version: int) -> Knowledge:
    return dataclasses.replace(load_knowledge(), rules_version=version)


def classify(bulletin: Bulletin, knowledge: Knowledge) -> Classified:
    records: list[Record] = []
    heads: dict[str, int] = {}
    position = 0
    for line in bulletin.text.split("\n"):
        words = line.split()
        options = dict(word.split(":", 1) for word in words if ":" in word)
        span = Span(start=position, end=position + len(line))
        position += len(line) + 1
        version = knowledge.rules_version
        if not int(options.pop("since", 0)) <= version <= int(options.pop("until", 1 << 20)):
            continue
        if "boom" in words:
            raise Boom("boom in the text")
        head = " ".join(word for word in words if not word.startswith(("since:", "until:")))
        ordinal = heads[head] = heads.get(head, -1) + 1
        id = record_id(bulletin.bulletin_id, head, ordinal)
        records.append(_record(bulletin, knowledge, id, span, words, options))
    return Classified(
        bulletin_id=bulletin.bulletin_id,
        revision=bulletin.revision,
        rules_version=knowledge.rules_version,
        masked_title=bulletin.title,
        masked_text=bulletin.text,
        source_role="official",
        records=tuple(records),
    )


def _record(
    bulletin: Bulletin, knowledge: Knowledge, id: str, span: Span, words: list[str], options: dict[str, str]
) -> Record:
    law = options.get("law")
    penalties = tuple(
        Penalty(id=f"{id}:p:{n}", type=word.split("=")[0], phrase=word.split("=")[-1], target="entity")
        for n, word in enumerate((w for w in words if ":" not in w), 1)
    )
    section: dict[str, Any] = (
        {
            "regulatory": Regulatory(
                instrument=Stated(value=law),
                issuers=(Authority(name="国家网信办", type="CAC_NATIONAL"),),
                status=Stated(value=options.get("status", "issued")),
            )
        }
        if law
        else {"case": Case(penalties=penalties)}
    )
    return Record(
        record_id=id,
        bulletin_id=bulletin.bulletin_id,
        revision=bulletin.revision,
        rules_version=knowledge.rules_version,
        kind="REGULATORY_DEV" if law else "ENFORCEMENT_CASE",
        span=span,
        title=bulletin.title,
        source=bulletin.source,
        source_role="official",
        language=bulletin.language,
        event_date=EventDate(value=bulletin.published or "2026-03-01", precision="day", from_="bulletin"),
        fetched_at=bulletin.fetched_at,
        **section,
    )


def bulletin(key: str, revision: int, text: str, **given: Any) -> Bulletin:
    values = {
        "source": "test",
        "title": f"Title of {key}",
        "language": "en",
        "fetched_at": "2026-03-01T00:00:00Z",
    }
    return Bulletin(bulletin_id=key, revision=revision, ordinal=revision, text=text, **(values | given))


def entry(position: int, message: Bulletin, topic: str = BULLETINS) -> Entry:
    return Entry(position, topic, message.bulletin_id, encode(message))
