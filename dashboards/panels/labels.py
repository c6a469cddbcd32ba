"""What a code is called, and what it means, in both languages of the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Protocol

from dashboards.panels.model import Text
from netdocket.errors import KnowledgeError


class Wording(Protocol):
    """A label of the knowledge."""

    @property
    def en(self) -> str: ...

    @property
    def zh(self) -> str: ...


class Vocabulary(Protocol):
    """What this room asks of the knowledge (enrich.Knowledge has it)."""

    def label(self, group: str, code: str) -> Wording: ...

    def define(self, group: str, code: str) -> str | None: ...

    def codes(self, group: str) -> tuple[str, ...]: ...


# A status is a case's or an instrument's; no code belongs to both vocabularies.
_JOINED: Final = {"statuses": ("case_statuses", "regulatory_statuses")}
_LANGUAGES: Final = {"zh": Text("Chinese", "中文"), "en": Text("English", "英文")}
_ARTICLE: Final = re.compile(
    r"(?P<law>.+?):(?P<article>\d+(?:-\d+)?)(?:\((?P<paragraph>[^)]+)\))?(?:\[(?P<item>[^\]]+)\])?"
)
_VERSION: Final = re.compile(r"(?P<law>.+)-(?P<year>(?:19|20)\d\d)")


class Labels:
    """Wordings for codes. `extra`: vocabularies beside the knowledge's (`sources`, `places`, `short_laws`)."""

    def __init__(self, vocabulary: Vocabulary, extra: Mapping[str, Mapping[str, Text]] | None = None) -> None:
        self._vocabulary = vocabulary
        self._extra = {"languages": _LANGUAGES, **(extra or {})}

    def __call__(self, group: str | None, code: str) -> Text:
        """The wording, or the code itself where no vocabulary knows it (names of laws outside the catalogue)."""
        if group is None:
            return Text(code, code)
        if group in self._extra:
            return self._extra[group].get(code) or Text(code, code)
        if group == "articles":
            return self.article(code)
        if group == "versions":
            return self.law(code)
        for name in _JOINED.get(group, (group,)):
            try:
                found = self._vocabulary.label(name, code)
            except KnowledgeError:
                continue
            return Text(found.en, found.zh)
        return Text(code, code)

    def define(self, group: str, code: str) -> str | None:
        for name in _JOINED.get(group, (group,)):
            if found := self._vocabulary.define(name, code):
                return found
        return None

    def codes(self, group: str) -> tuple[str, ...]:
        """The closed list of a vocabulary's codes; empty where it is open."""
        if group in self._extra:
            return tuple(self._extra[group])
        return tuple(code for name in _JOINED.get(group, (group,)) for code in self._vocabulary.codes(name))

    def law(self, code: str) -> Text:
        """Short name of a law, or of one of its versions (`CSL-2016`: the law and the year)."""
        found = self._short_law(code)
        if found.en != code or not (version := _VERSION.fullmatch(code)):
            return found
        law, year = self._short_law(version["law"]), version["year"]
        return found if law.en == version["law"] else Text(f"{law.en} ({year})", f"{law.zh}（{year}）")

    def _short_law(self, code: str) -> Text:
        return self._extra.get("short_laws", {}).get(code) or self("laws", code)

    def article(self, code: str) -> Text:
        """`CSL-2016:21(1)[3]`: the law's name, then article, paragraph, item."""
        found = _ARTICLE.fullmatch(code)
        if not found:
            return self.law(code)
        law = self.law(found["law"])
        place = article_words(found["article"], found["paragraph"], found["item"])
        return Text(f"{law.en}, {place.en}", f"{law.zh}{place.zh}")


def article_words(article: str | None, paragraph: str | None = None, item: str | None = None) -> Text:
    """`253-1`, `1`, `3`: art. 253-1(1)[3]; 第二百五十三条之一 is written with digits: 第253条之1第1款第3项."""
    if not article:
        return Text("as a whole", "（整体）")
    number, _, suffix = article.partition("-")
    zh = f"第{number}条{f'之{suffix}' if suffix else ''}"
    zh += f"第{paragraph}款" if paragraph else ""
    zh += f"第{item}项" if item else ""
    en = f"art. {article}{f'({paragraph})' if paragraph else ''}{f'[{item}]' if item else ''}"
    return Text(en, zh)
