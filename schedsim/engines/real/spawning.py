"""Workers of a fresh Python, which start methods other than fork make: what it can be given, and what it reads.

A fresh Python gets a generator program by name, so it must be able to import it. And it reads the caller's
own program again, unless nothing comes from there: a program from standard input cannot be read again,
and a script without a guard would run once more in every worker.
"""

from __future__ import annotations

import multiprocessing.process
import os
import pickle
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from schedsim.engines.real.failures import named
from schedsim.errors import ProgramError, UsageError
from schedsim.operations import Put

if TYPE_CHECKING:
    from schedsim.jobs import Job


def refuse_unsendable(jobs: Sequence[Job]) -> None:
    """Raise UsageError for a program that a fresh Python cannot be given."""
    for job in jobs:
        if not _can_be_sent(job):
            raise UsageError(
                f"job {job.id!r}: its program must be a function that a fresh Python can import, where workers are "
                "spawned; put it into a file of its own, or let workers be forked"
            )


def refuse_in_worker() -> None:
    """Raise UsageError in a worker that is reading the caller's program: it would begin the same run again."""
    if getattr(multiprocessing.process.current_process(), "_inheriting", False):
        raise UsageError(
            "a script whose jobs' programs are its own functions is read again by each spawned worker; "
            "put what it does behind: if __name__ == '__main__'"
        )


@contextmanager
def plain_main(jobs: Sequence[Job]) -> Iterator[None]:
    """Keep workers that are made within the block from reading the caller's program, if no job needs it."""
    own = sys.modules["__main__"]
    if not any(_needs_main(job) for job in jobs):
        sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = own


def packed(job: Job, method: str) -> Job | bytes:
    """Return a job as its worker is given it, where processes are made by that ``method``.

    The items that a list puts stay behind: the dispatcher sends them.
    """
    if isinstance(job.program, tuple):
        return job._replace(
            program=tuple(
                Put(step.queue, None, step.blocking) if isinstance(step, Put) else step
                for step in job.program
            )
        )
    return job if method == "fork" else pickle.dumps(job)


def unpacked(name: str, job: Job | bytes) -> Job:
    """Return the job of that name that was ``packed``; raises ProgramError for one that cannot be made here."""
    if not isinstance(job, bytes):
        return job
    try:
        made: Job = pickle.loads(job)  # noqa: S301  # of our own making
    except Exception as error:
        raise ProgramError(
            f"job {name!r}: its program cannot be unpickled in its worker ({named(error)}); where workers are spawned "
            "it must be a function that a fresh Python can import"
        ) from error
    return made


def _can_be_sent(job: Job) -> bool:
    try:
        if not _needs_main(job):
            return True
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    main = sys.modules["__main__"]
    # Of a session, or of standard input, there is no file that could be read again.
    return main.__spec__ is not None or os.path.isfile(getattr(main, "__file__", ""))


def _needs_main(job: Job) -> bool:
    return not isinstance(job.program, tuple) and b"__main__" in pickle.dumps(job.program)
