"""Help for testing policies and engines: nothing here needs pytest or hypothesis.

``schedsim.testing.strategies`` and ``schedsim.testing.together`` alone do, and are not loaded from here.
"""

from __future__ import annotations

from schedsim.testing.check import check_policy
from schedsim.testing.machine import RecordingMachine, arrived, make_job, make_task
from schedsim.testing.traces import assert_same_trace

__all__ = ["RecordingMachine", "arrived", "assert_same_trace", "check_policy", "make_job", "make_task"]
