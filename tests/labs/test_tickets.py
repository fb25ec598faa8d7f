"""The lab ``tickets``."""

from __future__ import annotations

import pytest

from schedsim.labs import tickets
from schedsim.labs.tickets import COUNTER, INTERVAL, MOST, OVERSOLD, WAITED, WITH, WITHIN, WITHOUT_LOCK, check

WITHOUT = [
    {f"{WITHOUT_LOCK}: {OVERSOLD}": 0},
    {f"{WITHOUT_LOCK}: {OVERSOLD}": 100},
    {f"{WITHOUT_LOCK}: {MOST}": 2},
    {f"{WITHOUT_LOCK}: {COUNTER}": -1},
    {f"{WITH}: {OVERSOLD}": 0.5, f"{WITH}: {MOST}": 3},
    {f"{WITH}: {WAITED}": 0},
]


def sold(draw, *, locked):
    """Return how many tickets a round sells, the counter after it, and how long was waited for the lock."""
    made = tickets.one_round(draw, locked=locked)
    return made.sold, made.counter, made.waited


@pytest.mark.parametrize(
    ("draw", "without", "with_one"),
    [
        # Everybody comes when the one before has gone.
        pytest.param(((1000, 500), (2000, 500), (3000, 500), (4000, 500)), (2, 0, 0), (2, 0, 0), id="apart"),
        # The second looks while the first thinks: both write 1, so there is one more for the third.
        pytest.param(
            ((1000, 500), (1200, 500), (3000, 500), (4000, 500)), (3, 0, 0), (2, 0, 0.3), id="two meet"
        ),
        # All look before anybody has written; with a lock they wait 400, 300 + 500, 200 + 500 + 0.
        pytest.param(
            ((1000, 500), (1100, 500), (1200, 500), (1300, 500)), (4, 1, 0), (2, 0, 1.9), id="all meet"
        ),
    ],
)
def test_rounds_worked_by_hand(draw, without, with_one):
    """How many are sold, what the counter says, how long the lock is waited for."""
    assert without == sold(draw, locked=False)
    assert with_one == pytest.approx(sold(draw, locked=True))


def test_whoever_does_not_think_sells_no_more_than_there_are(monkeypatch):
    """Without a delay there is no race, and this is seen."""
    monkeypatch.setattr(tickets, "THINKS", (1, 1))
    missing = list(check(tickets.simulate(None).values))
    assert "without a lock it is not now and then that too many are sold" in missing


def test_a_simulation_that_is_off_is_seen():
    """Where its share does not lie in the interval around the real one."""
    values = {**tickets.simulate(None).values, INTERVAL: "60.0 to 70.0", WITHIN: "no"}
    assert ["the simulated share does not lie in the interval around the real one, 60.0 to 70.0 %"] == list(
        check(values)
    )
