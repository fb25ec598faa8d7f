"""What a misspelt name was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

LONGEST: Final = 80
"""A longer name is no misspelling, and comparing it would take seconds."""


def did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """Return ``did you mean '...'? `` for the nearest of ``known``, or nothing where none is near.

    ``cutoff`` says how near it must be, from 0 to 1, as ``difflib.get_close_matches`` has it. A name that
    differs in small and capital letters alone is nearer than any other.

    >>> did_you_mean("fcsf", ["fcfs", "sjf"]), did_you_mean("zzz", ["fcfs", "sjf"]), did_you_mean("b", ["A", "B"])
    ("did you mean 'fcfs'? ", '', "did you mean 'B'? ")
    """
    from difflib import get_close_matches

    names = list(known)
    near = [other for other in names if other.casefold() == name.casefold()]
    near = near or get_close_matches(name[:LONGEST], names, n=1, cutoff=cutoff)
    return f"did you mean {near[0]!r}? " if near else ""
