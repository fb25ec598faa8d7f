"""Large tables of the usual four columns, a column at a time instead of row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from schedsim.jobs import Job
from schedsim.mixfile.checks import FEW_DIGITS
from schedsim.mixfile.collect import Collector
from schedsim.mixfile.fields import SHORT_FORM
from schedsim.operations import Cpu
from schedsim.times import UNITS, Ns

_MOST_CHARACTERS: Final = FEW_DIGITS + 1
"""Of a decimal: its digits and a point."""


def plain_reader(
    columns: tuple[str | None, ...], separator: str, units: Mapping[str, str], collector: Collector
) -> Callable[[list[str], int], bool] | None:
    """Return what adds the jobs of lines that are all plain, and answers False for any others.

    Plain are ids that need no quotes, and times and priorities of a few digits. What it declines goes
    the way that also refuses. Returns None for a table with columns other than the usual four.
    """
    if not {"id", "arrival", "burst"} <= set(columns) <= set(SHORT_FORM):
        return None
    programs: dict[Ns, tuple[Cpu]] = {}

    def plain(lines: list[str], first: int) -> bool:
        rows = [line.split(separator) for line in lines]
        if {len(row) for row in rows} != {len(columns)}:
            return False
        cells = dict(zip(columns, zip(*rows, strict=True), strict=True))
        ids = cells["id"]
        starts = _times(cells["arrival"], UNITS[units["arrival"]])
        lengths = _times(cells["burst"], UNITS[units["burst"]])
        priorities = _times(cells["priority"], 1) if "priority" in cells else [0] * len(ids)
        if starts is None or lengths is None or priorities is None or 0 in lengths:
            return False
        if not _are_plain_ids(ids) or collector.have_any(ids):
            return False
        for length in lengths:
            if length not in programs:
                programs[length] = (Cpu(length),)
        steps = [programs[length] for length in lengths]
        collector.extend(list(map(Job, ids, starts, steps, priorities)), first, max(starts), sum(lengths))
        return True

    return plain


def _are_plain_ids(ids: tuple[str, ...]) -> bool:
    """Return whether no cell has quotes to be taken off, blanks at its ends, or the mark of a comment."""
    together = "".join(ids)
    return all(ids) and together.isascii() and together.isprintable() and not set('"# ') & set(together)


def _times(cells: tuple[str, ...], scale: int) -> list[int] | None:
    """Return the cells times ``scale``; None unless all are short decimals that come out whole."""
    together = "".join(cells)
    if not together.isascii() or not all(cells) or max(map(len, cells)) > _MOST_CHARACTERS:
        return None
    if together.isdecimal():
        return [int(cell) * scale for cell in cells] if max(map(len, cells)) <= FEW_DIGITS else None
    return _decimals(cells, scale) if together.replace(".", "").isdecimal() else None


def _decimals(cells: Iterable[str], scale: int) -> list[int] | None:
    found = []
    for cell in cells:
        whole, point, part = cell.partition(".")
        if not whole or (point and not part) or "." in part:
            return None
        length, rest = divmod(int(whole + part) * scale, 10 ** len(part))
        if rest:
            return None
        found.append(length)
    return found
