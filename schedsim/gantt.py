"""Gantt charts as lines of text.

A small schedule is drawn as in a textbook: a box for each slice, its exact times below, in as many
rows as it takes. A larger one is drawn to scale, with a lane for each CPU and for each job; what
the scale cannot show is said below it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from schedsim.tables import Line, Page, cut, listing, paragraph, width_of
from schedsim.timeline import (
    AWAITS,
    BLOCKED,
    IDLE,
    MANY,
    RUNS,
    SWITCH,
    SWITCHES,
    WAITS,
    ZOMBIE,
    Piece,
    Timeline,
    columns_for,
    job_pieces,
    nice_step,
    shares,
    timeline,
)
from schedsim.times import UNITS, Ns, show, to_unit
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schedsim.results import Run

MOST_ROWS: Final = 6
"""A textbook chart that needs more rows is drawn to scale instead."""
MOST_LANES: Final = 20
"""So many jobs, and so many CPUs, get a lane."""
_MOST_BOXES: Final = 300
_MOST_WHOLE: Final = 4
"""Up to so many CPUs the beginning of a long schedule is drawn as in a textbook."""
_LONGEST_LABEL: Final = 12

# Okabe and Ito's colours, which colour-blind people tell apart, too; with the ink that can be read on each.
PALETTE: Final = (
    ("#E69F00", "#000000"),
    ("#56B4E9", "#000000"),
    ("#009E73", "#000000"),
    ("#F0E442", "#000000"),
    ("#0072B2", "#FFFFFF"),
    ("#D55E00", "#000000"),
    ("#CC79A7", "#000000"),
    ("#BBBBBB", "#000000"),
)
PARTLY: Final = SWITCHES + 1
"""A job runs, for part of a column."""

_MARKS: Final = {
    True: {IDLE: "·", SWITCH: "/", MANY: "*"},
    False: {IDLE: ".", SWITCH: "/", MANY: "*"},
}
"""For pages with and without the marks of Unicode."""
_MEANINGS: Final = {IDLE: "idle", SWITCH: "context switch", MANY: "several jobs"}
_STYLES: Final = {IDLE: "idle", SWITCH: "switch", MANY: "many"}
_JOB_MARKS: Final = {
    True: {RUNS: "█", WAITS: "─", BLOCKED: "~", SWITCHES: "/", PARTLY: "▒", ZOMBIE: "z", AWAITS: "!"},
    False: {RUNS: "#", WAITS: "-", BLOCKED: "~", SWITCHES: "/", PARTLY: "+", ZOMBIE: "z", AWAITS: "!"},
}
_JOB_MEANINGS: Final = {
    RUNS: "runs",
    WAITS: "waits",
    BLOCKED: "blocked",
    SWITCHES: "context switch",
    PARTLY: "runs for part of the column",
    ZOMBIE: "zombie",
    AWAITS: "blocked by another job",
}
_NAMELESS: Final = "#"
"""Fills the run of a job whose name has no room."""


def style_of(job: int) -> str:
    """Return the style of the job at place ``job`` of the mix: the same in every picture."""
    return f"job:{job % len(PALETTE)}"


def gantt(run: Run, page: Page, *, lanes: bool = False) -> list[Line]:
    """Return the chart of ``run``, laid out for ``page``; ``lanes`` adds a lane for each job in any case.

    So do jobs that wait for each other, or are zombies: that shows in their lanes alone.
    """
    line = timeline(run.charted)
    lanes = lanes or not {Kind.WAITS, Kind.JOINS, Kind.ZOMBIE}.isdisjoint(run.trace.kind)
    if not line.end:
        return paragraph("Nothing ran.", page)
    small = textbook(run, line, page) or textbook(run, line.joined(), page)
    if small is not None:
        return small + ([[], *to_scale(run, line, page, cpus=False)] if lanes else [])
    if len(run.trace.header.jobs) <= MOST_LANES:
        return to_scale(run, line, page)
    lines = to_scale(run, line, page, jobs=lanes)
    return lines + (beginning(run, line.joined(), page) if len(line.lanes) <= _MOST_WHOLE else [])


# As in a textbook.


def textbook(run: Run, line: Timeline, page: Page) -> list[Line] | None:
    """Return boxes with exact times below them, or None if that takes too many rows."""
    most = max(1, MOST_ROWS // len(line.lanes))
    if line.slices > _MOST_BOXES or len(line.lanes) > MOST_LANES:
        return None
    boxes = _Boxes(run, line, page)
    rows = boxes.rows(0, most + 1)
    if len(rows) > most or boxes.times[-1] not in rows[-1]:
        return None
    widest, narrowest = len(rows) * boxes.room / line.end, 0.0
    for _ in range(30):
        middle = (widest + narrowest) / 2
        if len(boxes.rows(middle, most + 1)) <= len(rows):
            narrowest = middle
        else:
            widest = middle
    # Equal times are equally long if a step is a whole number of columns.
    if narrowest * line.step >= 1:
        narrowest = int(narrowest * line.step) / line.step
    lines: list[Line] = paragraph(f"Gantt chart, times in {run.unit}", page, "title")
    for row in boxes.rows(narrowest, most + 1):
        lines += boxes.draw(row)
    return lines + _legend(page, boxes.seen)


def beginning(run: Run, line: Timeline, page: Page) -> list[Line]:
    """Return the first rows of a textbook chart that is too long, and how many slices it leaves out."""
    first = sorted(piece.end for lane in line.lanes for piece in lane[:_MOST_BOXES])[:_MOST_BOXES][-1]
    lanes = tuple([piece for piece in lane if piece.start < first] for lane in line.lanes[:MOST_LANES])
    boxes = _Boxes(run, Timeline(lanes, line.end, line.slices), page)
    rows = boxes.rows(0, max(1, MOST_ROWS // 2 // len(lanes)))
    last = max(rows[-1])
    if not last:
        return []
    lines = paragraph(f"The beginning, times in {run.unit}", page, "title")
    for row in rows:
        lines += boxes.draw(row)
    drawn = sum(piece.what >= 0 and piece.start < last for lane in lanes for piece in lane)
    lines += _legend(page, boxes.seen)
    return lines + _more(line.slices - drawn, "slices", page)


def _more(count: int, what: str, page: Page) -> list[Line]:
    """Return the line that says what is not shown, if anything is not."""
    return paragraph(f"... {count:,} more {what}; show them with --format json", page, "dim") if count else []


class _Labels(dict[int, str]):
    """The jobs' names as they fit, each made when it is first needed."""

    def __init__(self, run: Run, page: Page, width: int) -> None:
        self.jobs, self.page, self.width = run.trace.header.jobs, page, width

    def __missing__(self, job: int) -> str:
        self[job] = label = cut(self.page.text(self.jobs[job].id), self.width, "~")
        return label


class _Boxes:
    """The boxes of a textbook chart, and where they stand when a unit of time is so many columns."""

    def __init__(self, run: Run, line: Timeline, page: Page) -> None:
        self.page = page
        self.labels = _Labels(run, page, _LONGEST_LABEL)
        self.prefix = "" if len(line.lanes) == 1 else f"CPU {len(line.lanes) - 1} "
        self.room = (page.width or 80) - len(self.prefix)
        self.lanes = line.lanes
        self.times = sorted({0, *(piece.end for lane in line.lanes for piece in lane)})
        self.numbers = {time: show(time, run.unit) for time in self.times}
        self.seen = {piece.what for lane in line.lanes for piece in lane}
        self.ending: dict[Ns, list[Piece]] = {}
        for lane in line.lanes:
            for piece in lane:
                self.ending.setdefault(piece.end, []).append(piece)

    def rows(self, scale: float, most: int) -> list[dict[Ns, int]]:
        """Return for each of at most ``most`` rows the columns of its times.

        The last time is missing when the rows do not suffice, or a box is too wide for any row.
        """
        rows: list[dict[Ns, int]] = []
        row = {0: 0}
        for before, now in pairwise(self.times):
            place = self._place(row, before, now, scale)
            if place is None and len(row) > 1:
                rows.append(row)
                row = {before: 0}
                place = self._place(row, before, now, scale)
            if place is None and scale:
                place = self._place(row, before, now, 0)
            if place is None or len(rows) == most:
                break
            row[now] = place
        return [*rows, row] if len(row) > 1 else rows or [row]

    def _place(self, row: dict[Ns, int], before: Ns, now: Ns, scale: float) -> int | None:
        """Return the column of ``now``: as far as the scale says, and as labels and numbers need."""
        first = next(iter(row))
        needs = [row[before] + len(self.numbers[before]) + 1, round((now - first) * scale)]
        needs += [row.get(piece.start, 0) + self._width(piece) for piece in self.ending[now]]
        place = max(needs)
        return place if place + len(self.numbers[now]) <= self.room else None

    def _width(self, piece: Piece) -> int:
        return 1 + (width_of(self.labels[piece.what]) if piece.what >= 0 else 1)

    def draw(self, row: dict[Ns, int]) -> list[Line]:
        """Return a row: a line for each CPU, then the times."""
        first, last = min(row), max(row)
        lines = []
        for number, lane in enumerate(self.lanes):
            line: Line = [(f"CPU {number} ".ljust(len(self.prefix)), "")] if self.prefix else []
            for piece in lane:
                if piece.end <= first or piece.start >= last:
                    continue
                start, end = row[max(piece.start, first)], row[min(piece.end, last)]
                # A box that goes on from the row above has no edge there.
                line.append(("|" if piece.start >= first else ":", ""))
                line.append(self._fill(piece, end - start - 1))
                if piece.end >= last:
                    line.append(("|" if piece.end == last else ":", ""))
            lines.append(line)
        times = " " * len(self.prefix)
        for time, place in row.items():
            times = times.ljust(len(self.prefix) + place) + self.numbers[time]
        return [*lines, [(times, "axis")]]

    def _fill(self, piece: Piece, width: int) -> tuple[str, str]:
        if piece.what < 0:
            return _MARKS[self.page.unicode][piece.what] * width, _STYLES[piece.what]
        # Only a box that goes on in the next row may be too narrow for its label here.
        label = cut(self.labels[piece.what], width, "~")
        left = (width - width_of(label)) // 2
        return " " * left + label + " " * (width - left - width_of(label)), style_of(piece.what)


def _legend(page: Page, seen: set[int], more: Sequence[str] = ()) -> list[Line]:
    """Return the line that says what the marks mean."""
    marks = _MARKS[page.unicode]
    words = [f"{marks[what]} {_MEANINGS[what]}" for what in (IDLE, SWITCH, MANY) if what in seen]
    return listing([*words, *more], page, "dim") if words or more else []


# To scale.


def to_scale(run: Run, line: Timeline, page: Page, *, cpus: bool = True, jobs: bool = True) -> list[Line]:
    """Return lanes drawn to scale: for the CPUs, if ``cpus``, and for the first jobs, if ``jobs``."""
    width = page.width or 80
    labels = _Labels(run, page, max(3, min(_LONGEST_LABEL, width // 4)))
    shown_cpus = line.lanes[: MOST_LANES if cpus else 0]
    shown_jobs = min(len(run.trace.header.jobs), MOST_LANES if jobs else 0)
    heads = [f"CPU {number}" if width >= 40 else str(number) for number in range(len(shown_cpus))]
    margin = 1 + max(map(width_of, [*heads, *(labels[number] for number in range(shown_jobs))]))
    columns = columns_for(line, max(width - margin, 1))
    each = to_unit(line.end, run.unit) / columns
    lines = paragraph(f"Gantt chart, one column is {each:.3g} {run.unit}", page, "title")
    seen: set[int] = set()
    for head, lane in zip(heads, shown_cpus, strict=True):
        drawn, what = _cpu_lane(shares(lane, columns, line.end), labels, page)
        seen |= what
        lines.append([(head.ljust(margin), ""), *drawn])
    done: set[int] = set()
    for number, pieces in enumerate(job_pieces(run.charted, shown_jobs, line.end)):
        drawn, what = _job_lane(shares(pieces, columns, line.end), line.end, number, page)
        done |= what
        label = labels[number]
        lines.append([(label + " " * (margin - width_of(label)), ""), *drawn])
    lines.append([(" " * margin + _axis(line, columns, run.unit), "axis")])
    marks = _JOB_MARKS[page.unicode]
    meanings = _JOB_MEANINGS | ({BLOCKED: "blocked, in I/O"} if AWAITS in done else {})
    lines += _legend(page, seen, [f"{marks[what]} {meanings[what]}" for what in sorted(done)])
    if MANY in seen:
        said = f"{line.slices:,} slices share these columns; show them with --format json"
        lines += paragraph(said, page, "dim")
    if jobs:
        lines += _more(len(run.trace.header.jobs) - shown_jobs, "jobs", page)
    return lines + _more(len(line.lanes) - len(shown_cpus) if cpus else 0, "CPUs", page)


def _cpu_lane(columns: list[dict[int, int]], labels: _Labels, page: Page) -> tuple[Line, set[int]]:
    """Return the lane of one CPU, and which marks are in it."""
    contents = []
    for column in columns:
        jobs = [what for what in column if what >= 0]
        contents.append(MANY if len(jobs) > 1 else max(column, key=lambda what: column[what]))
    line: Line = []
    place = 0
    while place < len(contents):
        what = contents[place]
        end = place + 1
        while end < len(contents) and contents[end] == what:
            end += 1
        width = end - place
        if what < 0:
            line.append((_MARKS[page.unicode][what] * width, _STYLES[what]))
        else:
            label = labels[what] if width_of(labels[what]) <= width else ""
            fill = "=" if label else _NAMELESS
            line.append((label + fill * (width - width_of(label)), style_of(what)))
        place = end
    return line, {what for what in contents if what < 0}


def _job_lane(columns: list[dict[int, int]], whole: int, job: int, page: Page) -> tuple[Line, set[int]]:
    """Return the lane of one job, and what it does in it."""
    marks = _JOB_MARKS[page.unicode]
    line: Line = []
    seen: set[int] = set()
    for column in columns:
        if not column:
            line.append((" ", ""))
            continue
        what = RUNS if RUNS in column else max(column, key=lambda what: column[what])
        if what == RUNS and column[RUNS] < whole:
            what = PARTLY
        seen.add(what)
        # A block is coloured by the text's own colour, a box by that behind it.
        style = f"mark:{job % len(PALETTE)}" if what in (RUNS, PARTLY) else "dim"
        line.append((marks[what], style))
    return _merged(line), seen


def _merged(line: Line) -> Line:
    """Return the line with neighbouring spans of one style in one."""
    merged: Line = []
    for words, style in line:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + words, style)
        else:
            merged.append((words, style))
    return merged


def _axis(line: Timeline, columns: int, unit: str) -> str:
    """Return the times below a chart to scale, each beginning in its column."""
    steps = (nice_step(line.end, UNITS[unit], most) for most in range(columns // 2, 0, -1))
    times, labels = [0], ["0"]
    for step in steps:
        times = list(range(0, line.end, step))
        labels = [show(time, unit) for time in times]
        if step * columns // line.end > max(map(len, labels)):
            break
    axis = ""
    for time, label in zip(times, labels, strict=True):
        place = time * columns // line.end
        # Not one at the right end, where there might be no room for all of it.
        if place + len(label) <= max(columns, 1):
            axis = axis.ljust(place) + label
    return axis
