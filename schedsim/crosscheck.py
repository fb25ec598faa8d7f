"""One call that runs a mix for real, several times, and sets it beside three simulations: ``schedsim.crosscheck``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.calibrate import calibrated
from schedsim.checked import checked
from schedsim.crosschecked import Crosscheck, KnifeEdge, Tries, edge_words
from schedsim.errors import UsageError
from schedsim.evaluate import turnarounds
from schedsim.experiment import MIX_OPTIONS, Algo, prepare, simulate_trace
from schedsim.measured import RealRun
from schedsim.observed import Overheads
from schedsim.policies.options import make_policy
from schedsim.real import busiest, measure, prepare_real, refuse
from schedsim.scaling import read_scale, scaled_policy
from schedsim.times import Ns, show, to_unit
from schedsim.trace import Kind
from schedsim.verdict import Tolerances, percent, tolerances

if TYPE_CHECKING:
    from schedsim.calibrate import Progress
    from schedsim.calibration import Calibration
    from schedsim.jobs import Mix
    from schedsim.policies.base import Policy

REPEAT: Final = 5
FURTHER_TRIES: Final = 3
"""So often an invalid run is made again before it counts as invalid."""
MOST_REPEATS: Final = 1000
EDGE_PERCENTILE: Final = 99
"""Of the dispatcher's lateness, as calibrated: by so much knife edges are looked for."""
KERNEL_LATENESS: Final = 50_000
"""The same (nanoseconds) where the kernel dispatches: about a timer interrupt."""


class Plan(NamedTuple):
    """All that is settled before a run starts: it is printed then, and does not change any more."""

    mix: Mix
    policy: Policy
    """Under which the mix is run."""
    predicted: Policy
    """Under which it is simulated: the same, but for a negative control."""
    seed: int | None
    repeat: int
    scale: str
    driver: str
    """Or the class of the kernel, where there is none."""
    native: str | None
    """That class."""
    shared: bool
    tolerances: Tolerances
    calibration: Calibration | None
    edges: tuple[KnifeEdge, ...]
    run: Callable[[], RealRun]
    """Makes one run."""
    notes: tuple[str, ...] = ()

    @property
    def overheads(self) -> Overheads:
        """What dispatches cost."""
        return Overheads() if self.calibration is None else self.calibration.overheads

    def words(self) -> list[str]:
        """Return what is to be said before the run, a sentence each."""
        limits, unit = self.tolerances, self.mix.unit
        mean, job, cpu = [percent(share, sign=False) for share in (limits.mean, limits.job, limits.cpu)]
        least = f"{show(limits.least, unit)} {unit}"
        said = [
            f"tolerances for {limits.why}: mean turnaround {mean}, each job {job} or {least}, CPU time {cpu}"
        ]
        if self.mix.grace:
            said.append(
                f"grace {show(self.mix.grace, unit)} {unit}, measured and simulated: a slice is not ended "
                "while its burst needs no more"
            )
        said += [f"knife edge {words}" for words in edge_words(self.edges)]
        return said if self.edges else [*said, "knife edges: none was found"]


def crosscheck(
    mix: object,
    algo: Algo | None = None,
    *,
    repeat: int = REPEAT,
    predict: Algo | None = None,
    native: str | None = None,
    driver: str = "auto",
    start_method: str = "fork",
    scale: object = 1,
    unthrottle: bool = False,
    excess: Mapping[str, float] | None = None,
    progress: Progress | None = None,
    announce: Callable[[Plan], None] | None = None,
    **options: Any,
) -> Crosscheck:
    """Run ``mix`` under ``algo`` on real processes, set it beside its simulations, and judge.

    Args:
        mix: as for ``schedsim.run``.
        algo: likewise; left out where ``native`` says which class of the kernel schedules.
        repeat: how many runs are wanted. One that is disturbed is made again, up to three times.
        predict: another policy to simulate than the one that is run: a negative control.
        native: ``fifo``, ``rr``, ``other`` or ``deadline``: the kernel schedules, without a dispatcher.
        driver: as for ``schedsim.real``.
        start_method: likewise.
        scale: likewise.
        unthrottle: likewise.
        excess: likewise, a negative control.
        progress: is told before each run how many are done, of how many, and what comes next.
        announce: is told before the first run what was settled: tolerances, knife edges.
        **options: as for ``schedsim.run``; ``grace`` is 0.3 ms unless said otherwise.

    Raises:
        MixError, UsageError, PolicyError: for what cannot be used; nothing has run then.
        HostError: for what this machine refuses, when it is too disturbed to be calibrated, and for a run
            that had to be given up.
        ProgramError: for a program that raised.
    """
    plan = planned(
        mix,
        algo,
        repeat=repeat,
        predict=predict,
        native=native,
        driver=driver,
        start_method=start_method,
        scale=scale,
        unthrottle=unthrottle,
        excess=excess,
        progress=progress,
        **options,
    )
    if announce is not None:
        announce(plan)
    return checked(plan, *made(plan, progress))


def planned(
    mix: object,
    algo: Algo | None = None,
    *,
    repeat: int = REPEAT,
    predict: Algo | None = None,
    native: str | None = None,
    driver: str = "auto",
    start_method: str = "fork",
    scale: object = 1,
    unthrottle: bool = False,
    excess: Mapping[str, float] | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Plan:
    """Settle everything, calibrate if that was not done yet, and look for knife edges.

    Args and errors are those of ``crosscheck``.
    """
    from schedsim.engines.real.host import host, place

    if isinstance(repeat, bool) or not 1 <= repeat <= MOST_REPEATS:
        raise UsageError(f"repeat is {repeat!r}; write a number from 1 to {MOST_REPEATS}")
    if native is not None:
        if algo is not None or excess or driver != "auto":
            raise UsageError(
                f"under native {native} the kernel schedules: leave the policy, the driver and excess out"
            )
        return _planned_native(
            mix,
            native,
            options,
            repeat=repeat,
            predict=predict,
            start_method=start_method,
            scale=scale,
            unthrottle=unthrottle,
        )
    loaded, policy, seed = prepare_real(mix, algo, scale, options)
    refuse(loaded, start_method, excess or {})
    predicted = policy if predict is None else _other(mix, predict, scale, options)
    _refuse_incomparable(loaded, predicted, seed)
    here = host()
    placing = place(here, loaded.cpus, driver, busiest(loaded, policy, here), unthrottle=unthrottle)
    calibration = calibrated(here, placing, start_method, progress=progress)

    def run() -> RealRun:
        return measure(loaded, policy, seed, here, placing, start_method=start_method, excess=excess)

    return Plan(
        loaded,
        policy,
        predicted,
        seed,
        repeat,
        str(scale),
        placing.driver,
        None,
        placing.shared,
        tolerances(placing.driver, shared=placing.shared),
        calibration,
        knife_edges(loaded, predicted, calibration.overheads, calibration.lateness[EDGE_PERCENTILE]),
        run,
        (*placing.notes, *calibration.notes),
    )


def _planned_native(
    mix: object,
    native: str,
    options: Mapping[str, Any],
    *,
    repeat: int,
    predict: Algo | None,
    start_method: str,
    scale: object,
    unthrottle: bool,
) -> Plan:
    """Settle a run that the kernel schedules, beside the policy that is its counterpart."""
    from importlib import import_module

    from schedsim.engines.real.host import host

    try:
        kernels: Any = import_module("schedsim.native")
    except ModuleNotFoundError:
        raise UsageError("native is planned, not in this version; leave it out") from None
    loaded: Mix = kernels.prepare_native(mix, scale, options)
    refuse(loaded, start_method, {})
    here = host()
    kernel = kernels.kernel_of(loaded, native, here)
    algo, own = kernels.counterpart(mix, native, scale=scale, **options)
    policy = make_policy(algo, own, loaded.unit)
    predicted = policy if predict is None else _other(mix, predict, scale, options)

    def run() -> RealRun:
        run: RealRun = kernels.measure_native(
            loaded, kernel, here, start_method=start_method, unthrottle=unthrottle
        )
        return run

    return Plan(
        loaded,
        policy,
        predicted,
        None,
        repeat,
        str(scale),
        native,
        native,
        shared=False,
        tolerances=tolerances(native, shared=False),
        calibration=None,
        edges=knife_edges(loaded, predicted, Overheads(), KERNEL_LATENESS),
        run=run,
        notes=("the kernel's own dispatches are not calibrated: calibrated is ideal here",),
    )


def _other(mix: object, predict: Algo, scale: object, options: Mapping[str, Any]) -> Policy:
    """Return the policy that is simulated in place of the one that is run; it has its own options."""
    of_the_mix = {name: value for name, value in options.items() if name in (*MIX_OPTIONS, "tickets", "seed")}
    _, policy, _ = prepare(mix, predict, of_the_mix)
    return scaled_policy(policy, read_scale(scale))


def knife_edges(mix: Mix, policy: Policy, costs: Overheads, lateness: Ns) -> tuple[KnifeEdge, ...]:
    """Return what a hair decides, by simulation alone."""
    from schedsim.edges import edges

    found = edges(mix, policy, costs, lateness).events
    return tuple(
        KnifeEdge(to_unit(edge.time, mix.unit), edge.jobs, edge.words, edge.unordered) for edge in found
    )


def made(plan: Plan, progress: Progress | None = None) -> tuple[list[RealRun], Tries]:
    """Make the runs; return those that count, and how many there were.

    One that is disturbed is made again, after a moment, and another real run is waited for. When so many are invalid that nothing could follow
    any more, no further ones are made.
    """
    from schedsim.engines.real.patience import let_pass, when_free

    valid: list[RealRun] = []
    reasons: list[str] = []
    number = 0
    for place in range(plan.repeat):
        why = ""
        for attempt in range(1 + FURTHER_TRIES):
            if progress is not None:
                again = f", try {attempt + 1}" if attempt else ""
                progress(place, plan.repeat, f"run {place + 1} of {plan.repeat}{again}")
            let_pass(attempt)
            run = when_free(plan.run)
            number += 1
            if run.validity.valid and run.completed:
                valid.append(run)
                break
            why = ", and ".join(run.validity.reasons) or _incomplete(run)
        else:
            reasons.append(why)
            if 2 * (plan.repeat - len(reasons)) < plan.repeat:
                break
    return valid, Tries(plan.repeat, len(valid), len(reasons), number, tuple(reasons))


def _incomplete(run: RealRun) -> str:
    """Return why not every job of a run came to its end."""
    died = any(job.state == "failed" for job in run.jobs)
    return "a process died" if died else "some jobs waited for each other for ever"


def _refuse_incomparable(mix: Mix, policy: Policy, seed: int | None) -> None:
    """Raise UsageError where the simulation leaves nothing to compare: jobs that never end, or none that takes time."""
    trace = simulate_trace(mix, policy, seed)
    came = {row.task for row in trace if row.kind in (Kind.ARRIVED, Kind.HELD)}
    ended = {row.task for row in trace if row.kind in (Kind.FINISHED, Kind.KILLED)}
    endless = next((place for place in range(len(mix.jobs)) if place not in ended), None)
    if endless is not None:
        what = "never ends" if endless in came else "is never spawned"
        raise UsageError(
            f"job {mix.jobs[endless].id!r} {what} in the simulation of {mix.name}, so there is no turnaround to compare; "
            "schedsim run and schedsim real show what happens"
        )
    if not any(turnarounds(trace)):
        raise UsageError(
            f"no job of {mix.name} takes any time in the simulation, so there is no turnaround to compare; "
            "write a CPU burst, such as cpu 20, or let schedsim real show what happens"
        )
