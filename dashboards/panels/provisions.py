"""Provisions of amended laws as buckets: one for the old article and the new one together."""

from __future__ import annotations

import functools

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
