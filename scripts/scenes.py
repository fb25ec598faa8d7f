"""Runs as the documentation draws them: a command line, its trace, and who was ready at each dispatch."""

from __future__ import annotations

import argparse
import os
import shlex
from typing import Any, Final, NamedTuple

from schedsim.experiment import load_mix, prepare, simulate_trace
from schedsim.explain import Candidate, Decision, Witness
from schedsim.mixfile import parse_jobs
from schedsim.times import Ns
from schedsim.trace import ENDS_SLICE, Kind, Trace

RUNS: Final = "runs"
WAITS: Final = "waits"
BLOCKED: Final = "blocked"
HELD: Final = "not admitted yet"
SWITCHES: Final = "is switched to"

_BECOMES: Final = {
    **dict.fromkeys((Kind.ARRIVED, Kind.ADMITTED, Kind.WOKE), WAITS),
    **dict.fromkeys((Kind.EXPIRED, Kind.PREEMPTED, Kind.YIELDED), WAITS),
    Kind.HELD: HELD,
    Kind.BLOCKED: BLOCKED,
    Kind.FINISHED: "",
    Kind.STOPPED: "",
}


class Stay(NamedTuple):
    """A length of time for which one thing holds: what a job does, or who has a CPU."""

    start: Ns
    end: Ns
    what: str


class Dispatch(NamedTuple):
    """A dispatch: when, of which CPU, whom, and who was ready in the order in which they would have gone."""

    time: Ns
    cpu: int
    job: str
    ready: tuple[Candidate, ...]
    """Empty for the fresh slice that a boost gives."""


class Scene(NamedTuple):
    """One run, ready to be drawn."""

    command: str
    """As a reader would type it."""
    trace: Trace
    end: Ns
    jobs: dict[str, list[Stay]]
    """What each job does, from its arrival to its end."""
    cpus: list[list[Stay]]
    """Who runs on each CPU; ``""`` while it switches. Idle time is left out."""
    dispatches: list[Dispatch]

    @property
    def unit(self) -> str:
        """The unit of the mix."""
        return self.trace.header.unit

    @property
    def ids(self) -> list[str]:
        """The jobs in the order of the mix."""
        return list(self.jobs)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("schedsim run", exit_on_error=False)
    parser.add_argument("mix", nargs="?")
    parser.add_argument("--jobs")
    parser.add_argument("--algo")
    parser.add_argument("-q", "--quantum")
    parser.add_argument("-o", action="append", default=[])
    for name in ("cpus", "degree", "switch-cost", "grace", "until", "conventions"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--charge-first-switch", action="store_const", const=True)
    return parser


def scene(command: str, folder: str = ".") -> Scene:
    """Return the run that ``command`` (``schedsim run ...``) makes; files are those of ``folder``."""
    words = shlex.split(command)
    if words[:2] != ["schedsim", "run"]:
        raise ValueError(f"{command!r} is not a run; write schedsim run ...")
    given = vars(_parser().parse_args(words[2:]))
    named, jobs, algo = given.pop("mix"), given.pop("jobs"), given.pop("algo")
    options: dict[str, Any] = dict(pair.split("=", 1) for pair in given.pop("o"))
    options |= {name: value for name, value in given.items() if value is not None}
    if jobs:
        mix = parse_jobs(jobs)
    else:
        path = os.path.join(folder, named or "first")
        mix = load_mix(path if os.path.exists(path) else named or "first")
    mix, policy, seed = prepare(mix, algo, options)
    witness = Witness()
    trace = simulate_trace(mix, policy, seed, observer=witness)
    return _scene(command, trace, [each for each in witness.decisions if each.victim is None])


def _scene(command: str, trace: Trace, asked: list[Decision]) -> Scene:
    jobs: dict[str, list[Stay]] = {job.id: [] for job in trace.header.jobs}
    cpus: list[list[Stay]] = [[] for _ in range(trace.header.cpus)]
    dispatches: list[Dispatch] = []
    doing: dict[str, tuple[Ns, str]] = {}
    switched: dict[int, Ns] = {}
    begins: dict[int, Ns] = {}
    renewed: set[int] = set()
    end = trace.header.until or max(time for time, *_ in trace)
    names = list(jobs)

    def turn(job: str, now: Ns, to: str) -> None:
        since, what = doing.pop(job, (now, ""))
        if min(now, end) > since and what:
            jobs[job].append(Stay(since, min(now, end), what))
        if to:
            doing[job] = (now, to)

    for time, kind, task, cpu, value in trace:
        if kind is Kind.SWITCHED:
            switched[cpu] = time + value
            cpus[cpu].append(Stay(time, min(time + value, end), ""))
        if task < 0:
            continue
        job = names[task]
        if kind is Kind.DISPATCHED:
            begins[cpu] = max(time, switched.get(cpu, time))
            ready = () if cpu in renewed else asked.pop(0).candidates
            renewed.discard(cpu)
            dispatches.append(Dispatch(time, cpu, job, ready))
            turn(job, time, SWITCHES if begins[cpu] > time else RUNS)
            if begins[cpu] > time:
                turn(job, begins[cpu], RUNS)
            continue
        if kind in ENDS_SLICE and cpu >= 0 and time > begins[cpu]:
            cpus[cpu].append(Stay(begins[cpu], time, job))
        if kind is Kind.RENEWED:
            renewed.add(cpu)
        elif kind in _BECOMES:
            turn(job, time, _BECOMES[kind])
    for job in list(doing):
        turn(job, end, "")
    return Scene(command, trace, end, jobs, cpus, dispatches)
