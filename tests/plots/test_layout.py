"""Every kind of picture for 1, 5, 60 and 1,000 jobs: drawn without a warning, nothing cut off, nothing overlapping."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim import plots
from schedsim.levels import levels_of
from schedsim.plots.names import COMPARISON_KINDS, RUN_KINDS
from tests.plots.looking import faults
from tests.plots.mixes import SIZES, comparison, measured, mix, run, sweep

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", [kind for kind in RUN_KINDS if kind != "levels"])
def test_a_run(kind, size):
    """Each kind of picture of one run."""
    assert faults(run(size).plot(kind)) == []


@pytest.mark.parametrize(
    ("algo", "size"),
    [
        *(("mlfq:boost=40", size) for size in ("1", "5", "13", "60", "1000", "awkward")),
        *(("feedback", size) for size in ("5", "60", "1000")),
        ("mlq", "two-cpus"),
    ],
)
def test_levels(algo, size):
    """The levels of each policy that has some."""
    result = run(size, algo)
    assert faults(plots.levels(result, levels_of(result, None, mix(size)))) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", [kind for kind in COMPARISON_KINDS if kind != "quantum"])
def test_a_comparison(kind, size):
    """Each kind of picture of several runs."""
    assert faults(comparison(size).plot(kind)) == []


@pytest.mark.parametrize("size", ["1", "5", "60", "1000", "two-cpus"])
def test_a_sweep(size):
    """The sweep of the quantum."""
    assert faults(sweep(size).plot("quantum")) == []


@pytest.mark.parametrize("size", SIZES)
def test_measured(size):
    """Simulated beside measured, alone and all in one."""
    simulated, found = run(size), [measured(size, number) for number in range(3)]
    assert faults(plots.measured_lanes(simulated, found[0], by="job")) == []
    assert faults(plots.measured_scatter(simulated, found[0])) == []
    predictions = {"ideal": simulated, "calibrated": ss.run(mix(size), "rr", quantum=4, switch_cost=0.05)}
    assert faults(plots.crosscheck_figure(predictions, found, band=0.05)) == []


@pytest.mark.parametrize("kind", RUN_KINDS)
def test_all_policies_of_a_mix(kind):
    """Eight policies with long labels have room, too."""
    if kind in COMPARISON_KINDS:
        assert faults(ss.compare("stallings-9.5").plot(kind)) == []


@pytest.mark.parametrize("kind", COMPARISON_KINDS)
def test_sixty_long_names(kind):
    """Names that have room nowhere, and begin alike."""
    jobs = [
        (f"a name that is much too long for any lane <b>${number}$", 5 * number, 4 + number % 5)
        for number in range(60)
    ]
    named = ss.load(jobs)
    made = ss.sweep_quantum(named, [1, 4]) if kind == "quantum" else ss.compare(named, ["fcfs", "rr", "mlfq"])
    assert faults(made.plot(kind)) == []
    if kind in RUN_KINDS:
        assert faults(ss.run(named, "rr", quantum=3, notes=False).plot(kind)) == []


@pytest.mark.parametrize("kind", ["gantt", "jobs", "queue"])
def test_a_part(kind):
    """A part of the time of a large run is drawn exactly."""
    assert faults(run("1000").plot(kind, span=(400, 500))) == []
