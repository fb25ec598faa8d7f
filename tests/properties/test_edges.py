"""Knife edges of mixes that nobody chose: what is said holds together, whatever parts two runs."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from schedsim.edges import _trace, edges
from schedsim.engines.overheads import MeasuredMachine
from schedsim.engines.simulated import run_on, simulate
from schedsim.observed import Observed, Overheads
from schedsim.orders import completions, dispatches
from schedsim.policies.options import make_policy
from schedsim.testing import strategies, together

COSTS = st.tuples(*[st.integers(0, 3)] * len(Overheads._fields)).map(lambda costs: Overheads(*costs))


@pytest.mark.slow
@settings(max_examples=150)
@given(strategies.runs(switch_cost=False, most_cpus=2, until=True, longest=30), COSTS, st.integers(0, 3))
def test_what_is_said_holds_together(run, overheads, lateness):
    """Jobs on an edge have an event that names a time, and moved; the calibrated run lies between its trials."""
    mix, policy = run
    # Or the task that is dispatched is preempted before it has computed, again and again.
    assume(not 0 < getattr(policy, "ageing", 0) <= 2 * max(overheads) + lateness)
    found = edges(mix, policy, overheads, lateness, trials=6)
    names = [job.id for job in mix.jobs]
    assert names == [spread.job for spread in found.spread]
    assert set(found.jobs) == {name for edge in found.events for name in edge.jobs}
    assert set(found.unordered) == {name for edge in found.events for name in edge.unordered}
    for named in (found.jobs, found.unordered):
        assert sorted(named) == list(named)
    if mix.cpus > 1:
        assert () == found.unordered
    assert [edge.time for edge in found.events] == sorted(edge.time for edge in found.events)
    assert len({edge.words for edge in found.events}) == len(found.events)
    for edge in found.events:
        assert edge.words.startswith(f"at {edge.time} ns: ")
        assert edge.jobs or edge.unordered
    for spread in found.spread:
        ends = [end for end in spread[1:] if end is not None]
        assert sorted(ends) == ends
        if spread.job in found.jobs and mix.until is None:
            assert ends[-1] - ends[0] > 4 * lateness
    if not lateness and not any(overheads):
        assert () == found.events


class WobblyMachine(MeasuredMachine):
    """A machine on which every CPU burst, every I/O and every arrival is a little longer or shorter, or late, than it should.

    It knows nothing of how knife edges are looked for.
    """

    def __init__(self, mix, overheads, deviations):
        """Take the deviations one after the other, again and again."""
        self.deviations = itertools.cycle(deviations)
        # Jobs that are due at one instant come together, whenever that is.
        due = sorted({job.arrival for job in mix.jobs} - {0})
        comes = {0: 0, **{time: max(0, time + next(self.deviations)) for time in due}}
        releases = tuple((index, comes[job.arrival]) for index, job in enumerate(mix.jobs))
        super().__init__(mix.jobs, mix.until, mix.cpus, overheads, Observed(releases=releases))

    def _sleeps(self, task, operation):
        return max(1, super()._sleeps(task, operation) + next(self.deviations))

    def _at(self, time, callback, value):
        if callback == self._comes_to_an_end:
            task, _, runs, _ = value
            if runs == task.left + task.processor.charged:  # the burst ends, and not only a slice
                time = max(self.scheduler.now + 1, time + next(self.deviations))
        super()._at(time, callback, value)


MOST = 30
"""By so much (nanoseconds) a burst is longer or shorter, of up to 4,000."""
NAMED_WITHIN = 4 * MOST
"""The lateness by which knife edges are looked for: of a few deviations none adds up to more."""
SMALL_COSTS = Overheads(completion=20, preemption=5, arrival=15, wake=5, stop=150, overrun=40)
ALGOS = {
    "fcfs": {},
    "sjf": {},
    "srtf": {},
    "rr": {"quantum": 1_500},
    "priority": {"preemptive": True},
    "mlfq": {"quanta": "700/1400/2800"},
}


def tried(mix, policy, deviations):
    """Return what of the order of a run is not as it would be without ``deviations``, and named as an edge by nobody."""
    found = edges(mix, policy, SMALL_COSTS, NAMED_WITHIN)
    calibrated = simulate(mix, policy, _trace(mix), overheads=SMALL_COSTS)
    wobbly = run_on(WobblyMachine(mix, SMALL_COSTS, deviations), mix, policy, _trace(mix))
    named = {*found.jobs, *found.unordered}
    return named, [
        (order(calibrated, named), order(wobbly, named))
        for order in (dispatches, completions)
        if order(calibrated, named) != order(wobbly, named)
    ]


@pytest.mark.slow
@settings(max_examples=300)
@given(
    together.mixes_together(
        most_jobs=4, most_cpus=1, longest=4_000, latest=8_000, switch_cost=False, degree=False, grace=False
    ).filter(lambda mix: mix.conventions == "textbook"),
    st.sampled_from(sorted(ALGOS)),
    st.lists(st.integers(-MOST, MOST), min_size=1, max_size=24),
)
def test_order_is_kept_outside_the_edges_that_are_named(mix, algo, deviations):
    """Of jobs with mutexes, queues, children and I/O: whatever deviates by a little, who is on no edge has its place."""
    policy = make_policy(algo, ALGOS[algo], "ns")
    named, differs = tried(mix, policy, deviations)
    event(f"{len(named)} of {len(mix.jobs)} jobs are named")
    assert [] == differs
