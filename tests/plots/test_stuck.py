"""A run that got stuck says so in every picture of it: its bars alone look like those of a run that ended."""

from __future__ import annotations

import re

import pytest

import schedsim as ss
from schedsim.deadlock import brief
from schedsim.export.svg import comparison_svg, run_svg
from tests.plots.looking import faults, words

pytestmark = pytest.mark.slow

STUCK = "stuck from 6 ms on: deadlock B -> A -> B"
HALF = [{"id": "A", "program": "lock m; cpu 2"}, {"id": "B", "program": "lock m; cpu 2"}]


@pytest.mark.parametrize("kind", ["gantt", "jobs", "queue"])
def test_in_a_picture(kind):
    """Below the title, and in the words for those who do not see it."""
    figure = ss.run("deadlock", "rr:quantum=2").plot(kind)
    assert [f"2 jobs, 1 CPU, times in ms; {STUCK}"] == [line for line in words(figure) if "stuck" in line]
    assert figure.alt_text.endswith(f"; {STUCK}")
    assert not faults(figure)


@pytest.mark.parametrize("kind", ["gantt", "jobs", "queue"])
def test_where_everybody_could_go_on(kind):
    """Nothing is said."""
    figure = ss.run("deadlock", "fcfs").plot(kind)
    assert not any("stuck" in line for line in [*words(figure), figure.alt_text])


def test_in_the_picture_of_the_quantum():
    """How many of the runs got stuck."""
    figure = ss.sweep_quantum("dining-philosophers", [1, 30]).plot("quantum")
    assert "1 of 2 runs got stuck in a deadlock." in words(figure)
    assert figure.alt_text.endswith("; 1 of 2 runs got stuck in a deadlock")
    assert not faults(figure)


def test_in_an_export():
    """Below the lanes and in the description; of several runs, with the policy's name."""
    stuck, ended = ss.run("deadlock", "rr:quantum=2"), ss.run("deadlock", "fcfs")
    shown = STUCK.replace(">", "&gt;")
    one, both, none = run_svg(stuck), comparison_svg(ss.Comparison([stuck, ended])), run_svg(ended)
    assert re.search(rf"<desc>[^<]*; {shown}</desc>", one)
    assert re.search(rf"<text [^>]*>{shown}</text>", one)
    assert re.search(rf"<desc>[^<]*; rr quantum=2: {shown}</desc>", both)
    assert re.search(rf"<text [^>]*>rr quantum=2: {shown}</text>", both)
    assert "stuck" not in none


def test_without_a_circle():
    """Who waits for one that has ended, and long circles, of which a few are named."""
    found = ss.run(HALF, "fcfs")
    assert "stuck from 2 ms on: nobody is left who could go on" == brief(found.deadlock, found.trace)
    many = found.deadlock._replace(
        circle=tuple(found.deadlock.others[0]._replace(job=f"j{place}") for place in range(20))
    )
    assert brief(many, found.trace).endswith("deadlock j0 -> j1 -> j2 -> j3 -> j4 -> j5 -> j6 -> j7 -> j8 -> j9 -> j10 -> j11 -> 8 more -> j0")  # fmt: skip
