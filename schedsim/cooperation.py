"""Whether what the jobs of a mix do with each other can be done at all, as far as their programs tell.

Programs that are lists run straight through, so what each holds, has spawned and has read is known at
every step. A generator may do anything; what it must not do is found when it does it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from typing import Final

from schedsim.errors import MixError
from schedsim.jobs import Job, Mix
from schedsim.mix_faults import sound
from schedsim.names import in_double_quotes, is_name, key, must_be
from schedsim.nearest import did_you_mean
from schedsim.operation_faults import fault
from schedsim.operations import (
    LARGEST,
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

NEAR: Final = 0.6
"""How near a name must be for it to be suggested."""
BEYOND: Final = "does not fit in 64 bits; write a smaller number"
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
    """Return the mix, its jobs that are spawned by others marked as such; without ``refuse`` it was made in Python.

    Raises MixError when an operation has a field of a wrong type, or a program does what it must not: it
    unlocks what it does not hold, uses a queue that is not declared, or spawns, joins or kills a job that it
    cannot; and when a queue has no capacity.
    """
    in_python = refuse is None
    mix = sound(mix) if in_python else mix
    refuse = refuse or _of_job(mix)
    _refuse_numbers(mix)
    together = cooperates(mix)
    if in_python or together:  # a file's lengths and devices have been looked at, as it was read
        _refuse_faults(mix.jobs, refuse)
    if not together:
        _refuse_the_unborn(mix.jobs, {}, refuse)
        return mix
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
    _refuse_the_unborn(jobs, spawners, refuse)
    return mix if jobs == mix.jobs else mix._replace(jobs=jobs)


def _of_job(mix: Mix) -> Refuse:
    """Return what makes the error about a job of a mix that was made in Python."""
    return lambda place, message: MixError(message, row=f"job {mix.jobs[place].id!r}")


def _refuse_faults(jobs: Sequence[Job], refuse: Refuse) -> None:
    """Refuse a list with an operation that is none, or has a field of a wrong type."""
    for place, job in enumerate(jobs):
        if type(job.program) is tuple:
            for step in job.program:
                if type(step) is Cpu and type(step.ns) is int and step.ns > 0:
                    continue  # as nearly all are
                wrong = fault(step)
                if wrong is not None:
                    raise refuse(place, f"{wrong.shown}: {wrong.instead}")


def _refuse_numbers(mix: Mix) -> None:
    """Refuse names that are none, capacities that are no whole number of 1 or more, and values that are none."""
    for what, named in (("queue", mix.queues), ("variable", mix.variables)):
        for name, _ in named:
            if not is_name(name):
                raise MixError(f"the name of a {what} is {must_be(name)}", row=f"{what} {name!r}")
    for name, capacity in mix.queues:
        if type(capacity) is not int or capacity < 1:
            raise MixError(
                f"the capacity is {capacity!r}; write a whole number of 1 or more", row=f"queue {name!r}"
            )
    for name, value in mix.variables:
        if type(value) is not int:
            raise MixError(f"its value is {value!r}; write a whole number", row=f"variable {name!r}")
        if abs(value) > LARGEST:
            raise MixError(f"its value {BEYOND}", row=f"variable {name!r}")


def _refuse_the_unborn(jobs: Sequence[Job], spawners: Container[str], refuse: Refuse) -> None:
    """Refuse a job that is to be spawned and that nobody can spawn; a generator might spawn any."""
    if any(job.spawned for job in jobs) and all(type(job.program) is tuple for job in jobs):
        for place, job in enumerate(jobs):
            if job.spawned and job.id not in spawners:
                raise refuse(
                    place,
                    f"it is to be spawned, and no job spawns it; write {Spawn(job.id).text('')!r} in a program",
                )


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
                        f"{step.text('')}: {by} spawns it already, and each job is one process; "
                        "write another job of that kind, or count = 2 and spawn its copies",
                    )
                found[step.job] = place
    return found


def _refuse_circles(jobs: Sequence[Job], spawners: dict[str, int], refuse: Refuse) -> None:
    """Refuse jobs that spawn each other in a circle: none of them would ever begin."""
    on_circle: dict[str, bool] = {}
    """Of those who were come by: nobody is gone through twice."""
    for name, spawner in spawners.items():
        chain: dict[str, None] = {}
        last = name
        while last in spawners and last not in chain and last not in on_circle:
            chain[last] = None
            last = jobs[spawners[last]].id
        is_on = False
        for passed in chain:
            is_on = is_on or passed == last
            on_circle[passed] = is_on
        if on_circle[name]:
            circle = " spawns ".join(reversed(_circle(jobs, spawners, name)))
            raise refuse(spawner, f"none of them ever begins: {circle}; let one arrive by itself")


def _circle(jobs: Sequence[Job], spawners: dict[str, int], name: str) -> list[str]:
    """Return a job, its spawner, and so on until it comes again."""
    chain = [name, jobs[spawners[name]].id]
    while chain[-1] != name:
        chain.append(jobs[spawners[chain[-1]]].id)
    return chain


class _Program:
    """One program, step by step."""

    def __init__(self, mix: Mix, ids: dict[str, int], place: int, refuse: Refuse) -> None:
        self.unit, self.queues = mix.unit, dict(mix.queues)
        self.ids, self.place, self.refuse = ids, place, refuse
        self.held: list[str] = []
        self.children: set[str] = set()
        self.read: set[str] = set()

    def error(self, step: Operation, message: str) -> MixError:
        return self.refuse(self.place, f"{step.text(self.unit)}: {message}")

    def check(self, steps: Iterable[Operation]) -> None:
        for step in steps:
            match step:
                case Lock(mutex=mutex):
                    self.held.append(mutex)
                case Unlock():
                    self.unlock(step)
                case Put() | Get():
                    self.queue(step)
                case Spawn():
                    self.spawn(step)
                case Join():
                    self.join(step)
                case Kill():
                    self.other(step)
                case Read(variable=variable):
                    self.read.add(variable)
                case Write():
                    self.writes(step)
                case _:  # it concerns nobody else, or ends the program
                    pass

    def unlock(self, step: Unlock) -> None:
        if step.mutex not in self.held:
            holds = f"it holds {', '.join(self.held)}" if self.held else "it holds nothing"
            hint = did_you_mean(step.mutex, self.held, NEAR)
            raise self.error(
                step,
                f"{step.mutex!r} is not held here ({holds}); {hint}write {Lock(step.mutex).text(self.unit)!r} before",
            )
        self.held.remove(step.mutex)

    def queue(self, step: Put | Get) -> None:
        if step.queue not in self.queues:
            hint = did_you_mean(step.queue, self.queues, NEAR)
            raise self.error(
                step,
                f"the queue {step.queue!r} is not declared; {hint}write its capacity in the mix: "
                f'in TOML [queues] and then {key(step.queue)} = 3, in JSON "queues": {{{in_double_quotes(step.queue)}: 3}}',
            )

    def other(self, step: Spawn | Join | Kill) -> None:
        if step.job not in self.ids:
            hint = did_you_mean(step.job, self.ids, NEAR)
            raise self.error(step, f"there is no such job; {hint}jobs are {some_of(self.ids)}")

    def spawn(self, step: Spawn) -> None:
        self.other(step)
        self.children.add(step.job)

    def join(self, step: Join) -> None:
        self.other(step)
        if step.job not in self.children:
            raise self.error(
                step,
                f"{step.job!r} is no child of this job; write {Spawn(step.job).text(self.unit)!r} before",
            )

    def writes(self, step: Write) -> None:
        if step.value is None and step.variable not in self.read:
            raise self.error(
                step,
                f"this job has not read {step.variable!r}; write {Read(step.variable).text(self.unit)!r} before, or a value",
            )
        number = step.change if step.value is None else step.value
        if isinstance(number, int) and abs(number) > LARGEST:
            raise self.refuse(self.place, f"what it writes to {step.variable!r} {BEYOND}")


def some_of(names: Iterable[str], most: int = 10) -> str:
    """Return the first names in words."""
    listed = [*names]
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")
