"""The lab ``queue``."""

from __future__ import annotations

import pytest

from schedsim.labs import queue
from schedsim.labs.queue import (
    EMPTY,
    FULL,
    NO_ITEM,
    NO_ROOM,
    OWN,
    SAYS,
    WAITS,
    check,
    check_real,
    disappointed,
    draws,
    simulate,
)

WITHOUT = [
    {f"{FULL}: {WAITS}": 0.1},
    {f"{EMPTY}: {WAITS}": 200},
    {f"{FULL}: {SAYS}": "done"},
    {f"{EMPTY}: {SAYS}": "done"},
    {NO_ITEM: 0},
    {NO_ROOM: 100},
]


@pytest.mark.parametrize("getting", [True, False])
def test_who_comes_before_the_other_has_done_it_is_disappointed(getting):
    """As the lab's reason says, round by round: if they come less than 1 ms apart."""
    for draw in draws(None):
        if abs(draw[0] - draw[1]) != queue.DECIDES:
            assert disappointed(draw, getting=getting) == (abs(draw[0] - draw[1]) < queue.DECIDES), draw


def test_who_decides_at_once_is_not_and_this_is_seen(monkeypatch):
    """With next to no time between look and get hardly anybody comes between."""
    monkeypatch.setattr(queue, "DECIDES", 1)
    missing = list(check(simulate(None).values))
    assert [
        f"it is not now and then that {what.partition(' (')[0]}" for what in (NO_ITEM, NO_ROOM)
    ] == missing


def test_a_real_queue_that_is_exact_is_seen():
    """One that knows at once of what its own process has put is none of multiprocessing."""
    values = simulate(None).values
    assert 0 == values[OWN]
    assert ["a queue does not say that it is empty just after a put"] == list(check_real(values))
    assert [] == list(check_real({**values, OWN: 500}))
