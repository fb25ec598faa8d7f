"""Pictures of several runs: schedules above one another, bars, distributions, the sweep of the quantum."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import schedsim as ss
from schedsim import plots
from schedsim.errors import UsageError
from schedsim.plots import style
from schedsim.results import Comparison
from schedsim.timeline import timeline
from tests.plots.looking import bars, job_bars, legend, marks, stairs, words
from tests.plots.mixes import AWKWARD, comparison, sweep

pytestmark = pytest.mark.slow

FOUR = ["fcfs", "rr quantum=4", "srtf (knows bursts)", "mlfq"]


def lanes_of(axes):
    """Return the names of the lanes, the upper one first."""
    return [text.get_text() for text in axes.get_yticklabels()]


def test_schedules_share_one_axis():
    """A lane for each policy, in the order in which they were named, on one time axis."""
    picture = comparison("5").plot("gantt")
    (axes,) = picture.axes
    assert lanes_of(axes) == FOUR
    assert (0, 17) == axes.get_xlim()
    fcfs = [(slice_.start, slice_.end, 0) for slice_ in comparison("5").runs[0].slices if slice_.job == "B"]
    assert fcfs == [bar for bar in job_bars(axes, 1) if bar[2] == 0]


def test_means_stand_beside_the_schedules():
    """The mean turnaround of each policy."""
    assert {"9", "9.6", "7", "9.8", "mean\nturnaround"} <= set(words(comparison("5").plot("gantt")))


def test_arrivals_and_deadlines_above_the_schedules():
    """They are the same for all, so they are marked once; a deadline is not called missed."""
    picture = ss.compare(AWKWARD, ["fcfs", "rr"]).plot("gantt")
    (axes,) = picture.axes
    assert [0, 1, 2] == [x for x, _ in marks(axes, "v")]
    assert [13, 20] == [x for x, _ in marks(axes, "|") if x in (13, 20)]
    assert "deadline, missed" not in legend(picture)


def test_several_cpus_have_lanes_in_groups():
    """A lane for each CPU of each policy, and a sentence that says which is which."""
    picture = comparison("two-cpus").plot("gantt")
    assert {0, 1, 2.5, 3.5, 5, 6, 7.5, 8.5} == {round(bar.lane, 3) for bar in bars(picture.axes[0])}
    assert "A lane for each of the 2 CPUs, CPU 0 above." in words(picture)


def test_too_many_slices_are_queues():
    """The lanes then show how many jobs were ready, all to one scale."""
    picture = comparison("1000").plot("gantt")
    (axes,) = picture.axes
    assert [] == bars(axes)
    assert 4 == len(stairs(axes))
    said = " ".join(words(picture))
    assert "slices are too many to draw one by one: each lane shows how many jobs were ready" in said
    assert "times in ms: how many jobs were ready" in said
    assert picture.alt_text.startswith("Lengths of the ready queues above one another, generated-3 under 4")


def test_sixty_jobs_are_drawn_in_rows():
    """Nearly every slice has its name in it, and the others have a hatch that the legend names."""
    picture = comparison("60").plot("gantt")
    assert len(picture.axes) > 5
    assert lanes_of(picture.axes[0]) == lanes_of(picture.axes[-1]) == FOUR
    assert "The time goes on from row to row." in words(picture)
    names = {job.id for job in comparison("60").runs[0].jobs}
    inside = [text for axes in picture.axes for text in axes.texts if text.get_text() in names]
    named = [text for text in inside if text.get_position()[1] > -0.5]  # not those of the arrivals above
    slices = sum(timeline(run.trace).joined().slices for run in comparison("60").runs)
    assert len(named) > 0.8 * slices
    nameless = names - {text.get_text() for text in named}
    assert nameless <= set(legend(picture))
    # Together the rows show all of the time, each instant once.
    first = [bar for axes in picture.axes for bar in bars(axes) if bar.lane == 0 and bar.colour != "NONE"]
    busy = sum(bar.end - bar.start for bar in first)
    assert busy == pytest.approx(sum(float(job.cpu) for job in comparison("60").runs[0].jobs))


def test_rows_are_aligned():
    """A row is of the same part of the time for every policy, and a millisecond as wide in all of them."""
    picture = comparison("60").plot("gantt")
    limits = [axes.get_xlim() for axes in picture.axes]
    assert all(before[1] == after[0] for before, after in pairwise(limits))
    assert 1 == len({round(high - low, 6) for low, high in limits})


def test_long_names_are_told_apart():
    """Names that begin alike are cut in the middle."""
    jobs = [(f"a name that is much too long for any lane {number}", number, 4) for number in range(12)]
    picture = ss.compare(ss.load(jobs), ["fcfs", "rr:quantum=2"]).plot("gantt")
    swatches = [label for label in legend(picture) if label.startswith("a name")]
    assert 12 == len(swatches) == len(set(swatches))


def test_a_small_figure_shows_queues_instead():
    """Where sixty jobs have no room for names there are none without names."""
    picture = comparison("60").plot("gantt", figure=Figure(figsize=(8, 4)))
    assert "how many jobs were ready" in " ".join(words(picture))


def test_many_cpus_are_queues():
    """More than four CPUs of each policy have no lanes, and that is what the sentence says."""
    picture = ss.compare("two-cpus", ["fcfs", "sjf"], cpus=5).plot("gantt")
    assert "5 CPUs are too many for lanes: each lane shows how many jobs were ready" in " ".join(
        words(picture)
    )


def test_long_options_are_said_below():
    """What has no room beside a lane stands below the picture, as it does below the table."""
    for kind in ("gantt", "bars", "cdf"):
        said = words(comparison("5").plot(kind))
        assert any(text.startswith("mlfq: levels=3, quanta=2/4/8") for text in said)


def test_bars_have_the_lengths_of_the_means():
    """A bar for each policy, in each of four panels."""
    picture = comparison("5").plot()
    first = picture.axes[0]
    assert 4 == len(picture.axes)
    assert lanes_of(first) == FOUR
    widths = [patch.get_width() for patch in first.patches]
    assert widths == [run.means["turnaround"] for run in comparison("5").runs]
    heads = [axes.get_title(loc="left") for axes in picture.axes]
    assert ["mean turnaround (ms)", "mean waiting (ms)", "mean response (ms)", "switches"] == heads


def test_the_best_is_marked():
    """By a darker bar, a star and bold letters, as in the table."""
    first, *_ = comparison("5").plot().axes
    dark = [to_hex(patch.get_facecolor()).upper() == style.BEST for patch in first.patches]
    assert [False, False, True, False] == dark
    bold = [text.get_text() for text in first.texts if text.get_fontweight() == "bold"]
    assert ["7 *"] == bold


def test_where_all_are_equal_none_is_best():
    """One job is served alike by every policy."""
    picture = comparison("1").plot()
    assert [] == legend(picture)
    assert not any("*" in text for text in words(picture))


def test_a_policy_that_finishes_nothing_has_no_bar():
    """A value that there is not is shown as in the table."""
    picture = ss.compare([("A", 0, 9), ("B", 0, 1)], ["fcfs", "sjf"], until=5).plot()
    assert "-" in words(picture)
    assert "The means are over the finished jobs, of 2." in words(picture)


def test_other_metrics():
    """Those of the table, at most four, and the nearest is named for a wrong one."""
    picture = comparison("5").plot(metrics=["fairness"])
    assert ["fairness"] == [axes.get_title(loc="left") for axes in picture.axes]
    with pytest.raises(UsageError, match="there is no metric 'turnarond'; did you mean 'turnaround'"):
        comparison("5").plot(metrics=["turnarond"])
    with pytest.raises(UsageError, match="metrics are 5; there is room for 1 to 4"):
        comparison("5").plot(metrics=["turnaround"] * 5)


def test_distributions_of_a_run():
    """Steps that end at the longest time with 100 %, and the medians in the legend."""
    result: Any = ss.run("first", "rr", quantum=2)
    picture = result.plot("cdf")
    (axes,) = picture.axes
    turnaround, waiting, response = axes.get_lines()
    assert [6, 6, 8, 11, 14, 14] == list(turnaround.get_xdata())
    assert [0, 0.2, 0.4, 0.6, 0.8, 1] == pytest.approx(list(turnaround.get_ydata()))
    assert sorted(job.waiting for job in result.jobs) == list(waiting.get_xdata())[1:]
    assert sorted(job.response for job in result.jobs) == list(response.get_xdata())[1:]
    assert ["turnaround (median 11)", "waiting (median 7)", "response (median 3)"] == legend(picture)


def test_curves_differ_in_more_than_colour():
    """No two of the first eight have the same dashes, nor the same markers."""
    assert len({str(style.stroke(number).dashes) for number in range(8)}) >= 7
    assert len({style.stroke(number).marker for number in range(8)}) == 8
    assert len({str(style.stroke(number)) for number in range(16)}) == 16


def test_distributions_of_several_runs():
    """A panel for each metric with a curve for each policy."""
    picture = comparison("5").plot("cdf")
    assert [4, 4, 4] == [len(axes.get_lines()) for axes in picture.axes]
    assert legend(picture) == FOUR


def test_a_long_tail_has_a_logarithmic_axis():
    """Else three quarters of the jobs would be at the very edge; a sentence says so."""
    picture = comparison("1000").plot("cdf")
    assert {"symlog"} == {axes.get_xscale() for axes in picture.axes}
    assert "The time axis is logarithmic from 1 on." in words(picture)
    assert {"linear"} == {axes.get_xscale() for axes in comparison("60").plot("cdf").axes}


def test_jobs_that_did_not_finish_are_left_out():
    """And a sentence says of how many."""
    cut = ss.run([("A", 0, 4), ("B", 0, 4)], "fcfs", until=5)
    assert "Over the 1 of 2 jobs that finished." in words(cut.plot("cdf"))
    nobody = ss.run([("A", 0, 4)], "fcfs", until=2).plot("cdf")
    assert "turnaround: no job finished" in legend(nobody)
    several = ss.compare([("A", 0, 9), ("B", 0, 1)], ["fcfs", "sjf"], until=5).plot("cdf")
    assert "Over the jobs that finished: 0, 1 of 2, in this order." in words(several)


def test_the_sweep_of_the_quantum():
    """Silberschatz's figure: turnaround against the quantum, the least of each curve marked."""
    picture = ss.sweep_quantum("silberschatz-quantum").plot("quantum")
    (axes,) = picture.axes
    curve = axes.get_lines()[0]
    assert [1, 2, 3, 4, 5, 6, 7] == list(curve.get_xdata())
    # Silberschatz, Galvin, Gagne, 10th ed., figure 5.6.
    assert [11, 11.5, 10.75, 11.5, 12.25, 10.5, 10.5] == list(curve.get_ydata())
    rings = [line for line in axes.get_lines() if line.get_markersize() == 10]
    assert [(6, 10.5), (6, 6.25), (1, 1.5)] == [(line.get_xdata()[0], line.get_ydata()[0]) for line in rings]
    assert "turnaround: least 10.5 at 6" in legend(picture)


def test_what_the_switches_take():
    """With a switch cost a second panel shows the share of the time that it takes."""
    picture = sweep("5").plot("quantum")
    _, lower = picture.axes
    shares = [100 * (1 - run.system["efficiency"]) for run in sweep("5").runs]
    assert shares == pytest.approx(list(lower.get_lines()[0].get_ydata()))


def test_several_switch_costs():
    """Runs of several costs are curves of their own, all of the turnaround."""
    cheap = ss.sweep_quantum("silberschatz-quantum", [1, 2, 4])
    dear = ss.sweep_quantum("silberschatz-quantum", [1, 2, 4], switch_cost=0.5)
    picture = Comparison([*dear.runs, *cheap.runs]).plot("quantum")
    assert ["switch cost 0", "switch cost 0.5"] == [label.split(":")[0] for label in legend(picture)]
    assert "silberschatz-quantum under rr with 3 quanta" in words(picture)


def test_far_quanta_are_drawn_by_ratio():
    """From 1 to 100 the axis is logarithmic, and its marks are round."""
    picture = ss.sweep_quantum("convoy", [1, 3, 10, 30, 100]).plot("quantum")
    (axes,) = picture.axes
    assert "log" == axes.get_xscale()
    assert ["1", "2", "5", "10", "20", "50", "100"] == [text.get_text() for text in axes.get_xticklabels()]


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ([], "there are no runs; a sweep of the quantum is made by sweep_quantum(mix)"),
        ([("first", "fcfs")], "fcfs has no quantum; a sweep"),
        (
            [("first", "rr:quantum=1"), ("convoy", "rr:quantum=2")],
            "these runs are of several policies or mixes",
        ),
        ([("first", "rr:quantum=1")], "these runs have one quantum; a sweep of the quantum has several"),
    ],
)
def test_what_is_no_sweep_is_refused(runs, message):
    """It takes several quanta of one policy on one mix."""
    with pytest.raises(UsageError) as caught:
        Comparison([ss.run(*each) for each in runs]).plot("quantum")
    assert message in str(caught.value)


@pytest.mark.parametrize("kind", ["bars", "gantt", "cdf"])
def test_nothing_to_compare_is_refused(kind):
    """A comparison of no runs has no picture."""
    with pytest.raises(UsageError, match="there are no runs to draw; compare at least one policy"):
        Comparison([]).plot(kind)


@pytest.mark.parametrize("kind", ["bars", "gantt", "cdf"])
def test_they_draw_on_a_figure_that_is_given(kind):
    """The very figure comes back, all panels inside it, whatever its size."""
    figure = Figure(figsize=(9, 4))
    assert figure is comparison("5").plot(kind, figure=figure)
    assert (9, 4) == tuple(figure.get_size_inches())
    for axes in figure.axes:
        box = axes.get_position()
        assert 0 <= box.x0 < box.x1 <= 1
        assert 0 <= box.y0 < box.y1 <= 1
    assert "first under 4 policies" in plots.alt_text(figure)


def test_they_draw_on_a_part_of_a_figure():
    """Two pictures share a figure, and its words are those of both."""
    figure = Figure(figsize=(9, 9))
    parts: Any = figure.subfigures(2, 1)
    above, below = parts
    comparison("5").plot("bars", figure=above)
    ss.run("first", "fcfs").plot("queue", figure=below)
    said = plots.alt_text(figure)
    assert said.startswith("Bar chart, first under 4 policies")
    assert "; Ready queue and CPU use over time of first under fcfs" in said
    assert len({round(axes.get_position().height, 6) for axes in above.axes}) == 1
