"""From named values to jobs: one job from its fields, and all jobs of a mix gathered and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from schedsim.errors import MixError
from schedsim.jobs import Job
from schedsim.mixfile import checks
from schedsim.mixfile.checks import Place
from schedsim.mixfile.fields import SHORT_FORM, job_field, unknown_job_key
from schedsim.operations import Cpu, Operation, Program
from schedsim.times import Ns

MOST_JOBS: Final = 10_000_000
"""More jobs than this are a slip (a count with too many zeros), and no machine would hold them."""

_WAYS: Final = ("burst", "bursts", "program")


class Collector:
    """The jobs of one mix in their order, with the checks that concern them all.

    Attributes:
        jobs: the jobs so far.
        numbers: the row or job number of each id so far.
        latest: the latest arrival.
        work: the CPU and I/O time of all jobs.
    """

    def __init__(self, file: str, noun: str) -> None:
        """Start with no jobs; ``noun`` is what a message calls one (``row`` or ``job``)."""
        self.file = file
        self.noun = noun
        self.jobs: list[Job] = []
        self.numbers: dict[str, int] = {}
        self.latest: Ns = 0
        self.work: Ns = 0

    def place(self, number: int, identifier: object = None) -> Place:
        """Return the place of row or job ``number`` for messages."""
        return Place(self.file, self.noun, number, identifier)

    def add(self, fields: Mapping[str, object], number: int, units: Mapping[str, str], unit: str) -> None:
        """Make one job (or ``count`` of them) of ``fields``, by their names in ``JOB_FIELDS``.

        ``units`` has the unit of the bare numbers of single fields, and ``unit`` that of all others.
        """
        place = self.place(number, fields.get("id"))
        identifier = checks.identifier(fields["id"], place) if "id" in fields else f"P{number_of(self)}"
        steps = _program(fields, place, units, unit)
        arrival = 0
        priority = nice = 0
        tickets = count = 1
        spawned = False
        times: dict[str, Ns | None] = {"estimate": None, "period": None, "deadline": None}
        for field, value in fields.items():
            if field == "arrival":
                arrival = checks.not_negative(value, units.get(field, unit), place, field)
            elif field == "priority":
                priority = checks.whole(value, place, field)
            elif field == "nice":
                nice = checks.whole(value, place, field, -20, 19)
            elif field == "tickets":
                tickets = checks.whole(value, place, field, 1)
            elif field == "count":
                count = checks.whole(value, place, field, 1, MOST_JOBS)
            elif field == "spawned":
                spawned = checks.truth(value, place, field)
            elif field in times:
                times[field] = checks.positive(value, units.get(field, unit), place, field)
        job = Job(identifier, arrival, steps, priority, nice, tickets, **times, spawned=spawned)
        work = job.cpu + job.io
        if count == 1:
            self.append(job, number, work)
            return
        if len(self.jobs) + count > MOST_JOBS:
            raise place.error(f"more than {MOST_JOBS} jobs in all; write a smaller count", "count", count)
        for copy in range(1, count + 1):
            self.append(job._replace(id=f"{identifier}-{copy}"), number, work)

    def append(self, job: Job, number: int, work: Ns) -> None:
        """Take ``job``, whose fields are right and which asks for ``work``, unless its id is taken."""
        self.numbers.setdefault(job.id, number)
        if len(self.numbers) == len(self.jobs):
            raise self.taken(job.id, number)
        if len(self.jobs) >= MOST_JOBS:
            raise self.place(number).error(f"a mix has at most {MOST_JOBS} jobs; write fewer")
        self.jobs.append(job)
        self.latest = max(self.latest, job.arrival)
        self.work += work

    def have_any(self, ids: Sequence[str]) -> bool:
        """Return whether one of ``ids`` is there twice or taken."""
        return len(set(ids)) != len(ids) or not self.numbers.keys().isdisjoint(ids)

    def extend(self, jobs: list[Job], first: int, latest: Ns, work: Ns) -> None:
        """Take ``jobs`` as ``append`` does, of rows from ``first`` on, whose ids are known to be new."""
        self.numbers.update(zip((job.id for job in jobs), range(first, first + len(jobs)), strict=True))
        self.jobs += jobs
        self.latest = max(self.latest, latest)
        self.work += work
        if len(self.jobs) > MOST_JOBS:
            raise self.place(first).error(f"a mix has at most {MOST_JOBS} jobs; write fewer")

    def taken(self, identifier: str, number: int) -> MixError:
        """Return the error for an id that two jobs have."""
        earlier = self.numbers[identifier]
        return self.place(number).error(
            f"duplicate id, taken by {self.noun} {earlier}; give every job its own", "id", identifier
        )

    def finished(self, instead: str) -> tuple[Job, ...]:
        """Return all jobs; refuse when there are none (``instead`` says what to write) or too much work."""
        place = Place(self.file)
        if not self.jobs:
            raise place.error(f"no jobs; {instead}")
        checks.fits(self.latest, self.work, place)
        return tuple(self.jobs)


def number_of(collector: Collector) -> int:
    """Return the number of the next job, for a name such as P3."""
    return len(collector.jobs) + 1


def _program(fields: Mapping[str, object], place: Place, units: Mapping[str, str], unit: str) -> Program:
    """Return what the job does, from the one of burst, bursts and program that is there."""
    given = [way for way in _WAYS if way in fields]
    if not given:
        raise place.error("a job needs a burst or a program; write a burst such as 4", "burst")
    if len(given) > 1:
        raise place.error(f"{' and '.join(given)} are both there; keep one", given[0])
    way = given[0]
    value = fields[way]
    if way == "burst":
        if isinstance(value, (list, tuple)):
            raise place.error('a burst is one number; write a list as "bursts": [["cpu", 7], ["io", 5]]', way)
        return (Cpu(checks.positive(value, units.get(way, unit), place, way)),)
    if callable(value):  # in Python a program may be a generator function
        generator: Program = value
        return generator
    return checks.program(value, units.get(way, unit), place, way)


def from_values(entries: Iterable[object], collector: Collector, unit: str) -> None:
    """Add jobs written as Job, as a mapping, or as a row ``[id, arrival, burst, priority]``."""
    known: dict[object, str | None] = {}
    for number, entry in enumerate(entries, 1):
        if isinstance(entry, Job):
            _add_job(entry, number, collector)
            continue
        pairs: object = entry
        if isinstance(entry, (list, tuple)) and 3 <= len(entry) <= 4:
            pairs = dict(zip(SHORT_FORM, entry, strict=False))
        if not isinstance(pairs, Mapping):
            raise collector.place(number).error(
                f'{checks.kind_of(entry)} is not a job; write {{"id": "A", "arrival": 0, "burst": 4}}'
            )
        fields: dict[str, object] = {}
        for key, value in pairs.items():
            field = known[key] if key in known else known.setdefault(key, job_field(str(key)))
            if field is None or field in fields:
                place = collector.place(number, pairs.get("id"))
                message = unknown_job_key(str(key)) if field is None else f"{field} is there twice; keep one"
                raise place.error(message, value=str(key))
            if value is not None or field == "id":
                fields[field] = value
        collector.add(fields, number, {}, unit)


def _add_job(job: Job, number: int, collector: Collector) -> None:
    """Add a Job made in Python, by way of the checks of a file's; its times are nanoseconds.

    So text in its program, whose bare numbers would be nanoseconds too, is refused as in a Mix.
    """
    program: object = job.program
    if isinstance(program, (list, tuple)):
        for step in program:
            if not isinstance(step, Operation):
                place = collector.place(number, job.id)
                raise place.error(f"{step!r} is no operation; write one such as Cpu(ms(5))", "program")
    fields = {name: value for name, value in job._asdict().items() if value is not None}
    collector.add({"id": job.id, **fields}, number, {}, "ns")


def refusing(jobs: Sequence[Job], file: str) -> Callable[[int, str], MixError]:
    """Return what makes the error about one of the jobs in ``file``, by its place."""
    return lambda index, message: Place(file, "job", index + 1, jobs[index].id).error(message)
