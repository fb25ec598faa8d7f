"""On which level a job was when: found by running the same once more, for simulated and for recorded runs."""

from __future__ import annotations

import pytest
from hypothesis import given

import schedsim as ss
from schedsim.errors import UsageError
from schedsim.experiment import header_of, prepare
from schedsim.levels import Levels, levels_of, mix_of
from schedsim.operations import Cpu, Io
from schedsim.policies.mlfq import MultilevelFeedbackQueue
from schedsim.results import Run
from schedsim.testing.strategies import mixes
from schedsim.trace import Kind
from tests.simulations import BlindMachine, simulated

MS = 1_000_000


def in_ms(levels):
    """Return the changes of each job with instants in ms."""
    return [[(time / MS, level) for time, level in changes] for changes in levels.jobs]


def test_a_job_sinks_when_its_slice_is_used_up():
    """A runs 2 on level 0, 4 on level 1, and the rest on level 2; B ends on level 0."""
    run = ss.run([("A", 0, 7), ("B", 0, 2)], "mlfq", quanta="2/4/8")
    levels = levels_of(run)
    assert [[(0, 0), (2, 1), (8, 2)], [(0, 0)]] == in_ms(levels)
    assert ("level 0\nquantum 2", "level 1\nquantum 4", "level 2\nquantum 8") == levels.rows
    assert [0, 1, 1, 2] == [levels.at(0, time * MS) for time in (1, 2, 7, 8)]


def test_a_boost_lifts_all():
    """At 10 both are on level 0 again, the running one too."""
    run = ss.run([("A", 0, 12), ("B", 0, 12)], "mlfq", quanta="2/4/8", boost=10)
    for changes in in_ms(levels_of(run)):
        assert (10, 0) in changes
        assert (20, 0) in changes


def test_a_job_that_uses_its_slice_up_as_it_blocks():
    """The level changes when it blocks, long before it is dispatched again."""
    mix = [{"id": "A", "program": ["cpu 2", "io 6", "cpu 1"]}]
    run = ss.run(mix, "mlfq", quanta="2/4", conventions="ostep")
    assert [[(0, 0), (2, 1)]] == in_ms(levels_of(run))


def test_feedback_has_a_queue_more_for_each_quantum():
    """B of Stallings' mix ends in queue 5; the last quantum repeats."""
    levels = levels_of(ss.run("stallings-9.5", "feedback"))
    assert 6 == len(levels.rows)
    assert "queue 5\nquantum 1" == levels.rows[5]


def test_the_queues_of_mlq():
    """A job's priority names its queue, in which it stays."""
    levels = levels_of(ss.run("multilevel-queue"))
    assert ("priority 1\nrr quantum=2", "priority 2\nfcfs") == levels.rows
    assert all(len(changes) == 1 for changes in levels.jobs)
    plain = levels_of(ss.run([{"id": "A", "burst": 1, "priority": 7}, {"id": "B", "burst": 1}], "mlq"))
    assert ("priority 0\nrr quantum=4", "priority 7\nrr quantum=4") == plain.rows
    assert [1, 0] == [changes[0][1] for changes in plain.jobs]


class Sinking(ss.Policy):
    """Every slice costs a level."""

    def rank(self, task, queue):
        """Return the level."""
        del queue
        return task.level

    def slice(self, task, queue):
        """Return 2 ms."""
        del task, queue
        return ss.ms(2)

    def ran(self, task, ns, queue):
        """Go down a level."""
        del ns, queue
        task.level += 1


def test_a_policy_of_ones_own():
    """It has to be given; its levels are numbered."""
    run = ss.run([("A", 0, 5)], Sinking())
    assert [[(0, 0), (2, 1), (4, 2)]] == in_ms(levels_of(run, Sinking()))
    assert ("level 0", "level 1", "level 2") == levels_of(run, Sinking()).rows
    with pytest.raises(UsageError) as caught:
        levels_of(run)
    assert "Sinking did not come with schedsim; give the policy that was run, as in policy=Sinking()" == str(
        caught.value
    )


def test_another_policy_than_was_run_is_refused():
    """What comes of it is not the trace that is there."""
    run = ss.run([("A", 0, 5), ("B", 0, 5)], "mlfq", quanta="2/4")
    with pytest.raises(UsageError, match="running mix under rr again gives another schedule"):
        levels_of(run, ss.RoundRobin(quantum=ss.ms(3)))


def test_a_generator_has_to_be_given():
    """The trace does not hold its program; the mix does."""

    def program():
        yield Cpu(ss.ms(3))
        yield Io(ss.ms(1))
        yield Cpu(ss.ms(1))

    mix = ss.Mix((ss.Job("A", 0, program),))
    run = ss.run(mix, "mlfq")
    assert [[(0, 0), (2, 1)]] == in_ms(levels_of(run, mix=mix))
    with pytest.raises(UsageError, match="the trace does not hold the program of job 'A'; give the mix"):
        levels_of(run)


def test_a_run_that_was_not_recorded():
    """A real run without its recording is not repeated."""
    run = ss.run("first", "mlfq")
    run.trace.header = run.trace.header._replace(engine="real")
    with pytest.raises(UsageError, match="this real run was not recorded, so its levels are not known"):
        levels_of(run)


def test_a_recorded_real_run():
    """Its scheduler is told the same again: A is stopped late, and has used its first slice up all the same."""
    mix = ss.Mix((ss.Job("A", 0, (Cpu(25),)),), unit="ns")
    policy = MultilevelFeedbackQueue(quanta=(10, 20, 40))
    deliveries = (
        (0, (("Arrived", 0, (Cpu(25),)),)),
        (12, (("Stopped", 0, (1, 12, Kind.EXPIRED)),)),
        (26, (("Reached", 0, (2, 13, None, False)),)),
    )
    recording = ss.Recording(deliveries)
    header = header_of(mix, policy, None)._replace(engine="real")
    run = ss.RealRun(recording.replay(mix, policy, header), (), None, None, None, recording)
    assert 26 == run.jobs[0].finish
    assert (((0, 0), (12, 1)),) == levels_of(run).jobs


def test_the_mix_of_a_header():
    """All that a header holds of a mix comes back out of it."""
    mix = ss.load(
        {
            "cpus": 2,
            "degree": 3,
            "switch_cost": 0.5,
            "conventions": "ostep",
            "until": 40,
            "jobs": [
                {"id": "A", "program": ["cpu 3", "io 2 disk", "yield", "cpu 1"], "priority": 2, "tickets": 3}
            ],
        }
    )
    prepared, _, _ = prepare(mix, "rr", {})
    again = mix_of(ss.run(mix, "rr").trace.header)
    assert prepared._replace(policies=(), title="", source="") == again


@given(mixes())
def test_levels_are_those_of_every_event(mix):
    """However the scheduler looks ahead, the levels are those that it had event by event."""
    policy = MultilevelFeedbackQueue(boost=ss.ms(20))
    seen: list = []

    class Spied(MultilevelFeedbackQueue):
        """Notes the level whenever its slice is asked for, which is at each dispatch."""

        def slice(self, task, queue):
            """Note the level."""
            seen.append((queue.now, task.index, task.level))
            return super().slice(task, queue)

    simulated(mix, Spied(boost=ss.ms(20)), BlindMachine)
    levels = levels_of(Run(simulated(mix, policy)), policy, mix)
    assert isinstance(levels, Levels)
    for now, job, level in seen:
        assert level == levels.at(job, now)
