"""In which order the ready tasks waited, told from the trace and the choices alone."""

from __future__ import annotations

from heapq import nsmallest
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.reasons import standing_words
from schedsim.report.watching import happened
from schedsim.scheduler.conventions import conventions_named
from schedsim.trace import ENDED, Kind, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.explain import Decision
    from schedsim.report.watching import Watched

MOST_QUEUED: Final = 30
"""So many of the ready tasks are named, the next one first."""

_COMES: Final = frozenset({Kind.ARRIVED, Kind.ADMITTED, Kind.WOKE})
_RETURNS: Final = frozenset({Kind.EXPIRED, Kind.PREEMPTED, Kind.YIELDED})
JOINS: Final = _COMES | _RETURNS
"""The kinds of row after which a task is ready."""
_LEAVES: Final = ENDED | {Kind.DISPATCHED, Kind.BLOCKED}

_Stay = tuple[int, int, int]
"""A job, the how manyth time it is ready, and how many boosts there were: one rank holds for it."""


class Waiting(NamedTuple):
    """One task of the ready queue."""

    job: int
    """Its place in the mix."""
    words: str
    """What gave it its place, or nothing where that is the order of joining."""


class _Present:
    """Who is ready, in the order of joining, as the rows go by."""

    def __init__(self, *, returns_first: bool) -> None:
        self.stays: dict[int, _Stay] = {}
        self.times: dict[int, int] = {}
        self.boosts = 0
        self.returns_first = returns_first
        self.returning: list[int] = []

    def join(self, job: int) -> None:
        """Put the job at the end."""
        self.times[job] = time = self.times.get(job, 0) + 1
        self.stays[job] = (job, time, self.boosts)

    def settle(self) -> None:
        """Let those who gave up a CPU at this instant join, after those who came at it."""
        while self.returning:
            self.join(self.returning.pop(0))

    def follow(self, row: Row) -> None:
        """Take in what happened."""
        if row.kind in _COMES or (row.kind in _RETURNS and self.returns_first):
            self.join(row.task)
        elif row.kind in _RETURNS:
            self.returning.append(row.task)
        elif row.kind in _LEAVES:
            self.stays.pop(row.task, None)
        elif row.kind is Kind.BOOSTED:  # ranks are asked again
            self.boosts += 1
            self.stays = {job: (job, time, self.boosts) for job, time, _ in self.stays.values()}


def _present(watched: Watched) -> _Present:
    return _Present(returns_first=conventions_named(watched.trace.header.conventions).returns_first)


def queues(watched: Watched, count: int) -> list[list[Waiting]]:
    """Return for each of ``count`` steps the ready queue after it, the next one first.

    A policy that ranks anew at each dispatch has no order in between: then it is that of the last
    dispatch, with who came since at the end.
    """
    dynamic = watched.policy is not None and watched.policy.dynamic
    known = {} if dynamic else _ranks(watched)
    found: list[list[Waiting]] = [[] for _ in range(count)]
    present = _present(watched)
    last: dict[_Stay, str] = {}
    now = 0
    for step, row, decision in _choices(watched):
        if step > now or row.kind is Kind.DISPATCHED:
            present.settle()
        if step > now:
            # At a step in between, a deadline was missed and nobody moved.
            found[now:step] = [_order(present, known, last)] * (step - now)
            now = step
        if decision is not None and dynamic:
            last = {present.stays[job]: words for job, _, words in _seen(watched, decision)}
        present.follow(row)
    present.settle()
    found[now:] = [_order(present, known, last)] * (count - now)
    return found


def _order(present: _Present, known: dict[_Stay, tuple[Any, str]], last: dict[_Stay, str]) -> list[Waiting]:
    """Return the first of the ready tasks: by what is known of their ranks, else by the last choice."""
    stays = present.stays.values()
    if last:
        first = [stay for stay in last if present.stays.get(stay[0]) == stay]
        others = [stay for stay in stays if stay not in last]
        return [Waiting(stay[0], last.get(stay, "")) for stay in (*first, *others)[:MOST_QUEUED]]
    ranked = [stay for stay in stays if stay in known]
    best = nsmallest(MOST_QUEUED, ranked, key=lambda stay: known[stay][0])
    # One whose rank never came up was behind all that did.
    best += [stay for stay in stays if stay not in known][: MOST_QUEUED - len(best)]
    return [Waiting(stay[0], known[stay][1] if stay in known else "") for stay in best]


def _ranks(watched: Watched) -> dict[_Stay, tuple[Any, str]]:
    """Return rank, place and words of each stay in the ready queue.

    A rank that holds while a task waits is seen in any choice that the task was in, and the last of
    these is its own dispatch.
    """
    known: dict[_Stay, tuple[Any, str]] = {}
    present = _present(watched)
    now = 0
    for step, row, decision in _choices(watched):
        if step > now or row.kind is Kind.DISPATCHED:
            present.settle()
            now = step
        if decision is not None:
            for job, rank, words in _seen(watched, decision):
                known.setdefault(present.stays[job], (rank, words))
        present.follow(row)
    return known


def _seen(watched: Watched, decision: Decision) -> Iterator[tuple[int, Any, str]]:
    """Yield job, rank with place, and words of each task in a choice."""
    if watched.policy is None:
        return
    unit = watched.trace.header.unit
    for each in decision.candidates:
        words = standing_words(each, watched.policy, unit, decision.time)
        yield each.facts["index"], (each.rank, each.facts["place"]), words


def _choices(watched: Watched) -> Iterator[tuple[int, Row, Decision | None]]:
    """Yield number of step and row, a dispatch with the choice behind it."""
    noted = iter(watched.decisions)
    renewed = False
    for step, row in happened(watched):
        decision = None
        if row.kind is not Kind.DISPATCHED:
            renewed = row.kind is Kind.RENEWED
        elif renewed:  # no choice: the same task goes on
            renewed = False
        elif watched.policy is not None:
            decision = next(one for one in noted if one.victim is None)
        yield step, row, decision
