"""The sentences and tables of a page, in the words of the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim import summary
from schedsim.jobs import Job
from schedsim.policies.options import describe_options
from schedsim.report.record import total_of
from schedsim.summary import KNOWS, option_value, option_words
from schedsim.tables import Column, Table, show_cell
from schedsim.timeline import dues
from schedsim.times import show, to_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schedsim.report.charts import Axis
    from schedsim.report.watching import Watched
    from schedsim.results import Comparison, Run

MOST_ROWS: Final = 200
"""So many jobs a table of the page shows."""
_MOST_NAMED: Final = 3
_HEADS: Final = ("Good for", "Fails when", "Source")


class Titled(NamedTuple):
    """A table with what is said above it."""

    title: str
    table: Table
    jobs: bool
    """Whether its rows are the jobs, in the order of the mix."""
    opened: bool


class AboutMix(NamedTuple):
    """What the mix says of itself."""

    name: str
    title: str
    source: str


class AboutPolicy(NamedTuple):
    """What a policy is and was run with."""

    name: str
    paragraphs: list[tuple[str, str]]
    """``Good for``, ``Fails when``, ``Source`` or nothing, and what is said of it."""
    options: list[tuple[str, str]]
    knows: bool


def version() -> str:
    """Return the version of schedsim that made the page."""
    from schedsim import __version__

    return __version__


def title(runs: Sequence[Run]) -> str:
    """Return what the page is about."""
    words = [
        " ".join(filter(None, (run.algo, option_words(run.options) if len(runs) == 1 else "")))
        for run in runs
    ]
    if len(runs) > _MOST_NAMED:
        return f"{runs[0].trace.header.mix} under {len(runs)} policies"
    listed = " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    return f"{runs[0].trace.header.mix} under {listed}"


def names(comparison: Comparison) -> list[str]:
    """Return what each run is called: the policy with its options, shortened where they are many."""
    return [label.removesuffix(f" ({KNOWS})") for label in summary.comparison_labels(comparison)]


def about(runs: Sequence[Run]) -> AboutMix:
    """Return name, title and source of the mix."""
    origin = runs[0].origin
    name = runs[0].trace.header.mix
    return AboutMix(name, "", "") if origin is None else AboutMix(name, origin.mix.title, origin.mix.source)


def notes(runs: Sequence[Run], called: Sequence[str]) -> list[str]:
    """Return the notes of all runs, each once, with whose it is unless it is everybody's."""
    found: dict[str, list[str]] = {}
    for run, name in zip(runs, called, strict=True):
        for note in (*run.notes, *summary.deadlock_note(run)):
            found.setdefault(note, []).append(name)
    return [
        note if len(whose) == len(runs) else f"{', '.join(whose)}: {note}" for note, whose in found.items()
    ]


def means_words(run: Run) -> str:
    """Return the means in a few words, for the head of a chart."""
    words = [
        f"{name} {show_cell(float(value))}"
        for name, value in run.means.items()
        if value is not None and name != "slowdown"
    ]
    means = f"mean {', '.join(words)}" if words else "no job finished"
    return "; ".join(filter(None, (means, summary.deadline_words(run))))


def limit(watched: Sequence[Watched], axis: Axis) -> str:
    """Return which part of the runs is shown, or nothing if it is all."""
    cut = [each for each in watched if each.cut]
    if not cut:
        return ""
    unit = axis.unit
    whole = max(each.run.system["makespan"] or 0 for each in watched)
    return (
        f"The chart and the steps show the beginning, from 0 to {show(axis.end, unit)} {unit} of "
        f"{show_cell(whole, exact=True)} {unit}, because all of it would be too much for one page. "
        "The tables below are about the whole run."
    )


def tables_of(comparison: Comparison, called: Sequence[str]) -> list[Titled]:
    """Return the metrics: of all policies, or of the one; then of each job."""
    runs = comparison.runs
    found = []
    if len(runs) > 1:
        whole = summary.comparison_table(comparison, verbose=True)
        found.append(Titled("The policies compared", whole, jobs=False, opened=True))
    else:
        found.append(
            Titled("Mean and percentiles", summary.percentiles_table(runs[0]), jobs=False, opened=True)
        )
        found.append(Titled("The whole run", summary.system_table(runs[0]), jobs=False, opened=True))
    for run, name in zip(runs, called, strict=True):
        table = _with_deadlines(run, summary.jobs_table(run, MOST_ROWS))
        words = f"Each job under {name}" if len(runs) > 1 else "Each job"
        found.append(Titled(words, table, jobs=True, opened=len(runs) <= _MOST_NAMED))
    return found


def _with_deadlines(run: Run, table: Table) -> Table:
    """Return the table of the jobs with two columns more, if any job that came has a deadline."""
    header, deadlines = run.trace.header, dues(run.trace)
    if not deadlines:
        return table
    columns = (Column("deadline at", exact=True), Column("lateness", exact=True))
    rows = []
    for place, (job, row) in enumerate(zip(header.jobs, table.rows, strict=False)):
        due = to_unit(deadlines[place], header.unit) if place in deadlines else None
        rows.append((*row, due, run.shown(run.lateness.get(job.id))))
    words = "lateness: how long after its deadline a job ended, below 0 if before it"
    return table._replace(
        columns=(*table.columns, *columns),
        rows=tuple(rows),
        foot=tuple((*row, "", "") for row in table.foot),
        more="; ".join(filter(None, (table.more, words))),
    )


def mix_table(run: Run) -> Table:
    """Return the jobs as they were written, with a column for each thing that any of them says."""
    header = run.trace.header
    unit = header.unit
    shown = header.jobs[:MOST_ROWS]
    totals = [total_of(job, unit) for job in shown]
    single = all(
        total is not None and job.program == f"cpu {show(total, unit)}"
        for job, total in zip(shown, totals, strict=True)
    )
    own = run.origin.mix.jobs if run.origin is not None else shown
    usual = Job._field_defaults
    rare = [
        name
        for name in ("priority", "nice", "tickets", "estimate", "period", "deadline")
        if any(getattr(job, name, None) not in (usual[name], None) for job in own[: len(shown)])
    ]
    does = Column("burst", exact=True) if single else Column("program", left=True)
    columns = [Column("job", left=True), Column("arrival", exact=True), does]
    columns += [Column(name, exact=True) for name in rare]
    rows = []
    for job, written, total in zip(shown, own, totals, strict=False):
        program = job.program or "a program that decides while it runs"
        cells: list[Any] = [
            job.id,
            None if job.spawned else to_unit(job.arrival, unit),
            to_unit(total, unit) if single and total is not None else program,
        ]
        for name in rare:
            value = getattr(written, name)
            length = name in ("estimate", "period", "deadline") and value is not None
            cells.append(to_unit(value, unit) if length else value)
        rows.append(tuple(cells))
    left = len(header.jobs) - len(shown)
    return Table(tuple(columns), tuple(rows), more=f"... {left:,} more jobs" if left else "")


def policies(runs: Sequence[Run], called: Sequence[str]) -> list[AboutPolicy]:
    """Return what each policy is, and its parameters."""
    found = []
    for run, name in zip(runs, called, strict=True):
        origin, header = run.origin, run.trace.header
        text = (type(origin.policy).__doc__ or "") if origin is not None else ""
        options = describe_options(origin.policy, header.unit) if origin is not None else dict(header.options)
        shown = [(key, option_value(value)) for key, value in options.items()]
        found.append(AboutPolicy(name, list(_paragraphs(text)), shown, header.clairvoyant))
    return found


def _paragraphs(docstring: str) -> Iterator[tuple[str, str]]:
    """Yield the paragraphs of a docstring; ``Good for:`` and its like begin one of their own."""
    head, words = "", ""
    for line in [*map(str.strip, docstring.replace("``", "").strip().split("\n")), ""]:
        begins = next((each for each in _HEADS if line.startswith(f"{each}:")), "")
        if (begins or not line) and words:
            yield head, words
            head, words = "", ""
        head = begins or head
        words = f"{words} {line.removeprefix(f'{begins}:').strip()}".strip()
