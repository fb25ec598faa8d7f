"""Gantt charts as SVG: one file that needs no other, whose words are text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schedsim import summary
from schedsim.export import dense, lanes
from schedsim.export.drawing import CHARACTER, WIDTH, Drawing, number
from schedsim.export.lanes import GAP, LANE
from schedsim.looks import hatched
from schedsim.tables import cut, show_cell, width_of
from schedsim.timeline import HELD, IDLE, SWITCH, dues, job_pieces, nice_step, timeline
from schedsim.times import UNITS, Ns, show
from schedsim.trace import never_came

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schedsim.results import Comparison, Run
    from schedsim.timeline import Timeline

MOST_JOBS: Final = 60
"""So many jobs get a lane of their own; of more, the length of the ready queue is drawn."""
MOST_CPUS: Final = 16
"""So many CPUs get a lane."""
_FEW_JOBS: Final = 20
"""Up to so many, lanes are as high as in a textbook."""
_LOW: Final = 14
"""The height of a lane where there are more."""
_WIDE: Final = 1000
"""The width of a picture of many pieces."""
_MANY: Final = 60
"""More pieces of one lane than this are many."""
_LONGEST_NAME: Final = 16
_LONGEST_TIME: Final = 6
"""Measured times, which have more digits than this, are not written: round ones are."""
_NARROWEST: Final = 4
"""Bars of fewer pixels have a thin outline."""
_TOP: Final = 34
_SMALL: Final = ' font-size="11" fill="#333333"'
_MOST_SAID: Final = 60
"""So many pieces of a lane are told in words."""


def run_svg(run: Run) -> str:
    """Return the chart of one run: its CPUs, and below them what each job did."""
    line = timeline(run.charted)
    title = summary.heading(run)
    if not line.end:
        return _empty(title)
    names = [cut(job.id, _LONGEST_NAME) for job in run.trace.header.jobs]
    shown = line.lanes[:MOST_CPUS]
    many = max(map(len, shown)) > _MANY or len(names) > _FEW_JOBS
    labels = [*names[: MOST_JOBS + 1], _cpu_name(len(shown) - 1, len(shown)), "ready"]
    left = 24 + CHARACTER * max(map(width_of, labels))
    drawing = Drawing(
        title,
        "; ".join([lanes.in_words(run.charted, _MOST_SAID), *summary.stuck_words(run)]),
        left,
        line.end,
        width=_WIDE if many else WIDTH,
        narrowest=1,
    )
    whole = not dense.is_dense(drawing, shown)
    named = whole and not any(lanes.nameless(drawing, lane, names) for lane in shown)
    drawing.hatched = hatched(len(names), named=named)
    y: float = _TOP
    for place, lane in enumerate(shown):
        drawing.text(10, y + 16, _cpu_name(place, len(shown)))
        if whole:
            lanes.cpu_lane(drawing, lane, names, y, narrowest=_NARROWEST, unit=run.unit)
        else:
            dense.cpu_lane(drawing, lane, names, y)
        y += LANE + GAP
    written = drawing.times(_times(drawing, line, run.unit), y + 7, run.unit)
    y += 18
    if len(names) > MOST_JOBS:
        y, said = _queue(drawing, run, y)
    else:
        y, said = _jobs(drawing, run, y, written, line.end, whole=whole)
    if len(shown) < len(line.lanes):
        said.append(f"{len(line.lanes) - len(shown):,} more CPUs are not drawn")
    if not whole:
        said.append(f"grey: several jobs in one column; {line.slices:,} slices in all")
    return _ended(drawing, y, [*said, *summary.stuck_words(run)])


def _jobs(
    drawing: Drawing, run: Run, y: float, written: Sequence[Ns], end: Ns, *, whole: bool
) -> tuple[float, list[str]]:
    """Draw a lane for each job; return where they end, and what their marks mean."""
    jobs = run.trace.header.jobs
    height = LANE if len(jobs) <= _FEW_JOBS else _LOW
    bottom = y + height * len(jobs)
    if len(jobs) > 1:
        _grid(drawing, written, y, bottom)
    pieces = job_pieces(run.charted, len(jobs), end, held=HELD)
    absent, deadlines = never_came(run.trace), dues(run.trace)
    missed = {name for name, _ in run.misses}
    marks: set[str] = set()
    for place, job in enumerate(jobs):
        arrival = drawing.end + 1 if place in absent else job.arrival
        size = "" if height == LANE else ' font-size="10"'
        drawing.text(10, y + height * 5 / 8, cut(job.id, _LONGEST_NAME), more=size)
        if whole:
            lanes.job_lane(
                drawing,
                pieces[place],
                place,
                y,
                arrival=arrival,
                height=height,
                narrowest=_NARROWEST,
                unit=run.unit,
            )
        else:
            dense.job_lane(drawing, pieces[place], place, y, arrival=arrival, height=height)
        due = deadlines.get(place)
        if due is not None and due <= drawing.end:
            lanes.deadline(drawing, due, y, height, missed=job.id in missed)
            marks.add("x: deadline, missed" if job.id in missed else "T: deadline")
        y += height
    if len(jobs) > _FEW_JOBS:
        drawing.times(written, y + 11, run.unit)
        y += 16
    bar = "bar: runs" if whole else "bar: runs, pale: for part of the column"
    said = [lanes.legend({piece.what for each in pieces for piece in each}, bar)]
    return y, [*said, *(["   ·   ".join(sorted(marks))] if marks else [])]


def _queue(drawing: Drawing, run: Run, y: float) -> tuple[float, list[str]]:
    """Draw how long the ready queue was; return where that ends, and what it is."""
    height = 4 * LANE
    drawing.text(10, y + 16, "ready")
    most = dense.ready_queue(drawing, run.charted, y + 8, height - 8)
    drawing.text(10, y + 32, f"≤ {most:,}", more=_SMALL)
    count = len(run.trace.header.jobs)
    return y + height, [
        f"below the CPUs: how many jobs are ready, {most:,} at most; {count:,} jobs are too many for a lane each"
    ]


def comparison_svg(comparison: Comparison) -> str:
    """Return the CPUs of every run on one time axis, with the mean turnaround at their ends, the least in bold."""
    title = summary.comparison_heading(comparison)
    lines = [timeline(run.charted) for run in comparison.runs]
    end = max((line.end for line in lines), default=0)
    if not end:
        return _empty(title)
    labels = [cut(label, _LONGEST_NAME * 2) for label in summary.comparison_labels(comparison)]
    unit = comparison.runs[0].unit
    many = any(len(lane) > _MANY for line in lines for lane in line.lanes)
    left = 24 + CHARACTER * max(map(width_of, labels))
    stuck = [
        f"{label}: {words}"
        for label, run in zip(labels, comparison.runs, strict=True)
        for words in summary.stuck_words(run)
    ]
    told = "; ".join([*(lanes.in_words(run.charted, _MOST_SAID) for run in comparison.runs), *stuck])
    # The axis ends earlier, so that there is room for a number behind the lanes.
    drawing = Drawing(title, told, left, end * 100 // 86, width=_WIDE if many else WIDTH, narrowest=1)
    whole = not dense.is_dense(drawing, (lane for line in lines for lane in line.lanes))
    means = [run.means["turnaround"] for run in comparison.runs]
    best = min((show_cell(mean) for mean in means if mean is not None), key=float, default="")
    names = [cut(job.id, _LONGEST_NAME) for job in comparison.runs[0].trace.header.jobs]
    shown = [lane for line in lines for lane in line.lanes[:MOST_CPUS]]
    nameless = {job for lane in shown for job in lanes.nameless(drawing, lane, names)}
    drawing.hatched = hatched(len(names), named=not nameless)
    y: float = _TOP + 16
    drawing.text(drawing.width - 6, y - 6, "mean turnaround", "end", ' font-size="11"')
    for line, label, mean in zip(lines, labels, means, strict=True):
        drawing.text(10, y + 16, label)
        bold = ' font-weight="bold"' if show_cell(mean) == best else ""
        drawing.text(drawing.x(end) + 10, y + 16, show_cell(mean), more=bold)
        for lane in line.lanes[:MOST_CPUS]:
            if whole and lane:
                lanes.cpu_lane(drawing, lane, names, y, narrowest=_NARROWEST, unit=unit)
            elif lane:
                dense.cpu_lane(drawing, lane, names, y)
            y += LANE
        y += GAP
    drawing.times(range(0, end + 1, _step(drawing, end, unit)), y + 8, unit)
    y += 12
    said = []
    if nameless and len(names) <= MOST_JOBS:
        y = _swatches(drawing, sorted(nameless), names, y)
    elif nameless:
        said.append(f"the {len(names):,} jobs are too many to be named each")
    if any(piece.what == SWITCH for line in lines for lane in line.lanes for piece in lane):
        said.append("dark: context switch")
    if len(lines[0].lanes) > MOST_CPUS:
        said.append(f"{len(lines[0].lanes) - MOST_CPUS:,} more CPUs of each are not drawn")
    if not whole:
        said.append("grey: several jobs in one column")
    return _ended(drawing, y, [*said, *stuck])


def _swatches(drawing: Drawing, jobs: Sequence[int], names: Sequence[str], y: float) -> float:
    """Draw which colour and hatch is whose, for these jobs, in as many rows as it takes; return where they end."""
    x = drawing.left
    for job in jobs:
        width = 24 + CHARACTER * width_of(names[job]) + 12
        if x > drawing.left and x + width > drawing.width:
            x, y = drawing.left, y + 18
        shape = f"M{number(x)} {number(y + 4)}h18v12h-18z"
        drawing.path(shape, lanes.colours(job)[0], f' stroke="{lanes.EDGE}"')
        drawing.hatch(shape, job)
        drawing.text(x + 24, y + 14, names[job], more=' font-size="11"')
        x += width
    return y + 22


def _ended(drawing: Drawing, y: float, said: Sequence[str]) -> str:
    """Return the whole file, with what its marks mean below the lanes, in as many lines as it takes."""
    for words in said:
        drawing.text(drawing.left, y + 15, words, more=_SMALL)
        y += 15
    return drawing.svg(y + 11)


def _empty(title: str) -> str:
    drawing = Drawing(title, "Nothing ran.", 10, 1)
    drawing.text(10, _TOP + 16, "Nothing ran.")
    return drawing.svg(_TOP + 26)


def _cpu_name(place: int, count: int) -> str:
    return "CPU" if count == 1 else f"CPU {place}"


def _times(drawing: Drawing, line: Timeline, unit: str) -> Sequence[Ns]:
    """Return the times to write: when anything begins or ends, or round ones where these are many or long."""
    busy = [piece for lane in line.lanes for piece in lane if piece.what != IDLE]
    edges = {0, line.end, *(edge for piece in busy for edge in (piece.start, piece.end))}
    few = len(edges) * CHARACTER * 3 <= drawing.room
    if few and all(len(show(time, unit)) <= _LONGEST_TIME for time in edges):
        return sorted(edges)
    return range(0, line.end + 1, _step(drawing, line.end, unit))


def _step(drawing: Drawing, end: Ns, unit: str) -> Ns:
    """Return the shortest round length whose multiples up to ``end`` can all be written below the axis."""
    step = end
    for most in range(1, int(drawing.room / CHARACTER)):
        shorter = nice_step(end, UNITS[unit], most)
        longest = max(len(show(time, unit)) for time in range(0, end + 1, shorter))
        if (longest + 2) * CHARACTER > drawing.room * shorter / drawing.end:
            break
        step = shorter
    return step


def _grid(drawing: Drawing, times: Sequence[Ns], top: float, bottom: float) -> None:
    """Draw faint lines from the times through the lanes."""
    drawn = "".join(f"M{number(drawing.x(time))} {number(top)}V{number(bottom)}" for time in times)
    drawing.path(drawn, "none", ' stroke="#DDDDDD"')
