"""Jobs made in Python: the checks of a file's jobs, a column at a time.

A mix of a million jobs must not take seconds more for each run because it might be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schedsim.jobs import Job
from schedsim.mix_faults import are_sound, are_whole
from schedsim.mixfile.collect import MOST_JOBS
from schedsim.operations import Cpu, Io
from schedsim.times import LONGEST, Ns


def are_right(jobs: Sequence[Any]) -> bool:
    """Return whether all are jobs sure to pass every check; False says that each must be looked at."""
    if set(map(type, jobs)) != {Job} or len(jobs) > MOST_JOBS:
        return False
    if not are_sound(jobs):
        return False
    programs = [job.program for job in jobs]
    return (
        _are_ids([job.id for job in jobs])
        and not any(job.spawned for job in jobs)
        and all(type(program) is tuple and _computes(program) for program in programs)
        and _are_bursts([step for program in programs for step in program], max(job.arrival for job in jobs))
    )


def _are_ids(names: list[str]) -> bool:
    """Return whether all texts may be ids in a file, too."""
    return "".join(names).isprintable() and not any(name[0] == " " or name[-1] == " " for name in names)


def _computes(program: tuple[object, ...]) -> bool:
    return program != () and (type(program[0]) is Cpu or any(type(step) is Cpu for step in program))


def _are_bursts(steps: list[Any], latest: Ns) -> bool:
    """Return whether all are bursts without a device, and end within what can be counted."""
    if not set(map(type, steps)) <= {Cpu, Io} or any(getattr(step, "device", "") != "" for step in steps):
        return False
    lengths = [step.ns for step in steps]
    return are_whole(lengths, 1, LONGEST) and latest + sum(lengths) < LONGEST
