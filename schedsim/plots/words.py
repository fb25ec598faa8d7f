"""Pictures in words, for those who do not see them; and the words that stand above them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schedsim import summary
from schedsim.tables import show_cell
from schedsim.timeline import IDLE, SWITCH, dues
from schedsim.times import show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schedsim.plots.window import Window
    from schedsim.results import Comparison, Run
    from schedsim.timeline import Timeline
    from schedsim.times import Ns
    from schedsim.trace import Header

_LONGEST_POLICY: Final = 48
"""A policy's options are put below the title when they make it longer than this, in letters."""
_MOST_SLICES: Final = 30
"""So many slices are read aloud one by one."""


def title(run: Run, what: str = "") -> str:
    """Return which mix ran under which policy; with ``what`` as a part of a sentence, options and all."""
    header = run.trace.header
    if what:
        return f"{what} of {header.mix} under {summary.policy_words(header)}"
    words = summary.policy_words(header)
    return f"{header.mix} under {words if _short(words) else _without_options(header)}"


def _short(words: str) -> bool:
    return len(words) <= _LONGEST_POLICY


def _without_options(header: Header) -> str:
    return header.algo + (f" ({summary.KNOWS})" if header.clairvoyant else "")


def subtitle(run: Run) -> str:
    """Return how it was run, and on what; and the policy's options, when they are too long for the title.

    A run that got stuck says so: its bars alone look like those of one that ended.
    """
    header = run.trace.header
    engine = "" if header.engine == "simulated" else f"{header.engine} run: "
    options = "" if _short(summary.policy_words(header)) else f"{summary.option_words(header.options)}; "
    return engine + options + summary.surroundings(run) + stuck_in_words(run)


def outcome(run: Run) -> str:
    """Return the means and the utilization in a few words."""
    means = [
        f"{name} {show_cell(value)}"
        for name, value in run.means.items()
        if value is not None and name != "slowdown"
    ]
    said = f"mean {', '.join(means)} {run.unit}" if means else "no job finished"
    return f"{said}; CPU utilization {show_cell(round(100 * (run.system['utilization'] or 0), 1))} %"


def part(window: Window, end: Ns) -> str:
    """Return which part of a run up to ``end`` is drawn, "" for all of it, to stand behind the policy."""
    return "" if (window.start, window.end) == (0, end) else f" from {window.said()}"


def slices_in_words(run: Run, line: Timeline, window: Window) -> str:
    """Return who has which CPU when in a part of the time, or how many slices there are when they are too many to say."""
    line = line.joined()
    if not line.end:
        return "nothing ran"
    jobs, unit = run.trace.header.jobs, run.unit
    lanes = [window.within(lane) for lane in line.lanes]
    if sum(map(len, lanes)) > _MOST_SLICES:
        slices = sum(piece.what >= 0 for lane in lanes for piece in lane)
        return f"{slices:,} slices from {window.said()}; {outcome(run)}"
    parts = []
    for number, lane in enumerate(lanes):
        names = {IDLE: "idle", SWITCH: "switch"}
        said = [
            f"{jobs[piece.what].id if piece.what >= 0 else names[piece.what]} "
            f"{show(piece.start, unit)}-{show(piece.end, unit)}"
            for piece in lane
        ]
        parts.append((f"CPU {number}: " if len(lanes) > 1 else "") + ", ".join(said))
    return "; ".join(parts)


def deadlines_in_words(run: Run) -> str:
    """Return who misses a deadline, "" where nobody who came has one, as the end of a sentence."""
    if not dues(run.trace):
        return ""
    late = [name for name, _ in run.misses]
    return f"; deadlines missed: {listed(late)}" if late else "; no deadline is missed"


def stuck_in_words(run: Run) -> str:
    """Return since when the run was stuck, "" where everybody could go on, as the end of a sentence."""
    return "".join(f"; {words}" for words in summary.stuck_words(run))


def too_many(jobs: int, pieces: int, most: int) -> str:
    """Return why jobs have no lanes: there are more of them than ``most``, or else too many pieces."""
    if jobs > most:
        return f"{jobs:,} jobs are too many for a lane each"
    return f"{pieces:,} pieces are too many to draw each"


def left_out(count: int) -> list[str]:
    """Return a sentence about the jobs that have no lane since they are not there in a part of the time."""
    if not count:
        return []
    jobs = "1 job that is" if count == 1 else f"{count:,} jobs that are"
    return [f"{jobs} not there in this part of the time {'is' if count == 1 else 'are'} left out."]


def listed(items: Iterable[str], most: int = 12) -> str:
    """Return items with commas between them, at most so many, and how many more there are."""
    items = list(items)
    more = f" and {len(items) - most:,} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def compared(comparison: Comparison, metric: str = "turnaround") -> str:
    """Return what each policy reaches in one metric."""
    labels = summary.comparison_labels(comparison)
    return listed(
        (
            f"{label} {show_cell(run.means[metric])}"
            for label, run in zip(labels, comparison.runs, strict=True)
        ),
        most=20,
    )
