"""``schedsim mixes``: the job mixes that ship with schedsim, and any one of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from schedsim.cli import output
from schedsim.cli.parser import Parser, add_output, add_reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.jobs import Mix
    from schedsim.tables import Line, Page, Table
    from schedsim.workloads import Shipped

_MOST_JOBS = 50


def parser() -> Parser:
    """Return the parser."""
    made = Parser(
        "mixes",
        "Lists the job mixes that ship with schedsim; with a MIX, shows one: its jobs and\nwhere it is from.",
        ("schedsim mixes", "schedsim mixes convoy", "schedsim mixes jobs.csv"),
    )
    made.add_argument("mix", nargs="?", metavar="MIX", help="the name of one, or any file that holds a mix")
    add_reading(made)
    add_output(made)
    return made


def main(given: list[str]) -> int:
    """Run ``schedsim mixes``."""
    arguments = parser().parse(given)
    output.check_output(arguments)
    if arguments.mix is None:
        return _list(arguments)
    from schedsim.mixfile import load_with_notes

    mix, notes = load_with_notes(arguments.mix, unit=arguments.unit, input_format=arguments.input_format)
    if arguments.format == "table":
        output.deliver_lines(lambda page: _one(mix, notes, arguments.mix, page), arguments)
    else:
        from schedsim.mixwrite import dump

        output.deliver(dump(mix, arguments.format), arguments)
    return 0


def _list(arguments: Any) -> int:
    """Show all that ship."""
    from schedsim import tables, workloads
    from schedsim.mixfile import load

    found = workloads.describe(load)
    if arguments.format == "json":
        document = {"schema": "schedsim.mixes/1", "mixes": [each._asdict() for each in found]}
        output.deliver_json(document, arguments)
    elif arguments.format == "csv":
        output.deliver(tables.csv(_table(found)), arguments)
    else:
        output.deliver_lines(lambda page: tables.text(_listing(found), page), arguments)
    return 0


def _table(found: list[Shipped]) -> Table:
    from schedsim.tables import Column, Table

    left = ("name", "unit", "title", "source")
    columns = tuple(Column(name, left=name in left) for name in found[0]._fields) if found else ()
    return Table(columns, tuple(tuple(each) for each in found))


def _listing(found: list[Shipped]) -> Table:
    from schedsim.tables import Column, Table

    columns = (
        Column("mix", left=True),
        Column("jobs"),
        Column("unit", left=True),
        Column("title, and source", left=True, wraps=True),
    )
    return Table(
        columns, tuple((each.name, each.jobs, each.unit, f"{each.title}\n{each.source}") for each in found)
    )


def _one(mix: Mix, notes: list[str], name: str, page: Page) -> Iterator[Line]:
    """Yield all about one mix."""
    from schedsim import tables, workloads
    from schedsim.summary import option_words
    from schedsim.times import show

    shipped = os.path.dirname(name) == "" and workloads.find(name) is not None
    title, source = mix.title, mix.source
    if shipped:
        described = workloads.describe(lambda _: mix, only=name)[0]
        title, source = described.title, described.source
    yield [(page.text(mix.name), "title")]
    if title:
        yield from tables.paragraph(title, page)
    if source:
        yield from tables.paragraph(f"Source: {source}", page, "", "  ")
    if shipped and (note := workloads.note(name)):
        yield []
        for paragraph in note.replace("\nTry:", "\n\nTry:").split("\n\n"):
            yield from tables.paragraph(" ".join(paragraph.split()), page)
    yield []
    yield from tables.text(_jobs(mix), page)
    yield []
    said = [f"{len(mix.jobs):,} jobs", f"times in {mix.unit}", f"{mix.cpus} CPU{'s' * (mix.cpus != 1)}"]
    if mix.degree is not None:
        said.append(f"degree {mix.degree}")
    if mix.switch_cost:
        said.append(f"switch cost {show(mix.switch_cost, mix.unit)}")
    if mix.grace:
        said.append(f"grace {show(mix.grace, mix.unit)}")
    if mix.until is not None:
        said.append(f"until {show(mix.until, mix.unit)}")
    said += [f"queue {name} of {room:,} item{'s' * (room != 1)}" for name, room in mix.queues]
    said += [f"variable {name} {value} at first" for name, value in mix.variables]
    said.append(f"conventions {mix.conventions}")
    yield from tables.listing(said, page)
    for choice in mix.policies:
        words = option_words({key: _plain(value) for key, value in choice.options.items()})
        yield from tables.paragraph(f"policy {choice.algo} {words}".rstrip(), page, "", "  ")
    for note in notes:
        yield from tables.paragraph(f"note: {note}", page, "note", "  ")


def _plain(value: Any) -> Any:
    """Return an option as it was written: exact decimals become plain numbers."""
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return value if isinstance(value, bool | int | str) else float(value)


def _jobs(mix: Mix) -> Table:
    """Return the jobs, with a column for each thing that any of them says."""
    from schedsim.jobs import Job
    from schedsim.operations import Cpu
    from schedsim.tables import Column, Table
    from schedsim.times import to_unit

    shown = mix.jobs[:_MOST_JOBS]
    single = all(len(job.operations) == 1 and isinstance(job.operations[0], Cpu) for job in shown)
    rare = [
        name
        for name in ("priority", "nice", "tickets", "estimate", "period", "deadline")
        if any(getattr(job, name) != Job._field_defaults[name] for job in shown)
    ]
    does = Column("burst", exact=True) if single else Column("program", left=True, wraps=True)
    others = tuple(Column(name, exact=True) for name in rare)
    columns = (Column("job", left=True), Column("arrival", exact=True), does, *others)
    rows = []
    for job in shown:
        program = "; ".join(step.text(mix.unit) for step in job.operations)
        arrival = None if job.spawned else to_unit(job.arrival, mix.unit)
        row = [job.id, arrival, to_unit(job.cpu, mix.unit) if single else program]
        for name in rare:
            value = getattr(job, name)
            is_time = name in ("estimate", "period", "deadline") and value is not None
            row.append(to_unit(value, mix.unit) if is_time else value)
        rows.append(tuple(row))
    left = len(mix.jobs) - len(shown)
    more = f"... {left:,} more jobs; show them with --format csv or json" if left else ""
    return Table(columns, tuple(rows), more=more)
