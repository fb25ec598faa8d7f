"""The real part of every lab shows its effect on this machine, unless the machine is disturbed."""

from __future__ import annotations

import os

import pytest

from schedsim.labs import names
from schedsim.labs.running import INCONCLUSIVE, NOT_DONE, SEEN, carry_out
from tests.real.machine import inconclusive


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_the_effect_is_there_for_real(name):
    """The real values pass the lab's check, and have names in common with the simulated ones."""
    result = carry_out(name, real=True)
    assert result.real is not None
    if result.real.verdict == INCONCLUSIVE:
        inconclusive("; ".join(result.real.why))
    if result.real.verdict == NOT_DONE and os.geteuid() != 0:
        pytest.skip("; ".join(result.real.why))  # what takes root
    assert (SEEN, ()) == (result.real.verdict, result.real.why)
    assert set(result.real.values) & set(result.simulated.values)
