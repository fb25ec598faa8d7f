"""``schedsim export``: results as files of other programs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from schedsim.choices import policy_choice
from schedsim.cli import output
from schedsim.cli.mix import named_mix
from schedsim.cli.parser import Parser, add_machine, add_mix, add_output, add_policy
from schedsim.cli.run import deadlock_notes, status
from schedsim.cli.values import choice_and_options, said
from schedsim.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from schedsim.results import Comparison, Run

_OF_A_RUN: Final = ("mix", "jobs", "input_format", "unit", "algo", "options", "quantum")
_OF_A_MACHINE: Final = (
    "seed",
    "cpus",
    "degree",
    "until",
    "switch_cost",
    "charge_first_switch",
    "conventions",
)


def parser() -> Parser:
    """Return the parser."""
    made = Parser(
        "export",
        "Runs one mix and writes it for another program: a trace for Perfetto\n"
        "(ui.perfetto.dev, chrome://tracing), a picture, or tables to read or to hand in.\n"
        "With several policies: all traces on one time axis, a picture with a row for\n"
        "each, or the table of compare, which has a row for each instead of one for each\n"
        "job. The tables that --what names are of one policy.",
        (
            "schedsim export stallings-9.5 --algo srtf -o srtf.perfetto.json",
            "schedsim export --algo rr -q 2 -o gantt.svg",
            "schedsim export jobs.csv --algo rr --what slices -o slices.csv",
            "schedsim export convoy --algo fcfs --algo rr:quantum=2 --to latex",
        ),
    )
    add_mix(made)
    add_policy(made, many=True, otherwise="those of the mix, or else rr", file="FILE")
    add_machine(made)
    group = add_output(made, ())
    group.add_argument(
        "--to",
        metavar="FORM",
        help="perfetto, csv, json, svg, markdown or latex; else as FILE ends (.perfetto.json, .md, .tex)",
    )
    group.add_argument("--what", metavar="TABLE", help="of one policy: jobs (the default), slices or events")
    group.add_argument(
        "--no-reasons",
        action="store_true",
        help="leave out why each dispatch was made, which takes longer than the run",
    )
    group.add_argument(
        "--from", dest="source", metavar="TRACE", help="instead of a MIX: a trace that run wrote"
    )
    return made


def main(given: list[str]) -> int:
    """Run ``schedsim export``."""
    arguments = parser().parse(given)
    _take_output(arguments)
    from schedsim.cli.progress import working
    from schedsim.export import form_of, text

    path = None if arguments.output == "-" else arguments.output
    if path is None and arguments.to is None:
        raise UsageError("nothing says which form it is to have; write -o FILE.svg or the like, or --to FORM")
    form = form_of(path, arguments.to)
    output.check_output(arguments)
    with working("simulating") as shown:
        result, notes = _result(arguments, shown.tell)
    runs = getattr(result, "runs", [result])
    notes += deadlock_notes(runs)
    wants_reasons = not arguments.no_reasons and (form == "perfetto" or arguments.what == "events")
    if arguments.source is not None and wants_reasons:
        notes.append("a trace says what happened and not why, so reasons are left out")
    chunks = text(result, form, arguments.what, reasons=wants_reasons)
    if path is None:
        _print(chunks)
    else:
        from schedsim.output import replacing

        with working("writing"), replacing(path) as file:
            for chunk in chunks:
                file.write(chunk)
    output.note_aside(notes)
    return status(runs)


def _take_output(arguments: argparse.Namespace) -> None:
    """Let ``-o NAME`` without ``=`` name the output; one with it is an option of the policy, as elsewhere."""
    named = [text for text in arguments.options or () if "=" not in text]
    if not named:
        return
    arguments.options = [text for text in arguments.options if "=" in text]
    if arguments.output is not None:
        named.append(arguments.output)
    elif "." not in named[0] and named[0] != "-" and arguments.to is None:
        raise UsageError(
            f"-o {named[0]}: this is neither KEY=VALUE nor a file with an ending; write for instance "
            "-o quantum=4 or -o gantt.svg"
        )
    if len(named) > 1:
        raise UsageError(f"{named[0]} and {named[1]} are both there to write to; keep one")
    arguments.output = named[0]


def _result(arguments: argparse.Namespace, tell: Any) -> tuple[Run | Comparison, list[str]]:
    """Return what is to be written, and notes for the user."""
    if arguments.source is not None:
        return _read(arguments)
    what = arguments.what
    if what is not None and len(arguments.algo or ()) > 1:
        raise UsageError(f"{what} are of one run, and there are {len(arguments.algo)} --algo; keep one")
    mix, notes = named_mix(arguments)
    several = len(arguments.algo or mix.policies)
    if several > 1 and what is None:
        from schedsim.experiment import compare

        choices = [policy_choice(text) for text in arguments.algo or ()]
        algos = [choice if choice.options else choice.algo for choice in choices]
        if not algos:
            notes.append(
                f"the mix names {several} policies, and these are all; name one with --algo for its jobs"
            )
        return compare(mix, algos or None, progress=tell, **said(arguments)), notes
    from schedsim.experiment import run

    algo, options = choice_and_options(arguments)
    if algo is None and several > 1:
        first = mix.policies[0].algo
        notes.append(
            f"{what} are of one run: of the {several} policies that the mix names this is the first, {first}; name another with --algo"
        )
    elif algo is None and not mix.policies:
        notes.append("no policy was named, so this is rr; write --algo NAME (schedsim policies lists them)")
    result = run(mix, algo, **options)
    return result, [*notes, *result.notes]


def _read(arguments: argparse.Namespace) -> tuple[Run, list[str]]:
    """Return the run that a trace tells. Raises UsageError for what says how to run something."""
    from schedsim.results import Run
    from schedsim.trace import Trace

    for name in (*_OF_A_RUN, *_OF_A_MACHINE):
        if getattr(arguments, name):
            shown = {"mix": "MIX", "options": "-o KEY=VALUE"}.get(name, f"--{name.replace('_', '-')}")
            raise UsageError(f"a trace has been run already; leave {shown} out, or --from")
    return Run(Trace.read(arguments.source)), []


def _print(chunks: Iterator[str]) -> None:
    """Print the chunks: what is printed is what the file would be, whatever the terminal's encoding."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", newline="\n")
    for chunk in chunks:
        output.say(chunk)
