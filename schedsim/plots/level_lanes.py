"""The levels of a multilevel feedback queue over time: who was on which, and ran, waited or was blocked there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from schedsim.plots import lanes, style, words
from schedsim.plots.counts import Steps, curves
from schedsim.plots.lanes import Lanes
from schedsim.plots.sheet import Said, Sheet, empty
from schedsim.plots.window import set_time, window_of
from schedsim.timeline import HELD, Piece, job_pieces, timeline
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from schedsim.levels import Levels
    from schedsim.plots.window import Window
    from schedsim.results import Run
    from schedsim.times import Ns

MOST_LANES: Final = 12
"""More jobs than this are counted instead of drawn."""
_LANE: Final = 0.2
_BETWEEN: Final = 0.9
"""How many lanes of a job are free between two levels."""


def levels(run: Run, known: Levels, *, ax: Axes | None = None, span: Any = None) -> Any:
    """Draw on which level each job was when, and what it did there.

    Args:
        run: the result of a run, simulated or real.
        known: what ``schedsim.levels.levels_of`` returns for it; ``run.plot("levels")`` gets it by itself.
        ax: axes to draw on; without them a new figure is made, as high as levels and jobs need.
        span: begin and end of the part of the time that is drawn, in the mix's unit; None: all.

    Returns:
        The axes that were given, or the new figure. More jobs than there can be lanes for are counted by
        level, and a sentence below says so.

    Raises:
        UsageError: for a span that is none.
    """
    with style.ours():
        end = timeline(run.trace).end
        window = window_of(run, end, span)
        rows = [name.replace("\n", ", ") for name in known.rows]
        said = Said(
            words.title(run),
            words.subtitle(run),
            f"{words.title(run, 'Levels over time')}: {', '.join(rows)}; {_deepest(known)}; {words.outcome(run)}",
        )
        if not end:
            return empty(said, ax)
        pieces = job_pieces(run.trace, len(run.jobs), end, held=HELD)
        there = [job for job, some in enumerate(pieces) if window.within(some)]
        if len(there) > MOST_LANES:
            return _counted(run, pieces, known, window, said, ax)
        return _lanes(run, {job: pieces[job] for job in there}, known, window, said, ax)


def _deepest(known: Levels) -> str:
    """Return in words how far down the jobs came."""
    counts: dict[int, int] = {}
    for changes in known.jobs:
        lowest = max(level for _, level in changes)
        counts[lowest] = counts.get(lowest, 0) + 1
    each = [
        f"{count:,} job{'s' * (count != 1)} got down to {known.rows[level].split(chr(10))[0]}"
        for level, count in sorted(counts.items())
    ]
    return ", ".join(each)


def _split(pieces: Sequence[Piece], changes: Sequence[tuple[Ns, int]]) -> list[tuple[int, Piece]]:
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


def _lanes(
    run: Run, pieces: dict[int, list[Piece]], known: Levels, window: Window, said: Said, ax: Axes | None
) -> Any:
    """Draw a lane for each job in each level."""
    header = run.trace.header
    places = {job: place for place, job in enumerate(pieces)}
    step = len(pieces) + _BETWEEN
    sheet = Sheet(ax=ax, left=max(lanes.left_for(name.split("\n")) for name in known.rows))
    axes = sheet.panel(len(known.rows) * step * _LANE, above=0.15)
    drawn = Lanes(axes, run, window, clipped=ax is not None)
    axes.set_ylim(len(known.rows) * step - _BETWEEN / 2 - 0.5, -_BETWEEN / 2 - 0.5)
    middle = (len(pieces) - 1) / 2
    axes.set_yticks([level * step + middle for level in range(len(known.rows))], list(known.rows))
    axes.tick_params(axis="y", length=0)
    style.plain(axes.get_yticklabels())
    set_time(axes, window)
    style.grid(axes, "x")
    for level in range(1, len(known.rows)):
        axes.axhline(level * step - _BETWEEN / 2 - 0.5, color=style.DIM, linewidth=0.8)
    for job, some in pieces.items():
        by_level: dict[int, list[Piece]] = {}
        for level, piece in _split(some, known.jobs[job]):
            by_level.setdefault(level, []).append(piece)
        for level, parts in by_level.items():
            at = level * step + places[job]
            drawn.job(parts, at, job)
            for piece in window.within(parts):
                if piece.what == 0:
                    drawn.name(piece, at, drawn.names[job], job, 7.0)
        _moves(axes, window, known.jobs[job], places[job], step)
    boosts = [
        row.time for row in run.trace if row.kind is Kind.BOOSTED and window.start <= row.time <= window.end
    ]
    for time in boosts:
        axes.axvline(window.x(time), color=style.LATE, linestyle=(0, (4, 2)), linewidth=1.2, zorder=0.5)
    handles = lanes.legend_of(drawn.seen.marks)
    if boosts:
        handles.append(Line2D([], [], color=style.LATE, linestyle=(0, (4, 2)), linewidth=1.2, label="boost"))
    handles += lanes.job_swatches(header, pieces, hatched=False)
    remark = "In each level the jobs have their lanes in the order of the legend; a thin line shows where one changes its level."
    return sheet.finish(said._replace(remarks=[remark]), handles)


def _moves(axes: Axes, window: Window, changes: Sequence[tuple[Ns, int]], place: int, step: float) -> None:
    """Draw where a job changes its level."""
    for (_, before), (time, after) in pairwise(changes):
        if window.start <= time <= window.end:
            axes.vlines(
                [window.x(time)],
                before * step + place,
                after * step + place,
                color=style.DIM,
                linewidth=0.8,
                zorder=0.8,
            )


def _counted(
    run: Run, pieces: Sequence[Sequence[Piece]], known: Levels, window: Window, said: Said, ax: Axes | None
) -> Any:
    """Draw how many jobs are on each level."""
    changes: list[dict[Ns, int]] = [{0: 0} for _ in known.rows]
    for job, some in enumerate(pieces):
        for level, piece in _split(some, known.jobs[job]):
            changes[level][piece.start] = changes[level].get(piece.start, 0) + 1
            changes[level][piece.end] = changes[level].get(piece.end, 0) - 1
    several = {level: _summed(each) for level, each in enumerate(changes)}
    counted = curves(several, window.start, window.end)
    sheet = Sheet(ax=ax, left=0.65)
    axes = sheet.panel(2.6, above=0.1)
    edges = [window.x(edge) for edge in counted.edges]
    base = [0.0] * (len(edges) - 1)
    handles = []
    for level, name in enumerate(known.rows):
        colour, hatch = _shade(level, len(known.rows))
        top = [low + more for low, more in zip(base, counted.values[level], strict=True)]
        how: dict[str, Any] = {"facecolor": colour, "hatch": hatch, "edgecolor": style.EDGE}
        axes.stairs(top, edges, baseline=base, fill=True, linewidth=0.0, **how)
        handles.append(Patch(label=name.replace("\n", ", "), linewidth=0.6, **how))
        base = top
    axes.set_ylim(0, max(base) * 1.05 or 1)
    axes.set_ylabel("jobs")
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    style.grid(axes, "y")
    set_time(axes, window)
    how_counted = "" if counted.exact else f", on average over each 1/{len(edges) - 1} of the time"
    remark = (
        f"{len(run.jobs):,} jobs are too many for lanes: this is how many of them were on each level{how_counted}, "
        "the running and blocked ones included. A span shows a part."
    )
    return sheet.finish(said._replace(remarks=[remark]), handles)


def _summed(changes: dict[Ns, int]) -> Steps:
    """Return the number that changes by so much at these instants."""
    found, now = Steps([], []), 0
    for time in sorted(changes):
        now += changes[time]
        found.times.append(time)
        found.values.append(now)
    return found


_SHADES: Final = ("#FFFFFF", "#B9DDF2", "#56B4E9", "#0072B2", "#003A5C")


def _shade(level: int, count: int) -> tuple[str, str]:
    """Return the colour of a level, the darker the lower, and a hatch where there are more than colours."""
    if count <= len(_SHADES):
        return _SHADES[level + (1 if count < len(_SHADES) else 0)], ""
    again, place = divmod(level, len(_SHADES))
    return _SHADES[place], style.HATCHES[again % len(style.HATCHES)]
