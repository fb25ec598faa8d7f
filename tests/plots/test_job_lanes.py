"""The Gantt chart by job: ready, running and blocked can be told apart, arrivals and deadlines are marked."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

import schedsim as ss
from schedsim.plots import style
from tests.plots.looking import bars, job_bars, legend, marks, stairs, words
from tests.plots.mixes import AWKWARD, run

pytestmark = pytest.mark.slow

MIX = [
    {"id": "A", "arrival": 0, "program": ["cpu 3", "io 4", "cpu 2"]},
    {"id": "B", "arrival": 1, "burst": 5},
]


def test_the_three_states():
    """A bar in the job's colour where it runs, a thin one where it is ready, a hatched one where it is blocked."""
    (axes,) = ss.run(MIX, "rr", quantum=2).plot("jobs").axes
    # A runs 0-2, B 2-4, A 4-5 and goes into I/O until 9, B 5-7 and 7-8, A 9-11.
    assert [(0, 2, 0), (4, 5, 0), (9, 11, 0)] == job_bars(axes, 0)
    assert [(2, 4, 1), (5, 7, 1), (7, 8, 1)] == job_bars(axes, 1)
    assert [(5, 9)] == [(bar.start, bar.end) for bar in bars(axes) if bar.hatch == "xxxxx"]
    ready = [(bar.start, bar.end, bar.lane) for bar in bars(axes, colour=style.PALE)]
    assert [(1, 2, 1), (2, 4, 0), (4, 5, 1)] == ready
    assert ["runs (in the job's colour)", "ready, waits for a CPU", "blocked, in I/O", "arrives"] == legend(
        axes.figure
    )


def test_bars_are_at_their_times():
    """Every slice of a job is in its lane, at its time."""
    result = ss.run("first", "rr", quantum=2)
    (axes,) = result.plot("jobs").axes
    for number, job in enumerate(result.jobs):
        slices = [(piece.start, piece.end, number) for piece in result.slices if piece.job == job.id]
        assert slices == job_bars(axes, number)


def test_context_switches_and_admission():
    """A switch is dark, and a job that is not admitted yet has a dashed lane of its own kind."""
    picture = ss.run(AWKWARD, "rr", quantum=4).plot("jobs")
    (axes,) = picture.axes
    dark = bars(axes, colour=style.SWITCHING)
    result = ss.run(AWKWARD, "rr", quantum=4)
    assert round(result.system["switching"], 6) == round(sum(bar.end - bar.start for bar in dark), 6)
    (held,) = [bar for bar in bars(axes, colour="none") if bar.lane == 3]
    assert (2, result.jobs[2].finish) == (held.start, held.end)
    assert {"context switch", "not admitted yet", "deadline", "deadline, missed"} <= set(legend(picture))


def test_arrivals_and_deadlines():
    """A triangle above the lane at the arrival; a line at a deadline, a cross at one that was missed."""
    (axes,) = ss.run(AWKWARD, "rr", quantum=4).plot("jobs").axes
    assert [(0, 0), (1, 1), (1, 2), (2, 3)] == [(x, round(y + 0.42)) for x, y in marks(axes, "v")]
    assert [(20, 0)] == marks(axes, "|")[:1]
    assert [(13, 1)] == marks(axes, "x")


def test_the_turnaround_stands_beside_the_lane():
    """It is the number of the table; a job that did not finish has its state there."""
    result = ss.run("first", "rr", quantum=2)
    shown = words(result.plot("jobs"))
    assert "turnaround" in shown
    assert {str(job.turnaround) for job in result.jobs} <= set(shown)
    cut = ss.run([("A", 0, 4), ("B", 0, 4)], "fcfs", until=5)
    assert {"4", "running"} <= set(words(cut.plot("jobs")))


def test_several_cpus_are_numbered():
    """The bars of a job say on which CPU it ran."""
    picture = run("two-cpus").plot("jobs")
    assert {"0", "1"} <= {text.get_text() for text in picture.axes[0].texts}
    assert "The number in a bar is that of the CPU." in words(picture)


def test_sixty_jobs_have_a_lane_each():
    """All names are there, and the letters get smaller."""
    picture = run("60").plot("jobs")
    (axes,) = picture.axes
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert [f"J{number}" for number in range(1, 61)] == names
    assert {7.0} == {text.get_fontsize() for text in axes.get_yticklabels()}


def test_a_thousand_jobs_are_counted():
    """How many jobs were in each state is drawn instead, and a sentence says so."""
    result = run("1000")
    picture = result.plot("jobs")
    (axes,) = picture.axes
    assert ["running", "ready"] == legend(picture)
    assert "1,000 jobs are too many for a lane each" in " ".join(words(picture))
    running, edges = stairs(axes)[0]
    end = result.system["makespan"]
    mean = sum(running) / len(running)
    assert abs(mean - result.system["utilization"]) < 1e-6
    assert (0, end) == (edges[0], edges[-1])
    both, _ = stairs(axes)[1]
    ready = sum(both) / len(both) - mean
    assert abs(ready - sum(job.waiting for job in result.jobs) / end) < 1e-6


def test_few_jobs_with_too_many_pieces_are_counted():
    """And it is the pieces that are said to be too many."""
    picture = ss.run([("A", 0, 4000), ("B", 0, 4000)], "rr", quantum=1, notes=False).plot("jobs")
    said = " ".join(words(picture))
    assert "pieces are too many to draw each: this is how many jobs were in each state" in said
    assert "mix under rr, quantum=1: how many jobs were in each state" in said
    assert picture.alt_text.startswith("Number of jobs in each state over time of mix under rr")


def test_deadlines_after_the_end_are_said():
    """They cannot be marked; and the words say who missed one."""
    picture = ss.run(
        {
            "jobs": [
                {"id": "A", "arrival": 0, "burst": 4, "deadline": 3},
                {"id": "B", "arrival": 0, "burst": 4, "deadline": 30},
            ]
        },
        "edf",
    ).plot("jobs")
    assert "1 deadline is after the end." in words(picture)
    assert picture.alt_text.endswith("; deadlines missed: A")


def test_a_part_leaves_out_who_is_not_there():
    """Only the jobs of that part have a lane, and a sentence counts the others."""
    picture = run("1000").plot("jobs", span=(400, 500))
    (axes,) = picture.axes
    assert len(axes.get_yticklabels()) < 100
    assert "that are not there in this part of the time are left out." in " ".join(words(picture))


def test_it_draws_on_axes_that_are_given():
    """The column of numbers is left out, since there may be no room for it."""
    axes = Figure(figsize=(6, 3)).subplots()
    assert axes is run("5").plot("jobs", ax=axes)
    assert "turnaround" not in words(axes)


def test_waits_for_others_and_zombies():
    """Blocked by another job is hatched upright, a zombie is dotted; neither is taken for I/O."""
    (axes,) = ss.run("parent-and-children", "rr", quantum=2).plot("jobs").axes
    assert [(2, 15, 0)] == [(bar.start, bar.end, bar.lane) for bar in bars(axes) if bar.hatch == "||||"]
    assert [(6, 15, 2), (11, 15, 3)] == [
        (bar.start, bar.end, bar.lane) for bar in bars(axes) if bar.hatch == "...."
    ]
    assert [(10, 13, 1)] == [(bar.start, bar.end, bar.lane) for bar in bars(axes) if bar.hatch == "xxxxx"]
    assert {"blocked, in I/O", "blocked by another job", "zombie, until it is reaped"} < set(
        legend(axes.figure)
    )


def test_many_that_wait_for_one_are_counted():
    """Two hundred jobs that want one lock: most of them are blocked by another job."""
    jobs = [
        {"id": f"J{place}", "program": ["cpu 1", "lock m", "io 3", "cpu 1", "unlock m"]}
        for place in range(200)
    ]
    (axes,) = ss.run(jobs, "fcfs").plot("jobs").axes
    assert "blocked by another job" in legend(axes.figure)


def test_who_never_came_has_no_arrival():
    """Its parent was killed before it spawned it: no lane, and no mark."""
    made = [
        {"id": "K", "program": ["cpu 1", "kill P", "cpu 1"]},
        {"id": "P", "program": ["cpu 5", "spawn C"]},
        {"id": "C", "burst": 1},
    ]
    result = ss.run(made, "fcfs")
    (axes,) = result.plot("jobs").axes
    assert ["K", "P"] == [label.get_text() for label in axes.get_yticklabels()]
    assert "killed" in words(axes)
