"""Whether a document may be stored: the mapping and the family are held against it here, not by Elasticsearch.

Elasticsearch would take the string "12" for a number and cut 1.5 to 1. The stores must refuse the same documents, so
the same check (`IndexMapping.misfit`) stands before both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from index.mappings import IndexMapping
from netdocket.datadir import Family
from netdocket.errors import DocumentError, MixedOriginError, StoreError
from netdocket.records import DEMO_ORIGINS

_encode = msgspec.json.Encoder().encode


class Fitting:
    def __init__(self, mappings: Mapping[str, IndexMapping], family: Family, where: str) -> None:
        self._mappings = mappings
        self._family = family
        self._where = where

    def mapping(self, index: str) -> IndexMapping:
        """Raises StoreError for an index that we do not have."""
        mapping = self._mappings.get(index)
        if mapping is None:
            raise StoreError(f"no such index; there are {', '.join(sorted(self._mappings))}", where=index)
        return mapping

    def fit(self, index: str, document: Mapping[str, Any]) -> bytes | str:
        """The document as JSON, or why it does not fit. Raises MixedOriginError."""
        reason = self.mapping(index).misfit(document)
        if reason is not None:
            return reason
        self._check_origin(document)
        try:
            return _encode(document)
        except UnicodeEncodeError:
            return f"{index}: a string holds half a character (a lone surrogate)"

    def fitted(self, index: str, document: Mapping[str, Any]) -> bytes:
        """Raises DocumentError where it does not fit."""
        fitted = self.fit(index, document)
        if isinstance(fitted, str):
            raise DocumentError(fitted, where=index)
        return fitted

    def _check_origin(self, document: Mapping[str, Any]) -> None:
        origin = document.get("origin")
        if origin is not None and (origin in DEMO_ORIGINS) != (self._family == "demo"):
            raise MixedOriginError(
                f"these indices hold {self._family} data, a document of origin {origin!r} was given",
                where=self._where,
            )
