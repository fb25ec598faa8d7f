"""``schedsim report``: one HTML page to step through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.choices import policy_choice
from schedsim.cli import output
from schedsim.cli.mix import named_mix
from schedsim.cli.parser import Parser, add_machine, add_mix, add_policy
from schedsim.cli.run import deadlock_notes, status
from schedsim.cli.values import said
from schedsim.errors import UsageError

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """Return the parser."""
    made = Parser(
        "report",
        "Writes one HTML page: the schedule step by step with the reason of each\n"
        "dispatch, policies side by side on one time axis, the metrics. It needs nothing\n"
        "but a browser.",
        (
            "schedsim report stallings-9.5 -o stallings.html",
            "schedsim report jobs.csv --algo rr:quantum=2 --algo srtf -o jobs.html",
            'schedsim report --jobs "A 0 24, B 1 3" --algo mlfq --output report.html --force',
        ),
    )
    add_mix(made)
    add_policy(made, many=True, file="NAME.html", otherwise="those of the mix, or else rr")
    add_machine(made)
    group = made.add_argument_group("where it goes")
    group.add_argument("--output", metavar="FILE", help="the page's file, NAME.html; - prints it")
    group.add_argument("--force", action="store_true", help="replace FILE if it is there already")
    return made


def main(given: list[str]) -> int:
    """Run ``schedsim report``."""
    arguments = parser().parse(given)
    take_output(arguments)
    output.check_output(arguments)
    choices = [policy_choice(text) for text in arguments.algo or ()]
    options = said(arguments)
    mix, notes = named_mix(arguments)
    from schedsim.cli.progress import working
    from schedsim.experiment import DEFAULT_ALGO, compare
    from schedsim.report import page, typed_words

    # Advice on how to call schedsim is for who calls it, and not for who gets the page.
    of_mix = [] if arguments.mix is None else list(notes)
    if not choices and not mix.policies:
        notes.append(
            f"no policy was named, so this is {DEFAULT_ALGO}; name one or more with --algo "
            "(schedsim policies lists them)"
        )
    # A bare name is left to compare, which looks up what the mix says of that policy.
    algos = [choice if choice.options else choice.algo for choice in choices]
    # Of standard input there is nothing left to type.
    typed = "" if arguments.mix == "-" else typed_words(given)
    with working("simulating") as shown:
        # With None it is what the mix names, and then the command line wins over what the mix says.
        named = algos or (None if mix.policies else DEFAULT_ALGO)
        comparison = compare(mix, named, progress=shown.tell, notes=True, **options)
        text = page(comparison.runs, typed=typed, notes=of_mix)
    output.deliver(text, arguments)
    if arguments.output != "-":
        jobs, count = len(mix.jobs), len(comparison.runs)
        policies = "1 policy" if count == 1 else f"{count:,} policies"
        output.say(f"wrote {arguments.output}: {jobs:,} job{'s' * (jobs != 1)} under {policies}\n")
    output.note_aside([*notes, *deadlock_notes(comparison.runs)])
    return status(comparison.runs)


def take_output(arguments: argparse.Namespace) -> None:
    """Take the file's name out of the ``-o`` that name one, where there is no ``--output``.

    Raises UsageError when there is none, more than one, or one that is no page's.
    """
    from schedsim.report import SUFFIXES, check_suffix

    named = [
        text
        for text in arguments.options or ()
        if text == "-" or text.lower().endswith(SUFFIXES) or "=" not in text
    ]
    arguments.options = [text for text in arguments.options or () if text not in named]
    if arguments.output is not None:
        named.append(arguments.output)
    if len(named) > 1:
        raise UsageError(f"the page is to be {named[0]} and {named[1]}; keep one")
    if not named or not named[0]:
        raise UsageError("no file is named for the page; write for instance -o report.html")
    arguments.output = named[0]
    if arguments.output != "-":
        check_suffix(arguments.output)
