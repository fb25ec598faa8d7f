"""Knife edges of mixes that nobody chose: what is said holds together, whatever parts two runs."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schedsim.edges import edges
from schedsim.observed import Overheads
from schedsim.testing import strategies

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
    assert set(found.jobs) == {name for event in found.events for name in event.jobs}
    assert sorted(found.jobs) == list(found.jobs)
    assert [event.time for event in found.events] == sorted(event.time for event in found.events)
    assert len({event.words for event in found.events}) == len(found.events)
    for event in found.events:
        assert event.words.startswith(f"at {event.time} ns: ")
        assert event.jobs
    for spread in found.spread:
        ends = [end for end in spread[1:] if end is not None]
        assert sorted(ends) == ends
        if spread.job in found.jobs and mix.until is None:
            assert ends[-1] - ends[0] > 4 * lateness
    if not lateness and not any(overheads):
        assert () == found.jobs
