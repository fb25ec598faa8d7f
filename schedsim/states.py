"""The states of a task, and its legal moves between them."""

from __future__ import annotations

import enum
from typing import Final


class State(enum.IntEnum):
    """The states of the process model (Silberschatz, Galvin, Gagne, 10th ed., 3.1.2)."""

    NEW = 0
    READY = 1
    RUNNING = 2
    BLOCKED = 3
    ZOMBIE = 4
    TERMINATED = 5


# The members under plain names: reading one from its enumeration costs ten times as much.
NEW: Final = State.NEW
READY: Final = State.READY
RUNNING: Final = State.RUNNING
BLOCKED: Final = State.BLOCKED
ZOMBIE: Final = State.ZOMBIE
TERMINATED: Final = State.TERMINATED

LEGAL_MOVES: Final = frozenset(
    {
        (NEW, READY),
        (NEW, BLOCKED),
        (NEW, TERMINATED),  # an empty program, or its process died
        (READY, RUNNING),
        (READY, TERMINATED),  # its process died
        (RUNNING, READY),
        (RUNNING, BLOCKED),
        (RUNNING, TERMINATED),
        (RUNNING, ZOMBIE),
        (BLOCKED, READY),
        (BLOCKED, TERMINATED),
        (BLOCKED, ZOMBIE),
        (ZOMBIE, TERMINATED),
    }
)
"""Every move a task may make; ``trace.validate`` and the tests hold runs against it."""
