"""A bulletin's documents, each followed from the bulletin as it was to the page as it is now.

A document is known by its address. A link at an address that the former page did not have may be one of its documents
that moved: the one whose very text it brings, else one of its name, in the page's order (publishers call several of them the
same). Who stands in for whom is decided when all links were asked for. What a crawl and a repetition from the archive make of
it keeps to these rules:

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
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
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

    def was_read_of(self, place: Archive | None) -> bool:
        """Whether its bytes lie there, or those that stood in for them."""
        return self.record is not None and place in (self.record.archive, self.record.former)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerDocuments:
    """Those of a bulletin. `page`: the one that it was made of; `linked`: addresses of all that it linked to, read or not."""

    documents: Sequence[FormerDocument] = ()
    page: Archive | None = None
    linked: frozenset[str] = frozenset()

    def likely(self, links: Sequence[FileLink]) -> set[str]:
        """Addresses of those that may be a former document, before any was asked for."""
        found = self._by_address(links)
        names = {document.name for document in self._without(found)}
        return {
            link.url for link in links if link.url in found or (self._is_new(link) and link.name in names)
        }

    def follow(
        self,
        links: Sequence[FileLink | Attached],
        *,
        brought: Mapping[str, str] | None = None,
        unlikely: Container[str] = (),
    ) -> dict[str, FormerDocument]:
        """Address of a link to the document that it was. `brought`: the texts that links have now, by address;
        `unlikely`: addresses of links that are none of those unless no other is left."""
        texts = brought or {}
        found = self._by_address(links)
        left = self._without(found)
        new = [link for link in dict.fromkeys(links) if link.url not in found and self._is_new(link)]
        for url, text in texts.items():
            same = next((document for document in left if document.text == text), None)
            if same is None or (url in found and found[url].text == text):
                continue
            left.remove(same)
            if url not in found and url not in self.linked:
                found[url] = same
        named: dict[str, list[FileLink | Attached]] = defaultdict(list)
        for link in new:
            if link.url not in found:
                named[link.name].append(link)

        def rank(link: FileLink | Attached) -> int:
            return 2 if link.url in texts else 1 if link.url in unlikely else 0

        for name, given in named.items():
            documents = [document for document in left if document.name == name]
            chosen = sorted(given, key=rank)[: len(documents)]
            found |= zip((link.url for link in given if link in chosen), documents, strict=False)
        return found

    def carried(self, attached: Sequence[Attached]) -> FormerDocuments:
        """As a later page calls them, of which the bulletin was not made: it says the same, under other addresses perhaps."""
        followed = self.follow([item for item in attached if item.text is not False])
        records = {item.url: item for item in attached}
        later = {id(document): records[url] for url, document in followed.items()}
        return replace(
            self,
            documents=[replace(item, record=later.get(id(item), item.record)) for item in self.documents],
            linked=self.linked | records.keys(),
        )

    def _by_address(self, links: Sequence[FileLink | Attached]) -> dict[str, FormerDocument]:
        known = {document.record.url: document for document in self.documents if document.record is not None}
        return {link.url: known[link.url] for link in links if link.url in known}

    def _without(self, found: Mapping[str, FormerDocument]) -> list[FormerDocument]:
        taken = {id(document) for document in found.values()}
        return [document for document in self.documents if id(document) not in taken]

    def _is_new(self, link: FileLink | Attached) -> bool:
        return link.url not in self.linked


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
    linked = frozenset(item.url for item in attached or ())
    return FormerDocuments(documents=documents, page=bulletin.archive, linked=linked)


def _with_text(
    items: Sequence[Attached], texts: Sequence[str], read: Callable[[Archive], str | None]
) -> Iterator[Attached]:
    """Those of the documents of one name that have these texts, in the page's order, which is that of the texts."""
    said = [item for item in items if item.text]
    if len(said) == len(texts):
        return iter(said)
    if len(items) <= len(texts):
        return iter(items)

    # An archive of an earlier version does not say it, or a repetition from the archive could read more.
    def rank(item: Attached) -> int:
        if item.text:
            return 0
        if item.archive is None:
            return 0 if item.former is not None else 4
        if item.unread and item.former is None:  # unless a repetition from the archive could read it
            text = read(item.archive)
            return 3 if text is None else 1 if text in texts else 2
        return 0

    first = sorted(items, key=rank)[: len(texts)]
    return (item for item in items if item in first)
