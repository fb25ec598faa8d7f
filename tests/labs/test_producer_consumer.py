"""The lab ``producer-consumer``."""

from __future__ import annotations

import pytest

from schedsim.labs import producer_consumer
from schedsim.labs.producer_consumer import (
    EVEN,
    FAST,
    GETTING,
    NO_SENTINEL,
    PUTTING,
    RATE,
    SENTINEL,
    SLOW,
    check,
    draws,
    simulate,
    simulated,
)

WITHOUT = [
    {f"{EVEN}, room for 16: {RATE}": 165},
    {f"{EVEN}, room for 16: {PUTTING}": 69},
    {f"{EVEN}, room for 16: {GETTING}": 69},
    {f"{FAST}, room for 16: {RATE}": 190},
    {f"{FAST}, room for 16: {PUTTING}": 0},
    {f"{SLOW}, room for 16: {RATE}": 190},
    {f"{SLOW}, room for 16: {GETTING}": 10},
    {SENTINEL: "waits for ever"},
    {NO_SENTINEL: "ends"},
]


@pytest.mark.parametrize(
    ("times", "room", "flow"),
    [
        # Made at 1, 2, 3; used from 1 to 4, 4 to 7, 7 to 10. With room for one the third is put at 4.
        pytest.param([(1000, 3000)] * 3, 1, (0.010, 1, 1), id="slow consumer"),
        pytest.param([(1000, 3000)] * 3, 2, (0.010, 0, 1), id="slow consumer, more room"),
        # Made at 3, 6, 9, and each is used at once: the consumer waits for 3, 2 and 2.
        pytest.param([(3000, 1000)] * 3, 1, (0.010, 0, 7), id="slow producer"),
    ],
)
def test_flows_worked_by_hand(times, room, flow, monkeypatch):
    """How long it takes, and how long each waits; what the sentinel waits for is the producer's, too."""
    monkeypatch.setattr(producer_consumer, "ITEMS", len(times))
    made = simulated(times, room, sentinel=False)
    assert flow == pytest.approx((made.length, made.putting, made.getting))
    assert not made.ended
    assert simulated(times, room).ended


def test_whatever_is_drawn_the_sums_are_the_same():
    """So that no seed makes one of two who are equally fast the slower one."""
    for seed in range(5):
        makes, uses = (sum(column) for column in zip(*draws(seed, (5, 10)), strict=True))
        assert (makes, uses) == pytest.approx((300_000, 600_000), rel=0.02)


def test_where_all_items_take_equally_long_room_is_of_no_use(monkeypatch):
    """Nobody is ever ahead, and this is seen."""
    monkeypatch.setattr(
        producer_consumer, "draws", lambda _, speeds: [(1000 * speeds[0], 1000 * speeds[1])] * 60
    )
    assert "room does not help two who are equally fast" in list(check(simulate(None).values))
