"""The store in a folder: SQLite keeps the documents, tantivy searches them."""

from index.embedded.store import EmbeddedStore

__all__ = ["EmbeddedStore"]
