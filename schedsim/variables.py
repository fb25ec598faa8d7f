"""What shared variables were worth, told from the trace alone: whole numbers; of other values a trace says nothing."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.trace import Trace


def last_values(trace: Trace) -> dict[str, int]:
    """Return what each variable was worth at the end, in the order of their first use."""
    return {name: value for _, name, value in _values(trace)}


def first_values(trace: Trace) -> tuple[tuple[str, int], ...]:
    """Return what each variable was worth at first, those that were written before they were read left out."""
    found: dict[str, tuple[Kind, int]] = {}
    for kind, name, value in _values(trace):
        found.setdefault(name, (kind, value))
    return tuple((name, value) for name, (kind, value) in found.items() if kind is Kind.READS)


def _values(trace: Trace) -> Iterator[tuple[Kind, str, int]]:
    """Yield whether a variable was read or written, its name, and its value."""
    if not any(what.startswith("variable ") for what in trace.header.objects):
        return
    rows = zip(trace.kind, trace.value, strict=True)
    for (kind, place), (following, value) in pairwise(rows):
        if kind in (Kind.READS, Kind.WRITES) and following == Kind.VALUE:
            yield Kind(kind), trace.header.objects[place].removeprefix("variable "), value
