"""Whether what the jobs of a mix do with each other can be done at all, as far as their programs tell.

Programs that are lists run straight through, so what each holds, has spawned and has read is known at
every step. A generator may do anything; what it must not do is found when it does it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from schedsim.errors import MixError
from schedsim.jobs import Job, Mix
from schedsim.operations import (
    Cpu,
    Get,
    Io,
    Join,
    Kill,
    Lock,
    Operation,
    Put,
    Read,
    Spawn,
    Unlock,
    Write,
    Yield,
)

ALONE: Final = (Cpu, Io, Yield)
"""The operations that concern no other job."""

Refuse = Callable[[int, str], MixError]
"""Makes the error about the job at that place of the mix."""


def cooperates(mix: Mix) -> bool:
    """Return whether the program of any job, as far as it is known, concerns another one."""
    return any(
        type(step) not in ALONE
        for job in mix.jobs
        # Nearly all jobs of large mixes are one CPU burst.
        if type(job.program) is tuple and (len(job.program) > 1 or Cpu not in map(type, job.program))
        for step in job.program
    )


def checked(mix: Mix, refuse: Refuse | None = None) -> Mix:
    """Return the mix, its jobs that are spawned by others marked as such.

    Raises MixError when a program does what it must not: it unlocks what it does not hold, uses a queue
    that is not declared, or spawns, joins or kills a job that it cannot.
    """
    if not cooperates(mix):
        return mix
    refuse = refuse or (lambda place, message: MixError(message, row=f"job {mix.jobs[place].id!r}"))
    spawners = _spawners(mix.jobs, refuse)
    ids = {job.id: place for place, job in enumerate(mix.jobs)}
    for place, job in enumerate(mix.jobs):
        _Program(mix, ids, place, refuse).check(job.operations)
    _refuse_circles(mix.jobs, spawners, refuse)
    jobs = tuple(
        job._replace(spawned=True) if job.id in spawners and not job.spawned else job for job in mix.jobs
    )
    for place, job in enumerate(jobs):
        if job.id in spawners and job.arrival:
            raise refuse(
                place,
                f"it is spawned by job {mix.jobs[spawners[job.id]].id!r}, and arrives then; leave its arrival out",
            )
    return mix if jobs == mix.jobs else mix._replace(jobs=jobs)


def _spawners(jobs: Sequence[Job], refuse: Refuse) -> dict[str, int]:
    """Return who spawns whom, by the child's id."""
    found: dict[str, int] = {}
    for place, job in enumerate(jobs):
        for step in job.operations:
            if isinstance(step, Spawn):
                if step.job in found:
                    other = jobs[found[step.job]].id
                    by = "it" if found[step.job] == place else f"job {other!r}"
                    raise refuse(
                        place,
                        f"spawn {step.job}: {by} spawns it already, and each job is one process; "
                        "write another job of that kind, or count = 2 and spawn its copies",
                    )
                found[step.job] = place
    return found


def _refuse_circles(jobs: Sequence[Job], spawners: dict[str, int], refuse: Refuse) -> None:
    """Refuse jobs that spawn each other in a circle: none of them would ever begin."""
    for name, spawner in spawners.items():
        chain = [name]
        while chain[-1] in spawners:
            chain.append(jobs[spawners[chain[-1]]].id)
            if chain[-1] == name:
                circle = " spawns ".join(reversed(chain))
                raise refuse(spawner, f"none of them ever begins: {circle}; let one arrive by itself")
            if len(chain) > len(jobs):
                break  # the circle is another one, which has its turn


class _Program:
    """One program, step by step."""

    def __init__(self, mix: Mix, ids: dict[str, int], place: int, refuse: Refuse) -> None:
        self.mix, self.ids, self.place, self.refuse = mix, ids, place, refuse
        self.held: list[str] = []
        self.children: set[str] = set()
        self.read: set[str] = set()

    def error(self, step: Operation, message: str) -> MixError:
        return self.refuse(self.place, f"{step.text(self.mix.unit)}: {message}")

    def check(self, steps: Iterable[Operation]) -> None:
        for step in steps:
            check = _CHECKS.get(type(step))
            if check is not None:
                check(self, step)

    def lock(self, step: Lock) -> None:
        self.held.append(step.mutex)

    def unlock(self, step: Unlock) -> None:
        if step.mutex not in self.held:
            holds = f"it holds {', '.join(self.held)}" if self.held else "it holds nothing"
            raise self.error(
                step, f"{step.mutex!r} is not held here ({holds}); write 'lock {step.mutex}' before"
            )
        self.held.remove(step.mutex)

    def queue(self, step: Put | Get) -> None:
        queues = dict(self.mix.queues)
        if step.queue not in queues:
            known = near(step.queue, queues)
            raise self.error(
                step,
                f"the queue {step.queue!r} is not declared; {known}write its capacity in the mix: "
                f'in TOML [queues] and then {step.queue} = 3, in JSON "queues": {{"{step.queue}": 3}}',
            )

    def other(self, step: Spawn | Join | Kill) -> None:
        if step.job not in self.ids:
            raise self.error(
                step, f"there is no such job; {near(step.job, self.ids)}jobs are {some_of(self.ids)}"
            )

    def spawn(self, step: Spawn) -> None:
        self.other(step)
        self.children.add(step.job)

    def join(self, step: Join) -> None:
        self.other(step)
        if step.job not in self.children:
            raise self.error(step, f"{step.job!r} is no child of this job; write 'spawn {step.job}' before")

    def reads(self, step: Read) -> None:
        self.read.add(step.variable)

    def writes(self, step: Write) -> None:
        if step.value is None and step.variable not in self.read:
            raise self.error(
                step,
                f"this job has not read {step.variable!r}; write 'read {step.variable}' before, or a value",
            )


_CHECKS: Final[dict[type[Operation], Callable[[_Program, object], None]]] = {
    Lock: _Program.lock,  # type: ignore[dict-item]  # each is handed its own kind of step
    Unlock: _Program.unlock,  # type: ignore[dict-item]  # as above
    Put: _Program.queue,  # type: ignore[dict-item]  # as above
    Get: _Program.queue,  # type: ignore[dict-item]  # as above
    Spawn: _Program.spawn,  # type: ignore[dict-item]  # as above
    Join: _Program.join,  # type: ignore[dict-item]  # as above
    Kill: _Program.other,  # type: ignore[dict-item]  # as above
    Read: _Program.reads,  # type: ignore[dict-item]  # as above
    Write: _Program.writes,  # type: ignore[dict-item]  # as above
}


def near(name: str, names: Iterable[str]) -> str:
    """Return ``did you mean '...'? `` for the nearest of ``names``, or nothing when none is near."""
    from difflib import get_close_matches

    found = get_close_matches(name[:80], list(names), n=1, cutoff=0.6)
    return f"did you mean {found[0]!r}? " if found else ""


def some_of(names: Iterable[str], most: int = 10) -> str:
    """Return the first names in words."""
    listed = [*names]
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")
