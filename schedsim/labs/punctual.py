"""Processes of labs that sleep for as long as simulated jobs wait, and know how late they were woken up."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from schedsim.labs.stage import Stage


class Sleeper:
    """A process that is woken up on time as far as this machine can.

    Where it may have a real-time priority it takes the lowest, so that a machine that is busy with others
    does not make it late. So it must sleep most of its time.
    """

    def __init__(self, late: Any, place: int) -> None:
        """Be the process at this place; ``late`` is memory for all, with a number of seconds for each."""
        self.late, self.place = late, place
        with suppress(OSError, AttributeError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))

    def until(self, moment: float) -> None:
        """Sleep until that moment of the monotonic clock."""
        time.sleep(max(moment - time.monotonic(), 0.0))
        self.late[self.place] = max(self.late[self.place], time.monotonic() - moment)

    def sleep(self, seconds: float) -> None:
        """Sleep for so long."""
        self.until(time.monotonic() + seconds)


def late_words(late: Any, allowed: float, stage: Stage) -> tuple[str, ...]:
    """Return a note where somebody was woken up later than ``allowed`` seconds, which disturbs the lab."""
    worst = max(late)
    if worst <= allowed:
        return ()
    said = f"the machine was busy: a process was woken up {worst * 1e3:.0f} ms late"
    stage.disturbed(said)
    return (said,)
