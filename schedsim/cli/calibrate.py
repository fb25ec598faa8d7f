"""``schedsim calibrate``: what dispatches cost on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.cli import output
from schedsim.cli.measuring import add_driver
from schedsim.cli.parser import Parser, add_output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.calibration import Calibration
    from schedsim.tables import Line, Page


def parser() -> Parser:
    """Return the parser."""
    made = Parser(
        "calibrate",
        "Measures what dispatches cost on this machine, in a few seconds, with small\n"
        "mixes of real processes. It is kept, and used by schedsim crosscheck, until\n"
        "kernel, processor or Python change. SCHEDSIM_STATE names another folder for\n"
        "it. A machine that is too disturbed is refused (exit status 3).",
        ("schedsim calibrate", "schedsim calibrate --driver signals --again"),
    )
    group = made.add_argument_group("how it is measured")
    add_driver(group)
    group.add_argument("--cpus", default="1", metavar="N", help="how many CPUs are measured")
    group.add_argument("--again", action="store_true", help="measure also if it is known")
    add_output(made)
    return made


def main(given: list[str]) -> int:
    """Run ``schedsim calibrate``."""
    arguments = parser().parse(given)
    output.check_output(arguments)
    from schedsim.calibrate import calibrate
    from schedsim.cli.progress import working
    from schedsim.cli.values import whole_number

    cpus = whole_number("--cpus", arguments.cpus, 1, 1024)
    with working("calibrating") as shown:
        made = calibrate(
            arguments.driver or "auto",
            start_method=arguments.start_method or "fork",
            cpus=cpus,
            again=arguments.again,
            progress=shown.tell,
        )
    if arguments.format == "json":
        output.deliver_json(made.to_dict(), arguments)
        output.note_aside(made.notes)
    elif arguments.format == "csv":
        from schedsim.crosscheck_words import calibration_table
        from schedsim.tables import csv

        output.deliver(csv(calibration_table(made)), arguments)
        output.note_aside(made.notes)
    else:
        output.deliver_lines(lambda page: _lines(made, page), arguments)
    return 0


def _lines(made: Calibration, page: Page) -> Iterator[Line]:
    """Yield what is shown, line by line."""
    from schedsim import tables
    from schedsim.crosscheck_words import calibration_table, calibration_words

    yield from tables.paragraph("What dispatches cost on this machine", page, "title")
    yield []
    yield from tables.text(calibration_table(made), page)
    yield []
    for said in calibration_words(made):
        yield from tables.paragraph(said, page, "note" if said.startswith("note:") else "", "  ")
