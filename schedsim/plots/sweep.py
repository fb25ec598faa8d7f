"""Turnaround, waiting and response against the quantum, and what the switches cost: the sweep of every course."""

from __future__ import annotations

from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, Any, Final

from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from schedsim import summary
from schedsim.errors import UsageError
from schedsim.plots import style
from schedsim.plots.sheet import Said, Sheet, inches_of
from schedsim.tables import show_cell
from schedsim.times import UNITS, show, to_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from schedsim.results import Comparison, Run

METRICS: Final = ("turnaround", "waiting", "response")
_EVEN: Final = 25
"""From so many times the shortest quantum on, quanta are drawn by ratio."""
_MOST_MARKERS: Final = 45


def quantum(comparison: Comparison, *, ax: Axes | None = None) -> Any:
    """Draw the means against the quantum, the least of each marked, and the share of time that switches take.

    Args:
        comparison: one mix under one policy with several quanta, as ``schedsim.sweep_quantum`` returns
            it; with runs of several switch costs, turnaround is drawn for each of these.
        ax: axes to draw the means on; without them a new figure is made, which also shows what the
            switches take, if they take anything.

    Returns:
        The axes that were given, or the new figure.

    Raises:
        UsageError: for runs of several policies or mixes, or without a quantum.
    """
    with style.ours():
        runs = _sorted(comparison)
        header = runs[0].trace.header
        costs = sorted({run.trace.header.switch_cost for run in runs})
        curves = _by_cost(runs, costs) if len(costs) > 1 else _by_metric(runs)
        dear = any(run.system["switching"] for run in runs)
        sheet = Sheet(ax=ax, left=0.75)
        axes = sheet.panel(2.7, above=0.1, below=0.25 if dear and ax is None else 0.45)
        handles, least = [], []
        for number, (name, points) in enumerate(curves.items()):
            said = _curve(axes, points, style.stroke(number))
            label = f"{name}: {said}" if said else f"{name}: no job finished"
            least.append(label)
            handles.append(_handle(style.stroke(number), label))
        axes.set_ylabel(f"mean ({header.unit})" if len(costs) == 1 else f"mean turnaround ({header.unit})")
        remarks = ["A circle marks the least of each curve."]
        values = [value for points in curves.values() for _, value in points]
        if min(values, default=0) > 0 and max(values) > _EVEN * min(values):
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axes.yaxis.set_minor_locator(NullLocator())
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, place: show_cell(value)))
            remarks.append("The upper axis is logarithmic.")
        else:
            axes.set_ylim(bottom=0)
        style.grid(axes)
        bottom = axes
        if dear and ax is None:
            bottom = sheet.panel(0.9, above=0.1)
            _lost(bottom, runs, costs)
            _set_quanta(axes, runs, label=False)
        _set_quanta(bottom, runs)
        rest = {name: value for name, value in header.options.items() if name != "quantum"}
        words = ", ".join(filter(None, (header.algo, summary.option_words(rest))))
        count = len({_quantum(run) for run in runs})
        heading = f"{header.mix} under {words} with {count} quanta"
        if any(not run.finished for run in runs):
            remarks.append("The means are over the jobs that finished.")
        stuck = [run for run in runs if run.deadlock is not None]
        if stuck:
            remarks.append(f"{len(stuck)} of {len(runs)} runs got stuck in a deadlock.")
        said_all = Said(
            heading,
            _surroundings(runs, costs),
            f"Line chart, {heading} from {_quantum(runs[0])} to {_quantum(runs[-1])} {header.unit}: {'; '.join(least)}"
            + (f"; {remarks[-1].rstrip('.')}" if stuck else ""),
            remarks,
        )
        return sheet.finish(said_all, handles)


def _sorted(comparison: Comparison) -> list[Run]:
    """Return the runs by quantum; raise UsageError if they are no sweep of one."""
    runs = comparison.runs
    lacking = next((run.algo for run in runs if "quantum" not in run.options), None)
    if not runs or lacking is not None:
        said = f"{lacking} has no quantum" if runs else "there are no runs"
        raise UsageError(f"{said}; a sweep of the quantum is made by sweep_quantum(mix)")
    if len({(run.algo, run.trace.header.mix) for run in runs}) > 1:
        raise UsageError(
            "these runs are of several policies or mixes; a sweep of the quantum is of one policy"
        )
    if len({run.options["quantum"] for run in runs}) < 2:
        raise UsageError("these runs have one quantum; a sweep of the quantum has several")
    return sorted(runs, key=lambda run: (run.options["quantum"], run.trace.header.switch_cost))


def _quantum(run: Run) -> float:
    value: float = run.options["quantum"]
    return value


_Points = list[tuple[float, float]]


def _by_metric(runs: Sequence[Run]) -> dict[str, _Points]:
    """Return a curve for each metric."""
    return {
        name: [(_quantum(run), float(value)) for run in runs if (value := run.means[name]) is not None]
        for name in METRICS
    }


def _by_cost(runs: Sequence[Run], costs: Sequence[int]) -> dict[str, _Points]:
    """Return a curve of the turnaround for each switch cost."""
    unit = runs[0].unit
    return {
        f"switch cost {show(cost, unit)}": [
            (_quantum(run), float(value))
            for run in runs
            if run.trace.header.switch_cost == cost and (value := run.means["turnaround"]) is not None
        ]
        for cost in costs
    }


def _curve(axes: Axes, points: _Points, stroke: style.Stroke) -> str:
    """Draw one curve with its least value marked; return that in words."""
    if not points:
        return ""
    every = max(1, len(points) // _MOST_MARKERS)
    axes.plot(
        [quantum for quantum, _ in points],
        [value for _, value in points],
        color=stroke.colour,
        linestyle=stroke.dashes,
        marker=stroke.marker,
        markersize=3.5,
        markevery=every,
    )
    # Compared as shown: what differs beyond that is a tie to the reader, and the shortest quantum is named.
    quantum, value = min(points, key=lambda point: (float(show_cell(point[1])), point[0]))
    axes.plot(
        [quantum],
        [value],
        linestyle="none",
        marker="o",
        markersize=10,
        markerfacecolor="none",
        markeredgecolor=stroke.colour,
        markeredgewidth=1.5,
        clip_on=False,
    )
    return f"least {show_cell(value)} at {show_cell(quantum, exact=True)}"


def _lost(axes: Axes, runs: Sequence[Run], costs: Sequence[int]) -> None:
    """Draw which share of the time that was not idle the switches took."""
    most = 0.0
    for number, cost in enumerate(costs):
        stroke = style.stroke(number) if len(costs) > 1 else style.Stroke(style.SWITCHING, "-", ".")
        some = [run for run in runs if run.trace.header.switch_cost == cost]
        shares = [100 * (1 - float(run.system["efficiency"] or 1.0)) for run in some]
        most = max(most, *shares)
        axes.plot(
            [_quantum(run) for run in some],
            shares,
            color=stroke.colour,
            linestyle=stroke.dashes,
            linewidth=1.2,
        )
        if len(costs) == 1:
            axes.fill_between(
                [_quantum(run) for run in some], shares, color=style.SWITCHING, alpha=0.25, linewidth=0
            )
    axes.set_ylim(0, most * 1.1 or 1.0)
    axes.set_ylabel("switching (%)")
    style.grid(axes)


def _set_quanta(axes: Axes, runs: Sequence[Run], *, label: bool = True) -> None:
    """Set up the axis of quanta: even, or by ratio where they reach far."""
    unit = runs[0].unit
    quanta = sorted({_quantum(run) for run in runs})
    first, last = quanta[0], quanta[-1]
    by_ratio = last > _EVEN * first and len(quanta) > 2 and not _even(quanta)
    if by_ratio:
        axes.set_xscale("log")
        axes.set_xlim(first, last)
        candidates = [factor * 10.0**power for power in range(-9, 12) for factor in (1, 2, 5)]
    else:
        axes.set_xlim(max(0.0, first - (last - first) * 0.02), last + (last - first) * 0.02)
        candidates = quanta
    axes.set_xticks(_spread(axes, [each for each in candidates if first <= each <= last], by_ratio=by_ratio))
    axes.set_xticklabels([_shown(tick, unit) for tick in axes.get_xticks()] if label else [])
    axes.xaxis.set_minor_locator(NullLocator())
    if label:
        axes.set_xlabel(f"quantum ({unit})")


def _even(quanta: Sequence[float]) -> bool:
    """Return whether the quanta are equally far apart."""
    steps = [after - before for before, after in pairwise(quanta)][:-1]
    return max(steps) <= 1.01 * min(steps)


def _spread(axes: Axes, ticks: Sequence[float], *, by_ratio: bool) -> list[float]:
    """Return as many of the ticks as have room."""
    width = inches_of(axes)[0] * 72
    low, high = axes.get_xlim()

    def place(tick: float) -> float:
        return width * (log(tick / low) / log(high / low) if by_ratio else (tick - low) / (high - low))

    kept: list[float] = []
    for tick in ticks:
        if not kept or place(tick) - place(kept[-1]) > 28:
            kept.append(tick)
    return kept


def _shown(tick: float, unit: str) -> str:
    """Return a quantum in words."""
    nanoseconds = round(tick * UNITS[unit])
    return show_cell(to_unit(nanoseconds, unit), exact=True)


def _surroundings(runs: Sequence[Run], costs: Sequence[int]) -> str:
    """Return how the mix was run."""
    if len(costs) == 1:
        return summary.surroundings(runs[0])
    free = next((run for run in runs if not run.trace.header.switch_cost), runs[0])
    return summary.surroundings(free)


def _handle(stroke: style.Stroke, label: str) -> Any:
    """Return an entry of the legend."""
    return Line2D(
        [],
        [],
        color=stroke.colour,
        linestyle=stroke.dashes,
        marker=stroke.marker,
        markersize=3.5,
        label=label,
    )
