"""The levels of a multilevel feedback queue: who is in which band when, moves, boosts, and counts of many jobs."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

import schedsim as ss
from schedsim.errors import UsageError
from schedsim.plots import style
from tests.plots.looking import job_bars, legend, stairs, words
from tests.plots.mixes import mix, run

pytestmark = pytest.mark.slow

TWO = [("A", 0, 7), ("B", 0, 2)]


def bands(axes, job, jobs):
    """Return start, end and level of a job's bars, from the lane that each is in."""
    step = jobs + 0.9
    return [(start, end, int(lane // step)) for start, end, lane in job_bars(axes, job)]


def test_a_job_sinks():
    """A runs 0-2 on level 0, 4-8 on level 1, and the rest on level 2."""
    (axes,) = ss.run(TWO, "mlfq", quanta="2/4/8").plot("levels").axes
    assert [(0, 2, 0), (4, 8, 1), (8, 9, 2)] == bands(axes, 0, 2)
    assert [(2, 4, 0)] == bands(axes, 1, 2)


def test_levels_are_named_with_their_quanta():
    """The best one is above."""
    (axes,) = ss.run(TWO, "mlfq", quanta="2/4/8").plot("levels").axes
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert ["level 0\nquantum 2", "level 1\nquantum 4", "level 2\nquantum 8"] == names
    low, high = axes.get_ylim()
    assert low > high


def test_boosts_are_marked():
    """A dashed line at each, and an entry of the legend."""
    picture = ss.run([("A", 0, 12), ("B", 0, 12)], "mlfq", boost=10).plot("levels")
    lines = [line.get_xdata()[0] for line in picture.axes[0].get_lines() if line.get_color() == style.LATE]
    assert [10, 20] == lines
    assert "boost" in legend(picture)


def test_the_jobs_are_named():
    """In the legend, in the order of their lanes; in bars that have room."""
    picture = ss.run(TWO, "mlfq", quanta="2/4/8").plot("levels")
    assert ["A", "B"] == legend(picture)[-2:]
    assert {"A", "B"} <= {text.get_text() for text in picture.axes[0].texts}


def test_many_jobs_are_counted():
    """How many were on each level is stacked, and a sentence says so."""
    picture = run("60", "mlfq").plot("levels")
    (axes,) = picture.axes
    assert ["level 0, quantum 2", "level 1, quantum 4", "level 2, quantum 8"] == legend(picture)
    assert "60 jobs are too many for lanes" in " ".join(words(picture))
    tops, edges = stairs(axes)[-1]
    there = sum(top * (stop - start) for top, start, stop in zip(tops, edges, edges[1:], strict=False))
    assert there == pytest.approx(sum(job.turnaround for job in run("60", "mlfq").jobs))


def test_a_part_of_many_jobs_has_lanes():
    """A span in which few jobs are there shows them one by one."""
    picture = run("60", "mlfq").plot("levels", span=(0, 20))
    assert "60 jobs are too many" not in " ".join(words(picture))


def test_queues_of_other_policies():
    """Feedback has queues without end, mlq one for each priority."""
    feedback = ss.run("stallings-9.5", "feedback").plot("levels")
    assert "queue 5\nquantum 1" in words(feedback)
    several = ss.run("multilevel-queue").plot("levels")
    assert {"priority 1\nrr quantum=2", "priority 2\nfcfs"} <= set(words(several))


def test_a_policy_without_levels_is_refused():
    """And those that have some are named."""
    with pytest.raises(UsageError) as caught:
        run("5").plot("levels")
    assert "rr has no levels to draw; policies with levels are mlfq, feedback and mlq" == str(caught.value)


def test_it_draws_on_axes_that_are_given():
    """The very axes come back."""
    axes = Figure(figsize=(8, 5)).subplots()
    result = ss.run(mix("5"), "mlfq")
    assert axes is result.plot("levels", ax=axes)
