"""How far a task is in its burst and its slice, by what its worker wrote."""

from __future__ import annotations

import pytest

from schedsim.engines.real import records
from schedsim.engines.real.bursts import Bursts
from schedsim.experiment import load_mix
from schedsim.scheduler.processor import Processor
from schedsim.scheduler.task import Task


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
def test_what_is_left_of_a_slice(progress, now, left):
    """A slice of 10 that began at 1000: over when 10 were used, and when 10 have passed."""
    memory = memoryview(bytearray(8 * records.SLOT)).cast("q")
    bursts = Bursts(1, memory)
    task = Task(0, load_mix([("A", 0, 50)]).jobs[0])
    task.processor = Processor(0)
    task.processor.begins = 1000
    memory[records.BURST], memory[records.PROGRESS] = 1, progress
    bursts.begin(task, 7, 10, 1000)
    assert left == bursts.left_of_slice(task, now)
