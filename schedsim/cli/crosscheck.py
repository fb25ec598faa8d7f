"""``schedsim crosscheck``: a mix on real processes beside its simulations, with a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from schedsim.choices import policy_choice
from schedsim.cli import output
from schedsim.cli.measuring import add_measured, notes_of, refuse_beside_native, refuse_unmeasured
from schedsim.cli.mix import named_mix
from schedsim.cli.parser import Parser, add_mix, add_output, add_policy
from schedsim.cli.values import choice_and_options, said, whole_number
from schedsim.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from schedsim.cli.progress import Silent
    from schedsim.confused import Confusion
    from schedsim.crosscheck import Plan
    from schedsim.crosschecked import Crosscheck
    from schedsim.jobs import Mix
    from schedsim.tables import Line, Page

STATUS: Final = {"agree": 0, "disagree": 1, "inconclusive": 3}
"""What a verdict is as an exit status."""
BUILT_IN_SCALE: Final = "10"
"""The built-in mix has bursts of 2 ms, which is too short to be measured well."""


def parser() -> Parser:
    """Return the parser."""
    made = Parser(
        "crosscheck",
        "Runs one mix under one policy on real processes, several times, and sets what\n"
        "was measured beside three simulations: ideal, calibrated (with what dispatching\n"
        "costs here) and replay (with what disturbed that very run, too). Tolerances and\n"
        "knife edges are printed before the first run.\n"
        "\n"
        "Exit status: 0 measurement and replay agree; 1 they disagree; 3 inconclusive:\n"
        "the machine was too disturbed, or the runs differ too much among themselves;\n"
        "2 wrong use or bad input.",
        (
            "schedsim crosscheck --algo rr",
            "schedsim crosscheck stallings-9.5 --algo srtf --scale 20",
            "schedsim crosscheck jobs.csv --algo rr -q 20 --predict rr:quantum=10",
            "schedsim crosscheck jobs.csv --confusion --repeat 10",
            "schedsim crosscheck jobs.csv --native fifo --format json --output result.json",
            "schedsim crosscheck --from result.json",
        ),
    )
    add_mix(made)
    add_policy(made, many=True)
    add_measured(made)
    group = made.add_argument_group("how it is judged")
    group.add_argument(
        "--repeat", default="5", metavar="N", help="how many valid runs are wanted (default: 5)"
    )
    group.add_argument(
        "--predict",
        metavar="NAME[:KEY=VALUE,...]",
        help="simulate this policy and not the one that is run: a negative control",
    )
    group.add_argument(
        "--confusion",
        action="store_true",
        help="the runs of every --algo against the prediction of every other; without --algo those of fcfs, "
        "sjf, srtf, rr and mlfq",
    )
    group = add_output(made)
    group.add_argument(
        "--from", dest="earlier", metavar="FILE", help="print the report of an earlier --format json"
    )
    group.add_argument("--plot", metavar="FILE", help="also draw it: FILE.svg, FILE.pdf or FILE.png")
    group.add_argument(
        "-v", "--verbose", action="store_true", help="also how it was measured, and each job's CPU time"
    )
    return made


def main(given: list[str]) -> int:
    """Run ``schedsim crosscheck``."""
    arguments = parser().parse(given)
    output.check_output(arguments)
    form = _form_of_picture(arguments)
    if arguments.earlier is not None:
        return _report(_earlier(arguments), arguments)
    settings = {
        "repeat": whole_number("--repeat", arguments.repeat, 1, 1000),
        "driver": arguments.driver or "auto",
        "start_method": arguments.start_method or "fork",
        "unthrottle": arguments.unthrottle,
    }
    if arguments.confusion:
        return _report(_confusion(arguments, settings), arguments)
    found = _crosscheck(arguments, settings)
    if form:
        _draw(found, arguments.plot, form)
    return _report(found, arguments)


def _form_of_picture(arguments: argparse.Namespace) -> str:
    """Return the format that ``--plot`` asks for, "" without it; raise UsageError for what cannot be drawn."""
    if arguments.plot is None:
        return ""
    for name, there in (("--from", arguments.earlier is not None), ("--confusion", arguments.confusion)):
        if there:
            raise UsageError(
                f"--plot draws the runs of one policy, which {name} does not have; leave one out"
            )
    from schedsim.plots.names import format_of

    if arguments.plot == arguments.output:
        raise UsageError(f"{arguments.plot} cannot hold both the table and the picture; name another file")
    return format_of(arguments.plot)


def _draw(found: Crosscheck, path: str, form: str) -> None:
    """Write the picture, or say why there is none."""
    if not found.runs:
        found.notes.append(f"no run counts, so {path} was not drawn")
        return
    from schedsim.plots import render

    output.deliver_bytes(render(found.plot(), form), path, form)


def _crosscheck(arguments: argparse.Namespace, settings: dict[str, Any]) -> Crosscheck:
    """Run one policy."""
    algo, options = choice_and_options(arguments)
    refuse_unmeasured(options)
    refuse_beside_native(arguments, algo, options)
    predict = None if arguments.predict is None else policy_choice(arguments.predict)
    mix, notes, scale = _mix(arguments)
    from schedsim.cli.progress import working
    from schedsim.crosscheck import crosscheck

    notes += notes_of(mix, algo, arguments)
    with working("preparing") as shown:
        found = crosscheck(
            mix,
            algo,
            predict=predict,
            native=arguments.native,
            scale=scale,
            progress=shown.tell,
            announce=_announcer(shown),
            **settings,
            **options,
        )
    found.notes[:0] = notes
    return found


def _confusion(arguments: argparse.Namespace, settings: dict[str, Any]) -> Confusion:
    """Run several policies."""
    for name in ("native", "predict"):
        if getattr(arguments, name) is not None:
            raise UsageError(f"--confusion and --{name} are both there; keep one")
    algos = [policy_choice(text) for text in arguments.algo or ()] or None
    options = said(arguments)
    refuse_unmeasured(options)
    mix, notes, scale = _mix(arguments)
    from schedsim.cli.progress import working
    from schedsim.confusion import confusion

    with working("preparing") as shown:
        found = confusion(
            mix,
            algos,
            scale=scale,
            progress=shown.tell,
            announce=_announcer(shown),
            **settings,
            **options,
        )
    found.notes[:0] = notes
    return found


def _mix(arguments: argparse.Namespace) -> tuple[Mix, list[str], str]:
    """Return the mix, notes, and by how much it is scaled."""
    mix, notes = named_mix(arguments)
    if arguments.scale is None and arguments.mix is None and arguments.jobs is None:
        notes.append(
            f"its times are {BUILT_IN_SCALE} times as long, so that they can be measured; --scale says otherwise"
        )
        return mix, notes, BUILT_IN_SCALE
    return mix, notes, arguments.scale or "1"


def _announcer(shown: Silent) -> Callable[[Plan], None]:
    """Return what prints, before any run, how it will be judged."""

    def announce(plan: Plan) -> None:
        heads = [f"before the runs of {plan.policy.label()} on {plan.mix.name}:"]
        shown.say([*heads, *(f"  {sentence}" for sentence in plan.words())])

    return announce


def _earlier(arguments: argparse.Namespace) -> Crosscheck | Confusion:
    """Return the result in the file that ``--from`` names."""
    if arguments.mix is not None or arguments.jobs is not None or arguments.algo:
        raise UsageError("--from prints an earlier result; leave MIX, --jobs and --algo out")
    from schedsim import confused, crosschecked

    document = crosschecked.read_result(arguments.earlier)
    schema = document.get("schema") if isinstance(document, dict) else None
    try:
        if schema == confused.SCHEMA:
            return confused.Confusion.from_dict(document)
        return crosschecked.Crosscheck.from_dict(document)
    except UsageError as error:
        raise UsageError(f"{arguments.earlier}: {error}") from None


def _report(found: Crosscheck | Confusion, arguments: argparse.Namespace) -> int:
    """Print the result, and return the exit status that its verdict is."""
    from schedsim import crosscheck_words as words
    from schedsim import tables
    from schedsim.confused import Confusion

    table = words.confusion_table(found) if isinstance(found, Confusion) else words.jobs_table(found)
    if arguments.format == "json":
        output.deliver_json(found.to_dict(), arguments)
    elif arguments.format == "csv":
        output.deliver(tables.csv(table), arguments)
        output.note_aside([f"{found.verdict}: {found.why}", *found.notes])
    else:
        output.deliver_lines(lambda page: _lines(found, page, verbose=arguments.verbose), arguments)
    return STATUS[found.verdict]


def _lines(found: Crosscheck | Confusion, page: Page, *, verbose: bool) -> Iterator[Line]:
    """Yield what is shown, line by line: the verdict first."""
    from schedsim import crosscheck_words as words
    from schedsim import tables
    from schedsim.confused import Confusion

    yield from tables.paragraph(f"{found.verdict}: {found.why}", page, "title")
    yield []
    if isinstance(found, Confusion):
        yield from tables.paragraph(words.confusion_subject(found), page)
        yield []
        yield from tables.text(words.confusion_table(found), page)
        remarks = words.confusion_remarks(found)
    else:
        yield from tables.paragraph(words.subject(found), page)
        yield []
        yield from tables.text(words.jobs_table(found), page)
        remarks = words.remarks(found, verbose=verbose)
    yield []
    for remark in remarks:
        yield from tables.paragraph(remark, page, "note" if remark.startswith("note:") else "", "  ")
