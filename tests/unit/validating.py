"""What the tests of ``validate`` share: small mixes, and the message of a refusal."""

from __future__ import annotations

import pytest

from schedsim import validate
from schedsim.errors import TraceError
from tests.simulations import written

ONE = "A 0 cpu 3"
TWO = "A 0 cpu 3\nB 0 cpu 2"
IO = "A 0 cpu 1; io 2; cpu 1"
YIELD = "A 0 cpu 1; yield; cpu 1"
LATER = "A 1 cpu 1\nB 1 cpu 1"
DEVICE = "A 0 io 2 disk; cpu 1\nB 0 io 2 disk; cpu 1"


START = "0 arrived A\n0 dispatched A 0 -1\n"


def refused(rows, jobs, **header):
    """Return the message with which the trace is refused."""
    with pytest.raises(TraceError) as caught:
        validate(written(rows, jobs, **header))
    return str(caught.value)
