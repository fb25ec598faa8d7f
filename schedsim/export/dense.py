"""Lanes of schedules with more slices than a picture has columns: drawn to the column, and said so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schedsim.export.drawing import number
from schedsim.export.lanes import DARK, EDGE, HAIR, LANE, LINE, LINES, arrives, colours, ground
from schedsim.export.tracks import Count, end_of, items
from schedsim.gantt import PARTLY
from schedsim.timeline import IDLE, MANY, RUNS, SWITCH, SWITCHES, Piece, shares

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schedsim.export.drawing import Drawing
    from schedsim.times import Ns
    from schedsim.trace import Trace

SEVERAL: Final = "#888888"
"""A column of a CPU in which more than one job ran."""
_PALE: Final = ' fill-opacity="0.45"'
"""A job runs for part of the column."""
_OUTLINE: Final = f' stroke="{EDGE}" stroke-width="0.8"'
"""Around all that a CPU does without a break: so a pale job can be seen on white."""


def is_dense(drawing: Drawing, lanes: Iterable[Sequence[Piece]]) -> bool:
    """Return whether a bar of any of the lanes would be less than two columns wide, on the average."""
    return any(2 * len(lane) > _columns(drawing) for lane in lanes)


def cpu_lane(drawing: Drawing, lane: Sequence[Piece], names: Sequence[str], y: float) -> None:
    """Draw the lane of one CPU below ``y``, grey where several jobs share a column."""
    end = lane[-1].end
    drawing.line(0, end, y + LANE / 2, "#999999", ' stroke-dasharray="1 4"')
    columns = max(1, _columns(drawing) * end // drawing.end)
    found = []
    for column in shares(lane, columns, end):
        jobs = [what for what in column if what >= 0]
        found.append(MANY if len(jobs) > 1 else max(column, key=lambda what: column[what]))
    shapes: dict[int, str] = {}
    pieces = _merged([None if what == IDLE else what for what in found], end)
    for piece in pieces:
        drawn = drawing.bar(piece.start, piece.end, y, LANE)
        shapes[piece.what] = shapes.get(piece.what, "") + drawn
    busy = _merged([None if what == IDLE else 1 for what in found], end)
    for what, drawn in shapes.items():
        drawing.path(drawn, {MANY: SEVERAL, SWITCH: DARK}.get(what) or colours(what)[0])
    for piece in pieces:
        if piece.what >= 0:
            drawing.hatch_bar(piece.start, piece.end, y, LANE, piece.what)
    drawing.path("".join(drawing.bar(piece.start, piece.end, y, LANE) for piece in busy), "none", _OUTLINE)
    for piece in pieces:
        if piece.what >= 0:
            ink, behind = colours(piece.what)[1], ground(drawing, piece.what)
            drawing.inside(piece.start, piece.end, y + 16, names[piece.what], ink, behind)


def job_lane(
    drawing: Drawing, pieces: Sequence[Piece], job: int, y: float, *, arrival: Ns, height: float
) -> None:
    """Draw what a job does below ``y``, pale where it runs for part of a column only."""
    end = drawing.end
    columns = _columns(drawing)
    found: list[int | None] = []
    for column in shares(pieces, columns, end):
        what = RUNS if RUNS in column else max(column, key=lambda what: column[what], default=None)
        # The part of a column is counted in parts of its own width, of which it has ``end``.
        found.append(PARTLY if what == RUNS and column[RUNS] < end else what)
    shapes: dict[int, str] = {}
    hatches: list[Piece] = []
    for piece in _merged(found, end):
        if piece.what in LINES:
            drawn = (
                f"M{number(drawing.x(piece.start))} {number(y + height / 2)}H{number(drawing.x(piece.end))}"
            )
        elif piece.what == SWITCHES:
            drawn = drawing.bar(piece.start, piece.end, y + height / 3, height / 3)
        else:
            drawn = drawing.bar(piece.start, piece.end, y + height / 8, height * 3 / 4)
            if piece.what == RUNS:
                hatches.append(piece)
        shapes[piece.what] = shapes.get(piece.what, "") + drawn
    for what, drawn in sorted(shapes.items(), reverse=True):
        if what in LINES:
            drawing.path(drawn, "none", f' stroke="{LINE}"{LINES[what]}')
        else:
            fill = DARK if what == SWITCHES else colours(job)[0]
            drawing.path(drawn, fill, HAIR + _PALE if what == PARTLY else HAIR)
    for piece in hatches:
        drawing.hatch_bar(piece.start, piece.end, y + height / 8, height * 3 / 4, job)
    arrives(drawing, arrival, y)


def ready_queue(drawing: Drawing, trace: Trace, y: float, height: float) -> int:
    """Draw below ``y`` how long the ready queue was; return how long at most.

    Of each column the longest is drawn, so that no peak is lost.
    """
    columns = _columns(drawing)
    longest = [0] * columns
    before, since = 0, 0
    end = end_of(trace)

    def stayed(until: Ns) -> None:
        last = (until * columns - 1) // drawing.end
        for column in range(since * columns // drawing.end, min(last, columns - 1) + 1):
            longest[column] = max(longest[column], before)

    for item in items(trace):
        if isinstance(item, Count) and item.ready != before:
            stayed(item.time)
            before, since = item.ready, item.time
    stayed(end)
    most = max(longest)
    base = y + height
    drawn = f"M{number(drawing.left)} {number(base)}"
    for piece in _merged(longest, drawing.end):
        top = base - height * piece.what / max(most, 1)
        drawn += f"V{number(top)}H{number(drawing.x(piece.end))}"
    drawing.path(f"{drawn}V{number(base)}z", "#56B4E9", ' stroke="#0072B2"')
    return most


def _columns(drawing: Drawing) -> int:
    return int(drawing.room)


def _merged(columns: Sequence[int | None], end: Ns) -> list[Piece]:
    """Return the columns as pieces up to ``end``, alike ones side by side in one; None is no piece."""
    found: list[Piece] = []
    count = len(columns)
    for place, what in enumerate(columns):
        if what is None:
            continue
        start, stop = place * end // count, (place + 1) * end // count
        if found and found[-1].what == what and found[-1].end == start:
            found[-1] = found[-1]._replace(end=stop)
        else:
            found.append(Piece(start, stop, what))
    return found
