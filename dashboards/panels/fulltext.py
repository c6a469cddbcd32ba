"""What people type into the search field, as clauses that mean the same in every store.

All words must occur. A run of Chinese characters is a phrase, and so is what stands in quotation marks; `-word`
must not occur; `a OR b` (or `a | b`) is either. Every character that is no letter or digit separates words, as in the
index.
"""

from __future__ import annotations

import re
from typing import Any

from dashboards.panels.errors import FilterError

FIELDS = ("title", "text")
MAX_LENGTH = 500
_TOKEN = re.compile(r'(?P<not>-)?(?:"(?P<phrase>[^"]*)"|“(?P<cn>[^”]*)”|(?P<word>[|｜]|[^\s"“|｜]+))')
_EITHER = {"OR", "|", "｜"}
_HAS_LETTER = re.compile(r"[^\W_]")


def text_query(text: str) -> dict[str, Any]:
    """The query for `text`. Raises FilterError where a quotation mark is left open or nothing can be looked for."""
    if len(text) > MAX_LENGTH:
        raise FilterError(f"longer than {MAX_LENGTH} characters", f"超过 {MAX_LENGTH} 个字符", where="q")
    if text.count('"') % 2 or text.count("“") != text.count("”"):
        raise FilterError("a quotation mark is opened and not closed", "引号未闭合", where=f"q={text}")
    groups: list[list[dict[str, Any]]] = []
    without: list[dict[str, Any]] = []
    joining = False
    for token in _TOKEN.finditer(text):
        if token["word"] in _EITHER and not token["not"]:
            if not groups:
                raise FilterError(
                    "OR needs something on both sides", "OR 两侧都须有检索词", where=f"q={text}"
                )
            joining = True
            continue
        words = token["phrase"] or token["cn"] or token["word"] or ""
        if not _HAS_LETTER.search(words):
            continue
        clause = _anywhere(words)
        if token["not"]:
            without.append(clause)
        elif joining:
            groups[-1].append(clause)
        else:
            groups.append([clause])
        joining = False
    if joining:
        raise FilterError("OR needs something on both sides", "OR 两侧都须有检索词", where=f"q={text}")
    if not groups and not without:
        raise FilterError("holds no letter or digit to look for", "没有可检索的文字或数字", where=f"q={text}")
    must = [group[0] if len(group) == 1 else _any_of(group) for group in groups]
    return {"bool": {**({"must": must} if must else {}), **({"must_not": without} if without else {})}}


def _anywhere(words: str) -> dict[str, Any]:
    return _any_of([{"match_phrase": {field: words}} for field in FIELDS])


def _any_of(clauses: list[dict[str, Any]]) -> dict[str, Any]:
    return {"bool": {"should": clauses, "minimum_should_match": 1}}
