"""Distributions: which share of the jobs had a turnaround, waiting or response time of no more than that."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING, Any, Final

from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from schedsim import summary
from schedsim.plots import style, words
from schedsim.plots.sheet import Said, Sheet, no_runs
from schedsim.tables import show_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from schedsim.results import Comparison, Run

METRICS: Final = ("turnaround", "waiting", "response")
_MOST_MARKERS: Final = 30
_FAR: Final = 20.0
"""With so many times three quarters of all as the longest, an even axis would show nothing but that one."""


def cdf(run: Run, *, ax: Axes | None = None) -> Any:
    """Draw which share of the jobs had a turnaround, waiting and response time of no more than that.

    Args:
        run: the result of a run, simulated or real.
        ax: axes to draw on; without them a new figure is made.

    Returns:
        The axes that were given, or the new figure. Jobs that did not finish are left out, and a
        sentence below says so.
    """
    with style.ours():
        sheet = Sheet(ax=ax, left=0.75)
        axes = sheet.panel(2.9, above=0.1)
        handles = []
        medians = []
        for number, name in enumerate(METRICS):
            values = values_of(run, name)
            stroke = style.stroke(number)
            _curve(axes, values, stroke)
            summed = run.summaries[name]
            median = "" if summed is None else f" (median {show_cell(float(summed.p50))})"
            medians.append(f"median {name} {show_cell(summed.p50 if summed else None)}")
            handles.append(_handle(stroke, f"{name}{median}", values))
        linear = _linear_up_to([values_of(run, name) for name in METRICS])
        _frame(axes, f"time ({run.unit})", linear)
        said = Said(
            words.title(run),
            words.subtitle(run),
            f"{words.title(run, 'Cumulative distribution')}: {', '.join(medians)} {run.unit}; {words.outcome(run)}{words.stuck_in_words(run)}",
            [*_remarks([run]), *_logarithmic(linear)],
        )
        return sheet.finish(said, handles)


def cdfs(comparison: Comparison, *, figure: Figure | SubFigure | None = None) -> Any:
    """Draw the same for several policies: a panel for each of turnaround, waiting and response.

    Args:
        comparison: one mix under several policies.
        figure: a figure to draw on; without it a new one is made.

    Returns:
        The figure. Jobs that did not finish are left out, and a sentence below says so.

    Raises:
        UsageError: when there are no runs to compare.
    """
    with style.ours():
        no_runs(comparison)
        sheet = Sheet(figure=figure, left=0.75)
        labels = summary.comparison_labels(comparison)
        handles = []
        linear = _linear_up_to([values_of(run, name) for run in comparison.runs for name in METRICS])
        panels = sheet.beside(len(METRICS), 2.4, gap=0.3, above=0.3, below=0.45)
        for place, (axes, name) in enumerate(zip(panels, METRICS, strict=True)):
            for number, (run, label) in enumerate(zip(comparison.runs, labels, strict=True)):
                values = values_of(run, name)
                _curve(axes, values, style.stroke(number))
                if place == 0:
                    handles.append(_handle(style.stroke(number), label, values))
            _frame(axes, f"{name} ({comparison.runs[0].unit})", linear)
            if place:
                axes.set_ylabel("")
                axes.set_yticklabels([])
        heading = summary.comparison_heading(comparison)
        said = Said(
            heading,
            "",
            f"Cumulative distributions, {heading}; mean turnaround: {words.compared(comparison)}",
            [*summary.long_options(comparison), *_remarks(comparison.runs), *_logarithmic(linear)],
        )
        return sheet.finish(said, handles)


def values_of(run: Run, name: str) -> list[float]:
    """Return a metric of all finished jobs, in the mix's unit, in order."""
    jobs = [job for job in run.jobs if job.finish is not None]
    return sorted(float(value) for job in jobs if (value := getattr(job, name)) is not None)


def _curve(axes: Axes, values: Sequence[float], stroke: style.Stroke) -> None:
    """Draw the steps of one distribution."""
    if not values:
        return
    shares = [number / len(values) for number in range(len(values) + 1)]
    places = [values[0], *values]
    axes.plot(
        places,
        shares,
        drawstyle="steps-post",
        color=stroke.colour,
        linestyle=stroke.dashes,
        **_marked(stroke, values),
    )


def _marked(stroke: style.Stroke, values: Sequence[float]) -> dict[str, Any]:
    """Return how jobs are marked on a curve: each one while they are few."""
    every = list(range(1, len(values) + 1)) if len(values) <= _MOST_MARKERS else max(1, len(values) // 8)
    return {"marker": stroke.marker, "markersize": 4.5, "markevery": every, "clip_on": False}


def _handle(stroke: style.Stroke, label: str, values: Sequence[float]) -> Line2D:
    """Return an entry of the legend."""
    label = label if values else f"{label}: no job finished"
    return Line2D(
        [],
        [],
        color=stroke.colour,
        linestyle=stroke.dashes,
        marker=stroke.marker,
        markersize=4.5,
        label=style.printable(label),
    )


def _linear_up_to(several: Sequence[Sequence[float]]) -> float | None:
    """Return from where on the time axis is logarithmic: where a few far out would push all others to the edge.

    None stands for an even axis. Below that it is even, since a waiting time may be 0.
    """
    values = sorted(value for some in several for value in some)
    if not values or values[-1] <= _FAR * values[len(values) * 3 // 4]:
        return None
    positive = [value for value in values if value > 0]
    return float(10.0 ** floor(log10(positive[len(positive) // 4])))


def _logarithmic(linear: float | None) -> list[str]:
    """Return a sentence about an axis that is not even."""
    return [] if linear is None else [f"The time axis is logarithmic from {show_cell(linear)} on."]


def _frame(axes: Axes, label: str, linear: float | None) -> None:
    """Set up the axes; the time is even up to ``linear``, or everywhere without it."""
    if linear is not None:
        axes.set_xscale("symlog", linthresh=linear, linscale=0.4)
    # Where all values are 0 matplotlib would zoom in on nothing.
    axes.set_xlim(0, axes.dataLim.x1 * 1.05 if axes.dataLim.x1 > 0 else 1.0)
    axes.set_ylim(0, 1.0)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.set_ylabel("jobs with no more than that")
    axes.set_xlabel(label)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, place: show_cell(value)))
    style.grid(axes)


def _remarks(runs: Sequence[Run]) -> list[str]:
    """Say how many jobs are left out, if any are."""
    count = len(runs[0].jobs)
    done = [sum(job.finish is not None for job in run.jobs) for run in runs]
    if all(each == count for each in done):
        return []
    if len(runs) == 1:
        return [f"Over the {done[0]:,} of {count:,} jobs that finished."]
    return [
        f"Over the jobs that finished: {', '.join(f'{each:,}' for each in done)} of {count:,}, in this order."
    ]
