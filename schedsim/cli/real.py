"""``schedsim real``: one mix under one policy on real processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from schedsim.cli import output
from schedsim.cli.mix import named_mix
from schedsim.cli.parser import Parser, add_mix, add_output, add_policy
from schedsim.cli.values import choice_and_options
from schedsim.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from schedsim.jobs import Mix
    from schedsim.measured import RealRun
    from schedsim.tables import Table

_WHY_NOT: Final = {
    "until": "a real run goes on until every job has ended",
    "switch_cost": "what a context switch takes is this machine's to say, and part of what is measured",
    "charge_first_switch": "what a context switch takes is this machine's to say, and part of what is measured",
}
"""Options of a simulation that a real run has no use for."""
_DRIVERS: Final = ("auto", "bands", "signals", "psutil")
_START_METHODS: Final = ("fork", "spawn", "forkserver")
_KERNEL: Final = ("fifo", "rr", "other", "deadline")


def parser() -> Parser:
    """Return the parser."""
    made = Parser(
        "real",
        "Runs one mix under one policy on real processes of this machine, and shows\n"
        "what was measured. The policy is the very one that schedsim run simulates.",
        (
            "schedsim real --algo rr -q 2 --scale 10",
            "schedsim real convoy --algo fcfs --scale 5 -v",
            "schedsim real jobs.toml --algo mlfq --unthrottle --trace run.trace --recording run.recording",
            'schedsim real --jobs "A 0 80, B 10 40" --algo my_policy.py:MyPolicy --driver signals',
        ),
    )
    add_mix(made)
    add_policy(made)
    _add_machine(made)
    group = add_output(made)
    group.add_argument("--trace", metavar="FILE", help="also write what happened, row by row")
    group.add_argument(
        "--recording", metavar="FILE", help="also write everything that the scheduler was told, for a replay"
    )
    group.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="also how it was made, what disturbed it, all metrics, all jobs",
    )
    return made


def _add_machine(made: Parser) -> None:
    """Add how the mix is run."""
    group = made.add_argument_group("how it is run (times are in the mix's unit, or as in 20us)")
    group.add_argument("--scale", metavar="N", help="make every time of mix and policy N times as long")
    group.add_argument(
        "--driver",
        choices=_DRIVERS,
        help="how processes are let run: by real-time priorities (bands), by stopping and continuing them (signals, "
        "psutil); auto takes the best that is to be had",
    )
    group.add_argument(
        "--unthrottle",
        action="store_true",
        help="lift the kernel's limit on real-time processes for the run (root)",
    )
    group.add_argument(
        "--native", choices=_KERNEL, help="leave the policy to the kernel: its class of that name schedules"
    )
    group.add_argument("--start-method", choices=_START_METHODS, help="how Python makes the processes")
    group.add_argument("--cpus", metavar="N", help="how many CPUs share the ready queue")
    group.add_argument(
        "--degree", metavar="N", help="how many jobs are admitted at once; 1 is uniprogramming"
    )
    group.add_argument(
        "--grace",
        metavar="TIME",
        help="a quantum is not ended when the burst needs no more than this; 0.3 ms if nothing is said, times the scale",
    )
    group.add_argument("--conventions", metavar="NAME", help="textbook (the default) or ostep")
    from argparse import SUPPRESS

    # Known, so that it can be said why there is no such thing here.
    group.add_argument("--until", help=SUPPRESS)
    group.add_argument("--switch-cost", help=SUPPRESS)
    group.add_argument("--charge-first-switch", action="store_const", const="true", help=SUPPRESS)


def main(given: list[str]) -> int:
    """Run ``schedsim real``."""
    arguments = parser().parse(given)
    output.check_output(arguments)
    algo, options = choice_and_options(arguments)
    for name, why in _WHY_NOT.items():
        if name in options:
            raise UsageError(f"{name.replace('_', '-')}: {why}; leave it out")
    _refuse_beside_native(arguments, algo, options)
    mix, notes = named_mix(arguments)
    notes += _notes(mix, algo, arguments)
    from schedsim.cli.progress import working

    with working(f"running {len(mix.jobs):,} jobs on real processes"):
        result = _run(mix, algo, arguments, options)
    result.notes = (*notes, *result.notes)
    if arguments.trace:
        result.trace.write(arguments.trace)
    if arguments.recording and result.recording is not None:
        result.recording.write(arguments.recording)
    _show(result, arguments)
    from schedsim.cli.failures import INCOMPLETE

    return 0 if result.completed else INCOMPLETE


def _refuse_beside_native(arguments: argparse.Namespace, algo: str | None, options: dict[str, Any]) -> None:
    """Raise UsageError for what only a run with a dispatcher has."""
    if not arguments.native:
        return
    theirs = {
        "--algo": algo,
        "--driver": arguments.driver,
        "--recording": arguments.recording,
        **{f"--{name}": options.get(name) for name in ("quantum", "degree", "grace", "seed", "conventions")},
    }
    for name, value in theirs.items():
        if value is not None:
            raise UsageError(
                f"{name}: with --native the kernel itself schedules, in its own way; leave it out"
            )


def _notes(mix: Mix, algo: str | None, arguments: argparse.Namespace) -> list[str]:
    """Return what the reader should know of what was asked for."""
    notes = []
    if arguments.native:
        pass  # the kernel has one policy of that name
    elif algo is None and len(mix.policies) > 1:
        notes.append(f"the mix names {len(mix.policies)} policies, and this is the first")
    elif algo is None and not mix.policies:
        notes.append("no policy was named, so this is rr; write --algo NAME (schedsim policies lists them)")
    if mix.switch_cost:
        notes.append(f"the mix's switch cost is left out: {_WHY_NOT['switch_cost']}")
    return notes


def _run(mix: Mix, algo: str | None, arguments: argparse.Namespace, options: dict[str, Any]) -> RealRun:
    """Run it, by our own dispatcher or by the kernel."""
    how: dict[str, Any] = {
        "start_method": arguments.start_method or "fork",
        "scale": 1 if arguments.scale is None else arguments.scale,
        "unthrottle": arguments.unthrottle,
    }
    if not arguments.native:
        from schedsim.real import real

        return real(mix, algo, driver=arguments.driver or "auto", **how, **options)
    from importlib import import_module

    try:
        native = import_module("schedsim.native").native
    except ModuleNotFoundError:
        raise UsageError("--native is planned, not in this version; leave it out") from None
    result: RealRun = native(mix, arguments.native, **how, **options)
    return result


def _show(result: RealRun, arguments: argparse.Namespace) -> None:
    """Print or write the result in the format that is wanted."""
    if arguments.format == "json":
        output.deliver_json(result.to_dict(), arguments)
    elif arguments.format == "csv":
        from schedsim.summary import every_job
        from schedsim.tables import csv

        output.deliver(csv(every_job(result)), arguments)
        output.note_aside(result.notes)
    else:
        from schedsim.cli.run import lines

        more = (_facts_table(result), _validity_table(result))
        output.deliver_lines(
            lambda page: lines(result, page, verbose=arguments.verbose, more=more), arguments
        )


def _facts_table(result: RealRun) -> Table:
    """Return how the run was made."""
    from schedsim.tables import Column, Table

    facts = result.facts
    system = dict(facts.system)
    dispatcher = "not pinned" if facts.dispatcher is None else f"CPU {facts.dispatcher}"
    machine = [f"{system.get('system')} {system.get('kernel')}", f"{system.get('cpus')} CPUs"]
    machine += [str(system[name]) for name in ("machine", "processor") if system.get(name)]
    machine.append(f"{system.get('implementation')} {system.get('python')}")
    rows = (
        ("driver", facts.driver),
        ("measured", ", ".join(f"CPU {cpu}" for cpu in facts.measured) or "not pinned"),
        ("dispatcher", dispatcher + (", which is measured, too" if facts.shared else "")),
        ("clock", facts.clock),
        ("start method", facts.start_method),
        ("limit on real-time processes", facts.throttling),
        ("idle CPUs", facts.idle),
        ("machine", ", ".join(machine)),
    )
    columns = (Column("", left=True), Column("how it was made", left=True, wraps=True))
    return Table(columns, rows)


def _validity_table(result: RealRun) -> Table:
    """Return what disturbed the run."""
    from schedsim.tables import Column, Table, show_cell
    from schedsim.times import UNITS

    validity, scale = result.validity, UNITS[result.unit]

    def share(value: float | None) -> str:
        return "-" if value is None else f"{100 * value:.2f} %"

    rows = (
        ("valid", "yes" if validity.valid else "no", "; ".join(validity.reasons)),
        ("stolen", share(validity.stolen_share), "of the CPU time, by the host of this machine"),
        ("strangers", share(validity.stranger_share), "of the CPU time, by other processes of this machine"),
        ("lateness", show_cell(validity.lateness / scale), "of the dispatcher, 95th percentile"),
        ("throttled", show_cell(validity.throttled / scale), "by the kernel's limit on real-time processes"),
        ("host", share(validity.host_steal_share), "what the kernel says was stolen; coarse"),
    )
    columns = (Column("", left=True), Column("value"), Column("what disturbed it", left=True, wraps=True))
    return Table(columns, rows)
