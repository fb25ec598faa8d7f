"""A machine whose processes die at any time, as real ones may: the dead are lost, and nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedsim.metrics import job_metrics, system_metrics
from schedsim.operations import Cpu
from schedsim.scheduler.core import Scheduler
from schedsim.scheduler.inputs import Arrived, Failed
from schedsim.testing import strategies
from schedsim.timeline import timeline
from schedsim.trace import Kind
from schedsim.validate import validate
from tests.simulations import BlindMachine, scheduler_for


class FailingMachine(BlindMachine):
    """A machine that knows when which process dies; the ends of what it did are still reported."""

    def __init__(self, jobs, until):
        """Start with no deaths."""
        super().__init__(jobs, until)
        self.tasks = {}
        """The tasks that have arrived, by index."""

    def die_at(self, time, index):
        """Let the process of the job at place ``index`` die at ``time``, if it has arrived by then."""
        self._at(time, self._die, index)

    def _die(self, event):
        task = self.tasks.get(event.value)
        if task is not None:
            running = task.processor
            ran = 0 if running is None else int(self.environment.now) - running.begins
            self.inbox.append(Failed(task, ran))


class Acquainted(Scheduler):
    """A scheduler that makes its machine acquainted with the tasks that arrive."""

    machine: FailingMachine

    def deliver(self, now, batch):
        """Look at the batch, then take it in."""
        self.machine.tasks.update({item.task.index: item.task for item in batch if isinstance(item, Arrived)})
        super().deliver(now, batch)


def failing(mix, policy, deaths):
    """Return the trace of a run in which processes die: pairs of the instant and the place in the mix."""
    machine = FailingMachine(mix.jobs, mix.until)
    scheduler = scheduler_for(mix, policy, machine, Acquainted)
    scheduler.trace.header = scheduler.trace.header._replace(engine="real")
    for time, index in deaths:
        machine.die_at(time, index % len(mix.jobs))
    machine.run(scheduler)
    return scheduler.trace


@pytest.mark.slow
@settings(max_examples=300)
@given(
    strategies.runs(switch_cost=False, generators=True, latest=8),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 4)), max_size=4),
)
def test_the_dead_take_nobody_with_them(run, deaths):
    """Every other job ends, with all its CPU time; a dead one has no finish and does not count as finished."""
    mix, policy = run
    trace = failing(mix, policy, deaths)
    validate(trace)
    doomed = {index % len(mix.jobs) for _, index in deaths}
    dead = {row.task for row in trace if row.kind is Kind.FAILED}
    assert dead <= doomed
    for index, (job, result) in enumerate(zip(mix.jobs, job_metrics(trace), strict=True)):
        steps = job.program if isinstance(job.program, tuple) else tuple(job.program())
        asked = sum(step.ns for step in steps if isinstance(step, Cpu))
        if index in dead:
            assert ("failed", None, None) == (result.state, result.finish, result.turnaround)
            assert result.cpu <= asked
        else:
            assert ("terminated", asked) == (result.state, result.cpu)
    system = system_metrics(trace)
    assert mix.cpus * system.makespan == system.busy + system.idle
    assert system.idle >= 0
    assert system.makespan == timeline(trace).end
