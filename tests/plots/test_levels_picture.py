"""The levels of a multilevel feedback queue: who is in which band when, moves, boosts, and counts of many jobs."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

import schedsim as ss
from schedsim.errors import UsageError
from schedsim.levels import levels_of
from schedsim.plots import style
from tests.plots.looking import bars, job_bars, legend, stairs, words
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


def greys(axes):
    """Return start, end, lane and shade of the strips, which are grey and of one height."""
    return [
        (bar.start, bar.end, round(bar.lane), bar.colour)
        for bar in bars(axes)
        if bar.height == 0.24 and bar.colour[1:3] == bar.colour[3:5] == bar.colour[5:7]
    ]


def test_many_jobs_have_one_lane_each():
    """Of 60 jobs each has its name, its slices in its colour, and below a strip that darkens as it sinks."""
    result = run("60", "mlfq")
    picture = result.plot("levels")
    (axes,) = picture.axes
    assert [job.id for job in result.jobs] == [text.get_text() for text in axes.get_yticklabels()]
    assert ["level 0, quantum 2", "level 1, quantum 4", "level 2, quantum 8"] == legend(picture)[-3:]
    for place in (0, 17, 59):
        slices = [(piece.start, piece.end) for piece in result.slices if piece.job == result.jobs[place].id]
        drawn = [bar[:2] for bar in job_bars(axes, place) if round(bar[2]) == place]
        assert slices == [(pytest.approx(start), pytest.approx(end)) for start, end in drawn]
    known = levels_of(result)
    shades = ["#E6E6E6", "#737373", "#000000"]
    for place, job in enumerate(result.jobs):
        strips = [
            (start, end, shades.index(colour)) for start, end, lane, colour in greys(axes) if lane == place
        ]
        assert strips[0][0] == pytest.approx(float(job.arrival))
        assert strips[-1][1] == pytest.approx(float(job.finish))
        assert [level for _, level in known.jobs[place]] == [level for *_, level in strips]


def test_a_job_that_is_not_admitted_is_on_no_level():
    """Its strip begins when it is admitted."""
    jobs = [(f"J{number}", 0, 2) for number in range(13)]
    picture = ss.run(
        {"degree": 1, "jobs": [{"id": name, "arrival": at, "burst": burst} for name, at, burst in jobs]},
        "mlfq",
    ).plot("levels")
    assert [(2 * place, 2 * place + 2, place) for place in range(13)] == [
        strip[:3] for strip in greys(picture.axes[0])
    ]


def test_more_jobs_are_counted():
    """How many were on each level is stacked; title, sentence and words say so."""
    picture = run("1000", "mlfq").plot("levels")
    (axes,) = picture.axes
    assert ["level 0, quantum 2", "level 1, quantum 4", "level 2, quantum 8"] == legend(picture)
    said = " ".join(words(picture))
    assert "1,000 jobs are too many for a lane each: this is how many jobs were on each level" in said
    assert "generated-3 under mlfq: how many jobs were on each level" in said
    assert picture.alt_text.startswith("Number of jobs on each level over time of generated-3 under mlfq")
    tops, edges = stairs(axes)[-1]
    there = sum(top * (stop - start) for top, start, stop in zip(tops, edges, edges[1:], strict=False))
    assert there == pytest.approx(sum(job.turnaround for job in run("1000", "mlfq").jobs))


def test_more_levels_than_shades_are_one():
    """Only the lowest ones; nobody is lost."""
    picture = run("1000", "feedback").plot("levels")
    assert 8 == len(legend(picture))
    assert legend(picture)[-1].startswith("queue 7 to queue ")
    tops, edges = stairs(picture.axes[0])[-1]
    there = sum(top * (stop - start) for top, start, stop in zip(tops, edges, edges[1:], strict=False))
    assert there == pytest.approx(sum(job.turnaround for job in run("1000", "feedback").jobs))


def test_a_part_of_many_jobs_has_lanes():
    """A span in which few jobs are there shows them one by one, and says how many it leaves out."""
    picture = run("1000", "mlfq").plot("levels", span=(0, 20))
    said = " ".join(words(picture))
    assert "too many" not in said
    assert "997 jobs that are not there in this part of the time are left out." in said
    assert "io_bump=false from 0 to 20 ms: " in picture.alt_text


def test_how_far_down_is_said():
    """Who stayed where it began did not get down."""
    sinking = ss.run(TWO, "mlfq", quanta="2/4/8").plot("levels")
    assert "1 job stayed on level 0, 1 job got down to level 2" in sinking.alt_text
    queues = ss.run("multilevel-queue").plot("levels")
    assert "got down" not in queues.alt_text


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
