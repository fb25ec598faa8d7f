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


LEGAL_MOVES: Final = frozenset(
    {
        (State.NEW, State.READY),
        (State.NEW, State.BLOCKED),
        (State.READY, State.RUNNING),
        (State.RUNNING, State.READY),
        (State.RUNNING, State.BLOCKED),
        (State.RUNNING, State.TERMINATED),
        (State.RUNNING, State.ZOMBIE),
        (State.BLOCKED, State.READY),
        (State.BLOCKED, State.TERMINATED),
        (State.BLOCKED, State.ZOMBIE),
        (State.ZOMBIE, State.TERMINATED),
    }
)
"""Every move a task may make; ``trace.validate`` and the tests hold runs against it."""
