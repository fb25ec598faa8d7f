"""Setting measured runs beside their simulations: errors, noise, orders, faults. No process and no clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from schedsim.crosschecked import Compared, Order, Predicted
from schedsim.errors import TraceError
from schedsim.metrics import job_metrics
from schedsim.orders import completions, dispatches
from schedsim.spread import median, quartile_range
from schedsim.times import Ns, show, to_unit
from schedsim.trace import Kind, Trace
from schedsim.validate import validate
from schedsim.verdict import FEWEST_FOR_NOISE, Deviation, Tolerances

if TYPE_CHECKING:
    from schedsim.jobs import Mix
    from schedsim.measured import RealRun
    from schedsim.policies.base import Policy


class Beside(NamedTuple):
    """Valid runs and what was simulated of them; a replay for each run, in the same order."""

    mix: Mix
    measured: tuple[Trace, ...]
    ideal: Trace
    calibrated: Trace
    replays: tuple[Trace, ...]
    unordered: frozenset[str] = frozenset()
    """The jobs that are on a knife edge, or whose places in the order are."""


class Row(NamedTuple):
    """The turnarounds (nanoseconds) of one job, or their means, in every run."""

    measured: list[float]
    ideal: float
    calibrated: float
    replays: list[float]

    @property
    def timeless(self) -> bool:
        """Whether it takes no time in the simulation: nothing can be divided by that, so no error is relative to it.

        The other simulations have what dispatches cost, and to end at once is no error of 100 % of that.
        """
        return not self.ideal

    def deviation(self, name: str, allowed: float, least: Ns, *, edge: bool = False) -> Deviation:
        """Return how far the measurements are from the replays; there must be one."""
        errors = errors_of(self.measured, self.replays)
        simulated = median(self.replays)
        return Deviation(
            name,
            median(errors),
            noise_of(errors),
            max(allowed, least / simulated) if simulated else allowed,
            edge,
        )

    def compared(self, name: str, unit: str, deviation: Deviation | None, cpu: float | None) -> Compared:
        """Return the row of a result."""
        measured = self.measured
        middle = median(measured) if measured else None

        def predicted(simulated: list[float]) -> Predicted:
            found = _predicted(measured, simulated, unit)
            return found._replace(error=None) if self.timeless else found

        return Compared(
            id=name,
            measured=None if middle is None else to_unit(round(middle), unit),
            spread=quartile_range(measured) / middle if middle and len(measured) >= 2 else None,
            ideal=predicted([self.ideal]),
            calibrated=predicted([self.calibrated]),
            replay=predicted(self.replays),
            noise=None if deviation is None else deviation.noise,
            allowed=None if deviation is None else deviation.allowed,
            edge=deviation is not None and deviation.edge,
            cpu=cpu,
        )


def _predicted(measured: list[float], simulated: list[float], unit: str) -> Predicted:
    if not simulated:
        return Predicted(None, None)
    each = simulated * len(measured) if len(simulated) == 1 else simulated
    errors = errors_of(measured, each)
    return Predicted(to_unit(round(median(simulated)), unit), median(errors) if errors else None)


def errors_of(measured: Sequence[float], simulated: Sequence[float]) -> list[float]:
    """Return (measured - simulated) / simulated for each pair; what should take no time has no error."""
    return [(one - other) / other for one, other in zip(measured, simulated, strict=True) if other]


def noise_of(errors: Sequence[float]) -> float | None:
    """Return the inter-quartile range of the errors, None for too few."""
    return quartile_range(errors) if len(errors) >= FEWEST_FOR_NOISE else None


def turnarounds(trace: Trace) -> list[Ns]:
    """Return the turnaround of each job (nanoseconds), in the order of the mix. All must have ended.

    That of a job that was killed is how long it lived.
    """
    killed = {row.task: row.time for row in trace if row.kind is Kind.KILLED}
    found = []
    for place, job in enumerate(job_metrics(trace)):
        turnaround = killed[place] - job.arrival if place in killed else job.turnaround
        if turnaround is None:
            raise TraceError(f"job {job.id!r} did not end, so this run cannot be compared")
        found.append(turnaround)
    return found


def rows_of(beside: Beside) -> list[Row]:
    """Return the turnarounds of each job, in the order of the mix."""
    measured, replays = [
        [turnarounds(trace) for trace in traces] for traces in (beside.measured, beside.replays)
    ]
    ideal, calibrated = turnarounds(beside.ideal), turnarounds(beside.calibrated)
    return [
        Row(
            [float(run[place]) for run in measured],
            float(ideal[place]),
            float(calibrated[place]),
            [float(run[place]) for run in replays],
        )
        for place in range(len(beside.mix.jobs))
    ]


def mean_row(rows: Sequence[Row]) -> Row:
    """Return the means over ``rows``, of which there must be one."""

    def over(lists: list[list[float]]) -> list[float]:
        return [sum(values) / len(values) for values in zip(*lists, strict=True)]

    return Row(
        over([row.measured for row in rows]),
        sum(row.ideal for row in rows) / len(rows),
        sum(row.calibrated for row in rows) / len(rows),
        over([row.replays for row in rows]),
    )


def timeless_note(names: Sequence[str], where: str) -> str:
    """Return the sentence about jobs that have no error relative to their simulated turnaround, which is 0.

    >>> timeless_note(["A", "B"], "they count in the mean alone")
    'jobs A, B take no time in the simulation, so no error is relative to it: they count in the mean alone'
    """
    who = f"job {names[0]} takes" if len(names) == 1 else f"jobs {', '.join(names)} take"
    return f"{who} no time in the simulation, so no error is relative to it: {where}"


def excess_of(mix: Mix, traces: Sequence[Trace]) -> list[float | None]:
    """Return by how much more CPU time each job used than its program says, the median over the runs.

    None for a job whose program nobody knows, or that is killed, and where there are no runs.
    """
    used = [[job.cpu for job in job_metrics(trace)] for trace in traces]
    cut = {row.task for trace in traces for row in trace if row.kind is Kind.KILLED}
    return [
        median([run[place] for run in used]) / job.cpu - 1 if used and job.cpu and place not in cut else None
        for place, job in enumerate(mix.jobs)
    ]


def excess_faults(mix: Mix, excess: Sequence[float | None], tolerances: Tolerances) -> list[str]:
    """Return a sentence for each job that used more or less CPU time than its program says."""
    found = []
    for job, share in zip(mix.jobs, excess, strict=True):
        if share is not None and abs(share) > max(tolerances.cpu, tolerances.least / job.cpu):
            more = "more" if share > 0 else "less"
            found.append(
                f"job {job.id} used {100 * abs(share):.1f} % {more} CPU time than the "
                f"{show(job.cpu, mix.unit)} {mix.unit} of its program"
            )
    return found


def run_faults(runs: Sequence[RealRun], mix: Mix, policy: Policy) -> list[str]:
    """Return a sentence for each run that is no schedule, or that its own scheduler would not repeat."""
    found = []
    for number, run in enumerate(runs, 1):
        try:
            validate(run.trace)
            if run.recording is None:
                continue
            again = run.recording.replay(mix, policy, run.trace.header)
        except TraceError as error:
            found.append(f"run {number} is no schedule: {error}")
            continue
        if again.columns() != run.trace.columns():
            place = _first_difference(again, run.trace)
            found.append(
                f"run {number}: the scheduler, told the same again, decides otherwise from row {place} on"
            )
    return found


def _first_difference(one: Trace, other: Trace) -> int:
    for number, (left, right) in enumerate(zip(one, other, strict=False), 1):
        if left != right:
            return number
    return min(len(one), len(other)) + 1


def orders_of(beside: Beside) -> dict[str, Order]:
    """Return in how many runs jobs ended, and were dispatched, in the simulated order.

    Jobs on a knife edge, and those whose places are, are left out: nothing decides these.
    """
    found = {}
    for name, order in (("completion", completions), ("dispatch", dispatches)):
        same, first = 0, ""
        for number, (trace, replay) in enumerate(zip(beside.measured, beside.replays, strict=True), 1):
            one, other = order(trace, beside.unordered), order(replay, beside.unordered)
            if one == other:
                same += 1
            elif not first:
                first = _difference(number, one, other)
        found[name] = Order(same, len(beside.measured), first)
    return found


def _difference(number: int, measured: list[str], simulated: list[str]) -> str:
    place = next(
        (place for place, pair in enumerate(zip(measured, simulated, strict=False)) if pair[0] != pair[1]),
        min(len(measured), len(simulated)),
    )
    one, other = [
        " ".join(names[max(0, place - 1) : place + 2]) or "nothing more" for names in (measured, simulated)
    ]
    return f"run {number} has {one} where the simulation has {other}"


def order_faults(orders: dict[str, Order], cpus: int) -> list[str]:
    """Return a sentence for each order that is another one than simulated in more than half of the runs.

    On several CPUs things happen at almost the same time, and in few runs anything may: that is chance.
    """
    if cpus > 1 or any(order.of < FEWEST_FOR_NOISE for order in orders.values()):
        return []
    said = {"completion": "jobs end", "dispatch": "jobs are dispatched"}
    return [
        f"{said[name]} in another order than simulated in {order.of - order.same} of {order.of} runs: {order.first}"
        for name, order in orders.items()
        if 2 * order.same < order.of
    ]
