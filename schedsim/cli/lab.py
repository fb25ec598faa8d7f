"""``schedsim lab``: the classic experiments, simulated and with real processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from schedsim.cli import output
from schedsim.cli.parser import Parser, add_output
from schedsim.cli.values import whole_number

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from schedsim.labs.base import Lab
    from schedsim.tables import Line, Page

STATUS: Final = {"seen": 0, "not seen": 1, "inconclusive": 3, "not done": 3}
"""What a verdict is as an exit status."""


def parser() -> Parser:
    """Return the parser."""
    made = Parser(
        "lab",
        "Carries out a classic experiment: asks a question, simulates it, says why it is\n"
        "so. With --real, processes of this machine do the same, and both stand next to\n"
        "each other. Without a NAME, lists the labs.\n"
        "\n"
        "Exit status: 0 the effect is there; 1 it is not; 3 the machine was too disturbed\n"
        "to see it, or cannot do the real part; 2 wrong use.",
        (
            "schedsim lab",
            "schedsim lab convoy",
            "schedsim lab convoy --real -v",
            "schedsim lab multiprogramming --seed 7 --format json",
        ),
    )
    made.add_argument("name", nargs="?", metavar="NAME", help="a lab; without it they are listed")
    made.add_argument("--real", action="store_true", help="also with real processes of this machine")
    made.add_argument("--seed", metavar="N", help="for labs that draw by lot")
    group = add_output(made, ("table", "json"))
    group.add_argument(
        "-v", "--verbose", action="store_true", help="also all schedules, and how everything was made"
    )
    return made


def main(given: list[str]) -> int:
    """Run ``schedsim lab``."""
    arguments = parser().parse(given)
    output.check_output(arguments)
    if arguments.name is None:
        return _list(arguments)
    from schedsim.cli.progress import working
    from schedsim.labs.running import LARGEST_SEED, carry_out

    seed = None if arguments.seed is None else whole_number("--seed", arguments.seed, 0, LARGEST_SEED)

    with working(f"{arguments.name}: simulating") as shown:
        result = carry_out(
            arguments.name,
            real=arguments.real,
            seed=seed,
            begin=lambda: shown.tell(0, 0, f"{arguments.name}: real processes"),
        )
    if arguments.format == "json":
        output.deliver_json(result.to_dict(), arguments)
    else:
        from schedsim.labs.showing import lines

        output.deliver_lines(lambda page: lines(result, page, verbose=arguments.verbose), arguments)
    return STATUS[result.verdict]


def _list(arguments: argparse.Namespace) -> int:
    """Show all labs."""
    from schedsim.errors import UsageError
    from schedsim.labs import find, names

    for name, there, example in (
        ("real", arguments.real, "convoy --real"),
        ("seed", arguments.seed is not None, "deadlock --seed 7"),
    ):
        if there:
            raise UsageError(f"--{name} needs the name of a lab, as in: schedsim lab {example}")
    found = {name: find(name) for name in names()}
    if arguments.format == "json":
        rows: list[dict[str, Any]] = [
            {"lab": name, "title": lab.title, "question": lab.question} for name, lab in found.items()
        ]
        output.deliver_json({"schema": "schedsim.labs/1", "labs": rows}, arguments)
    else:
        output.deliver_lines(lambda page: _lines(found, page), arguments)
    return 0


def _lines(found: dict[str, Lab], page: Page) -> Iterator[Line]:
    """Yield the list."""
    from schedsim import tables

    columns = (tables.Column("lab", left=True), tables.Column("what it shows", left=True, wraps=True))
    rows = tuple((name, lab.title) for name, lab in found.items())
    yield from tables.text(tables.Table(columns, rows), page)
    yield []
    yield from tables.paragraph(
        "schedsim lab NAME carries one out; --real lets real processes do it, too.", page
    )
