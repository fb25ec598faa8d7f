"""Where two runs of one mix part: the first dispatch that is another one, and what came too near to what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from schedsim.times import UNITS, Ns
from schedsim.trace import ENDS_SLICE, Kind, Row, Trace

_READY: Final = frozenset({Kind.ARRIVED, Kind.HELD, Kind.WOKE, Kind.EXPIRED, Kind.PREEMPTED, Kind.YIELDED})
"""The kinds by which a task becomes ready, or comes to wait until it is admitted."""
_BURST_ENDS: Final = frozenset({Kind.FINISHED, Kind.BLOCKED, Kind.YIELDED, Kind.KILLED})
_ENDS: Final = frozenset({Kind.FINISHED, Kind.KILLED})
_HAPPENS: Final = {
    Kind.ARRIVED: "{} arrives",
    Kind.HELD: "{} arrives",
    Kind.WOKE: "{} is back from I/O",
    Kind.EXPIRED: "{}'s slice ends",
    Kind.PREEMPTED: "{} is preempted",
    Kind.YIELDED: "{} yields",
    Kind.RENEWED: "a boost renews {}'s slice",
    Kind.BLOCKED: "{} begins its I/O",
    Kind.FINISHED: "{} ends",
    Kind.STOPPED: "the run is cut off",
    Kind.FAILED: "{}'s process dies",
    Kind.KILLED: "{} is killed",
}
_AMONG_JOBS: Final = {
    Kind.WOKE: "{} has what it waited for",
    Kind.BLOCKED: "{} begins to wait for another job",
}
"""Instead of these, where another job has to do with it."""


class Cause(NamedTuple):
    """Why two runs part, in words."""

    time: Ns
    """When, in the first of the two."""
    subjects: tuple[str, ...]
    """The jobs that ``one`` or ``many`` is said of; none where the words name them."""
    one: str
    many: str
    """The words for one subject and for several, ``{}`` in their place."""

    def words(self) -> str:
        """Return the words with their subjects."""
        if not self.subjects:
            return self.one
        *rest, last = self.subjects
        return self.many.format(f"{', '.join(rest)} and {last}") if rest else self.one.format(last)


class Stay(NamedTuple):
    """A task's stay on a CPU, fresh slices that it got there without a break included."""

    task: int
    start: Ns
    end: Ns
    kind: Kind
    """What ended it."""
    granted: Ns
    """The last slice."""
    used: Ns
    """The CPU time of that."""
    first: int
    """The number of the row that began it."""
    ends: tuple[int, ...]
    """The numbers of the rows that ended its slices."""

    @property
    def last(self) -> int:
        """The number of the row that ended it."""
        return self.ends[-1]


class Course:
    """What a trace says of who ran where after whom."""

    def __init__(self, trace: Trace) -> None:
        """Go through the rows once."""
        self.rows: list[Row] = list(trace)
        self.stays: list[list[Stay]] = [[] for _ in range(trace.header.cpus)]
        """For each CPU, in order."""
        self.ready: dict[int, list[int]] = {}
        """For each task, the numbers of the rows by which it became ready."""
        self.among_jobs: set[Row] = set()
        """The rows by which a task begins or ends a wait for another job."""
        awaits: set[int] = set()
        begun: dict[int, tuple[Row, int]] = {}
        for number, row in enumerate(self.rows):
            if row.kind in (Kind.WAITS, Kind.JOINS):
                awaits.add(row.task)
            elif row.task in awaits and row.kind in (Kind.BLOCKED, Kind.WOKE):
                self.among_jobs.add(row)
                awaits -= {row.task} if row.kind is Kind.WOKE else set()
            if row.kind in _READY:
                self.ready.setdefault(row.task, []).append(number)
            if row.kind is Kind.DISPATCHED:
                begun[row.cpu] = (row, number)
            elif row.kind in ENDS_SLICE and row.cpu >= 0:
                dispatched, first = begun[row.cpu]
                start, lane = dispatched.time, self.stays[row.cpu]
                ends: tuple[int, ...] = (number,)
                if lane and (lane[-1].task, lane[-1].end) == (row.task, start):
                    start, first, ends = lane[-1].start, lane[-1].first, (*lane[-1].ends, number)
                    del lane[-1]
                lane.append(
                    Stay(row.task, start, row.time, row.kind, dispatched.value, row.value, first, ends)
                )

    def happens(self, row: Row) -> str:
        """Return what a row says, ``{}`` in the place of its job."""
        return _AMONG_JOBS[row.kind] if row in self.among_jobs else _HAPPENS[row.kind]

    def became_ready(self, task: int, before: int) -> int:
        """Return which of the times that the task became ready was the last one before that row; -1: none."""
        return sum(number < before for number in self.ready.get(task, ())) - 1

    def nth_ready(self, task: int, which: int) -> int | None:
        """Return the number of the row by which it became ready for the ``which``-th time, if it did."""
        numbers = self.ready.get(task, ())
        return numbers[which] if 0 <= which < len(numbers) else None

    def left_before(self, cpu: int, number: int) -> int | None:
        """Return the number of the row by which the CPU was last left before that row."""
        lasts = [stay.last for stay in self.stays[cpu] if stay.last < number]
        return lasts[-1] if lasts else None

    def rest_of_burst(self, task: int, after: int) -> Ns:
        """Return the CPU time that the task's burst still took after that row."""
        rest = 0
        for row in self.rows[after + 1 :]:
            if row.task != task or row.cpu < 0 or row.kind not in ENDS_SLICE | {Kind.REACHED}:
                continue
            rest += row.value
            if row.kind in _BURST_ENDS or row.kind is Kind.REACHED:
                break
        return rest


class Divergence:
    """Two runs of one mix side by side, the first of which is the one that times are told from."""

    def __init__(
        self, one: Course, other: Course, names: Sequence[str], unit: str, grace: Ns, late: Ns = 0
    ) -> None:
        """Compare ``other`` with ``one``, the runs of jobs called ``names``; lengths are shown in ``unit``.

        A task that is to be stopped may go on for as long as ``late`` (nanoseconds).
        """
        self.one, self.other = one, other
        self.names, self.unit, self.grace, self.late = names, unit, grace, late

    def cause(self) -> Cause | None:
        """Return why they part; None: everywhere the same tasks follow on each other, and on one CPU they end so, too."""
        parts = list(self._parts())
        if all(
            stay is not None and by is not None and stay.task == by.task and not _for_others(stay, by)
            for _, _, stay, by in parts
        ):
            return self._completed()
        _, cpu, stay, by = min(parts, key=lambda part: part[:2])
        if stay is not None and by is not None and stay.task == by.task:
            return self._ended(stay, by, cpu)
        return self._dispatched(stay, by, cpu)

    def _completed(self) -> Cause | None:
        """Say which of two ended first, in I/O for example: for that they need no CPU."""
        if len(self.one.stays) > 1:
            return None
        rows = self.one.rows
        ends = {row.task: number for number, row in enumerate(rows) if row.kind in _ENDS}
        others = [row.task for row in self.other.rows if row.kind in _ENDS]
        for task, other in zip(ends, others, strict=False):
            if task != other and other in ends:
                return self._pair(ends[task], ends[other])
        return None

    def _parts(self) -> Iterator[tuple[Ns, int, Stay | None, Stay | None]]:
        """Yield the stays that are not alike: of each CPU those up to the first one of another task."""
        for cpu, lanes in enumerate(zip(self.one.stays, self.other.stays, strict=True)):
            for stay, by in zip_longest(*lanes):
                if stay is None or by is None or stay.task != by.task:
                    yield (stay or by).start, cpu, stay, by
                    break
                if stay.kind is not by.kind or _for_others(stay, by):
                    yield stay.end, cpu, stay, by

    def _ended(self, stay: Stay, by: Stay, cpu: int) -> Cause:
        """Say why the same stay ended in two ways."""
        kinds = {stay.kind, by.kind}
        if len(stay.ends) != len(by.ends) and Kind.EXPIRED in kinds:
            return self._fresh_slice(stay, by, cpu)
        if Kind.PREEMPTED in kinds:
            return self._preempted(stay, by, cpu)
        if Kind.EXPIRED in kinds and kinds & _BURST_ENDS:
            return self._slice(stay)
        rows = {self.one.happens(self.one.rows[stay.last]), self.other.happens(self.other.rows[by.last])}
        ends = " or ".join(sorted(words.format(self.names[stay.task]) for words in rows))
        return Cause(stay.end, (), ends, ends)

    def _slice(self, stay: Stay) -> Cause:
        """Say how near the end of a burst is to the end of a slice."""
        grace = f"the grace is {self._about(self.grace)}" if self.grace else "there is no grace"
        expired = stay.kind is Kind.EXPIRED
        rest = self.one.rest_of_burst(stay.task, stay.last) if expired else stay.used - stay.granted
        if rest > 0:
            one = f"{{}} has {self._about(rest)} left at the end of its slice, and {grace}"
            many = f"{{}} have {self._about(rest)} left at the end of a slice, and {grace}"
        else:
            when = f"{self._about(-rest)} before" if rest else "just with"
            one = f"{{}}'s burst ends {when} its slice, and {grace}"
            many = f"the bursts of {{}} end {when} a slice, and {grace}"
        return Cause(stay.end, (self.names[stay.task],), one, many)

    def _fresh_slice(self, stay: Stay, by: Stay, cpu: int) -> Cause:
        """Say who came just before or just after the end of a slice: alone, its task gets a fresh one."""
        course, end = (self.one, stay) if len(stay.ends) < len(by.ends) else (self.other, by)
        following = next((each for each in course.stays[cpu] if each.first > end.last), None)
        came = None
        if following is not None:
            which = course.became_ready(following.task, following.first)
            came = self.one.nth_ready(following.task, which)
        if came is None:
            return self._slice(stay)
        rows = self.one.rows
        return self._pair(came, min(stay.ends, key=lambda number: abs(rows[number].time - rows[came].time)))

    def _preempted(self, stay: Stay, by: Stay, cpu: int) -> Cause:
        """Say why one of the two was preempted: the better task came just in time, or was hardly better."""
        preempting, course, end = self.one, self.other, by
        if stay.kind is not Kind.PREEMPTED:
            preempting, course, end = self.other, self.one, stay
        last = stay.last if preempting is self.one else by.last
        following = next((each for each in preempting.stays[cpu] if each.first > last), None)
        if following is None:
            return self._ranks(stay.end, stay.task, stay.task)
        which = preempting.became_ready(following.task, following.first)
        came = course.nth_ready(following.task, which)
        mine = self.one.nth_ready(following.task, which)
        ends = course.rows[end.last].time
        if mine is None or (
            came is not None and came < end.last and ends > course.rows[came].time + self.late
        ):
            time = stay.end if mine is None else min(stay.end, self.one.rows[mine].time)
            return self._ranks(time, following.task, stay.task)
        if course is self.one:
            return self._pair(mine, stay.last)
        # The first of the two is the one that was preempted: what it would have needed is known from later.
        rest = self.one.rest_of_burst(stay.task, stay.last)
        if end.kind is Kind.EXPIRED:
            rest = stay.granted - stay.used
        row = self.one.rows[mine]
        said = self._two(row, row.time, Row(0, end.kind, stay.task, cpu, 0), row.time + rest)
        return Cause(row.time + rest, (), said, said)

    def _dispatched(self, stay: Stay | None, by: Stay | None, cpu: int) -> Cause:
        """Say why a CPU was given to two different tasks: which two things came in another order."""
        if stay is None or by is None:
            last = stay or by
            task = last.task if last is not None else 0
            return self._ranks(0 if last is None else last.start, task, task)
        marks = []
        for task, course, first in ((stay.task, self.one, stay.first), (by.task, self.other, by.first)):
            which = course.became_ready(task, first)
            marks.append((self.one.nth_ready(task, which), self.other.nth_ready(task, which)))
        marks.append((self.one.left_before(cpu, stay.first), self.other.left_before(cpu, by.first)))
        pairs = [
            (mark, other)
            for place, mark in enumerate(marks)
            for other in marks[place + 1 :]
            if _turned(mark, other)
        ]
        near = [(mine, others) for (mine, _), (others, _) in pairs if mine is not None and others is not None]
        if not near:
            return self._ranks(stay.start, stay.task, by.task)
        rows = self.one.rows
        return self._pair(*min(near, key=lambda pair: abs(rows[pair[0]].time - rows[pair[1]].time)))

    def _pair(self, number: int, other: int) -> Cause:
        """Say how near two rows of the first run are."""
        first, second = (self.one.rows[each] for each in sorted((number, other)))
        said = self._two(first, first.time, second, second.time)
        return Cause(second.time, (), said, said)

    def _two(self, first: Row, time: Ns, second: Row, later: Ns) -> str:
        one, other = (self.one.happens(row).format(self.names[row.task]) for row in (first, second))
        return (
            f"{one} {self._about(later - time)} before {other}"
            if later > time
            else f"{one} just when {other}"
        )

    def _ranks(self, time: Ns, task: int, other: int) -> Cause:
        """Say that two tasks are equally good, or nearly."""
        first, second = (self.names[each] for each in sorted((task, other)))
        said = (
            f"{first} and {second} are nearly equally good"
            if task != other
            else f"{first} runs once more or less"
        )
        return Cause(time, (), said, said)

    def _about(self, length: Ns) -> str:
        return f"{about(length, self.unit)} {self.unit}"


def _for_others(stay: Stay, by: Stay) -> bool:
    """Return whether a stay that ended because others came had more slices in one run than in the other."""
    return len(stay.ends) != len(by.ends) and stay.kind is by.kind is Kind.EXPIRED


def _turned(mark: tuple[int | None, int | None], other: tuple[int | None, int | None]) -> bool:
    """Return whether two rows come in one order in one run and in the other order in the other; None: never."""
    never = 1 << 62
    mine, his = (each if each is not None else never for each in mark)
    my_other, his_other = (each if each is not None else never for each in other)
    return (mine < my_other) != (his < his_other)


def about(length: Ns, unit: str) -> str:
    """Return a length in ``unit`` with two decimals, or two digits where those would be 0."""
    value = length / UNITS[unit]
    text = f"{value:.2f}" if not length or abs(value) >= 0.01 else f"{value:.1g}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
