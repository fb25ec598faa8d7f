"""The lab ``isolation``."""

from __future__ import annotations

import pytest

from schedsim.labs import isolation
from schedsim.labs.isolation import CHILD, GLOBAL, PARENT, SENT, SHARED, check, simulate

WITHOUT = [
    {f"{GLOBAL}: {PARENT}": 105},
    {f"{SHARED}: {PARENT}": 5},
    {f"{SENT}: {PARENT}": 5},
    *({f"{way}: {CHILD}": 5} for way in (GLOBAL, SHARED, SENT)),
]


@pytest.mark.parametrize(
    ("way", "instead", "said"),
    [
        (GLOBAL, SHARED, "the child changed the parent's global variable to 105"),
        (SHARED, GLOBAL, f"{SHARED}: the parent was left with 5"),
        (SENT, GLOBAL, f"{SENT}: the parent was left with 5"),
    ],
)
def test_another_kind_of_memory_is_noticed(way, instead, said, monkeypatch):
    """Were it shared, or were it not, the check would say so."""
    programs = isolation.programs
    monkeypatch.setattr(
        isolation, "programs", lambda kind, seen: programs(instead if kind == way else kind, seen)
    )
    assert [said] == [*check(simulate(None).values)]
