"""The Gantt chart by CPU: the bars at their times, names, marks, rows, and shares where there is too much."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

import schedsim as ss
from schedsim import plots
from schedsim.errors import UsageError
from schedsim.plots import style
from tests.plots.looking import bars, job_bars, legend, marks, stairs, words
from tests.plots.mixes import AWKWARD, mix, run

pytestmark = pytest.mark.slow

TWO = [("A", 0, 4), ("B", 1, 3)]


def two(**options):
    """Return the chart of two jobs under round robin."""
    return ss.run(TWO, "rr", quantum=2, switch_cost=0.5, **options).plot()


def test_bars_are_at_their_times():
    """Each slice is a bar from its start to its end, in the job's colour; a switch is dark."""
    (axes,) = two().axes
    assert [(0, 2, 0), (5, 7, 0)] == job_bars(axes, 0)
    assert [(2.5, 4.5, 0), (7.5, 8.5, 0)] == job_bars(axes, 1)
    dark = [(bar.start, bar.end) for bar in bars(axes, colour=style.SWITCHING)]
    assert [(2, 2.5), (4.5, 5), (7, 7.5)] == dark


def test_idle_time_is_an_empty_box():
    """What nobody used is drawn, and called idle where there is room."""
    (axes,) = ss.run([("A", 0, 2), ("B", 6, 2)], "fcfs").plot().axes
    assert [(2, 6)] == [(bar.start, bar.end) for bar in bars(axes, colour="none")]
    assert "idle" in words(axes)


def test_words_of_a_chart():
    """Title, how it was run, names, times at every boundary, the unit."""
    picture = two()
    assert {
        *("jobs under rr, quantum=2", "2 jobs, 1 CPU, times in ms, switch cost 0.5"),
        *("CPU", "A", "B", "time (ms)", "0", "2", "2.5", "8.5", "context switch", "arrives"),
    } <= {word.replace("mix under", "jobs under") for word in words(picture)}
    assert ["context switch", "arrives"] == legend(picture)


def test_arrivals_are_marked():
    """A triangle at each arrival, with the job's name above it."""
    (axes,) = ss.run(TWO, "fcfs").plot().axes
    assert [0, 1] == [x for x, _ in marks(axes, "v")]
    assert 4 == len([word for word in words(axes) if word in ("A", "B")])


def test_jobs_that_arrive_together_share_a_mark():
    """One triangle, all names in the order of the mix; too many are counted."""
    (axes,) = ss.run([("A", 0, 2), ("B", 0, 2)], "fcfs").plot().axes
    assert [0] == [x for x, _ in marks(axes, "v")]
    assert "A B" in words(axes)
    many = ss.run([(f"a long name {number}", 0, 2) for number in range(8)], "fcfs").plot()
    assert "8 jobs" in words(many)


def test_deadlines_are_marked():
    """A line at a deadline that was kept, a cross at one that was not."""
    picture = ss.run(AWKWARD, "rr", quantum=4).plot()
    kept = [x for axes in picture.axes for x, _ in marks(axes, "|")]
    missed = [x for axes in picture.axes for x, _ in marks(axes, "x")]
    assert ([20], [13]) == (kept, missed)
    assert {"deadline", "deadline, missed"} <= set(legend(picture))


def test_each_cpu_has_a_lane():
    """CPU 0 is above CPU 1."""
    (axes,) = run("two-cpus", "fcfs").plot().axes
    assert ["CPU 0", "CPU 1"] == [text.get_text() for text in axes.get_yticklabels()]
    assert {0, 1} == {bar.lane for bar in bars(axes)}
    assert axes.get_ylim()[0] > axes.get_ylim()[1]


def test_a_job_keeps_its_colour_in_every_picture():
    """The third job is green in each of them, and in the terminal."""
    result = ss.run("first", "rr", quantum=2)
    colours = set()
    for kind in ("gantt", "jobs"):
        for axes in result.plot(kind).axes:
            colours |= {bar.colour for bar in bars(axes) if bar.start == 6 and bar.end == 8}
    assert {"#009E73"} == colours


def test_a_dollar_sign_begins_no_formula():
    """A job's name is shown as it is; what the font has not is shown as a code point."""
    picture = ss.run([("$x^2$", 0, 4), ("\u4e2d", 0, 4)], "fcfs").plot()
    assert {"$x^2$", "\\u4e2d"} <= set(words(picture))


def test_names_take_several_rows():
    """A long chart is broken into rows of equal length, which begin at round times."""
    picture = run("60").plot()
    assert len(picture.axes) == 9
    lengths = {round(axes.get_xlim()[1] - axes.get_xlim()[0], 6) for axes in picture.axes}
    assert {50} == lengths
    assert [50 * row for row in range(9)] == [axes.get_xlim()[0] for axes in picture.axes]
    assert "The time goes on from row to row." in words(picture)


def test_rows_hold_every_slice():
    """No slice is lost or doubled where a row ends."""
    result = run("60")
    drawn = sum(
        bar.end - bar.start
        for axes in result.plot().axes
        for bar in bars(axes)
        if bar.colour not in (style.SWITCHING.upper(), "NONE")
    )
    assert result.system["busy"] == pytest.approx(drawn)


def test_hatches_where_names_have_no_room():
    """Bars without a name are told apart by hatches, and the legend has their names."""
    picture = ss.run("convoy", "rr", quantum=4, switch_cost=0.3).plot()
    hatches = {bar.hatch for axes in picture.axes for bar in bars(axes, colour=style.look(1).colour)}
    assert {"////"} == hatches
    assert {"short-1", "short-2", "short-3", "short-4"} <= set(legend(picture))


def test_hatches_have_room():
    """Where names have none in any number of rows, no more than 40 slices stand side by side."""
    picture = run("io-60").plot(span=(0, 1200))
    assert len(picture.axes) > 1
    assert 60 >= sum(label.startswith("J") for label in legend(picture)) > 40
    for axes in picture.axes:
        assert len([bar for bar in bars(axes) if bar.hatch or bar.colour != "NONE"]) < 60


def test_a_part_is_what_the_words_say():
    """Who had the CPU in it, and from when to when."""
    picture = ss.run(TWO, "rr", quantum=2).plot(span=(1, 5))
    assert (
        "Gantt chart of mix under rr, quantum=2 from 1 to 5 ms, times in ms: A 1-2, B 2-4, A 4-5"
        == picture.alt_text
    )


def test_too_much_is_drawn_as_shares():
    """Beyond 600 pieces the lane shows shares, and a sentence says so."""
    result = ss.run(mix("1000"), "rr", quantum=4, switch_cost=0.1, notes=False)
    picture = result.plot()
    (axes,) = picture.axes
    assert [] == bars(axes)
    said = " ".join(words(picture))
    assert "slices are too many to draw one by one" in said
    tops, edges = stairs(axes)[0]
    assert (200, 201) == (len(tops), len(edges))
    # Each share is between the bottom of the lane at 0.42 and its top at -0.42.
    assert all(-0.42 - 1e-9 <= top <= 0.42 for top in tops)
    busy = sum((0.42 - top) / 0.84 for top in tops) / 200
    assert result.system["utilization"] == pytest.approx(busy)


def test_shares_that_are_exact_say_so():
    """Where the CPU changes seldom, its lane shows when it worked, to the moment."""
    picture = run("1000").plot()
    assert "the lane of a CPU shows when it worked" in " ".join(words(picture))
    tops, _ = stairs(picture.axes[0])[0]
    assert {-0.42, 0.42} == {round(top, 9) for top in tops}


def test_more_cpus_than_lanes():
    """The first 24 are drawn, and a sentence counts the others."""
    picture = ss.run([("A", 0, 2), ("B", 0, 3)], "fcfs", cpus=30).plot()
    (axes,) = picture.axes
    assert 24 == len(axes.get_yticklabels())
    assert "6 more CPUs are not drawn." in words(picture)
    assert [(0, 3, 1)] == job_bars(axes, 1)


def test_a_span_is_drawn_exactly():
    """A part of a large run is drawn slice by slice."""
    result = run("1000")
    picture = result.plot(span=(400, 500))
    drawn = [bar for axes in picture.axes for bar in bars(axes)]
    assert 400 == min(bar.start for bar in drawn)
    assert 500 == max(bar.end for bar in drawn)


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ((5, 2), "span is 5 to 2; the run goes from 0 to 17 ms"),
        ((20, 30), "span is 20 to 30; the run goes from 0 to 17 ms"),
        ((-1, 3), "span is -1 to 3; the run goes from 0 to 17 ms"),
        ((1, 2, 3), "span: too many values to unpack"),
        (("x", 2), "span: 'x' is not a time"),
        (7, "write begin and end, as in 10,50; the run goes from 0 to 17 ms"),
    ],
)
def test_a_wrong_span_is_refused(span, message):
    """It must be a begin and an end within the run."""
    with pytest.raises(UsageError) as caught:
        run("5").plot(span=span)
    assert message in str(caught.value)


def test_it_draws_on_axes_that_are_given():
    """The very axes come back, with a title and a legend below them, in one row."""
    axes = Figure(figsize=(8, 3)).subplots()
    assert axes is run("60").plot(ax=axes)
    assert "generated-3 under rr, quantum=4" == axes.get_title(loc="left")
    assert axes.get_legend() is not None
    assert "Gantt chart of generated-3 under rr" in plots.alt_text(axes)


def test_nothing_ran():
    """A run in which nothing ran has a picture that says so."""
    picture = ss.run([("A", 5, 1)], "fcfs", until=3).plot("jobs")
    assert picture.alt_text.startswith("Gantt chart by job")
    empty = ss.Mix((ss.Job("A", 0, ()),))
    for kind in ("gantt", "jobs", "queue", "cdf"):
        assert ss.run(empty, "fcfs").plot(kind).alt_text
    assert "Nothing ran." in words(ss.run(empty, "fcfs").plot())


def test_a_narrow_slice_at_either_end_has_its_name_below():
    """It is no part of a slice that goes on in another row, although it begins or ends with the row."""
    drawn = ss.run([("A", 0, "0.1"), ("B", 10, 60), ("C", 12, "0.1")], "fcfs").plot()
    below = [text.get_text() for legend in drawn.legends for text in legend.get_texts()]
    assert ["A", "C"] == [word for word in below if word in ("A", "B", "C")]
