"""The lab ``starvation-and-ageing``."""

from __future__ import annotations

import schedsim as ss
from schedsim.labs.starvation_and_ageing import AGEING, STRICT, check, found, mix

WITHOUT = [
    {"without ageing: the old job first runs at (ms)": 8},
    {"ageing every 10 ms: the old job first runs at (ms)": 120},
    {"ageing every 10 ms: mean turnaround of the new ones (ms)": 4},
    {"ageing every 10 ms: mean turnaround of the new ones (ms)": 40},
]


def test_a_policy_that_does_not_age_is_refused():
    """Were ageing without effect, the check would say so."""
    runs = {"without ageing": ss.run(mix(), STRICT), "ageing every 10 ms": ss.run(mix(), STRICT)}
    assert "ageing does not let the old job in early" in list(check(found(runs).values))


def test_a_policy_that_does_not_starve_is_refused():
    """Were the old job let in anyway, the check would say so."""
    runs = {"without ageing": ss.run(mix(), AGEING), "ageing every 10 ms": ss.run(mix(), AGEING)}
    missing = list(check(found(runs).values))
    assert "without ageing the old job does not wait for the end of the stream" in missing
