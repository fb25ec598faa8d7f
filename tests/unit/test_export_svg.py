"""Gantt charts as SVG: well formed, whole, honest about what is left out."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree as Xml

import pytest

import schedsim as ss
from schedsim.export import text
from schedsim.export.svg import MOST_CPUS, MOST_JOBS
from schedsim.gantt import PALETTE
from schedsim.looks import hatch_of
from schedsim.trace import Trace

SVG = "{http://www.w3.org/2000/svg}"
COLOURS = [fill for fill, _ in PALETTE]
DARK = "#444444"


def exported(result):
    """Return the picture's root; its text is well formed, stays in the picture, and needs no other file."""
    made = "".join(text(result, "svg"))
    made.encode()
    root = Xml.fromstring(made)  # noqa: S314 - made here
    assert not re.search(r"href|url\((?!#schedsim-hatch-)|@import|<script|<style|foreignObject", made)
    defined = {each.get("id") for each in root.iter(f"{SVG}pattern")}
    assert defined == set(re.findall(r"url\(#([^)]+)\)", made))
    assert f"0 0 {root.get('width')} {root.get('height')}" == root.get("viewBox")
    width, height = float(root.get("width")), float(root.get("height"))
    for each in root.iter(f"{SVG}rect"):
        left, top = float(each.get("x", 0)), float(each.get("y", 0))
        assert 0 <= left <= left + float(each.get("width")) <= width + 0.11
        assert 0 <= top <= top + float(each.get("height")) <= height
    for each in root.iter(f"{SVG}text"):
        assert 0 <= float(each.get("x")) <= width
        assert 0 <= float(each.get("y")) <= height
    tiles = {each for pattern in root.iter(f"{SVG}pattern") for each in pattern}
    for each in root.iter(f"{SVG}path"):
        for x, y in re.findall(r"M([\d.]+) ([\d.]+)", "" if each in tiles else each.get("d")):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= height
    return root


def words(root):
    """Return all text that is seen, in order."""
    return [each.text for each in root.iter(f"{SVG}text")]


def bars(root, y):
    """Return the bars that begin at a height: colour and share of the axis, from left to right."""
    found = [each for each in root.iter(f"{SVG}rect") if each.get("y") == str(y)]
    return [each.get("fill") for each in sorted(found, key=lambda each: float(each.get("x")))]


def test_title_and_description():
    """The picture has a title, and says in words what it shows."""
    root = exported(ss.run([("A", 0, 2), ("B", 1, 1)], "fcfs", switch_cost=1))
    assert "mix under fcfs: 2 jobs, 1 CPU, times in ms, switch cost 1" == root.find(f"{SVG}title").text
    assert "Gantt chart, fcfs, ms: A 0-2, switch 2-3, B 3-4" == root.find(f"{SVG}desc").text
    assert "img" == root.get("role")


def test_a_small_schedule():
    """A bar for each slice in the job's colour, its name in it, exact times below, a lane for each job."""
    root = exported(ss.run("stallings-9.5", "rr", quantum=1))
    order = "AABABCBDCBEDCBEDCBDD"
    assert [COLOURS["ABCDE".index(job)] for job in order] == bars(root, 34)
    seen = words(root)
    assert [*order] == seen[2:22]
    assert [str(time) for time in range(21)] == seen[22:43]
    assert [*"ABCDE"] == seen[43:48]
    assert "▾ arrives   ·   bar: runs   ·   line: ready, waits" == seen[48]


def test_bars_say_their_times():
    """What is pointed at says what it is, and from when to when."""
    root = exported(ss.run([("A", 0, 2), ("B", 1, 1)], "fcfs", switch_cost="0.5"))
    tips = [each.find(f"{SVG}title").text for each in root.iter(f"{SVG}g")]
    assert [
        "A: 0 to 2 ms",
        "context switch: 2 to 2.5 ms",
        "B: 2.5 to 3.5 ms",
        "runs: 0 to 2 ms",
        "ready, waits: 1 to 2 ms",
        "context switch: 2 to 2.5 ms",
        "runs: 2.5 to 3.5 ms",
    ] == tips


def test_names_stay_words():
    """A job's name is text, whatever it is; a long one is cut."""
    names = ["<script>", "a&b", '"q"', "\x07", "\ud800", "x" * 40]
    jobs = tuple(ss.Job(name, 0, (ss.Cpu(4_000_000),)) for name in names)
    seen = words(exported(ss.run(ss.Mix(jobs), "fcfs")))
    assert ["<script>", "a&b", '"q"', r"\x07", r"\ud800"] == seen[2:7]
    assert "x" * 15 + "…" in seen


def test_what_marks_mean():
    """The legend has the marks that are in the picture, and no other."""
    mix = [{"id": "A", "arrival": 0, "program": ["cpu 1", "io 2", "cpu 1"], "deadline": 4}, ("B", 0, 3)]
    seen = words(exported(ss.run(mix, "fcfs", degree=1, switch_cost=1)))
    assert "dots: in I/O   ·   dark: context switch   ·   dashes: not admitted yet" in seen[-2]
    assert "line: ready" not in seen[-2]
    assert "T: deadline" == seen[-1]


def test_a_missed_deadline_is_a_cross():
    """A T is a deadline that was met, a cross one that was not; both are said below."""
    mix = [{"id": "A", "burst": 2, "deadline": 2}, {"id": "B", "burst": 3, "deadline": 4}]
    root = exported(ss.run(mix, "edf"))
    assert "T: deadline   ·   x: deadline, missed" == words(root)[-1]
    drawn = [each.get("d") for each in root.iter(f"{SVG}path") if each.get("stroke-width") == "2"]
    assert ["T", "x"] == ["T" if "h8m-4 0v" in each else "x" for each in drawn]
    in_time = exported(ss.run(mix[:1], "edf"))
    assert "T: deadline" == words(in_time)[-1]


def test_more_jobs_than_colours_have_hatches():
    """Each of 60 jobs has a colour and a hatch of its own, those of the other pictures; up to 8 need none."""
    jobs = [(f"J{number}", 0, 10) for number in range(60)]
    root = exported(ss.run(jobs, "fcfs"))
    bars_of_cpu = [
        each for each in root.iter(f"{SVG}rect") if (each.get("y"), each.get("height")) == ("34", "24")
    ]
    left = {each.get("x"): each.get("fill") for each in bars_of_cpu}
    hatches = {
        re.match(r"M([\d.]+) 34H", each.get("d")).group(1): each.get("fill")
        for each in root.iter(f"{SVG}path")
        if each.get("fill").startswith("url(") and " 34H" in each.get("d")
    }
    looks = [(fill, hatches.get(x, "")) for x, fill in left.items()]
    assert 60 == len(set(looks))
    expected = [hatch_of(job) for job in range(60)]
    assert [f"url(#schedsim-hatch-{each})" if each else "" for each in expected] == [
        hatch for _, hatch in looks
    ]
    assert not list(exported(ss.run(jobs[:8], "fcfs")).iter(f"{SVG}pattern"))


def test_a_name_stands_on_plain_ground():
    """Below words there is no hatch, so that they can be read."""
    root = exported(ss.run([(f"J{number}", 0, 10) for number in range(9)], "fcfs"))
    grounds = [each for each in root.iter(f"{SVG}rect") if each.get("height") == "16"]
    # Of the nine the first has no hatch.
    assert [*COLOURS[1:], COLOURS[0]] == [each.get("fill") for each in grounds]


def test_bars_too_narrow_for_their_names_have_hatches():
    """Where colour alone would say whose they are, a hatch does so in grey print, and the picture says which is whose."""
    mix = [("first", 0, 1), ("second", 0, 60)]
    assert list(exported(ss.run(mix, "fcfs")).iter(f"{SVG}pattern"))
    seen = words(exported(ss.compare(mix, ["fcfs", "sjf"])))
    assert "first" == seen[-1]
    assert not list(exported(ss.run([("A", 0, 1), ("B", 0, 2)], "fcfs")).iter(f"{SVG}pattern"))


def luminance(colour):
    """Return how light a colour is, as the guidelines for accessibility compute it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("burst", [10, "0.1"])
def test_every_bar_has_a_dark_outline(burst):
    """Also the palest colour can be seen on white: 3 to 1 and better; narrow bars have a thin line."""
    mix = [(f"J{number}", 0, 10) for number in range(3)]
    root = exported(ss.run([*mix, ("pale", 0, burst)], "fcfs"))
    pale = [
        each
        for each in root.iter(f"{SVG}rect")
        if each.get("fill") == COLOURS[3] and each.get("height") != "16"
    ]
    assert 2 == len(pale)
    assert all(1.05 / (luminance(each.get("stroke")) + 0.05) >= 3 for each in pale)
    assert ({"0.3"} if burst == "0.1" else {None}) == {each.get("stroke-width") for each in pale}


def test_the_axis_of_many_slices_has_round_times():
    """Where there is no room for every boundary, times are round."""
    run = ss.run([("A", 0, "150.3"), ("B", 0, "150.3")], "rr", quantum=3)
    seen = words(exported(run))
    assert ["0", "20", "40", "60"] == seen[seen.index("0") :][:4]


@pytest.mark.parametrize("count", [1, 5, MOST_JOBS])
def test_every_job_has_a_lane(count):
    """Up to 60 jobs each has its name at the left, and its arrival marked."""
    mix = ss.generate(count, seed=4)
    root = exported(ss.run(mix, "rr", quantum=3, notes=False))
    at_the_left = [each.text for each in root.iter(f"{SVG}text") if each.get("x") == "10"]
    assert [f"J{number}" for number in range(1, count + 1)] == at_the_left[2:]
    triangles = [each for each in root.iter(f"{SVG}path") if each.get("d").endswith("h8l-4 6z")]
    assert count == len(triangles)


def test_more_jobs_are_counted():
    """More than 60 have no lanes: the length of the ready queue is drawn, its longest said."""
    mix = ss.generate(1000, seed=3, load=0.95)
    run = ss.run(mix, "rr", quantum=1, cpus=2, notes=False)
    made = "".join(text(run, "svg"))
    seen = words(exported(run))
    said = "below the CPUs: how many jobs are ready, 8 at most; 1,000 jobs are too many for a lane each"
    assert said in seen
    assert "≤ 8" in seen
    assert f"grey: several jobs in one column; {len(run.slices):,} slices in all" in seen
    assert len(made) < 40_000


def test_more_slices_than_columns():
    """What shares a column is grey on the CPU and pale in the job's lane; the size stays small."""
    run = ss.run([("A", 0, 9000), ("B", 0, 9000), ("C", 18_000, 9000)], "rr", quantum=1, notes=False)
    root = exported(run)
    fills = Counter(each.get("fill") for each in root.iter(f"{SVG}path"))
    assert {"#888888", *COLOURS[:3]} <= set(fills)
    pale = [each.get("fill") for each in root.iter(f"{SVG}path") if each.get("fill-opacity")]
    assert COLOURS[:2] == [fill for fill in COLOURS if fill in pale][:2]
    assert "grey: several jobs in one column; 27,000 slices in all" in words(root)
    assert "pale: for part of the column" in words(root)[-2]
    assert len("".join(text(run, "svg"))) < 20_000


def test_many_cpus():
    """So many CPUs get a lane, and the others are said to be left out."""
    run = ss.run([(f"J{number}", 0, 5) for number in range(40)], "fcfs", cpus=20)
    seen = words(exported(run))
    assert f"CPU {MOST_CPUS - 1}" in seen
    assert f"CPU {MOST_CPUS}" not in seen
    assert "4 more CPUs are not drawn" in seen


def test_a_long_description_is_cut():
    """A picture of very many pieces is not told whole in words."""
    run = ss.run([("A", 0, 500), ("B", 0, 500)], "rr", quantum=1)
    told = exported(run).find(f"{SVG}desc").text
    assert told.endswith("B 59-60, and 940 more up to 1000")


def test_nothing_ran():
    """A trace without rows says so; one that was cut off before anyone arrived has an empty lane."""
    empty = Trace(ss.run("first", "rr").trace.header)
    assert "Nothing ran." in words(exported(empty))
    assert "Nothing ran." in words(exported(ss.Comparison([ss.Run(empty)])))
    assert ["CPU", "0", "1", "A"] == words(exported(ss.run([("A", 5, 1)], "fcfs", until=1)))[1:5]


def test_a_comparison():
    """A row for each policy on one axis, its mean turnaround behind it, the least in bold."""
    root = exported(ss.compare("stallings-9.5", ["fcfs", "rr:quantum=1", "srtf"]))
    seen = words(root)
    assert {"fcfs", "rr quantum=1", "srtf (knows bursts)", "mean turnaround"} <= set(seen)
    bold = [
        each.text for each in root.iter(f"{SVG}text") if each.get("font-weight") and each.get("x") != "10"
    ]
    assert ["7.2"] == bold
    assert ["8.6", "10.8", "7.2"] == [word for word in seen if word in {"8.6", "10.8", "7.2"}]
    # fcfs runs A, B, C, D, E one after the other
    assert COLOURS[:5] == bars(root, 50)


def test_a_comparison_of_many_slices():
    """It is drawn to the column, and says so."""
    mix = [("A", 0, 3000), ("B", 0, 3000)]
    seen = words(exported(ss.compare(mix, ["fcfs", "rr:quantum=1"], cpus=1, switch_cost="0.1")))
    assert ["dark: context switch", "grey: several jobs in one column"] == seen[-2:]
