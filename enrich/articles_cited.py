"""The citations of a record: what is printed, with its law, version and role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from enrich.catalogue import Knowledge
from enrich.citations import PrintedCitation, find_citations
from enrich.law import VersionChoice
from enrich.law_mentions import LawMention
from enrich.passage import Passage, evidence
from netdocket.records import CaseDates, Citation, Found


def printed_citations(
    text: str, knowledge: Knowledge, anchor: dt.date | None, laws: list[LawMention]
) -> list[PrintedCitation]:
    """All citations of a text; one without a cue in a case is a bare legal ground."""
    return find_citations(text, knowledge, on=anchor, default_role="basis", laws=laws)


def citations_of(
    passage: Passage,
    cited: Sequence[PrintedCitation],
    dates: CaseDates,
    violations: Collection[str],
    *,
    mentioned: bool,
) -> tuple[Citation, ...]:
    """Each law, article and role once, in the order of the text. `mentioned`: of regulatory news and reports, whose
    articles are only talked about."""
    out: dict[tuple[str, str | None, str], Citation] = {}
    by_law: dict[str, list[str]] = {}
    kept = [
        c for c in cited if not passage.signals.is_quiet(c.start) and (c.article is not None or not mentioned)
    ]
    for citation in kept:
        if citation.article_string:
            by_law.setdefault(citation.law, []).append(citation.article_string)
    for citation in kept:
        role = "mentioned" if mentioned else citation.role
        key = (citation.law, citation.article_string, role)
        if key in out or (citation.article is None and not mentioned and citation.law in by_law):
            continue
        version, found = _version(passage, citation, by_law.get(citation.law, ()), dates, violations)
        law = passage.rules.knowledge.laws.get(citation.law)
        out[key] = Citation(
            id=f"c:{len(out) + 1}",
            law=citation.law if law else passage.facts.hide(citation.law),
            role=role,
            printed=passage.shown(citation.start, citation.end),
            version=version,
            version_found=found,
            article=citation.article,
            paragraph=citation.paragraph,
            item=citation.item,
            exists=law.has_article(citation.article, version) if law and citation.article else None,
            confidence=citation.confidence,
            evidence=evidence(citation),
            rule=f"citations.{citation.found_by}",
        )
    return tuple(out.values())


def _version(
    passage: Passage,
    citation: PrintedCitation,
    articles: Collection[str],
    dates: CaseDates,
    violations: Collection[str],
) -> tuple[str | None, Found | None]:
    if citation.law not in passage.rules.knowledge.laws:
        return None, None
    choice = version_meant(passage, citation.law, articles, dates, violations)
    if choice.version is None:
        return None, None
    return choice.version, Found(derived=choice.derived)


def version_meant(
    passage: Passage, law: str, articles: Collection[str], dates: CaseDates, violations: Collection[str]
) -> VersionChoice:
    """Which text of a law of the catalogue a record cites; `articles`: the article strings of it that the record cites."""
    decided = _day(dates.decision.value if dates.decision else None) or passage.facts.anchor
    conduct = _day(dates.found.value if dates.found else None)
    return passage.rules.knowledge.laws.version(
        law, tuple(articles), decided=decided, conduct=conduct, violations=tuple(violations)
    )


def _day(value: str | None) -> dt.date | None:
    if value is None:
        return None
    year, month, day = ([int(part) for part in value.split("-")] + [1, 1])[:3]
    return dt.date(year, month, day)
