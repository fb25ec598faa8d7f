"""One call that runs a mix on real processes under a scheduling class of the kernel: ``schedsim.native``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from schedsim.cooperation import cooperates
from schedsim.errors import HostError, UsageError
from schedsim.experiment import configure, header_of, load_mix, simulate_trace
from schedsim.measured import RealRun
from schedsim.observed import Facts
from schedsim.policies.options import make_policy
from schedsim.real import CLOCK, busiest, notes_of, refuse
from schedsim.scaling import read_scale, scaled_mix
from schedsim.times import UNITS, show
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schedsim.engines.native.classes import Kernel
    from schedsim.engines.real.host import Host, Placing
    from schedsim.jobs import Mix
    from schedsim.policies.base import Policy

FAIR_SLICE: Final = "1ms"
"""What everyone is simulated to get of a fair share in turn. The kernel has slices of its own, which end at timer
ticks; who runs in which tick is a matter of chance there, and makes no difference to how much everyone gets."""


def native(
    mix: object,
    kind: str,
    *,
    start_method: str = "fork",
    scale: object = 1,
    unthrottle: bool = False,
    **options: Any,
) -> RealRun:
    """Run ``mix`` on real processes that the kernel itself schedules, and return what was measured.

    Args:
        mix: as for ``schedsim.run``.
        kind: ``fifo`` (SCHED_FIFO), ``rr`` (SCHED_RR), ``other`` (SCHED_OTHER, by the jobs' nice values) or
            ``deadline`` (SCHED_DEADLINE, by the jobs' deadlines, on all CPUs of the machine).
        start_method: of ``multiprocessing``: ``fork``, ``spawn`` or ``forkserver``.
        scale: every time of the mix is multiplied by it.
        unthrottle: whether the kernel's limit on real-time processes is lifted for the run (root).
        **options: how the mix is to be run, such as ``cpus``.

    Raises:
        MixError, UsageError: for what cannot be used; nothing has run then.
        HostError: for what this machine refuses, and for a run that had to be given up.
        ProgramError: for a program that raised.
    """
    from schedsim.engines.real.host import host

    loaded = prepare_native(mix, scale, options)
    refuse(loaded, start_method, {})
    here = host()
    kernel = kernel_of(loaded, kind, here)
    return measure_native(loaded, kernel, here, start_method=start_method, unthrottle=unthrottle)


def prepare_native(mix: object, scale: object, options: Mapping[str, Any]) -> Mix:
    """Return the mix of a native run, scaled.

    Raises UsageError for options that are none of how a mix is run.
    """
    loaded, rest, _ = configure(load_mix(mix), options)
    if cooperates(loaded):
        raise UsageError(
            "the kernel schedules in a native run, and nobody is there to hand over mutexes, items and exit codes: "
            "programs take cpu, io and yield; a run under a policy takes all operations"
        )
    if rest:
        raise UsageError(
            f"{next(iter(rest))!r} is no option of a native run: the kernel schedules there, and has its own"
        )
    # What a switch costs, and when a slice ends, is the kernel's to say.
    plain = loaded._replace(switch_cost=0, charge_first_switch=False, grace=0)
    return scaled_mix(plain, read_scale(scale))


def kernel_of(mix: Mix, kind: str, here: Host) -> Kernel:
    """Return the kernel's class for a mix on this machine. Raises UsageError and HostError."""
    import os

    from schedsim.engines.native.classes import kernel_class
    from schedsim.engines.real.host import spread

    kernel = kernel_class(kind, mix, spread(here, mix.cpus)[0], os.cpu_count() or 1)
    if kernel.deadlines:
        _refuse_late_waking(mix)
    return kernel


def _refuse_late_waking(mix: Mix) -> None:
    """Raise UsageError for a job that would come back from I/O after its deadline: the kernel would not let it."""
    for row in simulate_trace(mix, make_policy("edf", {}, mix.unit)):
        job = mix.jobs[max(0, row.task)]
        due = job.arrival + (job.deadline or 0)
        if row.kind is Kind.WOKE and row.time >= due:
            raise UsageError(
                f"job {job.id!r} comes back from I/O at {show(row.time, mix.unit)} {mix.unit}, and its deadline is at "
                f"{show(due, mix.unit)}: SCHED_DEADLINE would let it wait for seconds; give it a later deadline"
            )


def counterpart(mix: object, kind: str, *, scale: object = 1, **options: Any) -> tuple[str, dict[str, Any]]:
    """Return the policy that a native run is to be set beside, by name, and its options.

    These are as they are now on this machine: the slice of SCHED_RR can be set, and is counted in ticks. So
    they are not to be scaled with the mix. Args are those of ``native``; raises as it does.
    """
    from schedsim.engines.real.host import host

    return beside(kernel_of(prepare_native(mix, scale, options), kind, host()))


def beside(kernel: Kernel) -> tuple[str, dict[str, Any]]:
    """Return the policy that a run under ``kernel`` is to be set beside, and its options."""
    if kernel.kind == "fifo":
        return "fcfs", {}
    if kernel.kind == "deadline":
        return "edf", {}
    if kernel.kind == "rr":
        if kernel.slices.length <= 0:
            raise HostError("SCHED_RR needs the right to real-time priorities (root, or CAP_SYS_NICE)")
        ticks = {"tick": f"{kernel.tick}ns", "phase": f"{kernel.phase}ns"} if kernel.tick else {}
        return "rr", {"quantum": f"{kernel.slices.length}ns", **ticks}
    return "cfs", {"sched_latency": FAIR_SLICE, "min_granularity": FAIR_SLICE}


def measure_native(
    mix: Mix, kernel: Kernel, here: Host, *, start_method: str = "fork", unthrottle: bool = False
) -> RealRun:
    """Run once; ``mix`` and ``kernel`` are those of ``prepare_native`` and ``kernel_of``."""
    from schedsim.engines.native.coordinator import Order, watch
    from schedsim.engines.real.host import facts

    algo, options = beside(kernel)
    policy = make_policy(algo, options, mix.unit)
    placing = _place(mix, kernel, here, policy, unthrottle=unthrottle)
    limited = here.throttle is not None and here.throttle[0] >= 0 and not placing.unthrottle
    expected = max((job.arrival for job in mix.jobs), default=0) + sum(job.cpu + job.io for job in mix.jobs)
    outcome = watch(
        Order(
            mix,
            header_of(mix, policy, None)._replace(engine="native"),
            kernel,
            placing,
            start_method,
            throttled=limited,
            limit=4 * expected + 30 * UNITS["s"],
        )
    )
    made = Facts(
        driver=kernel.kind,
        measured=kernel.cpus,
        dispatcher=None,
        shared=False,
        clock=CLOCK,
        start_method=start_method,
        throttling="lifted" if placing.unthrottle else "on" if limited else "off",
        idle="polling" if outcome.awake else "as the system does",
        system=facts(),
    )
    notes = (*placing.notes, *notes_of(mix, outcome.deaths, outcome.validity))
    return RealRun(outcome.trace, notes, made, outcome.validity, outcome.observed, None)


def _place(mix: Mix, kernel: Kernel, here: Host, policy: Policy, *, unthrottle: bool) -> Placing:
    """Return where a native run takes place. Raises HostError for what this machine refuses."""
    from schedsim.engines.native.classes import REALTIME
    from schedsim.engines.real.host import Placing, spread, throttled_words, would_be_throttled

    if not here.cpus:
        raise HostError("processes cannot be pinned here, and the kernel's own classes are measured pinned")
    if kernel.kind != "other" and not here.realtime:
        raise HostError(
            f"the class {kernel.kind} needs the right to real-time priorities (root, or CAP_SYS_NICE)"
        )
    measured, beside, shared = spread(here, mix.cpus)
    throttled = kernel.kind in REALTIME and here.throttle is not None and here.throttle[0] >= 0
    if unthrottle and throttled and not here.may_unthrottle:
        raise HostError(
            "the limit on real-time processes can be lifted by root alone; leave --unthrottle out"
        )
    notes = []
    if throttled and not unthrottle and would_be_throttled(here, busiest(mix, policy, here)):
        notes.append(
            f"{throttled_words(here)}: expect an invalid run; --unthrottle lifts that limit for the run"
        )
    return Placing(
        kernel.kind,
        (None,) * mix.cpus if kernel.kind == "deadline" else measured,
        beside,
        shared,
        unthrottle and throttled,
        here.realtime,
        tuple(notes),
    )
