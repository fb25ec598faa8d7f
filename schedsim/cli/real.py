"""``schedsim real``: one mix under one policy on real processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schedsim.cli import output
from schedsim.cli.measuring import add_measured, notes_of, refuse_beside_native, refuse_unmeasured
from schedsim.cli.mix import named_mix
from schedsim.cli.parser import Parser, add_mix, add_output, add_policy
from schedsim.cli.values import choice_and_options
from schedsim.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from schedsim.jobs import Mix
    from schedsim.measured import RealRun
    from schedsim.tables import Table


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
    add_measured(made)
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


def main(given: list[str]) -> int:
    """Run ``schedsim real``."""
    arguments = parser().parse(given)
    output.check_output(arguments)
    algo, options = choice_and_options(arguments)
    refuse_unmeasured(options)
    refuse_beside_native(arguments, algo, options)
    mix, notes = named_mix(arguments)
    notes += notes_of(mix, algo, arguments)
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
