"""How the bars of a job look in every picture: a colour, and a hatch where colours do not suffice.

Colour and hatch together tell 64 jobs apart, and hatches alone 8, as where colours are not printed.
"""

from __future__ import annotations

from typing import Final

from schedsim.gantt import PALETTE

_RISING: Final = "M-1 1l2-2M0 6l6-6M5 7l2-2"
_FALLING: Final = "M-1 5l2 2M0 0l6 6M5-1l2 2"
_LEVEL: Final = "M0 3h6"
_UPRIGHT: Final = "M3 0v6"

TILE: Final = 6
"""The side of the square that a hatch repeats, in pixels."""
HATCHES: Final = (
    "",
    _RISING,
    _FALLING,
    _LEVEL,
    _RISING + _FALLING,
    _UPRIGHT,
    _RISING + _UPRIGHT,
    _LEVEL + _UPRIGHT,
)
"""The hatches, as what SVG calls path data in a tile; the first is none."""


def hatch_of(job: int) -> int:
    """Return which of ``HATCHES`` the job at place ``job`` of the mix has; it shifts against the colours.

    >>> [hatch_of(job) for job in (0, 7, 8, 9)]
    [0, 7, 1, 2]
    """
    return (job + job // len(PALETTE)) % len(HATCHES)


def hatched(jobs: int, *, named: bool) -> bool:
    """Return whether a picture of so many jobs has hatches.

    It has them where there are more jobs than colours, and where bars are not all ``named``, since then
    colour alone would say whose they are.
    """
    return jobs > len(PALETTE) or not named
