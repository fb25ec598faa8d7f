"""The Gantt chart by job: a lane for each, in which ready, running and blocked can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from schedsim.plots import lanes, style, words
from schedsim.plots.counts import curves, jobs_in_states
from schedsim.plots.lanes import Lanes
from schedsim.plots.sheet import RIGHT, Said, Sheet, empty
from schedsim.plots.window import Window, set_time, window_of
from schedsim.tables import show_cell
from schedsim.timeline import AWAITS, BLOCKED, HELD, RUNS, SWITCHES, WAITS, ZOMBIE, job_pieces, timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from schedsim.results import Run
    from schedsim.timeline import Piece

MOST_LANES: Final = 100
"""More jobs than this are counted instead of drawn."""
_MOST_PIECES: Final = 6000
_HEADING: Final = "turnaround"
_NAME: Final = 100.0
"""The widest name of a lane, in points."""


def jobs(run: Run, *, ax: Axes | None = None, span: Any = None) -> Any:
    """Draw what each job did from its arrival to its end.

    Args:
        run: the result of a run, simulated or real.
        ax: axes to draw on; without them a new figure is made, as high as the jobs need.
        span: begin and end of the part of the time that is drawn, in the mix's unit; None: all.

    Returns:
        The axes that were given, or the new figure. More jobs than there can be lanes for are counted by
        state, and a sentence below says so.

    Raises:
        UsageError: for a span that is none.
    """
    with style.ours():
        end = timeline(run.trace).end
        window = window_of(run, end, span)
        said = Said(words.title(run), words.subtitle(run), _alternative(run, words.part(window, end)))
        if not end:
            return empty(said, ax)
        pieces = job_pieces(run.trace, len(run.jobs), end, held=HELD)
        # Someone who isn't there in this part of the time needs no lane.
        there = [job for job, some in enumerate(pieces) if window.within(some)]
        many = sum(len(window.within(pieces[job])) for job in there)
        if len(there) > MOST_LANES or many > _MOST_PIECES:
            why = words.too_many(len(there), many, MOST_LANES)
            return _counted(run, window, said._replace(remarks=[why]), ax)
        said = said._replace(remarks=words.left_out(len(pieces) - len(there)))
        return _lanes(run, {job: pieces[job] for job in there}, window, said, ax)


def _alternative(run: Run, part: str) -> str:
    """Return the picture in words; ``part`` is which part of the time is drawn."""
    unit = run.unit
    each = [
        f"{job.id} arrives at {show_cell(job.arrival, exact=True)}"
        + ("" if job.start is None else f", first runs at {show_cell(job.start, exact=True)}")
        + (
            f", is {job.state} at the end"
            if job.finish is None
            else f", ends at {show_cell(job.finish, exact=True)}"
        )
        for job in run.jobs[:20]
    ]
    more = f"; and {len(run.jobs) - 20:,} more jobs" if len(run.jobs) > 20 else ""
    return f"{words.title(run, 'Gantt chart by job')}{part}, times in {unit}: {'; '.join(each)}{more}; {words.outcome(run)}{words.deadlines_in_words(run)}{words.stuck_in_words(run)}"


def _lanes(run: Run, pieces: dict[int, list[Piece]], window: Window, said: Said, ax: Axes | None) -> Any:
    """Draw a lane for each of these jobs."""
    header = run.trace.header
    height, size = next((height, size) for most, height, size in _SIZES if len(pieces) <= most)
    named = lanes.names_of(header, _NAME, size)
    names = [named[job] for job in pieces]
    numbers = [_turnaround(run, job) for job in pieces]
    room = max(style.width_of(words, size) for words in [_HEADING, *numbers])
    sheet = Sheet(ax=ax, left=lanes.left_for(names, size), right=room / 72 + RIGHT + 0.05)
    axes = sheet.panel(len(pieces) * height + 0.1, above=0.2)
    drawn = Lanes(axes, run, window, clipped=ax is not None)
    lanes.set_lanes(axes, names, top=0.7)
    axes.tick_params(axis="y", labelsize=size)
    set_time(axes, window)
    style.grid(axes, "x")
    due = {mark.job: mark for mark in lanes.deadlines(run)}
    for at, (job, some) in enumerate(pieces.items()):
        drawn.job(some, at, job)
        if header.cpus > 1:
            _name_cpus(drawn, run, job, at, size)
        drawn.arrival(header.jobs[job].arrival, at - 0.42)
        if job in due:
            drawn.deadline(due[job], at)
    if ax is None:
        lanes.column(axes, range(len(numbers)), numbers, _HEADING, room, size)
    remarks = [*said.remarks, *lanes.after(due.values(), window)]
    if header.cpus > 1:
        remarks.append("The number in a bar is that of the CPU.")
    return sheet.finish(said._replace(remarks=remarks), lanes.legend_of(drawn.seen.marks))


_SIZES: Final = ((20, 0.3, style.SIZE), (40, 0.22, style.SMALL), (70, 0.17, 7.0), (MOST_LANES, 0.14, 6.0))
"""For so many jobs: how high a lane is, in inches, and the letters of its name, in points."""


def _turnaround(run: Run, job: int) -> str:
    """Return a job's turnaround in words, or what became of it instead."""
    result = run.jobs[job]
    return result.state if result.turnaround is None else show_cell(result.turnaround)


def _name_cpus(drawn: Lanes, run: Run, job: int, at: int, size: float) -> None:
    """Write the number of the CPU into a job's bars."""
    for cpu, lane in enumerate(timeline(run.trace).lanes):
        for piece in drawn.window.within(lane):
            if piece.what == job:
                drawn.name(piece, at, str(cpu), job, size - 1)


def _counted(run: Run, window: Window, said: Said, ax: Axes | None) -> Any:
    """Draw how many jobs are in each state."""
    states = jobs_in_states(run.trace, window.end)
    counted = curves(states, window.start, window.end)
    sheet = Sheet(ax=ax, left=0.65)
    axes = sheet.panel(2.6, above=0.1)
    edges = [window.x(edge) for edge in counted.edges]
    base = [0.0] * (len(edges) - 1)
    handles = []
    for what, (label, how) in _STATES.items():
        if what not in states:
            continue
        top = [low + more for low, more in zip(base, counted.values[what], strict=True)]
        axes.stairs(top, edges, baseline=base, fill=True, linewidth=0.0, **how)
        base = top
        handles.append(Patch(label=label, **{**how, "linewidth": 0.6, "edgecolor": style.EDGE}))
    axes.set_ylim(0, max(base) * 1.05 or 1)
    axes.set_ylabel("jobs")
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    style.grid(axes, "y")
    set_time(axes, window)
    how_counted = "" if counted.exact else f", on average over each 1/{len(edges) - 1} of the time"
    remark = (
        f"{said.remarks[0]}: this is how many jobs were in each state{how_counted}. "
        "A span shows the lanes of a part."
    )
    title, drawn = "how many jobs were in each state", "Number of jobs in each state over time"
    return sheet.finish(said.instead(title, "Gantt chart by job", drawn, [remark]), handles)


_STATES: Final[dict[int, tuple[str, dict[str, Any]]]] = {
    RUNS: ("running", {"facecolor": style.BUSY}),
    SWITCHES: ("switched to", {"facecolor": style.SWITCHING}),
    WAITS: ("ready", {"facecolor": style.WAITING}),
    BLOCKED: lanes.STATES[BLOCKED],
    AWAITS: lanes.STATES[AWAITS],
    HELD: ("not admitted yet", {"facecolor": "white", "hatch": "----", "edgecolor": style.PALE}),
    ZOMBIE: lanes.STATES[ZOMBIE],
}
