"""Who waits for whom, and whether that goes round in a circle: from the trace alone.

A task that waits for a mutex waits for whoever holds it, and one that joins waits for its child. Where
that comes back to where it began, none of them will ever go on: a deadlock, which is found at the wait
that closes the circle. Whoever waits for a queue may be helped by any task that is still to run, so
that nobody comes is known only at the end of the run, when nobody else can go on. Whoever is held back by
the degree of multiprogramming waits for a place, which any of those that have one could give up: a parent
that keeps its place while it waits for such a child is in a circle with it once all the others wait as well.

A kill can break any circle. In a run that is cut off, one is named only if no job that may still go on can kill
any of those in it, as far as programs tell; a generator might kill anybody.
Source: Coffman, Elphick, Shoshani, System Deadlocks, ACM Computing Surveys 3 (2), 1971.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from schedsim.operation_text import known_program
from schedsim.operations import Kill, Spawn
from schedsim.tables import listed
from schedsim.times import Ns, to_unit
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
        self.holdings: defaultdict[int, set[int]] = defaultdict(set)
        """The mutexes that each task holds, or held when it ended."""
        self.waits: dict[int, tuple[Kind, int, Ns]] = {}
        self.sought: Counter[tuple[Kind, int]] = Counter()
        """How many wait for the same."""
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
            self.holdings[task].add(value)
            self.goes_on(task)
        elif kind == Kind.RELEASED:
            self.owners.pop(value, None)
            self.holdings[task].discard(value)
        elif kind in (Kind.WAITS, Kind.JOINS):
            self.waits[task] = (Kind(kind), value, time)
            self.sought[Kind(kind), value] += 1
            circle = self.circle(task)
            if circle:
                self.circles.append((time, circle))
        elif kind == Kind.HELD:
            self.held[task] = time
        elif kind in (Kind.ARRIVED, Kind.ADMITTED):
            self.held.pop(task, None)
            self.goes_on(task)
            self.admitted.add(task)
            self.breaks(task)
        elif kind in (Kind.WOKE, Kind.SERVED) or kind in ENDED:
            self.goes_on(task)
            if kind in ENDED:
                self.held.pop(task, None)
                self.admitted.discard(task)
                self.ended.add(task)
                # Who was killed is in no circle any more: the others may go on, or wait for a dead one.
                self.breaks(task)

    def goes_on(self, task: int) -> None:
        """Forget a task's wait, if it had one."""
        kind, value, _ = self.waits.pop(task, (None, 0, 0))
        if kind is not None:
            self.sought[kind, value] -= 1

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

    def able(self, stuck: Container[int]) -> set[int]:
        """Return who may still do something when a run is cut off, where those who are ``stuck`` wait for ever.

        Nobody, if all that are there wait: those who are to come by themselves are then let in only if there is
        a place for them.
        """
        jobs, degree = self.header.jobs, self.header.degree
        away = {*range(len(jobs))} - self.admitted - self.held.keys() - self.ended
        coming = {task for task in away if not jobs[task].spawned}
        place = degree is None or len(self.admitted) < degree
        if self.admitted <= self.waits.keys() and not (coming and place):
            return set()
        found = {task for task in (*self.admitted, *self.held, *coming) if task not in stuck}
        spawning = [*found]
        for task in spawning:  # which grows meanwhile
            spawned = self.named(task, Spawn)
            new = {other for other in away - found if spawned is None or jobs[other].id in spawned}
            found |= new
            spawning += new
        return found

    def named(self, task: int, kind: type[Spawn | Kill]) -> set[str] | None:
        """Return the jobs that a program spawns or kills; None: it is a generator's, and may do so with any."""
        program = known_program(self.header.jobs[task].program, self.header.unit)
        return None if program is None else {step.job for step in program if isinstance(step, kind)}

    def awaited(self, task: int) -> int | None:
        """Return the one task that could end a task's wait, None if it does not wait or nobody in particular could."""
        kind, value, _ = self.waits.get(task, (None, 0, 0))
        if kind is Kind.JOINS:
            return value
        return self.owners.get(value) if kind is Kind.WAITS else None

    def circle(self, task: int) -> list[int]:
        """Return the circle of waits that the task is in, beginning with it; empty if there is none."""
        # In long chains nearly all begin to wait while nobody waits for them yet, or for one who does not wait.
        sought = any(self.sought[Kind.WAITS, place] for place in self.holdings[task])
        if not sought and not self.sought[Kind.JOINS, task]:
            return []
        chain = [task]
        seen = {task}
        while (following := self.awaited(chain[-1])) is not None:
            if following == task:
                return chain
            if following in seen:
                return []
            seen.add(following)
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
            tuple(objects[place] for place in sorted(self.holdings[task])),
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
    stuck = {*state.waits} if trace.header.until is None else _stuck(state)
    if not stuck:
        return None
    # Where there is no circle anybody who still ran could have helped. Of several it is the first one; whoever is in another one is among the others.
    time, circle = state.circles[0] if state.circles else (now, [])
    others = sorted(stuck - set(circle), key=lambda task: (state.waits[task][2], task))
    return Deadlock(
        time, tuple(state.wait(task) for task in circle), tuple(state.wait(task) for task in others)
    )


def _stuck(state: _State) -> set[int]:
    """Return those of whom it is certain that they wait for ever when a run is cut off, and forget other circles.

    Those are all who wait if nobody can go on; else the circles that nobody can break, and who waits for them and
    cannot be killed either.
    """
    killed: set[str] = set()
    while True:
        stuck = _held_up(state, killed)
        able = state.able(stuck)
        if not able:
            return {*state.waits}
        kills = [state.named(task, Kill) for task in able]
        names = {job.id for job in state.header.jobs} if None in kills else killed.union(*filter(None, kills))
        if names == killed:
            return stuck
        killed = names


def _held_up(state: _State, killed: Container[str]) -> set[int]:
    """Forget the circles in which one may be killed; return who is in another, or waits for it over whomever."""
    jobs = state.header.jobs
    state.circles = [
        found for found in state.circles if not any(jobs[task].id in killed for task in found[1])
    ]
    waiting: dict[int, list[int]] = {}
    for task in state.waits:
        if (awaited := state.awaited(task)) is not None and jobs[task].id not in killed:
            waiting.setdefault(awaited, []).append(task)
    found = {task for _, circle in state.circles for task in circle}
    following = [*found]
    for task in following:  # which grows meanwhile
        new = [other for other in waiting.get(task, ()) if other not in found]
        found.update(new)
        following += new
    return found


def headline(deadlock: Deadlock) -> str:
    """Return in one sentence, without its time, that nobody can go on."""
    names = [wait.job for wait in deadlock.circle]
    others = [wait.job for wait in deadlock.others]
    ever = f"{listed(others)} {'waits' if len(others) == 1 else 'wait'} for ever" if others else ""
    if not names:
        return f"nobody is left who could go on: {ever}"
    circle = f"{' -> '.join([*names, names[0]])}, each waits for the next" if names[1:] else ""
    return f"deadlock: {circle or f'{names[0]} waits for itself'}{f'; {ever} too' if ever else ''}"


def brief(deadlock: Deadlock, trace: Trace) -> str:
    """Return in a few words since when nobody of a circle can go on, for a picture: ``stuck from 6 ms on: ...``."""
    since = f"stuck from {trace.header.shown(deadlock.time)} {trace.header.unit} on"
    names = [wait.job for wait in deadlock.circle]
    if not names:
        return f"{since}: nobody is left who could go on"
    more = [f"{len(names) - _MOST_NAMED:,} more"] if len(names) > _MOST_NAMED else []
    return f"{since}: deadlock {' -> '.join([*names[:_MOST_NAMED], *more, names[0]])}"


def sentences(deadlock: Deadlock, trace: Trace) -> Iterator[str]:
    """Yield what is to be said of it: when it came about, then who waits for whom."""
    unit, shown = trace.header.unit, trace.header.shown
    when = f"{shown(deadlock.time)} {unit}"
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
        yield f"{wait.job}{holds}{joint} waits for {aim}, since {shown(wait.since)} {unit}"
    held = _never_admitted(trace, {wait.job for wait in deadlock.waits})
    if held:
        verb = "is" if len(held) == 1 else "are"
        yield f"{listed(held)} {verb} never admitted, because of the degree of {trace.header.degree}"


def _never_admitted(trace: Trace, told: Container[str]) -> list[str]:
    """Return the jobs that were held to the end, the first few of many; not those of whom it is ``told``.

    Where the run was cut off and one who is admitted is none of those, it may still make room for them: nobody.
    """
    held: dict[int, None] = {}
    admitted: set[int] = set()
    for kind, task in zip(trace.kind, trace.task, strict=True):
        if kind == Kind.HELD:
            held[task] = None
        elif kind in (Kind.ARRIVED, Kind.ADMITTED):
            held.pop(task, None)
            admitted.add(task)
        elif kind in ENDED:
            held.pop(task, None)
            admitted.discard(task)
    jobs = trace.header.jobs
    if any(jobs[task].id not in told for task in admitted):
        return []
    names = [name for task in held if (name := jobs[task].id) not in told]
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
