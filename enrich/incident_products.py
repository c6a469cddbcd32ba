"""Products that a notice is about, with the versions it affects, and the victim of an incident."""

from __future__ import annotations

import re
from functools import lru_cache

from enrich.passage import Passage, evidence
from enrich.reading import Span
from enrich.rulebook import Rulebook
from netdocket.records import Product, Stated

_V = r"v?\d{1,4}(?:\.\d{1,6}){1,4}"
RANGES = re.compile(
    rf"(?P<first>{_V})\s?(?:≤|<=)\s?ver(?:sion)?s?\s?(?:≤|<=)\s?(?P<last>{_V})"
    rf"|(?P<from>{_V})\s?(?:至|到|–|—|-|to|through)\s?(?P<to>{_V})"
    rf"|(?:<|≤|<=|before|prior to|低于)\s?(?P<below>{_V})"
    rf"|(?P<until>{_V})\s?(?:及以下|及之前|及更早|以下|之前|and earlier|and below)"
    rf"|(?P<since>{_V})\s?(?:及以上|以上|及之后|and later|and above)"
    rf"|(?P<one>{_V})",
    re.IGNORECASE,
)
UPGRADE = re.compile(
    r"(?:升级|更新|回退)(?:至|到)\s?$|\b(?:upgrade|update|roll back)\s(?:to|at least)\s(?:version\s)?$",
    re.IGNORECASE,
)


def versions(text: str) -> list[tuple[str | None, str | None]]:
    """The versions affected as (first, last), None where open; the version to upgrade to is none."""
    out: list[tuple[str | None, str | None]] = []
    for match in RANGES.finditer(text):
        if UPGRADE.search(text, max(0, match.start() - 24), match.start()):
            continue
        found = match.groupdict()
        if found["first"] or found["from"]:
            out.append((found["first"] or found["from"], found["last"] or found["to"]))
        elif found["below"] or found["until"]:
            out.append((None, found["below"] or found["until"]))
        elif found["since"]:
            out.append((found["since"], None))
        else:
            out.append((found["one"], found["one"]))
    return out


@lru_cache(maxsize=32)
def _compiled(rules: Rulebook, name: str, language: str) -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(entry["pattern"])
        for entry in rules.table("incident_rules")[name]
        if entry["language"] == language
    )


def products(passage: Passage) -> tuple[Product, ...]:
    """The products named beside the versions they are affected in, each once."""
    found: dict[str, Product] = {}
    for pattern in _compiled(passage.rules, "products", passage.language):
        for match in pattern.finditer(passage.text, passage.start, passage.end):
            name = passage.shown(*match.span("name")).strip()
            printed = " ".join(passage.shown(*match.span("versions")).split())
            found.setdefault(
                name,
                Product(
                    name=name,
                    versions=(printed,),
                    evidence=evidence(Span(*match.span())),
                    rule="incidents.product",
                ),
            )
    return tuple(found.values())


ARTICLE = re.compile(r"\A(?:An?|Two|One)(?=\s)")


def victim(passage: Passage) -> Stated | None:
    """Whom it happened to, as printed; an article that begins a sentence in lower case."""
    for pattern in _compiled(passage.rules, "victims", passage.language):
        for match in pattern.finditer(passage.text, passage.start, passage.end):
            start, end = match.span("who")
            if passage.has("authority", start, end):  # who tells of it
                continue
            name = ARTICLE.sub(lambda article: article.group().lower(), passage.shown(start, end))
            return Stated(value=name, evidence=evidence(Span(start, end)), rule="incidents.victim")
    return None
