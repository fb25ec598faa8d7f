"""Simulated beside measured: lanes above one another, a point for each job, errors, and all of it in one figure."""

from __future__ import annotations

from itertools import pairwise

import pytest
from matplotlib.figure import Figure

import schedsim as ss
from schedsim import plots
from schedsim.errors import UsageError
from tests.plots.looking import bars, job_bars, legend, words
from tests.plots.mixes import measured, mix, run

pytestmark = pytest.mark.slow


def points(axes):
    """Return the points of a scatter, and whether each is filled."""
    return sorted(
        (float(x), float(y), line.get_markerfacecolor() != "white")
        for line in axes.get_lines()
        if line.get_linestyle() == "None"
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    )


def test_the_lanes_of_the_cpu():
    """The simulated lane is above, the measured one below, on one time axis."""
    simulated, found = run("5"), measured("5")
    (axes,) = plots.measured_lanes(simulated, found).axes
    assert ["simulated", "measured"] == [text.get_text() for text in axes.get_yticklabels()]
    # Slices that follow one another are drawn as one.
    joined = [[start / 1e6, end / 1e6] for job, _, start, end in found.joined_slices() if job == "A"]
    assert joined == [[start, end] for start, end, lane in job_bars(axes, 0) if lane == 1]
    assert [(0, 4), (13, 15)] == [(start, end) for start, end, lane in job_bars(axes, 0) if lane == 0]
    assert axes.get_xlim()[1] == found.system["makespan"]


def test_the_lanes_of_the_jobs():
    """Each job has two lanes, named."""
    (axes,) = plots.measured_lanes(run("two-cpus"), measured("two-cpus"), by="job").axes
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert ["short-1  simulated", "short-1  measured"] == names[:2]
    assert 10 == len(names)


def test_too_many_slices_are_counted():
    """How many jobs were there is drawn instead, and a sentence says so."""
    picture = plots.measured_lanes(run("1000"), measured("1000"))
    assert [] == bars(picture.axes[0])
    assert ["simulated", "measured"] == legend(picture)
    assert "There is too much for lanes" in " ".join(words(picture))


def test_sixty_jobs_have_lanes():
    """By CPU in several rows with names in nearly all bars, by job with a lane for each."""
    simulated, found = run("60"), measured("60")
    picture = plots.measured_lanes(simulated, found)
    assert "The time goes on from row to row." in words(picture)
    assert picture.alt_text.startswith(
        "Lanes of each CPU above one another of what was simulated and measured"
    )
    limits = [axes.get_xlim() for axes in picture.axes]
    assert 0 == limits[0][0]
    assert all(before[1] == after[0] for before, after in pairwise(limits))
    named = sum(len(axes.texts) for axes in picture.axes)
    slices = sum(len(list(each.joined_slices())) for each in (simulated, found))
    assert named > 0.8 * slices
    (axes,) = plots.measured_lanes(simulated, found, by="job").axes
    assert 120 == len(axes.get_yticklabels())


def test_the_words_say_what_is_drawn():
    """Curves are not called lanes."""
    simulated, found = run("1000"), measured("1000")
    assert plots.measured_lanes(simulated, found).alt_text.startswith("Number of jobs over time of what was")
    both = plots.crosscheck_figure({"ideal": simulated}, [found]).alt_text
    assert both.startswith(
        "Number of jobs over time, and below a scatter plot of the turnaround measured in 1 run"
    )


def test_the_scatter():
    """A point for each job at what was simulated and measured, filled within the band."""
    simulated, found = run("two-cpus"), measured("two-cpus")
    scatter, errors = plots.measured_scatter(simulated, found, band=0.02).axes
    expected = sorted(
        (one.turnaround, other.turnaround, abs(other.turnaround / one.turnaround - 1) <= 0.02)
        for one, other in zip(simulated.jobs, found.jobs, strict=True)
    )
    assert expected == points(scatter)
    assert {True, False} == {filled for *_, filled in expected}
    assert scatter.get_xlim() == scatter.get_ylim()
    shares = [
        100 * (other.turnaround / one.turnaround - 1)
        for one, other in zip(simulated.jobs, found.jobs, strict=True)
    ]
    assert shares == pytest.approx([x for x, *_ in sorted(points(errors), key=lambda point: point[1])])


def test_the_line_of_equality_and_the_band():
    """The line goes from corner to corner; the legend counts who is within."""
    picture = plots.measured_scatter(run("two-cpus"), measured("two-cpus"), band=0.02)
    scatter = picture.axes[0]
    line = scatter.get_lines()[0]
    assert list(line.get_xdata()) == list(line.get_ydata())
    assert ["equal", "within 2 %", "within (3)", "outside (2)"] == legend(picture)
    assert "3 of 5 jobs within 2 %" in picture.alt_text


def test_without_a_band():
    """No job is called equal or not."""
    picture = plots.measured_scatter(run("5"), measured("5"))
    assert ["equal", "a job (5)"] == legend(picture)


def test_several_measured_runs():
    """A point is the median, with a line from the least to the greatest."""
    found = [measured("two-cpus", number) for number in range(3)]
    picture = plots.measured_scatter(run("two-cpus"), found, metric="turnaround")
    times = sorted(each.jobs[0].turnaround for each in found)
    assert times[1] in {y for _, y, _ in points(picture.axes[0])}
    assert "A point is the median of the measured runs, its line from the least to the greatest." in words(
        picture
    )


def test_another_metric():
    """Waiting and response, too; nothing else."""
    scatter = plots.measured_scatter(run("5"), measured("5"), metric="waiting").axes[0]
    assert "simulated waiting (ms)" == scatter.get_xlabel()
    with pytest.raises(UsageError, match="there is no metric 'wating'; did you mean 'waiting'"):
        plots.measured_scatter(run("5"), measured("5"), metric="wating")


def test_many_errors_are_counted():
    """Beyond 40 jobs a histogram takes the place of the points, and those far out are counted at its ends."""
    picture = plots.measured_scatter(run("1000"), measured("1000"), band=0.05)
    assert "how many jobs have which error" == picture.axes[1].get_title(loc="left")
    assert "are counted at the ends." in " ".join(words(picture))


def test_a_job_that_did_not_finish_is_left_out():
    """A sentence says of how many."""
    cut = ss.run(mix("5"), "rr", quantum=4, until=9, notes=False)
    picture = plots.measured_scatter(run("5"), cut)
    assert "Over the 1 of 5 jobs that finished in all runs." in words(picture)


def test_a_crosscheck():
    """The lanes of every prediction and of the median measured run, a scatter and the errors."""
    found = [measured("two-cpus", number) for number in range(3)]
    exact = ss.run(mix("two-cpus"), "rr", quantum=4, switch_cost=0.05, notes=False)
    picture = plots.crosscheck_figure({"ideal": run("two-cpus"), "calibrated": exact}, found, band=0.03)
    lanes, scatter, errors = picture.axes
    names = [text.get_text() for text in lanes.get_yticklabels()]
    assert ["CPU 0  ideal", "CPU 0  calibrated", "CPU 0  measured (median of 3)"] == names[:3]
    assert 10 == len(points(scatter)) == len(points(errors))
    within = ["ideal, within (4)", "ideal, outside (1)", "calibrated, within (5)"]
    assert ["context switch", "idle", "equal", "within 3 %", *within] == legend(picture)
    assert picture.alt_text.startswith(
        "Lanes of each CPU above one another, and below a scatter plot of the turnaround measured in 3 runs "
        "against ideal and calibrated"
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: plots.measured_lanes(run("5"), run("60")),
            "these runs are of different jobs: A, B, C, D, E and J1,",
        ),
        (lambda: plots.measured_lanes(run("5"), measured("5"), by="lane"), "there is no kind of lane 'lane'"),
        (lambda: plots.measured_scatter(run("5"), []), "there is nothing measured to draw"),
        (lambda: plots.measured_scatter(run("5"), measured("5"), band=0), "band is 0; write the share"),
        (lambda: plots.measured_scatter(run("5"), measured("5"), band=float("nan")), "band is nan; write"),
        (lambda: plots.crosscheck_figure({}, [measured("5")]), "there is no prediction to draw"),
        (lambda: plots.crosscheck_figure({"ideal": run("5")}, []), "there is nothing measured"),
    ],
)
def test_what_cannot_be_compared_is_refused(call, message):
    """Runs of different jobs, none at all, and a band that is none."""
    with pytest.raises(UsageError) as caught:
        call()
    assert message in str(caught.value)


def test_runs_in_different_units_are_refused():
    """Their numbers mean different things."""
    one, other = (
        ss.run(ss.load({"unit": unit, "jobs": [{"id": "A", "burst": 1}]}), "fcfs") for unit in ("ms", "s")
    )
    with pytest.raises(UsageError, match="these runs have different units: ms and s"):
        plots.measured_lanes(one, other)


def test_they_draw_where_they_are_told():
    """On axes without the errors, on a figure with everything."""
    axes = Figure(figsize=(5, 5)).subplots()
    assert axes is plots.measured_scatter(run("5"), measured("5"), band=0.1, ax=axes)
    figure = Figure(figsize=(9, 8))
    assert figure is plots.crosscheck_figure({"ideal": run("5")}, [measured("5")], figure=figure)
    assert 3 == len(figure.axes)
