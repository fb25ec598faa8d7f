"""The lab ``states``."""

from __future__ import annotations

import schedsim as ss
from schedsim.labs.states import WAY, check, found, mix

WITHOUT = [
    {WAY: "new, ready, running, terminated"},
    {"ready (ms)": 0},
    {"running (ms)": 132},
    {"blocked (ms)": 0},
]


def test_without_a_clock_the_way_is_another():
    """Under FCFS nobody takes the CPU away, and this is seen."""
    assert next(check(found(ss.run(mix(), "fcfs")).values)) == (
        "A's way is new, ready, running, blocked, ready, running, terminated"
    ).replace("blocked, ready, running", "blocked, running")
