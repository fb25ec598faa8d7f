"""Jobs, slices and events of a run as rows, one at a time, and as CSV and JSON. Times are in the mix's unit."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim import summary, tables
from schedsim.export.characters import printable
from schedsim.export.tracks import FRESH
from schedsim.happenings import LENGTHLESS, ON_JOBS, ON_OBJECTS, Happenings
from schedsim.results import SliceResult
from schedsim.tables import Cell, Column
from schedsim.times import to_unit
from schedsim.trace import Kind, slices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schedsim.results import Comparison, Run
    from schedsim.trace import Row

EVENT: Final = ("time", "event", "job", "cpu", "length", "object", "what")
"""The columns of events.

``event`` is the kind of the row of the trace; ``length`` its value: the cost of a switch, the slice
that a dispatch grants, the CPU time used since then, or the I/O service received. ``object`` is
what the jobs share (``mutex m``, ``queue tray``, ``variable n``), the other job (``job B``, ``init``), the
number that a variable has, or an exit code.
"""
_LEFT: Final = frozenset({"id", "state", "job", "why", "event", "object", "what"})


class Rows(NamedTuple):
    """Rows that can be gone through once."""

    columns: tuple[Column, ...]
    rows: Iterable[tuple[Cell, ...]]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    def table(self) -> tables.Table:
        """Return them all as a table."""
        return tables.Table(self.columns, tuple(self.rows))


def rows(run: Run, what: str, reasons: Iterator[str] | None = None) -> Rows:
    """Return the ``jobs``, ``slices`` or ``events`` of ``run``; ``reasons`` are those of its dispatches."""
    if what == "jobs":
        table = summary.every_job(run)
        return Rows(tuple(_column(column.name) for column in table.columns), table.rows)
    if what == "slices":
        return Rows(tuple(map(_column, SliceResult._fields)), _slices(run))
    return Rows(tuple(map(_column, EVENT)), _events(run, reasons))


def _column(name: str) -> Column:
    return Column(name, left=name in _LEFT, exact=name != "slowdown")


def _slices(run: Run) -> Iterator[tuple[Cell, ...]]:
    unit = run.unit
    for piece in slices(run.trace):
        yield piece.job, piece.cpu, to_unit(piece.start, unit), to_unit(piece.end, unit), piece.why


def _events(run: Run, reasons: Iterator[str] | None) -> Iterator[tuple[Cell, ...]]:
    """Yield each row of the trace in words; of a dispatch why it was made, where that is known."""
    unit = run.unit
    told = Happenings(run.trace.header)
    renewed: set[int] = set()
    for row in run.trace:
        job = told.names[row.task] if row.task >= 0 else ""
        words = told.tell(row)
        if row.kind is Kind.RENEWED:
            renewed.add(row.cpu)
        elif row.kind is Kind.DISPATCHED and row.cpu in renewed:
            renewed.discard(row.cpu)
            words = FRESH
        elif row.kind is Kind.DISPATCHED and reasons is not None:
            words = next(reasons, words)
        has_length = row.value >= 0 and row.kind not in LENGTHLESS
        yield (
            to_unit(row.time, unit),
            row.kind.name.lower(),
            job or None,
            row.cpu if row.cpu >= 0 else None,
            to_unit(row.value, unit) if has_length else None,
            _object(told, row),
            words,
        )


def _object(told: Happenings, row: Row) -> Cell:
    """Return what a row is about beside its job."""
    if row.kind in ON_OBJECTS:
        return told.object(row.value)
    if row.kind in ON_JOBS:
        return f"job {told.other(row.value)}" if row.value >= 0 else told.other(row.value)
    return row.value if row.kind in (Kind.VALUE, Kind.EXITED) else None


def csv_lines(found: Rows) -> Iterator[str]:
    """Return a line of CSV for the names of the columns and for each row."""
    rows = ([printable(cell) if isinstance(cell, str) else cell for cell in row] for row in found.rows)
    return tables.csv_lines(found.names, rows)


def json_lines(run: Run, what: str, found: Rows) -> Iterator[str]:
    """Yield the lines of one JSON object: how the run was made, then a list with an object for each row."""
    head = {"schema": f"schedsim.{what}/1", **_how(run)}
    opened = "{"
    for name, value in head.items():
        yield f"{opened}{_json(name)}: {_json(value)}"
        opened = ",\n "
    yield f"{opened}{_json(what)}: ["
    between = "\n  "
    names = found.names
    for row in found.rows:
        yield between + _json(dict(zip(names, row, strict=True)))
        between = ",\n  "
    yield "]}\n"


def comparison_csv(comparison: Comparison) -> Iterator[str]:
    """Yield a row for each policy with every metric."""
    yield tables.csv(summary.every_policy(comparison))


def comparison_json(comparison: Comparison) -> Iterator[str]:
    """Yield the ``schedsim.compare/1`` object, a run at a time."""
    yield '{"schema": "schedsim.compare/1",\n "runs": ['
    between = "\n  "
    for run in comparison.runs:
        yield between + _json(run.to_dict())
        between = ",\n  "
    yield "]}\n"


def _how(run: Run) -> dict[str, Any]:
    """Return how a run was made, lengths in the mix's unit."""
    header = run.trace.header
    return {
        "engine": header.engine,
        "algo": header.algo,
        "options": header.options,
        "mix": header.mix,
        "unit": header.unit,
        "cpus": header.cpus,
        "degree": header.degree,
        "switch_cost": to_unit(header.switch_cost, header.unit),
        "charge_first_switch": header.charge_first_switch,
        "grace": to_unit(header.grace, header.unit),
        "conventions": header.conventions,
        "until": None if header.until is None else to_unit(header.until, header.unit),
        "seed": header.seed,
        "notes": list(run.notes),
    }


def _json(value: object) -> str:
    text = dumps(value, ensure_ascii=False, allow_nan=False)
    return text if text.isprintable() else dumps(value, allow_nan=False)
