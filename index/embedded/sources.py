"""`_source` in a body: which parts of a document are handed out."""

from __future__ import annotations

import re
from typing import Any

from index.embedded.body import Part, each, malformed

_NOTHING = object()


class SourceFilter:
    """`true`, `false`, a pattern, a list of patterns, or `{"includes": [...], "excludes": [...]}`."""

    def __init__(self, given: Any, path: str) -> None:
        """Raises MalformedQuery."""
        self.wanted = given is not False
        include, exclude = given, None
        if isinstance(given, dict):
            part = Part(given, path)
            include = part.pop("includes", part.pop("include"))
            exclude = part.pop("excludes", part.pop("exclude"))
            part.done()
        self._include = _patterns(include, path)
        self._exclude = _patterns(exclude, path)

    def apply(self, document: dict[str, Any]) -> dict[str, Any]:
        if not self._include and not self._exclude:
            return document
        kept = self._kept(document, "", included=not self._include)
        return kept if isinstance(kept, dict) else {}

    def _kept(self, value: Any, path: str, *, included: bool) -> Any:
        if isinstance(value, list):
            inner = [self._kept(one, path, included=included) for one in value]
            found = [one for one in inner if one is not _NOTHING]
            return found if found or (included and not value) else _NOTHING
        if not isinstance(value, dict):
            return value if included else _NOTHING
        kept: dict[str, Any] = {}
        for key, inner_value in value.items():
            full = f"{path}.{key}" if path else key
            if any(pattern.fullmatch(full) for pattern in self._exclude):
                continue
            inside = included or any(pattern.fullmatch(full) for pattern in self._include)
            one = self._kept(inner_value, full, included=inside)
            if one is not _NOTHING:
                kept[key] = one
        return kept if kept or included else _NOTHING


def _patterns(given: Any, path: str) -> list[re.Pattern[str]]:
    if given is None or isinstance(given, bool):
        return []
    found = []
    for one, at in each(given, path):
        if not isinstance(one, str):
            malformed("a field's name or pattern is wanted", at)
        found.append(re.compile(re.escape(one).replace(r"\*", ".*")))
    return found
