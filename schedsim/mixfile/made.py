"""Jobs made in Python: the checks of a file's jobs, a column at a time.

A mix of a million jobs must not take seconds more for each run because it might be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schedsim.jobs import Job
from schedsim.mixfile.checks import LARGEST
from schedsim.mixfile.collect import MOST_JOBS
from schedsim.operations import Cpu, Io
from schedsim.times import LONGEST, Ns


def are_right(jobs: Sequence[Any]) -> bool:
    """Return whether all are jobs sure to pass every check; False says that each must be looked at."""
    if set(map(type, jobs)) != {Job} or len(jobs) > MOST_JOBS:
        return False
    ids, arrivals, programs, priorities, nices, tickets, *times, spawned = (
        [job[field] for job in jobs] for field in range(len(Job._fields))
    )
    whole = (
        (arrivals, 0, LONGEST),
        (priorities, -LARGEST, LARGEST),
        (nices, -20, 19),
        (tickets, 1, LARGEST),
    )
    return (
        _are_ids(ids)
        and all(_are_whole(numbers, low, high) for numbers, low, high in whole)
        # Estimates, periods and deadlines are rare enough for the longer way.
        and all(set(map(type, column)) == {type(None)} for column in times)
        and set(map(type, spawned)) == {bool}
        and not any(spawned)
        and all(type(program) is tuple and _computes(program) for program in programs)
        and _are_bursts([step for program in programs for step in program], max(arrivals))
    )


def _are_ids(ids: list[Any]) -> bool:
    return (
        set(map(type, ids)) == {str}
        and len(set(ids)) == len(ids)
        and "" not in ids
        and "".join(ids).isprintable()
        and not any(name[0] == " " or name[-1] == " " for name in ids)
    )


def _are_whole(numbers: list[Any], low: int, high: int) -> bool:
    return set(map(type, numbers)) == {int} and low <= min(numbers) and max(numbers) <= high


def _computes(program: tuple[object, ...]) -> bool:
    return program != () and (type(program[0]) is Cpu or any(type(step) is Cpu for step in program))


def _are_bursts(steps: list[Any], latest: Ns) -> bool:
    """Return whether all are bursts without a device, and end within what can be counted."""
    if not set(map(type, steps)) <= {Cpu, Io} or any(getattr(step, "device", "") != "" for step in steps):
        return False
    lengths = [step.ns for step in steps]
    return _are_whole(lengths, 1, LONGEST) and latest + sum(lengths) < LONGEST
