"""One call that measures what dispatches cost on this machine: ``schedsim.calibrate``.

Small mixes are run by the machinery of every real run. What a dispatch costs is read off each slice
alone: the time from the dispatch to the end of the slice, without the CPU time that its task used and
without what the trace's own disturbances took. Nothing is fitted to a turnaround, and nothing of this
comes from a run that is judged later.

Of one repetition the median counts, of the repetitions the lower quartile: a disturbance can only add.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from schedsim.calibration import MEANINGS, USUAL, Basis, Calibration, Cost, find, keep
from schedsim.errors import HostError, UsageError
from schedsim.jobs import Job, Mix
from schedsim.observed import Observed, Stolen
from schedsim.operations import Cpu, Io
from schedsim.real import measure, prepare_real
from schedsim.spread import median, quantile
from schedsim.times import Ns
from schedsim.trace import ENDS_SLICE, Kind, Trace

if TYPE_CHECKING:
    from schedsim.engines.real.host import Host, Placing
    from schedsim.measured import RealRun
    from schedsim.operations import Operation

Progress = Callable[[int, int, str], None]
"""Is told before each step how many are done, of how many, and what comes next."""

REPEATS: Final = 5
TRIES: Final = 3
"""So often a micro-mix is run before its machine is called too disturbed."""
PERCENTILES: Final = (50, 95, 99)
"""Of the dispatcher's lateness."""
_MS: Final = 1_000_000


class MicroMix(NamedTuple):
    """A small mix, and what it is there to measure, by its names in ``MEANINGS``."""

    name: str
    algo: str
    measures: frozenset[str]
    jobs: tuple[tuple[Ns, tuple[Operation, ...]], ...]
    """Arrival and program of each job."""
    late: frozenset[str] = frozenset()
    """What of ``USUAL`` it is there to measure."""


def _computing(length: Ns) -> tuple[Operation, ...]:
    return (Cpu(length),)


MICRO_MIXES: Final = (
    MicroMix(
        "jobs one after the other",
        "fcfs",
        frozenset({"completion"}),
        tuple((0, _computing(20 * _MS)) for _ in range(8)),
    ),
    MicroMix(
        "a few jobs in turn",
        "rr:quantum=10",
        frozenset({"preemption", "overrun"}),
        tuple((0, _computing(52 * _MS)) for _ in range(3)),
    ),
    MicroMix(
        "short jobs that preempt long ones",
        "srtf",
        frozenset({"preemption", "completion", "stop"}),
        tuple(
            job
            for start in range(0, 160 * _MS, 40 * _MS)
            for job in ((start, _computing(27 * _MS)), (start + 13 * _MS, _computing(8 * _MS)))
        ),
        frozenset({"release_busy"}),
    ),
    MicroMix(
        "arrivals at an idle CPU",
        "fcfs",
        frozenset({"arrival"}),
        tuple((start, _computing(9 * _MS)) for start in range(0, 160 * _MS, 20 * _MS)),
        frozenset({"release"}),
    ),
    MicroMix(
        "I/O of a job that is alone",
        "fcfs",
        frozenset({"wake"}),
        ((0, (Cpu(8 * _MS), *(Io(11 * _MS), Cpu(8 * _MS)) * 8)),),
        frozenset({"sleep"}),
    ),
    MicroMix(
        "I/O of jobs that keep a CPU busy",
        "fcfs",
        frozenset({"completion"}),
        tuple((start, (Cpu(8 * _MS), *(Io(15 * _MS), Cpu(8 * _MS)) * 4)) for start in (0, _MS, 2 * _MS)),
    ),
)
"""Bursts are some 10 ms long, as in mixes that are worth measuring: a dispatch costs twice as much after a
dispatcher has slept for long, when its code and its data have left the caches, as after a few milliseconds."""


class Measurement(NamedTuple):
    """What one repetition of the micro-mixes measured."""

    costs: dict[str, list[Ns]]
    """The samples of each kind of dispatch."""
    lateness: list[Ns]
    late: dict[str, list[Ns]]
    """How late jobs were let go, and I/Os were seen to end."""
    disturbed: int


def calibrate(
    driver: str = "auto",
    *,
    start_method: str = "fork",
    cpus: int = 1,
    again: bool = False,
    progress: Progress | None = None,
) -> Calibration:
    """Return what dispatches cost on this machine, from earlier if it is known, or else measured now.

    Args:
        driver: as for ``schedsim.real``; costs differ between drivers.
        start_method: of ``multiprocessing``: ``fork``, ``spawn`` or ``forkserver``.
        cpus: how many CPUs are measured; where none is left for the dispatcher, that costs.
        again: whether it is measured in any case.
        progress: is told how far it is.

    Raises:
        UsageError: for a driver or a start method that there is not.
        HostError: for what this machine refuses, and when it is too disturbed to be measured.
    """
    from schedsim.engines.real.host import START_METHODS, host, place

    if start_method not in START_METHODS:
        listed = ", ".join(START_METHODS[:-1])
        raise UsageError(f"start method is {start_method!r}; write {listed} or {START_METHODS[-1]}")
    here = host()
    placing = place(here, cpus, driver, 0, unthrottle=False)
    return calibrated(here, placing, start_method, again=again, progress=progress)


def calibrated(
    here: Host,
    placing: Placing,
    start_method: str,
    *,
    again: bool = False,
    progress: Progress | None = None,
) -> Calibration:
    """Return the calibration for runs at that place: the one that was kept, or a new one."""
    basis = basis_of(placing, start_method)
    earlier = None if again else find(basis)
    if earlier is not None:
        return earlier
    made = measured(here, placing, basis, progress)
    try:
        keep(made)
    except HostError as error:
        # It has been measured, and holds for now.
        return made._replace(notes=(f"this calibration is not kept: {error}",))
    return made


def basis_of(placing: Placing, start_method: str) -> Basis:
    """Return what a calibration of runs at that place holds for."""
    from schedsim.engines.real.host import facts

    return Basis(placing.driver, start_method, placing.shared, len(placing.measured), facts())


def measured(here: Host, placing: Placing, basis: Basis, progress: Progress | None = None) -> Calibration:
    """Run every micro-mix ``REPEATS`` times and return the costs.

    Raises HostError when the machine is disturbed each time.
    """
    from datetime import UTC, datetime

    placing = placing._replace(unthrottle=False)  # no micro-mix is long enough to be throttled
    idle = ""
    found: list[Measurement] = []
    for repeat in range(REPEATS):
        costs: dict[str, list[Ns]] = {name: [] for name in MEANINGS}
        lateness: list[Ns] = []
        late: dict[str, list[Ns]] = {name: [] for name in USUAL}
        disturbed = 0
        for number, micro in enumerate(MICRO_MIXES):
            if progress is not None:
                done = repeat * len(MICRO_MIXES) + number
                progress(done, REPEATS * len(MICRO_MIXES), f"calibrating: {micro.name}")
            run, failed = _undisturbed(micro, here, placing, basis)
            disturbed += failed
            idle = run.facts.idle
            lateness += run.observed.lateness
            for name, samples in lateness_of(run.trace, run.observed).items():
                if name in micro.late:
                    late[name] += samples
            for name, samples in costs_of(run.trace, run.observed.stolen).items():
                if name in micro.measures:
                    costs[name] += samples
        found.append(Measurement(costs, lateness, late, disturbed))
    date = datetime.now(UTC).isoformat(timespec="seconds")
    return calibration_of(found, basis, date, idle)


def calibration_of(
    repetitions: Sequence[Measurement], basis: Basis, date: str, idle: str = ""
) -> Calibration:
    """Return what the repetitions amount to."""
    costs = {}
    for name in MEANINGS:
        medians = [median(each.costs[name]) for each in repetitions if each.costs[name]]
        samples = sum(len(each.costs[name]) for each in repetitions)
        costs[name] = Cost(round(quantile(medians, 0.25)), round(min(medians)), round(max(medians)), samples)
    late = [value for each in repetitions for value in each.lateness]
    return Calibration(
        basis,
        costs,
        {share: round(quantile(late, share / 100)) for share in PERCENTILES},
        {name: round(median([value for each in repetitions for value in each.late[name]])) for name in USUAL},
        date,
        len(repetitions),
        sum(each.disturbed for each in repetitions),
        idle,
    )


def costs_of(trace: Trace, stolen: Sequence[Stolen] = ()) -> dict[str, list[Ns]]:
    """Return what each dispatch cost (nanoseconds), by what came before it on its CPU.

    The cost is what a slice lost: its length without the CPU time of its task, and without what
    was stolen in it. A task that goes on with a fresh slice was not dispatched anew. ``stop`` is how long
    after a task had come a running one was preempted; ``overrun`` is by how much a slice was exceeded.
    """
    found: dict[str, list[Ns]] = {name: [] for name in MEANINGS}
    entered: dict[int, tuple[Ns, Kind]] = {}
    came: Ns = 0
    left: dict[int, tuple[Ns, int, Kind]] = {}  # CPU -> when, by whom and how it was left last
    began: dict[int, tuple[Ns, str]] = {}
    granted: dict[int, Ns] = {}
    used: dict[int, Ns] = {}
    for row in trace:
        if row.kind in (Kind.ARRIVED, Kind.ADMITTED, Kind.WOKE):
            entered[row.task] = (row.time, row.kind)
            came = row.time
        elif row.kind is Kind.DISPATCHED:
            before = left.get(row.cpu)
            kind = _kind_of(row.time, row.task, before, entered[row.task])
            began[row.cpu] = (row.time, kind)
            if kind and before is not None and before[2] is Kind.EXPIRED:
                found["overrun"].append(max(0, used[row.cpu] - granted[row.cpu]))
            granted[row.cpu] = row.value
        elif row.kind in ENDS_SLICE and row.cpu >= 0:
            start, name = began.pop(row.cpu)
            if row.kind is Kind.PREEMPTED:
                found["stop"].append(row.time - came)
            left[row.cpu] = (row.time, row.task, row.kind)
            used[row.cpu] = row.value
            if name:
                away = sum(
                    max(0, min(piece.end, row.time) - max(piece.start, start))
                    for piece in stolen
                    if piece.cpu == row.cpu
                )
                found[name].append(max(0, row.time - start - row.value - away))
    return found


def lateness_of(trace: Trace, observed: Observed) -> dict[str, list[Ns]]:
    """Return how late jobs were let go and I/Os were seen to end (nanoseconds), by its names in ``USUAL``."""
    jobs, idle = trace.header.jobs, came_to_idle(trace)
    found: dict[str, list[Ns]] = {"release": [], "release_busy": []}
    for index, when in observed.releases:
        found["release" if index in idle else "release_busy"].append(max(0, when - jobs[index].arrival))
    served = [row.value for row in trace if row.kind is Kind.WOKE]
    slept = [length for _, _, length in observed.sleeps]
    # In the order in which they ended, as the rows are.
    late = [max(0, one - other) for one, other in zip(slept, served, strict=False)]
    return {**found, "sleep": late}


def came_to_idle(trace: Trace) -> frozenset[int]:
    """Return the jobs, by their places in the mix, that arrived at an idle CPU and began at once."""
    arrived: dict[int, Ns] = {}
    left: dict[int, Ns] = {}
    found = set()
    for row in trace:
        if row.kind is Kind.ARRIVED:
            arrived[row.task] = row.time
        elif row.kind is Kind.DISPATCHED and arrived.pop(row.task, -1) == row.time:
            if left.get(row.cpu, -1) < row.time:
                found.add(row.task)
        elif row.kind in ENDS_SLICE and row.cpu >= 0:
            left[row.cpu] = row.time
    return frozenset(found)


def _kind_of(time: Ns, task: int, left: tuple[Ns, int, Kind] | None, entered: tuple[Ns, Kind]) -> str:
    """Return which kind of dispatch this is, "" if it is none that is measured."""
    if left is not None and left[0] == time:
        if left[1] == task:
            return ""
        return "completion" if left[2] in (Kind.BLOCKED, Kind.FINISHED, Kind.FAILED) else "preemption"
    if entered[0] != time:
        return ""
    return "wake" if entered[1] is Kind.WOKE else "arrival"


def _undisturbed(micro: MicroMix, here: Host, placing: Placing, basis: Basis) -> tuple[RealRun, int]:
    """Run a micro-mix until it is left in peace; return the run, and how many were not.

    Raises HostError after ``TRIES`` of them.
    """
    from schedsim.engines.real.patience import let_pass, when_free

    each = micro.jobs * basis.cpus
    jobs = tuple(Job(f"J{number}", arrival, program) for number, (arrival, program) in enumerate(each, 1))
    mix = Mix(jobs, name=micro.name, cpus=basis.cpus)
    mix, policy, seed = prepare_real(mix, micro.algo, 1, {})
    reasons: tuple[str, ...] = ()
    for number in range(TRIES):
        let_pass(number)
        run = when_free(lambda: measure(mix, policy, seed, here, placing, start_method=basis.start_method))
        if run.validity.valid and run.completed:
            return run, number
        reasons = run.validity.reasons or ("a process died",)
    raise HostError(
        f"this machine is too disturbed to be calibrated: {reasons[0]}, {TRIES} times in a row; "
        "try again when less goes on here"
    )


__all__ = ["Calibration", "calibrate", "calibrated"]
