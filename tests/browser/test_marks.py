"""Colours, hatches, outlines and deadlines of a page, as they are to be seen."""

from __future__ import annotations

import pytest

import schedsim as ss
from tests.browser.visiting import LIGHT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BARS = ".track path:is(.c0, .c1, .c2, .c3, .c4, .c5, .c6, .c7)"


@pytest.fixture
def late(visitor, written):
    """A page of two policies, under one of which J4 is late, and under the other J5; opened."""
    run = ss.compare("buttazzo-jackson", ["edf", "fcfs"]).runs
    visitor.open(written(run, "late"))
    return visitor


def test_a_deadline_is_a_tick_and_a_missed_one_a_cross(late):
    """On the lane of each job, where it is due, and in the legend."""
    found = late.run(
        "return [...document.querySelectorAll('.followed .jobs .track')].map((track) => {"
        " const due = track.querySelector('.due'), box = track.getBoundingClientRect(), at = due.getBoundingClientRect();"
        " return [due.classList.contains('late'), Math.round(100 * ((at.left + at.right) / 2 - box.left) / box.width)]; })"
    )
    assert [[False, 20], [False, 50], [False, 40], [True, 80], [False, 60]] == found
    assert ["deadline", "deadline, missed"] == late.texts(".legend li")[-2:]


def test_details_say_the_deadline(late):
    """Over the lane of a job and over its slices: when it is due, and what comes of it."""
    late.point("[data-run='0'] [data-job='3']", 0.1)
    assert "J4 is ready from 0 to 6 deadline at 8, missed" == late.tip()
    late.point("[data-run='0'] [data-cpu='0']", 0.05)
    assert late.tip().endswith("deadline at 2, met")
    late.point("[data-run='1'] [data-cpu='0']", 0.5)
    assert late.tip().endswith("deadline at 8, met")


def test_a_missed_deadline_is_a_step(late):
    """It is said when it happens, and the job's row says so from then on."""
    late.click("[data-go=last]")
    late.click("[data-go=back]")
    assert "time 8 ms" == late.shown().clock
    assert ["J4 misses its deadline"] == late.shown().said
    assert "8, missed" == late.shown().jobs[3][-1]
    late.click("[data-go=back]")
    assert "8" == late.shown().jobs[3][-1]


@pytest.mark.parametrize("dark", [False, True])
def test_bars_have_an_outline_on_either_ground(visitor, written, dark):
    """Also the palest and the darkest bar can be told from the page: 3 to 1 and better."""
    run = ss.run([(f"J{number}", 0, 4) for number in range(8)], "fcfs")
    visitor.open(written([run], "outlines"), dark=dark)
    ratios, widths = visitor.run(
        LIGHT
        + "const bars = [...document.querySelectorAll(arguments[0])].map((each) => getComputedStyle(each));"
        "return [bars.map((each) => ratio(light(each.stroke), ground)), bars.map((each) => each.strokeWidth)]",
        BARS,
    )
    assert 16 == len(ratios)
    assert min(ratios) >= 3
    assert {"1px"} == set(widths)


def test_sixty_jobs_are_told_apart(visitor, written):
    """Each has a colour and a hatch of its own, the same in lane, slice and swatch."""
    run = ss.run([(f"J{number}", 0, 10) for number in range(60)], "fcfs")
    visitor.open(written([run], "sixty"), width=1900)
    looks = visitor.run(
        "return [...document.querySelectorAll('.lane .swatch')].map((each) => {"
        " const seen = getComputedStyle(each); return `${seen.backgroundColor} ${seen.backgroundImage}`; })"
    )
    assert 60 == len(looks) == len(set(looks))
    hatched = visitor.run(
        "return [...document.querySelectorAll('.track[data-cpu] .hatch rect')].filter((each) => {"
        " const box = each.getBoundingClientRect(); return box.width >= 4 && box.height > 20"
        "  && getComputedStyle(each).fill.includes('#h'); }).length"
    )
    assert sum((job + job // 8) % 8 > 0 for job in range(60)) == hatched
    assert [] == visitor.console()


def test_a_name_in_a_hatched_slice_stands_on_plain_ground(visitor, written):
    """The colour of the slice without lines through the letters."""
    run = ss.run([(f"J{number}", 0, 10) for number in range(9)], "fcfs")
    visitor.open(written([run], "names"))
    grounds = visitor.run(
        "return [...document.querySelectorAll('.track b s')].map((each) => getComputedStyle(each).backgroundColor)"
    )
    assert "rgba(0, 0, 0, 0)" == grounds[0]
    assert "rgb(86, 180, 233)" == grounds[1]
    assert "rgb(230, 159, 0)" == grounds[8]
