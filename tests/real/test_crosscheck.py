"""Crosschecks on real processes: one that agrees, and five ways in which one must not.

A machine that is disturbed proves nothing: such a test looks up to three times and then says that it was
inconclusive. It never fails for noise, and never passes without having seen what it is about.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

import schedsim as ss
from schedsim.confused import Confusion
from schedsim.crosschecked import Crosscheck
from schedsim.errors import HostError

pytestmark = [pytest.mark.real, pytest.mark.slow]

JOBS = [("A", 0, 41.3), ("B", 6.1, 28.7), ("C", 13.9, 17.2), ("D", 27.4, 33.6)]
TRIES = 3
Result = TypeVar("Result", Crosscheck, Confusion)


def seen(look: Callable[[], Result]) -> Result:
    """Return a result that is conclusive, or skip the test after a few."""
    why = ""
    for _ in range(TRIES):
        try:
            result = look()
        except HostError as error:  # too disturbed to be calibrated, or another run goes on
            why = str(error)
            continue
        if result.verdict != "inconclusive":
            return result
        why = result.why
    pytest.skip(f"inconclusive: {why}")


def test_simulation_and_measurement_agree():
    """Round robin, every job within its tolerance, in every valid run a schedule that replays."""
    result = seen(lambda: ss.crosscheck(JOBS, "rr:quantum=10", repeat=3))
    assert ("agree", []) == (result.verdict, result.faults), result.why


def test_another_quantum_disagrees():
    """RR 20 measured, RR 10 simulated."""
    result = seen(lambda: ss.crosscheck(JOBS, "rr:quantum=20", predict="rr:quantum=10", repeat=3))
    assert result.verdict == "disagree", result.why
    assert result.worst


def test_a_worker_that_burns_more_is_named():
    """C burns 5 % more than its program says: 0.9 ms, which no turnaround would show beyond doubt."""
    result = seen(lambda: ss.crosscheck(JOBS, "fcfs", excess={"C": 0.05}, repeat=3))
    assert result.verdict == "disagree", result.why
    named = re.search(r"job C used (\d\.\d) % more CPU time than the 17\.2 ms of its program", result.why)
    assert named, result.why
    assert abs(float(named[1]) - 5) < 1
    assert ["A", "B", "D"] == [job.id for job in result.jobs if job.cpu is not None and abs(job.cpu) < 0.01]


PLANTED = '''
from schedsim import Policy, ms


class Planted(Policy):
    """Round robin whose quantum of 10 ms is a millisecond too long."""

    def slice(self, task, queue):
        return ms(10) + ms(1)
'''


def test_a_planted_off_by_one_disagrees(tmp_path):
    """A policy file whose slices are 1 ms too long, beside what it claims to be."""
    path = tmp_path / "planted.py"
    path.write_text(PLANTED)
    algo = f"{path}:Planted"
    result = seen(lambda: ss.crosscheck(JOBS, algo, predict="rr:quantum=10", repeat=3))
    assert result.verdict == "disagree", result.why
    assert seen(lambda: ss.crosscheck(JOBS, algo, repeat=3)).verdict == "agree"


def test_policies_are_told_apart():
    """Every run is nearest to the prediction of its own policy."""
    algos = ["fcfs", "srtf", "rr:quantum=5", "rr:quantum=10"]
    result = seen(lambda: ss.confusion(JOBS, algos, repeat=1))
    assert result.verdict == "agree", result.why


def hog(cpu: int) -> None:
    """Compute on that CPU until the process is ended."""
    os.sched_setaffinity(0, {cpu})
    parent = os.getppid()
    while os.getppid() == parent:
        for _ in range(100_000):
            pass


@pytest.fixture
def hogs() -> Iterator[Callable[[], None]]:
    """Give what starts two busy processes on the CPU that will be measured; they end with the test."""
    cpu = max(os.sched_getaffinity(0))
    context = multiprocessing.get_context("fork")
    started = [context.Process(target=hog, args=(cpu,), daemon=True) for _ in range(2)]

    def start() -> None:
        for process in started:
            process.start()
        time.sleep(0.1)

    yield start
    for process in started:
        if process.pid is not None:
            process.kill()
            process.join()
            process.close()  # or its sentinel stays open until it is collected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes cannot be pinned here")
def test_hogs_on_the_measured_cpu_are_never_agreement(hogs, monkeypatch):
    """Two strangers take two thirds of the CPU from processes without priority: nothing follows, and it says why."""
    monkeypatch.setattr("schedsim.engines.real.patience.PAUSES", (0.0,))
    try:
        ss.calibrate("signals")
    except HostError as error:
        pytest.skip(f"inconclusive: {error}")
    hogs()
    result = ss.crosscheck(JOBS, "rr:quantum=10", driver="signals", repeat=3)
    assert result.verdict == "inconclusive"
    assert result.tries.valid < 2
    assert "other processes had the measured CPU for" in result.why
    with pytest.raises(HostError, match="this machine is too disturbed to be calibrated: "):
        ss.calibrate("signals", again=True)
