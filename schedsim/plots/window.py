"""Which part of the time a picture shows, and the axis below it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.errors import UsageError
from schedsim.plots import style
from schedsim.plots.sheet import inches_of
from schedsim.timeline import Piece, nice_step
from schedsim.times import UNITS, Ns, parse_duration, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

    from schedsim.results import Run

GAP: Final = 4.0
"""So many points at least are between two words on one line."""
_ROUND: Final = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)


class Window(NamedTuple):
    """The part of the time that is drawn."""

    start: Ns
    end: Ns
    unit: str

    def x(self, time: Ns) -> float:
        """Return an instant as it is drawn: in the mix's unit."""
        return time / UNITS[self.unit]

    def within(self, pieces: Iterable[Piece]) -> list[Piece]:
        """Return what is to be seen of the pieces."""
        return [
            piece._replace(start=max(piece.start, self.start), end=min(piece.end, self.end))
            for piece in pieces
            if piece.end > self.start and piece.start < self.end
        ]

    def said(self) -> str:
        """Return it in words."""
        return f"{show(self.start, self.unit)} to {show(self.end, self.unit)} {self.unit}"

    def points(self, axes: Axes) -> float:
        """Return how many points of paper a nanosecond has."""
        return inches_of(axes)[0] * 72 / (self.end - self.start)


def window_of(run: Run, end: Ns, span: Any) -> Window:
    """Return the part of the time that ``span`` names, or all up to ``end``.

    Raises UsageError when it is not a begin and an end within the run.
    """
    if span is None:
        return Window(0, end, run.unit)
    shown = f"the run goes from 0 to {show(end, run.unit)} {run.unit}"
    try:
        first, last = (parse_duration(each, run.unit) for each in span)
    except (TypeError, ValueError) as error:
        raise UsageError(f"span: {error}; write begin and end, as in 10,50; {shown}") from None
    if first < 0 or last <= first or first >= end:
        raise UsageError(f"span is {show(first, run.unit)} to {show(last, run.unit)}; {shown}")
    return Window(first, min(last, end), run.unit)


def whole_window(end: Ns, unit: str) -> Window:
    """Return all the time of a run that ends at ``end``."""
    return Window(0, end, unit)


def set_time(axes: Axes, window: Window, boundaries: Iterable[Ns] = (), *, label: bool = True) -> None:
    """Set up the time axis: a mark at every boundary where there is room, else at round times."""
    unit = window.unit
    axes.set_xlim(window.x(window.start), window.x(window.end))
    scale = window.points(axes)
    times = sorted({time for time in boundaries if window.start <= time <= window.end})
    if not times or not _fit([(time * scale, show(time, unit)) for time in times]):
        times = round_times(window, scale)
    axes.set_xticks([window.x(time) for time in times], [show(time, unit) for time in times])
    if label:
        axes.set_xlabel(f"time ({unit})")


def end_time(axes: Axes, window: Window) -> None:
    """End the time axis where the window ends, which is before the axes end."""
    last = window.x(window.end)
    axes.spines["bottom"].set_bounds(window.x(window.start), last)
    ticks = [
        (tick, text.get_text()) for tick, text in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
    ]
    kept = [(tick, text) for tick, text in ticks if tick <= last]
    axes.set_xticks([tick for tick, _ in kept], [text for _, text in kept])


def round_times(window: Window, scale: float) -> list[Ns]:
    """Return round times within the window, as many as there is room for."""
    length, unit = window.end - window.start, window.unit
    times: list[Ns] = []
    for most in (20, 15, 12, 10, 8, 6, 5, 4, 3, 2, 1):
        step = nice_step(length, UNITS[unit], most)
        first = -(-window.start // step) * step
        times = list(range(first, window.end + 1, step))
        if _fit([(time * scale, show(time, unit)) for time in times], gap=2.5 * GAP):
            break
    return times


def _fit(places: Sequence[tuple[float, str]], gap: float = GAP) -> bool:
    """Return whether words stand side by side, each around its place, without touching."""
    return all(
        (style.width_of(one, style.SMALL) + style.width_of(two, style.SMALL)) / 2 + gap <= right - left
        for (left, one), (right, two) in pairwise(places)
    )


def round_length(length: Ns) -> Ns:
    """Return the next round length that is not below ``length``."""
    power = 1
    while power * 100 < length:
        power *= 10
    return next(power * step for step in _ROUND if power * step >= length)
