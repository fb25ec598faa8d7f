"""Whether a trace is a schedule at all: the rules that hold for every policy, from the trace alone.

A simulated run is replayed from the programs in the header, so its rows must be exactly what the rules
of the clock say; the policy is free only in whom it picks, for how long, whom it preempts and how often
it boosts. A run on real processes is late by nature, and so is a simulation of one, in which dispatches
cost time: there the rows must be possible, not punctual. Of a program that was a generator nobody knows
what it was going to do, so less is held of it.
"""

from __future__ import annotations

from schedsim.trace import Trace
from schedsim.validate.rows import Validation

__all__ = ["validate"]


def validate(trace: Trace) -> None:
    """Return if ``trace`` is a schedule; else raise TraceError naming the first wrong row and its rule.

    What is held of every run: time never goes back; tasks make legal moves; a CPU runs one task and a
    task runs on one CPU; CPU time is no more than the time that passed; jobs enter no sooner than they
    arrive and no more at once than the degree of multiprogramming; context switches are charged when
    they must be; nothing happens at ``until`` or later. Of a simulated run also: everything happens
    when it is due and in the order of the rules of the clock; bursts are as long as the programs say
    and slices no longer than granted and as the grace allows; a named device serves one task at a time, in order; every job
    comes to its end; no CPU idles while a task is ready.
    """
    Validation(trace).run()
