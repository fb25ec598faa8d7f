"""Work, counted and not timed: the same on every machine."""

from __future__ import annotations

import sys


def calls(what):
    """Return how many calls, also of built-in functions, ``what()`` makes."""
    made = 0

    def count(frame, event, argument):
        nonlocal made
        del frame, argument
        made += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        what()
    finally:
        sys.setprofile(before)
    return made
