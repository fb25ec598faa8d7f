"""What is wrong with a mix and its jobs that were made in Python, where a field may be anything.

What is right is seen a column at a time: a mix of a million jobs must not take seconds more for each run because
it might be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import index, is_, itemgetter
from types import FunctionType, NoneType
from typing import Any, Final

from schedsim.errors import MixError
from schedsim.jobs import Job, Mix
from schedsim.operation_faults import is_whole, safe
from schedsim.times import LONGEST, UNITS

_LARGEST: Final = 10**9
_TIME: Final = "a whole number of nanoseconds such as ms(5)"
_NUMBERS: Final[tuple[tuple[str, int, int, str], ...]] = (
    ("arrival", 0, LONGEST, f"0 or {_TIME}"),
    ("priority", -_LARGEST, _LARGEST, f"a whole number from {-_LARGEST} to {_LARGEST}"),
    ("nice", -20, 19, "a whole number from -20 to 19"),
    ("tickets", 1, _LARGEST, "a whole number of 1 or more"),
)
"""The fields of a job that are whole numbers: from what to what, and what one writes."""
_TIMES: Final = ("estimate", "period", "deadline")
"""Those that may be left out."""
_PLACES: Final = {name: place for place, name in enumerate(Job._fields)}
_OF_THE_MIX: Final[tuple[tuple[str, int, str], ...]] = (
    ("cpus", 1, "a whole number of 1 or more"),
    ("degree", 1, "a whole number of 1 or more, or None"),
    ("switch_cost", 0, f"0 or {_TIME}"),
    ("grace", 0, f"0 or {_TIME}"),
    ("until", 1, f"{_TIME}, or None"),
)
_NOT_SAID: Final = frozenset({"degree", "until"})
"""The settings of a mix that may be None."""
_EXAMPLE: Final = "Mix((Job('A', 0, (Cpu(ms(5)),)),))"


def sound(mix: Mix) -> Mix:
    """Return the mix with its jobs, programs, queues and variables as tuples, where they are lists or mappings.

    Raises MixError for jobs that are none, a field that cannot be, two jobs of one id, and a queue or a variable that
    is there twice. The operations in programs are looked at elsewhere.
    """
    _refuse_settings(mix)
    jobs = _sound_jobs(mix.jobs)
    queues, variables = _pairs(mix.queues, "queue"), _pairs(mix.variables, "variable")
    if jobs is mix.jobs and queues is mix.queues and variables is mix.variables:
        return mix
    return mix._replace(jobs=jobs, queues=queues, variables=variables)


def _refuse_settings(mix: Mix) -> None:
    unit: object = mix.unit
    if not isinstance(unit, str) or unit not in UNITS:
        raise MixError(f"the mix's unit is {safe(unit)}; write ns, us, ms or s")
    for name, low, instead in _OF_THE_MIX:
        value = getattr(mix, name)
        if not (value is None and name in _NOT_SAID) and not (is_whole(value) and low <= value <= LONGEST):
            raise MixError(f"the mix's {name} is {safe(value)}; write {instead}")


def _pairs(named: Any, what: str) -> tuple[tuple[str, int], ...]:
    """Return queues or variables with their numbers, in pairs."""
    if type(named) is tuple and not named:
        return named
    found = tuple(named.items()) if isinstance(named, Mapping) else named
    if not isinstance(found, tuple | list) or not all(
        isinstance(pair, tuple | list) and len(pair) == 2 for pair in found
    ):
        example = "queues={'q': 2}" if what == "queue" else "variables={'n': 0}"
        raise MixError(f"the mix's {what}s are {safe(named)}; write {example}")
    seen = set()
    for name, _ in found:
        if isinstance(name, str):  # what is no text is told soon
            if name in seen:
                raise MixError("it is there twice; keep one", row=f"{what} {name!r}")
            seen.add(name)
    return (
        named if found is named and type(named) is tuple else tuple((name, number) for name, number in found)
    )


def _sound_jobs(jobs: Any) -> tuple[Job, ...]:
    if isinstance(jobs, Job) or not isinstance(jobs, tuple | list):
        raise MixError(f"the mix's jobs are {_what(jobs)}; write a tuple of jobs: {_EXAMPLE}")
    if not jobs:
        raise MixError(f"the mix has no jobs; write one or more: {_EXAMPLE}")
    for place, job in enumerate(jobs) if set(map(type, jobs)) != {Job} else ():
        if not isinstance(job, Job):
            raise MixError(f"it is {_what(job)}; write Job('A', 0, (Cpu(ms(5)),))", row=f"job {place + 1}")
    if are_sound(jobs) and {type(job.program) for job in jobs} <= {tuple, FunctionType}:
        return tuple(jobs)  # a tuple as it is
    found = tuple(_sound(job, place) for place, job in enumerate(jobs))
    _refuse_twins([job.id for job in found])
    return jobs if type(jobs) is tuple and all(map(is_, found, jobs)) else found


def are_sound(jobs: Sequence[Job]) -> bool:
    """Return whether all are sure to be right but for their programs; False says that each must be looked at."""

    def column(name: str) -> list[Any]:
        return [*map(itemgetter(_PLACES[name]), jobs)]

    ids = column("id")
    return (
        set(map(type, ids)) == {str}
        and all(ids)
        and len(set(ids)) == len(ids)
        and all(are_whole(column(name), low, high) for name, low, high, _ in _NUMBERS)
        and all(set(map(type, column(name))) == {NoneType} for name in _TIMES)
        and set(map(type, column("spawned"))) == {bool}
    )


def are_whole(numbers: Sequence[Any], low: int, high: int) -> bool:
    """Return whether all are whole numbers of Python's own from ``low`` to ``high``; there must be one."""
    return set(map(type, numbers)) == {int} and low <= min(numbers) and max(numbers) <= high


def _sound(job: Job, place: int) -> Job:
    """Return one job, its numbers as Python's own and its program as a tuple if it is a list."""
    name: object = job.id
    if not isinstance(name, str) or not name:
        raise MixError(f"its id is {safe(name)}; write text such as 'A'", row=f"job {place + 1}")
    row = f"job {job.id!r}"
    changes: dict[str, Any] = {}
    for name, low, high, instead in _NUMBERS:
        value = getattr(job, name)
        if not is_whole(value) or not low <= value <= high:
            raise MixError(f"its {name} is {safe(value)}; write {instead}", row=row)
        changes[name] = index(value)
    for name in _TIMES:
        value = getattr(job, name)
        if value is not None and not (is_whole(value) and 0 < value <= LONGEST):
            raise MixError(f"its {name} is {safe(value)}; write {_TIME}, or None", row=row)
        changes[name] = None if value is None else index(value)
    if type(job.spawned) is not bool:
        raise MixError(f"spawned is {safe(job.spawned)}; write True or False", row=row)
    changes["program"] = _program(job.program, row)
    changed = {name: value for name, value in changes.items() if value is not getattr(job, name)}
    return job._replace(**changed) if changed else job


def _program(program: Any, row: str) -> Any:
    if type(program) is list:
        return tuple(program)
    if hasattr(program, "__next__"):
        raise MixError(
            "its program is a generator, which can run only once; give the function that makes it, without calling it",
            row=row,
        )
    if not isinstance(program, tuple) and not callable(program):
        raise MixError(
            f"its program is {safe(program)}; write a tuple of operations such as (Cpu(ms(5)),), or a generator "
            "function",
            row=row,
        )
    return program


def _refuse_twins(ids: Sequence[str]) -> None:
    if len(set(ids)) < len(ids):
        first: dict[str, int] = {}
        for place, name in enumerate(ids):
            if first.setdefault(name, place) != place:
                raise MixError(
                    f"jobs {first[name] + 1} and {place + 1} both have this id; give every job its own",
                    row=f"job {name!r}",
                )


def _what(value: object) -> str:
    """Return what stands where jobs should; a job says more than its fields would."""
    return f"job {safe(value.id)} itself" if isinstance(value, Job) else safe(value)
