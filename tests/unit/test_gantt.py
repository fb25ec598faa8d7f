"""Gantt charts as lines of text, from 20 to 200 columns, with and without the marks of Unicode."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim.gantt import gantt, style_of
from schedsim.tables import Page, plain, width_of

TWO = [("A", 0, 6), ("B", 1, 4), ("C", 12, 1)]


def drawn(mix, algo="rr", width=80, encoding="utf-8", lanes=False, **options):
    """Return the chart's lines without styles."""
    return plain(
        gantt(ss.run(mix, algo, notes=False, **options), Page(width, encoding), lanes=lanes)
    ).splitlines()


def many(count, **options):
    """Return a mix of ``count`` jobs."""
    return ss.generate(count, seed=1, **options)


def test_a_small_schedule_is_drawn_as_in_a_textbook():
    """A box for each slice, its exact times below, idle time marked; equal times are equally long."""
    assert [
        "Gantt chart, times in ms",
        "|   A   |   B   | A |···|C |",
        "0       4       8   10  12 13",
        "· idle",
    ] == drawn(TWO, width=31)


def test_the_legend_says_what_the_marks_mean():
    """Idle and switching are told apart without colour, and explained only where they are."""
    late = [*TWO, ("D", 30, 1)]
    assert "· idle" == drawn(TWO)[-1]
    assert "· idle, / context switch" == drawn(late, switch_cost=1)[-1]
    assert ". idle, / context switch" == drawn(late, switch_cost=1, encoding="ascii")[-1]
    assert not any("idle" in line for line in drawn([("A", 0, 1)]))


def test_rows_go_on_below():
    """What does not fit in one row goes on in the next, which begins with the same time."""
    assert [
        "Gantt chart, times in ms",
        "| A | B | A | B | A | B | A |",
        "0   2   4   6   8   10  12  14",
        "| B | A | B | A | B |",
        "14  16  18  20  22  24",
    ] == drawn([("A", 0, 12), ("B", 0, 12)], width=30, quantum=2)


def test_a_fresh_quantum_is_a_box_of_its_own():
    """A task alone at the end of its quantum goes on in a new box, as textbooks draw it."""
    assert 3 == drawn([("A", 0, 12)], width=40, quantum=4)[1].count("A")


def test_several_cpus_share_the_times():
    """A lane for each CPU, one row of times below; boxes stand where they belong."""
    assert [
        "Gantt chart, times in ms",
        "CPU 0 |        A        |",
        "CPU 1 |··|   B    |·····|",
        "      0  1        4     6",
        "· idle",
    ] == drawn([("A", 0, 6), ("B", 1, 3)], "fcfs", width=27, cpus=2)


def test_a_box_that_goes_on_in_the_next_row_has_no_edge_there():
    """With several CPUs a row may end in the middle of a slice; a colon says so."""
    mix = [("long", 0, 40), *((f"J{number}", 4 * number, 3) for number in range(8))]
    lines = drawn(mix, "fcfs", width=40, cpus=2)
    first = [line for line in lines if line.startswith("CPU 0")]
    assert 2 <= len(first)
    assert first[0].endswith(":")
    assert first[1].startswith("CPU 0 :")


def test_a_box_cut_by_the_end_of_a_row_keeps_to_its_room():
    """Its label is cut to what there is of it in this row."""
    for arrival in range(20):
        mix = [(f"J{number}", number, 1) for number in range(20)]
        lines = drawn([*mix, ("a-long-name", arrival, 40)], "fcfs", width=40, cpus=2)
        assert all(len(line) <= 40 for line in lines)


def test_lanes_for_jobs_when_asked_for():
    """With ``lanes`` each job has a line: when it runs, waits and is blocked."""
    mix = [{"id": "A", "program": "cpu 2; io 3; cpu 1"}, {"id": "B", "burst": 4}]
    assert [
        "column is 0.5 ms",
        "A ████~~~~~~──██",
        "B ────████████",
        "  0 1 2 3 4 5 6",
        "█ runs, ─ waits,",
        "~ blocked",
    ] == drawn(mix, "fcfs", width=16, lanes=True)[-6:]


def test_a_long_schedule_of_few_jobs_is_drawn_to_scale():
    """CPUs and jobs have lanes; a column in which several jobs ran says so, and how many slices there are."""
    lines = drawn([("A", 0, 300), ("B", 0, 300), ("C", 400, 300)], width=60, quantum=1)
    assert "Gantt chart, one column is 16.7 ms" == lines[0]
    assert lines[1].startswith("CPU 0 ****")
    assert lines[1].endswith("*C===========")
    assert "900 slices share these columns; show them with --format json" in " ".join(lines)
    assert ["A", "B", "C"] == [line[0] for line in lines[2:5]]


def test_a_long_schedule_of_many_jobs_shows_its_beginning():
    """The CPUs to scale, then the first slices exactly, then how many are left out."""
    lines = drawn(many(60), width=70, quantum=2)
    assert lines[1].startswith("CPU 0 ***")
    start = lines.index("The beginning, times in ms")
    assert lines[start + 1].startswith("|J1|J2|")
    run = ss.run(many(60), "rr", quantum=2)
    boxes = sum(line.count("J") for line in lines[start:])
    assert f"... {len(run.joined_slices()) - boxes:,} more slices; show them with --format json" == lines[-1]


def test_more_jobs_than_lanes_are_counted():
    """Asked for lanes, a picture has the first twenty, and says how many more there are."""
    lines = drawn(many(60), lanes=True, quantum=2)
    assert "... 40 more jobs; show them with --format json" in lines


def test_more_cpus_than_lanes_are_counted():
    """Likewise for CPUs."""
    assert "... 10 more CPUs; show them with --format json" in drawn(many(60), cpus=30)


@pytest.mark.parametrize("width", [10, 20, 40, 80, 200])
@pytest.mark.parametrize("count", [1, 5, 60, 1000])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_line_is_wider_than_the_page(width, count, encoding):
    """From very narrow to very wide, from one job to a thousand; a word alone may stand out."""
    for cpus in (1, 3):
        for lanes in (False, True):
            lines = drawn(many(count), width=width, encoding=encoding, cpus=cpus, lanes=lanes)
            assert [] == [line for line in lines if width_of(line) > width and " " in line]
            assert all(line.isascii() or encoding == "utf-8" for line in lines)


def test_wide_names_keep_the_columns():
    """A name of East Asian characters takes twice the columns, and edges stay above their times."""
    lines = drawn([("日本", 0, 4), ("é", 0, 2)], "fcfs", width=30)
    edges = [
        place
        for place in range(30)
        if width_of(lines[1][:place]) == lines[2].index("4") and lines[1][place] == "|"
    ]
    assert 1 == len(edges)
    assert width_of(lines[1]) == lines[2].index("6") + 1


def test_a_name_too_long_for_its_lane_is_cut():
    """A name of forty letters leaves room for the chart."""
    lines = drawn([("a" * 40, 0, 4)], width=40)
    assert "aaaaaaaaaaa~" in lines[1]


def test_names_that_the_encoding_lacks():
    """What a terminal cannot write is shown by its code points."""
    assert "\\xe9" in drawn([("é", 0, 4)], encoding="ascii")[1]


def test_a_job_has_one_style_everywhere():
    """The colour of a job is that of its place in the mix, in boxes and lanes alike."""
    run = ss.run(TWO, "rr", notes=False)
    lines = gantt(run, Page(80), lanes=True)
    styles = {(words.strip(), style) for line in lines for words, style in line if style.startswith("job:")}
    assert {("A", style_of(0)), ("B", style_of(1)), ("C", style_of(2))} == styles
    marks = [style for line in lines for words, style in line if style.startswith("mark:")]
    assert {"mark:0", "mark:1", "mark:2"} == set(marks)


def test_nothing_ran():
    """A run cut off before the first arrival is idle throughout."""
    assert "|··········|" in drawn([("A", 5, 1)], width=12, until=3)
