"""Provisions of amended laws as buckets: one for the old article and the new one together."""

from __future__ import annotations

import functools
from typing import Literal

from dashboards.panels.model import Text
from enrich import load_knowledge
from enrich.concordance import Provision
from enrich.concordance import provisions as of_laws


@functools.cache
def load_provisions() -> dict[str, Provision]:
    """Code -> provision, of the built-in catalogue."""
    return {found.code: found for found in of_laws(load_knowledge().laws.values())}


@functools.cache
def _by_article() -> dict[str, str]:
    return {key: code for code, found in load_provisions().items() for key in found.article_keys}


def provision_of(article_key: str) -> str:
    """The code of the provision that an article (`CSL-2016:21`) is."""
    return _by_article()[article_key]


def versions_of(text: Literal["old", "new"]) -> list[str]:
    """The versions of laws that are the old or the new text of a provision: `CSL-2016`."""
    found = load_provisions().values()
    return sorted({one.old_version if text == "old" else one.new_version for one in found})


def amended_laws() -> Text:
    """The laws whose provisions these are, with the years of both texts."""
    found = load_provisions().values()
    pairs = dict.fromkeys((one.law, one.old_version[-4:], one.new_version[-4:]) for one in found)
    ordered = [(load_knowledge().laws[law], old, new) for law, old, new in pairs]
    return Text(
        ", ".join(f"{law.en_name} ({old}, {new})" for law, old, new in ordered),
        "、".join(
            f"{law.short_zh[0] if law.short_zh else law.zh}（{old}、{new}）" for law, old, new in ordered
        ),
    )


def provision_label(code: str) -> Text:
    """`Cybersecurity Law, art. 21, now 23`; as much as there is of it."""
    found = load_provisions()[code]
    law = load_knowledge().laws[found.law]
    zh_name = law.short_zh[0] if law.short_zh else law.zh
    old_year, new_year = (version.rpartition("-")[2] for version in (found.old_version, found.new_version))
    old, new = ", ".join(found.old), ", ".join(found.new)
    zh_old, zh_new = ("、".join(f"第{article}条" for article in part) for part in (found.old, found.new))
    if not found.old:
        return Text(f"{law.en_name}, new art. {new} ({new_year})", f"{zh_name}新{zh_new}（{new_year}）")
    return Text(
        f"{law.en_name}, art. {old} ({old_year}), now {new} ({new_year})",
        f"{zh_name}{zh_old}（{old_year}），现{zh_new}（{new_year}）",
    )
