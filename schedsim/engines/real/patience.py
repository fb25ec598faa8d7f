"""Waiting for a disturbance to pass."""

from __future__ import annotations

import time
from typing import Final

PAUSES: Final = (0.2, 1.0, 2.0)
"""Seconds before the second, third and fourth try: what disturbs comes in bursts of about a second."""


def let_pass(tries: int) -> None:
    """Wait after so many tries that were disturbed; not at all after none."""
    if tries:
        time.sleep(PAUSES[min(tries, len(PAUSES)) - 1])
