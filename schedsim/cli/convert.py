"""``schedsim convert``: a job mix from one file format into another."""

from __future__ import annotations

from schedsim.cli import output
from schedsim.cli.parser import Parser, add_reading
from schedsim.errors import UsageError


def parser() -> Parser:
    """Return the parser."""
    made = Parser(
        "convert",
        "Reads a job mix, checks it whole, and writes it in another format. What the\n"
        "format has no place for is refused by name rather than dropped.",
        (
            "schedsim convert jobs.csv jobs.toml",
            "schedsim convert stallings-9.5 - --to json",
            "schedsim convert trace.swf jobs.json --unit s",
        ),
    )
    made.add_argument("source", metavar="IN", help="a file, the name of a mix that ships, or -")
    made.add_argument("target", metavar="OUT", help="a file ending in .csv, .tsv, .json, .toml or .swf, or -")
    add_reading(made)
    made.add_argument("--to", metavar="FORMAT", help="csv, tsv, json, toml or swf; else as OUT ends")
    made.add_argument("--force", action="store_true", help="replace OUT if it is there already")
    return made


def main(given: list[str]) -> int:
    """Run ``schedsim convert``."""
    from schedsim.mixfile import load_with_notes
    from schedsim.mixwrite import FORMATS, dump, write

    arguments = parser().parse(given)
    form = arguments.to and arguments.to.lower()
    if arguments.target == "-" and form is None:
        raise UsageError(f"OUT is -, which names no format; add --to with one of {', '.join(FORMATS)}")
    arguments.output = arguments.target
    output.check_output(arguments)
    mix, notes = load_with_notes(arguments.source, unit=arguments.unit, input_format=arguments.input_format)
    if arguments.target == "-":
        output.say(dump(mix, form))
    else:
        write(mix, arguments.target, force=arguments.force, output_format=form)
    output.note_aside(notes)
    return 0
