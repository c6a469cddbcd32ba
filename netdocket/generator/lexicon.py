"""The phrase files, read and compiled once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from netdocket.generator.templates import Template, template

Language = Literal["zh", "en"]
Wording = Literal["plain", "cued"]

_FOLDER: Final = Path(__file__).parent / "phrases"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def read(name: str) -> Any:
    """The YAML file `name` of the folder of phrases."""
    return yaml.load((_FOLDER / f"{name}.yaml").read_text("utf-8"), Loader=_LOADER)  # noqa: S506  a safe loader


def compiled(phrases: Sequence[Any]) -> tuple[Template, ...]:
    return tuple(template(str(phrase)) for phrase in phrases)


@cache
def violation_phrases(language: Language) -> Mapping[str, Mapping[str, tuple[Template, ...]]]:
    """Code of a violation to its phrases, `plain` (none of the usual cues) and `cued`."""
    return {
        code: {wording: compiled(entry[wording]) for wording in ("plain", "cued")}
        for code, entry in read(f"violations_{language}").items()
    }


Forms = Mapping[str, tuple[Template, ...]]


@cache
def penalty_phrases(language: Language) -> Mapping[str, Mapping[str, Forms]]:
    """Code of a penalty, then `plain`, `cued` or `none` (without a sum), then the form of the sentence."""
    return {
        code: {
            wording: {form: compiled(phrases) for form, phrases in forms.items()}
            for wording, forms in entry[language].items()
        }
        for code, entry in read("penalties").items()
    }


@cache
def words(language: Language) -> Mapping[str, Sequence[str]]:
    lists: Mapping[str, Sequence[str]] = read("lexicon")[language]
    return lists


@cache
def sector_words(language: Language) -> Mapping[str, Mapping[str, Any]]:
    return {code: entry[language] for code, entry in read("sectors").items()}


@cache
def listed(name: str, *keys: str | int) -> tuple[Template, ...]:
    """The phrases that stand under these keys of a phrase file, compiled."""
    found = read(name)
    for key in keys:
        found = found[key]
    return compiled(found)


@cache
def frames(name: str, section: str) -> tuple[Template, ...]:
    """The frames of a section of a phrase file."""
    return compiled(read(name)[section])
