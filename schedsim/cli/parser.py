"""The parser of one command, and the options that commands share."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from schedsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Parser(argparse.ArgumentParser):
    """argparse without abbreviations, whose complaints are UsageErrors that name the nearest option."""

    def __init__(self, command: str, description: str, examples: Sequence[str]) -> None:
        """Make a parser for ``schedsim COMMAND`` that knows ``--help`` and ``--debug``."""
        from schedsim.cli.output import width_of_terminal

        width = min(width_of_terminal(sys.stdout) or 80, 100)
        super().__init__(
            prog=f"schedsim {command}",
            description=description,
            epilog="examples:\n" + "\n".join(f"  {example}" for example in examples),
            # With a width argparse need not import what would find it.
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(
                prog, max_help_position=26, width=max(width, 40) - 2
            ),
            allow_abbrev=False,
        )

    def parse(self, given: list[str]) -> argparse.Namespace:
        """Return the arguments; raise UsageError for those that there are not."""
        self.add_argument("--debug", action="store_true", help="show where an error comes from")
        for word in given:
            # Read letter by letter, -quantum would be -q with the value uantum.
            if len(word) > 2 and word[0] == "-" and f"-{word.split('=')[0]}" in self._option_string_actions:
                self.error(f"there is no option {word.split('=')[0]}; did you mean -{word.split('=')[0]}?")
        arguments, unknown = self.parse_known_args(given)
        for word in unknown:
            if word.startswith("-") and word != "-":
                self.error(f"there is no option {word.split('=')[0]}{self._nearest(word)}")
        if unknown:
            self.error(f"{unknown[0]!r} is one argument too many")
        return arguments

    def _nearest(self, word: str) -> str:
        from difflib import get_close_matches

        known = [option for option in self._option_string_actions if option.startswith("--")]
        name = word.split("=", maxsplit=1)[0].replace("_", "-")[:80]
        near = get_close_matches(name if name.startswith("--") else f"-{name}", known, n=1, cutoff=0.5)
        return f"; did you mean {near[0]}?" if near else ""

    def print_help(self, file: object = None) -> None:
        """Print the help as everything else is printed."""
        del file
        from schedsim.cli.output import say

        say(self.format_help())

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End the command after its help: whoever else raises SystemExit is not this parser."""
        from schedsim.cli.output import EndedError

        raise EndedError(message or "", status)

    def error(self, message: str) -> NoReturn:
        """Raise the UsageError."""
        raise UsageError(f"{message.removeprefix('argument ')}; {self.prog} --help lists the options")


def add_mix(parser: Parser) -> None:
    """Add what names a mix and says how to read it."""
    group = parser.add_argument_group("the job mix")
    group.add_argument(
        "mix",
        nargs="?",
        metavar="MIX",
        help="a file, the name of a mix that ships (schedsim mixes), or - for standard input; "
        "without it a small built-in one",
    )
    group.add_argument("--jobs", metavar="LIST", help='instead of MIX: "A 0 24, B 1 3" (id, arrival, burst)')
    add_reading(group)


def add_reading(group: Any) -> None:
    """Add the options that say how a mix is read."""
    group.add_argument(
        "--input-format", metavar="FORMAT", help="csv, tsv, json, toml or swf; else it is seen"
    )
    group.add_argument("--unit", help="what bare numbers mean: ns, us, ms (the default) or s")


def add_policy(
    parser: Parser, *, many: bool = False, file: bool = False, otherwise: str | None = None
) -> None:
    """Add what names a policy, or ``many``, and its options; ``-o`` may name a ``file`` to write to as well.

    ``otherwise`` says which policies it is without ``--algo``.
    """
    if otherwise is None:
        otherwise = "" if file else "all"
    group = parser.add_argument_group("the policies" if many else "the policy")
    group.add_argument(
        "--algo",
        action="append",
        metavar="NAME[:KEY=VALUE,...]",
        help="a policy (schedsim policies), or FILE.py:CLASS"
        + ("; repeat it to compare" if file and not otherwise else "; repeat it for more" if many else "")
        + (f", without it {otherwise}" if many and otherwise else ""),
    )
    group.add_argument(
        "-o",
        action="append",
        dest="options",
        metavar="KEY=VALUE",
        help="an option of the policy; repeatable" + ("; -o FILE is short for --output FILE" if file else ""),
    )
    group.add_argument("-q", "--quantum", help="short for -o quantum=")
    group.add_argument("--seed", help="for policies that draw lots")


def add_machine(parser: Parser) -> None:
    """Add how the mix is run; each wins over what the mix says."""
    group = parser.add_argument_group("how it is run (times are in the mix's unit, or as in 20us)")
    group.add_argument("--cpus", metavar="N", help="how many CPUs share the ready queue")
    group.add_argument(
        "--degree", metavar="N", help="how many jobs are admitted at once; 1 is uniprogramming"
    )
    group.add_argument("--until", metavar="TIME", help="stop there; what happens at TIME is left out")
    group.add_argument("--switch-cost", metavar="TIME", help="what a context switch takes")
    group.add_argument(
        "--charge-first-switch",
        action="store_const",
        const="true",
        help="the first dispatch on a CPU pays it too",
    )
    group.add_argument(
        "--grace", metavar="TIME", help="a quantum is not ended when the burst needs no more than this"
    )
    group.add_argument("--conventions", metavar="NAME", help="textbook (the default) or ostep")


def add_output(parser: Parser, formats: Sequence[str] = ("table", "json", "csv")) -> Any:
    """Add what is shown and where; return the group."""
    group = parser.add_argument_group("what is shown")
    if formats:
        group.add_argument(
            "--format", choices=formats, default=formats[0], help=f"{formats[0]} is the default"
        )
    group.add_argument("--output", metavar="FILE", help="write there instead of printing")
    group.add_argument("--force", action="store_true", help="replace FILE if it is there already")
    return group
