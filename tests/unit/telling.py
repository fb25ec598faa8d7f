"""Runs of jobs that do something with each other, told row by row with names in place of numbers."""

from __future__ import annotations

from schedsim.cooperation import checked
from schedsim.engines.simulated import simulate
from schedsim.experiment import header_of
from schedsim.policies.options import make_policy
from schedsim.trace import Kind, Trace
from schedsim.validate import validate
from tests.simulations import simulated
from tests.unit.playing import mix_of

OBJECTS = (
    Kind.ACQUIRED,
    Kind.RELEASED,
    Kind.PUT,
    Kind.GOT,
    Kind.REFUSED,
    Kind.READS,
    Kind.WRITES,
    Kind.WAITS,
)
JOBS = (Kind.JOINS, Kind.SPAWNED, Kind.SIGNALLED, Kind.ZOMBIE, Kind.REAPED)
COUNTED = (Kind.VALUE, Kind.SWITCHED, Kind.DISPATCHED)
"""The kinds whose value is told also where it is 0."""


def trace_of(text, algo="fcfs", options=None, **settings):
    """Return the trace of such a mix (see ``mix_of``), which is a schedule."""
    trace = simulated(checked(mix_of(text, **settings)), make_policy(algo, options or {}, "ns"))
    validate(trace)
    return trace


def told(text, algo="fcfs", options=None, **settings):
    """Return the rows as ``3 acquired A 0 m``: time, kind, job, CPU and value, left out where there is none."""
    return rows_of(trace_of(text, algo, options, **settings))


def rows_of(trace):
    """Return the rows of a trace in those words."""
    names = [job.id for job in trace.header.jobs]
    found = []
    for row in trace:
        words = [str(row.time), row.kind.name.lower(), names[row.task]]
        if row.cpu >= 0:
            words.append(str(row.cpu))
        if row.kind in OBJECTS:
            words.append(trace.header.objects[row.value].split()[1])
        elif row.kind in JOBS:
            words.append(names[row.value] if row.value >= 0 else "init")
        elif row.value or row.cpu >= 0 or row.kind in COUNTED:
            words.append(str(row.value))
        found.append(" ".join(words))
    return found


def measured(mix, policy, overheads):
    """Return the trace of a mix on a machine on which dispatches cost time."""
    return simulate(checked(mix), policy, Trace(header_of(mix, policy, None)), overheads=overheads)
