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
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from crawlers.archive import Attached
from crawlers.pages import FileLink
from netdocket.records import Archive, Bulletin


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerDocument:
    """A document whose text stands in a bulletin. `record`: its address and its bytes, as the archive's page names them;
    None where that page is gone."""

    name: str
    text: str
    record: Attached | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerDocuments:
    """Those of a bulletin. `linked`: addresses of all that its page linked to, read or not."""

    documents: Sequence[FormerDocument] = ()
    linked: frozenset[str] = frozenset()

    def follow(self, links: Iterable[FileLink | Attached]) -> dict[str, FormerDocument]:
        """Address of a link to the document that it was. A link that the page had already is no other one that moved."""
        known = {document.record.url: document for document in self.documents if document.record is not None}
        found: dict[str, FormerDocument] = {}
        new: list[FileLink | Attached] = []
        for link in links:
            if link.url in known:
                found[link.url] = known.pop(link.url)
            elif link.url not in self.linked and link.url not in found:
                new.append(link)
        left = [item for item in self.documents if item.record is None or item.record.url in known]
        for link in new:
            document = next((document for document in left if document.name == link.name), None)
            if document is not None:
                found[link.url] = document
                left.remove(document)
        return found

    def carried(self, attached: Sequence[Attached]) -> FormerDocuments:
        """As a later page calls them, of which the bulletin was not made: it says the same, under other addresses perhaps."""
        records = {item.url: item for item in attached}
        later = {id(document): records[url] for url, document in self.follow(attached).items()}
        return FormerDocuments(
            documents=[replace(item, record=later.get(id(item), item.record)) for item in self.documents],
            linked=self.linked | records.keys(),
        )


def former_documents(
    bulletin: Bulletin | None, attached: Sequence[Attached] | None, read: Callable[[Archive], str | None]
) -> FormerDocuments:
    """`attached`: the documents of the page that the bulletin was made of, None where nobody can tell. `read`: the text of
    bytes in the archive, if they have one; only asked where documents of one name cannot be told apart otherwise."""
    if bulletin is None:
        return FormerDocuments()
    named: dict[str, list[Attached]] = defaultdict(list)
    for item in attached or ():
        named[item.name].append(item)
    texts: dict[str, list[str]] = defaultdict(list)
    for part in bulletin.attachments:
        texts[part.name].append(bulletin.text[part.span.start : part.span.end])
    documents = []
    for name, given in texts.items():
        records = _with_text(named[name], given, read)
        documents += [FormerDocument(name=name, text=text, record=next(records, None)) for text in given]
    return FormerDocuments(documents=documents, linked=frozenset(item.url for item in attached or ()))


def _with_text(
    items: Sequence[Attached], texts: Sequence[str], read: Callable[[Archive], str | None]
) -> Iterator[Attached]:
    """Those of the documents of one name that have these texts, in the page's order, which is that of the texts."""
    if len(items) <= len(texts):
        return iter(items)

    def rank(item: Attached) -> int:
        if item.archive is None:
            return 0 if item.former is not None else 4
        if item.unread and item.former is None:  # unless a repetition from the archive could read it
            text = read(item.archive)
            return 3 if text is None else 1 if text in texts else 2
        return 0

    first = sorted(items, key=rank)[: len(texts)]
    return (item for item in items if item in first)
