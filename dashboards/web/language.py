"""The language of a page: the address, else the cookie, else what the browser prefers, else the setting.

The page's own words stand in words.yaml, each in both languages.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

import msgspec
import yaml
from starlette.requests import Request

from dashboards.panels.errors import FilterError
from dashboards.panels.model import LANGUAGES, Language, Text
from netdocket.errors import ConfigurationError

COOKIE = "netdocket_lang"
PARAMETER = "lang"
WORDS = Path(__file__).parent / "words.yaml"
_QUALITY = re.compile(r";\s*q=([^;\s]+)")


@functools.cache
def words() -> dict[str, Text]:
    """Every wording of the page by its key. Raises ConfigurationError for one without both languages."""
    raw = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    try:
        return msgspec.convert(raw, dict[str, Text])
    except msgspec.ValidationError as error:
        raise ConfigurationError(str(error), where=str(WORDS)) from error


def chosen_language(request: Request, default: Language) -> Language:
    """Raises FilterError for a language in the address that the page does not have."""
    asked = request.query_params.get(PARAMETER)
    if asked is not None:
        return _language(asked)
    kept = request.cookies.get(COOKIE)
    if kept in LANGUAGES:
        return _language(kept)
    return preferred(request.headers.get("accept-language", ""), default)


def _language(code: str) -> Language:
    for language in LANGUAGES:
        if code == language:
            return language
    raise FilterError("the page is there in en and zh", "页面语言为 en 或 zh", where=f"{PARAMETER}={code}")


def preferred(header: str, default: Language) -> Language:
    """The first of our languages in an Accept-Language header, by quality; `default` where none is named."""
    offers: list[tuple[float, int, Language]] = []
    for position, part in enumerate(header.split(",")):
        code = part.split(";")[0].strip().lower().split("-")[0]
        quality = _QUALITY.search(part)
        try:
            weight = float(quality[1]) if quality else 1.0
        except ValueError:
            continue
        for language in LANGUAGES:
            if code == language and weight > 0:
                offers.append((-weight, position, language))
    return min(offers)[2] if offers else default
