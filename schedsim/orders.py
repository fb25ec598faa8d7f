"""In which order the jobs of a run were dispatched and ended, and who is in another place in another run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from schedsim.trace import Kind, Trace


def completions(trace: Trace, without: Collection[str] = ()) -> list[str]:
    """Return the jobs in the order in which they ended."""
    jobs = trace.header.jobs
    return _once((jobs[row.task].id for row in trace if row.kind in (Kind.FINISHED, Kind.KILLED)), without)


def dispatches(trace: Trace, without: Collection[str] = ()) -> list[str]:
    """Return the jobs in the order in which they were dispatched, one that goes on only once."""
    jobs = trace.header.jobs
    return _once((jobs[row.task].id for row in trace if row.kind is Kind.DISPATCHED), without)


def unordered(one: Trace, other: Trace) -> frozenset[str]:
    """Return some jobs without which both runs dispatched all others, and ended them, in the same order.

    They are few, though not always as few as can be; none if the orders are the same.
    """
    found: set[str] = set()
    for order in (dispatches, completions):
        first, second = order(one, found), order(other, found)
        while first != second:
            place = _agreed(first, second)
            here = sorted({names[place] for names in (first, second) if place < len(names)})
            # Whoever is taken out, they then agree from there on for longer, or much longer.
            found.add(max(here, key=lambda name: _agreed(_once(first, (name,)), _once(second, (name,)))))
            first, second = _once(first, found), _once(second, found)
    return frozenset(found)


def _once(names: Iterable[str], without: Collection[str]) -> list[str]:
    """Return the names without some; of one that then follows on itself, the first."""
    found: list[str] = []
    for name in names:
        if name not in without and found[-1:] != [name]:
            found.append(name)
    return found


def _agreed(one: Sequence[str], other: Sequence[str]) -> int:
    """Return in how many names from the beginning on two orders agree."""
    pairs = zip(one, other, strict=False)
    return next(
        (place for place, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other))
    )
