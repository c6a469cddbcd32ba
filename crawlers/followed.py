"""A bulletin's documents, each followed from the bulletin as it was to the page as it is now.

A document is known by its address, and where its address has changed by its name. Whatever is decided of a document is
decided of this one alone, with what the former bulletin had of it; no document has a say in what becomes of another. What
a crawl and a repetition from the archive make of it keeps to these rules:

- Nothing that was known is lost in silence. The text of a document that the page still links to and that cannot be had or
  read is the text that the bulletin has already: the spool knows it, whatever became of the archive. That it could not be
  had is said. Only a document that the page links to no more, neither by address nor by name, leaves its bulletin.
- What is archived once is not archived again. Of each document the archive's record of a page names the bytes that came
  last, also where nothing came this time, and beside them, where nobody could read those, the bytes that were read before.
  A page is not written again where the record of its last attempt says of it all that a new one would.
- A page is never kept from being updated by one of its documents.
- A known bulletin is never renewed from older content: neither from a page nor from a document that was fetched before
  the one it has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawlers.archive import Attached
from crawlers.pages import FileLink
from netdocket.records import Bulletin


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerDocument:
    """A document whose text stands in a bulletin. `record`: its address and its bytes, as the archive's page names them;
    None where that page is gone."""

    name: str
    text: str
    record: Attached | None = None


def former_documents(
    bulletin: Bulletin | None, attached: Iterable[Attached] | None
) -> tuple[FormerDocument, ...]:
    """`attached`: the documents of the page that the bulletin was made of, None where nobody can tell."""
    if bulletin is None:
        return ()
    named: dict[str, list[Attached]] = defaultdict(list)
    for item in attached or ():
        named[item.name].append(item)
    count: dict[str, int] = defaultdict(int)
    for attachment in bulletin.attachments:
        count[attachment.name] += 1
    # of several with one name those that have a text, in the page's order
    read = {
        name: iter([item for item in items if item in sorted(items, key=_is_without_text)[: count[name]]])
        for name, items in named.items()
    }
    return tuple(
        FormerDocument(
            name=attachment.name,
            text=bulletin.text[attachment.span.start : attachment.span.end],
            record=next(read.get(attachment.name, iter(())), None),
        )
        for attachment in bulletin.attachments
    )


def follow(
    documents: Sequence[FormerDocument], links: Iterable[FileLink | Attached]
) -> dict[str, FormerDocument]:
    """Address of a link to the document that it was."""
    known = {document.record.url: document for document in documents if document.record is not None}
    found: dict[str, FormerDocument] = {}
    others: list[FileLink | Attached] = []
    for link in links:
        if link.url in known:
            found[link.url] = known.pop(link.url)
        else:
            others.append(link)
    left = [document for document in documents if document.record is None or document.record.url in known]
    for link in others:
        document = next((document for document in left if document.name == link.name), None)
        if document is not None:
            found.setdefault(link.url, document)
            left.remove(document)
    return found


def _is_without_text(item: Attached) -> bool:
    return item.former is None and (item.archive is None or item.unread)
