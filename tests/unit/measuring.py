"""Made-up measurements: simulated traces that pass for runs on real processes."""

from __future__ import annotations

from typing import Any

from schedsim.calibration import MEANINGS, Basis, Calibration, Cost
from schedsim.crosscheck import Plan
from schedsim.crosschecked import KnifeEdge
from schedsim.experiment import prepare, simulate_trace
from schedsim.measured import RealRun
from schedsim.observed import Facts, Observed, Validity
from schedsim.verdict import tolerances

VALID = Validity(valid=True, reasons=(), stolen_share=0.0, stranger_share=0.0, lateness=20_000, throttled=0)
BASIS = Basis("bands", "fork", shared=False, cpus=1, system=(("kernel", "6.1"), ("cpus", 2)))
FACTS = Facts(
    "bands", (1,), 0, shared=False, clock="a clock", start_method="fork", throttling="on", idle="polling"
)


def calibration(*costs: int, basis: Basis = BASIS, date: str = "2026-01-31T12:00:00+00:00") -> Calibration:
    """Return a calibration with these costs (nanoseconds), in the order of ``MEANINGS``; the others are 0."""
    padded = [*costs, *[0] * len(MEANINGS)]
    found = {name: Cost(cost, cost, cost, 10) for name, cost in zip(MEANINGS, padded, strict=False)}
    late, usual = (
        {50: 10_000, 95: 30_000, 99: 50_000},
        {"release": 4000, "release_busy": 60_000, "sleep": 2000},
    )
    return Calibration(basis, found, late, usual, date, 5)


def disturbed(reason: str = "strangers had the CPU") -> Validity:
    """Return the validity of a run that does not count."""
    return VALID._replace(valid=False, reasons=(reason,))


def real_run(mix: object, algo: str, validity: Validity = VALID, **options: Any) -> RealRun:
    """Return a simulation that passes for a measurement."""
    loaded, policy, seed = prepare(mix, algo, options)
    trace = simulate_trace(loaded, policy, seed)
    return RealRun(trace, (), FACTS, validity, Observed(), None)


def plan_of(mix: object, algo: str, *, measured: Any, edges: tuple[str, ...] = (), repeat: int = 3) -> Plan:
    """Return a plan that simulates ``mix`` under ``algo``, and whose runs are what ``measured()`` returns."""
    loaded, policy, seed = prepare(mix, algo, {})
    return Plan(
        loaded,
        policy,
        policy,
        seed,
        repeat,
        "1",
        "bands",
        None,
        shared=False,
        tolerances=tolerances("bands", shared=False),
        calibration=calibration(),
        edges=(KnifeEdge(3, edges, "at 3 ms: A ends as B arrives"),) if edges else (),
        run=measured,
    )
