"""What a worker does that asks for its CPU time at timer ticks alone, on clocks that the test winds."""

from __future__ import annotations

import os

import pytest

from schedsim.engines.real import discreet, records, worker
from schedsim.engines.real.discreet import AFTER_TICK, RIPE, DiscreetWorker
from schedsim.engines.real.records import AWAY, BEGAN, SWITCHED
from tests.unit.test_real_worker import LOOK, Bench, ends

TICK = 4_000_000
SEEN = 1_500_000
"""When there was a tick; the clocks begin at 1000000."""


class DiscreetBench(Bench):
    """Such a worker, and when it asked."""

    def __init__(self, program):
        """Make it in place of the other."""
        super().__init__(program)
        os.close(self.worker.nowhere)
        self.worker = DiscreetWorker(self.worker.place, self.memory, TICK, SEEN)
        self.asked: list[int] = []


@pytest.fixture
def bench(monkeypatch):
    """Make discreet workers, which note when they asked for their CPU time."""
    made = []

    def make(program):
        one = DiscreetBench(program)
        made.append(one)

        def cpu():
            one.asked.append(one.clocks.time)
            return one.clocks.cpu()

        monkeypatch.setattr(discreet, "_now", one.clocks.now)
        monkeypatch.setattr(discreet, "_cpu", cpu)
        for module in (discreet, worker):
            monkeypatch.setattr(module, "switches_so_far", one.clocks.switches)
        monkeypatch.setattr(worker, "_now", one.clocks.now)
        monkeypatch.setattr(worker, "sleep_until", one.clocks.sleep_until)
        return one

    yield make
    for one in made:
        one.close()


def test_a_burst_is_measured_by_the_clock(bench):
    """It asks for its CPU time when it begins, and not at the end."""
    one = bench("cpu 500")
    one.run()
    assert [(1, 1, 500_000)] == ends(one.said())
    assert 1 == len(one.asked)
    assert 500_000 <= one.slot(records.PROGRESS) + 5 * LOOK
    assert [] == one.noted(AWAY) + one.noted(SWITCHED)


def test_it_asks_after_ticks(bench):
    """Not at each, but when what it knows is old enough."""
    one = bench("cpu 30000")
    one.run()
    begin, *later = one.asked
    assert begin < SEEN
    phases = [(when - SEEN) % TICK for when in later]
    assert phases == [pytest.approx(AFTER_TICK, abs=5 * LOOK)] * len(phases)
    assert all(after - before > RIPE for before, after in zip(one.asked, later, strict=False))
    assert 3 == len(later)


def test_bursts_go_on_from_what_the_clock_said(bench):
    """What one burst is taken to have used too little, the next one has used already when it begins."""
    one = bench("cpu 500; io 300; cpu 500")
    one.run()
    assert [(1, 1, 500_000), (1, 2, 500_000)] == ends(one.said())
    first, second = one.noted(BEGAN)
    assert 0 <= first.away <= 5 * LOOK
    assert 0 <= second.away <= 60 * LOOK


def test_another_process_had_the_cpu(bench):
    """It asks as soon as it has the CPU again: to ask then costs nothing."""
    one = bench("cpu 500")
    one.clocks.away = [(1_200_000, 90_000, 1)]
    one.run()
    assert [(1, 1, 500_000)] == ends(one.said())
    (note,) = one.noted(SWITCHED)
    assert 90_000 <= note.away < 90_000 + 5 * LOOK
    assert 1_199_000 <= note.start <= 1_201_000
    assert [pytest.approx(1_290_000, abs=5 * LOOK)] == one.asked[1:]


def test_the_host_had_the_cpu(bench):
    """A long gap without a switch is taken for the host's without asking."""
    one = bench("cpu 500")
    one.clocks.away = [(1_200_000, 150_000, 0)]
    one.run()
    (note,) = one.noted(AWAY)
    assert 150_000 <= note.away < 150_000 + 5 * LOOK
    assert 1 == len(one.asked)
    assert [(1, 1, 500_000)] == ends(one.said())


def test_an_interrupt(bench):
    """A short gap without a switch is nobody's; if the host had it after all, that comes out after the next tick."""
    one = bench("cpu 9000")
    one.clocks.away = [(1_200_000, 60_000, 0)]
    one.run()
    (note,) = one.noted(AWAY)
    assert 60_000 <= note.away < 60_000 + 5 * LOOK
    assert note.end == pytest.approx(SEEN + 2 * TICK + AFTER_TICK, abs=10 * LOOK)
    assert [(1, 1, 9_000_000)] == ends(one.said())


def test_asking_costs_the_cpu(bench):
    """The kernel lets another process run when it is asked: a switch like any other, seen at once."""
    one = bench("cpu 9000")
    one.clocks.away = [(SEEN + 2 * TICK + AFTER_TICK + LOOK // 2, 4_000_000, 1)]
    one.run()
    (note,) = one.noted(SWITCHED)
    assert 4_000_000 <= note.away < 4_000_000 + 10 * LOOK
    assert [] == one.noted(AWAY)
    assert [(1, 1, 9_000_000)] == ends(one.said())


def test_the_cpu_is_lost_in_the_rehearsal(bench, monkeypatch):
    """A tick may come just there; what others had the CPU for is no CPU time of the burst."""
    one = bench("cpu 500")
    rehearse = one.worker.rehearse

    def late(now, cpu):
        one.clocks.away = [(one.clocks.time, 4_000_000, 1)]
        rehearse(now, cpu)
        one.clocks.now()

    monkeypatch.setattr(one.worker, "rehearse", late)
    one.run()
    assert [(1, 1, 500_000)] == ends(one.said())
    (note,) = one.noted(SWITCHED)
    assert 4_000_000 <= note.away < 4_000_000 + 10 * LOOK


def test_which_worker_for_which_place(bench):
    """One that knows the ticks is discreet."""
    one = bench("cpu 500")
    for ticks, kind in (((TICK, SEEN), DiscreetWorker), (None, worker.Worker)):
        made = worker.worker_of(one.worker.place._replace(ticks=ticks), one.memory)
        os.close(made.nowhere)
        assert kind is type(made)
