"""The lanes of a Gantt chart that is drawn whole: who has a CPU, and what a job does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schedsim.export.drawing import number
from schedsim.gantt import PALETTE
from schedsim.looks import hatch_of
from schedsim.timeline import (
    AWAITS,
    BLOCKED,
    HELD,
    IDLE,
    RUNS,
    SWITCH,
    SWITCHES,
    WAITS,
    ZOMBIE,
    Piece,
    timeline,
)
from schedsim.times import Ns, show

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from schedsim.export.drawing import Drawing
    from schedsim.trace import Trace

LANE: Final = 24
"""How high a lane is, in pixels."""
GAP: Final = 6
"""What is between the lanes of two CPUs."""
DARK: Final = "#444444"
"""A context switch."""
EDGE: Final = "#333333"
"""The outline of a bar: also a pale one can be seen on white."""
HAIR: Final = f' stroke="{EDGE}" stroke-width="0.3"'
"""Around a bar in which a whole line would drown the colour."""

_LATE: Final = "#D55E00"
"""A deadline that was missed, as in other pictures."""
LINE: Final = "#555555"
LINES: Final = {
    WAITS: ' stroke-width="1.5"',
    BLOCKED: ' stroke-width="3" stroke-dasharray="2 4"',
    HELD: ' stroke-dasharray="6 6"',
    AWAITS: ' stroke-width="9" stroke-dasharray="2 3"',
    ZOMBIE: ' stroke-width="5" stroke-dasharray="1 6"',
}
"""The lines of a job that does not run, beside their colour."""
_SAID: Final = {
    WAITS: "line: ready, waits",
    BLOCKED: "dots: in I/O",
    SWITCHES: "dark: context switch",
    HELD: "dashes: not admitted yet",
    AWAITS: "bars: blocked by another job",
    ZOMBIE: "ticks: zombie",
}
_DOES: Final = {
    RUNS: "runs",
    WAITS: "ready, waits",
    BLOCKED: "in I/O",
    SWITCHES: "context switch",
    HELD: "not admitted yet",
    AWAITS: "blocked by another job",
    ZOMBIE: "zombie",
}


def colours(job: int) -> tuple[str, str]:
    """Return the colour of the job at place ``job`` of the mix, and that of words on it: as everywhere."""
    return PALETTE[job % len(PALETTE)]


def ground(drawing: Drawing, job: int) -> str:
    """Return the colour that a name in the bar of ``job`` stands on, ``""`` where that is the bar itself."""
    return colours(job)[0] if drawing.hatched and hatch_of(job) else ""


def nameless(drawing: Drawing, lane: Iterable[Piece], names: Sequence[str]) -> set[int]:
    """Return the jobs with a bar in this lane of a CPU that has no room for their name."""
    return {
        piece.what
        for piece in lane
        if piece.what >= 0 and not drawing.fits(piece.start, piece.end, names[piece.what])
    }


def in_words(trace: Trace, most: int | None = None) -> str:
    """Return a Gantt chart in words, for those who do not see it; of more than ``most`` pieces only how many."""
    line, unit = timeline(trace).joined(), trace.header.unit
    names = [job.id for job in trace.header.jobs]
    parts = []
    for place, lane in enumerate(line.lanes):
        said = [
            f"{names[piece.what] if piece.what >= 0 else 'switch'} "
            f"{show(piece.start, unit)}-{show(piece.end, unit)}"
            for piece in lane
            if piece.what != IDLE
        ]
        if most is not None and len(said) > most:
            more = len(said) - most
            said[most:] = [f"and {more:,} more up to {show(line.end, unit)}"]
        parts.append((f"CPU {place}: " if len(line.lanes) > 1 else "") + ", ".join(said))
    return f"Gantt chart, {trace.header.algo}, {unit}: {'; '.join(parts)}"


def legend(seen: Collection[int], bar: str = "bar: runs") -> str:
    """Return what the marks of job lanes mean, those that are in ``seen``."""
    said = [words for what, words in _SAID.items() if what in seen]
    return "   ·   ".join(["▾ arrives", bar, *said])


def edge(drawing: Drawing, piece: Piece, narrowest: float) -> str:
    """Return the outline of a bar: a hair's breadth where a line would hide the colour."""
    wide = drawing.x(piece.end) - drawing.x(piece.start) >= narrowest
    return f' stroke="{EDGE}"' if wide else HAIR


def cpu_lane(
    drawing: Drawing,
    lane: Sequence[Piece],
    names: Sequence[str],
    y: float,
    *,
    narrowest: float = 0,
    unit: str = "",
) -> None:
    """Draw the lane of one CPU below ``y``.

    Bars narrower than ``narrowest`` pixels have a thin outline; with a ``unit`` a bar says its times when
    it is pointed at.
    """
    drawing.line(0, lane[-1].end, y + LANE / 2, "#999999", ' stroke-dasharray="1 4"')
    for piece in lane:
        if piece.what == SWITCH:
            with drawing.tipped(_tip("context switch", piece, unit)):
                drawing.box(piece.start, piece.end, y, LANE, DARK)
        elif piece.what >= 0:
            fill, ink = colours(piece.what)
            with drawing.tipped(_tip(names[piece.what], piece, unit)):
                drawing.box(piece.start, piece.end, y, LANE, fill, edge(drawing, piece, narrowest))
                drawing.hatch_bar(piece.start, piece.end, y, LANE, piece.what)
                behind = ground(drawing, piece.what)
                drawing.inside(piece.start, piece.end, y + 16, names[piece.what], ink, behind)


def job_lane(
    drawing: Drawing,
    pieces: Iterable[Piece],
    job: int,
    y: float,
    *,
    arrival: Ns,
    height: float = LANE,
    narrowest: float = 0,
    inside: Mapping[Ns, str] | None = None,
    unit: str = "",
) -> None:
    """Draw what a job does below ``y``.

    Args:
        drawing: where.
        pieces: what it does; a job that is held may be HELD.
        job: its place in the mix.
        y: in pixels.
        arrival: when it arrives (nanoseconds).
        height: of the lane, in pixels.
        narrowest: as for ``cpu_lane``.
        inside: what stands in the bar that begins at an instant.
        unit: with one, each piece says its times when it is pointed at.
    """
    fill, ink = colours(job)
    bars = {}
    for piece in pieces:
        with drawing.tipped(_tip(_DOES[piece.what], piece, unit)):
            if piece.what == RUNS:
                bars[piece.start] = piece
                top, high = y + height / 8, height * 3 / 4
                drawing.box(piece.start, piece.end, top, high, fill, edge(drawing, piece, narrowest))
                drawing.hatch_bar(piece.start, piece.end, top, high, job)
            elif piece.what == SWITCHES:
                drawing.box(piece.start, piece.end, y + height / 3, height / 3, DARK)
            else:
                drawing.line(piece.start, piece.end, y + height / 2, LINE, LINES[piece.what])
    for start, text in (inside or {}).items():
        drawing.inside(start, bars[start].end, y + height * 2 / 3, text, ink, ground(drawing, job))
    arrives(drawing, arrival, y)


def arrives(drawing: Drawing, time: Ns, y: float) -> None:
    """Draw a small triangle that points at an arrival from above, unless the run was cut off before it."""
    if time <= drawing.end:
        shape = f"M{number(drawing.x(time) - 4)} {number(y - 3)}h8l-4 6z"
        drawing.path(shape, "black", ' stroke="white" stroke-width="0.5"')


def deadline(drawing: Drawing, time: Ns, y: float, height: float, *, missed: bool) -> None:
    """Draw a deadline: a T, or a cross if it was missed; both can be seen on a bar, too."""
    x = drawing.x(time)
    shape = f"M{number(x - 4)} {number(y + 2)}h8m-4 0v{number(height - 4)}"
    stroke = "#000000"
    if missed:
        middle = y + height / 2
        shape = f"M{number(x - 4)} {number(middle - 4)}l8 8m-8 0l8-8"
        stroke = _LATE
        drawing.path(shape, "none", ' stroke="white" stroke-width="4"')
    drawing.path(shape, "none", f' stroke="{stroke}" stroke-width="2"')


def _tip(what: str, piece: Piece, unit: str) -> str:
    return f"{what}: {show(piece.start, unit)} to {show(piece.end, unit)} {unit}" if unit else ""
