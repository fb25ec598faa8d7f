"""What was simulated against what was measured: a point for each job, and how far it is off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from schedsim.errors import UsageError
from schedsim.plots import style, words
from schedsim.plots.beside import lane_names, lane_panel, same_jobs
from schedsim.plots.lanes import left_for, names_of
from schedsim.plots.names import checked
from schedsim.plots.sheet import Said, Sheet, inches_of
from schedsim.tables import show_cell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from schedsim.results import Run

METRICS: Final = ("turnaround", "waiting", "response")
_MOST_NAMED: Final = 12
_MOST_ERRORS: Final = 40
"""More jobs than this are counted by their error."""
_LEFT: Final = 0.75


def measured_scatter(
    simulated: Run,
    measured: Run | Sequence[Run],
    *,
    metric: str = "turnaround",
    band: float | None = None,
    ax: Axes | None = None,
) -> Any:
    """Draw a point for each job: what was simulated across, what was measured upwards.

    Args:
        simulated: the prediction.
        measured: a run on real processes, or several: then a point is their median, with a line from
            the least to the greatest.
        metric: ``turnaround``, ``waiting`` or ``response``.
        band: which error, as a share of the simulated value, is still called equal; None: no band.
        ax: axes to draw on; without them a new figure is made, which also shows the error of each job.

    Returns:
        The axes that were given, or the new figure.

    Raises:
        UsageError: for runs of different jobs, for another metric, and for a band that is not above 0.
    """
    return _points({"simulated": simulated}, _several(measured), metric, band, ax)


def crosscheck_figure(
    predictions: Mapping[str, Run],
    measured: Sequence[Run],
    *,
    metric: str = "turnaround",
    band: float | None = None,
    figure: Figure | SubFigure | None = None,
) -> Any:
    """Draw a crosscheck: the lanes of every prediction above the measured ones, and a point for each job.

    Args:
        predictions: simulated runs by what they are called, such as ``ideal`` and ``calibrated``.
        measured: the measured runs of the same jobs; the lanes are those of the median one.
        metric: ``turnaround``, ``waiting`` or ``response``.
        band: which error, as a share of the simulated value, is still called equal; None: no band.
        figure: a figure to draw on; without it a new one is made.

    Returns:
        The figure.

    Raises:
        UsageError: for runs of different jobs, for another metric, and for a band that is not above 0.
    """
    with style.ours():
        pairs = _pairs(predictions, measured, metric, band)
        middle = _median_run(measured)
        shown = {**predictions, _measured_name(measured): middle}
        labels = lane_names(shown, "cpu")
        sheet = Sheet(figure=figure, left=max(_LEFT, left_for(labels)))
        above = lane_panel(sheet, shown, "cpu")
        found = _pair_panels(sheet, pairs, band, metric, middle)
        said = _said(pairs, predictions, measured, metric, band)
        said = said._replace(
            alt=f"{above.what}, and below a {said.alt[:1].lower()}{said.alt[1:]}",
            remarks=[*above.remarks, *found.remarks],
        )
        return sheet.finish(said, [*above.handles, *found.handles])


def _several(measured: Run | Sequence[Run]) -> Sequence[Run]:
    return measured if isinstance(measured, list | tuple) else [measured]  # type: ignore[list-item]


def _median_run(runs: Sequence[Run]) -> Run:
    """Return the run whose mean turnaround is in the middle."""
    ordered = sorted(runs, key=lambda run: run.means["turnaround"] or 0.0)
    return ordered[(len(ordered) - 1) // 2]


def _measured_name(measured: Sequence[Run]) -> str:
    return "measured" if len(measured) == 1 else f"measured (median of {len(measured)})"


class Pair(NamedTuple):
    """One job's metric, as it was simulated, and as it was measured once or more."""

    job: int
    simulated: float
    least: float
    median: float
    greatest: float

    @property
    def error(self) -> float:
        """The measured median beyond what was simulated, as a share of that."""
        return (self.median - self.simulated) / self.simulated if self.simulated else 0.0


class _Found(NamedTuple):
    handles: list[Any]
    remarks: list[str]


def _pairs(
    predictions: Mapping[str, Run], measured: Sequence[Run], metric: str, band: float | None
) -> dict[str, list[Pair]]:
    """Return for each prediction the jobs that it and every measured run finished."""
    name = checked(metric, METRICS, "metric")
    if not predictions:
        raise UsageError("there is no prediction to draw")
    same_jobs([*predictions.values(), *measured])
    if band is not None and not 0 < band < 10:
        raise UsageError(f"band is {band}; write the share that is still called equal, as in 0.05")
    found: dict[str, list[Pair]] = {}
    for label, run in predictions.items():
        found[label] = []
        for job, result in enumerate(run.jobs):
            value = getattr(result, name)
            others = sorted(
                float(each) for other in measured if (each := getattr(other.jobs[job], name)) is not None
            )
            if value is not None and others:
                middle = others[(len(others) - 1) // 2]
                found[label].append(Pair(job, float(value), others[0], middle, others[-1]))
    return found


def _points(
    predictions: Mapping[str, Run], measured: Sequence[Run], metric: str, band: float | None, ax: Axes | None
) -> Any:
    """Draw the points, and in a figure of our own the errors beside them."""
    with style.ours():
        pairs = _pairs(predictions, measured, metric, band)
        sheet = Sheet(ax=ax, left=_LEFT)
        found = _pair_panels(sheet, pairs, band, metric, measured[0])
        said = _said(pairs, predictions, measured, metric, band)
        return sheet.finish(said._replace(remarks=found.remarks), found.handles)


def _said(
    pairs: Mapping[str, Sequence[Pair]],
    predictions: Mapping[str, Run],
    measured: Sequence[Run],
    metric: str,
    band: float | None,
) -> Said:
    """Return the words of the picture."""
    run = measured[0]
    each = []
    for label, some in pairs.items():
        worst = max(some, key=lambda pair: abs(pair.error), default=None)
        if worst is not None:
            name = run.trace.header.jobs[worst.job].id
            each.append(
                f"{label}: {_within(some, band)}the largest error is {_percent(worst.error)}, of {name}"
            )
    runs = "1 run" if len(measured) == 1 else f"{len(measured)} runs"
    heading = f"{metric.strip().lower()} measured in {runs} against {' and '.join(predictions)}"
    return Said(
        f"{words.title(run)}: {heading}",
        words.subtitle(run),
        f"{words.title(run, f'Scatter plot of the {heading},')}; {'; '.join(each) or 'no job finished'}",
    )


def _within(pairs: Sequence[Pair], band: float | None) -> str:
    """Return how many jobs are within the band."""
    if band is None:
        return ""
    inside = sum(abs(pair.error) <= band for pair in pairs)
    return f"{inside:,} of {len(pairs):,} jobs within {show_cell(100 * band)} %, "


def _percent(share: float) -> str:
    return f"{'+' if share > 0 else ''}{show_cell(round(100 * share, 2))} %"


def _pair_panels(
    sheet: Sheet, pairs: Mapping[str, Sequence[Pair]], band: float | None, metric: str, run: Run
) -> _Found:
    """Draw the scatter, and beside it in a figure of our own the errors."""
    name = metric.strip().lower()
    if sheet.ax is not None:
        left, right = sheet.ax, None
    else:
        left, right = sheet.beside(2, 3.1, gap=0.85, above=0.3, below=0.45, left=_LEFT)
    handles = _scatter(left, pairs, band, name, run)
    remarks = [] if right is None else _errors(right, pairs, band, run)
    some = next(iter(pairs.values()))
    if len(some) < len(run.jobs):
        remarks.append(f"Over the {len(some):,} of {len(run.jobs):,} jobs that finished in all runs.")
    if any(pair.least < pair.greatest for pair in some):
        remarks.append("A point is the median of the measured runs, its line from the least to the greatest.")
    return _Found(handles, remarks)


def _scatter(
    axes: Axes, pairs: Mapping[str, Sequence[Pair]], band: float | None, metric: str, run: Run
) -> list[Any]:
    """Draw a point for each job, the line of equality and the band around it."""
    every = [pair for some in pairs.values() for pair in some]
    most = max([1e-9, *(max(pair.simulated, pair.greatest) for pair in every)]) * 1.06
    handles: list[Any] = []
    axes.plot([0, most], [0, most], color=style.INK, linewidth=1.0, zorder=1)
    handles.append(Line2D([], [], color=style.INK, linewidth=1.0, label="equal"))
    if band is not None:
        axes.fill_between(
            [0, most],
            [0, most * (1 - band)],
            [0, most * (1 + band)],
            color=style.OTHER,
            linewidth=0,
            zorder=0.5,
        )
        handles.append(Patch(facecolor=style.OTHER, label=f"within {show_cell(100 * band)} %"))
    several = len(pairs) > 1
    for number, (label, some) in enumerate(pairs.items()):
        stroke = style.stroke(number)
        wide = [pair for pair in some if pair.least < pair.greatest]
        axes.vlines(
            [pair.simulated for pair in wide],
            [pair.least for pair in wide],
            [pair.greatest for pair in wide],
            color=stroke.colour,
            linewidth=1.0,
        )
        outside = [pair for pair in some if band is not None and abs(pair.error) > band]
        for chosen, filled in (([pair for pair in some if pair not in outside], True), (outside, False)):
            if not chosen:
                continue
            said = f"{label}, " if several else ""
            said = (said + ("" if band is None else "within" if filled else "outside")).rstrip(
                ", "
            ) or "a job"
            how = _marker(stroke, filled=filled)
            axes.plot([pair.simulated for pair in chosen], [pair.median for pair in chosen], **how)
            handles.append(Line2D([], [], label=f"{said} ({len(chosen):,})", **how))
    first = next(iter(pairs.values()))
    named = first if len(first) <= _MOST_NAMED and not several else []
    _name_points(axes, named, run, most)
    axes.set_xlim(0, most)
    axes.set_ylim(0, most)
    axes.set_xlabel(f"simulated {metric} ({run.unit})")
    axes.set_ylabel(f"measured {metric} ({run.unit})")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, place: show_cell(value)))
    style.grid(axes)
    return handles


def _name_points(axes: Axes, pairs: Sequence[Pair], run: Run, most: float) -> None:
    """Write the jobs' names beside their points, where they do not stand on one another."""
    width, height = inches_of(axes)
    taken: list[tuple[float, float, float]] = []
    names = names_of(run.trace.header, 70.0, style.SMALL)
    for pair in pairs:
        name = names[pair.job]
        x, y = pair.simulated / most * width * 72, pair.median / most * height * 72
        # Right of the point and below the line of equality, or left of it and above.
        for side, ha in ((7.0, "left"), (-7.0, "right")):
            room = style.width_of(name, style.SMALL)
            left = x + side - (room if ha == "right" else 0.0)
            low = y - 8.0 if side > 0 else y + 4.0
            free = all(
                abs(low - other) > 9 or left > end or left + room < begin for begin, end, other in taken
            )
            if free and left >= 0 and left + room <= width * 72:
                axes.annotate(
                    name,
                    (pair.simulated, pair.median),
                    (side, low - y),
                    textcoords="offset points",
                    ha=ha,
                    fontsize=style.SMALL,
                    parse_math=False,
                )
                taken.append((left, left + room, low))
                break


def _errors(axes: Axes, pairs: Mapping[str, Sequence[Pair]], band: float | None, run: Run) -> list[str]:
    """Draw the error of each job, which in the scatter cannot be seen while it is small; return what to say."""
    percent = 100 * (band or 0.0)
    if band is not None:
        axes.axvspan(-percent, percent, color=style.OTHER, linewidth=0, zorder=0.5)
    axes.axvline(0, color=style.INK, linewidth=1.0, zorder=1)
    axes.set_xlabel("error (% of simulated)")
    style.grid(axes, "x")
    first = next(iter(pairs.values()))
    if len(first) > _MOST_ERRORS:
        return _error_counts(axes, pairs, percent)
    for number, some in enumerate(pairs.values()):
        stroke = style.stroke(number)
        # Side by side, where several predictions are next to equal.
        shift = 0.5 * ((number + 0.5) / len(pairs) - 0.5)
        for at, pair in enumerate(some):
            filled = band is None or abs(pair.error) <= band
            axes.plot([100 * pair.error], [at + shift], **_marker(stroke, filled=filled))
    errors = [100 * pair.error for some in pairs.values() for pair in some]
    low, high = min([-1.0, -1.3 * percent, *errors]), max([1.0, 1.3 * percent, *errors])
    axes.set_xlim(low - 0.08 * (high - low), high + 0.08 * (high - low))
    axes.set_title("error of each job", loc="left")
    axes.set_ylim(max(len(first), 1) - 0.5, -0.5)
    named = names_of(run.trace.header, 50.0, style.SMALL)
    names = [named[pair.job] for pair in first]
    axes.set_yticks(list(range(len(first))), names)
    axes.tick_params(axis="y", length=0, labelsize=style.SMALL if len(first) <= 20 else 6.0)
    style.plain(axes.get_yticklabels())
    return []


def _error_counts(axes: Axes, pairs: Mapping[str, Sequence[Pair]], percent: float) -> list[str]:
    """Draw how many jobs have which error; return what to say of those far out."""
    sizes = sorted(abs(100 * pair.error) for some in pairs.values() for pair in some)
    reach = max(1.0, 2 * percent, 1.5 * sizes[len(sizes) * 9 // 10])
    reach = min(reach, max(sizes[-1] * 1.05, 1.0, 1.3 * percent))
    most = 0
    for number, some in enumerate(pairs.values()):
        stroke = style.stroke(number)
        # Those beyond the ends are counted at the ends.
        errors = [max(-reach, min(reach, 100 * pair.error)) for pair in some]
        counts, *_ = axes.hist(
            errors,
            bins=24,
            range=(-reach, reach),
            histtype="step",
            color=stroke.colour,
            linestyle=stroke.dashes,
            linewidth=1.4,
        )
        most = max(most, *(int(count) for count in counts))
    axes.set_xlim(-reach * 1.03, reach * 1.03)
    axes.set_ylim(0, most * 1.08)
    axes.set_ylabel("jobs")
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_title("how many jobs have which error", loc="left")
    beyond = sum(size > reach for size in sizes)
    return [f"{beyond:,} errors beyond {show_cell(reach)} % are counted at the ends."] if beyond else []


def _marker(stroke: style.Stroke, *, filled: bool) -> dict[str, Any]:
    """Return how a job's point is drawn: filled within the band, hollow outside."""
    return {
        "marker": stroke.marker,
        "linestyle": "none",
        "markersize": 5.5,
        "markeredgecolor": stroke.colour,
        "markerfacecolor": stroke.colour if filled else "white",
        "markeredgewidth": 0.6 if filled else 1.6,
    }
