"""Knife edges: what a real run may decide the other way, found in the simulation before it is made.

A mix is simulated as on a real machine, and then again and again with everything a little earlier or
later, as on a machine that is never quite punctual. Where two things are so near to each other that
their order changes, another task is dispatched, and jobs may end much earlier or later, or in another order
alone, where what is turned round is short. No prediction can be right about those; it can only say so.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from schedsim.divergence import Cause, Course, Divergence, about
from schedsim.errors import UsageError
from schedsim.metrics import job_metrics
from schedsim.orders import unordered
from schedsim.times import Ns
from schedsim.trace import Header, Trace, TracedJob

if TYPE_CHECKING:
    from schedsim.jobs import Mix
    from schedsim.observed import Overheads
    from schedsim.policies.base import Policy

TRIALS: Final = 40
_PERCENT: Final = 100
_LATENESSES: Final = 4
"""A job that moves by no more than so many times the lateness is where it was."""
_EXTREMES: Final = ((1, 2), (2, 1))
"""The scales of overheads between which all trials are."""

Turnarounds = list[Ns | None]


class Edge(NamedTuple):
    """Two things that come too near to each other."""

    time: Ns
    """When, in the calibrated run (nanoseconds)."""
    jobs: tuple[str, ...]
    """The jobs whose turnarounds depend on it, in the order of the mix."""
    words: str
    """What it is, with the time, in the mix's unit."""
    unordered: tuple[str, ...] = ()
    """The jobs that on one CPU may be dispatched, or end, sooner or later than others because of it, likewise: without
    them all have one order. It may be that no turnaround depends on it."""


class Spread(NamedTuple):
    """Between what a job's turnaround was in all trials in which it came to its end (nanoseconds); None: in none."""

    job: str
    lowest: Ns | None
    calibrated: Ns | None
    highest: Ns | None


class Edges(NamedTuple):
    """What may be decided either way in a real run of a mix."""

    jobs: tuple[str, ...]
    """The jobs whose turnarounds are on an edge, in the order of the mix."""
    unordered: tuple[str, ...]
    """The jobs whose places in the order are, likewise."""
    events: tuple[Edge, ...]
    """In order of time."""
    spread: tuple[Spread, ...]
    """One for each job, in the order of the mix."""


class _Trial(NamedTuple):
    """What came out of one trial."""

    turnarounds: Turnarounds
    cause: Cause | None
    """Why its dispatches are not those of the calibrated run; None: they are."""
    unordered: frozenset[str]
    """Some jobs without which everything is dispatched and ends in the order of the calibrated run."""


def edges(mix: Mix, policy: Policy, overheads: Overheads, lateness: Ns, trials: int = TRIALS) -> Edges:
    """Return which jobs of ``mix`` under ``policy`` are on a knife edge, and on which.

    A job is on one if in some trial other dispatches were made than in the calibrated run, and its
    turnaround moved by more than 1 % and four times ``lateness``, beyond what it moves by while the
    dispatches stay the same. For one that was dispatched sooner or later than others twice that is enough, however
    much all of them move; and on one CPU its place in the order is on an edge in any case.

    Args:
        mix: the job mix, without a switch cost.
        policy: the policy.
        overheads: what dispatches cost, as calibrated; trials take from a half of it to twice as much.
        lateness: by how much a dispatcher may be early or late (nanoseconds): at the end of a slice or of
            an I/O, at an arrival, in each dispatch.
        trials: how many; the same ones each time.

    Raises:
        UsageError: lateness is below 0, there are no trials, or the overheads or the mix cannot be used.
    """
    from schedsim.engines.jittered import simulate_jittered
    from schedsim.engines.simulated import simulate

    if lateness < 0 or trials < 1:
        raise UsageError(
            f"lateness is {lateness} and trials are {trials}; write 0 or more, and 1 or more trials"
        )
    calibrated = simulate(mix, policy, _trace(mix), overheads=overheads)
    course = Course(calibrated)
    names = [job.id for job in mix.jobs]
    late = 2 * overheads.stop + lateness

    def judged(trace: Trace) -> _Trial:
        cause = Divergence(course, Course(trace), names, mix.unit, mix.grace, late).cause()
        # On several CPUs things happen at almost the same time: their order says nothing.
        turned = cause is not None and mix.cpus == 1
        return _Trial(_turnarounds(trace), cause, unordered(calibrated, trace) if turned else frozenset())

    made = [
        judged(simulate_jittered(mix, policy, _trace(mix), overheads, lateness=0, trial=0, scale=scale))
        for scale in _EXTREMES
    ]
    made += [
        judged(simulate_jittered(mix, policy, _trace(mix), overheads, lateness=lateness, trial=trial))
        for trial in range(1, trials + 1)
    ]
    return _summary(mix, _turnarounds(calibrated), made, lateness)


def _trace(mix: Mix) -> Trace:
    """Return an empty trace with as much of a header as is needed to compare."""
    jobs = tuple(TracedJob(job.id, job.arrival, spawned=job.spawned) for job in mix.jobs)
    return Trace(Header(jobs, unit=mix.unit, cpus=mix.cpus, until=mix.until))


def _turnarounds(trace: Trace) -> Turnarounds:
    return [job.turnaround for job in job_metrics(trace)]


def _summary(mix: Mix, calibrated: Turnarounds, made: list[_Trial], lateness: Ns) -> Edges:
    """Put together what the trials say."""
    columns = [list(column) for column in zip(*[trial.turnarounds for trial in made], strict=True)]
    limits = [
        _limit(base, [trial.turnarounds[place] for trial in made if trial.cause is None], lateness)
        for place, base in enumerate(calibrated)
    ]
    names = [job.id for job in mix.jobs]
    least = [
        min(limit, 2 * _limit(base, [], lateness)) for base, limit in zip(calibrated, limits, strict=True)
    ]
    found: dict[tuple[str, str], tuple[Cause, set[str], set[str]]] = {}
    for trial in made:
        if trial.cause is None:
            continue
        moved = {
            name
            for name, value, base, limit, own in zip(
                names, trial.turnarounds, calibrated, limits, least, strict=True
            )
            if _shift(value, base) > (own if name in trial.unordered else limit)
        }
        if moved or trial.unordered:
            alike = (trial.cause.one, trial.cause.many)
            known, jobs, others = found.get(alike, (trial.cause, set(), set()))
            found[alike] = (_merged(known, trial.cause, names), jobs | moved, others | trial.unordered)
    events = [
        Edge(
            cause.time,
            _in_order(jobs, names),
            f"at {about(cause.time, mix.unit)} {mix.unit}: {cause.words()}",
            _in_order(others, names),
        )
        for cause, jobs, others in found.values()
    ]
    spread = []
    for name, base, column in zip(names, calibrated, columns, strict=True):
        ended = [value for value in (base, *column) if value is not None]
        spread.append(Spread(name, min(ended, default=None), base, max(ended, default=None)))
    return Edges(
        _in_order({name for event in events for name in event.jobs}, names),
        _in_order({name for event in events for name in event.unordered}, names),
        tuple(sorted(events, key=lambda event: (event.time, event.words))),
        tuple(spread),
    )


def _in_order(some: Collection[str], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in some)


def _limit(base: Ns | None, unmoved: Turnarounds, lateness: Ns) -> Ns:
    """Return by how much a job may move without being on an edge."""
    smooth = max((_shift(value, base) for value in unmoved), default=0)
    return smooth + max((base or 0) // _PERCENT, _LATENESSES * lateness)


def _shift(value: Ns | None, base: Ns | None) -> Ns:
    """Return how far two turnarounds are apart; very far if only one of them came to its end."""
    if value is None or base is None:
        return 0 if value is base else 1 << 62
    return abs(value - base)


def _merged(one: Cause, other: Cause, names: list[str]) -> Cause:
    """Return two causes that are alike as one, from the earlier on."""
    subjects = {*one.subjects, *other.subjects}
    return one._replace(
        time=min(one.time, other.time), subjects=tuple(name for name in names if name in subjects)
    )
