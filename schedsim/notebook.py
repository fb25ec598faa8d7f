"""Results in a notebook: the same sentences and tables as in a terminal, and a picture for the chart.

Everything that a user wrote is escaped; what is too long to show says so.
"""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from schedsim import summary, tables
from schedsim.gantt import PALETTE
from schedsim.timeline import IDLE, MANY, SWITCH, Piece, Timeline, nice_step, shares, timeline
from schedsim.times import UNITS, Ns, show

if TYPE_CHECKING:
    from schedsim.explanation import Explanation
    from schedsim.results import Comparison, Run

MOST_ROWS: Final = 50
"""So many jobs a table in a notebook shows."""
_MOST_LINES: Final = 200
_MOST_PIECES: Final = 1500
"""A chart of more pieces than this is drawn to the pixel instead."""
_MOST_LANES: Final = 16
_WIDTH: Final = 720
_LANE: Final = 26
_MARGIN: Final = 48
_CHARACTER: Final = 7.5
"""About the width of a letter of the labels."""

_MEANINGS: Final = {IDLE: "idle", SWITCH: "context switch", MANY: "several jobs"}
_FILLS: Final = {IDLE: "none", SWITCH: "#555", MANY: "#888"}


def run_html(run: Run) -> str:
    """Return chart, tables and notes of a run as HTML."""
    table = tables.html(summary.jobs_table(run, MOST_ROWS))
    words = escape(", ".join(summary.system_words(run)))
    notes = "".join(f"<p>note: {escape(note)}</p>" for note in run.notes)
    stuck = "".join(f"<p>{escape(said)}</p>" for said in summary.deadlock_words(run))
    heading = escape(summary.heading(run))
    return f"<div><p><strong>{heading}</strong></p>{chart(run)}{table}<p>{words}</p>{stuck}{notes}</div>"


def comparison_html(comparison: Comparison) -> str:
    """Return the table of a comparison as HTML."""
    heading = escape(summary.comparison_heading(comparison))
    if not comparison.runs:
        return f"<div><p>{heading}</p></div>"
    table = tables.html(summary.comparison_table(comparison))
    options = "".join(f"<p>{escape(said)}</p>" for said in summary.long_options(comparison))
    return f"<div><p><strong>{heading}</strong></p>{table}{options}</div>"


def explanation_html(explanation: Explanation) -> str:
    """Return the lines of an explanation as HTML, as many as a notebook can show."""
    table = tables.html(explanation.table(_MOST_LINES))
    return f"<div><p><strong>{escape(explanation.title)}</strong></p>{table}</div>"


def chart(run: Run) -> str:
    """Return the Gantt chart of a run as an SVG picture: a lane for each CPU, the times below."""
    line = timeline(run.charted)
    if not line.end:
        return "<p>Nothing ran.</p>"
    lanes = line.lanes[:_MOST_LANES]
    pieces = sum(len(lane) for lane in lanes)
    whole = pieces <= _MOST_PIECES
    drawn = lanes if whole else tuple(_to_the_pixel(lane, line.end) for lane in lanes)
    parts = [_lane(run, lane, number, line.end) for number, lane in enumerate(drawn)]
    height = len(lanes) * _LANE + 20
    parts.append(_axis(line, len(lanes) * _LANE, run.unit))
    name = escape(f"Gantt chart of {summary.heading(run)}", quote=True)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{name}" '
        f'viewBox="0 0 {_MARGIN + _WIDTH + 40} {height}" width="{_MARGIN + _WIDTH + 40}" height="{height}" '
        f'style="max-width:100%;font:12px sans-serif" fill="currentColor">{"".join(parts)}</svg>'
    )
    said = [] if whole else [f"{line.slices:,} slices, drawn together where several share a pixel"]
    if len(lanes) < len(line.lanes):
        said.append(f"{len(line.lanes) - len(lanes):,} more CPUs are not drawn")
    return svg + "".join(f"<p>{escape(words)}</p>" for words in said)


def _to_the_pixel(lane: list[Piece], end: Ns) -> list[Piece]:
    """Return the lane with everything rounded to pixels; MANY where more than one job had part of one."""
    found: list[Piece] = []
    for place, column in enumerate(shares(lane, _WIDTH, end)):
        jobs = [what for what in column if what >= 0]
        what = MANY if len(jobs) > 1 else max(column, key=lambda what: column[what])
        stop = (place + 1) * end // _WIDTH
        if found and found[-1].what == what:
            found[-1] = found[-1]._replace(end=stop)
        else:
            found.append(Piece(place * end // _WIDTH, stop, what))
    return found


def _lane(run: Run, lane: list[Piece], number: int, end: Ns) -> str:
    """Return the lane of one CPU."""
    top = number * _LANE
    parts = [f'<text x="0" y="{top + 16}">CPU {number}</text>']
    jobs = run.trace.header.jobs
    for piece in lane:
        left = _MARGIN + piece.start * _WIDTH / end
        width = (piece.end - piece.start) * _WIDTH / end
        fill, ink = PALETTE[piece.what % len(PALETTE)] if piece.what >= 0 else (_FILLS[piece.what], "")
        label = jobs[piece.what].id if piece.what >= 0 else _MEANINGS[piece.what]
        times = f"{show(piece.start, run.unit)} to {show(piece.end, run.unit)} {run.unit}"
        dashes = ' stroke-dasharray="2"' if piece.what == IDLE else ""
        parts.append(
            f'<rect x="{left:.2f}" y="{top}" width="{width:.2f}" height="{_LANE - 4}" fill="{fill}" '
            f'stroke="#444" stroke-width="0.5"{dashes}><title>{escape(label)}: {times}</title></rect>'
        )
        if piece.what >= 0 and tables.width_of(label) * _CHARACTER <= width:
            parts.append(
                f'<text x="{left + width / 2:.2f}" y="{top + 15}" text-anchor="middle" fill="{ink}" '
                f'pointer-events="none">{escape(label)}</text>'
            )
    return "".join(parts)


def _axis(line: Timeline, top: int, unit: str) -> str:
    """Return the times below the lanes: every boundary where there is room, else round ones."""
    times = sorted({0, *(piece.end for lane in line.lanes for piece in lane)})
    spaces = [(after - before) * _WIDTH / line.end for before, after in pairwise(times)]
    longest = (len(show(line.end, unit)) + 1) * _CHARACTER
    if min(spaces) < longest:
        times = list(range(0, line.end + 1, nice_step(line.end, UNITS[unit], int(_WIDTH / longest / 1.5))))
    return "".join(
        f'<text x="{_MARGIN + time * _WIDTH / line.end:.2f}" y="{top + 10}" text-anchor="middle">'
        f"{show(time, unit)}</text>"
        for time in times
    )
