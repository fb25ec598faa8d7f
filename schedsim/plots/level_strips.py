"""The levels of many jobs: a lane for each, and in it below what the job does a strip, the darker the lower its level."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from schedsim.plots import lanes, style
from schedsim.plots.lanes import Lanes
from schedsim.plots.sheet import Said, Sheet
from schedsim.plots.window import set_time
from schedsim.timeline import HELD, Piece
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from schedsim.levels import Levels
    from schedsim.plots.window import Window
    from schedsim.results import Run
    from schedsim.times import Ns

MOST_STRIPS: Final = 60
"""More jobs than this are counted instead of drawn."""
_NAME: Final = 100.0
"""The widest name of a lane, in points."""
_SIZES: Final = ((20, 0.32, style.SIZE), (40, 0.25, style.SMALL), (MOST_STRIPS, 0.2, 7.0))
"""For so many jobs: how high a lane is, in inches, and the letters of its name, in points."""
_JOB: Final = (-0.14, 0.5)
_STRIP: Final = (0.23, 0.24)
"""Where in a lane the middle is of what the job does, and of its level; and how high they are."""
_MOST_BOOSTS: Final = 60
_FEW_BOOSTS: Final = 12
_PALEST: Final = 0.9


def strips(
    run: Run,
    pieces: Mapping[int, Sequence[Piece]],
    known: Levels,
    window: Window,
    said: Said,
    ax: Axes | None,
) -> Any:
    """Draw a lane for each of these jobs."""
    header = run.trace.header
    height, size = next((height, size) for most, height, size in _SIZES if len(pieces) <= most)
    named = lanes.names_of(header, _NAME, size)
    names = [named[job] for job in pieces]
    sheet = Sheet(ax=ax, left=lanes.left_for(names, size))
    axes = sheet.panel(len(pieces) * height + 0.1, above=0.1)
    drawn = Lanes(axes, run, window, clipped=ax is not None)
    lanes.set_lanes(axes, names, top=0.7)
    axes.tick_params(axis="y", labelsize=size)
    set_time(axes, window)
    style.grid(axes, "x")
    seen: set[int] = set()
    for at, (job, some) in enumerate(pieces.items()):
        drawn.job(some, at + _JOB[0], job, height=_JOB[1])
        by_level: dict[int, list[Piece]] = {}
        for piece in stays(some, known.jobs[job]):
            by_level.setdefault(piece.what, []).append(piece)
        for level, those in by_level.items():
            shown = window.within(those)
            drawn.bars(
                shown,
                at + _STRIP[0],
                _STRIP[1],
                facecolor=_grey(level, len(known.rows)),
                edgecolor=style.DIM,
                linewidth=0.4,
            )
            seen.update([level] if shown else [])
    handles = lanes.legend_of(drawn.seen.marks)
    handles += [
        Patch(
            facecolor=_grey(level, len(known.rows)),
            edgecolor=style.DIM,
            linewidth=0.6,
            label=known.rows[level].replace("\n", ", "),
        )
        for level in sorted(seen)
    ]
    more, remarks = boosts(axes, run, window)
    remark = "Each job has a lane: above what it does, below on which level it is, the darker the lower."
    return sheet.finish(said._replace(remarks=[remark, *remarks, *said.remarks]), [*handles, *more])


def boosts(axes: Axes, run: Run, window: Window) -> tuple[list[Any], list[str]]:
    """Draw a line at each boost; return what the legend and what a sentence says of them."""
    times = [
        row.time for row in run.trace if row.kind is Kind.BOOSTED and window.start <= row.time <= window.end
    ]
    if len(times) > _MOST_BOOSTS:
        return [], [f"{len(times):,} boosts are too many to mark."]
    # Many of them must not drown what is between them; and a line of the grid, which is 0.5, none of them.
    width = 1.2 if len(times) <= _FEW_BOOSTS else 0.6
    how: dict[str, Any] = {"color": style.LATE, "linestyle": (0, (4, 2)), "linewidth": width}
    for time in times:
        axes.axvline(window.x(time), zorder=0.6, **how)
    return [Line2D([], [], label="boost", **how)] if times else [], []


def stays(pieces: Sequence[Piece], changes: Sequence[tuple[Ns, int]]) -> list[Piece]:
    """Return when a job was on which level; while it is not admitted yet it is on none."""
    found: list[Piece] = []
    for level, piece in split(pieces, changes):
        if piece.what == HELD:
            continue
        if found and (found[-1].what, found[-1].end) == (level, piece.start):
            found[-1] = found[-1]._replace(end=piece.end)
        else:
            found.append(piece._replace(what=level))
    return found


def split(pieces: Sequence[Piece], changes: Sequence[tuple[Ns, int]]) -> list[tuple[int, Piece]]:
    """Return what a job did, cut where it changed its level, with the level of each part."""
    times = [time for time, _ in changes]
    found: list[tuple[int, Piece]] = []
    for piece in pieces:
        first, last = bisect_right(times, piece.start), bisect_left(times, piece.end)
        edges = [piece.start, *times[first:last], piece.end]
        found += [
            (changes[place][1], Piece(start, stop, piece.what))
            for place, (start, stop) in enumerate(pairwise(edges), first - 1)
        ]
    return found


def _grey(level: int, count: int) -> str:
    """Return the grey of a level, from pale to black; greys, since colours stand for jobs."""
    return str(round(_PALEST * (1 - level / max(count - 1, 1)), 3))
