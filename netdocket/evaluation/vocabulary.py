"""The vocabulary of the hand labels beside the taxonomy's codes (vocabulary.yaml), and the goals (goals.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import yaml

from netdocket.errors import ConfigurationError

FOLDER: Final = Path(__file__).parent
T = TypeVar("T")

OTHER: Final = "other"
"""The label for what has no label of its own."""


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Taxonomy code -> label (of violations: the labels it may stand for, the first one its own)."""

    kinds: dict[str, str]
    case_kinds: frozenset[str]
    authorities: dict[str, str]
    penalties: dict[str, str]
    fines: frozenset[str]
    always_entity: frozenset[str]
    violations: dict[str, tuple[str, ...]]

    def authority(self, code: str | None) -> str:
        return self.authorities.get(code or "", OTHER)

    def penalty(self, given: str) -> str | None:
        """The label of a penalty code or label; None where it is not scored."""
        label = self.penalties.get(given, given)
        return None if label == OTHER or label.isupper() else label

    def violation(self, code: str) -> tuple[str, ...]:
        return self.violations.get(code, (code,))

    def labels(self, what: str) -> frozenset[str]:
        """The labels of kinds, authorities, penalties or violations."""
        found: frozenset[str] = frozenset({OTHER})
        if what == "violations":
            return found.union(*self.violations.values())
        table: Mapping[str, str] = getattr(self, what)
        return found | frozenset(table.values())


@cache
def load_vocabulary() -> Vocabulary:
    """Raises ConfigurationError naming the file and the field that is wrong."""
    return _read("vocabulary.yaml", Vocabulary)


@cache
def load_goals() -> dict[str, float]:
    """Figure -> the least value asked for."""
    return _read("goals.yaml", dict[str, float])


def _read(name: str, kind: type[T]) -> T:
    path = FOLDER / name
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), kind)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise ConfigurationError(str(error), where=str(path)) from error
