"""``schedsim run``: one mix under one policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.cli import output
from schedsim.cli.failures import INCOMPLETE
from schedsim.cli.mix import named_mix
from schedsim.cli.parser import Parser, add_machine, add_mix, add_output, add_policy
from schedsim.cli.values import choice_and_options, unnamed_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from schedsim.results import Run
    from schedsim.tables import Line, Page, Table


def parser() -> Parser:
    """Return the parser."""
    made = Parser(
        "run",
        "Runs one mix under one policy: a Gantt chart, a table of the jobs, the means.",
        (
            "schedsim run --algo rr -q 2",
            "schedsim run stallings-9.5 --algo hrrn",
            "schedsim run jobs.csv --algo mlfq:quanta=8/16/32,boost=100 --cpus 2 -v",
            'schedsim run --jobs "A 0 24, B 1 3" --algo my_policy.py:MyPolicy --format json',
        ),
    )
    add_mix(made)
    add_policy(made)
    add_machine(made)
    group = add_output(made)
    group.add_argument("--trace", metavar="FILE", help="also write what happened, row by row")
    group.add_argument(
        "-v", "--verbose", action="store_true", help="also the rules used, percentiles, all metrics, all jobs"
    )
    return made


def main(given: list[str]) -> int:
    """Run ``schedsim run``."""
    arguments = parser().parse(given)
    output.check_output(arguments)
    algo, options = choice_and_options(arguments)
    mix, notes = named_mix(arguments)
    from schedsim.cli.progress import working
    from schedsim.experiment import run
    from schedsim.results import Run

    notes += unnamed_policy(algo, mix)
    with working(f"simulating {len(mix.jobs):,} jobs"):
        result = run(mix, algo, **options)
    result = Run(result.trace, (*notes, *result.notes))
    if arguments.trace:
        result.trace.write(arguments.trace)
    if arguments.format == "json":
        output.deliver_json(result.to_dict(), arguments)
    elif arguments.format == "csv":
        from schedsim.summary import every_job
        from schedsim.tables import csv

        output.deliver(csv(every_job(result)), arguments)
        output.note_aside(result.notes)
    else:
        output.deliver_lines(lambda page: lines(result, page, verbose=arguments.verbose), arguments)
    return status([result])


def status(results: Iterable[Run]) -> int:
    """Return the exit status for what was simulated: 3 where any of it came to a deadlock."""
    return INCOMPLETE if any(result.deadlock is not None for result in results) else 0


def deadlock_notes(results: Iterable[Run]) -> list[str]:
    """Return a note for each of these that came to a deadlock, where the output itself does not say so."""
    from schedsim.deadlock import headline

    return [
        f"{result.algo}: at {result.trace.header.shown(result.deadlock.time)} {result.unit} {headline(result.deadlock)}"
        for result in results
        if result.deadlock is not None
    ]


def lines(result: Run, page: Page, *, verbose: bool, more: Sequence[Table] = ()) -> Iterator[Line]:
    """Yield what is shown of a run, line by line; ``more`` are tables that belong to its details."""
    from schedsim import summary, tables
    from schedsim.gantt import gantt

    yield from tables.paragraph(summary.heading(result), page, "title")
    yield []
    yield from gantt(result, page, lanes=verbose)
    yield []
    yield from tables.text(summary.jobs_table(result, None if verbose else summary.MOST_ROWS), page)
    yield []
    if verbose:
        yield from _details(result, page, more)
    else:
        yield from tables.listing(summary.system_words(result), page)
    yield from deadlock_lines(result, page)
    for note in result.notes:
        yield from tables.paragraph(f"note: {note}", page, "note", "  ")


def deadlock_lines(result: Run, page: Page) -> Iterator[Line]:
    """Yield who waits for whom for ever, if anybody does, line by line."""
    from schedsim import summary, tables

    for number, words in enumerate(summary.deadlock_words(result)):
        indent = "  " if number else ""
        yield from tables.paragraph(indent + words, page, "" if number else "note", f"  {indent}")


def _details(result: Run, page: Page, more: Sequence[Table]) -> Iterator[Line]:
    """Yield percentiles, all metrics of the run, and the rules that were used."""
    from schedsim import summary, tables
    from schedsim.scheduler.conventions import conventions_named

    for table in (summary.percentiles_table(result), summary.system_table(result), *more):
        yield from tables.text(table, page)
        yield []
    header = result.trace.header
    shared = summary.shared_words(result)
    if shared:
        yield [("Shared by the jobs", "title")]
        for words in shared:
            yield from tables.paragraph(f"  {words}", page, "", "  ")
    yield [(f"Policy {header.algo}", "title")]
    for name, value in header.options.items():
        yield from tables.paragraph(f"  {name}={summary.option_value(value)}", page, "", "  ")
    if not header.options:
        yield [("  no options", "")]
    yield [(f"Conventions {header.conventions}", "title")]
    for rule in conventions_named(header.conventions).describe():
        yield from tables.paragraph(f"  {rule}", page, "", "  ")
