"""``schedsim plot``: a picture of one run, of several policies, or of a sweep of the quantum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schedsim.choices import is_name, policy_choice
from schedsim.cli import output
from schedsim.cli.mix import named_mix
from schedsim.cli.parser import Parser, add_machine, add_mix, add_policy
from schedsim.cli.run import deadlock_notes, status
from schedsim.cli.values import choice_and_options, said, unnamed_policy
from schedsim.errors import UsageError
from schedsim.plots.names import COMPARISON_KINDS, FORMATS, RUN_KINDS, checked, format_of

if TYPE_CHECKING:
    import argparse

    from schedsim.jobs import Mix
    from schedsim.results import Run

_KINDS = (*RUN_KINDS, "bars", "quantum")


def parser() -> Parser:
    """Return the parser."""
    kinds = {**COMPARISON_KINDS, **RUN_KINDS}
    listed = "\n".join(f"  {name:<8} {kinds[name]}" for name in _KINDS)
    made = Parser(
        "plot",
        "Draws a picture and writes it to a file: SVG, PDF or PNG. The kinds:\n\n"
        f"{listed}\n\n"
        "With several --algo, gantt and cdf show them together; bars needs several.",
        (
            "schedsim plot --algo rr -q 2 -o gantt.svg",
            "schedsim plot convoy --algo rr:quantum=4 --kind jobs --output jobs.png",
            "schedsim plot stallings-9.5 --algo fcfs --algo rr --algo srtf -o side-by-side.pdf",
            "schedsim plot silberschatz-quantum --kind quantum --switch-cost 0.1 -o quantum.svg",
            "schedsim generate 1000 --seed 7 | schedsim plot - --algo rr --span 100,200 -o part.svg",
        ),
    )
    add_mix(made)
    add_policy(made, many=True, otherwise="those of the mix, or else rr", file="FILE")
    add_machine(made)
    group = made.add_argument_group("the picture")
    group.add_argument("--kind", default="gantt", help="one of those above; gantt is the default")
    group.add_argument("--span", metavar="BEGIN,END", help="the part of the time to draw")
    group.add_argument(
        "--quanta", metavar="A/B/...", help="for the kind quantum: which; else it chooses them"
    )
    group.add_argument("--output", metavar="FILE", help="where to write it; - for standard output")
    group.add_argument("--format", metavar="FORMAT", help="svg, pdf or png; else FILE's ending says it")
    group.add_argument("--force", action="store_true", help="replace FILE if it is there already")
    group.add_argument("-v", "--verbose", action="store_true", help="also say what is to be seen")
    return made


def main(given: list[str]) -> int:
    """Run ``schedsim plot``."""
    arguments = parser().parse(given)
    _take_file(arguments)
    form = _format(arguments)
    output.check_output(arguments)
    kind = checked(arguments.kind, _KINDS, "kind of picture")
    options = _drawing(arguments, kind)
    output.hush_drawing()
    picture, notes, runs = _draw(arguments, kind, options)
    from schedsim.plots import render

    output.deliver_bytes(render(picture, form), arguments.output, form)
    if arguments.verbose and arguments.output != "-":
        output.say(f"{picture.alt_text}\n")
    elif arguments.verbose:
        notes.append(picture.alt_text)
    output.note_aside([*notes, *deadlock_notes(runs)])
    return status(runs)


def _take_file(arguments: argparse.Namespace) -> None:
    """Tell the file among what ``-o`` says from the options of the policy, which are KEY=VALUE.

    Raises UsageError when there is none, or more than one.
    """
    words = arguments.options or []
    files = [word for word in words if "=" not in word]
    arguments.options = [word for word in words if "=" in word]
    for word in files:
        if word != "-" and is_name(word):
            raise UsageError(
                f"-o {word}: write a file's name with its ending, as in -o {word}.svg, or an option of the "
                "policy, as in -o quantum=4"
            )
    files += [arguments.output] if arguments.output else []
    if not files:
        raise UsageError("there is no file to draw into; name one, as in -o gantt.svg")
    if len(files) > 1:
        raise UsageError(f"a picture goes into one file, and there are {' and '.join(files)}; keep one")
    arguments.output = files[0]


def _format(arguments: argparse.Namespace) -> str:
    """Return the format in which the picture is written."""
    if arguments.output == "-":
        return checked(arguments.format or FORMATS[0], FORMATS, "format")
    return format_of(arguments.output, arguments.format)


def _drawing(arguments: argparse.Namespace, kind: str) -> dict[str, Any]:
    """Return the options of the drawing itself; raise UsageError for those of another kind."""
    if arguments.quanta is not None and kind != "quantum":
        raise UsageError(f"--quanta is for --kind quantum, and this is {kind}; leave it out")
    if arguments.span is None:
        return {}
    parts = arguments.span.split(",")
    if len(parts) != 2:
        raise UsageError(f"--span is {arguments.span!r}; write begin and end, as in 10,50")
    return {"span": parts}


def _draw(
    arguments: argparse.Namespace, kind: str, drawing: dict[str, Any]
) -> tuple[Any, list[str], list[Run]]:
    """Simulate, draw, and return the picture, notes for the reader, and what was drawn."""
    many = len(arguments.algo or ()) > 1
    if kind == "quantum":
        return _sweep(arguments, drawing)
    if many and kind not in COMPARISON_KINDS:
        raise UsageError(
            f"{kind} is a picture of one run, and there are {len(arguments.algo)} --algo; keep one"
        )
    if not many and kind not in RUN_KINDS:
        raise UsageError(f"{kind} compares policies; name several, as in --algo fcfs --algo rr")
    if many:
        options = said(arguments)
        mix, notes = named_mix(arguments)
        picture, runs = _compared(mix, arguments.algo, options, kind, drawing)
        return picture, notes, runs
    algo, options = choice_and_options(arguments)
    mix, notes = named_mix(arguments)
    from schedsim.cli.progress import working
    from schedsim.experiment import prepare, run
    from schedsim.plots import plot_run

    notes += unnamed_policy(algo, mix)
    with working(f"simulating {len(mix.jobs):,} jobs"):
        result = run(mix, algo, **options)
        if kind == "levels":
            from schedsim.levels import levels_of

            prepared, policy, _ = prepare(mix, algo, options)
            drawing["known"] = levels_of(result, policy, prepared)
    with working("drawing"):
        return plot_run(result, kind, **drawing), [*notes, *result.notes], [result]


def _compared(
    mix: Mix, algos: list[str] | None, options: dict[str, Any], kind: str, drawing: dict[str, Any]
) -> tuple[Any, list[Run]]:
    """Return the picture of a mix under several policies, and the runs."""
    from schedsim.cli.progress import working
    from schedsim.experiment import compare
    from schedsim.plots import plot_comparison

    choices = [policy_choice(text) for text in algos or ()]
    # A bare name is left to compare, which looks up what the mix says of that policy.
    named = [choice if choice.options else choice.algo for choice in choices] or None
    with working("simulating") as shown:
        comparison = compare(mix, named, progress=shown.tell, **options)
    with working("drawing"):
        return plot_comparison(comparison, kind, **drawing), comparison.runs


def _sweep(arguments: argparse.Namespace, drawing: dict[str, Any]) -> tuple[Any, list[str], list[Run]]:
    """Return the picture of one policy with many quanta, notes, and what was drawn."""
    algo, options = choice_and_options(arguments)
    mix, notes = named_mix(arguments)
    from schedsim.cli.progress import working
    from schedsim.plots import plot_comparison
    from schedsim.quanta import sweep_quantum

    quanta = None if arguments.quanta is None else arguments.quanta.split("/")
    with working("simulating") as shown:
        comparison = sweep_quantum(mix, quanta, algo or "rr", progress=shown.tell, **options)
    with working("drawing"):
        return plot_comparison(comparison, "quantum", **drawing), notes, comparison.runs
