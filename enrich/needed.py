"""Words that stand in whatever a pattern matches: where none of them stands, the pattern need not be tried.

needed_by("责令.{0,9}改正|元以下(?:的)?罚款")        # ("责令", "元以下")
"""

from __future__ import annotations

import re

_GROUP = re.compile(r"\\.|\[[^\]]*\]|\([^()]*\)")
_REPEATED = re.compile(r".(?:[?*+]|\{[^}]*\})")
_ROW = re.compile(r"[\u3001-\u9fff，；]+")
_GAP = "\0"


def needed_by(pattern: str) -> tuple[str, ...]:
    """One word for each alternative of a pattern: its longest row of Chinese characters outside groups, classes and
    repetitions. Empty where an alternative has none."""
    flat, before = pattern, ""
    while flat != before:  # groups within groups
        flat, before = _GROUP.sub(_GAP, flat), flat
    if re.search(r"[()\[\]]", flat):
        return ()
    rows = [_ROW.findall(_REPEATED.sub(_GAP, alternative)) for alternative in flat.split("|")]
    return tuple(max(row, key=len) for row in rows) if all(rows) else ()
