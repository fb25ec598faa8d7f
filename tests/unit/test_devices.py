"""I/O: without a name it never queues; a named device serves one task at a time, in order."""

from __future__ import annotations

from tests.unit.scheduling import Desk, starts


def services(orders):
    """Return which I/O was begun when: ``("A", "disk", 3)``."""
    return [(order[1], order[3], order[4]) for order in orders if order[0] == "begin_io"]


def test_io_without_a_name_overlaps():
    """Two tasks wait at once, each served from its own start."""
    desk = Desk(("fcfs",), {"A": "cpu 1; io 9", "B": "cpu 1; io 9"})
    orders = desk.at(0, desk.arrives("A"), desk.arrives("B"))
    orders += desk.at(1, desk.ends("A", 1))
    orders += desk.at(2, desk.ends("B", 1))
    assert [("A", "", 1), ("B", "", 2)] == services(orders)


def test_a_device_serves_one_at_a_time_in_order():
    """Disk: A from 1, B (since 2) when A is served at 5, C (since 3) when B is at 8."""
    jobs = {"C": "cpu 1; io 2 disk", "B": "cpu 1; io 3 disk; cpu 1", "A": "cpu 1; io 4 disk"}
    desk = Desk(("fcfs",), jobs)
    orders = desk.at(0, desk.arrives("A"))
    orders += desk.at(0, desk.arrives("B"))
    orders += desk.at(0, desk.arrives("C"))
    for now, name in ((1, "A"), (2, "B"), (3, "C")):
        orders += desk.at(now, desk.ends(name, 1))
    assert [("A", "disk", 1)] == services(orders)
    assert [("B", "disk", 5)] == services(desk.at(5, desk.wakes("A", 4)))
    assert [("C", "disk", 8)] == services(desk.at(8, desk.wakes("B", 3)))
    assert {"disk"} == set(desk.scheduler.devices.queues)
    desk.at(10, desk.wakes("C", 2))
    assert {} == desk.scheduler.devices.queues


def test_two_devices_do_not_wait_for_each_other():
    """Disk and net serve at once."""
    desk = Desk(("fcfs",), {"A": "cpu 1; io 9 disk", "B": "cpu 1; io 9 net"})
    orders = desk.at(0, desk.arrives("A"), desk.arrives("B"))
    orders += desk.at(1, desk.ends("A", 1))
    orders += desk.at(2, desk.ends("B", 1))
    assert [("A", "disk", 1), ("B", "net", 2)] == services(orders)


def test_an_io_that_follows_an_io_goes_to_the_tail_of_the_device():
    """A asks for the disk again as it is served: B, that waited, is first."""
    desk = Desk(("fcfs",), {"A": "cpu 1; io 2 disk; io 5 disk", "B": "cpu 1; io 3 disk"})
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    desk.at(1, desk.ends("A", 1))
    desk.at(2, desk.ends("B", 1))
    desk.rows()
    assert [("B", "disk", 3)] == services(desk.at(3, desk.wakes("A", 2)))
    assert ["3 served A -1 2", "3 blocked A -1 0"] == desk.rows()
    assert [("A", "disk", 6)] == services(desk.at(6, desk.wakes("B", 3)))


def test_a_wait_in_the_devices_queue_counts_from_when_the_task_blocked():
    """Wake-ups go by when the waits began: B's, at the disk since 2, before C's, since 3."""
    jobs = {"C": "cpu 1; io 3; cpu 1", "A": "cpu 1; io 3 disk", "B": "cpu 1; io 2 disk; cpu 1", "D": "cpu 9"}
    desk = Desk(("fcfs",), jobs)
    for name in "ABCD":
        desk.at(0, desk.arrives(name))
    for now, name in ((1, "A"), (2, "B"), (3, "C")):
        desk.at(now, desk.ends(name, 1))
    desk.at(4, desk.wakes("A", 3))
    desk.at(6, desk.wakes("C", 3), desk.wakes("B", 2))
    assert [["D"], [*"BC"]] == [desk.running(), desk.ready()]


def test_a_program_that_begins_with_io():
    """A job that arrives to wait is blocked, from new, and runs when it is served."""
    desk = Desk(("fcfs",), {"A": "io 4; cpu 1"})
    assert [("A", "", 0)] == services(desk.at(0, desk.arrives("A")))
    assert [("A", 0, 4, -1)] == starts(desk.at(4, desk.wakes("A", 4)))
    assert ["0 arrived A -1 0", "0 blocked A -1 0", "4 woke A -1 4", "4 dispatched A 0 -1"] == desk.rows()


def test_a_job_that_ends_with_io():
    """It is finished when it is served, without the CPU."""
    desk = Desk(("fcfs",), {"A": "cpu 1; io 4"})
    desk.at(0, desk.arrives("A"))
    desk.at(1, desk.ends("A", 1))
    desk.rows()
    assert [] == desk.at(5, desk.wakes("A", 4))
    assert ["5 served A -1 4", "5 finished A -1 0"] == desk.rows()
