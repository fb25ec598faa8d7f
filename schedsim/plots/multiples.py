"""Several schedules of one mix above one another, on one time axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim import summary
from schedsim.gantt import PALETTE
from schedsim.plots import lanes, style, words
from schedsim.plots.counts import PARTS, curves, jobs_in_states
from schedsim.plots.lanes import Lanes
from schedsim.plots.rows import BELOW, GOES_ON, HIGHEST, MOST_NAMED, lane_and_letters, rows_needed, rows_of
from schedsim.plots.sheet import RIGHT, Said, Sheet, empty, inches_of, no_runs
from schedsim.plots.window import Window, whole_window
from schedsim.tables import show_cell
from schedsim.timeline import WAITS, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from schedsim.plots.rows import Row
    from schedsim.results import Comparison, Run
    from schedsim.timeline import Timeline

MOST_CPUS: Final = 4
_AROUND: Final = 1.6
"""What title, legend and sentences take of the height of a caller's figure."""
_NAME: Final = 150.0
_HEADING: Final = "mean\nturnaround"


def gantts(comparison: Comparison, *, figure: Figure | SubFigure | None = None) -> Any:
    """Draw the schedules of several policies above one another, so that one instant is at one place in all.

    Args:
        comparison: one mix under several policies.
        figure: a figure to draw on; without it a new one is made, as high as the policies need.

    Returns:
        The figure, in several rows where slices need them: those of more jobs than colours to hold their
        names, others to be seen. Where rows do not help the lanes show the length of the ready queue
        instead, and title and a sentence below say so.

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
        labels = style.cut_all(summary.comparison_labels(comparison), _NAME)
        numbers = [show_cell(_float(run.means["turnaround"])) for run in runs]
        names = _Names(labels, numbers)
        sheet = Sheet(figure=figure, left=lanes.left_for(labels), right=names.room / 72 + RIGHT + 0.05)
        joined = [line.joined() for line in found]
        said = said._replace(remarks=summary.long_options(comparison))
        plan = _plan(sheet, runs[0], joined, window)
        if plan.rows:
            return _schedules(sheet, list(zip(runs, joined, strict=True)), window, plan, names, said)
        return _queues(sheet, runs, window, names, said)


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


class _Plan(NamedTuple):
    """How the schedules are drawn."""

    rows: int
    """In how many rows; 0: not at all."""
    lane: float
    """How high a lane is, in inches."""
    size: float
    """The letters of the names in it, in points."""
    marks: int
    """How many lanes of marks are above the others."""

    def height(self, count: int, cpus: int) -> float:
        """Return how high a row of so many policies is, in inches."""
        return (count * cpus + 0.5 * (count - 1) * (cpus > 1) + 1.1 * self.marks) * self.lane


def _plan(sheet: Sheet, run: Run, drawings: Sequence[Timeline], window: Window) -> _Plan:
    """Return in how many rows the slices can be told apart, and how large everything is then."""
    header, cpus = run.trace.header, len(drawings[0].lanes)
    lane, size = lane_and_letters(len(header.jobs))
    plan = _Plan(0, lane, size, 1 + bool(lanes.deadlines(run)))
    if cpus > MOST_CPUS:
        return plan
    room = HIGHEST if sheet.own else inches_of(sheet.figure)[1] - _AROUND
    most = max(1, int(room / (plan.height(len(drawings), cpus) + BELOW)))
    seen = [each for line in drawings for each in line.lanes]
    points = (sheet.width - sheet.left - sheet.right) * 72
    names = lanes.names_of(header, size=size)
    return plan._replace(rows=rows_needed(names, seen, window, points, size, most))


def _schedules(
    sheet: Sheet,
    drawings: Sequence[tuple[Run, Timeline]],
    window: Window,
    plan: _Plan,
    names: _Names,
    said: Said,
) -> Any:
    """Draw every slice as a bar."""
    run, first = drawings[0]
    header, cpus, count = run.trace.header, len(first.lanes), len(drawings)
    # Whether a deadline is missed is another thing in each schedule.
    due = [mark._replace(kind="deadline") for mark in lanes.deadlines(run)]
    marks_of = [some for some in (lanes.arrivals(run), due) if some]
    places = [number * (cpus + 0.5 * (cpus > 1)) for number in range(count)]
    crowded = max(line.slices for _, line in drawings) > _UNHATCHED
    hatched = crowded or len(header.jobs) > len(PALETTE)
    marks: set[str] = set()
    nameless: set[int] = set()
    rows = rows_of(window, plan.rows)
    for row in rows:
        axes = sheet.panel(
            plan.height(count, cpus), above=0.2 if row.first else 0.0, below=0.45 if row.last else BELOW
        )
        for (run, line), at in zip(drawings, places, strict=True):
            drawn = Lanes(axes, run, row.frame, hatched=hatched, size=plan.size)
            drawn.window = row.part
            for cpu, lane in enumerate(line.lanes):
                drawn.cpu(lane, at + cpu)
            if at == 0:
                for number, some in enumerate(marks_of):
                    drawn.named_marks(row.marks(some), -0.78 - 1.1 * number)
            marks |= drawn.seen.marks
            nameless |= drawn.seen.nameless
        middles = [at + (cpus - 1) / 2 for at in places]
        _frame(axes, row, middles, names, (places[-1] + cpus - 0.45, -0.5 - 1.1 * len(marks_of)))
    handles = lanes.legend_of(marks)
    remarks = [*said.remarks]
    if nameless and len(header.jobs) <= MOST_NAMED:
        handles += lanes.job_swatches(header, nameless, hatched=hatched)
    elif nameless:
        remarks.append("Bars without a name are too narrow for it.")
    if cpus > 1:
        remarks.append(f"A lane for each of the {cpus} CPUs, CPU 0 above.")
    remarks += lanes.after(due, window)
    if len(rows) > 1:
        remarks.append(GOES_ON)
    return sheet.finish(said._replace(remarks=remarks), handles)


_UNHATCHED: Final = 40


def _frame(axes: Axes, row: Row, places: Sequence[float], names: _Names, ends: tuple[float, float]) -> None:
    """Write the policies at the left, their means at the right of the first row, and the time below."""
    lanes.name_lanes(axes, places, names.labels, ends)
    row.set_time(axes)
    style.grid(axes, "x")
    if row.first:
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
    _frame(axes, rows_of(window, 1)[0], [at + 0.1 for at in places], names, (len(runs) - 0.55, -0.55))
    slices, cpus = max(timeline(run.trace).slices for run in runs), runs[0].trace.header.cpus
    many = (
        f"{cpus} CPUs are too many for lanes"
        if cpus > MOST_CPUS
        else f"Up to {slices:,} slices are too many to draw one by one"
    )
    parts = "" if all(each.exact for each in ready) else f", on average over each 1/{PARTS} of the time"
    remark = (
        f"{many}: each lane shows how many jobs were ready{parts}, all to "
        f"one scale; the highest is {show_cell(round(most, 1))}."
    )
    title, drawn = "how many jobs were ready", "Lengths of the ready queues"
    return sheet.finish(said.instead(title, "Gantt charts", drawn, [*said.remarks, remark]))
