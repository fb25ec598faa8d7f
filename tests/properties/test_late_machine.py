"""A machine whose stops come late, as real ones do: no CPU is lost, and every job gets all its CPU time."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schedsim.engines.simulated import SimulatedMachine
from schedsim.jobs import Job, Mix
from schedsim.metrics import job_metrics
from schedsim.operations import Cpu, Yield
from schedsim.policies.options import make_policy
from schedsim.scheduler.inputs import Stopped
from schedsim.testing import strategies
from schedsim.trace import Kind
from schedsim.validate import validate
from tests.simulations import scheduler_for, show


class LateMachine(SimulatedMachine):
    """Stops take effect some time after they were asked for, and are reported also when they came too late."""

    delays: list[int]

    def quiet_until(self):
        """Promise nothing."""
        return 0

    def stop(self, task, cpu, order):
        """Stop it later."""
        del cpu
        delay = self.delays.pop() if self.delays else 1
        began = self.scheduler.now if task.processor is None else task.processor.begins
        self._at(max(self.scheduler.now, began) + delay, self._late, (task, order))

    def _late(self, event):
        task, order = event.value
        processor = task.processor
        current = processor is not None and processor.order == order
        ran = int(self.environment.now) - processor.begins if current else 0
        self.inbox.append(Stopped(task, order, ran, Kind.PREEMPTED))


def late(mix, policy, delays):
    """Return the trace of a run in which the stops come as late as ``delays`` says, the last one first."""
    machine = LateMachine(mix.jobs, mix.until)
    machine.delays = list(delays)
    scheduler = scheduler_for(mix, policy, machine)
    scheduler.trace.header = scheduler.trace.header._replace(engine="real")
    machine.run(scheduler)
    return scheduler.trace


def test_a_burst_that_ends_while_a_stop_is_under_way():
    """A is asked to stop at 3 and comes to its next burst at 4: there it stands, and B is better."""
    # CPU 0  A A A A B A A
    #        0     3 4
    mix = Mix((Job("A", 0, (Cpu(4), Cpu(2)), priority=2), Job("B", 3, (Cpu(1),), priority=1)), unit="ns")
    trace = late(mix, make_policy("priority", {"preemptive": True}, "ns"), [2])
    assert ["4 preempted A 0 4", "4 dispatched B 0 -1"] == show(trace).splitlines()[3:5]
    assert [6, 1] == [job.cpu for job in job_metrics(trace)]


def test_a_yield_that_comes_while_a_stop_is_under_way():
    """The same where A comes to a yield."""
    mix = Mix(
        (Job("A", 0, (Cpu(4), Yield(), Cpu(2)), priority=2), Job("B", 3, (Cpu(1),), priority=1)), unit="ns"
    )
    trace = late(mix, make_policy("priority", {"preemptive": True}, "ns"), [2])
    assert [6, 1] == [job.cpu for job in job_metrics(trace)]


@settings(max_examples=300)
@given(
    strategies.runs("srtf", "priority", "priority-rr", "mlfq", "mlq", generators=True, latest=8, most_cpus=2),
    st.lists(st.integers(0, 4), max_size=20),
)
def test_late_stops_lose_nothing(run, delays):
    """Whatever comes first, the stop or the end of the burst or of the slice: every job ends, with all its CPU time."""
    mix, policy = run
    assume(
        not 0 < getattr(policy, "ageing", 0) <= mix.switch_cost + 4
    )  # or the delays alone outlast the ageing
    trace = late(mix, policy, delays)
    validate(trace)
    for job, result in zip(mix.jobs, job_metrics(trace), strict=True):
        steps = job.program if isinstance(job.program, tuple) else tuple(job.program())
        assert "terminated" == result.state
        assert sum(step.ns for step in steps if isinstance(step, Cpu)) == result.cpu
