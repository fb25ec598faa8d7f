"""What was simulated beside what was measured: the lanes of both above one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from matplotlib.lines import Line2D

from schedsim.errors import UsageError
from schedsim.gantt import PALETTE
from schedsim.plots import lanes, style, words
from schedsim.plots.counts import curves, jobs_in_states
from schedsim.plots.lanes import Lanes
from schedsim.plots.names import checked
from schedsim.plots.rows import BELOW, GOES_ON, HIGHEST, MOST_NAMED, lane_and_letters, rows_needed, rows_of
from schedsim.plots.sheet import Said, Sheet
from schedsim.plots.window import Window, set_time, whole_window
from schedsim.tables import show_cell
from schedsim.timeline import HELD, job_pieces, timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from schedsim.plots.rows import Row
    from schedsim.results import Run
    from schedsim.timeline import Timeline

_MOST_JOBS: Final = 60
_MOST_PIECES: Final = 6000
_MOST_CPUS: Final = 12
_UNHATCHED: Final = 48
_BY_JOB: Final = ((20, 0.24, style.SMALL), (_MOST_JOBS, 0.13, 6.5))
"""For so many jobs: how high a lane of one is, in inches, and the letters of its name, in points."""
_BETWEEN: Final = 0.5
_HIGHEST: Final = HIGHEST - 4.0
"""Rows are added up to this height, in inches: below them there may be a scatter plot."""


def measured_lanes(simulated: Run, measured: Run, *, by: str = "cpu", ax: Axes | None = None) -> Any:
    """Draw two runs of one mix above one another, lane by lane, on one time axis.

    Args:
        simulated: the prediction.
        measured: a run on real processes; any run of the same jobs will do.
        by: ``cpu`` for the lanes of the CPUs, ``job`` for those of the jobs.
        ax: axes to draw on; without them a new figure is made.

    Returns:
        The axes that were given, or the new figure. Where there is too much to draw it shows how many jobs
        were there over time, and a sentence below says so.

    Raises:
        UsageError: for runs of different jobs.
    """
    with style.ours():
        same_jobs([simulated, measured])
        by = checked(by, ("cpu", "job"), "kind of lane")
        return _lanes({"simulated": simulated, "measured": measured}, by, ax)


def same_jobs(runs: Sequence[Run]) -> None:
    """Raise UsageError unless all runs are of the same jobs."""
    if len(runs) < 2:
        raise UsageError("there is nothing measured to draw beside what was simulated")
    ids = [job.id for job in runs[0].jobs]
    for run in runs[1:]:
        if [job.id for job in run.jobs] != ids:
            raise UsageError(
                f"these runs are of different jobs: {words.listed(ids, 5)} and "
                f"{words.listed([job.id for job in run.jobs], 5)}"
            )
        if run.unit != runs[0].unit:
            raise UsageError(f"these runs have different units: {runs[0].unit} and {run.unit}")


def _lanes(runs: Mapping[str, Run], by: str, ax: Axes | None) -> Any:
    """Draw the lanes of several runs of the same jobs, alone."""
    run = next(iter(runs.values()))
    sheet = Sheet(ax=ax, left=lanes.left_for(lane_names(runs, by), style.SMALL))
    drawn = lane_panel(sheet, runs, by)
    means = ", ".join(f"{name} {show_cell(_turnaround(each))}" for name, each in runs.items())
    both = " and ".join(runs)
    said = Said(
        f"{words.title(run)}: {both}",
        words.subtitle(run),
        f"{words.title(run, f'{drawn.what} of what was {both}')}; mean turnaround: {means} {run.unit}",
        drawn.remarks,
    )
    return sheet.finish(said, drawn.handles)


def _turnaround(run: Run) -> float | None:
    value = run.means["turnaround"]
    return None if value is None else float(value)


def lane_names(runs: Mapping[str, Run], by: str) -> list[str]:
    """Return what stands at the left of each lane."""
    run = next(iter(runs.values()))
    if by == "job":
        heads = lanes.names_of(run.trace.header, 90.0)
    else:
        cpus = run.trace.header.cpus
        heads = [f"CPU {number}" if cpus > 1 else "" for number in range(cpus)]
    return [f"{head}  {name}".strip() for head in heads for name in runs]


class Drawn(NamedTuple):
    """What was drawn."""

    what: str
    """In a few words."""
    handles: list[Any]
    """Of the legend."""
    remarks: list[str]


def lane_panel(sheet: Sheet, runs: Mapping[str, Run], by: str) -> Drawn:
    """Draw the lanes of several runs in groups."""
    lines = [timeline(each.trace) for each in runs.values()]
    window = whole_window(max(1, *(line.end for line in lines)), next(iter(runs.values())).unit)
    joined = [line.joined() for line in lines]
    if by == "job":
        return _by_job(sheet, runs, window, joined)
    return _by_cpu(sheet, runs, window, joined)


def _by_job(sheet: Sheet, runs: Mapping[str, Run], window: Window, lines: Sequence[Timeline]) -> Drawn:
    """Draw a lane for each job of each run."""
    jobs = next(iter(runs.values())).trace.header.jobs
    if len(jobs) > _MOST_JOBS or max(line.slices for line in lines) > _MOST_PIECES:
        return _counted(sheet, runs, window)
    lane, size = next((lane, size) for most, lane, size in _BY_JOB if len(jobs) <= most)
    step = len(runs) + _BETWEEN
    axes = sheet.panel(len(jobs) * step * lane + 0.1, above=0.1)
    _frame(axes, rows_of(window, 1)[0], runs, "job", size)
    marks: set[str] = set()
    for place, (run, line) in enumerate(zip(runs.values(), lines, strict=True)):
        drawn = Lanes(axes, run, window, clipped=sheet.ax is not None)
        for job, some in enumerate(job_pieces(run.trace, len(jobs), line.end, held=HELD)):
            drawn.job(some, job * step + place, job)
        marks |= drawn.seen.marks
    return Drawn("Lanes of each job above one another", lanes.legend_of(marks), [])


def _by_cpu(sheet: Sheet, runs: Mapping[str, Run], window: Window, lines: Sequence[Timeline]) -> Drawn:
    """Draw a lane for each CPU of each run, in several rows where slices need them."""
    header = next(iter(runs.values())).trace.header
    lane, size = lane_and_letters(len(header.jobs))
    step = len(runs) + _BETWEEN
    height = header.cpus * step * lane + 0.1
    seen = [each for line in lines for each in line.lanes]
    points = (sheet.width - sheet.left - sheet.right) * 72
    most = max(1, int(_HIGHEST / (height + BELOW))) if sheet.ax is None and sheet.own else 1
    count = rows_needed(lanes.names_of(header, size=size), seen, window, points, size, most)
    if not count or header.cpus > _MOST_CPUS:
        return _counted(sheet, runs, window)
    hatched = len(header.jobs) > len(PALETTE) or max(map(len, seen)) > _UNHATCHED
    marks: set[str] = set()
    nameless: set[int] = set()
    rows = rows_of(window, count)
    for row in rows:
        axes = sheet.panel(height, above=0.1 if row.first else 0.0, below=0.45 if row.last else BELOW)
        _frame(axes, row, runs, "cpu")
        for place, (run, line) in enumerate(zip(runs.values(), lines, strict=True)):
            drawn = Lanes(axes, run, row.frame, hatched=hatched, clipped=sheet.ax is not None, size=size)
            drawn.window = row.part
            for cpu, each in enumerate(line.lanes):
                drawn.cpu(each, cpu * step + place)
            marks |= drawn.seen.marks
            nameless |= drawn.seen.nameless
    handles = lanes.legend_of(marks)
    remarks = [GOES_ON] if len(rows) > 1 else []
    if nameless and len(header.jobs) <= MOST_NAMED:
        handles += lanes.job_swatches(header, nameless, hatched=hatched)
    elif nameless:
        remarks.append("Bars without a name are too narrow for it.")
    return Drawn("Lanes of each CPU above one another", handles, remarks)


def _frame(axes: Axes, row: Row, runs: Mapping[str, Run], by: str, size: float = style.SMALL) -> None:
    """Name the lanes at the left, and write the time below."""
    names = lane_names(runs, by)
    count, step = len(names) // len(runs), len(runs) + _BETWEEN
    places = [group * step + place for group in range(count) for place in range(len(runs))]
    lanes.name_lanes(axes, places, names, (count * step - _BETWEEN - 0.4, -0.6))
    axes.tick_params(axis="y", labelsize=size)
    row.set_time(axes)
    style.grid(axes, "x")


def _counted(sheet: Sheet, runs: Mapping[str, Run], window: Window) -> Drawn:
    """Draw how many jobs there were, of each run."""
    axes = sheet.panel(2.0, above=0.1)
    handles = []
    most = 1.0
    exact = True
    for number, (name, run) in enumerate(runs.items()):
        states = jobs_in_states(run.trace, timeline(run.trace).end)
        counted = curves(states, 0, window.end)
        total = [sum(values) for values in zip(*counted.values.values(), strict=True)]
        exact = exact and counted.exact
        stroke = style.stroke(number)
        edges = [window.x(edge) for edge in counted.edges]
        axes.stairs(total, edges, baseline=None, color=stroke.colour, linestyle=stroke.dashes, linewidth=1.4)
        handles.append(
            Line2D([], [], color=stroke.colour, linestyle=stroke.dashes, linewidth=1.4, label=name)
        )
        most = max(most, *total)
    axes.set_ylim(0, most * 1.08)
    axes.set_ylabel("jobs there")
    style.grid(axes, "y")
    set_time(axes, window)
    average = "" if exact else ", on average over each small part of the time"
    remark = f"There is too much for lanes: the curves are how many jobs had arrived and not ended{average}."
    return Drawn("Number of jobs over time", handles, [remark])
