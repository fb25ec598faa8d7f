"""Who waits for whom, and whether that goes round in a circle: from the trace alone.

A task that waits for a mutex waits for whoever holds it, and one that joins waits for its child. Where
that comes back to where it began, none of them will ever go on: a deadlock, which is found at the wait
that closes the circle. Whoever waits for a queue may be helped by any task that is still to run, so
that nobody comes is known only at the end of the run, when nobody else can go on. Whoever is held back by
the degree of multiprogramming waits for a place, which any of those that have one could give up: a parent
that keeps its place while it waits for such a child is in a circle with it once all the others wait as well.
Source: Coffman, Elphick, Shoshani, System Deadlocks, ACM Computing Surveys 3 (2), 1971.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from schedsim.tables import listed
from schedsim.times import Ns, show, to_unit
from schedsim.trace import ENDED, Kind

if TYPE_CHECKING:
    from schedsim.trace import Trace

_MOST_NAMED = 12
ADMISSION = "admission"
"""What a job waits for that is held back by the degree."""


class Wait(NamedTuple):
    """One task that waits, and for what."""

    job: str
    since: Ns
    what: str
    """``mutex m``, ``queue tray``, ``job B``, or ``admission``."""
    holders: tuple[str, ...]
    """Who could end the wait: the holder of the mutex, the child, or those who are admitted; nobody in particular for
    a queue."""
    holds: tuple[str, ...]
    """The mutexes that it holds meanwhile."""


class Deadlock(NamedTuple):
    """Tasks that will never go on."""

    time: Ns
    """When the circle closed, or nobody was left who could have ended the wait."""
    circle: tuple[Wait, ...]
    """Each waits for the next, and the last for the first; empty where the waits make no circle."""
    others: tuple[Wait, ...]
    """The rest, who wait for those, or for somebody who has ended, or for a queue."""

    def to_dict(self, unit: str) -> dict[str, Any]:
        """Return it as a plain object, times in ``unit``: what ``--format json`` has under ``deadlock``."""
        return {
            "time": to_unit(self.time, unit),
            "circle": [wait.job for wait in self.circle],
            "waits": [
                {
                    "job": wait.job,
                    "since": to_unit(wait.since, unit),
                    "waits_for": wait.what,
                    "holders": list(wait.holders),
                    "holds": list(wait.holds),
                }
                for wait in self.waits
            ],
        }

    @property
    def waits(self) -> tuple[Wait, ...]:
        """Everybody."""
        return (*self.circle, *self.others)


class _State:
    """Who holds what and who waits for what, row by row."""

    def __init__(self, trace: Trace) -> None:
        self.header = trace.header
        self.owners: dict[int, int] = {}
        self.waits: dict[int, tuple[Kind, int, Ns]] = {}
        self.ended: set[int] = set()
        self.circles: list[tuple[Ns, list[int]]] = []
        """When each circle closed, and who is in it."""
        self.admitted: set[int] = set()
        self.held: dict[int, Ns] = {}
        """Who is held back by the degree, and since when."""

    def take(self, time: Ns, kind: int, task: int, value: int) -> None:
        """Take in one row."""
        if kind == Kind.ACQUIRED:
            self.owners[value] = task
            self.waits.pop(task, None)
        elif kind == Kind.RELEASED:
            self.owners.pop(value, None)
        elif kind in (Kind.WAITS, Kind.JOINS):
            self.waits[task] = (Kind(kind), value, time)
            circle = self.circle(task)
            if circle:
                self.circles.append((time, circle))
        elif kind == Kind.HELD:
            self.held[task] = time
        elif kind in (Kind.ARRIVED, Kind.ADMITTED):
            self.held.pop(task, None)
            self.waits.pop(task, None)
            self.admitted.add(task)
            self.breaks(task)
        elif kind in (Kind.WOKE, Kind.SERVED) or kind in ENDED:
            self.waits.pop(task, None)
            if kind in ENDED:
                self.held.pop(task, None)
                self.admitted.discard(task)
                self.ended.add(task)
                # Who was killed is in no circle any more: the others may go on, or wait for a dead one.
                self.breaks(task)

    def breaks(self, task: int) -> None:
        """Forget the circles that a task is in, which is out of them now."""
        if self.circles:
            self.circles = [found for found in self.circles if task not in found[1]]

    def settle(self, time: Ns) -> None:
        """At the end of an instant, see whether parents keep the places for which children of theirs are held."""
        if not self.held or not self.admitted <= self.waits.keys():
            return
        for parent, (kind, child, _) in [*self.waits.items()]:
            if kind is Kind.JOINS and child in self.held and child not in self.waits:
                self.waits[child] = (Kind.HELD, -1, self.held[child])
                self.circles.append((time, [parent, child]))

    def awaited(self, task: int) -> int | None:
        """Return the one task that could end a task's wait, None if it does not wait or nobody in particular could."""
        kind, value, _ = self.waits.get(task, (None, 0, 0))
        if kind is Kind.JOINS:
            return value
        return self.owners.get(value) if kind is Kind.WAITS else None

    def circle(self, task: int) -> list[int]:
        """Return the circle of waits that the task is in, beginning with it; empty if there is none."""
        chain = [task]
        while (following := self.awaited(chain[-1])) is not None:
            if following == task:
                return chain
            if following in chain:
                return []
            chain.append(following)
        return []

    def wait(self, task: int) -> Wait:
        """Return a task's wait in words."""
        kind, value, since = self.waits[task]
        jobs, objects = self.header.jobs, self.header.objects
        if kind is Kind.HELD:
            places = tuple(jobs[other].id for other in sorted(self.admitted))
            return Wait(jobs[task].id, since, ADMISSION, places, ())
        awaited = self.awaited(task)
        return Wait(
            jobs[task].id,
            since,
            f"job {jobs[value].id}" if kind is Kind.JOINS else objects[value],
            () if awaited is None else (jobs[awaited].id,),
            tuple(objects[place] for place, owner in sorted(self.owners.items()) if owner == task),
        )


_TAKEN = frozenset(
    {
        *(Kind.ACQUIRED, Kind.RELEASED, Kind.WAITS, Kind.JOINS, Kind.WOKE, Kind.SERVED),
        *(Kind.ARRIVED, Kind.HELD, Kind.ADMITTED),
        *ENDED,
    }
)


def deadlock_of(trace: Trace) -> Deadlock | None:
    """Return the deadlock in which a run ended, or that a run which was cut off had come to; None if there is none."""
    if not trace.header.objects and not any(job.spawned for job in trace.header.jobs):
        return None
    state = _State(trace)
    now: Ns = 0
    for time, kind, task, _, value in zip(*trace.columns(), strict=True):
        if kind in _TAKEN:
            if time > now:
                state.settle(now)
                now = time
            state.take(time, kind, task, value)
    state.settle(now)
    if trace.header.until is not None and not state.circles:
        return None  # those who wait may only not have come to it yet
    stuck = _stuck(state, whole=trace.header.until is None)
    if not stuck:
        return None
    # Where there is no circle anybody who still ran could have helped. Of several it is the first one; whoever is in another one is among the others.
    time, circle = state.circles[0] if state.circles else (trace.time[-1], [])
    others = sorted(set(stuck) - set(circle), key=lambda task: (state.waits[task][2], task))
    return Deadlock(
        time, tuple(state.wait(task) for task in circle), tuple(state.wait(task) for task in others)
    )


def _stuck(state: _State, *, whole: bool) -> list[int]:
    """Return those who wait for ever: everybody at the end of a run, else the circles and who waits for them."""
    if whole or any(kind is Kind.HELD for kind, _, _ in state.waits.values()):
        return [*state.waits]  # where nobody who is admitted can go on, nobody will be admitted
    stuck = {task for _, circle in state.circles for task in circle}
    while more := {task for task in state.waits if task not in stuck and state.awaited(task) in stuck}:
        stuck |= more
    return [*stuck]


def headline(deadlock: Deadlock) -> str:
    """Return in one sentence, without its time, that nobody can go on."""
    names = [wait.job for wait in deadlock.circle]
    others = [wait.job for wait in deadlock.others]
    ever = f"{listed(others)} {'waits' if len(others) == 1 else 'wait'} for ever" if others else ""
    if not names:
        return f"nobody is left who could go on: {ever}"
    circle = f"{' -> '.join([*names, names[0]])}, each waits for the next" if names[1:] else ""
    return f"deadlock: {circle or f'{names[0]} waits for itself'}{f'; {ever} too' if ever else ''}"


def sentences(deadlock: Deadlock, trace: Trace) -> Iterator[str]:
    """Yield what is to be said of it: when it came about, then who waits for whom."""
    unit = trace.header.unit
    when = f"{show(deadlock.time, unit)} {unit}"
    ended = {
        trace.header.jobs[task].id for kind, task in zip(trace.kind, trace.task, strict=True) if kind in ENDED
    }
    names = [wait.job for wait in deadlock.circle]
    if names:
        yield f"deadlock at {when}: {' -> '.join([*names, names[0]])}"
    else:
        yield f"at {when} nobody is left who could go on"
    held_back = {wait.job: wait for wait in deadlock.waits if wait.what == ADMISSION}
    for wait in deadlock.waits:
        if wait.job in held_back:
            continue  # it is said of its parent
        holds = f" holds {' and '.join(wait.holds)}" if wait.holds else ""
        joint = " and" if wait.holds else ""
        aim = _aim(wait, ended)
        if wait.holders and wait.holders[0] in held_back:
            taken = f"degree {trace.header.degree} is taken by {listed(held_back[wait.holders[0]].holders)}"
            aim = f"its child {wait.holders[0]}, which waits to be admitted: {taken}"
        yield f"{wait.job}{holds}{joint} waits for {aim}, since {show(wait.since, unit)} {unit}"
    held = _never_admitted(trace, held_back) if trace.header.until is None else []
    if held:
        verb = "is" if len(held) == 1 else "are"
        yield f"{listed(held)} {verb} never admitted, because of the degree of {trace.header.degree}"


def _never_admitted(trace: Trace, told: Container[str]) -> list[str]:
    """Return the jobs that were held to the end, the first few of many; not those of whom it is ``told``."""
    held: dict[int, None] = {}
    for kind, task in zip(trace.kind, trace.task, strict=True):
        if kind == Kind.HELD:
            held[task] = None
        elif kind == Kind.ADMITTED or kind in ENDED:
            held.pop(task, None)
    names = [name for task in held if (name := trace.header.jobs[task].id) not in told]
    more = [f"{len(names) - _MOST_NAMED:,} more"] if len(names) > _MOST_NAMED else []
    return [*names[:_MOST_NAMED], *more]


def _aim(wait: Wait, ended: set[str]) -> str:
    if wait.what.startswith("queue "):
        return f"{wait.what}, and nobody comes to it any more"
    if not wait.holders or wait.what.startswith("job "):
        return wait.what
    holder = wait.holders[0]
    if holder in ended:
        return f"{wait.what}, which {holder} held when it ended"
    return f"{wait.what}, which {'it' if holder == wait.job else holder} holds"
