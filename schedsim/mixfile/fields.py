"""The words of a mix file: which names stand for which field, and the nearest name for a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from schedsim.nearest import did_you_mean
from schedsim.times import UNITS

JOB_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "id": ("pid", "id", "process", "process id", "process name", "name", "job", "job id", "job name", "task"),
    "arrival": (
        "arrival",
        "arrival time",
        "arrives",
        "at",
        "release",
        "release time",
        "submit",
        "submit time",
    ),
    "burst": (
        *("burst", "burst time", "bt", "service", "service time", "cpu", "cpu time", "cpu burst"),
        *("cpu burst time", "run time", "execution time", "processing time", "length", "wcet"),
    ),
    "bursts": ("bursts",),
    "program": ("program", "operations"),
    "priority": ("priority", "prio"),
    "nice": ("nice", "nice value", "niceness"),
    "tickets": ("tickets", "ticket"),
    "estimate": ("estimate", "estimated time", "estimated burst", "requested time"),
    "period": ("period",),
    "deadline": ("deadline", "relative deadline"),
    "count": ("count", "copies"),
    "spawned": ("spawned",),
}
"""The fields of a job, each with the names that stand for it; the first name is the usual column."""

MIX_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "jobs": ("jobs", "job", "processes", "process", "tasks", "task"),
    "unit": ("unit", "units", "time unit"),
    "cpus": ("cpus", "cpu", "cores"),
    "degree": ("degree", "degree of multiprogramming"),
    "switch_cost": ("switch_cost", "context switch", "context switch cost", "context switch time"),
    "charge_first_switch": ("charge_first_switch", "first switch charged"),
    "grace": ("grace", "quantum grace"),
    "conventions": ("conventions", "convention"),
    "until": ("until", "horizon"),
    "queues": ("queues", "queue"),
    "variables": ("variables", "variable"),
    "policy": ("policy", "policies"),
    "algo": ("algo", "algorithm"),
    "options": ("options",),
    "name": ("name",),
    "id": ("id",),
    "title": ("title",),
    "source": ("source",),
    "note": ("note", "notes"),
}
"""The keys of a whole mix, likewise."""

ANNOTATIONS: Final = frozenset(
    {"expect", "published", "published_values", "answer_from", "verified_by", "sensitive_to", "schema"}
)
"""Keys beside a reference case's input that say what the answer is; they don't change the run."""

OF_THE_MIX: Final = frozenset(
    {"cpus", "degree", "switch_cost", "charge_first_switch", "grace", "conventions", "until"}
)
"""Names that may stand among a policy's options but belong to the mix."""

SWF_FIELDS: Final = 18
"""How many numbers a line of the Standard Workload Format has."""

SHORT_FORM: Final = ("id", "arrival", "burst", "priority")
"""The fields of a job written without names, in their order."""


def squash(name: str) -> str:
    """Return ``name`` as it is compared: ``Arrival_Time``, ``arrival-time`` and ``ArrivalTime`` are one."""
    return "".join(character for character in name.lower() if character not in " _-\t")


def _table(fields: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {squash(name): field for field, names in fields.items() for name in names}


_JOB_NAMES: Final = _table(JOB_FIELDS)
_MIX_NAMES: Final = _table(MIX_FIELDS) | {squash(name): name for name in ANNOTATIONS}
_UNIT_NAMES: Final = {name: name for name in UNITS} | {
    **dict.fromkeys(("µs", "μs", "usec", "microseconds"), "us"),
    **dict.fromkeys(("msec", "milliseconds"), "ms"),
    **dict.fromkeys(("sec", "second", "seconds"), "s"),
    **dict.fromkeys(("nsec", "nanoseconds"), "ns"),
}


def job_field(name: str) -> str | None:
    """Return the job field that ``name`` stands for, or None."""
    return _JOB_NAMES.get(squash(name))


def mix_field(name: str) -> str | None:
    """Return the key of a mix that ``name`` stands for, or None."""
    return _MIX_NAMES.get(squash(name))


def unit_named(name: str) -> str | None:
    """Return ``ns``, ``us``, ``ms`` or ``s`` for any usual spelling of it, or None."""
    return _UNIT_NAMES.get(name.strip().lower())


def column(heading: str) -> tuple[str | None, str | None]:
    """Return the field and the unit that a column's heading names, such as ``Burst Time (ms)``."""
    text = heading.strip()
    for opening, closing in ("()", "[]"):
        if text.endswith(closing) and opening in text:
            name, _, unit = text[:-1].rpartition(opening)
            if unit_named(unit):
                return job_field(name), unit_named(unit)
    return job_field(text), None


def nearest(name: str, names: Iterable[str]) -> str:
    """Return ``did you mean '...'? `` for the nearest of ``names``, or nothing when none is near."""
    return did_you_mean(name.lower(), names, 0.6)


def unknown_column(name: str) -> str:
    """Return the message for a column that no table has."""
    every = [spelling for names in JOB_FIELDS.values() for spelling in names]
    return f"unknown column; {nearest(name, every)}columns are {', '.join(n[0] for n in JOB_FIELDS.values())}"


def unknown_job_key(name: str) -> str:
    """Return the message for a key that no job has."""
    every = [spelling for names in JOB_FIELDS.values() for spelling in names]
    return f"unknown key; {nearest(name, every)}keys of a job are {', '.join(JOB_FIELDS)}"


def unknown_mix_key(name: str) -> str:
    """Return the message for a key that no mix has."""
    every = [spelling for names in MIX_FIELDS.values() for spelling in names]
    return f"unknown key; {nearest(name, every)}keys of a mix are {', '.join(MIX_FIELDS)}"
