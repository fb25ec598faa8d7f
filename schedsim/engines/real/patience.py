"""Waiting for a disturbance to pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from schedsim.errors import BusyError

Result = TypeVar("Result")

PAUSES: Final = (0.2, 1.0, 2.0)
"""Seconds before the second, third and fourth try: what disturbs comes in bursts of about a second."""

LONGEST: Final = 60.0
"""Seconds in which another real run should have ended."""
LOOK_AGAIN: Final = 0.2


def let_pass(tries: int) -> None:
    """Wait after so many tries that were disturbed; not at all after none."""
    if tries:
        time.sleep(PAUSES[min(tries, len(PAUSES)) - 1])


def when_free(run: Callable[[], Result]) -> Result:
    """Return what ``run`` returns, as soon as no other real run of this machine is in its way.

    Who makes many runs one after the other must not lose them all to somebody else's single one.
    Raises BusyError when it takes too long.
    """
    until = time.monotonic() + LONGEST
    while True:
        try:
            return run()
        except BusyError:
            if time.monotonic() > until:
                raise
            time.sleep(LOOK_AGAIN)
