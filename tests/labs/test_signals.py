"""The lab ``signals``."""

from __future__ import annotations

import schedsim as ss
from schedsim.labs.signals import (
    ASKED,
    AT_ONCE,
    BEFORE,
    CODE,
    JOINED,
    KILLED,
    PARENT,
    TIDIED,
    UNHANDLED,
    check,
    found,
    mix,
    simulate,
)

WITHOUT = [
    {PARENT: "no"},
    {BEFORE: "no"},
    {f"{ASKED}: {AT_ONCE}": "no"},
    {f"{ASKED}: {JOINED}": "yes"},
    {f"{ASKED}: {CODE}": -15},
    {f"{ASKED}: {TIDIED}": "no"},
    {f"{KILLED}: {JOINED}": "yes"},
    {f"{KILLED}: {CODE}": 0},
    {f"{KILLED}: {TIDIED}": "yes"},
]


def test_a_child_that_is_killed_in_place_of_being_asked_does_not_tidy_up():
    """Were a kill the same as a request, the check would say so."""
    seen: dict[tuple[str, str], int] = {}
    each = mix(seen)
    made = ss.run(each, "fcfs")
    same = {**seen, (ASKED, CODE): seen[KILLED, CODE], (ASKED, TIDIED): seen[KILLED, TIDIED]}
    assert [
        f"{ASKED}: the exit code is -9, and not 0",
        f"{ASKED}: the child tidied up: no",
    ] == [*check(found(made, same).values)]


def test_a_child_without_a_handler_is_judged_if_it_is_there():
    """Only the real part has one."""
    values = {
        **simulate(None).values,
        f"{UNHANDLED}: {JOINED}": "no",
        f"{UNHANDLED}: {CODE}": 0,
        f"{UNHANDLED}: {TIDIED}": "no",
    }
    assert [f"{UNHANDLED}: the exit code is 0, and not -15"] == [*check(values)]
