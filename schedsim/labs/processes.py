"""What labs on processes share: this system's process table, and what a simulated program is told.

A process that has ended stays in the table as a zombie until its parent has asked what became of it.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.errors import HostError
from schedsim.experiment import run

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from multiprocessing.process import BaseProcess

    from schedsim.jobs import Mix
    from schedsim.labs.stage import Stage
    from schedsim.operations import Operation

GONE: Final = "gone"
ZOMBIE: Final = "zombie"
BLOCKED: Final = "blocked"
PATIENCE: Final = 5.0
"""Seconds in which a process has done what it does at once, on any machine that is not quite stuck."""
_LOOK: Final = 0.001
_WORDS: Final = {
    **dict.fromkeys(("S", "D", "I", "sleeping", "disk-sleep", "idle", "parked"), BLOCKED),
    **dict.fromkeys(("R", "running"), "running"),
    **dict.fromkeys(("T", "t", "stopped", "tracing-stop"), "stopped"),
    **dict.fromkeys(("Z", "X", "zombie", "dead"), ZOMBIE),
}
"""The states by the names that Linux and psutil give them."""


class Entry(NamedTuple):
    """What the process table says of one process."""

    state: str
    """running (or ready), blocked, stopped, zombie, or gone."""
    parent: int
    """The number of its parent."""


_NONE: Final = Entry(GONE, 0)


def entry(pid: int) -> Entry:
    """Return what the process table says of a process. Raises HostError where it cannot be read."""
    if os.path.isdir("/proc/self"):
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                # The name stands in brackets, and may have blanks and brackets in it.
                fields = file.read().rpartition(b")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return _NONE
        return Entry(_WORDS.get(fields[0].decode(), "running"), int(fields[1]))
    return _by_psutil(pid)


def _by_psutil(pid: int) -> Entry:
    try:
        import psutil
    except ImportError:
        raise HostError(
            "this system has no /proc to look into; give: pip install 'schedsim[real]' (for psutil)"
        ) from None
    try:
        process = psutil.Process(pid)
        return Entry(_WORDS.get(process.status(), "running"), process.ppid())
    except psutil.NoSuchProcess as error:
        # A zombie is a kind of it: some systems say no more of one than that it is there.
        return Entry(ZOMBIE, 0) if isinstance(error, psutil.ZombieProcess) else _NONE


def comes(holds: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Return whether something comes to hold within so many seconds, looking again and again."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK)
    return True


def state_when(pid: int, expected: str) -> str:
    """Return the state of a process as soon as it is the expected one; if it is not soon, another one."""
    comes(lambda: entry(pid).state == expected)
    return entry(pid).state


def told(stage: Stage, process: BaseProcess, *codes: int) -> int | None:
    """Join a process that is not watched and return its exit code; a signal that is none of ``codes`` is noted."""
    stage.join(process)
    code = process.exitcode
    if code is not None and code < 0 and code not in codes:
        stage.disturbed(f"process {process.name} was killed by signal {-code}")
    return code


def answered(mix: Mix, job_id: str) -> tuple[Mix, dict[str, Any]]:
    """Return the mix, and what the operations of one of its jobs are answered when it runs, by their text."""
    answers: dict[str, Any] = {}
    steps = next(job.operations for job in mix.jobs if job.id == job_id)

    def program() -> Generator[Operation, object, None]:
        for step in steps:
            answers[step.text(mix.unit)] = yield step

    jobs = tuple(job._replace(program=program) if job.id == job_id else job for job in mix.jobs)
    return mix._replace(jobs=jobs), answers


def state_at(mix: Mix, job_id: str, until: float) -> str:
    """Return the state of a job at a time of a simulation under FCFS, in the words of the process table."""
    state = next(job.state for job in run(mix, "fcfs", until=until, notes=False).jobs if job.id == job_id)
    return GONE if state == "terminated" else state
