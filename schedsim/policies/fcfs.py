"""First come, first served."""

from __future__ import annotations

from schedsim.policies.base import Policy


class FirstComeFirstServed(Policy):
    """First come, first served: whoever became ready first runs until it blocks or ends.

    Good for: long jobs, and the least switching of all.
    Fails when: short jobs queue behind a long one (the convoy effect).
    Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.1.
    """

    name = "fcfs"
