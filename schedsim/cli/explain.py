"""``schedsim explain``: why each dispatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.cli import output
from schedsim.cli.failures import INCOMPLETE
from schedsim.cli.mix import named_mix
from schedsim.cli.parser import Parser, add_machine, add_mix, add_output, add_policy
from schedsim.cli.values import choice_and_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.explanation import Explanation
    from schedsim.tables import Line, Page

_NAMED = 12
"""So many ready tasks a line of text may name."""
_NAMED_IN_JSON = 1000


def parser() -> Parser:
    """Return the parser."""
    made = Parser(
        "explain",
        "Says for each dispatch why: who was ready, with which rank, and why this one.",
        (
            "schedsim explain --algo srtf",
            "schedsim explain stallings-9.5 --algo hrrn --at 13",
            "schedsim explain first --algo mlfq --job B",
        ),
    )
    add_mix(made)
    add_policy(made)
    add_machine(made)
    group = add_output(made)
    group.add_argument("--at", metavar="TIME", help="only what was in force then, and what happened at TIME")
    group.add_argument("--job", metavar="ID", help="only what concerns this job")
    return made


def main(given: list[str]) -> int:
    """Run ``schedsim explain``."""
    arguments = parser().parse(given)
    output.check_output(arguments)
    algo, options = choice_and_options(arguments)
    mix, notes = named_mix(arguments)
    from schedsim.cli.progress import working
    from schedsim.deadlock import deadlock_of
    from schedsim.explain import explain

    if algo is None and not mix.policies:
        notes.append("no policy was named, so this is rr; write --algo NAME (schedsim policies lists them)")
    most = _NAMED_IN_JSON if arguments.format == "json" else _NAMED
    with working(f"simulating {len(mix.jobs):,} jobs"):
        explanation = explain(mix, algo, at=arguments.at, job=arguments.job, most=most, **options)
    if arguments.format == "json":
        output.deliver_json(explanation.to_dict(), arguments)
    elif arguments.format == "csv":
        from schedsim.tables import csv

        output.deliver(csv(explanation.table()), arguments)
        output.note_aside(notes)
    else:
        output.deliver_lines(lambda page: _lines(explanation, notes, page), arguments)
    return 0 if deadlock_of(explanation.trace) is None else INCOMPLETE


def _lines(explanation: Explanation, notes: list[str], page: Page) -> Iterator[Line]:
    """Yield what is shown, line by line."""
    from schedsim import tables

    yield from tables.paragraph(explanation.title, page, "title")
    yield []
    yield from tables.text(explanation.table(), page)
    for note in notes:
        yield from tables.paragraph(f"note: {note}", page, "note", "  ")
