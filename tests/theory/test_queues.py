"""Simulated queues have the means that queueing theory proves, and theory that does not fit is told apart.

Notation: arrivals are Poisson of rate ``l``, ``s`` is the mean service, ``rho`` the load of a CPU, ``E[S^2]`` the second
moment of service. Every interval is one of 99% from ten independent replications (``replications.py``);
``width`` guards against an interval so wide that anything lies inside. Times are milliseconds.
"""

from __future__ import annotations

import pytest

from tests.theory.replications import Interval, interval, replicate, turnaround, waiting

BIMODAL = "bimodal:short=2,long=50,share=0.1"
BIMODAL_MEAN = 0.9 * 2 + 0.1 * 50
BIMODAL_SQUARE = 0.9 * 2**2 + 0.1 * 50**2


def m_m_1(rho, s):
    """Return the mean wait of M/M/1 under FCFS (Kleinrock, Queueing Systems I, 1975, 3.2)."""
    return rho * s / (1 - rho)


def m_g_1(rho, s, square):
    """Return the mean wait of M/G/1 under FCFS, Pollaczek and Khinchine (Kleinrock 1975, 5.6): l E[S^2] / 2 (1 - rho)."""
    return rho / s * square / (2 * (1 - rho))


def m_m_2(rho, s):
    """Return the mean wait of M/M/2 under FCFS, Erlang's C formula (Kleinrock 1975, 3.5)."""
    offered = 2 * rho
    all_busy = offered**2 / 2 / (1 - rho)
    chance_to_wait = all_busy / (1 + offered + all_busy)
    return chance_to_wait * s / (2 * (1 - rho))


def test_the_formulas():
    """The formulas have the values that are known without them."""
    assert 10 == m_m_1(0.5, 10)
    assert 10 == m_g_1(0.5, 10, 2 * 10**2), "exponential: E[S^2] = 2 s^2"
    assert 5 == m_g_1(0.5, 10, 10**2), "constant: half of it"
    assert pytest.approx(10 / 3) == m_m_2(0.5, 10), "rho^2 s / (1 - rho^2)"


def test_the_interval():
    """The interval is the mean, plus and minus t times the standard error."""
    low, high = interval([1.0, 3.0] * 5)
    # Squares sum to 10 over 9 degrees of freedom: s = 1.0541, standard error 0.33333.
    assert (low, high) == pytest.approx((2 - 3.2498 / 3, 2 + 3.2498 / 3))
    assert 2 in Interval(low, high)
    assert 4 not in Interval(low, high)


@pytest.mark.slow
def test_m_m_1_first_come_first_served():
    """M/M/1: the mean wait is rho s / (1 - rho); that of another load is not."""
    (found,) = replicate(8_000, "fcfs", waiting, load=0.6)
    assert m_m_1(0.6, 10) in found
    assert found.width < 0.25
    assert m_m_1(0.5, 10) not in found
    assert m_m_1(0.7, 10) not in found
    # The time in the system, taken for the wait.
    assert m_m_1(0.6, 10) + 10 not in found


@pytest.mark.slow
def test_m_g_1_uniform_service():
    """M/G/1 with services from 1 to 19 alike: Pollaczek-Khinchine; M/M/1 and M/D/1 of the same load are not it."""
    (found,) = replicate(8_000, "fcfs", waiting, burst="uniform:min=1,max=19", load=0.6)
    assert m_g_1(0.6, 10, 10**2 + 18**2 / 12) in found
    assert found.width < 0.25
    assert m_m_1(0.6, 10) not in found
    assert m_g_1(0.6, 10, 10**2) not in found


@pytest.mark.slow
def test_m_g_1_bimodal_service():
    """M/G/1 with one long service in ten: Pollaczek-Khinchine; M/M/1 of the same load is far from it."""
    (found,) = replicate(8_000, "fcfs", waiting, burst=BIMODAL, load=0.5)
    assert m_g_1(0.5, BIMODAL_MEAN, BIMODAL_SQUARE) in found
    assert found.width < 0.25
    assert m_m_1(0.5, BIMODAL_MEAN) not in found
    assert m_g_1(0.6, BIMODAL_MEAN, BIMODAL_SQUARE) not in found


@pytest.mark.slow
def test_two_cpus():
    """M/M/2: the mean wait is Erlang's; one CPU twice as fast and two separate queues have others."""
    (found,) = replicate(8_000, "fcfs", waiting, load=0.7, cpus=2)
    assert m_m_2(0.7, 10) in found
    assert found.width < 0.25
    assert m_m_1(0.7, 5) not in found
    assert m_m_1(0.7, 10) not in found
    assert m_m_2(0.6, 10) not in found


@pytest.mark.slow
def test_priorities_without_preemption():
    """Two classes, the first one first, no preemption: Cobham's formula (Kleinrock, Queueing Systems II, 1976, 3.3).

    The wait of class k is w / (1 - s(k-1)) (1 - s(k)), where w = l E[S^2] / 2 is what is left of the running
    job and s(k) the load of classes 1 to k.
    """

    def of(priority):
        return lambda result, job: result.waiting if job.priority == priority else None

    rest = 0.6 / 10 * 200 / 2
    options = {"preemptive": False, "priority_order": "low-first"}
    high, low = replicate(8_000, "priority", of(1), of(2), load=0.6, priorities="1-2", options=options)
    assert rest / (1 - 0.3) in high
    assert rest / (1 - 0.3) / (1 - 0.6) in low
    assert max(high.width, low.width) < 0.3
    assert m_m_1(0.6, 10) not in high
    assert m_m_1(0.6, 10) not in low
    # Preemptive, the first class would wait for its own alone.
    assert m_m_1(0.3, 10) not in high


@pytest.mark.slow
def test_a_small_quantum_shares_the_processor():
    """Round robin with a small quantum is nearly processor sharing: a job of length x takes x / (1 - rho).

    So the mean depends on the mean service alone (Kleinrock 1976, 4.4), unlike under FCFS. A job leaves at the end
    of its own last slice, when sharing would have it wait for the others once more: with a quantum of an eighth of
    the shortest job that is about 0.1 ms, a third of half the narrowest interval.
    """

    def of(length):
        return lambda result, job: result.turnaround if result.cpu == length else None

    options = {"quantum": 0.25}
    everyone, short, long = replicate(
        5_000, "rr", turnaround, of(2), of(50), burst=BIMODAL, load=0.5, options=options
    )
    assert BIMODAL_MEAN / (1 - 0.5) in everyone
    assert 2 / (1 - 0.5) in short
    assert 50 / (1 - 0.5) in long
    assert max(everyone.width, short.width, long.width) < 0.35
    # First come, first served.
    assert m_g_1(0.5, BIMODAL_MEAN, BIMODAL_SQUARE) + BIMODAL_MEAN not in everyone
    # Another load.
    assert BIMODAL_MEAN / (1 - 0.6) not in everyone
    assert 2 / (1 - 0.6) not in short
    assert 50 / (1 - 0.6) not in long
