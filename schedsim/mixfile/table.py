"""Tables: comma-, tab- or semicolon-separated text, or columns set off by blanks.

A first line that names columns is a heading; without one, three or four plain columns are
id, arrival, burst and priority. Lines that start with ``#`` are comments.
"""

from __future__ import annotations

from typing import NamedTuple

from schedsim.errors import MixError
from schedsim.jobs import Job
from schedsim.mixfile.collect import Collector
from schedsim.mixfile.fields import SHORT_FORM, column, unknown_column
from schedsim.mixfile.plain import plain_reader
from schedsim.operations import Spawn
from schedsim.times import parse_duration

_BLANKS = " "
_CHUNK = 10_000
"""So many rows are looked at together: if one is unusual, these go one by one and the others don't."""
_SEPARATORS = (",", "\t", ";", _BLANKS)


class _Shape(NamedTuple):
    """How the lines of a table are to be read."""

    separator: str
    columns: tuple[str | None, ...]
    """The field of each column; ``None`` for one without a name."""
    units: dict[str, str]
    """The units that headings such as ``Burst (s)`` give."""
    has_heading: bool

    @property
    def has_index(self) -> bool:
        """Whether the first column is the numbering that pandas writes: no name, beside an id."""
        return self.columns[0] is None and "id" in self.columns


def read_table(
    text: str, file: str, unit: str | None, separators: tuple[str, ...] = ()
) -> tuple[tuple[Job, ...], str, list[str]]:
    """Return the jobs of a table, the unit of its numbers, and notes on how it was understood.

    ``separators`` are tried first. Raises MixError with file, row and column.
    """
    lines = text.split("\n")
    collector = Collector(file, "row")
    order = separators + tuple(other for other in _SEPARATORS if other not in separators)
    start = next((n for n, line in enumerate(lines) if line.strip() and not _is_comment(line)), len(lines))
    instead = "write a table such as pid,arrival,burst and then A,0,24"
    if start == len(lines):
        collector.finished(instead)
    shape = _shape(lines[start], collector, start + 1, order)
    named = list(dict.fromkeys(shape.units.values()))
    used = unit or (named[0] if len(named) == 1 else "ms")
    notes = []
    if not shape.has_heading:
        names = ", ".join(str(name) for name in shape.columns)
        notes.append(f"{file} has no heading; its columns were read as {names}")
    empty = _read_rows(lines, start + shape.has_heading, shape, collector, used)
    _refuse_empty(empty, collector)
    return collector.finished(instead), used, notes


def _is_comment(line: str) -> bool:
    return line.lstrip()[:1] == "#"


def _cells(line: str, separator: str, collector: Collector, number: int) -> list[str]:
    """Return the stripped cells of a line, without the empty ones behind a trailing separator."""
    if '"' in line:
        import csv

        try:
            cells = next(csv.reader([line], delimiter=separator, strict=True, skipinitialspace=True))
        except csv.Error:
            raise collector.place(number).error(
                "a quote is not closed on its line, or stands amid a cell; put quotes around whole cells, "
                "and write a quote inside them twice"
            ) from None
    elif separator == _BLANKS:
        cells = line.split()
    else:
        cells = line.split(separator)
    return [cell.strip() for cell in cells]


def _shape(line: str, collector: Collector, number: int, order: tuple[str, ...]) -> _Shape:
    """Return how a table whose first line is ``line`` is to be read."""
    best: list[str] = []
    separator, most = "", -1
    wrong: MixError | None = None
    for candidate in order:
        if candidate == _BLANKS and most > 0:
            break  # a heading such as "burst time" may have blanks inside
        try:
            cells = _cells(line, candidate, collector, number)
        except MixError as error:  # its quotes are right for another separator, or for none
            wrong = wrong or error
            continue
        while cells and not cells[-1]:
            cells.pop()
        if _is_plain_row(cells, candidate):
            return _Shape(candidate, SHORT_FORM[: len(cells)], {}, has_heading=False)
        known = sum(column(cell)[0] is not None for cell in cells)
        if known > most:
            best, separator, most = cells, candidate, known
    if wrong is not None and most <= 0:
        raise wrong
    return _heading(best, separator, collector, number)


def _is_plain_row(cells: list[str], separator: str) -> bool:
    """Return whether a first line is a job: id, arrival, burst and perhaps priority."""
    if separator != ",":  # so that a decimal comma is told as such, not as a strange heading
        cells = [cell.replace(",", ".") for cell in cells]
    if not 3 <= len(cells) <= 4 or not cells[0]:
        return False
    try:
        return all(parse_duration(cell, "ms") is not None for cell in cells[1:])
    except ValueError:
        return False


def _heading(cells: list[str], separator: str, collector: Collector, number: int) -> _Shape:
    place = collector.place(number)
    columns: list[str | None] = []
    units: dict[str, str] = {}
    for cell in cells:
        field, unit = column(cell)
        if field is None and cell:
            message = unknown_column(cell)
            if not any(column(other)[0] for other in cells):
                message = f"neither a heading such as pid,arrival,burst nor a job such as A,0,24; {message}"
            raise place.error(message, value=cell)
        if field in columns and field is not None:
            raise place.error(f"there are two columns for {field}; keep one", value=cell)
        columns.append(field)
        if field is not None and unit is not None:
            units[field] = unit
    if not {"burst", "bursts", "program"} & set(columns):
        raise place.error("there is no column burst or program; add one")
    return _Shape(separator, tuple(columns), units, has_heading=True)


def _read_rows(
    lines: list[str], start: int, shape: _Shape, collector: Collector, unit: str
) -> list[tuple[int, list[Job]]]:
    """Add the jobs of ``lines`` from ``start`` on.

    Returns where no arrival was said though there is a column for it: the row, and its jobs.
    """
    empty: list[tuple[int, list[Job]]] = []
    separator, columns = shape.separator, shape.columns
    units = {field: shape.units.get(field, unit) for field in ("arrival", "burst")}
    while lines and not lines[-1].strip():
        lines.pop()
    plain = None if separator == _BLANKS else plain_reader(columns, separator, units, collector)
    for first in range(start, len(lines), _CHUNK):
        chunk = lines[first : first + _CHUNK]
        if plain is not None and plain(chunk, first + 1):
            continue
        for number, line in enumerate(chunk, first + 1):
            if not line.strip() or _is_comment(line):
                continue
            cells = _cells(line, separator, collector, number)
            if any(cells):
                fields = _fields(cells, shape, collector, number)
                first_copy = len(collector.jobs)
                collector.add(fields, number, shape.units, unit)
                if "arrival" in columns and "arrival" not in fields:
                    empty.append((number, collector.jobs[first_copy:]))
    return empty


def _refuse_empty(empty: list[tuple[int, list[Job]]], collector: Collector) -> None:
    """Refuse a job without an arrival, unless another one spawns it: it arrives then."""
    if not empty:
        return
    spawned = {step.job for job in collector.jobs for step in job.operations if isinstance(step, Spawn)}
    for number, jobs in empty:
        if any(job.id not in spawned for job in jobs):
            raise collector.place(number).error(
                "the cell is empty; write 0 for a job that is there from the start", "arrival"
            )


def _fields(cells: list[str], shape: _Shape, collector: Collector, number: int) -> dict[str, object]:
    """Return the cells of a row by field; empty ones that have a default are left out."""
    columns = shape.columns
    place = collector.place(number)
    while len(cells) > len(columns) and not cells[-1]:
        cells.pop()
    if len(cells) != len(columns):
        raise place.error(
            f"has {len(cells)} cells where {len(columns)} are due ({_due(columns)}); "
            + (
                "put quotes around a cell with separators in it"
                if len(cells) > len(columns)
                else "add the missing"
            )
        )
    fields: dict[str, object] = {}
    for position, (field, cell) in enumerate(zip(columns, cells, strict=True)):
        if field is None:
            if cell and not (position == 0 and shape.has_index):
                raise place.error("this cell is in a column without a name; name the column", value=cell)
        elif cell or field == "id":
            fields[field] = cell
    return fields


def _due(columns: tuple[str | None, ...]) -> str:
    return ", ".join(field or "(no name)" for field in columns)
