"""Several schedules of one mix above one another, on one time axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim import summary
from schedsim.gantt import PALETTE
from schedsim.plots import lanes, style, words
from schedsim.plots.counts import PARTS, curves, jobs_in_states
from schedsim.plots.cpus import MOST_NAMED
from schedsim.plots.lanes import Lanes
from schedsim.plots.sheet import RIGHT, Said, Sheet, empty, no_runs
from schedsim.plots.window import Window, set_time, whole_window
from schedsim.tables import show_cell
from schedsim.timeline import WAITS, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from schedsim.results import Comparison, Run
    from schedsim.timeline import Timeline

_LANE: Final = 0.25
MOST_CPUS: Final = 4
MOST_SLICES: Final = 150
"""With more slices in a lane nobody can tell them apart."""
_NAME: Final = 150.0
_HEADING: Final = "mean\nturnaround"


def gantts(comparison: Comparison, *, figure: Figure | SubFigure | None = None) -> Any:
    """Draw the schedules of several policies above one another, so that one instant is at one place in all.

    Args:
        comparison: one mix under several policies.
        figure: a figure to draw on; without it a new one is made, as high as the policies need.

    Returns:
        The figure. Where there are more slices than can be drawn, the lanes show the length of the ready
        queue instead, and a sentence below says so.

    Raises:
        UsageError: when there are no runs to compare.
    """
    with style.ours():
        no_runs(comparison)
        runs = comparison.runs
        found = [timeline(run.trace) for run in runs]
        said = Said(
            summary.comparison_heading(comparison),
            "",
            f"Gantt charts above one another, {summary.comparison_heading(comparison)}; "
            f"mean turnaround: {words.compared(comparison)}",
        )
        window = whole_window(max(line.end for line in found), runs[0].unit)
        if not window.end:
            return empty(said, None, figure)
        labels = [style.cut(label, _NAME) for label in summary.comparison_labels(comparison)]
        numbers = [show_cell(_float(run.means["turnaround"])) for run in runs]
        names = _Names(labels, numbers)
        sheet = Sheet(figure=figure, left=lanes.left_for(labels), right=names.room / 72 + RIGHT + 0.05)
        joined = [line.joined() for line in found]
        said = said._replace(remarks=summary.long_options(comparison))
        if max(line.slices for line in joined) > MOST_SLICES or len(joined[0].lanes) > MOST_CPUS:
            return _queues(sheet, runs, window, names, said)
        return _schedules(sheet, list(zip(runs, joined, strict=True)), window, names, said)


class _Names(NamedTuple):
    """What stands beside the lanes: the policies at the left, their means at the right."""

    labels: list[str]
    numbers: list[str]

    @property
    def room(self) -> float:
        """How wide the numbers are, in points."""
        return max(style.width_of(text, style.SMALL) for text in [*_HEADING.split("\n"), *self.numbers])


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _schedules(
    sheet: Sheet, drawings: Sequence[tuple[Run, Timeline]], window: Window, names: _Names, said: Said
) -> Any:
    """Draw every slice as a bar."""
    run, first = drawings[0]
    header, cpus, count = run.trace.header, len(first.lanes), len(drawings)
    # Whether a deadline is missed is another thing in each schedule.
    due = [mark._replace(kind="deadline") for mark in lanes.deadlines(run)]
    marks_of = [some for some in (lanes.arrivals(run), due) if some]
    lines = count * cpus + 0.5 * (count - 1) * (cpus > 1)
    axes = sheet.panel((lines + 1.1 * len(marks_of)) * _LANE, above=0.2)
    places = [number * (cpus + 0.5 * (cpus > 1)) for number in range(count)]
    crowded = max(line.slices for _, line in drawings) > _UNHATCHED
    hatched = crowded or len(header.jobs) > len(PALETTE)
    marks: set[str] = set()
    nameless: set[int] = set()
    for (run, line), at in zip(drawings, places, strict=True):
        drawn = Lanes(axes, run, window, hatched=hatched)
        for cpu, lane in enumerate(line.lanes):
            drawn.cpu(lane, at + cpu)
        if at == 0:
            for number, some in enumerate(marks_of):
                drawn.named_marks(some, -0.78 - 1.1 * number)
        marks |= drawn.seen.marks
        nameless |= drawn.seen.nameless
    middles = [at + (cpus - 1) / 2 for at in places]
    _frame(axes, window, middles, names, (places[-1] + cpus - 0.45, -0.5 - 1.1 * len(marks_of)))
    handles = lanes.legend_of(marks)
    remarks = [*said.remarks]
    if nameless and len(header.jobs) <= MOST_NAMED:
        handles += lanes.job_swatches(header, nameless, hatched=hatched)
    elif nameless:
        remarks.append("Bars without a name are too narrow for it.")
    if cpus > 1:
        remarks.append(f"A lane for each of the {cpus} CPUs, CPU 0 above.")
    return sheet.finish(said._replace(remarks=remarks), handles)


_UNHATCHED: Final = 40


def _frame(
    axes: Axes, window: Window, places: Sequence[float], names: _Names, ends: tuple[float, float]
) -> None:
    """Write the policies at the left, their means at the right, and the time below."""
    axes.set_ylim(*ends)
    axes.set_yticks(list(places), names.labels)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    style.plain(axes.get_yticklabels())
    set_time(axes, window)
    style.grid(axes, "x")
    lanes.column(axes, places, names.numbers, _HEADING, names.room, style.SIZE)


def _queues(sheet: Sheet, runs: Sequence[Run], window: Window, names: _Names, said: Said) -> Any:
    """Draw in each lane how many jobs were ready."""
    ready = []
    for run in runs:
        waiting = jobs_in_states(run.trace, window.end).get(WAITS)
        ready.append(curves({WAITS: waiting} if waiting else {}, 0, window.end))
    most = max([1.0, *(max(each.values[WAITS]) for each in ready if each.values)])
    axes = sheet.panel(len(runs) * 0.55 + 0.1, above=0.3)
    places = list(range(len(runs)))
    for at, each in zip(places, ready, strict=True):
        if each.values:
            edges = [window.x(edge) for edge in each.edges]
            tops = [at + 0.4 - 0.85 * value / most for value in each.values[WAITS]]
            axes.stairs(tops, edges, baseline=at + 0.4, fill=True, facecolor=style.BUSY, linewidth=0.0)
        axes.hlines([at + 0.4], 0, window.x(window.end), color=style.PALE, linewidth=0.6)
    _frame(axes, window, [at + 0.1 for at in places], names, (len(runs) - 0.55, -0.55))
    slices, cpus = max(timeline(run.trace).slices for run in runs), runs[0].trace.header.cpus
    many = (
        f"{cpus} CPUs are too many for lanes"
        if cpus > MOST_CPUS
        else f"Up to {slices:,} slices are too many to draw"
    )
    parts = "" if all(each.exact for each in ready) else f", on average over each 1/{PARTS} of the time"
    remark = (
        f"{many}: each lane shows how many jobs were ready{parts}, all to "
        f"one scale; the highest is {show_cell(round(most, 1))}."
    )
    return sheet.finish(said._replace(remarks=[*said.remarks, remark]))
