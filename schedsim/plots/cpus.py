"""The Gantt chart by CPU: who had which CPU when, as a textbook draws it, in several rows where names need them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.patches import Patch

from schedsim import looks
from schedsim.gantt import PALETTE
from schedsim.plots import lanes, style, words
from schedsim.plots.counts import PARTS, cpus_in_states, curves
from schedsim.plots.lanes import LANE, Lanes
from schedsim.plots.rows import GOES_ON, MOST_HATCHED, MOST_NAMED, MOST_SLICES, fitting, least_rows, rows_of
from schedsim.plots.sheet import RIGHT, WIDTH, Said, Sheet, empty
from schedsim.plots.window import Window, set_time, window_of
from schedsim.timeline import IDLE, SWITCH, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from schedsim.results import Run
    from schedsim.timeline import Piece, Timeline

MOST_PIECES: Final = 600
"""A part of the time with more pieces than this is drawn as shares."""
_MARKS: Final = 0.27
"""How high a lane of marks is, in inches."""
_MOST_ROWS: Final = 10
_FEW: Final = 8
_MOST_LANES: Final = 24
"""So many lanes all rows together may have."""


def gantt(run: Run, *, ax: Axes | None = None, span: Any = None) -> Any:
    """Draw who had which CPU when.

    Args:
        run: the result of a run, simulated or real.
        ax: axes to draw on; without them a new figure is made, in several rows where that makes
            room for names.
        span: begin and end of the part of the time that is drawn, in the mix's unit; None: all.

    Returns:
        The axes that were given, or the new figure. More pieces than can be drawn are drawn as shares
        of the time, and a sentence below says so.

    Raises:
        UsageError: for a span that is none.
    """
    with style.ours():
        line = timeline(run.trace)
        window = window_of(run, line.end, span)
        said = Said(
            words.title(run),
            words.subtitle(run),
            f"{words.title(run, 'Gantt chart')}{words.part(window, line.end)}, times in {run.unit}: {words.slices_in_words(run, line, window)}"
            f"{words.deadlines_in_words(run)}{words.stuck_in_words(run)}",
        )
        names = ["CPU"] if len(line.lanes) == 1 else [f"CPU {number}" for number in range(len(line.lanes))]
        if len(names) > _MOST_LANES:
            said = said._replace(remarks=[f"{len(names) - _MOST_LANES:,} more CPUs are not drawn."])
            line = line._replace(lanes=line.lanes[:_MOST_LANES])
            names = names[:_MOST_LANES]
        if not line.end:
            return empty(said, ax)
        seen = [window.within(lane) for lane in line.lanes]
        if sum(map(len, seen)) > MOST_PIECES:
            seen = [window.within(lane) for lane in line.joined().lanes]
        sheet = Sheet(ax=ax, left=lanes.left_for(names), right=RIGHT + 0.1)
        if sum(map(len, seen)) > MOST_PIECES:
            return _shares(sheet, line, window, names, said)
        return _bars(sheet, run, seen, window, names, said)


def _bars(
    sheet: Sheet, run: Run, seen: Sequence[Sequence[Piece]], window: Window, names: list[str], said: Said
) -> Any:
    """Draw every slice as a bar."""
    header = run.trace.header
    rows = rows_of(window, 1 if sheet.ax is not None else _rows(sheet, run, seen, window))
    fits = _fitting(run, seen, window, (WIDTH - sheet.left - sheet.right) * 72 * len(rows))
    hatched = looks.hatched(len(header.jobs), named=fits >= 1.0)
    marks = [some for some in (lanes.deadlines(run), lanes.arrivals(run)) if some]
    above = 0.1 + _MARKS * len(marks)
    marks_seen: set[str] = set()
    nameless: set[int] = set()
    for row in rows:
        axes = sheet.panel(
            len(names) * LANE + above - 0.05,
            below=0.5 if row.last else 0.3,
            above=0.05 if row.first else 0.0,
        )
        drawn = Lanes(axes, run, row.frame, hatched=hatched, clipped=sheet.ax is not None)
        drawn.window = row.part
        for number, lane in enumerate(seen):
            drawn.cpu(lane, number)
        for number, some in enumerate(reversed(marks)):
            drawn.named_marks(row.marks(some), -0.75 - number * _MARKS / LANE)
        lanes.set_lanes(axes, names, top=0.5 + (above - 0.05) / LANE)
        edges = (
            {edge for lane in seen for piece in lane for edge in (piece.start, piece.end)}
            if len(rows) == 1
            else ()
        )
        row.set_time(axes, edges)
        marks_seen |= drawn.seen.marks
        nameless |= drawn.seen.nameless
    handles = lanes.legend_of(marks_seen)
    remarks = [*said.remarks]
    if nameless and len(header.jobs) <= MOST_NAMED:
        handles += lanes.job_swatches(header, nameless, hatched=hatched)
    elif nameless:
        remarks.append(
            "Bars without a name are too narrow for it; a chart by job has a lane for each, and a span shows a part."
        )
    remarks += lanes.after(lanes.deadlines(run), window)
    if len(rows) > 1:
        remarks.append(GOES_ON)
    return sheet.finish(said._replace(remarks=remarks), handles)


def _rows(sheet: Sheet, run: Run, seen: Sequence[Sequence[Piece]], window: Window) -> int:
    """Return in how many rows nearly every slice has room for its name, or if that takes too many, for its colour."""
    room = (sheet.width - sheet.left - sheet.right) * 72
    most = max(1, _MOST_ROWS // len(seen))
    rows = least_rows(lambda count: _fitting(run, seen, window, room * count), most)
    side_by_side = MOST_SLICES if len(run.jobs) <= len(PALETTE) else MOST_HATCHED
    return rows or min(most, -(-max(map(len, seen)) // side_by_side))


def _fitting(run: Run, seen: Sequence[Sequence[Piece]], window: Window, points: float) -> float:
    """Return the share of the slices whose name fits when the window is so many points wide."""
    return fitting(lanes.names_of(run.trace.header), seen, window, points)


def _shares(sheet: Sheet, line: Timeline, window: Window, names: list[str], said: Said) -> Any:
    """Draw for each part of the time how much of it a CPU worked, switched and idled."""
    height = LANE * (1.6 if len(names) <= _FEW else 1.0)
    axes = sheet.panel(max(len(names) * height, 0.8), above=0.05)
    exact = True
    for at, lane in enumerate(line.lanes):
        exact = share_lane(axes, lane, window, at) and exact
    lanes.set_lanes(axes, names)
    set_time(axes, window)
    slices = sum(piece.what >= 0 for lane in line.lanes for piece in window.within(lane))
    shares = "when it" if exact else f"which share of each 1/{PARTS} of the time it"
    said_why = (
        f"{slices:,} slices are too many to draw one by one: the lane of a CPU shows {shares} worked, switched "
        "and was idle. A span shows a part slice by slice."
    )
    remarks = [said_why, *said.remarks]
    handles = [
        Patch(
            facecolor=how["facecolor"],
            edgecolor=style.EDGE,
            linewidth=0.6,
            hatch=how.get("hatch"),
            label=label,
        )
        for label, (what, how) in zip(_LABELS, _SHARES.items(), strict=True)
        if any(min(piece.what, 0) == what for lane in line.lanes for piece in window.within(lane))
    ]
    title = f"how busy {'the CPU was' if len(names) == 1 else 'each CPU was'}"
    return sheet.finish(said.instead(title, "Gantt chart", "CPU use over time", remarks), handles)


_SHARES: Final[dict[int, dict[str, Any]]] = {
    0: {"facecolor": style.BUSY},
    SWITCH: {"facecolor": style.SWITCHING},
    IDLE: {"facecolor": "white"},
}


_LABELS: Final = ("works for a job", "context switch", "idle")


def share_lane(axes: Axes, lane: Sequence[Piece], window: Window, at: float, height: float = 0.84) -> bool:
    """Draw in the lane ``at`` which share of each part of the time a CPU worked, switched and idled.

    Return whether the parts are as long as it did one thing.
    """
    shares = curves(cpus_in_states([lane]), window.start, window.end)
    edges = [window.x(edge) for edge in shares.edges]
    base = [at + height / 2] * (len(edges) - 1)
    for what, how in _SHARES.items():
        top = [low - height * share for low, share in zip(base, shares.values[what], strict=True)]
        axes.stairs(top, edges, baseline=base, fill=True, linewidth=0.0, **how)
        base = top
    axes.hlines([at - height / 2], edges[0], edges[-1], color=style.PALE, linewidth=0.6)
    return shares.exact
