"""Measured traces set beside simulated ones: errors, orders and faults, without a process."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim import evaluate, orders
from schedsim.errors import TraceError
from schedsim.evaluate import Beside, Row
from schedsim.experiment import load_mix, simulate_trace
from schedsim.jobs import Mix
from schedsim.operations import Cpu
from schedsim.policies.rr import RoundRobin
from schedsim.recording import Recording
from schedsim.scaling import read_scale, scaled_mix
from schedsim.trace import Kind, Trace
from schedsim.verdict import TOLERANCES
from tests.unit.measuring import real_run

JOBS = [("A", 0, 30), ("B", 3, 20), ("C", 5, 8)]
MIX = load_mix(JOBS)
BANDS = TOLERANCES["bands"]


def trace_of(algo: str, mix: Mix = MIX) -> Trace:
    """Return a simulated trace of a mix."""
    return ss.run(mix, algo, notes=False).trace


def beside(measured: str, simulated: str, edges: tuple[str, ...] = (), runs: int = 3) -> Beside:
    """Return runs under one policy beside simulations of another one."""
    one, other = trace_of(measured), trace_of(simulated)
    return Beside(MIX, (one,) * runs, other, other, (other,) * runs, frozenset(edges))


def test_a_run_beside_itself_has_no_error():
    """Every row is 0 off, and so is the mean."""
    rows = evaluate.rows_of(beside("fcfs", "fcfs"))
    deviations = [row.deviation("A", 0.02, 0) for row in [*rows, evaluate.mean_row(rows)]]
    assert [0] * 4 == [each.error for each in deviations]
    assert [0] * 4 == [each.noise for each in deviations]


def test_errors_are_fractions_of_the_simulated_value():
    """FCFS ends A at 30, B at 50, C at 58; SJF C at 38 and B at 58."""
    rows = evaluate.rows_of(beside("fcfs", "sjf"))
    errors = [row.deviation("", 0.02, 0).error for row in rows]
    assert errors == pytest.approx([0, (47 - 55) / 55, (53 - 33) / 33])
    mean = evaluate.mean_row(rows).deviation("mean", 0.005, 0)
    assert mean.error == pytest.approx((130 - 118) / 118)


def test_the_median_of_the_runs_counts():
    """One run that went astray is noise."""
    row = Row([100.0, 101.0, 400.0], 100.0, 100.0, [100.0, 100.0, 100.0])
    deviation = row.deviation("A", 0.02, 0)
    assert (deviation.error, deviation.noise) == pytest.approx((0.01, 1.5))


def test_each_run_has_its_own_replay():
    """What disturbed a run is in its replay: the errors are none, though the runs differ."""
    row = Row([100.0, 150.0, 120.0], 100.0, 100.0, [100.0, 150.0, 120.0])
    compared = row.compared("A", "ns", row.deviation("A", 0.02, 0), None)
    assert (120, 0.2) == (compared.measured, compared.ideal.error)
    assert (120, 0, 0) == (*compared.replay, compared.noise)
    assert compared.spread == pytest.approx(25 / 120)


def test_too_few_runs_have_no_noise():
    """Two runs differ by chance in who knows what."""
    assert evaluate.noise_of([0.1, 0.2]) is None
    assert evaluate.noise_of([0.1, 0.2, 0.3]) == pytest.approx(0.1)


def test_a_short_job_is_allowed_a_late_dispatch():
    """0.3 ms of 5 ms are 6 %, of 100 ms nothing."""
    short, long = [
        Row([value], value, value, [value]).deviation("A", 0.02, 300_000) for value in (5e6, 100e6)
    ]
    assert (0.06, 0.02) == (short.allowed, long.allowed)


def test_no_runs_have_no_errors():
    """Without a run that counts there is a simulation, and nothing beside it."""
    rows = evaluate.rows_of(beside("fcfs", "fcfs", runs=0))
    compared = rows[0].compared("A", "ms", None, None)
    assert (None, 30, None) == (compared.measured, *compared.ideal)
    assert (None, None) == compared.replay


def test_a_job_that_did_not_end_cannot_be_compared():
    """A trace that was cut off says which job is missing."""
    with pytest.raises(TraceError, match="job 'B' did not end"):
        evaluate.turnarounds(ss.run(JOBS, "fcfs", until=40).trace)


def test_orders_that_are_the_same():
    """Of completion and of dispatch, in every run."""
    orders = evaluate.orders_of(beside("srtf", "srtf"))
    assert [(3, 3, ""), (3, 3, "")] == list(orders.values())
    assert evaluate.order_faults(orders, 1) == []


def test_orders_that_differ_are_shown():
    """The first difference, with what came before it."""
    orders = evaluate.orders_of(beside("fcfs", "sjf"))
    assert (0, 3, "run 1 has A B C where the simulation has A C B") == orders["completion"]
    faults = evaluate.order_faults(orders, 1)
    assert faults[0] == (
        "jobs end in another order than simulated in 3 of 3 runs: run 1 has A B C where the simulation has A C B"
    )
    assert faults[1].startswith("jobs are dispatched in another order than simulated")


def test_on_several_cpus_the_order_is_chance():
    """Two jobs that end within a microsecond on two CPUs: nothing decides."""
    assert evaluate.order_faults(evaluate.orders_of(beside("fcfs", "sjf")), 2) == []


def test_few_runs_prove_no_order():
    """Another order in one run of one is chance."""
    assert evaluate.order_faults(evaluate.orders_of(beside("fcfs", "sjf", runs=2)), 1) == []


def test_jobs_on_a_knife_edge_have_no_place():
    """Without C there is nothing that differs."""
    orders = evaluate.orders_of(beside("fcfs", "sjf", edges=("C",)))
    assert [3, 3] == [order.same for order in orders.values()]


def test_a_job_that_goes_on_is_dispatched_once():
    """A fresh slice is no dispatch: RR 5 gives A three slices in a row when it is alone."""
    trace = ss.run([("A", 0, 15), ("B", 12, 3)], "rr", quantum=5).trace
    assert ["A", "B"] == orders.dispatches(trace)
    assert ["B"] == orders.dispatches(trace, without={"A"})


def test_cpu_time_as_the_program_says():
    """A simulated job uses what its program says."""
    assert [0, 0, 0] == evaluate.excess_of(MIX, [trace_of("rr")])
    assert evaluate.excess_faults(MIX, [0.0, 0.0, 0.0], BANDS) == []


def test_a_job_that_burns_more_is_named():
    """Under a program that says 5 % less than what was used: each job is named, with the figures."""
    less = scaled_mix(MIX, read_scale("0.5"))
    excess = evaluate.excess_of(less, [trace_of("fcfs")])
    assert [1, 1, 1] == excess
    faults = evaluate.excess_faults(MIX, [0.05, -0.05, 0.02], BANDS)
    assert [
        "job A used 5.0 % more CPU time than the 30 ms of its program",
        "job B used 5.0 % less CPU time than the 20 ms of its program",
    ] == faults  # 2 % of 8 ms are less than a late dispatch may be


def test_a_program_that_nobody_knows_has_no_excess():
    """A generator says what it does only when it does it."""

    def program():
        yield Cpu(30_000_000)

    unknown = MIX._replace(jobs=(MIX.jobs[0]._replace(program=program), *MIX.jobs[1:]))
    assert evaluate.excess_of(unknown, [trace_of("fcfs")])[0] is None
    assert [None] * 3 == evaluate.excess_of(MIX, [])


def test_a_run_that_is_no_schedule():
    """A row that cannot be is found, whatever the figures say."""
    run = real_run(JOBS, "fcfs")
    assert evaluate.run_faults([run], MIX, RoundRobin()) == []
    wrong = Trace(run.trace.header)
    for row in run.trace:
        if row.kind is not Kind.DISPATCHED:
            wrong.add(*row)
    run.trace = wrong
    faults = evaluate.run_faults([run], MIX, RoundRobin())
    assert faults[0].startswith("run 1 is no schedule: ")


def test_a_recording_that_decides_otherwise():
    """What the scheduler was told does not lead to this trace: the run is at fault, and the row is named."""
    run = real_run(JOBS, "fcfs")
    run.recording = Recording(())
    assert [
        "run 1: the scheduler, told the same again, decides otherwise from row 1 on"
    ] == evaluate.run_faults([run], MIX, RoundRobin())


def test_a_recording_of_nonsense():
    """Inputs that no such run has are a fault, too, and no crash."""
    run = real_run(JOBS, "fcfs")
    run.recording = Recording(((0, (("Reached", 9, (0, 0, None, False)),)),))
    assert "run 1 is no schedule: the inputs at 0 ns" in evaluate.run_faults([run], MIX, RoundRobin())[0]


def test_simulated_traces_are_seen_as_they_are():
    """Completions go by time, also when jobs came in another order."""
    mix = load_mix([("A", 0, 9), ("B", 0, 1)])
    assert ["B", "A"] == orders.completions(simulate_trace(mix, RoundRobin(2_000_000)))
