"""One pass over the rows of a trace."""

from __future__ import annotations

from math import gcd
from typing import Final

from schedsim.states import State
from schedsim.times import Ns
from schedsim.trace import Kind
from schedsim.validate.family import Family
from schedsim.validate.instants import KINDS
from schedsim.validate.waiting import AWAY

ENDS: Final = AWAY | {Kind.FAILED, Kind.KILLED}
"""The kinds whose value is CPU time where there is a CPU."""
EITHER: Final = ENDS | {Kind.ACQUIRED, Kind.PUT, Kind.GOT}
"""The kinds that may come on a CPU and off it."""
OFF_CPU: Final = frozenset(
    {Kind.ARRIVED, Kind.HELD, Kind.ADMITTED, Kind.SERVED, Kind.WOKE, Kind.BOOSTED}
    | {Kind.ADOPTED, Kind.ZOMBIE, Kind.REAPED}
)
SIGNED: Final = frozenset({Kind.DISPATCHED, Kind.REAPED})
"""The kinds whose value may be -1; that of a variable may be anything."""
NO_VALUE: Final = frozenset({Kind.ARRIVED, Kind.HELD, Kind.ADMITTED, Kind.BOOSTED, Kind.ADOPTED})


class Validation(Family):
    """One pass over the rows."""

    def run(self) -> None:
        """Take the rows one by one, then look at what is left open."""
        jobs, cpus = len(self.tasks), len(self.on)
        for number, (time, code, index, cpu, value) in enumerate(zip(*self.columns, strict=True)):
            self.number = number
            if code >= len(KINDS):
                self.fail(f"kind {code} is none")
            kind = KINDS[code]
            if time < self.time:
                self.fail(f"time goes back from {self.time} ns")
            if not (index == -1 if kind is Kind.BOOSTED else 0 <= index < jobs):
                self.fail(f"task {index} cannot be; the header has {jobs} jobs")
            if not -1 <= cpu < cpus or (kind not in EITHER and (cpu == -1) != (kind in OFF_CPU)):
                self.fail(f"CPU {cpu} cannot be; there are {cpus}, and -1 stands for none")
            if value < 0 and kind is not Kind.VALUE and not (kind in SIGNED and value == -1):
                self.fail(f"value {value} is below 0")
            if value and (kind in NO_VALUE or (cpu == -1 and kind in ENDS)):
                self.fail(f"value {value} must be 0")
            self.paired = self.expected is not None
            if self.expected is not None and (self.expected != (kind, index, cpu) or time != self.time):
                wanted, whom, _ = self.expected
                self.fail(
                    f"{wanted.name.lower()} of job {self.tasks[whom].job.id!r} must follow the row before"
                )
            self.expected = None
            self.dutiful = bool(self.duties)
            if self.duties:
                self.do_duty(time, kind, index, cpu, value)
            elif self.doing is not None:
                self.goes_on_at_once(value if kind is Kind.REAPED else index)
            if time > self.time:
                self.open(time)
            if (time >= self.until) != (kind is Kind.STOPPED) and (self.punctual or kind is Kind.STOPPED):
                self.fail("running tasks are stopped at 'until', and nothing else happens then or later")
            RULES[kind](self, self.tasks[index], kind, cpu, value)
        self.end()

    def do_duty(self, time: Ns, kind: Kind, index: int, cpu: int, value: Ns) -> None:
        """See that a row is the one that must follow."""
        duty = self.duties.popleft()
        if duty[:3] != (kind, index, cpu) or duty.value not in (None, value) or time != self.time:
            self.fail(
                f"{duty.kind.name.lower()} of job {self.tasks[duty.task].job.id!r} must follow the row before"
            )

    def end(self) -> None:
        """See that nothing is left open after the last row."""
        self.number = len(self.trace)
        if self.expected is not None:
            wanted, whom, _ = self.expected
            self.fail(f"{wanted.name.lower()} of job {self.tasks[whom].job.id!r} must follow")
        if self.duties:
            duty = self.duties[0]
            self.fail(f"{duty.kind.name.lower()} of job {self.tasks[duty.task].job.id!r} must follow")
        if self.exact and self.time < self.until:
            self.close_instant()
        elif self.cooperates and self.time < self.until:
            self.close_together(self.until)
        self.nothing_due_before(self.until)
        for task in self.on:
            if task is not None:
                self.fail("still runs at the end", task)
        if self.cooperates and self.punctual and self.header.until is None:
            self.end_together()
        if not self.exact:
            return
        if self.header.until is None:
            for task in self.tasks:
                # Only jobs whose programs are unknown may wait for ever: for each other.
                if task.state is not State.TERMINATED and self.known:
                    self.fail(f"does not come to its end; it is {task.state.name.lower()}", task)
        if self.alive:
            self.lives.append((self.alive_since, self.until - 1))
        self.boosts_are_periodic()

    def boosts_are_periodic(self) -> None:
        """See that there was a boost at each multiple of some period at which any job was there."""
        found = set(self.boosted)
        periods = self.promises.boosts or ((gcd(*found),) if found else (0,))
        missing = [self.missing_boost(period, found) for period in periods]
        if None not in missing:
            self.fail(f"boosts are at multiples of {periods[0]} ns, and there is none at {missing[0]} ns")

    def missing_boost(self, period: Ns, found: set[Ns]) -> Ns | None:
        """Return the first instant at which a boost is missing, or one too many, if they have that period."""
        if not period:
            return min(found, default=None)
        for start, end in self.lives:
            for due in range((start // period + 1) * period, end + 1, period):
                if due not in found:
                    return due
        return next((time for time in self.boosted if time % period), None)


RULES: Final = {
    Kind.ARRIVED: Validation.arrive,
    Kind.HELD: Validation.arrive,
    Kind.ADMITTED: Validation.admitted,
    Kind.SWITCHED: Validation.switched,
    Kind.DISPATCHED: Validation.dispatched,
    Kind.REACHED: Validation.reached,
    Kind.EXPIRED: Validation.gives_up,
    Kind.PREEMPTED: Validation.gives_up,
    Kind.YIELDED: Validation.gives_up,
    Kind.RENEWED: Validation.renewed_slice,
    Kind.BLOCKED: Validation.away,
    Kind.SERVED: Validation.served,
    Kind.WOKE: Validation.served,
    Kind.FINISHED: Validation.away,
    Kind.STOPPED: Validation.stopped,
    Kind.BOOSTED: Validation.boost,
    Kind.FAILED: Validation.failed,
    Kind.ACQUIRED: Validation.acquired,
    Kind.RELEASED: Validation.released,
    Kind.PUT: Validation.put,
    Kind.GOT: Validation.got,
    Kind.REFUSED: Validation.refused,
    Kind.READS: Validation.reads,
    Kind.WRITES: Validation.writes,
    Kind.VALUE: Validation.valued,
    Kind.WAITS: Validation.waiting,
    Kind.JOINS: Validation.joins,
    Kind.SPAWNED: Validation.spawned,
    Kind.SIGNALLED: Validation.signalled,
    Kind.ADOPTED: Validation.adopted,
    Kind.KILLED: Validation.killed,
    Kind.ZOMBIE: Validation.zombie,
    Kind.REAPED: Validation.reaped_by,
    Kind.EXITED: Validation.exits,
}
