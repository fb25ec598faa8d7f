"""A process that dies: whatever its task had or waited for is free again, and nobody else is lost."""

from __future__ import annotations

import pytest

from tests.unit.scheduling import BOOSTED, Desk, starts
from tests.unit.test_devices import services

RR4 = ("rr", {"quantum": 4})
DISK = {name: f"cpu 1; io {length} disk; cpu 1" for name, length in {"A": 4, "B": 3, "C": 2}.items()}


def at_the_disk():
    """Return a desk at 3: the disk serves A since 1 and B and C wait for it."""
    desk = Desk(("fcfs",), DISK)
    for name in "ABC":
        desk.at(0, desk.arrives(name))
    for now, name in ((1, "A"), (2, "B"), (3, "C")):
        desk.at(now, desk.ends(name, 1))
    desk.rows()
    return desk


def test_on_a_cpu():
    """The CPU is given to the next one at the same instant."""
    desk = Desk(("fcfs",), {"A": "cpu 9", "B": "cpu 2"})
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    desk.rows()
    assert [("B", 0, 3, -1)] == starts(desk.at(3, desk.dies("A", 3)))
    assert ["3 failed A 0 3", "3 dispatched B 0 -1"] == desk.rows()
    assert [1] == list(desk.scheduler.unfinished)


def test_on_a_cpu_with_less_used_than_was_charged():
    """What had been charged at 2 stands, in the trace as well."""
    desk = Desk(("srtf",), {"A": "cpu 9", "B": "cpu 20"})
    desk.at(0, desk.arrives("A"))
    desk.at(2, desk.arrives("B"))
    desk.rows()
    desk.at(3, desk.dies("A", 1))
    assert "3 failed A 0 2" == desk.rows()[0]


def test_while_a_stop_is_under_way():
    """B gets the CPU at once, and the stop that comes after it is dropped."""
    desk = Desk(("srtf",), {"A": "cpu 9", "B": "cpu 2"})
    desk.at(0, desk.arrives("A"))
    desk.at(3, desk.arrives("B"))
    late = desk.stops("A", 4)
    assert [("B", 0, 4, -1)] == starts(desk.at(4, desk.dies("A", 4)))
    assert [[], ["B"]] == [desk.at(5, late), desk.running()]
    desk.at(6, desk.ends("B", 2))
    assert [None] == desk.running()


def test_for_whom_a_stop_is_under_way():
    """B, for which A is being stopped, dies: A stops and goes on, and no CPU is lost."""
    desk = Desk(("srtf",), {"A": "cpu 9", "B": "cpu 2"})
    desk.at(0, desk.arrives("A"))
    desk.at(3, desk.arrives("B"))
    desk.at(3, desk.dies("B"))
    assert [("A", 0, 4, -1)] == starts(desk.at(4, desk.stops("A", 4)))


@pytest.mark.parametrize("policy", ["fcfs", "sjf", "lottery"])
def test_in_the_ready_queue(policy):
    """In each of the three forms of the queue the others stay, in their order."""
    desk = Desk((policy,), {"A": "cpu 3", "B": "cpu 3", "C": "cpu 3", "D": "cpu 3"})
    desk.at(0, *[desk.arrives(name) for name in "ABCD"])
    waiting = desk.ready()
    for victim in (waiting[1], waiting[0]):
        desk.at(1, desk.dies(victim))
    assert [waiting[2]] == desk.ready()
    assert 1 == desk.scheduler.queue.tickets
    desk.at(3, desk.ends(desk.running()[0], 3))
    assert [waiting[2]] == desk.running()


@pytest.mark.parametrize("turn", [1, -1], ids=["said after", "said before"])
def test_at_the_instant_of_its_expiry(turn):
    """It is on its way back to the ready queue, and never gets there."""
    desk = Desk(RR4, {"A": "cpu 9", "B": "cpu 9"})
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    desk.rows()
    batch = [desk.expires("A", 4), desk.dies("A", 4)][::turn]
    assert [("B", 0, 4, 4)] == starts(desk.at(4, *batch))
    assert ["4 expired A 0 4", "4 failed A -1 0", "4 dispatched B 0 4"] == desk.rows()
    assert [[], []] == [desk.ready(), desk.scheduler.returning]


@pytest.mark.parametrize("turn", [1, -1], ids=["said after", "said before"])
def test_at_the_instant_of_its_end(turn):
    """It had finished: there is nothing more to be said."""
    desk = Desk(("fcfs",), {"A": "cpu 3"})
    desk.at(0, desk.arrives("A"))
    desk.at(3, *[desk.ends("A", 3), desk.dies("A", 3)][::turn])
    assert "3 finished A 0 3" == desk.rows()[-1]


@pytest.mark.parametrize("turn", [1, -1], ids=["said after", "said before"])
def test_at_the_instant_at_which_its_burst_ends(turn):
    """Its next burst has begun, and it has used nothing of that: its 3 are not counted twice."""
    desk = Desk(("fcfs",), {"A": "cpu 3; cpu 5"})
    desk.at(0, desk.arrives("A"))
    desk.at(3, *[desk.ends("A", 3), desk.dies("A", 3)][::turn])
    assert ["3 reached A 0 3", "3 failed A 0 3"] == desk.rows()[2:]
    assert 5 == desk.tasks["A"].left


def test_after_its_end():
    """It is dropped, as is a second word of one death."""
    desk = Desk(("fcfs",), {"A": "cpu 3", "B": "cpu 1"})
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    desk.at(3, desk.ends("A", 3))
    desk.at(3, desk.dies("B"))
    desk.rows()
    assert [[], []] == [desk.at(4, desk.dies("A"), desk.dies("B")), desk.rows()]


def test_in_io_without_a_name():
    """The end of its I/O, when it comes, says nothing any more."""
    desk = Desk(("fcfs",), {"A": "cpu 1; io 5; cpu 1", "B": "cpu 9"})
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    desk.at(1, desk.ends("A", 1))
    desk.rows()
    desk.at(2, desk.dies("A"))
    assert [] == desk.at(6, desk.wakes("A", 5))
    assert ["2 failed A -1 0"] == desk.rows()
    assert [["B"], []] == [desk.running(), desk.ready()]


def test_while_a_device_serves_it():
    """The device serves the next one at once."""
    desk = at_the_disk()
    assert [("B", "disk", 3)] == services(desk.at(3, desk.dies("A")))
    assert [] == desk.at(5, desk.wakes("A", 4))
    assert ["3 failed A -1 0"] == desk.rows()
    assert [("C", "disk", 6)] == services(desk.at(6, desk.wakes("B", 3)))


@pytest.mark.parametrize(("victim", "following"), [("B", "C"), ("C", "B")], ids=["next", "last"])
def test_while_it_waits_for_a_device(victim, following):
    """It is left out, and who is served goes on."""
    desk = at_the_disk()
    assert [] == desk.at(3, desk.dies(victim))
    assert [(following, "disk", 5)] == services(desk.at(5, desk.wakes("A", 4)))
    desk.at(9, desk.wakes(following, 3))
    assert {} == desk.scheduler.devices.queues


def test_alone_at_a_device():
    """Nobody is left there."""
    desk = Desk(("fcfs",), {"A": "cpu 1; io 5 disk"})
    desk.at(0, desk.arrives("A"))
    desk.at(1, desk.ends("A", 1))
    assert [[], {}] == [desk.at(2, desk.dies("A")), desk.scheduler.devices.queues]


@pytest.mark.parametrize("turn", [1, -1], ids=["said after", "said before"])
def test_at_the_instant_of_its_wake_up(turn):
    """Its death counts first: it does not wake."""
    desk = at_the_disk()
    desk.at(5, *[desk.wakes("A", 4), desk.dies("A")][::turn])
    assert ["5 failed A -1 0"] == desk.rows()
    assert [[], [None]] == [desk.ready(), desk.running()]


def test_before_it_is_admitted():
    """Of three held jobs the one in the middle is passed over."""
    desk = Desk(("fcfs",), {"A": "cpu 5", "B": "cpu 1", "C": "cpu 1", "D": "cpu 1"}, degree=1)
    desk.at(0, *[desk.arrives(name) for name in "ABCD"])
    desk.rows()
    desk.at(1, desk.dies("C"))
    desk.at(5, desk.ends("A", 5))
    desk.at(6, desk.ends("B", 1))
    assert [
        "1 failed C -1 0",
        "5 finished A 0 5",
        "5 admitted B -1 0",
        "5 dispatched B 0 -1",
        "6 finished B 0 1",
        "6 admitted D -1 0",
        "6 dispatched D 0 -1",
    ] == desk.rows()


def test_it_makes_room_for_a_held_job():
    """B is admitted at the very instant at which A dies."""
    desk = Desk(("fcfs",), {"A": "cpu 5", "B": "cpu 1"}, degree=1)
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    desk.rows()
    desk.at(3, desk.dies("A", 3))
    assert ["3 failed A 0 3", "3 admitted B -1 0", "3 dispatched B 0 -1"] == desk.rows()


def test_before_it_arrives():
    """It does not arrive any more."""
    desk = Desk(("fcfs",), {"A": "cpu 5"})
    desk.at(0, desk.dies("A"))
    assert [] == desk.at(1, desk.arrives("A"))
    assert [["0 failed A -1 0"], {}] == [desk.rows(), desk.scheduler.unfinished]


def test_a_boost_finds_nobody_left():
    """With the last job dead the policy's periodic work ends."""
    desk = Desk(("mlfq", {"quanta": "4", "boost": 5}), {"A": "cpu 9"})
    desk.at(0, desk.arrives("A"))
    desk.at(3, desk.dies("A", 3))
    desk.rows()
    assert [[], []] == [desk.at(5, BOOSTED), desk.rows()]


def test_it_is_told_to_the_policy_what_was_used():
    """The rest of its CPU time is charged, as when it ends."""
    desk = Desk(("mlfq", {"quanta": "8"}), {"A": "cpu 9"})
    desk.at(0, desk.arrives("A"))
    desk.at(3, desk.dies("A", 3))
    assert [3, 6] == [desk.tasks["A"].used, desk.tasks["A"].left]
