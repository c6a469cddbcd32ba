"""Many operations in few requests, with a result for each.

A bulk answers each operation for itself. What Elasticsearch cannot take just now (429, 5xx, no answer, the index
blocked for the moment in which a migration moves the alias) is sent again, alone, until it is decided; the rest is
not sent twice. A request without an answer leaves it open whether it was carried out: such an operation is `unsure`
when it is decided in the end, and its caller must know what that means.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, cast

import elasticsearch as es
import msgspec

from index.elastic.client import Caller, as_store_error, blocked, passing, reason_of
from netdocket.errors import StoreError, StoreSetupError

MOST_OPERATIONS: Final = 1000
MOST_BYTES: Final = 8 << 20
TOO_LARGE: Final = 413
CONFLICT: Final = 409
NO_INDEX: Final = "index_not_found_exception"

_encode = msgspec.json.Encoder().encode


@dataclasses.dataclass(frozen=True, slots=True)
class Operation:
    """`index` is an alias, or a physical index where a compare-and-swap is about that one. `options`: version and
    version_type, or if_seq_no and if_primary_term."""

    kind: Literal["index", "create", "delete"]
    index: str
    id: str
    source: bytes | None = None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def lines(self) -> list[bytes]:
        head = _encode({self.kind: {"_index": self.index, "_id": self.id, **self.options}})
        return [head] if self.source is None else [head, self.source]

    @property
    def size(self) -> int:
        return len(self.source or b"") + len(self.id) + 150


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """Elasticsearch's answer to one operation. `index`: the physical one."""

    status: int
    index: str
    result: str = ""
    version: int = 0
    seq_no: int = 0
    term: int = 0
    kind: str | None = None
    reason: str | None = None
    unsure: bool = False

    @property
    def done(self) -> bool:
        return self.kind is None


def bulk(
    client: es.Elasticsearch,
    caller: Caller,
    operations: Sequence[Operation],
    *,
    moved: Callable[[str], bool] = lambda _index: False,
) -> list[Result]:
    """Results in the order given. `moved`: whether a physical index that is blocked has been replaced; what was to be
    swapped there is then a conflict. Raises StoreUnavailable, StoreSetupError, StoreError: then some of it may be
    stored."""
    results: dict[int, Result] = {}
    for turn in _turns(operations):
        for chunk in _chunks(operations, turn):
            _send(client, caller, operations, chunk, results, moved, set())
    return [results[number] for number in range(len(operations))]


def _send(
    client: es.Elasticsearch,
    caller: Caller,
    operations: Sequence[Operation],
    chunk: Sequence[int],
    results: dict[int, Result],
    moved: Callable[[str], bool],
    unsure: set[int],
) -> None:
    """`unsure`: numbers of those that may have been carried out by a request without an answer."""
    open_ = list(chunk)
    waiting = caller.waiting()
    while open_:
        problem = ""
        try:
            lines = [line for number in open_ for line in operations[number].lines()]
            # The client's serializer takes lines that are encoded already, its type hints do not say so.
            answers = client.bulk(operations=cast(Any, lines)).body["items"]
        except es.ApiError as error:
            if error.status_code == TOO_LARGE and len(open_) > 1:
                middle = len(open_) // 2
                for half in (open_[:middle], open_[middle:]):
                    _send(client, caller, operations, half, results, moved, unsure)
                return
            if error.status_code == TOO_LARGE:
                one = operations[open_[0]]
                results[open_[0]] = Result(
                    TOO_LARGE, one.index, kind="too_large", reason="larger than Elasticsearch takes"
                )
                return
            if not passing(error.status_code):
                raise as_store_error(error, "bulk") from error
            if error.status_code >= 500:
                unsure |= set(open_)
            problem = reason_of(error)
        except es.TransportError as error:
            unsure |= set(open_)
            problem = str(error)
        else:
            again = []
            for number, answer in zip(open_, answers, strict=True):
                result = _result(answer, number in unsure)
                index = operations[number].index
                if (blocked(result.kind) or result.kind == NO_INDEX) and moved(index):
                    result = dataclasses.replace(result, status=CONFLICT)
                    results[number] = result
                    continue
                _raise_for_all(result, f"{index}/{operations[number].id}")
                if passing(result.status) or blocked(result.kind):
                    problem = f"{result.kind}: {result.reason}"
                    again.append(number)
                    unsure |= {number} if result.status >= 500 else set()
                else:
                    results[number] = result
            open_ = again
        if open_:
            waiting.wait(problem, f"bulk ({len(open_)} operations wait)")


def _result(answer: Mapping[str, Any], unsure: bool) -> Result:
    ((_, item),) = answer.items()
    error = item.get("error")
    if error is not None:
        return Result(
            item["status"], item["_index"], kind=error.get("type"), reason=_reason(error), unsure=unsure
        )
    return Result(
        item["status"], item["_index"], item["result"], item["_version"], item["_seq_no"], item["_primary_term"],
        unsure=unsure,
    )  # fmt: skip


def _raise_for_all(result: Result, where: str) -> None:
    """What is wrong with more than this one operation, and will not pass."""
    if result.kind == NO_INDEX:
        raise StoreSetupError(f"{result.reason}; `netdocket index setup` makes what is missing", where=where)
    if result.status in (401, 403) and not blocked(result.kind):
        raise StoreError(f"Elasticsearch does not allow it: {result.reason}", where=where)


def _reason(error: Mapping[str, Any]) -> str:
    reasons = [error.get("reason")]
    while isinstance(error.get("caused_by"), Mapping):
        error = error["caused_by"]
        reasons.append(error.get("reason"))
    return ": ".join(dict.fromkeys(reason for reason in reasons if reason)) or str(error.get("type"))


def _turns(operations: Sequence[Operation]) -> Iterator[list[int]]:
    """An id that comes several times comes in several turns: one that is sent again must not overtake the next."""
    turn, rest = list(range(len(operations))), list[int]()
    while turn:
        seen: set[tuple[str, str]] = set()
        now: list[int] = []
        for number in turn:
            key = (operations[number].index, operations[number].id)
            (rest if key in seen else now).append(number)
            seen.add(key)
        yield now
        turn, rest = rest, []


def _chunks(operations: Sequence[Operation], numbers: Sequence[int]) -> Iterator[list[int]]:
    chunk: list[int] = []
    size = 0
    for number in numbers:
        one = operations[number].size
        if chunk and (len(chunk) == MOST_OPERATIONS or size + one > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(number)
        size += one
    if chunk:
        yield chunk
