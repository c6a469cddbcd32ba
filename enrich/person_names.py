"""A person's name as printed, and what of it is shown."""

from __future__ import annotations

from typing import Literal, NamedTuple

Form = Literal["full", "part", "anonymous"]
SHOWN = " ·-'\n"
"""What parts the words of a name stays as it is."""


class PersonName(NamedTuple):
    """A name as printed, the part of it that stays visible, and its form: in full, in part (李某强), anonymous (李某)."""

    name: str
    surname: str
    form: Form

    @property
    def masked(self) -> str:
        """The name masked to the surname, at the same length."""
        rest = self.name[len(self.surname) :]
        hidden = "".join(c if c in SHOWN else ("某" if "\u3400" <= c <= "\u9fff" else "X") for c in rest)
        return self.surname + hidden
