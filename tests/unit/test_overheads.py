"""A simulation of a real machine: what dispatches cost, and what was observed, on mixes worked by hand."""

from __future__ import annotations

import pytest

from schedsim.engines.overheads import Work
from schedsim.engines.simulated import simulate
from schedsim.errors import UsageError
from schedsim.experiment import header_of, simulate_trace
from schedsim.jobs import Job, Mix
from schedsim.metrics import job_metrics
from schedsim.observed import Observed, Overheads, Stolen
from schedsim.operation_text import parse_program
from schedsim.policies.options import make_policy
from schedsim.trace import Kind, Trace
from schedsim.validate import validate
from tests.simulations import show

COSTS = Overheads(completion=1, preemption=2, arrival=3, wake=4)


def mix_of(text, **fields):
    """Return a mix of one job a line: id, arrival, program, in nanoseconds."""
    jobs: list[Job] = []
    for line in text.strip().splitlines():
        name, arrival, program = line.split(maxsplit=2)
        jobs.append(Job(name, int(arrival), parse_program(program, "ns"), priority=len(jobs)))
    return Mix(tuple(jobs), unit="ns", **fields)


def play(algo, mix, overheads=COSTS, observed=None):
    """Return the rows of what happened on the CPUs; the trace is a schedule."""
    name, _, options = algo.partition(":")
    policy = make_policy(name, dict(pair.split("=") for pair in options.split(",") if pair), "ns")
    trace = Trace(header_of(mix, policy, None))
    assert trace is simulate(mix, policy, trace, overheads=overheads, observed=observed)
    validate(trace)
    return [line for line in show(trace).splitlines() if line.split()[1] not in ("arrived", "woke")]


def test_each_kind_of_dispatch_costs_its_own():
    """A comes to an idle CPU (3); B follows its expiry (2), A B's end (1); A is back from I/O on an idle CPU (4)."""
    # CPU 0  a a a A A A A p p B B B c A A . . . w w w w A
    #        0     3       7   9     12      15    18      22
    mix = mix_of("A 0 cpu 6; io 3; cpu 1\nB 1 cpu 3")
    assert [
        "0 dispatched A 0 4",
        "7 expired A 0 4",
        "7 dispatched B 0 4",
        "12 finished B 0 3",
        "12 dispatched A 0 4",
        "15 blocked A 0 2",
        "18 dispatched A 0 4",
        "23 finished A 0 1",
    ] == play("rr:quantum=4", mix)


def test_a_lone_task_pays_for_no_fresh_slice():
    """It expires, and its context is there still."""
    assert ["3 expired A 0 3", "3 dispatched A 0 3", "5 finished A 0 2"] == play(
        "rr:quantum=3", mix_of("A 0 cpu 5"), Overheads(9, 9, 0, 9)
    )[1:]


def test_the_next_burst_costs_nothing():
    """A goes on under a new order."""
    assert ["5 reached A 0 2", "7 finished A 0 4"] == play("fcfs", mix_of("A 0 cpu 2; cpu 2"))[1:]


def test_a_task_that_comes_back_to_an_idle_cpu_pays():
    """Its context had gone: the CPU was idle meanwhile."""
    assert ["4 blocked A 0 1", "6 dispatched A 0 -1", "11 finished A 0 1"] == play(
        "fcfs", mix_of("A 0 cpu 1; io 2; cpu 1")
    )[1:]


def test_after_a_block_it_is_a_completion():
    """B takes the CPU at the instant at which A blocks."""
    mix = mix_of("A 0 cpu 1; io 9\nB 0 cpu 1")
    assert ["4 blocked A 0 1", "4 dispatched B 0 -1", "6 finished B 0 1"] == play("fcfs", mix)[1:4]


def test_a_yield_is_no_completion():
    """A yields to B (2), B ends (1) and A goes on."""
    mix = mix_of("A 0 cpu 1; yield; cpu 1\nB 0 cpu 1")
    assert [
        "4 yielded A 0 1",
        "4 dispatched B 0 -1",
        "7 finished B 0 1",
        "7 dispatched A 0 -1",
        "9 finished A 0 1",
    ] == play("fcfs", mix)[1:]


def test_a_yield_alone_costs_nothing():
    """Whoever yields to nobody has its context there still."""
    assert ["4 yielded A 0 1", "4 dispatched A 0 -1", "5 finished A 0 1"] == play(
        "fcfs", mix_of("A 0 cpu 1; yield; cpu 1")
    )[1:]


def test_who_stands_at_a_yield_pays_to_get_there():
    """A's program begins with a yield: the dispatch to it costs all the same."""
    assert ["3 yielded A 0 0", "3 dispatched A 0 -1", "4 finished A 0 1"] == play(
        "fcfs", mix_of("A 0 yield; cpu 1")
    )[1:]


def test_a_preemption_while_the_overhead_is_paid():
    """B comes at 2, and A has used nothing; B costs a preemption (2), and A a completion later."""
    # CPU 0  a a p p B c A A A A A A
    #        0   2   4 5 6
    mix = mix_of("A 0 cpu 6\nB 2 cpu 1")
    assert [
        "2 preempted A 0 0",
        "2 dispatched B 0 -1",
        "5 finished B 0 1",
        "5 dispatched A 0 -1",
        "12 finished A 0 6",
    ] == play("srtf", mix)[1:]


def test_a_boost_while_the_overhead_is_paid():
    """The slice is renewed at 2, before A computes at 3: the 1 that is left to pay is paid, and no more."""
    assert ["2 renewed A 0 0", "2 dispatched A 0 9", "4 renewed A 0 1", "4 dispatched A 0 9", "5 finished A 0 1"] == [
        row for row in play("mlfq:quanta=9,boost=2", mix_of("A 0 cpu 2"))[1:] if "boosted" not in row
    ]  # fmt: skip


def test_a_slice_counts_from_when_the_task_computes():
    """Dispatched at 0, A computes from 3 to 5: a slice of 2."""
    assert "5 expired A 0 2" == play("rr:quantum=2", mix_of("A 0 cpu 4"))[1]


def test_what_was_used_decides_a_preemption():
    """When B comes at 5, A has used 2 of its 7: the 5 it needs are no more than B's 5."""
    assert ["10 finished A 0 7"] == play("srtf", mix_of("A 0 cpu 7\nB 5 cpu 5"))[1:2]
    assert ["5 preempted A 0 2"] == play("srtf", mix_of("A 0 cpu 7\nB 5 cpu 4"))[1:2]


def test_each_cpu_has_its_own_past():
    """A on CPU 0 and B on CPU 1 both come to idle CPUs (3); C follows A's end on CPU 0 (1)."""
    mix = mix_of("A 0 cpu 1\nB 0 cpu 9\nC 0 cpu 1", cpus=2)
    assert ["4 finished A 0 1", "4 dispatched C 0 -1", "6 finished C 0 1", "12 finished B 1 9"] == (
        play("fcfs", mix)[2:]
    )


def test_a_cut_off_says_what_was_used():
    """At 5 A has computed for 2; one that is still to pay has used nothing."""
    assert ["5 stopped A 0 2"] == play("fcfs", mix_of("A 0 cpu 7", until=5))[1:]
    assert ["2 stopped A 0 0"] == play("fcfs", mix_of("A 0 cpu 7", until=2))[1:]


def test_the_grace_holds_here_too():
    """A needs 1 more at the end of its slice, at 6."""
    mix = mix_of("A 0 cpu 4\nB 0 cpu 9", grace=1)
    assert ["7 finished A 0 4"] == play("rr:quantum=3", mix)[1:2]


FREE = Overheads()


def test_jobs_are_let_go_when_they_were():
    """A arrived at 0 and was let go at 2: its turnaround counts from 0."""
    mix = mix_of("A 0 cpu 3\nB 1 cpu 1")
    observed = Observed(releases=((0, 2),))
    rows = ["1 dispatched B 0 -1", "2 finished B 0 1", "2 dispatched A 0 -1", "5 finished A 0 3"]
    assert rows == play("fcfs", mix, FREE, observed)
    trace = simulate_trace(mix, make_policy("fcfs"), overheads=FREE, observed=observed)
    assert [(0, 5), (1, 1)] == [(job.arrival, job.turnaround) for job in job_metrics(trace)]


def test_io_takes_as_long_as_it_did():
    """A's second I/O took 5 instead of 2."""
    mix = mix_of("A 0 cpu 1; io 2; cpu 1; io 2; cpu 1")
    rows = play("fcfs", mix, FREE, Observed(sleeps=((0, 1, 5),)))
    assert ["3 dispatched A 0 -1", "4 blocked A 0 1", "9 dispatched A 0 -1", "10 finished A 0 1"] == rows[2:]


def test_a_named_device_still_queues():
    """The disk served A for 4 instead of 2, and B waits for it."""
    mix = mix_of("A 0 io 2 disk; cpu 1\nB 0 io 2 disk; cpu 1")
    rows = play("fcfs", mix, FREE, Observed(sleeps=((0, 0, 4),)))
    assert ["4 dispatched A 0 -1", "5 finished A 0 1", "6 dispatched B 0 -1", "7 finished B 0 1"] == rows[2:]


def test_nobody_computes_in_stolen_time():
    """Of CPU 0 is stolen what is from 1 to 3 and from 4 to 5: A's 4 last until 7, and its slice of 2 until 4."""
    stolen = (Stolen(0, 1, 3, stranger=False), Stolen(0, 4, 5, stranger=True))
    mix = mix_of("A 0 cpu 4")
    assert ["7 finished A 0 4"] == play("fcfs", mix, FREE, Observed(stolen=stolen))[1:]
    assert ["4 expired A 0 2"] == play("rr:quantum=2", mix, FREE, Observed(stolen=stolen))[1:2]


@pytest.mark.parametrize("end", [4, 9], ids=["just over", "going on"])
def test_what_takes_no_time_is_not_done_before_it_is_due_in_stolen_time(end):
    """B wakes up at 4, on a CPU that was stolen from 1 on, and does it then: as little work was done by 1."""
    # CPU 0 . x x x B B B               stolen until 4
    # CPU 0 . x x x x x x x x B B B     stolen until 9
    #       0       4         9
    mix = mix_of("B 0 io 4; lock m; cpu 3; unlock m")
    observed = Observed(stolen=(Stolen(0, 1, end, stranger=False),))
    rows = play("fcfs", mix, FREE, observed)
    assert ["4 dispatched B 0 -1", "4 acquired B 0 0"] == rows[1:3]
    assert f"{end + 3} finished B 0 3" == rows[-1]


def test_overheads_are_not_paid_in_stolen_time():
    """The 3 of A's dispatch last from 0 to 5."""
    observed = Observed(stolen=(Stolen(0, 1, 3, stranger=False),))
    assert ["6 finished A 0 1"] == play("fcfs", mix_of("A 0 cpu 1"), COSTS, observed)[1:]


def test_a_stop_in_stolen_time():
    """B comes at 2, when A has computed for 1; the CPU works again at 3."""
    observed = Observed(stolen=(Stolen(0, 1, 3, stranger=False),))
    rows = play("srtf", mix_of("A 0 cpu 9\nB 2 cpu 1"), FREE, observed)
    assert ["2 preempted A 0 1", "2 dispatched B 0 -1", "4 finished B 0 1"] == rows[1:4]


def test_the_other_cpu_is_not_stolen():
    """Only CPU 1 is."""
    observed = Observed(stolen=(Stolen(1, 1, 3, stranger=False),))
    rows = play("fcfs", mix_of("A 0 cpu 4\nB 0 cpu 4", cpus=2), FREE, observed)
    assert ["4 finished A 0 4", "6 finished B 1 4"] == rows[2:]


@pytest.mark.parametrize(
    ("time", "done"), [(0, 0), (1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 2), (7, 2), (8, 3), (99, 94)]
)
def test_work(time, done):
    """Stolen are 1 to 3, and, in two windows that touch and one that is empty, 4 to 7."""
    windows = [(4, 6), (1, 3), (5, 7), (9, 9)]
    work = Work([Stolen(0, start, end, stranger=False) for start, end in windows])
    assert done == work.by(time)
    assert min(instant for instant in range(100) if work.by(instant) == done) == work.when(done)


def test_the_header_says_what_dispatches_cost():
    """Also where nothing costs anything, and only something was observed."""
    mix = mix_of("A 0 cpu 1")
    expected = {"completion": 1, "preemption": 2, "arrival": 3, "wake": 4, "stop": 0, "overrun": 0}
    assert expected == simulate_trace(mix, make_policy("fcfs"), overheads=COSTS).header.overheads
    observed = simulate_trace(mix, make_policy("fcfs"), observed=Observed())
    assert dict.fromkeys(expected, 0) == observed.header.overheads
    assert simulate_trace(mix, make_policy("fcfs")).header.overheads is None


@pytest.mark.parametrize(
    ("fields", "overheads", "message"),
    [
        (
            {"switch_cost": 5},
            COSTS,
            "switch_cost is 5, and overheads say what a dispatch costs here; leave the switch cost out",
        ),
        ({}, Overheads(wake=-1), "the overhead of wake is -1 ns; write 0 or more"),
    ],
)
def test_what_cannot_be(fields, overheads, message):
    """A dispatch costs one thing, and not less than nothing; nothing has run."""
    mix = mix_of("A 0 cpu 1", **fields)
    trace = Trace(header_of(mix, make_policy("fcfs"), None))
    with pytest.raises(UsageError) as caught:
        simulate(mix, make_policy("fcfs"), trace, overheads=overheads)
    assert message == str(caught.value)
    assert [None, 0] == [trace.header.overheads, len(trace)]


def test_the_whole_of_it_reads_back(tmp_path):
    """The file has the overheads in its header, and is a schedule."""
    trace = simulate_trace(mix_of("A 0 cpu 1\nB 0 cpu 2"), make_policy("fcfs"), overheads=COSTS)
    trace.write(tmp_path / "run.trace")
    read = Trace.read(tmp_path / "run.trace")
    validate(read)
    assert trace == read
    assert Kind.FINISHED == [*read][-1].kind


def test_a_preemption_takes_effect_late():
    """A is asked to stop at 2 and computes until 3, which it need not do again."""
    # CPU 0  A A A B A A
    #        0   2 3 4   6
    rows = play("srtf", mix_of("A 0 cpu 5\nB 2 cpu 1"), Overheads(stop=1))
    assert ["3 preempted A 0 3", "3 dispatched B 0 -1", "4 finished B 0 1"] == rows[1:4]


def test_a_burst_that_ends_before_the_stop():
    """A ends at 3; the stop that was asked for at 2 would take effect at 4."""
    rows = play("srtf", mix_of("A 0 cpu 3\nB 2 cpu 1", grace=0), Overheads(stop=2))
    assert ["0 dispatched A 0 -1", "3 finished A 0 3"] == rows[:2]


def test_a_stop_that_is_overtaken_by_the_end_of_the_burst():
    """B is better at 1 and A is asked to stop, at 4; A ends at 3."""
    rows = play("srtf", mix_of("A 0 cpu 3\nB 1 cpu 1"), Overheads(stop=3))
    assert ["3 finished A 0 3", "3 dispatched B 0 -1"] == rows[1:3]


def test_a_slice_that_goes_on_a_little():
    """A computes 1 longer than its slice of 4, and need not do it again; B's burst ends in its overrun."""
    # CPU 0  A A A A A B B B B B A
    #        0         5         10
    rows = play("rr:quantum=4", mix_of("A 0 cpu 6\nB 1 cpu 5"), Overheads(overrun=1))
    assert [
        "0 dispatched A 0 4",
        "5 expired A 0 5",
        "5 dispatched B 0 4",
        "10 finished B 0 5",
        "10 dispatched A 0 4",
        "11 finished A 0 1",
    ] == rows


def test_a_slice_for_which_nobody_waits_goes_on_in_the_next():
    """A is alone when its slices end: there is nobody to switch to, and so no overrun."""
    rows = play("rr:quantum=4", mix_of("A 0 cpu 10\nB 9 cpu 1"), Overheads(overrun=1))
    assert ["4 expired A 0 4", "8 expired A 0 4", "10 finished A 0 2"] == [
        row for row in rows if "dispatched" not in row
    ][:3]


def test_an_overrun_that_is_cut_short():
    """B is better and arrives at 5, while A is in its overrun from 4 to 6."""
    mix = mix_of("A 0 cpu 9\nC 0 cpu 9\nB 5 cpu 1")
    rows = play("mlfq:quanta=4/8", mix, Overheads(overrun=2))
    assert ["0 dispatched A 0 4", "6 expired A 0 6"] == rows[:2]


def test_an_overrun_in_stolen_time():
    """The overrun is CPU time, too: of 4 to 7 A has 1, since 2 are stolen."""
    stolen = Observed(stolen=(Stolen(0, 4, 6, stranger=True),))
    rows = play("rr:quantum=4", mix_of("A 0 cpu 6\nB 1 cpu 5"), Overheads(overrun=1), stolen)
    assert ["0 dispatched A 0 4", "7 expired A 0 5"] == rows[:2]


def test_a_stop_that_takes_effect_just_as_the_burst_ends():
    """A is asked to stop at 1, in effect at 3, and ends at 3: B comes after an end, which costs nothing here."""
    rows = play("srtf", mix_of("A 0 cpu 1; cpu 2\nB 1 cpu 1"), Overheads(preemption=1, stop=2))
    assert ["3 finished A 0 3", "3 dispatched B 0 -1", "4 finished B 0 1"] == rows[-3:]
