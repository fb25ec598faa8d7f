"""The rules of the clock where jobs do something with each other: who does what in which step of an instant."""

from __future__ import annotations

import pytest

from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu, Get, Join, Kill, Put, Read, Spawn, Write
from tests.unit.playing import mix_of, schedule
from tests.unit.telling import told

PREEMPTIVE = ("priority", {"preemptive": True})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A waits for its I/O since 1, as its first wait; C for m since 1, as the second.
        (
            """A 0 cpu 1; io 4; cpu 1
            B 0 lock m; cpu 5; spawn D; unlock m; cpu 2
            C 1 lock m; cpu 1
            D 0 cpu 1
            E 5 cpu 1""",
            ["5 arrived D", "5 arrived E", "5 woke A 4", "5 woke C"],
        ),
        # C for m since 1, A for its I/O since 2; and the child is behind the job that comes by itself.
        (
            """A 0 cpu 2; io 3; cpu 1
            B 0 lock m; cpu 5; spawn E; unlock m; cpu 2
            C 1 lock m; cpu 1
            D 5 cpu 1
            E 0 cpu 1""",
            ["5 arrived D", "5 arrived E", "5 woke C", "5 woke A 3"],
        ),
    ],
)
def test_children_arrive_in_the_order_of_the_mix_and_who_waited_longest_wakes_first(text, expected):
    """Step 3 of instant 5: arrivals and children by the mix; then wake-ups, from I/O and from others, by their waits.

    ::

        0 --- 1 ------- 2 ------------- 5
        B has m; A and C begin to wait; B gives m up and makes a child, A's I/O ends, somebody arrives
    """
    rows = told(text, cpus=3)
    assert expected == [row for row in rows if row.split()[:2] in (["5", "arrived"], ["5", "woke"])]


def test_a_mutex_is_handed_over():
    """A asks again at the very instant at which it gives m up, and B, who has waited, is before it."""
    assert [
        "2 released A 0 m",
        "2 acquired B m",
        "2 waits A 0 m",
        "2 blocked A 0 2",
        "2 woke B",
        "2 dispatched B 0 -1",
        "3 released B 0 m",
        "3 acquired A m",
        "3 finished B 0 1",
        "3 woke A",
        "3 dispatched A 0 -1",
        "4 finished A 0 1",
    ] == told("A 0 lock m; cpu 2; unlock m; lock m; cpu 1\nB 0 lock m; cpu 1; unlock m", cpus=2)[8:]


@pytest.mark.parametrize(
    "text",
    [
        # A mutex.
        "A 0 lock m; cpu 2; unlock m; cpu 9\nB 0 lock m; io 3; unlock m; cpu 1",
        # An item.
        "A 0 cpu 2; put q; cpu 9\nB 0 get q; io 3; cpu 1",
        # Room for one.
        "A 0 put q; cpu 2; get q; cpu 9\nB 0 put q; io 3; cpu 1",
        # The end of a child.
        "B 0 spawn A; join A; io 3; cpu 1\nA 0 cpu 2",
        # Other I/O.
        "B 0 io 2; io 3; lock m; cpu 1\nA 0 cpu 9",
    ],
)
def test_who_has_what_it_waited_for_begins_its_io_without_a_cpu(text):
    """At 2 all CPUs have others to run until 9, and B is blocked on: it becomes ready at 5, when it needs one.

    ::

        0 ------- 2 ----------- 5 -------- 9
        B waits   B is in I/O   B is ready
    """
    rows = told(f"{text}\nC 0 cpu 9\nD 0 cpu 9\nE 1 cpu 9", cpus=3, queues=(("q", 1),))
    mine = [" ".join(words[:2]) for row in rows if (words := row.split())[2] == "B" and int(words[0]) >= 2]
    place = mine.index("2 served")  # before it, that it got what it waited for
    assert ["2 served", "2 blocked", "5 woke", "9 dispatched"] == mine[place : place + 4]
    assert "2 dispatched" not in mine


def test_an_operation_at_the_very_end_of_a_quantum_is_done_and_then_the_quantum_is_over():
    """A has m from 3 on, before it goes back to the ready queue."""
    rows = told("A 0 cpu 3; lock m; cpu 2\nB 0 cpu 4", "rr", {"quantum": 3})
    assert ["3 acquired A 0 m", "3 expired A 0 3", "3 dispatched B 0 3"] == rows[3:6]


@pytest.mark.parametrize(
    ("then", "row"),
    [("io 2", "3 blocked A 0 3"), ("get q", "3 blocked A 0 3"), ("exit", "3 finished A 0 3")],
)
def test_who_needs_the_cpu_no_more_at_the_end_of_its_quantum_has_not_expired(then, row):
    """It waits, or it has ended."""
    rows = told(f"A 0 cpu 3; lock m; {then}; cpu 2\nB 0 cpu 4", "rr", {"quantum": 3}, queues=(("q", 1),))
    assert row in rows
    assert not any(each.split()[1:3] == ["expired", "A"] for each in rows)


def test_a_burst_goes_on_with_the_slice_that_it_had():
    """The unlock renews nothing: A's quantum of 3 is over at 3."""
    rows = told("A 0 cpu 2; put q; cpu 2\nB 0 cpu 1", "rr", {"quantum": 3}, queues=(("q", 1),))
    assert ["2 put A 0 q", "2 reached A 0 2", "3 expired A 0 3"] == rows[3:6]


def test_whom_an_unlock_wakes_preempts_at_that_instant():
    """H wakes in step 3 of instant 2, and is strictly better: L, which has just given m up, is stopped."""
    rows = told("L 0 priority=3 lock m; cpu 2; unlock m; cpu 5\nH 1 priority=1 lock m; cpu 1", *PREEMPTIVE)
    assert [
        "2 released L 0 m",
        "2 acquired H m",
        "2 reached L 0 1",
        "2 woke H",
        "2 preempted L 0 1",
        "2 dispatched H 0 -1",
        "3 finished H 0 1",
        "3 dispatched L 0 -1",
        "8 finished L 0 5",
    ] == rows[10:]


def test_who_stands_at_an_operation_is_ranked_by_the_burst_to_come():
    """Shortest first: C's is 2, B's 3, A's 9, whatever takes no time before it."""
    result = run(
        mix_of("A 0 lock m; cpu 9\nB 0 cpu 3\nC 0 put? q; cpu 2", queues=(("q", 1),)), "sjf", notes=False
    )
    assert "C 0-2 B 2-5 A 5-14" == schedule(result)


@pytest.mark.parametrize("algo", ["srtf", "sjf"])
def test_nothing_is_known_of_who_stands_before_an_io_burst(algo):
    """A asks for no CPU time before it waits, so it goes first, and takes none."""
    rows = told("B 0 cpu 3\nA 0 lock m; io 1; cpu 9", algo)
    assert ["0 dispatched A 0 -1", "0 acquired A 0 m", "0 blocked A 0 0", "0 dispatched B 0 -1"] == rows[2:6]


@pytest.mark.parametrize(
    ("conventions", "expected"),
    [("textbook", "A 0-2 C 2-3 B 3-4 A 4-6"), ("ostep", "A 0-2 A 2-4 C 4-5 B 5-6")],
)
def test_who_expires_as_another_one_wakes(conventions, expected):
    """At 2, A's put wakes B, its quantum is over, and C arrives: A is behind both, or in OSTEP's rules before both."""
    text = "B 0 get q; cpu 1\nA 0 cpu 2; put q; cpu 2\nC 2 cpu 1"
    mix = mix_of(text, queues=(("q", 1),), conventions=conventions)
    assert expected == schedule(run(mix, "rr", quantum=2, notes=False))


def test_who_stands_at_an_operation_is_not_taken_for_one_that_computes():
    """Nobody has done anything yet when B is dispatched at 1, and it does what it stands at before it computes."""
    rows = told("A 0 cpu 2\nB 0 put q; cpu 2", "rr", {"quantum": 1}, queues=(("q", 1),))
    assert [
        "1 expired A 0 1",
        "1 dispatched B 0 1",
        "1 put B 0 q",
        "1 reached B 0 0",
        "2 expired B 0 1",
    ] == rows[3:8]


# Parents and children.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # P waits from 0 on.
        (
            "P 0 spawn C; join C; cpu 1\nC 0 cpu 2; exit 3",
            (
                "0 joins P 0 C; 0 blocked P 0 0; 0 arrived C; 0 dispatched C 0 -1; "
                "2 exited C 0 3; 2 finished C 0 2; 2 reaped C P; 2 woke P; 2 dispatched P 0 -1; "
                "3 finished P 0 1"
            ),
        ),
        # C is a zombie from 1 to 2.
        (
            "P 0 spawn C; cpu 2; join C; cpu 1\nC 0 cpu 1",
            (
                "0 reached P 0 0; 0 arrived C; 0 dispatched C 1 -1; 1 finished C 1 1; "
                "1 zombie C P; 2 reaped C P; 2 reached P 0 2; 3 finished P 0 3"
            ),
        ),
        # Both at 2; P arrived first, so it begins to wait, and C ends after that.
        (
            "P 0 spawn C; cpu 2; join C; cpu 1\nC 0 cpu 2",
            (
                "0 reached P 0 0; 0 arrived C; 0 dispatched C 1 -1; 2 joins P 0 C; "
                "2 blocked P 0 2; 2 finished C 1 2; 2 reaped C P; 2 woke P; "
                "2 dispatched P 0 -1; 3 finished P 0 1"
            ),
        ),
    ],
)
def test_join(text, expected):
    """Before the child's end, after it, at it."""
    assert expected.split("; ") == told(text, cpus=2)[3:]


def test_whose_parent_ends_first_is_adopted():
    """C is a zombie then, and reaped at once; D runs on, and is reaped at its end."""
    assert [
        "1 finished C 1 1",
        "1 zombie C P",
        "2 finished P 0 2",
        "2 adopted C",
        "2 reaped C init",
        "2 adopted D",
        "4 finished D 2 4",
        "4 reaped D init",
    ] == told("P 0 spawn C; spawn D; cpu 2\nC 0 cpu 1\nD 0 cpu 4", cpus=3)[9:]


def test_exit_ends_a_program_and_its_locks_stay():
    """What follows is not done; B waits for ever."""
    assert ["1 finished A 0 1", "1 dispatched B 0 -1", "1 waits B 0 m", "1 blocked B 0 0"] == told(
        "A 0 lock m; cpu 1; exit; cpu 9\nB 0 lock m"
    )[5:]


@pytest.mark.parametrize("program", ["exit 3; cpu 9", "cpu 2; exit 3", "io 2; exit 3", "yield; exit 3"])
def test_the_trace_has_the_exit_code(program):
    """In the row before the end; of a code of 0 nothing is said."""
    rows = told(f"A 0 cpu 1; {program}\nB 0 exit")
    place = rows.index(next(row for row in rows if "exited" in row))
    assert [" exited A 0 3", " finished A 0"] == [row[1:14] for row in rows[place : place + 2]]
    assert 1 == sum("exited" in row for row in rows)


def test_a_child_counts_for_the_degree():
    """Two are admitted, so C is held until Q ends, though P only waits for it."""
    assert ["0 held C", "1 joins P 0 C", "3 admitted C", "5 reaped C P"] == [
        row
        for row in told("P 0 spawn C; cpu 1; join C; cpu 1\nC 0 cpu 2\nQ 0 cpu 2", degree=2)
        if row.split()[1] in ("held", "joins", "admitted", "reaped")
    ]


def test_a_child_that_is_never_admitted():
    """One at a time, and P does not end before C: both wait for ever."""
    assert ["0 joins P 0 C", "0 blocked P 0 0", "0 held C"] == told(
        "P 0 spawn C; join C; cpu 1\nC 0 cpu 2", degree=1
    )[3:]


def test_who_ends_as_it_wakes_makes_room_at_that_instant():
    """At 2, D fills the third place and F is held; then P wakes and has nothing more to do, and F comes in."""
    text = """P 0 spawn C; join C
        E 0 cpu 9
        C 0 cpu 2; spawn D; spawn F
        D 0 cpu 1
        F 0 cpu 1"""
    assert [
        "2 arrived D",
        "2 held F",
        "2 served P",
        "2 finished P",
        "2 admitted F",
        "2 dispatched D 0 -1",
        "2 dispatched F 2 -1",
    ] == [row for row in told(text, cpus=3, degree=3) if row.startswith("2 ")][-7:]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        # B's I/O is over as D's quantum is.
        ("B 0 cpu 1; io 2\nD 0 cpu 4\nE 1 cpu 3", 3),
        # And here D puts what B waits for, at the very end of its quantum.
        ("B 0 get q\nD 0 cpu 2; put q; cpu 2\nE 1 cpu 3", 2),
    ],
)
@pytest.mark.parametrize("conventions", ["textbook", "ostep"])
def test_who_comes_in_by_a_wake_up_is_behind_all_others(text, time, conventions):
    """B wakes and has nothing more to do, so E comes in: behind D, whose quantum expires at that instant."""
    rows = told(text, "rr", {"quantum": 2}, degree=2, queues=(("q", 1),), conventions=conventions)
    assert ["expired D", "served B", "finished B", "admitted E", "dispatched D"] == [
        " ".join(words[1:3])
        for row in rows
        if (words := row.split())[0] == str(time) and words[1] not in ("put", "got")
    ]


# Queues and variables.


def test_the_forms_that_do_not_wait():
    """A fills the queue and waits for room. B's get lets A's second item in, so the queue is full as before."""
    assert [
        "1 refused B 1 q",
        "1 got B 1 q",
        "1 put A q",
        "1 refused B 1 q",
        "1 finished B 1 1",
        "1 woke A",
        "1 dispatched A 0 -1",
        "2 got A 0 q",
        "2 finished A 0 1",
    ] == told("A 0 put q; put q; cpu 1; get q\nB 0 cpu 1; put? q; get q; put? q", cpus=2, queues=(("q", 1),))[
        7:
    ]


def test_an_update_is_lost_without_a_lock():
    """Both read 5 at 0, and both write 6."""
    assert ["0 value A 0 5", "0 value B 1 5", "1 value A 0 6", "1 value B 1 6"] == [
        row
        for row in told(
            "A 0 read n; cpu 1; write n +1\nB 0 read n; cpu 1; write n +1", cpus=2, variables=(("n", 5),)
        )
        if " value " in row
    ]


def test_no_update_is_lost_with_one():
    """B reads when A has written."""
    program = "lock m; read n; cpu 1; write n +1; unlock m"
    assert ["0 value A 0 5", "1 value A 0 6", "1 value B 0 6", "2 value B 0 7"] == [
        row
        for row in told(f"A 0 {program}\nB 0 {program}", cpus=2, variables=(("n", 5),))
        if " value " in row
    ]


def test_generators_are_told_what_came_of_it():
    """Items, whether there was one, values, exit codes, whether somebody was killed."""
    said = []

    def parent():
        said.append((yield Put("q", "first")))
        said.append((yield Put("q", "second", blocking=False)))
        said.append((yield Get("q", blocking=False)))
        said.append((yield Get("q", blocking=False)))
        said.append((yield Read("n")))
        said.append((yield Write("n", 9)))
        said.append((yield Read("n")))
        said.append((yield Spawn("C")))
        said.append((yield Join("C")))
        said.append((yield Kill("C")))
        said.append((yield Spawn("D")))
        said.append((yield Kill("D")))
        said.append((yield Join("D")))
        said.append((yield Get("r")))

    def giver():
        yield Cpu(50)
        yield Put("r", {"any": "thing"})

    jobs = (
        Job("P", 0, parent),
        Job("G", 0, giver),
        *[job._replace(spawned=True) for job in mix_of("C 0 cpu 1; exit 3\nD 0 cpu 1").jobs],
    )
    run(Mix(jobs, unit="ns", cpus=2, queues=(("q", 1), ("r", 1)), variables=(("n", 4),)), "fcfs")
    assert [
        *(True, False, (True, "first"), (False, None)),
        *(4, None, 9),
        *(None, 3, False),
        *(None, True, -9),
        {"any": "thing"},
    ] == said


def test_what_waits_for_a_queue_goes_first_come_first_served():
    """B waits before C, so the first item is B's, though both are there at 2; each item wakes one."""
    assert ["2 put A 0 q", "2 got B q", "2 put A 0 q", "2 got C q"] == told(
        "A 0 cpu 2; put q; put q\nB 0 get q\nC 1 get q", cpus=3, queues=(("q", 1),)
    )[10:14]


# The end of a run.


def test_until():
    """Half open: what the others would do at 3 is not done; who waits is still waiting, and that is no deadlock."""
    text = "A 0 lock m; cpu 9; unlock m\nB 1 lock m; cpu 1\nC 0 cpu 3; spawn D\nD 0 cpu 1"
    assert ["1 arrived B", "3 stopped A 0 3", "3 stopped C 1 3"] == told(text, cpus=2, until=3)[6:]
    result = run(mix_of(text), "fcfs", cpus=2, until=3, notes=False)
    assert ["running", "ready", "running", "new"] == [job.state for job in result.jobs]
    assert result.deadlock is None


@pytest.mark.parametrize("until", [None, 30])
def test_a_boost_does_not_go_on_for_ever(until):
    """Nobody is left who could go on; the policy boosts as long as the run lasts, which is not for ever."""
    rows = told("A 0 lock m; lock m", "mlfq", {"quanta": (2,), "allotments": (1,), "boost": 5}, until=until)
    assert ["0 acquired A 0 m", "0 waits A 0 m", "0 blocked A 0 0"] == rows[2:5]
    assert ([] if until is None else [f"{time} boosted" for time in range(5, 30, 5)]) == [
        " ".join(row.split()[:2]) for row in rows[5:]
    ]
