"""The levels of a multilevel feedback queue over time: who was on which, and ran, waited or was blocked there."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from schedsim.plots import lanes, style, words
from schedsim.plots.counts import Steps, curves
from schedsim.plots.lanes import Lanes
from schedsim.plots.level_strips import MOST_STRIPS, boosts, split, strips
from schedsim.plots.sheet import Said, Sheet, empty
from schedsim.plots.window import set_time, window_of
from schedsim.timeline import HELD, Piece, job_pieces, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from schedsim.levels import Levels
    from schedsim.plots.window import Window
    from schedsim.results import Run
    from schedsim.times import Ns

MOST_LANES: Final = 12
"""More jobs than this have no lane in every level, but one lane each."""
_MOST_PIECES: Final = 6000
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
        The axes that were given, or the new figure: up to 12 jobs have a lane in each level, up to 60 one lane
        with their level in it. Still more are counted by level, and title and a sentence below say so.

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
            f"{words.title(run, 'Levels over time')}{words.part(window, end)}: {words.listed(rows, 8)}; {_deepest(known)}; {words.outcome(run)}{words.stuck_in_words(run)}",
        )
        if not end:
            return empty(said, ax)
        pieces = job_pieces(run.trace, len(run.jobs), end, held=HELD)
        there = [job for job, some in enumerate(pieces) if window.within(some)]
        many = sum(len(window.within(pieces[job])) for job in there)
        if len(there) > MOST_STRIPS or many > _MOST_PIECES:
            why = words.too_many(len(there), many, MOST_STRIPS)
            return _counted(pieces, known, window, said._replace(remarks=[why]), ax)
        chosen = {job: pieces[job] for job in there}
        said = said._replace(remarks=words.left_out(len(pieces) - len(there)))
        if len(there) > MOST_LANES:
            return strips(run, chosen, known, window, said, ax)
        return _lanes(run, chosen, known, window, said, ax)


def _deepest(known: Levels) -> str:
    """Return in words how far down the jobs came."""
    counts: dict[tuple[int, bool], int] = {}
    for changes in known.jobs:
        lowest = max(level for _, level in changes)
        stayed = lowest == changes[0][1]
        counts[lowest, stayed] = counts.get((lowest, stayed), 0) + 1
    each = [
        f"{count:,} job{'s' * (count != 1)} {'stayed on' if stayed else 'got down to'} "
        f"{known.rows[level].split(chr(10))[0]}"
        for (level, stayed), count in sorted(counts.items())
    ]
    return words.listed(each, 8)


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
        for level, piece in split(some, known.jobs[job]):
            by_level.setdefault(level, []).append(piece)
        for level, parts in by_level.items():
            at = level * step + places[job]
            drawn.job(parts, at, job)
            for piece in window.within(parts):
                if piece.what == 0:
                    drawn.name(piece, at, drawn.names[job], job, 7.0)
        _moves(axes, window, known.jobs[job], places[job], step)
    marks, remarks = boosts(axes, run, window)
    handles = [*lanes.legend_of(drawn.seen.marks), *marks, *lanes.job_swatches(header, pieces, hatched=False)]
    remark = "In each level the jobs have their lanes in the order of the legend; a thin line shows where one changes its level."
    return sheet.finish(said._replace(remarks=[remark, *remarks, *said.remarks]), handles)


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


def _joined(known: Levels) -> Levels:
    """Return the levels, the lowest ones as one where they are more than shades can tell apart."""
    most = len(_MANY_SHADES)
    if len(known.rows) <= most:
        return known
    first, last = (known.rows[place].split("\n")[0] for place in (most - 1, -1))
    return known._replace(
        rows=(*known.rows[: most - 1], f"{first} to {last}"),
        jobs=tuple(tuple((time, min(level, most - 1)) for time, level in changes) for changes in known.jobs),
    )


def _counted(
    pieces: Sequence[Sequence[Piece]], known: Levels, window: Window, said: Said, ax: Axes | None
) -> Any:
    """Draw how many jobs are on each level."""
    known = _joined(known)
    changes: list[dict[Ns, int]] = [{0: 0} for _ in known.rows]
    for job, some in enumerate(pieces):
        for level, piece in split(some, known.jobs[job]):
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
        colour = _shade(level, len(known.rows))
        top = [low + more for low, more in zip(base, counted.values[level], strict=True)]
        how: dict[str, Any] = {"facecolor": colour, "edgecolor": style.EDGE}
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
        f"{said.remarks[0]}: this is how many jobs were on each level{how_counted}, the running and blocked ones "
        "included. A span shows a part."
    )
    title, drawn = "how many jobs were on each level", "Number of jobs on each level over time"
    return sheet.finish(said.instead(title, "Levels over time", drawn, [remark]), handles)


def _summed(changes: dict[Ns, int]) -> Steps:
    """Return the number that changes by so much at these instants."""
    found, now = Steps([], []), 0
    for time in sorted(changes):
        now += changes[time]
        found.times.append(time)
        found.values.append(now)
    return found


_SHADES: Final = ("#FFFFFF", "#B9DDF2", "#56B4E9", "#0072B2", "#003A5C")


_MANY_SHADES: Final = (
    "#FFFFFF",
    "#DCEEF9",
    "#B9DDF2",
    "#88CAED",
    "#56B4E9",
    "#2B93CE",
    "#0072B2",
    "#003A5C",
)


def _shade(level: int, count: int) -> str:
    """Return the colour of a level, the darker the lower."""
    if count > len(_SHADES):
        return _MANY_SHADES[level]
    return _SHADES[level + (1 if count < len(_SHADES) else 0)]
