"""Lanes along the time: what a CPU did, what a job did, and when jobs arrive and are due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from schedsim.gantt import PALETTE
from schedsim.plots import style
from schedsim.plots.window import GAP, Window
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
    dues,
)
from schedsim.times import UNITS, Ns
from schedsim.trace import never_came

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

    from schedsim.results import Run
    from schedsim.trace import Header

LANE: Final = 0.36
"""How high a lane is in a picture of our own, in inches."""
_PADDING: Final = 3.0
_NARROW: Final = 5.0
_MARK_MARGIN: Final = 12.0
"""So many points a name may stand out over the ends of its lane."""
_WIDEST_MARK: Final = 110.0
_MARKED: Final = 80.0
"""The widest name of a mark, in points."""
BAR: Final = 0.8
"""Of a lane's height."""


class Mark(NamedTuple):
    """An instant that is marked."""

    time: Ns
    name: str
    kind: str
    """arrival, deadline or missed."""
    job: int = -1


class Seen(NamedTuple):
    """What was drawn, for the legend."""

    marks: set[str]
    nameless: set[int]
    """Jobs with a bar that is too narrow for their name."""


def set_lanes(axes: Axes, names: Sequence[str], *, top: float = 0.5) -> None:
    """Name the lanes at the left, the first above; ``top`` is what is free above the first one's middle."""
    name_lanes(axes, range(len(names)), names, (len(names) - 0.5, -top))


def name_lanes(axes: Axes, places: Iterable[float], names: Iterable[str], ends: tuple[float, float]) -> None:
    """Write names at the left of these places, on an axis that has these ends."""
    axes.set_ylim(*ends)
    axes.set_yticks(list(places), list(names))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    style.plain(axes.get_yticklabels())


def column(
    axes: Axes, places: Sequence[float], numbers: Sequence[str], heading: str, room: float, size: float
) -> None:
    """Write a column of numbers, ``room`` points wide, to the right of the lanes at ``places``."""
    how: dict[str, Any] = {
        "xycoords": axes.get_yaxis_transform(),
        "textcoords": "offset points",
        "ha": "right",
        "annotation_clip": False,
    }
    for at, number in zip(places, numbers, strict=True):
        axes.annotate(number, (1.0, at), (room + 10.0, 0.0), va="center_baseline", fontsize=size, **how)
    top = axes.get_ylim()[1]
    axes.annotate(
        heading, (1.0, top), (room + 10.0, 3.0), va="bottom", fontsize=style.SMALL, color=style.DIM, **how
    )


def names_of(header: Header, room: float = 120.0, size: float = style.SIZE) -> list[str]:
    """Return the jobs' names, each in at most ``room`` points."""
    return style.cut_all([job.id for job in header.jobs], room, size)


def left_for(names: Iterable[str], size: float = style.SIZE) -> float:
    """Return the inches that the names of lanes take."""
    return max((style.width_of(name, size) for name in names), default=0.0) / 72 + 0.24


def arrivals(run: Run) -> list[Mark]:
    """Return when the jobs arrive."""
    header = run.trace.header
    names = names_of(header, _MARKED, style.SMALL)
    absent = never_came(run.trace)
    return [
        Mark(job.arrival, names[place], "arrival")
        for place, job in enumerate(header.jobs)
        if place not in absent
    ]


def deadlines(run: Run) -> list[Mark]:
    """Return when jobs are due, those that have a deadline, and whether they missed it."""
    header = run.trace.header
    late = {name for name, _ in run.misses}
    names = names_of(header, _MARKED, style.SMALL)
    return [
        Mark(due, names[place], "missed" if header.jobs[place].id in late else "deadline", place)
        for place, due in dues(run.trace).items()
    ]


def after(marks: Iterable[Mark], window: Window) -> list[str]:
    """Return a sentence about the deadlines that are after the end of what is drawn, if there are any."""
    count = sum(mark.time > window.end for mark in marks)
    if not count:
        return []
    return ["1 deadline is after the end." if count == 1 else f"{count:,} deadlines are after the end."]


class Lanes:
    """Draws the lanes of one axes."""

    def __init__(
        self,
        axes: Axes,
        run: Run,
        window: Window,
        *,
        hatched: bool = False,
        clipped: bool = False,
        size: float = style.SIZE,
    ) -> None:
        """Draw on ``axes`` what is in the window.

        ``hatched`` tells jobs apart without colour, too; ``clipped`` lets nothing stand over the edge of the
        axes, not even half a line: somebody may zoom. ``size`` is that of the names in bars, in points.
        """
        self.axes, self.window, self.hatched, self.clipped, self.size = axes, window, hatched, clipped, size
        self.names = names_of(run.trace.header, size=size)
        self.seen = Seen(set(), set())
        self.scale = window.points(axes)

    def bars(self, pieces: Sequence[Piece], at: float, height: float, **how: Any) -> None:
        """Draw bars of one look in a lane."""
        spans = [(self.window.x(piece.start), self.window.x(piece.end - piece.start)) for piece in pieces]
        if spans:
            # The edges of narrow bars must not drown their colour.
            middle = sorted(piece.end - piece.start for piece in pieces)[len(spans) // 2] * self.scale
            edge = 0.6 if middle >= _NARROW else 0.2
            how = {"linewidth": edge, "edgecolor": style.EDGE, "clip_on": self.clipped, **how}
            self.axes.broken_barh(spans, (at - height / 2, height), **how)

    def cpu(self, pieces: Sequence[Piece], at: float, *, height: float = BAR, names: bool = True) -> None:
        """Draw what a CPU did in the lane ``at``."""
        shown = self.window.within(pieces)
        idle = [piece for piece in shown if piece.what == IDLE]
        switching = [piece for piece in shown if piece.what == SWITCH]
        self.bars(idle, at, height * 0.9, facecolor="none", edgecolor=style.PALE, linestyle=(0, (2, 2)))
        self.bars(switching, at, height, facecolor=style.SWITCHING, linewidth=0.3)
        self.seen.marks.update(["idle"] if idle else [], ["switching"] if switching else [])
        for job in sorted({piece.what for piece in shown if piece.what >= 0}):
            self.job_bars([piece for piece in shown if piece.what == job], at, height, job)
        cut = {piece for piece in pieces if piece.start < self.window.start or piece.end > self.window.end}
        # What is left of a slice at the end of a row has its name in the next row, or in the last one.
        parts = set(self.window.within(cut))
        for piece in shown if names else ():
            if piece.what >= 0 and not self.name(piece, at, self.names[piece.what], piece.what, self.size):
                self.seen.nameless.update([] if piece in parts else [piece.what])
            elif piece.what == IDLE:
                self.name(piece, at, "idle", None, self.size)

    def job_bars(self, pieces: Sequence[Piece], at: float, height: float, job: int) -> None:
        """Draw the slices of one job in a lane."""
        look = style.look(job)
        self.bars(pieces, at, height, facecolor=look.colour, hatch=look.hatch if self.hatched else None)

    def name(self, piece: Piece, at: float, words: str, job: int | None, size: float = style.SIZE) -> bool:
        """Write words into a bar if they fit; return whether they do."""
        room = (piece.end - piece.start) * self.scale - _PADDING
        if not words or style.width_of(words, size) > room:
            return False
        look = style.look(job) if job is not None else None
        behind = look is not None and self.hatched and look.hatch
        self.axes.text(
            self.window.x(piece.start + piece.end) / 2,
            at,
            words,
            ha="center",
            va="center_baseline",
            fontsize=size,
            color=look.ink if look is not None else style.DIM,
            clip_on=True,
            parse_math=False,
            bbox={"facecolor": look.colour, "edgecolor": "none", "pad": 1.0} if look and behind else None,
        )
        return True

    def job(self, pieces: Sequence[Piece], at: float, job: int, *, height: float = BAR) -> None:
        """Draw what a job did in its lane: a bar where it runs, a line where it waits, waves where it is blocked."""
        low = height / BAR
        shown = self.window.within(pieces)
        by = {what: [piece for piece in shown if piece.what == what] for what in _MARKS}
        self.seen.marks.update(_MARKS[what] for what, some in by.items() if some)
        self.bars(by[WAITS], at, 0.14 * low, facecolor=style.PALE, linewidth=0.0)
        for what, high in ((BLOCKED, 0.44), (AWAITS, 0.44), (ZOMBIE, 0.3)):
            self.bars(by[what], at, high * low, **STATES[what][1])
        self.bars(by[HELD], at, 0.14 * low, facecolor="none", edgecolor=style.PALE, linestyle=(0, (2, 2)))
        self.job_bars(by[RUNS], at, height, job)
        self.bars(by[SWITCHES], at, height / 2, facecolor=style.SWITCHING, linewidth=0.3)

    def arrival(self, time: Ns, at: float) -> None:
        """Mark an arrival above a lane."""
        if self.window.start <= time <= self.window.end:
            self.axes.plot([self.window.x(time)], [at], **_ARRIVAL)
            self.seen.marks.add("arrival")

    def deadline(self, mark: Mark, at: float) -> None:
        """Mark a deadline in a lane."""
        if self.window.start <= mark.time <= self.window.end:
            self.axes.plot([self.window.x(mark.time)], [at], **_DEADLINES[mark.kind])
            self.seen.marks.add(mark.kind)

    def named_marks(self, marks: Sequence[Mark], at: float) -> None:
        """Mark instants in a lane of their own, with the names of whom they are of, those that fit."""
        at_once: dict[Ns, list[tuple[str, str]]] = {}
        for time, name, kind, _ in marks:
            if self.window.start <= time <= self.window.end:
                at_once.setdefault(time, []).append((name, kind))
        left, right = (self.axis(time) for time in (self.window.start, self.window.end))
        free = left - _MARK_MARGIN
        for time, them in sorted(at_once.items()):
            worst = "missed" if any(kind == "missed" for _, kind in them) else them[0][1]
            how = _ARRIVAL if worst == "arrival" else _DEADLINES[worst]
            self.axes.plot(
                [self.window.x(time)], [at + 0.2], **{**how, "markersize": min(how["markersize"], 7.0)}
            )
            self.seen.marks.add(worst)
            names = " ".join(name for name, _ in them)
            for words in (names, f"{len(them)} jobs") if len(them) > 1 else (names,):
                half = style.width_of(words, style.SMALL) / 2
                # Beside its mark rather than over the edge of the picture.
                middle = min(max(self.axis(time), free + half), right + _MARK_MARGIN - half)
                if abs(middle - self.axis(time)) <= half and middle - half >= free and half < _WIDEST_MARK:
                    place = (
                        self.window.x(self.window.start)
                        + (middle - left) / self.scale / UNITS[self.window.unit]
                    )
                    how = {"ha": "center", "va": "bottom", "fontsize": style.SMALL, "parse_math": False}
                    self.axes.text(place, at + 0.02, words, **how)
                    free = middle + half + GAP
                    break

    def axis(self, time: Ns) -> float:
        """Return where an instant is, in points from the time 0."""
        return time * self.scale


_MARKS: Final = {
    RUNS: "runs",
    WAITS: "waits",
    BLOCKED: "blocked",
    SWITCHES: "switching",
    HELD: "held",
    AWAITS: "awaits",
    ZOMBIE: "zombie",
}
STATES: Final[dict[int, tuple[str, dict[str, Any]]]] = {
    BLOCKED: ("blocked, in I/O", {"facecolor": "white", "hatch": "xxxxx", "edgecolor": style.PALE}),
    AWAITS: ("blocked by another job", {"facecolor": "white", "hatch": "||||", "edgecolor": style.DIM}),
    ZOMBIE: ("zombie, until it is reaped", {"facecolor": "white", "hatch": "....", "edgecolor": style.DIM}),
}
"""The states that have a hatch: in words, and how they are drawn."""
_ARRIVAL: Final[dict[str, Any]] = {
    "marker": "v",
    "markersize": 5.0,
    "color": style.INK,
    "linestyle": "none",
    "markeredgecolor": "white",
    "markeredgewidth": 0.5,
    "clip_on": False,
    "zorder": 5,
}
_DEADLINES: Final[dict[str, dict[str, Any]]] = {
    "deadline": {
        **_ARRIVAL,
        "marker": "|",
        "markersize": 13.0,
        "markeredgecolor": "black",
        "markeredgewidth": 2.0,
    },
    "missed": {
        **_ARRIVAL,
        "marker": "x",
        "markersize": 8.0,
        "markeredgecolor": style.LATE,
        "markeredgewidth": 2.0,
    },
}


def legend_of(marks: set[str]) -> list[Any]:
    """Return the entries of a legend for these marks, in a fixed order."""
    found: list[Any] = []
    swatch: dict[str, Any] = {"edgecolor": style.EDGE, "linewidth": 0.6}
    made = {
        "runs": Patch(facecolor=PALETTE[1][0], label="runs (in the job's colour)", **swatch),
        "waits": Line2D([], [], color=style.PALE, linewidth=3.5, label="ready, waits for a CPU"),
        **{_MARKS[what]: Patch(label=label, **how) for what, (label, how) in STATES.items()},
        "held": Line2D([], [], color=style.PALE, linestyle=(0, (2, 2)), label="not admitted yet"),
        "switching": Patch(facecolor=style.SWITCHING, label="context switch", **swatch),
        "idle": Patch(facecolor="none", edgecolor=style.PALE, linestyle=(0, (2, 2)), label="idle"),
        "arrival": Line2D([], [], **_ARRIVAL, label="arrives"),
        "deadline": Line2D([], [], **_DEADLINES["deadline"], label="deadline"),
        "missed": Line2D([], [], **_DEADLINES["missed"], label="deadline, missed"),
    }
    for name, handle in made.items():
        if name in marks:
            found.append(handle)
    return found


def job_swatches(header: Header, jobs: Iterable[int], *, hatched: bool) -> list[Any]:
    """Return an entry of a legend for each of these jobs, as their bars are drawn."""
    found = []
    names = names_of(header, size=style.SMALL)
    for job in sorted(jobs):
        look = style.look(job)
        how: dict[str, Any] = {"facecolor": look.colour, "edgecolor": style.EDGE, "linewidth": 0.6}
        found.append(Patch(hatch=look.hatch if hatched else None, label=names[job], **how))
    return found
