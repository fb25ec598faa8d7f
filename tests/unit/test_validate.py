"""``validate`` names the row and the rule, in a simulated run and in a run on real processes."""

from __future__ import annotations

import re

import pytest

from schedsim import run, validate
from schedsim.errors import TraceError
from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu
from schedsim.trace import Kind, Trace
from tests.simulations import show, trace_of, written
from tests.unit.validating import DEVICE, IO, LATER, ONE, START, TWO, YIELD, refused

GOOD = {
    "one burst": ("0 arrived A\n0 dispatched A 0 -1\n3 finished A 0 3", ONE, {}),
    "two CPUs": (
        "0 arrived A\n0 arrived B\n0 dispatched A 0 -1\n0 dispatched B 1 -1\n2 finished B 1 2\n3 finished A 0 3",
        TWO,
        {"cpus": 2},
    ),
    "a slice that ends with the burst": ("0 arrived A\n0 dispatched A 0 3\n3 finished A 0 3", ONE, {}),
    "I/O": (
        "0 arrived A\n0 dispatched A 0 9\n1 blocked A 0 1\n3 woke A -1 2\n3 dispatched A 0 9\n4 finished A 0 1",
        IO,
        {},
    ),
    "a yield": (
        "0 arrived A\n0 dispatched A 0 9\n1 yielded A 0 1\n1 dispatched A 0 9\n2 finished A 0 1",
        YIELD,
        {},
    ),
    "cut off": ("0 arrived A\n0 dispatched A 0 9\n2 stopped A 0 2", ONE, {"until": 2}),
    "cut off before anything happens": ("", LATER, {"until": 1}),
    "a device serves in order": (
        (
            "0 arrived A\n0 blocked A\n0 arrived B\n0 blocked B\n2 woke A -1 2\n2 dispatched A 0 -1\n3 finished A 0 1\n"
            "4 woke B -1 2\n4 dispatched B 0 -1\n5 finished B 0 1"
        ),
        DEVICE,
        {},
    ),
    "a generator": ("0 arrived A\n0 dispatched A 0 -1\n7 finished A 0 7", "A 0", {}),
    "a generator that begins with I/O": (
        "0 arrived A\n0 blocked A\n5 woke A -1 5\n5 dispatched A 0 -1\n7 finished A 0 2",
        "A 0",
        {},
    ),
    "a generator that ends with I/O": (
        "0 arrived A\n0 dispatched A 0 -1\n7 blocked A 0 7\n9 served A -1 2\n9 finished A",
        "A 0",
        {},
    ),
    "a real run is late": (
        "1 arrived A\n2 dispatched A 0 2\n5 expired A 0 3\n6 dispatched A 0 2\n7 finished A 0 1",
        ONE,
        {"engine": "real"},
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_schedule_is_valid(name):
    """What a run may be is not refused."""
    rows, jobs, header = GOOD[name]
    validate(written(rows, jobs, **header))


REAL = {
    "more than passed": (
        START + "3 finished A 0 4",
        "row 3 (at 3 ns, job 'A', finished, CPU 0): says 4 ns of CPU time; 3 ns passed since its slice began",
    ),
    "too early": ("0 arrived B", "row 1 (at 0 ns, job 'B', arrived): it arrives at 1 ns"),
    "two on a CPU": (
        "1 arrived A\n1 arrived B\n1 dispatched A 0 -1\n2 dispatched B 0 -1",
        "row 4 (at 2 ns, job 'B', dispatched, CPU 0): CPU 0 runs job 'A'",
    ),
    "one on two CPUs": (
        "1 arrived A\n1 dispatched A 0 -1\n2 dispatched A 1 -1",
        "row 3 (at 2 ns, job 'A', dispatched, CPU 1): it is running, and not ready",
    ),
    "more I/O than passed": (
        "1 arrived A\n1 blocked A\n3 woke A -1 4",
        "row 3 (at 3 ns, job 'A', woke): the service began at 1 ns and takes 4 ns",
    ),
    "running at the end": (START, "after the last row: job 'A' still runs at the end"),
}


@pytest.mark.parametrize("name", REAL)
def test_a_real_run_must_be_possible(name):
    """Late is no fault of a real run; what cannot have happened is."""
    rows, message = REAL[name]
    assert message == refused(rows, "A 0 cpu 3\nB 1 cpu 3", engine="real", cpus=2)


def test_a_row_of_no_kind_is_named(tmp_path):
    """A kind that a later version may write is refused, not misread."""
    trace = written("0 arrived A", ONE)
    trace.add(0, 99, 0, 0, -1)
    with pytest.raises(
        TraceError, match=re.escape("row 2 (at 0 ns, job 'A', unknown, CPU 0): kind 99 is none")
    ):
        validate(trace)


def test_a_trace_is_validated_from_its_file_alone(tmp_path):
    """A swapped pair of lines in the file of a real run of the simulator is seen."""
    path = tmp_path / "run.trace"
    run(Mix((Job("A", 0, (Cpu(5),)), Job("B", 0, (Cpu(2),))), unit="ns"), "rr", quantum=2).trace.write(path)
    trace = Trace.read(path)
    validate(trace)
    assert "2 expired A 0 2\n2 dispatched B 0 2" in show(trace)
    lines = path.read_text().splitlines()
    lines[5], lines[6] = lines[6], lines[5]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(TraceError) as caught:
        validate(Trace.read(path))
    assert str(caught.value) == "row 4 (at 2 ns, job 'B', dispatched, CPU 0): CPU 0 runs job 'A'"


@pytest.mark.parametrize("deadlines", [(9, 5), (None, 5)])
def test_edf_has_promised_the_earliest_deadline(deadlines):
    """What fcfs does on two CPUs is not what edf would have done: B's deadline comes first."""
    jobs = [
        Job(name, 0, (Cpu(3),), deadline=deadline) for name, deadline in zip("AB", deadlines, strict=True)
    ]
    mix = Mix(tuple(jobs), unit="ns", cpus=2)
    validate(run(mix, "edf").trace)
    trace = run(mix, "fcfs").trace
    claims = trace_of(trace.header._replace(algo="edf"), trace)
    with pytest.raises(TraceError) as caught:
        validate(claims)
    assert str(caught.value) == (
        "row 4 (at 0 ns, job 'B', dispatched, CPU 1): out of order: the policy has it dispatched before the "
        "task of the row before"
    )


def test_quanta_counted_in_ticks_promise_no_length():
    """Three slices of three lengths are what rr with ticks grants, and not what rr without would."""
    mix = Mix((Job("A", 1, (Cpu(4),)), Job("B", 1, (Cpu(6),))), unit="ns")
    trace = run(mix, "rr", quantum=6, tick=3).trace
    assert [5, 4, 6] == [row.value for row in trace if row.kind is Kind.DISPATCHED]
    validate(trace)
    claims = trace_of(trace.header._replace(options={"quantum": 6}), trace)
    with pytest.raises(TraceError) as caught:
        validate(claims)
    assert str(caught.value) == (
        "row 3 (at 1 ns, job 'A', dispatched, CPU 0): the policy grants a slice of 6 ns here, as its options say"
    )
