"""The options of commands that run real processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from schedsim.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from schedsim.cli.parser import Parser
    from schedsim.jobs import Mix

_WHY_NOT: Final = {
    "until": "a real run goes on until every job has ended",
    "switch_cost": "what a context switch takes is this machine's to say, and part of what is measured",
    "charge_first_switch": "what a context switch takes is this machine's to say, and part of what is measured",
}
"""Options of a simulation that a real run has no use for."""
_DRIVERS: Final = ("auto", "bands", "signals", "psutil")
_START_METHODS: Final = ("fork", "spawn", "forkserver")
_KERNEL: Final = ("fifo", "rr", "other", "deadline")


def add_driver(group: Any) -> None:
    """Add what makes the processes and lets them run."""
    group.add_argument(
        "--driver",
        choices=_DRIVERS,
        help="how processes are let run: by real-time priorities (bands), by stopping and continuing them (signals, "
        "psutil); auto takes the best that is to be had",
    )
    group.add_argument("--start-method", choices=_START_METHODS, help="how Python makes the processes")


def add_measured(made: Parser) -> None:
    """Add how a mix is run on real processes."""
    group = made.add_argument_group("how it is run (times are in the mix's unit, or as in 20us)")
    group.add_argument("--scale", metavar="N", help="make every time of mix and policy N times as long")
    add_driver(group)
    group.add_argument(
        "--unthrottle",
        action="store_true",
        help="lift the kernel's limit on real-time processes for the run (root)",
    )
    group.add_argument(
        "--native", choices=_KERNEL, help="leave the policy to the kernel: its class of that name schedules"
    )
    group.add_argument("--cpus", metavar="N", help="how many CPUs share the ready queue")
    group.add_argument(
        "--degree", metavar="N", help="how many jobs are admitted at once; 1 is uniprogramming"
    )
    group.add_argument(
        "--grace",
        metavar="TIME",
        help="a quantum is not ended when the burst needs no more than this; 0.3 ms if nothing is said; --scale stretches one that is named",
    )
    group.add_argument("--conventions", metavar="NAME", help="textbook (the default) or ostep")
    from argparse import SUPPRESS

    # Known, so that it can be said why there is no such thing here.
    group.add_argument("--until", help=SUPPRESS)
    group.add_argument("--switch-cost", help=SUPPRESS)
    group.add_argument("--charge-first-switch", action="store_const", const="true", help=SUPPRESS)


def refuse_unmeasured(options: dict[str, Any]) -> None:
    """Raise UsageError for options of a simulation that a real run has no use for."""
    for name, why in _WHY_NOT.items():
        if name in options:
            raise UsageError(f"{name.replace('_', '-')}: {why}; leave it out")


def refuse_beside_native(arguments: argparse.Namespace, algo: str | None, options: dict[str, Any]) -> None:
    """Raise UsageError for what only a run with a dispatcher has."""
    if not arguments.native:
        return
    theirs = {
        "--algo": algo,
        "--driver": arguments.driver,
        "--recording": getattr(arguments, "recording", None),
        **{f"--{name}": options.get(name) for name in ("quantum", "degree", "grace", "seed", "conventions")},
    }
    for name, value in theirs.items():
        if value is not None:
            raise UsageError(
                f"{name}: with --native the kernel itself schedules, in its own way; leave it out"
            )


def notes_of(mix: Mix, algo: str | None, arguments: argparse.Namespace) -> list[str]:
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
