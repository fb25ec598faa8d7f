"""Every metric on small traces, computed by hand beside them."""

from __future__ import annotations

import pytest

from schedsim.metrics import Summary, job_metrics, missed_deadlines, summarize, system_metrics
from schedsim.trace import Header, Kind, Trace, TracedJob
from tests.simulations import trace_of


def written(jobs, rows, **header):
    """Return a trace of jobs ``A 0`` (id, arrival) and rows ``time kind job cpu value``, in nanoseconds."""
    names = [job.split()[0] for job in jobs]
    traced = tuple(TracedJob(name, int(arrival)) for name, arrival in (job.split() for job in jobs))
    trace = Trace(Header(traced, unit="ns", **header))
    for row in rows.strip().splitlines():
        time, kind, name, cpu, value = row.split()
        trace.add(int(time), Kind[kind.upper()], names.index(name), int(cpu), int(value))
    return trace


# CPU 0  A A A A x B B B x A A     B arrives at 1; quantum 4, a switch costs 1
#        0       4 5     8 9   11
SWITCHING = written(
    ["A 0", "B 1"],
    """
    0 arrived A -1 0
    0 dispatched A 0 4
    1 arrived B -1 0
    4 expired A 0 4
    4 switched B 0 1
    4 dispatched B 0 4
    8 finished B 0 3
    8 switched A 0 1
    8 dispatched A 0 4
    11 finished A 0 2
    """,
    switch_cost=1,
)

# CPU 0  A A . . . B B A . .   A and B compute 2 and wait for the disk: A from 2 to 5, B from 7 on until
# CPU 1  B B B . . . . . . .   B first computes 3 on CPU 1, waits for the disk (A has it until 5) until 6
DEVICES = written(
    ["A 0", "B 0"],
    """
    0 arrived A -1 0
    0 arrived B -1 0
    0 dispatched A 0 -1
    0 dispatched B 1 -1
    2 blocked A 0 2
    3 blocked B 1 3
    5 woke A -1 3
    5 dispatched A 0 -1
    6 woke B -1 1
    6 dispatched B 1 -1
    7 blocked A 0 2
    8 finished B 1 2
    9 served A -1 2
    9 finished A -1 0
    """,
    cpus=2,
)

# A's process dies at 3 on the CPU, C's at 4 while it waits for it; B ends at 5, and D's dies in its I/O at 6.
FAILING = written(
    ["A 0", "B 1", "C 2", "D 0"],
    """
    0 arrived A -1 0
    0 arrived D -1 0
    0 blocked D -1 0
    0 dispatched A 0 -1
    1 arrived B -1 0
    2 arrived C -1 0
    3 failed A 0 3
    3 dispatched B 0 -1
    4 failed C -1 0
    5 finished B 0 2
    6 failed D -1 0
    """,
    engine="real",
)

# Cut off at 10: A is blocked, B ready since 6, C running since 6, D never came, E is held.
CUT = written(
    ["A 0", "B 1", "C 2", "D 50", "E 3"],
    """
    0 arrived A -1 0
    0 dispatched A 0 -1
    1 arrived B -1 0
    2 arrived C -1 0
    3 held E -1 0
    4 blocked A 0 4
    4 dispatched B 0 2
    6 expired B 0 2
    6 dispatched C 0 2
    10 stopped C 0 4
    """,
    until=10,
)


def by_name(trace, field):
    """Return one field of each job by id."""
    return {job.id: getattr(job, field) for job in job_metrics(trace)}


class TestJobs:
    """What became of each job."""

    @pytest.mark.parametrize(
        ("field", "expected"),
        [
            ("state", {"A": "terminated", "B": "terminated"}),
            ("arrival", {"A": 0, "B": 1}),
            ("start", {"A": 0, "B": 5}),
            ("finish", {"A": 11, "B": 8}),
            ("turnaround", {"A": 11, "B": 7}),
            # ready from 4 to 8, and from 1 to 4: the switch to a task is no waiting of it
            ("waiting", {"A": 4, "B": 3}),
            # the switch is over at 5
            ("response", {"A": 0, "B": 4}),
            ("cpu", {"A": 6, "B": 3}),
            ("io", {"A": 0, "B": 0}),
            ("slowdown", {"A": 11 / 6, "B": 7 / 3}),
        ],
    )
    def test_with_switching(self, field, expected):
        """Round robin with a switch cost."""
        assert expected == by_name(SWITCHING, field)

    @pytest.mark.parametrize(
        ("field", "expected"),
        [
            ("finish", {"A": 9, "B": 8}),
            ("waiting", {"A": 0, "B": 0}),
            # queueing for the disk from 3 to 5 is neither waiting nor I/O of its own
            ("io", {"A": 5, "B": 1}),
            ("cpu", {"A": 4, "B": 5}),
            ("slowdown", {"A": 9 / 9, "B": 8 / 6}),
        ],
    )
    def test_with_devices(self, field, expected):
        """I/O is the service received."""
        assert expected == by_name(DEVICES, field)

    @pytest.mark.parametrize(
        ("field", "expected"),
        [
            ("state", {"A": "blocked", "B": "ready", "C": "running", "D": "new", "E": "new"}),
            ("start", {"A": 0, "B": 4, "C": 6, "D": None, "E": None}),
            ("finish", dict.fromkeys("ABCDE")),
            ("turnaround", dict.fromkeys("ABCDE")),
            ("slowdown", dict.fromkeys("ABCDE")),
            # B from 1 to 4, and from 6 to the cut at 10; C from 2 to 6; E was not admitted
            ("waiting", {"A": 0, "B": 7, "C": 4, "D": 0, "E": 0}),
            ("response", {"A": 0, "B": 3, "C": 4, "D": None, "E": None}),
            ("cpu", {"A": 4, "B": 2, "C": 4, "D": 0, "E": 0}),
        ],
    )
    def test_cut_off(self, field, expected):
        """Jobs that did not come to their end."""
        assert expected == by_name(CUT, field)

    @pytest.mark.parametrize(
        ("field", "expected"),
        [
            ("state", {"A": "failed", "B": "terminated", "C": "failed", "D": "failed"}),
            ("start", {"A": 0, "B": 3, "C": None, "D": None}),
            ("finish", {"A": None, "B": 5, "C": None, "D": None}),
            ("turnaround", {"A": None, "B": 4, "C": None, "D": None}),
            ("waiting", {"A": 0, "B": 2, "C": 2, "D": 0}),
            ("cpu", {"A": 3, "B": 2, "C": 0, "D": 0}),
        ],
    )
    def test_dead_processes(self, field, expected):
        """A job whose process died did not finish, and waits no longer."""
        assert expected == by_name(FAILING, field)

    def test_a_dispatch_taken_back_is_no_start(self):
        """B is preempted at the end of the switch to it, and runs only at 9."""
        trace = written(
            ["B 0"],
            """
            0 arrived B -1 0
            1 switched B 0 2
            1 dispatched B 0 -1
            3 preempted B 0 0
            9 dispatched B 0 -1
            12 finished B 0 3
            """,
        )
        assert [(9, 9, 7)] == [(job.start, job.response, job.waiting) for job in job_metrics(trace)]

    def test_a_fresh_slice_is_no_waiting(self):
        """A boost renews the slice of the running task."""
        trace = written(
            ["A 0"],
            """
            0 arrived A -1 0
            0 dispatched A 0 9
            5 renewed A 0 5
            5 dispatched A 0 9
            8 finished A 0 3
            """,
        )
        assert [(0, 8, 0)] == [(job.start, job.cpu, job.waiting) for job in job_metrics(trace)]

    def test_a_job_that_needed_nothing_has_no_slowdown(self):
        """An empty program ends as it arrives: nothing to divide by."""
        trace = written(["A 4"], "4 arrived A -1 0\n4 finished A -1 0")
        assert [(0, None)] == [(job.turnaround, job.slowdown) for job in job_metrics(trace)]


def due(trace, **deadlines):
    """Return the trace with these deadlines, counted from the arrivals."""
    jobs = tuple(job._replace(deadline=deadlines.get(job.id)) for job in trace.header.jobs)
    return trace_of(trace.header._replace(jobs=jobs), trace)


class TestDeadlines:
    """How late jobs are, and which missed their deadline."""

    @pytest.mark.parametrize(
        ("deadlines", "lateness", "missed"),
        [
            ({}, {"A": None, "B": None}, []),
            # A ends at 11, B, there since 1, at 8
            ({"A": 12, "B": 9}, {"A": -1, "B": -2}, []),
            ({"A": 11, "B": 7}, {"A": 0, "B": 0}, []),
            ({"A": 10, "B": 6}, {"A": 1, "B": 1}, [("B", 7), ("A", 10)]),
            ({"B": 2}, {"A": None, "B": 5}, [("B", 3)]),
        ],
    )
    def test_jobs_that_ended(self, deadlines, lateness, missed):
        """Late is what ends after its deadline; misses are told in the order of the deadlines."""
        trace = due(SWITCHING, **deadlines)
        assert lateness == by_name(trace, "lateness")
        assert missed == missed_deadlines(trace)

    def test_jobs_that_did_not_end(self):
        """Cut off at 10: B, due then, has missed its deadline, C, due at 11, has not, nor has D of 50."""
        trace = due(CUT, A=4, B=9, C=9, D=1)
        assert [("A", 4), ("B", 10)] == missed_deadlines(trace)
        assert {None} == {*by_name(trace, "lateness").values()}

    def test_nothing_happened(self):
        """In an empty trace no deadline has come."""
        assert [] == missed_deadlines(Trace(Header((TracedJob("A", 5, deadline=1),))))


class TestSystem:
    """What the machine did."""

    def test_with_switching(self):
        """Of 11 there were 9 busy and 2 switching; one switch by expiry, one by an end."""
        system = system_metrics(SWITCHING)
        assert [11, 9, 2, 0] == [system.makespan, system.busy, system.switching, system.idle]
        assert [9 / 11, 9 / 11, 2 / 11] == [system.utilization, system.efficiency, system.throughput]
        # to B at 4, from A that expired; to A at 8, from B that finished
        assert [2, 1, 1] == [system.switches, system.voluntary, system.involuntary]

    def test_fairness(self):
        """Jain's index of 6/11 and 3/7: (sum)^2 / (2 x sum of squares)."""
        x, y = 6 / 11, 3 / 7
        assert pytest.approx((x + y) ** 2 / (2 * (x * x + y * y))) == system_metrics(SWITCHING).fairness

    def test_several_cpus(self):
        """Two CPUs over 9: 18 in all, of which 9 were busy."""
        system = system_metrics(DEVICES)
        assert [9, 9, 0, 9, 0.5] == [
            system.makespan, system.busy, system.switching, system.idle, system.utilization
        ]  # fmt: skip
        assert [0, 1.0, 2 / 9] == [system.switches, system.efficiency, system.throughput]

    def test_cut_off(self):
        """The makespan is the cut-off, and nothing is finished."""
        system = system_metrics(CUT)
        assert [10, 10, 0, 1.0] == [system.makespan, system.busy, system.idle, system.utilization]
        assert [0.0, None] == [system.throughput, system.fairness]
        # to B at 4, from A that blocked; to C at 6, from B that expired
        assert [1, 1] == [system.voluntary, system.involuntary]

    def test_dead_processes(self):
        """The last death counts to the makespan, and only finished jobs to the throughput."""
        system = system_metrics(FAILING)
        assert [6, 5, 1, 1 / 6] == [system.makespan, system.busy, system.idle, system.throughput]
        # to B at 3, from A that died: nobody took the CPU from it
        assert [1, 0] == [system.voluntary, system.involuntary]

    def test_the_dead_do_not_go_on_until_the_cut_off(self):
        """All have ended or died before it."""
        header = FAILING.header._replace(until=100)
        trace = Trace(header)
        for row in FAILING:
            trace.add(*row)
        assert 6 == system_metrics(trace).makespan

    def test_a_switch_cut_off(self):
        """Of the switch from 4 to 9 only what is before 6 counts."""
        trace = written(
            ["A 0", "B 0"],
            """
            0 arrived A -1 0
            0 arrived B -1 0
            0 dispatched A 0 -1
            4 finished A 0 4
            4 switched B 0 5
            4 dispatched B 0 -1
            6 stopped B 0 0
            """,
            until=6,
        )
        system = system_metrics(trace)
        assert [6, 4, 2, 0, 4 / 6] == [
            system.makespan, system.busy, system.switching, system.idle, system.efficiency
        ]  # fmt: skip

    def test_a_run_that_is_done_before_the_cut_off(self):
        """The makespan is the last finish."""
        trace = written(["A 0"], "0 arrived A -1 0\n0 dispatched A 0 -1\n4 finished A 0 4", until=100)
        assert [4, 1.0] == [system_metrics(trace).makespan, system_metrics(trace).utilization]

    def test_the_same_task_again_is_no_switch(self):
        """It expired alone and went on."""
        trace = written(
            ["A 0"],
            """
            0 arrived A -1 0
            0 dispatched A 0 4
            4 expired A 0 4
            4 dispatched A 0 4
            6 finished A 0 2
            """,
        )
        assert 0 == system_metrics(trace).switches

    def test_a_task_that_changes_cpus_is_a_switch_there(self):
        """CPU 1 ran B last; the first dispatch of CPU 0 is none."""
        trace = written(
            ["A 0", "B 0"],
            """
            0 arrived A -1 0
            0 arrived B -1 0
            0 dispatched A 0 4
            0 dispatched B 1 4
            3 finished B 1 3
            4 expired A 0 4
            4 dispatched A 1 4
            6 finished A 1 2
            """,
            cpus=2,
        )
        assert [1, 1, 0] == [
            system_metrics(trace).switches, system_metrics(trace).voluntary, system_metrics(trace).involuntary
        ]  # fmt: skip

    def test_nothing_happened(self):
        """An empty trace divides by nothing."""
        system = system_metrics(Trace(Header((TracedJob("A", 5),))))
        assert [0, 0.0, 0.0, 0.0, None] == [
            system.makespan, system.utilization, system.efficiency, system.throughput, system.fairness
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([7], Summary(7, 7, 7, 7)),
        ([4, 1], Summary(2.5, 1, 4, 4)),
        # ranks 50, 95 and 99 of a hundred
        ([*range(100, 0, -1)], Summary(50.5, 50, 95, 99)),
        # of ten: ceil(5) = 5, ceil(9.5) = 10, ceil(9.9) = 10
        ([*range(1, 11)], Summary(5.5, 5, 10, 10)),
        ([3, 3, 3, 99], Summary(27, 3, 99, 99)),
        ([], None),
    ],
    ids=["one", "two", "hundred", "ten", "outlier", "none"],
)
def test_percentiles_by_nearest_rank(values, expected):
    """A percentile is a value that occurred: that at rank ceil(share x count)."""
    assert expected == summarize(values)
