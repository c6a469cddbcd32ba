"""Advice and readings of the law: no case, no penalty, though both are talked about."""

from __future__ import annotations

from netdocket.generator.drafts import Draft
from netdocket.generator.lexicon import listed
from netdocket.generator.traps import trap


def explainer(draft: Draft) -> None:
    draw, language = draft.draw, draft.language
    draft.title = draw.pick(listed("explainers", language, "titles")).source
    row = draft.record("EXPLAINER", draft.title)
    parts = draw.some(listed("explainers", language, "parts"), draw.whole(2, 5))
    for number, part in enumerate(parts):
        if number:
            draft.page.paragraph(part.source)
        else:
            draft.begin(row)
            draft.page.add(part.source)
    if draw.chance(0.5):
        ref = "当事单位" if language == "zh" else "the company"
        draft.page.paragraph(trap(draw, language, draft.day, ref))
    draft.end(row)
