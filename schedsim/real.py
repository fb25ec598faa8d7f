"""One call that runs a mix on real processes of this machine: ``schedsim.real``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from schedsim.errors import HostError, UsageError
from schedsim.experiment import Algo, header_of, prepare, simulate_trace
from schedsim.measured import RealRun
from schedsim.observed import Facts
from schedsim.recording import Recording
from schedsim.results import Origin
from schedsim.scaling import read_scale, scaled_mix, scaled_policy
from schedsim.times import LONGEST, UNITS, Duration, Ns, show
from schedsim.trace import Trace, slices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from schedsim.engines.real.host import Host, Placing
    from schedsim.jobs import Mix
    from schedsim.observed import Validity
    from schedsim.policies.base import Policy

GRACE: Final = Duration(300_000)
"""How much a real task may still need at the end of its slice to end its burst in peace, unless said otherwise."""
MOST_JOBS: Final = 200
SHORTEST: Final = 1_000_000
"""Bursts and slices shorter than this (nanoseconds) are drowned by what dispatching costs."""
CLOCK: Final = "CLOCK_MONOTONIC; CPU time by CLOCK_PROCESS_CPUTIME_ID of each worker, which it publishes"


def real(
    mix: object,
    algo: Algo | None = None,
    *,
    driver: str = "auto",
    start_method: str = "fork",
    scale: object = 1,
    unthrottle: bool = False,
    excess: Mapping[str, float] | None = None,
    **options: Any,
) -> RealRun:
    """Run ``mix`` under ``algo`` on real processes of this machine, and return what was measured.

    Args:
        mix: as for ``schedsim.run``.
        algo: likewise.
        driver: ``bands`` (real-time priorities), ``signals``, ``psutil``, or ``auto`` for the best to be had.
        start_method: of ``multiprocessing``: ``fork``, ``spawn`` or ``forkserver``.
        scale: every time of the mix and of the policy is multiplied by it.
        unthrottle: whether the kernel's limit on real-time processes is lifted for the run (root).
        excess: by how much more than its program says a job burns, as a fraction: a negative control.
        **options: as for ``schedsim.run``; ``grace`` is 0.3 ms unless said otherwise.

    Raises:
        MixError, UsageError, PolicyError: for what cannot be used; nothing has run then.
        HostError: for what this machine refuses, and for a run that had to be given up.
        ProgramError: for a program that raised.
    """
    if os.name != "posix":
        raise HostError(
            "real processes run on Linux, and on other systems like Unix; simulate it: schedsim run"
        )
    from schedsim.engines.real.host import host, place

    loaded, policy, seed = prepare_real(mix, algo, scale, options)
    refuse(loaded, start_method, excess or {})
    here = host()
    placing = place(here, loaded.cpus, driver, busiest(loaded, policy, here), unthrottle=unthrottle)
    return measure(loaded, policy, seed, here, placing, start_method=start_method, excess=excess)


def prepare_real(
    mix: object, algo: Algo | None, scale: object, options: Mapping[str, Any]
) -> tuple[Mix, Policy, int | None]:
    """Return the mix, the policy and the seed of a real run, scaled, with a grace.

    Raises UsageError for what cannot be measured.
    """
    loaded, policy, seed = prepare(mix, algo, options)
    factor = read_scale(scale)
    loaded, policy = scaled_mix(loaded, factor), scaled_policy(policy, factor)
    if "grace" not in options and not loaded.grace:
        loaded = loaded._replace(grace=GRACE)
    # What a switch costs is this machine's to say.
    return loaded._replace(switch_cost=0, charge_first_switch=False), policy, seed


def measure(
    mix: Mix,
    policy: Policy,
    seed: int | None,
    here: Host,
    placing: Placing,
    *,
    start_method: str = "fork",
    excess: Mapping[str, float] | None = None,
) -> RealRun:
    """Run once; ``mix`` and ``policy`` are those of ``prepare_real``."""
    from schedsim.engines.real.conductor import Order, conduct
    from schedsim.engines.real.host import facts

    trace = Trace(header_of(mix, policy, seed)._replace(engine="real"))
    limited = here.throttle is not None and here.throttle[0] >= 0 and not placing.unthrottle
    outcome = conduct(
        Order(
            mix,
            policy,
            trace,
            placing,
            start_method,
            throttled=limited,
            excess=dict(excess or {}),
            limit=longest(mix),
        )
    )
    made = Facts(
        driver=placing.driver,
        measured=tuple(cpu for cpu in placing.measured if cpu is not None),
        dispatcher=placing.dispatcher,
        shared=placing.shared,
        clock=CLOCK,
        start_method=start_method,
        throttling="lifted" if placing.unthrottle else "on" if limited else "off",
        idle="polling" if outcome.awake else "as the system does",
        system=facts(),
    )
    notes = (*placing.notes, *notes_of(mix, outcome.deaths, outcome.validity))
    recording = Recording(tuple(outcome.deliveries))
    origin = Origin(mix, policy, seed, recording)
    return RealRun(outcome.trace, notes, made, outcome.validity, outcome.observed, recording, origin=origin)


def longest(mix: Mix) -> Ns:
    """Return after how long a run that has not ended must have gone wrong."""
    if not all(isinstance(job.program, tuple) for job in mix.jobs):
        return LONGEST  # nobody knows what a generator will ask for
    return (
        4 * (max((job.arrival for job in mix.jobs), default=0) + sum(job.cpu + job.io for job in mix.jobs))
        + 30 * UNITS["s"]
    )


def busiest(mix: Mix, policy: Policy, here: Host) -> Ns:
    """Return the most CPU time that one CPU gives the mix in any throttling period, by simulation."""
    total = sum(job.cpu for job in mix.jobs)
    if here.throttle is None or here.throttle[0] < 0 or total <= here.throttle[0] * 900:
        return total  # less than the limit anyway
    period = here.throttle[1] * 1000
    known = all(isinstance(job.program, tuple) for job in mix.jobs)
    if not known:
        return period  # nobody knows
    pieces = slices(simulate_trace(mix, policy))
    most = 0
    for cpu in range(mix.cpus):
        own = [(piece.start, piece.end) for piece in pieces if piece.cpu == cpu]
        for place, (start, _) in enumerate(own):
            inside = 0
            for begin, end in own[place:]:
                if begin >= start + period:
                    break
                inside += min(end, start + period) - begin
            most = max(most, inside)
    return most


def refuse(mix: Mix, start_method: str, excess: Mapping[str, float]) -> None:
    """Raise UsageError for what no real run can do."""
    from schedsim.engines.real.host import START_METHODS
    from schedsim.engines.real.records import LONGEST_TEXT
    from schedsim.engines.real.spawning import refuse_in_worker, refuse_unsendable
    from schedsim.operations import Io

    if start_method not in START_METHODS:
        raise UsageError(
            f"start method is {start_method!r}; write {', '.join(START_METHODS[:-1])} or forkserver"
        )
    refuse_in_worker()
    if start_method != "fork":
        refuse_unsendable(mix.jobs)
    if len(mix.jobs) > MOST_JOBS:
        raise UsageError(
            f"{mix.name} has {len(mix.jobs):,} jobs, and each would be a process; run at most {MOST_JOBS}"
        )
    if mix.until is not None:
        raise UsageError("a real run goes on until every job has ended; leave until out")
    if any(job.period is not None for job in mix.jobs):
        raise UsageError("jobs with a period are not released again in this version; leave the period out")
    known = {job.id for job in mix.jobs}
    for name in excess:
        if name not in known:
            raise UsageError(f"excess names {name!r}, and there is no such job in {mix.name}")
    for job in mix.jobs:
        for operation in job.operations:
            if isinstance(operation, Io) and len(operation.device.encode()) > LONGEST_TEXT:
                raise UsageError(
                    f"job {job.id!r}: the name of its device is longer than {LONGEST_TEXT} bytes; shorten it"
                )


def notes_of(mix: Mix, deaths: Sequence[tuple[Ns, int]], validity: Validity) -> tuple[str, ...]:
    """Return what the reader of a result should know: who died when, and what disturbed the run."""
    from schedsim.operations import Cpu

    unit = mix.unit
    said = [
        f"the process of job {mix.jobs[index].id!r} died at {show(round(when, -4), unit)} {unit}"
        for when, index in deaths
    ]
    shortest = min(
        (step.ns for job in mix.jobs for step in job.operations if isinstance(step, Cpu)), default=SHORTEST
    )
    if shortest < SHORTEST:
        said.append(
            f"the shortest burst is {show(shortest, unit)} {unit}, and a dispatch takes some 0.03 ms; "
            "--scale 10 makes everything ten times as long"
        )
    said += [f"this run was disturbed, and says little: {reason}" for reason in validity.reasons]
    return tuple(said)
