"""What was simulated beside what was measured: the lanes of both above one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.lines import Line2D

from schedsim.errors import UsageError
from schedsim.gantt import PALETTE
from schedsim.plots import lanes, style, words
from schedsim.plots.counts import curves, jobs_in_states
from schedsim.plots.lanes import Lanes
from schedsim.plots.names import checked
from schedsim.plots.sheet import Said, Sheet
from schedsim.plots.window import Window, set_time, whole_window
from schedsim.tables import show_cell
from schedsim.timeline import HELD, job_pieces, timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from schedsim.results import Run

_MOST_JOBS: Final = 50
_MOST_PIECES: Final = 600
_MOST_CPUS: Final = 12
_MOST_NAMED: Final = 24
_UNHATCHED: Final = 48
_LANE: Final = 0.24
_BETWEEN: Final = 0.5


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
    sheet = Sheet(ax=ax, left=lanes.left_for(lane_names(runs, by)))
    handles, remarks = lane_panel(sheet, runs, by)
    means = ", ".join(f"{name} {show_cell(_turnaround(each))}" for name, each in runs.items())
    both = " and ".join(runs)
    said = Said(
        f"{words.title(run)}: {both}",
        words.subtitle(run),
        f"{words.title(run, f'Lanes of what was {both} above one another')}; "
        f"mean turnaround: {means} {run.unit}",
        remarks,
    )
    return sheet.finish(said, handles)


def _turnaround(run: Run) -> float | None:
    value = run.means["turnaround"]
    return None if value is None else float(value)


def lane_names(runs: Mapping[str, Run], by: str) -> list[str]:
    """Return what stands at the left of each lane."""
    run = next(iter(runs.values()))
    if by == "job":
        heads = [style.cut(job.id, 90.0) for job in run.trace.header.jobs]
    else:
        cpus = run.trace.header.cpus
        heads = [f"CPU {number}" if cpus > 1 else "" for number in range(cpus)]
    return [f"{head}  {name}".strip() for head in heads for name in runs]


def lane_panel(sheet: Sheet, runs: Mapping[str, Run], by: str) -> tuple[list[Any], list[str]]:
    """Draw the lanes of several runs in groups; return the legend and what to say."""
    run = next(iter(runs.values()))
    header = run.trace.header
    lines = [timeline(each.trace) for each in runs.values()]
    window = whole_window(max(1, *(line.end for line in lines)), run.unit)
    joined = [line.joined() for line in lines]
    pieces = max(sum(map(len, line.lanes)) for line in joined)
    count = len(header.jobs) if by == "job" else header.cpus
    if pieces > _MOST_PIECES or count > (_MOST_JOBS if by == "job" else _MOST_CPUS):
        return _counted(sheet, runs, window)
    step = len(runs) + _BETWEEN
    axes = sheet.panel((count * step) * _LANE + 0.1, above=0.1)
    places = [group * step + place for group in range(count) for place in range(len(runs))]
    axes.set_ylim(count * step - _BETWEEN - 0.4, -0.6)
    axes.set_yticks(places, lane_names(runs, by))
    axes.tick_params(axis="y", length=0, labelsize=style.SMALL)
    axes.spines["left"].set_visible(False)
    style.plain(axes.get_yticklabels())
    set_time(axes, window)
    style.grid(axes, "x")
    hatched = by == "cpu" and (len(header.jobs) > len(PALETTE) or pieces > _UNHATCHED)
    marks: set[str] = set()
    nameless: set[int] = set()
    for place, (each, line) in enumerate(zip(runs.values(), joined, strict=True)):
        drawn = Lanes(axes, each, window, hatched=hatched, clipped=sheet.ax is not None)
        if by == "cpu":
            for cpu, lane in enumerate(line.lanes):
                drawn.cpu(lane, cpu * step + place)
        else:
            for job, some in enumerate(job_pieces(each.trace, len(header.jobs), line.end, held=HELD)):
                drawn.job(some, job * step + place, job)
        marks |= drawn.seen.marks
        nameless |= drawn.seen.nameless
    handles = lanes.legend_of(marks)
    if nameless and len(header.jobs) <= _MOST_NAMED:
        handles += lanes.job_swatches(header, nameless, hatched=hatched)
    elif nameless:
        return handles, ["Bars without a name are too narrow for it."]
    return handles, []


def _counted(sheet: Sheet, runs: Mapping[str, Run], window: Window) -> tuple[list[Any], list[str]]:
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
    return handles, [
        f"There is too much for lanes: the curves are how many jobs had arrived and not ended{average}."
    ]
