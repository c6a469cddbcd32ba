"""Taking a search body apart: every refusal names the path of the part that it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from netdocket.errors import MalformedQuery, UnsupportedQuery

T = TypeVar("T")


def malformed(what: str, path: str) -> NoReturn:
    raise MalformedQuery(what, where=path)


def unsupported(what: str, path: str) -> NoReturn:
    raise UnsupportedQuery(what, where=path)


class Part:
    """An object in a body. Options are popped; `done` refuses what nobody asked for."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, Mapping):
            malformed(f"an object is wanted, not {_kind(value)}", path)
        self.path = path
        self._left = dict(value)

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def pop(self, key: str, default: Any = None) -> Any:
        return self._left.pop(key, default)

    def need(self, key: str) -> Any:
        if key not in self._left:
            malformed(f"{key!r} is missing", self.path)
        return self._left.pop(key)

    def need_str(self, key: str) -> str:
        value = self.need(key)
        if not isinstance(value, str):
            malformed(f"a string is wanted, not {_kind(value)}", self.at(key))
        return value

    def pop_str(self, key: str) -> str | None:
        if self._left.get(key) is None:
            self._left.pop(key, None)
            return None
        return self.need_str(key)

    def pop_int(self, key: str, default: int, *, least: int = 0, most: int | None = None) -> int:
        value = self._left.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            malformed(f"a whole number is wanted, not {_kind(value)}", self.at(key))
        if value < least or (most is not None and value > most):
            bound = f"at least {least}" if most is None else f"between {least} and {most}"
            malformed(f"{key} must be {bound}", self.at(key))
        return value

    def pop_bool(self, key: str, default: bool) -> bool:
        value = self._left.pop(key, default)
        if not isinstance(value, bool):
            malformed(f"true or false is wanted, not {_kind(value)}", self.at(key))
        return value

    def pop_number(self, key: str) -> float | None:
        value = self._left.pop(key, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            malformed(f"a number is wanted, not {_kind(value)}", self.at(key))
        return value

    def only(self) -> tuple[str, Any]:
        """The one key and its value."""
        if len(self._left) != 1:
            malformed(f"exactly one key is wanted, not {len(self._left)}", self.path)
        return self._left.popitem()

    def rest(self) -> dict[str, Any]:
        left, self._left = self._left, {}
        return left

    def done(self) -> None:
        for key in self._left:
            unsupported("the embedded store does not know this option", self.at(key))


def each(value: Any, path: str) -> list[tuple[Any, str]]:
    """A list, or one thing in place of it, with the path of each."""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [(one, f"{path}[{number}]") for number, one in enumerate(value)]
    return [(value, path)]


def choice(value: Any, choices: Mapping[str, T], path: str) -> T:
    found = choices.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        malformed(f"one of {', '.join(choices)} is wanted, not {value!r}", path)
    return found


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), f"a {type(value).__name__}")
