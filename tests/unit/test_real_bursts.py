"""How far a task is in its burst and its slice, by what its worker wrote."""

from __future__ import annotations

import pytest

from schedsim.engines.real import records
from schedsim.engines.real.bursts import Bursts
from schedsim.engines.real.records import Record
from schedsim.scheduler.arrivals import NEVER
from schedsim.scheduler.inputs import Failed, IoDone, Reached, Stopped, Used, WokenAt
from schedsim.scheduler.processor import Processor
from schedsim.testing.machine import make_task
from schedsim.trace import Kind


class Table:
    """Bursts of two tasks of ``cpu 50; cpu 30; io 5``, A running since 1000 under order 7."""

    def __init__(self):
        """Begin A's first burst."""
        self.memory = memoryview(bytearray(8 * records.SLOT * 2)).cast("q")
        self.bursts = Bursts(2, self.memory)
        self.a, self.b = (
            make_task(name, "cpu 50; cpu 30; io 5", index=index) for index, name in enumerate("AB")
        )
        for task in (self.a, self.b):
            task.set_burst(task.advance())
        self.processor = Processor(0)
        self.run(self.a, 7, 1000)

    def run(self, task, order, begins, length=-1):
        """Let the scheduler dispatch it."""
        task.processor, self.processor.task = self.processor, task
        self.processor.order, self.processor.begins, self.processor.charged = order, begins, 0
        self.bursts.begin(task, order, length, begins)

    def works(self, task, burst, progress):
        """Let the worker say how far it is."""
        self.memory[task.index * records.SLOT + records.BURST] = burst
        self.memory[task.index * records.SLOT + records.PROGRESS] = progress

    def says(self, task, burst, time, cpu):
        """Let the worker say that a burst has ended."""
        self.bursts[task.index].ended.append(Record(task.index, records.REACHED, burst, time, cpu, None, ""))


@pytest.fixture
def table():
    """Such bursts."""
    return Table()


def test_progress(table):
    """It is what the worker says of this burst; nothing before it began, all of it once the next one has begun."""
    assert 0 == table.bursts.progress(table.a)
    table.works(table.a, -1, 99)  # what stands there is of the burst before
    assert 0 == table.bursts.progress(table.a)
    table.works(table.a, 1, 20)
    assert 20 == table.bursts.progress(table.a)
    for begun in (-2, 2):
        table.works(table.a, begun, 3)
        assert 50 == table.bursts.progress(table.a)


def test_what_is_left_of_a_burst(table):
    """What it used under this order is not left any more, whether the scheduler has charged it or not."""
    table.works(table.a, 1, 20)
    assert 30 == table.bursts.left(table.a, 0)
    table.processor.charged = 15
    table.a.left = 35
    assert 30 == table.bursts.left(table.a, 0)


def test_used_under_the_present_order(table):
    """What was told under earlier orders counts no more."""
    table.works(table.a, 1, 20)
    assert 20 == table.bursts.tell(table.a, table.bursts.used(table.a), 1030)
    table.run(table.a, 8, 1100)
    table.works(table.a, 1, 32)
    assert 12 == table.bursts.used(table.a)


def test_never_more_than_the_time_that_passed(table):
    """What it used before its turn counts in its next one."""
    table.works(table.a, 1, 20)
    assert 12 == table.bursts.tell(table.a, table.bursts.used(table.a), 1012)
    table.run(table.a, 8, 1100)
    assert 8 == table.bursts.used(table.a)


def test_never_less_than_was_said_before(table):
    """The worker's word may be older than what the scheduler was told."""
    table.processor.charged = 25
    table.works(table.a, 1, 20)
    assert 25 == table.bursts.tell(table.a, table.bursts.used(table.a), 1090)


def test_when_a_slice_should_be_over(table):
    """Its length from now on, less what was used already; never, if it may run until it blocks."""
    assert NEVER == table.bursts[0].slice_end
    table.works(table.a, 1, 4)
    table.run(table.a, 8, 2000, 10)
    assert 2006 == table.bursts[0].slice_end


@pytest.mark.parametrize(
    ("progress", "now", "left"),
    [
        (4, 1010, 6),
        (10, 1012, 0),
        (13, 1013, -3),
        (13, 1010, 0),  # it used 3 before its turn: only the time that passed counts
        (10, 1007, 3),
    ],
)
def test_what_is_left_of_a_slice(table, progress, now, left):
    """A slice of 10 that began at 1000: over when 10 were used, and when 10 have passed."""
    table.works(table.a, 1, progress)
    table.bursts.begin(table.a, 7, 10, 1000)
    assert left == table.bursts.left_of_slice(table.a, now)


def test_an_end(table):
    """The scheduler is told what was used, and what comes next; then the next burst counts."""
    table.says(table.a, 1, 1052, 51)
    table.works(table.a, 2, 2)
    assert Reached(table.a, 7, 51, table.a.steps[1]) == table.bursts.end(table.a, 1052)
    assert [2, 0, NEVER] == [table.bursts[0].number, table.bursts[0].told, table.bursts[0].slice_end]
    assert 2 == table.bursts.progress(table.a)


def test_no_end(table):
    """Nothing has been said; or the scheduler has it waiting, or running under another order."""
    assert table.bursts.end(table.a, 1052) is None
    table.says(table.a, 1, 1052, 51)
    table.processor.order = 9
    assert table.bursts.end(table.a, 1052) is None
    table.a.processor = None
    assert table.bursts.end(table.a, 1052) is None
    assert 1 == len(table.bursts[0].ended)


def test_inputs_under_the_orders_that_hold(table):
    """A task stands for an end of its burst; ends come first, and each task's only once."""
    table.says(table.a, 1, 1052, 51)
    table.says(table.a, 2, 1085, 31)
    other = WokenAt(3)
    expected = [Reached(table.a, 7, 51, table.a.steps[1]), other]
    assert expected == [*table.bursts.inputs([other, table.a, table.b, table.a], 1060)]
    assert [] == [*table.bursts.inputs([], 1060)]


def test_an_end_is_no_stop(table):
    """Both at once is an end; the stop of another task stays."""
    table.says(table.a, 1, 1052, 51)
    stops = [Stopped(task, 7, 50, Kind.PREEMPTED) for task in (table.a, table.b)]
    assert ["Reached", "Stopped"] == [
        type(item).__name__ for item in table.bursts.inputs([*stops, table.a], 1052)
    ]
    assert stops[:1] == [*table.bursts.inputs(stops[:1], 1053)]


def test_a_death_is_charged(table):
    """With what the worker last said, no more than passed, no less than is charged already."""
    table.works(table.a, 1, 20)
    assert [Failed(table.a, 20)] == [*table.bursts.inputs([Failed(table.a, 0)], 1030)]
    assert [Failed(table.a, 12)] == [*table.bursts.inputs([Failed(table.a, 0)], 1012)]
    table.processor.charged = 15
    assert [Failed(table.a, 15)] == [*table.bursts.inputs([Failed(table.a, 0)], 1012)]
    table.processor.order = 9  # the end of its burst has just been told
    assert [Failed(table.a, 15)] == [*table.bursts.inputs([Failed(table.a, 0)], 1090)]
    assert [Failed(table.b, 0)] == [*table.bursts.inputs([Failed(table.b, 0)], 1090)]


def test_usage(table):
    """Of running tasks, under the order that is counted; not of those of whom the batch says more."""
    table.works(table.a, 1, 20)
    assert [Used(table.a, 7, 20)] == table.bursts.usage([table.processor], [], 1030)
    assert [Used(table.a, 7, 20)] == table.bursts.usage([table.processor], [IoDone(table.a, 1, None)], 1030)
    for item in (Reached(table.a, 7, 20, None), Stopped(table.a, 7, 20, Kind.EXPIRED), Failed(table.a, 20)):
        assert [] == table.bursts.usage([table.processor], [item], 1030)
    assert [] == table.bursts.usage([Processor(1)], [], 1030)
    table.processor.order = 9
    assert [] == table.bursts.usage([table.processor], [], 1030)
