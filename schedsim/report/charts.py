"""The Gantt charts of a page: lanes as paths that stretch with the window, names beside and in them.

A lane of two thousand slices is a handful of paths, one for each colour, so that a browser lays it
out in no time. Which job is where under the pointer, the page's script knows from its steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from schedsim.gantt import PALETTE
from schedsim.looks import hatch_of, hatched
from schedsim.tables import cut, width_of
from schedsim.timeline import (
    AWAITS,
    BLOCKED,
    IDLE,
    RUNS,
    SWITCH,
    SWITCHES,
    WAITS,
    ZOMBIE,
    Piece,
    dues,
    job_pieces,
    nice_step,
    timeline,
)
from schedsim.times import UNITS, Ns, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schedsim.report.watching import Watched

MOST_LANES: Final = 60
"""So many jobs, and so many CPUs, get a lane."""
ZOOMS: Final = (1, 2, 5, 10, 20, 50, 100)
"""How many times as wide as the window a chart can be made."""
_WIDEST: Final = 100_000
"""So many steps of the axis a path can point at."""
_LONGEST_LABEL: Final = 12
_CHARACTER: Final = 7.5
"""About the width of a letter of a label, in pixels."""
_NARROW: Final = 500
_WIDE: Final = 1600
"""The widths of window for which marks and labels are chosen, in pixels."""
_SEEN: Final = 24
"""A slice so many pixels wide is seen well."""
_EDGED: Final = 4
"""A slice so many pixels wide has room for a line at its edge, and for a hatch."""
_PAPER: Final = 640
"""The width of a chart on paper, in pixels."""
_LEAST_ZOOM: Final = 5


_LINES: Final = {WAITS: "waits", BLOCKED: "blocked", AWAITS: "awaits", ZOMBIE: "zombie"}
"""The classes of the lines in a job's lane."""


class Path(NamedTuple):
    """One shape of a lane."""

    kind: str
    """Its class in the style sheet: ``c3`` for the colour of a job, ``switch``, ``waits``, ``blocked``."""
    d: str


class Label(NamedTuple):
    """A job's name in its slice; place and width in hundredths of the lane's width."""

    name: str
    left: str
    width: str
    light: bool
    """Whether the ink is to be light."""
    ground: str
    """The class of the colour that it stands on, or nothing where there is no hatch to hide."""


class Hatch(NamedTuple):
    """Bars with one hatch; place and width in hundredths of the lane's width."""

    kind: str
    """Its class: ``h3``, and ``n`` if the bars are too narrow for it in a chart without zoom."""
    bars: list[tuple[str, str]]


class Due(NamedTuple):
    """A deadline on a job's lane."""

    left: str
    """In hundredths of the lane's width."""
    missed: bool


class Lane(NamedTuple):
    """One lane: of a CPU, or of a job."""

    name: str
    job: int
    """The job's place in the mix, or -1."""
    cpu: int
    """-1 if it is a job's."""
    paths: list[Path]
    labels: list[Label]
    hatches: list[Hatch]
    due: Due | None = None


class Mark(NamedTuple):
    """A time below the lanes."""

    text: str
    left: str


class Axis(NamedTuple):
    """The one time axis of all charts of a page."""

    end: Ns
    tick: Ns
    """A length of which every instant on the page is a multiple."""
    unit: str
    zooms: tuple[int, ...]
    edges: int
    """From this zoom on slices are so wide that lines between them help."""
    hatched: bool
    """Whether the bars have the hatches of their jobs."""

    def place(self, time: Ns) -> int:
        """Return where ``time`` is in paths."""
        ticks = self.end // self.tick
        return time // self.tick if ticks <= _WIDEST else round(time * _WIDEST / self.end)

    @property
    def width(self) -> int:
        """How wide lanes are in paths."""
        return max(1, self.place(self.end))

    def percent(self, time: Ns) -> str:
        """Return ``time`` in hundredths of the axis."""
        return f"{100 * time / max(self.end, 1):.3f}".rstrip("0").rstrip(".")

    def marks(self, zoom: int) -> list[Mark]:
        """Return round times for a chart ``zoom`` times as wide as the window."""
        letters = len(show(self.end, self.unit)) + 2
        most = min(10 * zoom, int(_NARROW * zoom / (letters * _CHARACTER)))
        step = nice_step(self.end, UNITS[self.unit], max(1, most))
        return [Mark(show(time, self.unit), self.percent(time)) for time in range(0, self.end + 1, step)]


def axis_of(watched: Sequence[Watched], tick: Ns, unit: str) -> Axis:
    """Return an axis to the end of the longest run, with as much zoom as there is to see."""
    end = max((each.end for each in watched), default=0)
    lanes = [lane for each in watched for lane in timeline(each.trace).lanes]
    most = max(map(len, lanes), default=0)
    needed = next((zoom for zoom in ZOOMS if _NARROW * zoom >= most * _SEEN), ZOOMS[-1])
    zooms = tuple(zoom for zoom in ZOOMS if zoom <= max(needed, _LEAST_ZOOM))
    edges = next((zoom for zoom in ZOOMS if _NARROW * zoom >= most * _EDGED), ZOOMS[-1])
    jobs = watched[0].trace.header.jobs
    named = all(
        width_of(cut(jobs[piece.what].id, _LONGEST_LABEL)) * _CHARACTER * end
        <= (piece.end - piece.start) * _PAPER
        for lane in lanes
        for piece in lane
        if piece.what >= 0
    )
    return Axis(end, tick, unit, zooms, edges, hatched(len(jobs), named=named))


def cpu_lanes(watched: Watched, axis: Axis) -> list[Lane]:
    """Return a lane for each of the first CPUs."""
    jobs = watched.trace.header.jobs
    lanes = timeline(watched.trace).lanes
    return [
        Lane(
            name=f"CPU {number}" if len(lanes) > 1 else "CPU",
            job=-1,
            cpu=number,
            paths=_boxes(lane, axis),
            labels=[
                label
                for piece in lane
                if piece.what >= 0 and (label := _label(piece, jobs[piece.what].id, axis))
            ],
            hatches=_hatches(lane, axis),
        )
        for number, lane in enumerate(lanes[:MOST_LANES])
    ]


def job_lanes(watched: Watched, axis: Axis) -> list[Lane]:
    """Return a lane for each of the first jobs."""
    jobs = watched.trace.header.jobs
    pieces = job_pieces(watched.trace, MOST_LANES, watched.end)
    missed = {job for _, job in watched.missed}
    deadlines = dues(watched.trace)
    found = []
    for number, own in enumerate(pieces):
        runs = [piece._replace(what=number) for piece in own if piece.what == RUNS]
        due = deadlines.get(number)
        found.append(
            Lane(
                name=jobs[number].id,
                job=number,
                cpu=-1,
                paths=_doings(own, number, axis),
                labels=[],
                hatches=_hatches(runs, axis),
                due=Due(axis.percent(due), number in missed) if due is not None and due <= axis.end else None,
            )
        )
    return found


def letters(watched: Sequence[Watched]) -> int:
    """Return for how many letters there should be room beside the lanes, as far as there can be."""
    return max((width_of(job.id) for job in watched[0].trace.header.jobs[:MOST_LANES]), default=0)


def colour(job: int) -> str:
    """Return the class of a job's colour, the same as in every other picture."""
    return f"c{job % len(PALETTE)}"


def look(job: int, axis: Axis) -> str:
    """Return the classes of a job's colour and, where there are hatches, of its hatch."""
    return f"{colour(job)} h{hatch_of(job)}" if axis.hatched else colour(job)


def _label(piece: Piece, name: str, axis: Axis) -> Label | None:
    """Return a job's name in its slice, if there can be room for it at any zoom."""
    shown = cut(name, _LONGEST_LABEL)
    room = (piece.end - piece.start) / axis.end * _WIDE * axis.zooms[-1]
    if width_of(shown) * _CHARACTER > room:
        return None
    light = PALETTE[piece.what % len(PALETTE)][1].lower() == "#ffffff"
    ground = colour(piece.what) if axis.hatched and hatch_of(piece.what) else ""
    return Label(shown, axis.percent(piece.start), axis.percent(piece.end - piece.start), light, ground)


def _hatches(pieces: Iterable[Piece], axis: Axis) -> list[Hatch]:
    """Return the bars of jobs by their hatches, those without one left out."""
    found: dict[str, list[tuple[str, str]]] = {}
    for piece in pieces if axis.hatched else ():
        if piece.what >= 0 and (number := hatch_of(piece.what)):
            length = piece.end - piece.start
            kind = f"h{number}" + ("" if length * _PAPER >= _EDGED * axis.end else " n")
            found.setdefault(kind, []).append((axis.percent(piece.start), axis.percent(length)))
    return [Hatch(kind, bars) for kind, bars in sorted(found.items())]


def _boxes(pieces: Iterable[Piece], axis: Axis) -> list[Path]:
    """Return the paths of a CPU's lane, one for each colour."""
    found: dict[str, list[str]] = {}
    for piece in pieces:
        if piece.what != IDLE:
            kind = "switch" if piece.what == SWITCH else colour(piece.what)
            found.setdefault(kind, []).append(_box(piece, axis, 0, 20))
    return [Path(kind, "".join(parts)) for kind, parts in sorted(found.items())]


def _doings(pieces: Iterable[Piece], job: int, axis: Axis) -> list[Path]:
    """Return the paths of a job's lane: boxes where it runs, lines where it does not."""
    found: dict[str, list[str]] = {}
    for piece in pieces:
        if piece.what == RUNS:
            found.setdefault(colour(job), []).append(_box(piece, axis, 2, 12))
        elif piece.what == SWITCHES:
            found.setdefault("switch", []).append(_box(piece, axis, 2, 12))
        else:
            kind = _LINES[piece.what]
            start, end = axis.place(piece.start), axis.place(piece.end)
            found.setdefault(kind, []).append(f"M{start} 8h{end - start}")
    return [Path(kind, "".join(parts)) for kind, parts in sorted(found.items())]


def _box(piece: Piece, axis: Axis, top: int, height: int) -> str:
    start, end = axis.place(piece.start), axis.place(piece.end)
    return f"M{start} {top}h{end - start}v{height}h{start - end}z"
