"""What shared variables were worth, told from the trace alone: whole numbers; of other values a trace says nothing."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING

from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.trace import Trace


def last_values(trace: Trace) -> dict[str, int]:
    """Return what each variable was worth at the end, in the order of their first use."""
    last = {name: value for _, name, value in _values(trace)}
    return {name: value for name, value in last.items() if value is not None}


def first_values(trace: Trace) -> tuple[tuple[str, int], ...]:
    """Return what each variable was worth at first, those that were written before they were read left out."""
    found: dict[str, tuple[Kind, int | None]] = {}
    for kind, name, value in _values(trace):
        found.setdefault(name, (kind, value))
    return tuple(
        (name, value) for name, (kind, value) in found.items() if kind is Kind.READS and value is not None
    )


def _values(trace: Trace) -> Iterator[tuple[Kind, str, int | None]]:
    """Yield whether a variable was read or written, its name, and its value; None: it was no whole number."""
    if not any(what.startswith("variable ") for what in trace.header.objects):
        return
    rows = zip(trace.kind, trace.value, strict=True)
    for (kind, place), (following, value) in pairwise(chain(rows, ((-1, 0),))):
        if kind in (Kind.READS, Kind.WRITES):
            name = trace.header.objects[place].removeprefix("variable ")
            yield Kind(kind), name, value if following == Kind.VALUE else None
