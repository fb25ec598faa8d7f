"""Runs as traces for Perfetto: by the rules of the format, and saying what the run says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal

import pytest

import schedsim as ss
from schedsim.export import text
from schedsim.export.perfetto import micro
from schedsim.trace import Kind
from tests.simulations import written
from tests.unit.trace_event_format import check

MS = 1_000_000
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def exported(result, **options):
    """Return what is in the file of ``result``, which must keep the rules of the format."""
    return check("".join(text(result, "perfetto", **options)))


def shown(slices):
    """Return start, end (in ms) and name of slices."""
    return [(piece.start / MS, piece.end / MS, piece.name) for piece in slices]


def test_a_run_by_hand():
    """Round robin with a switch cost: each track, one thing after the other."""
    # CPU 0  |A      |//|B   |///|A   |
    #        0       2  3    4   5    6
    run = ss.run([("A", 0, 3), ("B", 1, 1)], "rr", quantum=2, switch_cost=1)
    found = exported(run)
    assert {"CPUs": 1, "tasks": 2} == {name: number for number, name in found.processes.items()}
    assert ["CPU 0", "A", "B"] == [*found.threads.values()]
    cpu = [(0, 2, "A"), (2, 3, "context switch"), (3, 4, "B"), (4, 5, "context switch"), (5, 6, "A")]
    assert cpu == shown(found.of("CPUs")["CPU 0"])
    first = [(0, 2, "running"), (2, 4, "ready"), (4, 5, "switching"), (5, 6, "running")]
    assert first == shown(found.of("tasks")["A"])
    assert [(1, 2, "ready"), (2, 3, "switching"), (3, 4, "running")] == shown(found.of("tasks")["B"])


def test_states_of_a_task():
    """A job that is held is new, and one in I/O is blocked."""
    mix = [("A", 0, 2), {"id": "B", "arrival": 1, "program": ["io 3", "cpu 1"]}]
    found = exported(ss.run(mix, "fcfs", degree=1))
    assert [(1, 2, "new"), (2, 5, "blocked"), (5, 6, "running")] == shown(found.of("tasks")["B"])


def test_counters():
    """The ready queue and the busy CPUs, whenever they change."""
    run = ss.run([("A", 0, 3), ("B", 1, 1)], "fcfs", switch_cost=2)
    found = exported(run)
    ready = [(time / MS, values["tasks"]) for time, values in found.counters[1, "ready queue"]]
    assert [(0, 0), (1, 1), (3, 0)] == ready
    busy = [
        (time / MS, values["running"], values["switching"]) for time, values in found.counters[1, "busy CPUs"]
    ]
    assert [(0, 1, 0), (3, 0, 1), (5, 1, 0), (6, 0, 0)] == busy


def test_without_switches_they_are_not_counted():
    """A mix without a switch cost has no series for it."""
    found = exported(ss.run([("A", 0, 3)], "fcfs"))
    assert [(0, {"running": 1}), (3 * MS, {"running": 0})] == found.counters[1, "busy CPUs"]


def test_a_dispatch_says_why():
    """The reason is that of explain, on the CPU and on the task."""
    run = ss.run("stallings-9.5", "srtf")
    lines = [said for said in ss.explain("stallings-9.5", "srtf").lines if said.decision is not None]
    found = exported(run)
    cpu = found.of("CPUs")["CPU 0"]
    assert [said.words for said in lines] == [piece.args["why"] for piece in cpu]
    assert {"job": "A", "why": lines[0].words, "slice": "until it blocks", "ended": "finished"} == cpu[0].args
    of_task = found.of("tasks")["A"][0].args
    assert {"CPU": 0, "why": lines[0].words, "slice": "until it blocks", "ended": "finished"} == of_task


def test_without_reasons():
    """They can be left out."""
    found = exported(ss.run("first", "rr", quantum=2), reasons=False)
    args = [piece.args for piece in found.of("CPUs")["CPU 0"]]
    assert {"job": "A", "slice": "2 ms", "ended": "expired"} == args[0]
    assert all("why" not in each for each in args)


def test_a_fresh_slice_is_no_choice():
    """After a boost a task goes on with a fresh slice; the reasons after it are not shifted."""
    mix, options = [("A", 0, 9), ("B", 1, 2)], {"quanta": "4/8", "boost": 3}
    run = ss.run(mix, "mlfq", **options)
    lines = [said for said in ss.explain(mix, "mlfq", **options).lines if said.decision is not None]
    whys = [piece.args["why"] for piece in exported(run).of("CPUs")["CPU 0"]]
    fresh = "it goes on with a fresh slice, without a choice"
    assert whys.count(fresh) == sum(piece.why == "renewed" for piece in run.slices) > 0
    assert [said.words for said in lines] == [why for why in whys if why != fresh]


def test_a_fresh_slice_during_a_context_switch():
    """A boost in the middle of a switch grants a slice anew, and the switch is one all the same."""
    # CPU 0  |A|////////|B|   and a boost at 3
    #        0 1        4 5
    run = ss.run([("A", 0, 1), ("B", 0, 1)], "mlfq", quanta="1", boost=3, switch_cost=3)
    assert Kind.RENEWED in [row.kind for row in run.trace]
    found = exported(run)
    assert [(0, 1, "A"), (1, 4, "context switch"), (4, 5, "B")] == shown(found.of("CPUs")["CPU 0"])
    expected = [(0, 1, "ready"), (1, 4, "switching"), (4, 5, "running")]
    assert expected == shown(found.of("tasks")["B"])
    assert ["A has ended: only B is ready"] * 2 == [piece.args["why"] for piece in found.of("tasks")["B"][1:]]
    busy = [(time / MS, *values.values()) for time, values in found.counters[1, "busy CPUs"]]
    assert [(0, 1, 0), (1, 0, 1), (4, 1, 0), (5, 0, 0)] == busy


def test_arrivals_and_boosts():
    """Each job's arrival is on its track, a boost across those of the CPUs."""
    run = ss.run([("A", 0, 4), ("B", 1, 2)], "mlfq", quanta="4/8", boost=3)
    instants = exported(run).instants
    arrivals = [(time / MS, where) for time, name, where in instants if name == "arrives"]
    assert [(0, (2, 1001)), (1, (2, 1002))] == arrivals
    assert (
        {(3, 1), (6, 1)} >= {(time / MS, where) for time, name, where in instants if name == "boost"} != set()
    )


@pytest.mark.parametrize(
    ("deadline", "until", "missed"),
    [
        pytest.param(4, None, [], id="ends at it"),
        pytest.param(3, None, [4], id="ends after it"),
        pytest.param(3, 3, [], id="cut off before it"),
        pytest.param(3, 4, [4], id="cut off at it"),
        pytest.param(9, None, [], id="ends before it"),
    ],
)
def test_missed_deadlines(deadline, until, missed):
    """A deadline counts from the arrival; it is missed where its job has not ended by then."""
    # B arrives at 1 and ends at 5: at its deadline if that is 4, after it if it is 3.
    jobs = [("A", 0, 3), {"id": "B", "arrival": 1, "burst": 2, "deadline": deadline}]
    run = ss.run(jobs, "fcfs", until=until)
    found = [time / MS for time, name, _ in exported(run).instants if name == "deadline missed"]
    assert missed == found


def test_a_run_cut_off():
    """Everything ends at the cut-off, also what only waits, and a switch in its middle."""
    run = ss.run([("A", 0, 2), ("B", 0, 9), ("C", 0, 1)], "fcfs", until=3, switch_cost=4)
    found = exported(run)
    assert [(0, 2, "A"), (2, 3, "context switch")] == shown(found.of("CPUs")["CPU 0"])
    assert [(0, 2, "ready"), (2, 3, "switching")] == shown(found.of("tasks")["B"])
    assert [(0, 3, "ready")] == shown(found.of("tasks")["C"])


def test_nothing_ran():
    """A run in which nobody arrived in time is a file all the same."""
    found = exported(ss.run([("A", 5, 1)], "fcfs", until=1))
    assert {"A": []} == found.of("tasks")


def test_names_are_escaped():
    """Whatever a job is called, the file is JSON, and the name is as it was."""
    for name in ('a"b\\c', "</script>", "名前", "a\x07\nb", "\ud800"):
        run = ss.run(ss.Mix((ss.Job(name, 0, (ss.Cpu(MS),)),)), "fcfs")
        written_text = "".join(text(run, "perfetto"))
        written_text.encode()
        assert [name] == [piece.name for piece in check(written_text).of("CPUs")["CPU 0"]]


def test_several_runs():
    """Each has its own two processes, which say which it is, on one time axis."""
    comparison = ss.compare("first", ["fcfs", "rr:quantum=2"])
    found = exported(comparison)
    assert ["CPUs: fcfs", "tasks: fcfs", "CPUs: rr quantum=2", "tasks: rr quantum=2"] == [
        *found.processes.values()
    ]
    for run in comparison.runs:
        label = "fcfs" if run.algo == "fcfs" else "rr quantum=2"
        alone = exported(run).of("CPUs")
        assert alone == found.of(f"CPUs: {label}")


def test_about_the_run():
    """The file says how the run was made."""
    run = ss.run("first", "rr", quantum=2)
    about = json.loads("".join(text(run, "perfetto")))["otherData"]
    assert "schedsim.perfetto/1" == about["schema"]
    assert ["first", "rr", {"quantum": 2}, "ms", 17_000.0] == [
        about["runs"][0][key] for key in ("mix", "algo", "options", "unit", "end")
    ]


@pytest.mark.parametrize(("unit", "shown_in"), [("us", "ns"), ("ms", "ms"), ("s", "ms")])
def test_the_unit_in_which_times_are_shown(unit, shown_in):
    """A mix in microseconds is not shown in milliseconds."""
    run = ss.run(ss.load([("A", 0, 3)])._replace(unit=unit), "fcfs")
    assert shown_in == json.loads("".join(text(run, "perfetto")))["displayTimeUnit"]


REAL = """
1203 arrived A
1203 dispatched A 0 2000000
100417 arrived B
2003391 expired A 0 1998002
2003391 dispatched B 0 2000000
2950001 failed B 0 940017
2950001 dispatched A 0 2000000
4012345 finished A 0 1050000
"""


def test_a_real_trace():
    """Times that are no round numbers, CPU time that is less than what passed, and a process that dies."""
    trace = written(REAL, "A 0 cpu 3000000\nB 0 cpu 5000000", engine="real", algo="rr")
    found = exported(trace)
    assert [(1203, 2_003_391), (2_003_391, 2_950_001), (2_950_001, 4_012_345)] == [
        piece[:2] for piece in found.of("CPUs")["CPU 0"]
    ]
    assert ["expired", "failed", "finished"] == [piece.args["ended"] for piece in found.of("CPUs")["CPU 0"]]
    assert [(100_417, 2_003_391, "ready"), (2_003_391, 2_950_001, "running")] == [
        piece[:3] for piece in found.of("tasks")["B"]
    ]


def test_a_process_that_dies_during_the_switch_to_it():
    """The switch ends with it, and the next one may begin at once."""
    rows = """
    0 arrived A
    0 arrived B
    0 switched A 0 5
    0 dispatched A 0 -1
    2 failed A 0 0
    2 switched B 0 5
    2 dispatched B 0 -1
    9 finished B 0 2
    """
    found = exported(written(rows, "A 0 cpu 2\nB 0 cpu 2", engine="real", algo="fcfs"))
    assert [(0, 2, "context switch"), (2, 7, "context switch"), (7, 9, "B")] == [
        piece[:3] for piece in found.of("CPUs")["CPU 0"]
    ]


def test_a_trace_that_ends_before_its_run():
    """What goes on at the last row of a trace that was given up goes on up to it."""
    rows = "0 arrived A\n0 dispatched A 0 -1\n3 arrived B"
    found = exported(written(rows, "A 0 cpu 9\nB 3 cpu 2", engine="real", algo="fcfs"))
    assert [(0, 3, "A")] == [piece[:3] for piece in found.of("CPUs")["CPU 0"]]
    assert [(0, 3, "running")] == [piece[:3] for piece in found.of("tasks")["A"]]


@pytest.mark.parametrize("length", [0, 1, 9, 1_000, 1_001, 57_001, 4_503_599_627_370_497, 2**62])
def test_microseconds(length):
    """A time in microseconds is the same time, as exactly as a number of JSON can say it."""
    said = micro(length)
    assert length == round(Decimal(said) * 1000)
    assert "e" not in said


def test_microseconds_of_every_remainder():
    """A reader that multiplies and cuts off, as Perfetto does, has the nanoseconds back."""
    for length in range(100_000):
        assert length == int(float(micro(length)) * 1_000.0) == round(float(micro(length)) * 1_000)


MEMORY = """
import resource, sys
import schedsim as ss
from schedsim.export import text

slices, why = int(sys.argv[1]), sys.argv[2] == "why"
small = ss.run("first", "rr")
length = sum(map(len, text(small, "perfetto", reasons=why)))  # loads all that it needs
run = ss.run([(f"J{number}", 0, slices // 20) for number in range(20)], "rr", quantum=1, notes=False)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
length = sum(map(len, text(run, "perfetto", reasons=why)))
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(length, grown // (1024 if sys.platform == "darwin" else 1))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("slices", "why", "most"),
    [
        pytest.param(100_000, "no", 2_000, id="100,000 slices"),
        # Beside the words there is the trace of the run that is made again: some 50 bytes a slice.
        pytest.param(30_000, "why", 8_000, id="30,000 slices and why each"),
    ],
)
def test_a_long_run_needs_no_more_memory(slices, why, most):
    """A run is written without being all in memory at once (its size here is in kilobytes)."""
    words = [sys.executable, "-c", MEMORY, str(slices), why]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    length, grown = map(int, done.stdout.split())
    assert length > slices * 400
    assert grown < most
