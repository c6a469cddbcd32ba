"""Names in Elasticsearch, and sequence numbers that hold across a migration.

`cases` is the alias `netdocket-cases` (demonstration data: `netdocket-demo-cases`) over `netdocket-cases-v3`, the index
that really holds the documents. A migration builds `-v4` and moves the alias.

A compare-and-swap names the sequence number that it has read. Numbers start anew in a new index, so one read before a
migration could by chance be that of something else after it. The port's number therefore says all three: which index,
which primary term, which sequence number.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Final

from netdocket.datadir import Family

NUMBER_BITS: Final = 48
TERM_BITS: Final = 32


@dataclasses.dataclass(frozen=True, slots=True)
class Names:
    prefix: str

    @classmethod
    def of(cls, index_prefix: str, family: Family) -> Names:
        return cls(index_prefix if family == "live" else f"{index_prefix}-demo")

    def alias(self, index: str) -> str:
        return f"{self.prefix}-{index}"

    def physical(self, index: str, number: int) -> str:
        return f"{self.prefix}-{index}-v{number}"

    def number(self, index: str, physical: str) -> int | None:
        """Which of the index's physical ones this is; None for another's."""
        found = re.fullmatch(re.escape(self.alias(index)) + r"-v(\d+)", physical)
        return int(found.group(1)) if found else None


@dataclasses.dataclass(frozen=True, slots=True)
class Position:
    """Where a document was last written. `number`: of its physical index."""

    number: int
    term: int
    seq_no: int

    def packed(self) -> int:
        return (((self.number << TERM_BITS) | self.term) << NUMBER_BITS) | self.seq_no

    @classmethod
    def unpacked(cls, packed: int) -> Position:
        rest, seq_no = divmod(packed, 1 << NUMBER_BITS)
        number, term = divmod(rest, 1 << TERM_BITS)
        return cls(number, term, seq_no)
