"""From runs that were made to the result of a crosscheck: simulate what belongs beside them, and judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from schedsim import evaluate
from schedsim.calibrate import came_to_idle
from schedsim.crosschecked import Crosscheck, Tries, on_edge, without_order
from schedsim.evaluate import Beside, Row, timeless_note
from schedsim.experiment import simulate_trace
from schedsim.operations import Io
from schedsim.policies.options import describe_options
from schedsim.results import Run
from schedsim.spread import median, quartile_range
from schedsim.times import Ns, to_unit
from schedsim.trace import Kind
from schedsim.verdict import FEWEST_FOR_NOISE, Deviation, Evidence, judge, percent

if TYPE_CHECKING:
    from schedsim.calibration import Calibration
    from schedsim.crosscheck import Plan
    from schedsim.crosschecked import Order
    from schedsim.jobs import Mix
    from schedsim.measured import RealRun
    from schedsim.observed import Observed
    from schedsim.policies.base import Policy
    from schedsim.trace import Trace


def beyond_usual(run: RealRun, mix: Mix, calibration: Calibration | None) -> Observed:
    """Return what was observed in a run without what the costs of dispatches have in them already.

    A job that is let go as late as always, and an I/O that ends as late as always, is what was calibrated
    as the cost of a dispatch after an arrival or after I/O, or as how late a preemption takes effect; only
    what is later than that is this run's own.
    """
    observed = run.observed
    if calibration is None:
        return observed
    usual = calibration.usual
    waits = [[step.ns for step in job.operations if isinstance(step, Io)] for job in mix.jobs]

    def sleep(index: int, which: int, length: Ns) -> Ns:
        if not waits[index]:
            return length  # a generator's, which nobody knows beforehand
        return max(min(waits[index][which], length), length - usual["sleep"])

    return observed._replace(
        releases=_releases(run, mix, usual),
        sleeps=tuple((index, which, sleep(index, which, length)) for index, which, length in observed.sleeps),
    )


def _releases(run: RealRun, mix: Mix, usual: Mapping[str, Ns]) -> tuple[tuple[int, Ns], ...]:
    """Return when jobs were let go beyond what is usual.

    The scheduler hears of all jobs of one instant at once, so they come at once in the replay, too: as late
    as the one that could begin. When a job begins that was held for its admission is the policy's doing.
    """
    held = {row.task for row in run.trace if row.kind is Kind.HELD}
    idle = came_to_idle(run.trace)
    together: dict[Ns, list[tuple[int, Ns]]] = {}
    for index, when in run.observed.releases:
        if index not in held:
            together.setdefault(mix.jobs[index].arrival, []).append((index, when))
    found: dict[int, Ns] = {}
    for arrival, each in together.items():
        first, when = min(each, key=lambda pair: (pair[0] not in idle, pair[1]))
        late = usual["release" if first in idle else "release_busy"]
        found.update(dict.fromkeys((index for index, _ in each), max(min(arrival, when), when - late)))
    return tuple((index, found[index]) for index, _ in run.observed.releases if index in found)


def beside(plan: Plan, runs: Sequence[RealRun]) -> Beside:
    """Return the traces of the runs with the simulations that belong beside them."""
    mix, policy, costs = plan.mix, plan.predicted, plan.overheads
    return Beside(
        mix,
        tuple(run.trace for run in runs),
        simulate_trace(mix, policy, plan.seed),
        simulate_trace(mix, policy, plan.seed, overheads=costs),
        tuple(replay(plan, policy, run) for run in runs),
        without_order(plan.edges),
    )


def replay(plan: Plan, policy: Policy, run: RealRun) -> Trace:
    """Return the simulation of a run of ``plan`` under ``policy``, with what was observed in it."""
    observed = beyond_usual(run, plan.mix, plan.calibration)
    return simulate_trace(plan.mix, policy, plan.seed, overheads=plan.overheads, observed=observed)


def checked(plan: Plan, runs: Sequence[RealRun], tries: Tries) -> Crosscheck:
    """Return the result of a crosscheck of which ``runs`` are the ones that count."""
    mix, limits = plan.mix, plan.tolerances
    traces = beside(plan, runs)
    rows = evaluate.rows_of(traces)
    mean = evaluate.mean_row(rows)
    excess = evaluate.excess_of(mix, traces.measured)
    orders = evaluate.orders_of(traces)
    faults = [
        *evaluate.run_faults(runs, mix, plan.policy),
        *evaluate.excess_faults(mix, excess, limits),
    ]
    evidence = _evidence(plan, tries, rows, faults, orders) if runs else _no_evidence(tries)
    judged = {deviation.name: deviation for deviation in evidence.jobs}
    deviations = [judged.get(job.id) for job in mix.jobs]
    middle = median(mean.measured) if runs else 0.0
    noise = quartile_range(mean.measured) / middle if middle and len(runs) >= FEWEST_FOR_NOISE else None
    timeless = [job.id for job, row in zip(mix.jobs, rows, strict=True) if row.timeless]
    return Crosscheck(
        about=_about(plan, runs),
        tolerances=limits,
        jobs=[
            row.compared(job.id, mix.unit, deviation, more)
            for row, job, deviation, more in zip(rows, mix.jobs, deviations, excess, strict=True)
        ],
        mean=mean.compared("mean", mix.unit, evidence.mean, None),
        noise=noise,
        edges=plan.edges,
        orders=orders,
        faults=faults,
        tries=tries,
        verdict=judge(evidence),
        notes=[*plan.notes, *_notes(plan, tries, orders, noise, timeless)],
        measured=[run.to_dict() for run in runs],
        predictions=_predictions(traces),
        runs=runs,
        simulated=_simulated(traces) if runs else None,
    )


def _no_evidence(tries: Tries) -> Evidence:
    return Evidence(tries.wanted, tries.valid, tries.reasons)


def _evidence(
    plan: Plan, tries: Tries, rows: Sequence[Row], faults: Sequence[str], orders: dict[str, Order]
) -> Evidence:
    """Return what the verdict is founded on; there are runs that count."""
    limits, jobs = plan.tolerances, plan.mix.jobs
    shaky = on_edge(plan.edges)
    steady = [row for row, job in zip(rows, jobs, strict=True) if job.id not in shaky]
    firm = any(not row.timeless for row in steady)

    def mean(of: Sequence[Row]) -> Deviation:
        return evaluate.mean_row(of).deviation("mean", limits.mean, limits.least // 3)

    return Evidence(
        tries.wanted,
        tries.valid,
        tries.reasons,
        tuple(faults),
        tuple(evaluate.order_faults(orders, plan.mix.cpus)) if limits.orders else (),
        mean(rows),
        mean(steady) if firm else None,
        tuple(
            row.deviation(job.id, limits.job, limits.least, edge=job.id in shaky)
            for row, job in zip(rows, jobs, strict=True)
            if not row.timeless
        ),
    )


def _notes(
    plan: Plan, tries: Tries, orders: dict[str, Order], noise: float | None, timeless: Sequence[str]
) -> list[str]:
    """Return what the reader should know beside the verdict."""
    said = []
    if timeless:
        where = "it counts" if len(timeless) == 1 else "they count"
        said.append(timeless_note(timeless, f"{where} in the mean alone"))
    if tries.made > tries.valid:
        again = tries.made - tries.valid - tries.invalid
        said.append(
            f"{tries.made} runs were made: {tries.valid} count, {again} were disturbed and made again"
            + (f", {tries.invalid} were disturbed each time" if tries.invalid else "")
        )
    if noise is not None and noise > plan.tolerances.mean:
        said.append(
            f"the mean turnaround differs by {percent(noise, sign=False)} from run to run; the replay, which "
            "knows what disturbed each run, is judged by what it leaves"
        )
    for name, order in orders.items():
        if order.same < order.of:
            said.append(f"order of {name}: as simulated in {order.same} of {order.of} runs; {order.first}")
    return said


def _about(plan: Plan, runs: Sequence[RealRun]) -> dict[str, Any]:
    """Return what was run and how, as plain values."""
    mix, unit = plan.mix, plan.mix.unit
    facts = None
    if runs:
        facts = runs[0].to_dict()["real"]["facts"]
    return {
        "mix": mix.name,
        "unit": unit,
        "cpus": mix.cpus,
        "conventions": mix.conventions,
        "grace": to_unit(mix.grace, unit),
        "scale": plan.scale,
        "algo": plan.policy.label(),
        "options": describe_options(plan.policy, unit),
        "clairvoyant": bool(plan.policy.clairvoyant),
        "predicted": {"algo": plan.predicted.label(), "options": describe_options(plan.predicted, unit)},
        "seed": plan.seed,
        "native": plan.native,
        "driver": plan.driver,
        "shared": plan.shared,
        "facts": facts,
        "calibration": None if plan.calibration is None else plan.calibration.to_dict(),
    }


def _middle(traces: Beside) -> int | None:
    """Return the run with the middle mean turnaround; None where there is no run."""
    means = [sum(evaluate.turnarounds(trace)) for trace in traces.measured]
    return sorted(range(len(means)), key=means.__getitem__)[(len(means) - 1) // 2] if means else None


def _simulated(traces: Beside) -> dict[str, Run]:
    """Return the simulations by name; ``replay`` is that of the middle run."""
    found = {"ideal": Run(traces.ideal), "calibrated": Run(traces.calibrated)}
    middle = _middle(traces)
    return found if middle is None else found | {"replay": Run(traces.replays[middle])}


def _predictions(traces: Beside) -> dict[str, Any]:
    """Return the simulations as plain values, with all replays."""
    found: dict[str, Any] = {name: run.to_dict() for name, run in _simulated(traces).items()}
    found.setdefault("replay", None)
    found["replays"] = [Run(trace).to_dict() for trace in traces.replays]
    return found
