"""Time in several rows, as a text goes on from line to line: how many rows names need, and what is in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from schedsim.gantt import PALETTE
from schedsim.plots import style
from schedsim.plots.window import Window, end_time, round_length, set_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from matplotlib.axes import Axes

    from schedsim.plots.lanes import Mark
    from schedsim.timeline import Piece
    from schedsim.times import Ns

GOES_ON: Final = "The time goes on from row to row."
_ENOUGH: Final = 0.9
_USEFUL: Final = 0.4
"""With a smaller share of names, more rows do not help."""
MOST_SLICES: Final = 150
"""With more slices side by side nobody can tell them apart, not even those of few jobs."""
MOST_HATCHED: Final = 40
"""With more slices side by side nobody can tell their hatches apart."""
MOST_NAMED: Final = 64
"""So many jobs a legend can name: as many as colours and hatches tell apart."""
HIGHEST: Final = 16.0
"""Rows of several schedules are added up to this height, in inches."""
BELOW: Final = 0.3
"""What the numbers at the time axis of a row take, in inches."""
_PADDING: Final = 3.0
_FEW: Final = (20, 0.25, style.SIZE)
_MANY: Final = (0.2, 7.0)


class Row(NamedTuple):
    """One row of a picture."""

    part: Window
    """The part of the time that it shows."""
    frame: Window
    """The part of the time that its axis covers: as long in every row, so that a millisecond is as wide in all."""
    first: bool
    last: bool

    def marks(self, marks: Iterable[Mark]) -> list[Mark]:
        """Return what is to be marked here: what happens where a row ends not once more where the next one begins."""
        return [mark for mark in marks if self.first or mark.time > self.part.start]

    def set_time(self, axes: Axes, boundaries: Iterable[Ns] = ()) -> None:
        """Set up the time axis, which ends where the part does; it is named below the last row alone."""
        set_time(axes, self.frame, boundaries, label=self.last)
        if self.frame.end > self.part.end:
            end_time(axes, self.part)


def rows_of(window: Window, count: int) -> list[Row]:
    """Return at most ``count`` rows, each of one round length."""
    length = window.end - window.start
    if count > 1:
        length = round_length(-(-length // count))
        count = -(-(window.end - window.start) // length)
    found = []
    for number in range(count):
        start = window.start + number * length
        part = Window(start, min(start + length, window.end), window.unit)
        found.append(Row(part, part._replace(end=start + length), number == 0, number == count - 1))
    return found


def lane_and_letters(jobs: int) -> tuple[float, float]:
    """Return how high a lane of one of several schedules is, in inches, and how large the names in it, in points."""
    most, lane, size = _FEW
    return (lane, size) if jobs <= most else _MANY


def rows_needed(
    names: Sequence[str],
    seen: Sequence[Sequence[Piece]],
    window: Window,
    points: float,
    size: float,
    most: int,
) -> int:
    """Return in how many rows of ``points`` the slices of several schedules can be told apart; 0 if it takes too many.

    Those of as many jobs as there are colours need no names. Others do, or room for their hatches, where a
    legend can name them all. ``names`` has one for each job.
    """
    jobs, slices = len(names), max(map(len, seen))
    if jobs <= len(PALETTE):
        rows = -(-slices // MOST_SLICES)
    else:
        rows = least_rows(lambda count: fitting(names, seen, window, points * count, size), most)
        if not rows and jobs <= MOST_NAMED:
            rows = -(-slices // MOST_HATCHED)
    return rows if rows <= most else 0


def fitting(
    names: Sequence[str],
    seen: Iterable[Iterable[Piece]],
    window: Window,
    points: float,
    size: float = style.SIZE,
) -> float:
    """Return the share of the slices whose name fits when the window is so many points wide."""
    scale = points / (window.end - window.start)
    fits = [
        style.width_of(names[piece.what], size) + _PADDING <= (piece.end - piece.start) * scale
        for lane in seen
        for piece in lane
        if piece.what >= 0
    ]
    return sum(fits) / len(fits) if fits else 1.0


def least_rows(share: Callable[[int], float], most: int) -> int:
    """Return in how many rows nearly every slice has room for its name; 0 if it takes too many.

    ``share`` says for a number of rows how many have room.
    """
    for rows in range(1, most + 1):
        if share(rows) >= _ENOUGH:
            return rows
    return most if share(most) >= _USEFUL else 0
