"""Every rule that ``validate`` holds of a simulated run, broken once, with its message."""

from __future__ import annotations

import pytest

from tests.unit.validating import DEVICE, IO, LATER, ONE, START, TWO, YIELD, refused

ENTER = "0 arrived A\n0 arrived B\n"
BAD = {
    # What cannot be in any trace.
    "a job that is not there": (
        "0 finished B 0 3".replace("B", "-"),
        ONE,
        {},
        "row 1 (at 0 ns, finished, CPU 0): task -1 cannot be; the header has 1 jobs",
    ),
    "a CPU that is not there": (
        "0 arrived A\n0 dispatched A 1 -1",
        ONE,
        {},
        "row 2 (at 0 ns, job 'A', dispatched, CPU 1): CPU 1 cannot be; there are 1, and -1 stands for none",
    ),
    "an arrival on a CPU": (
        "0 arrived A 0",
        ONE,
        {},
        "row 1 (at 0 ns, job 'A', arrived, CPU 0): CPU 0 cannot be; there are 1, and -1 stands for none",
    ),
    "a negative value": (
        START + "3 finished A 0 -3",
        ONE,
        {},
        "row 3 (at 3 ns, job 'A', finished, CPU 0): value -3 is below 0",
    ),
    "a value where there is none": (
        "0 arrived A -1 4",
        ONE,
        {},
        "row 1 (at 0 ns, job 'A', arrived): value 4 must be 0",
    ),
    "time that goes back": (
        START + "3 finished A 0 3\n2 boosted -",
        ONE,
        {},
        "row 4 (at 2 ns, boosted): time goes back from 3 ns",
    ),
    # Arriving.
    "too early": ("0 arrived A", LATER, {}, "row 1 (at 0 ns, job 'A', arrived): it arrives at 1 ns"),
    "too late": (
        "2 arrived A",
        LATER,
        {},
        "row 1 (at 2 ns, job 'A', arrived): job 'A' was to arrive at 1 ns",
    ),
    "out of order": (
        "1 arrived B\n1 arrived A",
        LATER,
        {},
        "row 1 (at 1 ns, job 'B', arrived): the next to arrive is job 'A', at 1 ns",
    ),
    "twice": (START + "0 arrived A", ONE, {}, "row 3 (at 0 ns, job 'A', arrived): it arrived before"),
    "more than the degree": (
        ENTER,
        TWO,
        {"degree": 1},
        "row 2 (at 0 ns, job 'B', arrived): 1 jobs are admitted, and the degree of multiprogramming is 1",
    ),
    "held without need": (
        "0 held A",
        ONE,
        {"degree": 1},
        "row 1 (at 0 ns, job 'A', held): 0 jobs are admitted, and the degree of multiprogramming is 1",
    ),
    "admitted without room": (
        "0 arrived A\n0 held B\n0 admitted B",
        TWO,
        {"degree": 1},
        (
            "row 3 (at 0 ns, job 'B', admitted): the first of the held jobs is admitted, when the degree of "
            "multiprogramming lets it in"
        ),
    ),
    "held in vain": (
        "0 arrived A\n0 held B\n0 dispatched A 0 -1\n3 finished A 0 3",
        TWO,
        {"degree": 1},
        "after the last row: job 'B' is held, although the degree of multiprogramming would let it in",
    ),
    # Dispatching.
    "who has not arrived": (
        "0 dispatched A 0 -1",
        ONE,
        {},
        "row 1 (at 0 ns, job 'A', dispatched, CPU 0): it is new, and not ready",
    ),
    "who runs": (
        START + "0 dispatched A 1 -1",
        ONE,
        {"cpus": 2},
        "row 3 (at 0 ns, job 'A', dispatched, CPU 1): it is running, and not ready",
    ),
    "a busy CPU": (
        ENTER + "0 dispatched A 0 -1\n0 dispatched B 0 -1",
        TWO,
        {},
        "row 4 (at 0 ns, job 'B', dispatched, CPU 0): CPU 0 runs job 'A'",
    ),
    "not the lowest CPU": (
        "0 arrived A\n0 dispatched A 1 -1",
        ONE,
        {"cpus": 2},
        (
            "row 2 (at 0 ns, job 'A', dispatched, CPU 1): it goes to CPU 0: the one that it just left, or else the "
            "lowest idle one"
        ),
    ),
    "an arrival after the dispatch": (
        "0 arrived A\n0 dispatched A 0 -1\n0 arrived B",
        TWO,
        {},
        (
            "row 3 (at 0 ns, job 'B', arrived): out of order: at one instant bursts and slices end, in the order of "
            "arrival and of the mix; the policy boosts; held jobs enter; jobs arrive; I/O ends, in the order in which the "
            "waits began; CPUs dispatch, the lowest number first"
        ),
    ),
    "not the CPU it left": (
        ENTER
        + "0 dispatched A 0 2\n0 dispatched B 1 2\n2 expired A 0 2\n2 finished B 1 2\n2 dispatched A 1 2",
        TWO,
        {"cpus": 2},
        (
            "row 7 (at 2 ns, job 'A', dispatched, CPU 1): it goes to CPU 0: the one that it just left, or else the "
            "lowest idle one"
        ),
    ),
    "a slice of nothing": (
        "0 arrived A\n0 dispatched A 0 0",
        ONE,
        {},
        "row 2 (at 0 ns, job 'A', dispatched, CPU 0): a slice of 0 ns is none",
    ),
    "nobody, while a task is ready": (
        "0 arrived A\n1 dispatched A 0 -1\n4 finished A 0 3",
        ONE,
        {},
        "row 2 (at 1 ns, job 'A', dispatched, CPU 0): CPU 0 was left idle at 0 ns while a task was ready",
    ),
    # Context switches.
    "without its switch": (
        ENTER + "0 dispatched A 0 -1\n3 finished A 0 3\n3 dispatched B 0 -1",
        TWO,
        {"switch_cost": 2},
        "row 5 (at 3 ns, job 'B', dispatched, CPU 0): a context switch to it is due first",
    ),
    "a switch too many": (
        "0 arrived A\n0 switched A 0 2",
        ONE,
        {"switch_cost": 2},
        (
            "row 2 (at 0 ns, job 'A', switched, CPU 0): no context switch is due: the CPU ran it last, or nobody before, "
            "or switches cost nothing"
        ),
    ),
    "a cheap switch": (
        "0 arrived A\n0 switched A 0 1",
        ONE,
        {"switch_cost": 2, "charge_first_switch": True},
        "row 2 (at 0 ns, job 'A', switched, CPU 0): a context switch costs 2 ns",
    ),
    "a switch to nobody": (
        "0 arrived A\n0 switched A 0 2\n1 finished A 0 0",
        ONE,
        {"switch_cost": 2, "charge_first_switch": True},
        "row 3 (at 1 ns, job 'A', finished, CPU 0): dispatched of job 'A' must follow the row before",
    ),
    "running before the switch is over": (
        "0 arrived A\n0 switched A 0 2\n0 dispatched A 0 -1\n1 preempted A 0 0",
        ONE,
        {"switch_cost": 2, "charge_first_switch": True},
        "row 4 (at 1 ns, job 'A', preempted, CPU 0): the context switch to it takes until 2 ns",
    ),
    # Running.
    "another one's CPU": (
        ENTER + "0 dispatched A 0 -1\n2 finished B 0 2",
        TWO,
        {},
        "row 4 (at 2 ns, job 'B', finished, CPU 0): CPU 0 runs job 'A'",
    ),
    "nobody's CPU": (
        "0 arrived A\n0 finished A 0 0",
        ONE,
        {},
        "row 2 (at 0 ns, job 'A', finished, CPU 0): CPU 0 runs nobody",
    ),
    "more than passed": (
        START + "3 finished A 0 4",
        ONE,
        {},
        "row 3 (at 3 ns, job 'A', finished, CPU 0): says 4 ns of CPU time; 3 ns passed since its slice began",
    ),
    "less than passed": (
        START + "3 finished A 0 2",
        ONE,
        {},
        "row 3 (at 3 ns, job 'A', finished, CPU 0): says 2 ns of CPU time; 3 ns passed since its slice began",
    ),
    "longer than its burst": (
        START + "4 finished A 0 4",
        ONE,
        {},
        "row 3 (at 4 ns, job 'A', finished, CPU 0): job 'A' was to end its burst or its slice at 3 ns",
    ),
    "shorter than its burst": (
        START + "2 finished A 0 2",
        ONE,
        {},
        (
            "row 3 (at 2 ns, job 'A', finished, CPU 0): its program says otherwise: its burst ends at 3 ns, then comes "
            "nothing"
        ),
    ),
    "longer than its slice": (
        "0 arrived A\n0 dispatched A 0 2\n3 finished A 0 3",
        ONE,
        {},
        "row 3 (at 3 ns, job 'A', finished, CPU 0): job 'A' was to end its burst or its slice at 2 ns",
    ),
    "expired too soon": (
        "0 arrived A\n0 dispatched A 0 2\n1 expired A 0 1",
        ONE,
        {},
        "row 3 (at 1 ns, job 'A', expired, CPU 0): it was granted a slice of 2 ns and has used 1 ns of it",
    ),
    "not the program's I/O": (
        START + "3 blocked A 0 3",
        ONE,
        {},
        (
            "row 3 (at 3 ns, job 'A', blocked, CPU 0): its program says otherwise: its burst ends at 3 ns, then comes "
            "nothing"
        ),
    ),
    "preempted for nobody": (
        START + "3 boosted -\n3 preempted A 0 3",
        "A 0 cpu 5",
        {},
        "row 4 (at 3 ns, job 'A', preempted, CPU 0): nobody is ready to whom it could give way",
    ),
    "a yield that nobody sees": (
        "0 arrived A\n0 dispatched A 0 9\n2 finished A 0 2",
        YIELD,
        {},
        "row 3 (at 2 ns, job 'A', finished, CPU 0): job 'A' was to end its burst or its slice at 1 ns",
    ),
    "a yield that does not come": (
        "0 arrived A\n0 dispatched A 0 9\n1 arrived B\n2 finished A 0 2",
        YIELD + "\nB 1 cpu 1",
        {},
        "row 4 (at 2 ns, job 'A', finished, CPU 0): job 'A' was to end its burst or its slice, or to yield, at 1 ns",
    ),
    # Waiting.
    "I/O too short": (
        "0 arrived A\n0 dispatched A 0 9\n1 blocked A 0 1\n2 woke A -1 1",
        IO,
        {},
        "row 4 (at 2 ns, job 'A', woke): the service takes 2 ns",
    ),
    "I/O too soon": (
        "0 arrived A\n0 dispatched A 0 9\n1 blocked A 0 1\n2 woke A -1 2",
        IO,
        {},
        "row 4 (at 2 ns, job 'A', woke): the service began at 1 ns and takes 2 ns",
    ),
    "I/O too late": (
        "0 arrived A\n0 dispatched A 0 9\n1 blocked A 0 1\n4 woke A -1 2",
        IO,
        {},
        "row 4 (at 4 ns, job 'A', woke): job 'A' was to end its I/O at 3 ns",
    ),
    "I/O of nobody": (
        "0 arrived A\n0 woke A -1 2",
        IO,
        {},
        "row 2 (at 0 ns, job 'A', woke): no I/O of it can end: it is ready",
    ),
    "a device that serves the second first": (
        "0 arrived A\n0 blocked A\n0 arrived B\n0 blocked B\n2 woke B -1 2",
        DEVICE,
        {},
        "row 5 (at 2 ns, job 'B', woke): its service does not end now, or another one ends first",
    ),
    "a device that serves two at a time": (
        "0 arrived A\n0 blocked A\n0 arrived B\n0 blocked B\n2 woke A -1 2\n2 woke B -1 2",
        DEVICE,
        {},
        "row 6 (at 2 ns, job 'B', woke): the service began at 2 ns and takes 2 ns",
    ),
    "blocked out of nowhere": (
        "0 arrived A\n0 blocked A\n0 blocked A",
        "A 0",
        {},
        "row 3 (at 0 ns, job 'A', blocked): off a CPU this follows at once on arriving, being admitted or served",
    ),
    "woken for more I/O": (
        "0 arrived A\n0 blocked A\n2 woke A -1 2",
        "A 0 io 2; io 2; cpu 1",
        {},
        (
            "row 3 (at 2 ns, job 'A', woke): a task whose next operation needs the CPU wakes; another one is served and "
            "goes on waiting"
        ),
    ),
    # Boosts.
    "a boost of nobody": (
        "0 boosted -",
        LATER,
        {},
        "row 1 (at 0 ns, boosted): nobody is there to be boosted",
    ),
    "a boost that is missing": (
        START + "2 boosted -\n4 boosted -\n8 boosted -\n9 finished A 0 9",
        "A 0 cpu 9",
        {},
        "after the last row: boosts are at multiples of 2 ns, and there is none at 6 ns",
    ),
    "renewed without a boost": (
        START + "2 renewed A 0 2",
        "A 0 cpu 9",
        {},
        "row 3 (at 2 ns, job 'A', renewed, CPU 0): slices are renewed by a boost, and there is none just before",
    ),
    "renewed once and not again": (
        "0 arrived A\n0 dispatched A 0 9\n2 boosted -\n2 renewed A 0 2\n2 dispatched A 0 9\n4 boosted -\n9 finished A 0 7",
        "A 0 cpu 9",
        {},
        (
            "row 7 (at 9 ns, job 'A', finished, CPU 0): boosts give every running task a fresh slice, or none of them "
            "does to anybody"
        ),
    ),
    "a slice that was kept is not given": (
        ENTER
        + "0 dispatched A 0 5\n2 boosted -\n2 preempted A 0 2\n2 dispatched B 0 9\n4 finished B 0 2\n4 dispatched A 0 5",
        "A 0 cpu 9\nB 0 cpu 2",
        {"conventions": "ostep"},
        "row 8 (at 4 ns, job 'A', dispatched, CPU 0): a preempted task goes on with the rest of its slice, 3 ns",
    ),
    # The end.
    "who never finishes": (
        START,
        ONE,
        {},
        "after the last row: job 'A' was to end its burst or its slice at 3 ns",
    ),
    "who never arrives": ("", LATER, {}, "after the last row: job 'A' was to arrive at 1 ns"),
    "who never wakes": (
        "0 arrived A\n0 dispatched A 0 9\n1 blocked A 0 1",
        IO,
        {},
        "after the last row: job 'A' was to end its I/O at 3 ns",
    ),
    "the second half of a pair": (
        "0 arrived A",
        "A 0 io 2",
        {},
        "after the last row: blocked of job 'A' must follow",
    ),
    "after the end": (
        START + "3 finished A 0 3",
        ONE,
        {"until": 3},
        (
            "row 3 (at 3 ns, job 'A', finished, CPU 0): running tasks are stopped at 'until', and nothing else happens "
            "then or later"
        ),
    ),
    "stopped before the end": (
        START + "2 stopped A 0 2",
        ONE,
        {"until": 3},
        (
            "row 3 (at 2 ns, job 'A', stopped, CPU 0): running tasks are stopped at 'until', and nothing else happens "
            "then or later"
        ),
    ),
    "not stopped at the end": (START, ONE, {"until": 2}, "after the last row: job 'A' still runs at the end"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_broken_rule_is_named(name):
    """The message says which row, when, whose, and what must hold."""
    rows, jobs, header, message = BAD[name]
    assert message == refused(rows, jobs, **header)
