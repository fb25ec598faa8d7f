"""The recorded inputs of a run, fed to a new scheduler, give the same decisions: it is one scheduler for all engines."""

from __future__ import annotations

from hypothesis import given, settings

from schedsim.operations import Unasked
from schedsim.scheduler.core import Scheduler
from schedsim.scheduler.inputs import Closed, WokenAt
from schedsim.scheduler.task import Task
from schedsim.testing import RecordingMachine, assert_same_trace, strategies
from tests.simulations import BlindMachine, scheduler_for, simulated


def recorded(mix, policy):
    """Return the trace of a run, and everything that was delivered: pairs of the instant and the batch."""
    deliveries = []

    class Recorded(Scheduler):
        """A scheduler that writes down what it is told."""

        def deliver(self, now, batch):
            deliveries.append((now, tuple(batch)))
            super().deliver(now, batch)

    return simulated(mix, policy, BlindMachine, Recorded), deliveries


def replayed(mix, policy, deliveries):
    """Return the trace of a new scheduler that is told the same about new tasks, and the machine it gave orders to."""
    machine = RecordingMachine()
    return replay(mix, policy, deliveries, machine), machine


def replay(mix, policy, deliveries, machine):
    """Return the trace of a new scheduler that is told the same about new tasks, and gives orders to ``machine``."""
    scheduler = scheduler_for(mix, policy, machine)
    tasks = [Task(index, job) for index, job in enumerate(mix.jobs)]
    for now, batch in deliveries:
        inputs = []
        for item in batch:
            if isinstance(item, WokenAt | Closed):
                inputs.append(item)
                continue
            task = tasks[item.task.index]
            if hasattr(item, "operation") and item.operation != Unasked():  # the task's program has moved on
                assert item.operation == task.advance()
            inputs.append(item._replace(task=task))
        scheduler.deliver(now, inputs)
    return scheduler.trace


@settings(max_examples=300)
@given(strategies.runs(until=True, generators=True))
def test_recorded_inputs_give_the_same_decisions(run):
    """Nothing but the inputs decides: not the machine, not its clock, not the tasks of the first run."""
    mix, policy = run
    trace, deliveries = recorded(mix, policy)
    again, _ = replayed(mix, policy, deliveries)
    assert_same_trace(trace, again)


@settings(max_examples=100)
@given(strategies.runs("rr", "mlfq", "srtf"))
def test_a_recording_played_twice_gives_the_same_orders(run):
    """The orders that go out are the same, too: to whom, on which CPU, from when and for how long."""
    mix, policy = run
    deliveries = recorded(mix, policy)[1]
    first, second = (replayed(mix, policy, deliveries)[1] for _ in range(2))
    assert first.orders == second.orders
    assert first.orders
