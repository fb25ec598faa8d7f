"""``schedsim compare``: one mix under many policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.choices import policy_choice
from schedsim.cli import output
from schedsim.cli.mix import named_mix
from schedsim.cli.parser import Parser, add_machine, add_mix, add_output, add_policy
from schedsim.cli.run import status
from schedsim.cli.values import said
from schedsim.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from schedsim.results import Comparison
    from schedsim.tables import Line, Page


def parser() -> Parser:
    """Return the parser."""
    made = Parser(
        "compare",
        "Runs one mix under many policies: a row for each, the best in each column\n"
        "marked. Without --algo it runs those that the mix names, or else all.",
        (
            "schedsim compare",
            "schedsim compare stallings-9.5",
            "schedsim compare convoy --algo fcfs --algo rr:quantum=2 --algo rr:quantum=20",
            "schedsim compare stallings-9.5 --plot comparison.svg",
            "schedsim generate 500 --seed 7 --load 0.9 | schedsim compare - --switch-cost 0.1 --format csv",
        ),
    )
    add_mix(made)
    add_policy(made, many=True)
    add_machine(made)
    group = add_output(made)
    group.add_argument("--plot", metavar="FILE", help="also draw it: FILE.svg, FILE.pdf or FILE.png")
    group.add_argument(
        "--kind", help="what --plot draws: bars (the default), gantt or cdf (schedsim plot --help)"
    )
    group.add_argument("-v", "--verbose", action="store_true", help="also the rules used, and all metrics")
    return made


def main(given: list[str]) -> int:
    """Run ``schedsim compare``."""
    arguments = parser().parse(given)
    form, kind = _picture(arguments)
    output.check_output(arguments)
    choices = [policy_choice(text) for text in arguments.algo or ()]
    options = said(arguments)
    mix, notes = named_mix(arguments)
    from schedsim.cli.progress import working
    from schedsim.experiment import compare

    # A bare name is left to compare, which looks up what the mix says of that policy.
    algos = [choice if choice.options else choice.algo for choice in choices] or None
    with working("simulating") as shown:
        comparison = compare(mix, algos, progress=shown.tell, **options)
    if arguments.plot:
        output.hush_drawing()
        from schedsim.plots import plot_comparison, render

        with working("drawing"):
            data = render(plot_comparison(comparison, kind), form)
        output.deliver_bytes(data, arguments.plot, form)
    if arguments.format == "json":
        output.deliver_json(comparison.to_dict(), arguments)
    elif arguments.format == "csv":
        from schedsim.summary import every_policy
        from schedsim.tables import csv

        output.deliver(csv(every_policy(comparison)), arguments)
        output.note_aside(notes)
    else:
        output.deliver_lines(
            lambda page: _lines(comparison, notes, page, verbose=arguments.verbose), arguments
        )
    return status(comparison.runs)


def _picture(arguments: argparse.Namespace) -> tuple[str, str]:
    """Return the format and the kind of the picture that ``--plot`` asks for; raise UsageError for wrong ones."""
    if arguments.plot is None:
        if arguments.kind is not None:
            raise UsageError("--kind says what --plot draws, and there is no --plot; add --plot FILE")
        return "", ""
    from schedsim.plots.names import checked, format_of

    kind = checked(arguments.kind or "bars", ("bars", "gantt", "cdf"), "kind of picture")
    if arguments.plot == arguments.output:
        raise UsageError(f"{arguments.plot} cannot hold both the table and the picture; name another file")
    return format_of(arguments.plot), kind


def _lines(comparison: Comparison, notes: list[str], page: Page, *, verbose: bool) -> Iterator[Line]:
    """Yield what is shown, line by line."""
    from schedsim import summary, tables
    from schedsim.scheduler.conventions import conventions_named

    yield from tables.paragraph(summary.comparison_heading(comparison), page, "title")
    yield []
    yield from tables.text(summary.comparison_table(comparison, verbose=verbose), page)
    for options in summary.long_options(comparison):
        yield from tables.paragraph(options, page, "dim", "  ")
    if verbose and comparison.runs:
        rules = conventions_named(comparison.runs[0].trace.header.conventions)
        yield [(f"Conventions {rules.name}", "title")]
        for rule in rules.describe():
            yield from tables.paragraph(f"  {rule}", page, "", "  ")
    for note in notes:
        yield from tables.paragraph(f"note: {note}", page, "note", "  ")
