"""What each row of a trace says, in words: what became of a job, and what other jobs have to do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schedsim.lending import Lending
from schedsim.times import Ns, show
from schedsim.trace import ENDED, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from schedsim.trace import Header, Row

ON_OBJECTS: Final = frozenset(
    {
        *(Kind.ACQUIRED, Kind.RELEASED, Kind.PUT, Kind.GOT, Kind.REFUSED, Kind.READS, Kind.WRITES),
        Kind.WAITS,
    }
)
"""The kinds whose value is a place in the header's objects."""
ON_JOBS: Final = frozenset({Kind.JOINS, Kind.SPAWNED, Kind.SIGNALLED, Kind.ZOMBIE, Kind.REAPED})
"""The kinds whose value is another job's place in the mix, or -1 for init."""
LENGTHLESS: Final = frozenset(
    {
        *(Kind.ARRIVED, Kind.HELD, Kind.ADMITTED, Kind.BOOSTED, Kind.VALUE, Kind.ADOPTED, Kind.EXITED),
        *(*ON_OBJECTS, *ON_JOBS),
    }
)
"""The kinds whose value is no length of time."""
_PLAIN: Final = {
    Kind.ARRIVED: "{job} arrives",
    Kind.HELD: "{job} arrives and has to wait until it is admitted",
    Kind.ADMITTED: "{job} is admitted",
    Kind.SWITCHED: "context switch to {job}, which takes {value}",
    Kind.DISPATCHED: "{job} is dispatched",
    Kind.REACHED: "{job} begins its next CPU burst",
    Kind.EXPIRED: "{job}'s quantum is over, after {value}",
    Kind.PREEMPTED: "{job} is preempted, after {value}",
    Kind.YIELDED: "{job} yields, after {value}",
    Kind.RENEWED: "{job} goes on with a fresh slice, after {value}",
    Kind.STOPPED: "the run is cut off; {job} had run for {value}",
    Kind.FAILED: "{job}'s process dies",
    Kind.BOOSTED: "the policy's periodic work",
    Kind.ADOPTED: "{job}'s parent has ended, and init adopts it",
    Kind.RELEASED: "{job} gives up {object}",
    Kind.SPAWNED: "{job} spawns {other}",
    Kind.JOINS: "{job} waits for its child {other} to end",
    Kind.ZOMBIE: "{job} is a zombie until {other} joins it",
    Kind.REAPED: "{other} reaps {job}",
}

Came = tuple[str, str]
"""How a task came to be ready, said of one and of several."""
ARRIVES: Final[Came] = ("arrives", "arrive")
ADMITTED: Final[Came] = ("is admitted", "are admitted")
FROM_IO: Final[Came] = ("is back from I/O", "are back from I/O")
_SPAWNED: Final[Came] = ("is spawned", "are spawned")


class Happenings:
    """Follows a trace row by row: who holds what, who waits for what, how full each queue is."""

    def __init__(self, header: Header) -> None:
        """Begin before the first row."""
        self.header, self.unit = header, header.unit
        self.names = [job.id for job in header.jobs]
        self.owners: dict[int, int] = {}
        """Mutex -> who holds it, also after its end."""
        self.items: dict[int, int] = {}
        """Queue -> how many items are in it."""
        self.waits: dict[int, tuple[str, int, Ns]] = {}
        """Task -> what it waits for (``mutex m``, ``job B``), by its place, and since when."""
        self.ended: set[int] = set()
        self.inheriting: set[int] = set()
        """The mutexes whose holder goes before everyone whom a task that waits for it goes before.

        No row says which: whoever asks who lends to whom adds them, as the scheduler told.
        """
        self.lending = Lending(self.inheriting)
        self.got: dict[int, Came] = {}
        """Whose wait is over, and what it has got."""
        self.variable = ""
        """The one that the last row but one reads or writes."""
        self.code = 0
        """The exit code with which the task of the next row ends; 0 where none is said."""

    def tell(self, row: Row) -> str:
        """Return what the next row says, and take it in."""
        words = self.words(row)
        self.take(row)
        return words

    def words(self, row: Row) -> str:
        """Return what the next row says; of a dispatch only that it happened, not why."""
        special = _SPECIAL.get(row.kind)
        if special is not None:
            return special(self, row)
        return _PLAIN[row.kind].format(
            job=self.names[row.task] if row.task >= 0 else "",
            value=show(row.value, self.unit),
            object=self.object(row.value) if row.kind in ON_OBJECTS else "",
            other=self.other(row.value) if row.kind in ON_JOBS else "",
        )

    def object(self, place: int) -> str:
        """Return what the jobs share: ``mutex m``."""
        return self.header.objects[place]

    def other(self, place: int) -> str:
        """Return another job's name."""
        return self.names[place] if place >= 0 else "init"

    def awaited(self, task: int) -> str:
        """Return what a task waits for that is no I/O: ``mutex m``, ``queue tray``, ``job B``; else nothing."""
        return self.waits[task][0] if task in self.waits else ""

    def came(self, row: Row) -> Came:
        """Return how the next row, of a task that becomes ready, says that it comes."""
        if row.kind is Kind.ARRIVED:
            return _SPAWNED if self.header.jobs[row.task].spawned else ARRIVES
        return ADMITTED if row.kind is Kind.ADMITTED else self.got.get(row.task, FROM_IO)

    def take(self, row: Row) -> None:
        """Take in the next row."""
        take = _TAKES.get(row.kind)
        if take is not None:
            take(self, row)


# What changes who holds and waits for what.


def _acquired(told: Happenings, row: Row) -> None:
    told.owners[row.value] = row.task
    told.lending.takes(row.task, row.value)
    _served(told, row, "has got", "have got", told.object(row.value))


def _released(told: Happenings, row: Row) -> None:
    told.lending.gives_up(told.owners.pop(row.value, -1), row.value)


def _put(told: Happenings, row: Row) -> None:
    told.items[row.value] = told.items.get(row.value, 0) + 1
    _served(told, row, "has put its item into", "have put their items into", told.object(row.value))


def _got_item(told: Happenings, row: Row) -> None:
    told.items[row.value] = told.items.get(row.value, 0) - 1
    _served(told, row, "has got an item from", "have got items from", told.object(row.value))


def _served(told: Happenings, row: Row, one: str, many: str, what: str) -> None:
    """Note that a task that waited has what it waited for, if it is one."""
    if _waits_no_more(told, row.task):
        told.got[row.task] = f"{one} {what}", f"{many} {what}"


def _waits_no_more(told: Happenings, task: int) -> bool:
    """Note that a task waits for nothing; return whether it did."""
    what, place, _ = told.waits.pop(task, ("", -1, 0))
    if what.startswith("mutex "):
        told.lending.waits_no_more(task, place)
    return bool(what)


def _waits(told: Happenings, row: Row) -> None:
    what = told.object(row.value)
    told.waits[row.task] = what, row.value, row.time
    if what.startswith("mutex "):
        told.lending.waits(row.task, row.value)


def _joins(told: Happenings, row: Row) -> None:
    told.waits[row.task] = f"job {told.names[row.value]}", row.value, row.time


def _reaped(told: Happenings, row: Row) -> None:
    waiting = told.waits.get(row.value)
    if row.value >= 0 and waiting is not None and waiting[0] == f"job {told.names[row.task]}":
        del told.waits[row.value]
        name = told.names[row.task]
        told.got[row.value] = f"has joined {name}", f"have joined {name}"


def _woke(told: Happenings, row: Row) -> None:
    told.got.pop(row.task, None)


def _exited(told: Happenings, row: Row) -> None:
    told.code = row.value


def _ended(told: Happenings, row: Row) -> None:
    told.code = 0
    told.ended.add(row.task)
    _waits_no_more(told, row.task)
    told.got.pop(row.task, None)


def _variable_of(told: Happenings, row: Row) -> None:
    told.variable = told.object(row.value).removeprefix("variable ")


# Rows that say more than their kind.


def _since(told: Happenings, row: Row) -> str:
    """Return who it is, and since when it has waited if it has."""
    name = told.names[row.task]
    waits = told.waits.get(row.task)
    return name if waits is None else f"{name}, which has waited since {show(waits[2], told.unit)},"


def _filled(told: Happenings, place: int, change: int) -> str:
    """Return a queue, and how full it is after one more change."""
    what = told.object(place)
    now = told.items.get(place, 0) + change
    most = told.header.queues.get(what.removeprefix("queue "))
    return f"{what} ({now}{'' if most is None else f' of {most}'})"


def _say_acquired(told: Happenings, row: Row) -> str:
    verb = "gets" if row.task in told.waits else "takes"
    return f"{_since(told, row)} {verb} {told.object(row.value)}"


def _say_put(told: Happenings, row: Row) -> str:
    item = "its item" if row.task in told.waits else "an item"
    return f"{_since(told, row)} puts {item} into {_filled(told, row.value, 1)}"


def _say_got(told: Happenings, row: Row) -> str:
    return f"{_since(told, row)} takes an item out of {_filled(told, row.value, -1)}"


def _say_refused(told: Happenings, row: Row) -> str:
    how = "full" if told.items.get(row.value, 0) else "empty"
    return f"{told.names[row.task]} finds {told.object(row.value)} {how}, and does not wait"


def _say_waits(told: Happenings, row: Row) -> str:
    what, name = told.object(row.value), told.names[row.task]
    if what.startswith("queue "):
        full = told.items.get(row.value, 0)
        return f"{name} waits for {'room in' if full else 'an item from'} {what}, which is {'full' if full else 'empty'}"
    owner = told.owners.get(row.value)
    if owner is None:
        return f"{name} waits for {what}"
    if owner in told.ended:
        return f"{name} waits for {what}, which {told.names[owner]} held when it ended"
    return f"{name} waits for {what}, which {'it' if owner == row.task else told.names[owner]} holds"


def _say_variable(told: Happenings, row: Row) -> str:
    verb = "reads" if row.kind is Kind.READS else "writes"
    return f"{told.names[row.task]} {verb} {told.object(row.value).removeprefix('variable ')}"


def _say_value(told: Happenings, row: Row) -> str:
    return f"{told.variable} is {row.value}"


def _say_signalled(told: Happenings, row: Row) -> str:
    whom = "itself" if row.value == row.task else told.names[row.value]
    return f"{told.names[row.task]} kills {whom}"


def _say_exited(told: Happenings, row: Row) -> str:
    return f"{told.names[row.task]} exits with {row.value}"


def _say_finished(told: Happenings, row: Row) -> str:
    return f"{told.names[row.task]} ends{f' with exit code {told.code}' if told.code else ''}"


def _say_killed(told: Happenings, row: Row) -> str:
    after = f", after {show(row.value, told.unit)}" if row.cpu >= 0 else ""
    return f"{told.names[row.task]} is killed{after}"


def _say_blocked(told: Happenings, row: Row) -> str:
    awaits = told.awaited(row.task)
    return f"{told.names[row.task]} {'is blocked' if awaits else 'starts its I/O'}"


def _say_served(told: Happenings, row: Row) -> str:
    got = told.got.get(row.task)
    if got is not None:
        return f"{told.names[row.task]} {got[0]}"
    return f"{told.names[row.task]}'s I/O of {show(row.value, told.unit)} ends, and the next begins"


def _say_woke(told: Happenings, row: Row) -> str:
    got = told.got.get(row.task)
    if got is not None:
        return f"{told.names[row.task]} {got[0]}, and is ready"
    return f"{told.names[row.task]} is back from I/O of {show(row.value, told.unit)}"


_SPECIAL: Final[dict[Kind, Callable[[Happenings, Row], str]]] = {
    Kind.ACQUIRED: _say_acquired,
    Kind.PUT: _say_put,
    Kind.GOT: _say_got,
    Kind.REFUSED: _say_refused,
    Kind.WAITS: _say_waits,
    Kind.READS: _say_variable,
    Kind.WRITES: _say_variable,
    Kind.VALUE: _say_value,
    Kind.SIGNALLED: _say_signalled,
    Kind.KILLED: _say_killed,
    Kind.EXITED: _say_exited,
    Kind.FINISHED: _say_finished,
    Kind.BLOCKED: _say_blocked,
    Kind.SERVED: _say_served,
    Kind.WOKE: _say_woke,
}
_TAKES: Final[dict[Kind, Callable[[Happenings, Row], None]]] = {
    Kind.ACQUIRED: _acquired,
    Kind.RELEASED: _released,
    Kind.PUT: _put,
    Kind.GOT: _got_item,
    Kind.WAITS: _waits,
    Kind.JOINS: _joins,
    Kind.READS: _variable_of,
    Kind.WRITES: _variable_of,
    Kind.REAPED: _reaped,
    Kind.WOKE: _woke,
    Kind.SERVED: _woke,
    Kind.EXITED: _exited,
    **dict.fromkeys(ENDED, _ended),
}
