"""A folder of texts as a publisher's article series: `/articles/index_1.html` and so on, and each text in a
`<pre>` at `/articles/<stem>.html`, from which a parser gets exactly the text of the file."""

from __future__ import annotations

import datetime as dt
import html
import re
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from netdocket.errors import ConfigurationError, IntakeError
from netdocket.intake import Intake, read_text
from netdocket.replica.answers import Answer, page
from netdocket.replica.site import robots, templates

PAGE_SIZE: Final = 20
_LIST: Final = re.compile(r"/articles/(?:index(?:_(\d{1,9}))?\.html)?")


class TextSeries:
    """The texts of `folder`, alphabetically by file name, read when they are asked for."""

    source = "texts"

    def __init__(self, folder: Path) -> None:
        self.files = {path.stem: path for path in sorted(folder.glob("*.txt"))}
        if not self.files:
            raise ConfigurationError("no .txt file in the folder of texts", where=str(folder))
        if taken := [stem for stem in self.files if _LIST.fullmatch(f"/articles/{stem}.html")]:
            raise ConfigurationError("this name is that of a list page", where=str(self.files[taken[0]]))
        self._stems = list(self.files)
        self._last = -(-len(self._stems) // PAGE_SIZE)

    def answer(self, target: str) -> Answer:
        path = unquote(target.partition("?")[0])
        if path == "/robots.txt":
            return robots()
        found = _LIST.fullmatch(path)
        if (path == "/" or found) and 1 <= (number := int((found and found.group(1)) or 1)) <= self._last:
            return self._list(number)
        stem = path.removeprefix("/articles/").removesuffix(".html")
        if path == f"/articles/{stem}.html" and stem in self.files:
            return self._detail(stem)
        return page(_render("missing.html"), modified=_EPOCH, status=404)

    def _list(self, number: int) -> Answer:
        stems = self._stems[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        items = []
        for stem in stems:
            intake = _read(self.files[stem])
            title, published = (stem, None) if isinstance(intake, str) else (intake.title, intake.published)
            items.append(
                {"path": f"/articles/{quote(stem, safe='')}.html", "title": title, "published": published}
            )
        modified = max(_modified(self.files[stem]) for stem in stems)
        rendered = _render("texts/list.html", items=items, number=number, last=self._last)
        return page(rendered, modified=modified)

    def _detail(self, stem: str) -> Answer:
        path = self.files[stem]
        intake = _read(path)
        if isinstance(intake, str):
            return page(_render("texts/broken.html", reason=intake), modified=_modified(path), status=500)
        text = html.escape(intake.text, quote=False).replace("\r", "&#13;").replace("\u00a0", "&nbsp;")
        # A parser drops one line end right after <pre>; the one given here is that one.
        rendered = _render("texts/detail.html", intake=intake).replace("<!--text-->", f"\n{text}")
        return page(rendered, modified=_modified(path))


_EPOCH: Final = dt.datetime(2019, 1, 1, tzinfo=dt.UTC)


def _read(path: Path) -> Intake | str:
    """The text, or why it cannot be served (a server cannot raise to its visitor)."""
    try:
        return read_text(path)
    except IntakeError as error:
        return str(error)


def _modified(path: Path) -> dt.datetime:
    """When text or metadata last changed; gone files are told by the read that follows."""
    times = [file.stat().st_mtime for file in (path, path.with_suffix(".json")) if file.is_file()]
    return dt.datetime.fromtimestamp(max(times, default=_EPOCH.timestamp()), dt.UTC)


def _render(template: str, **values: object) -> str:
    return templates().get_template(template).render(site={"name": "Texts", "language": "en"}, **values)
