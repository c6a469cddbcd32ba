"""Memory that was freed goes back to the system.

Each commit of an index is written by threads of its own, and glibc keeps what they free in arenas of theirs, in case the same
threads want it again: a few hundred megabytes that nobody uses. Elsewhere (musl, macOS) nothing is done here.
"""

from __future__ import annotations

import contextlib
import ctypes
from functools import cache
from typing import Final

ARENAS: Final = 2
"""From which all threads of a process take memory; glibc's own bound is eight a core."""
_ARENA_MAX: Final = -8
"""mallopt's number for it."""


def take_little() -> None:
    """For the process from now on: early, since arenas that threads have already made stay."""
    with contextlib.suppress(AttributeError):
        _library().mallopt(_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Costs some milliseconds."""
    with contextlib.suppress(AttributeError):
        _library().malloc_trim(ctypes.c_size_t(0))


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
