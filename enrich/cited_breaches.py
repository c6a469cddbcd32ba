"""What a case is about by the article it cites, where its words say nothing that is known.

Each code of violation_types lists the articles that set its duty (taxonomy.yaml). An article that is cited as violated, or,
of the Criminal Law and the Public Security Administration Punishments Law, as the basis, and that stands under one or two
codes only, gives these, with low confidence. An article of general duties (CSL 21) gives none: the narrative has to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from enrich.citations import PrintedCitation
from enrich.passage import Passage, evidence
from enrich.rulebook import Rulebook
from netdocket.records import Violation

MOST_CODES = 2
CONFIDENCE = 0.5


def by_article(passage: Passage, cited: Iterable[PrintedCitation]) -> tuple[Violation, ...]:
    """The violations that the cited articles stand for, in the order of the text; empty where none is clear."""
    table = _articles(passage.rules)
    general = passage.rules.table("violations")["general_articles"]
    offences = passage.rules.table("violations")["offence_laws"]
    out: dict[str, Violation] = {}
    for citation in cited:
        if citation.article is None or passage.signals.is_quiet(citation.start):
            continue
        if citation.role != "violated" and citation.law not in offences:
            continue
        if f"{citation.law}:{citation.article}" in general:
            continue
        codes = table.get((citation.law, citation.article_string or ""), ()) or table.get(
            (citation.law, citation.article), ()
        )
        if not 0 < len(codes) <= MOST_CODES:
            continue
        for code in codes:
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


@lru_cache(maxsize=8)
def _articles(rules: Rulebook) -> dict[tuple[str, str], Sequence[str]]:
    """(law, article string) and (law, article) -> codes; old and new numbers alike (CSL:41>43). A number that is about one
    breach in the old text and about another in the new one stands for neither."""
    out: dict[tuple[str, str], dict[str, set[int]]] = {}
    for entry in rules.table("taxonomy")["violation_types"]:
        for printed in entry.get("articles", ()):
            law, _, numbers = printed.partition(":")
            texts = numbers.split(">")
            for which, number in enumerate(texts):
                if number in ("", "-", "all"):
                    continue
                for key in {number, number.split("(")[0].split("[")[0]}:
                    texts_of = out.setdefault((law, key), {}).setdefault(entry["code"], set())
                    texts_of |= {which} if len(texts) > 1 else {0, 1}
    return {key: tuple(codes) for key, codes in out.items() if set.intersection(*codes.values())}
