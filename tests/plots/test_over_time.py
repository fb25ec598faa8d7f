"""Numbers over time: the ready queue, the use of the CPUs, and how they are summed up where they change too often."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import schedsim as ss
from schedsim.plots.counts import MOST_STEPS, Steps, curves, steps
from schedsim.timeline import Piece
from tests.plots.looking import legend, stairs, words
from tests.plots.mixes import AWKWARD, run

pytestmark = pytest.mark.slow


def test_the_ready_queue():
    """How many jobs were ready from when to when; Little's law gives the mean."""
    result = ss.run("first", "rr", quantum=2)
    picture = result.plot("queue")
    upper, lower = picture.axes
    values, edges = stairs(upper)[0]
    area = sum(value * (stop - start) for value, start, stop in zip(values, edges, edges[1:], strict=False))
    assert area == sum(job.waiting for job in result.jobs)
    # At 8 D runs while B, A, C and E wait.
    assert 4 == max(values)
    assert "ready queue" == upper.get_title(loc="left")
    assert "CPU use, 100 % on average" == lower.get_title(loc="left")
    # The jobs wait for 8, 7, 11, 4 and 6 of the 17 ms.
    assert ["ready", "mean 2.12", "works for a job"] == legend(picture)


def test_the_use_of_the_cpus():
    """What works, and on top of it what switches; the rest is idle."""
    result: Any = ss.run(AWKWARD, "rr", quantum=4)
    _, lower = result.plot("queue").axes
    (busy, edges), (both, _) = stairs(lower)
    lengths = [stop - start for start, stop in pairwise(edges)]
    assert result.system["busy"] == pytest.approx(sum(map(lambda a, b: a * b, busy, lengths)))
    assert result.system["busy"] + result.system["switching"] == pytest.approx(
        sum(map(lambda a, b: a * b, both, lengths))
    )


def test_waiting_for_admission_is_a_curve_of_its_own():
    """A job that is held is not ready."""
    assert "waiting for admission" in legend(ss.run(AWKWARD, "rr", quantum=4).plot("queue"))


def test_several_cpus_are_counted():
    """The lower panel then goes up to their number."""
    _, lower = run("two-cpus").plot("queue").axes
    assert "CPUs" == lower.get_ylabel()
    assert 2 == max(stairs(lower)[0][0])


def test_too_many_changes_are_averaged():
    """Means over equal parts of the time, and a sentence that says so."""
    picture = run("1000").plot("queue")
    upper, _ = picture.axes
    assert 200 == len(stairs(upper)[1][0])
    assert "There are too many changes to draw each" in " ".join(words(picture))


def test_a_part_of_the_time():
    """A span is drawn exactly, and the words say which."""
    picture = run("60").plot("queue", span=(100, 120))
    assert (100, 120) == picture.axes[0].get_xlim()
    assert "quantum=4 from 100 to 120 ms: " in picture.alt_text


def test_steps_count_what_goes_on():
    """Pieces that overlap are counted, and an instant without a change is no step."""
    counted = steps([Piece(0, 4, 0), Piece(2, 6, 0), Piece(6, 8, 0)])
    assert Steps([0, 2, 4, 8], [1, 2, 1, 0]) == counted
    assert [0, 1, 2, 1, 0] == [steps([Piece(1, 4, 0), Piece(2, 6, 0)]).at(time) for time in (0, 1, 3, 5, 6)]
    assert counted.mean(0, 8) == pytest.approx((1 * 2 + 2 * 2 + 1 * 4) / 8)


PIECES = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 40)).map(lambda pair: Piece(pair[0], sum(pair), 0)),
    max_size=30,
)


@given(PIECES, st.integers(1, 40))
def test_parts_keep_the_area(pieces, count):
    """However the time is cut into parts, the area under the curve is the same, between least and most."""
    counted = steps(pieces)
    edges = sorted({0, 340, *(340 * part // count for part in range(count + 1))})
    parts = counted.parts(edges)
    area = sum(mean * (stop - start) for mean, start, stop in zip(parts.mean, edges, edges[1:], strict=False))
    assert area == pytest.approx(sum(end - start for start, end, _ in pieces))
    for start, stop, least, most in zip(edges, edges[1:], parts.least, parts.most, strict=False):
        seen = [counted.at(time) for time in range(start, stop)]
        assert (min(seen), max(seen)) == (least, most)


def test_few_changes_are_exact():
    """Up to a number of changes nothing is averaged."""
    few = steps([Piece(time, time + 1, 0) for time in range(0, MOST_STEPS, 2)])
    assert curves({0: few}, 0, MOST_STEPS).exact
    many = steps([Piece(time, time + 1, 0) for time in range(0, 2 * MOST_STEPS, 2)])
    averaged = curves({0: many}, 0, 2 * MOST_STEPS)
    assert not averaged.exact
    assert {0.5} == set(averaged.values[0])
