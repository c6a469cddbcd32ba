"""What a case is about by the article it cites, where its words say nothing that is known.

Each code of violation_types lists the articles that set its duty (taxonomy.yaml), with their numbers in the old and in the
new text of a law that was numbered anew. An article that is cited as violated, or,
of the Criminal Law and the Public Security Administration Punishments Law, as the basis, and that stands under one or two
codes only, gives these, with low confidence. An article of general duties (CSL 21) gives none: the narrative has to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from enrich.articles_cited import version_meant
from enrich.citations import PrintedCitation
from enrich.passage import Passage, evidence
from enrich.rulebook import Rulebook
from netdocket.records import CaseDates, Violation

MOST_CODES = 2
CONFIDENCE = 0.5
TEXTS = 2
"""No law of the catalogue was numbered anew more than once."""


def by_article(passage: Passage, cited: Iterable[PrintedCitation], dates: CaseDates) -> tuple[Violation, ...]:
    """The violations that the cited articles stand for in the text of the law that was in force, in the order of the
    bulletin; empty where none is clear. `dates`: of the record."""
    offences = passage.rules.table("violations")["offence_laws"]
    kept = [c for c in cited if c.article is not None and not passage.signals.is_quiet(c.start)]
    texts: dict[str, Sequence[int]] = {}
    out: dict[str, Violation] = {}
    for citation in kept:
        if citation.role != "violated" and citation.law not in offences:
            continue
        if citation.law not in texts:
            texts[citation.law] = _texts(passage, citation.law, kept, dates)
        for code in _codes(passage.rules, citation, texts[citation.law]):
            out.setdefault(
                code,
                Violation(
                    code=code,
                    confidence=CONFIDENCE,
                    evidence=evidence(citation),
                    rule=f"violations.cited.{code}",
                ),
            )
    return tuple(out.values())


def _texts(passage: Passage, id: str, cited: Iterable[PrintedCitation], dates: CaseDates) -> Sequence[int]:
    """Which texts of a law the record may mean, the oldest being 0; none of a law that is not in the catalogue."""
    law = passage.rules.knowledge.laws.get(id)
    if law is None or not law.versions:
        return range(TEXTS if law else 0)
    articles = tuple(c.article_string for c in cited if c.law == id and c.article_string)
    meant = version_meant(passage, id, articles, dates, ()).version
    return [at for at, version in enumerate(law.versions) if meant in (None, version.id)]


def _codes(rules: Rulebook, citation: PrintedCitation, texts: Iterable[int]) -> Sequence[str]:
    """What an article stands for in each of these texts of its law that says anything of it."""
    law, number = citation.law, citation.article or ""
    if any((law, text, number) in _articles(rules, "general") for text in texts):
        return ()
    table = _articles(rules, "breach")
    asked = (citation.article_string or number, number)
    said = [
        codes
        for text in texts
        if (codes := next(filter(None, (table.get((law, text, a)) for a in asked)), None))
    ]
    common = [code for code in said[0] if all(code in codes for codes in said)] if said else []
    return common if len(common) <= MOST_CODES else ()


@lru_cache(maxsize=16)
def _articles(
    rules: Rulebook, what: Literal["breach", "general"]
) -> Mapping[tuple[str, int, str], Sequence[str]]:
    """(law, which of its texts, article string or number) -> codes. CSL:41>43 is Article 41 of the first text and Article
    43 of the second; a number without > is that of all. Of `general` duties the codes are empty."""
    printed = [
        (entry["code"], article)
        for entry in rules.table("taxonomy")["violation_types"]
        for article in entry.get("articles", ())
    ]
    if what == "general":
        printed = [("", article) for article in rules.table("violations")["general_articles"]]
    out: dict[tuple[str, int, str], dict[str, None]] = {}
    for code, article in printed:
        law, _, numbers = article.partition(":")
        texts = numbers.split(">")
        for text, number in enumerate(texts * TEXTS if len(texts) == 1 else texts):
            for key in {number, number.split("(")[0].split("[")[0]} - {"", "-", "all"}:
                out.setdefault((law, text, key), {})[code] = None
    return {key: tuple(codes) for key, codes in out.items()}
