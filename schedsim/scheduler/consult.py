"""The one place that calls the policy, and checks what it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from schedsim.errors import PolicyError, SchedsimError
from schedsim.policies.base import DEFAULT, UNTIL_IT_BLOCKS, Place, Policy, Rank, Why
from schedsim.scheduler.watch import ForbiddenWriteError, is_watched, watched
from schedsim.times import Ns

if TYPE_CHECKING:
    from schedsim.policies.base import Queue
    from schedsim.scheduler.task import Task


def is_rank(rank: object) -> bool:
    """Return whether ``rank`` is an int or a tuple of ints."""
    return type(rank) is int or (type(rank) is tuple and all(type(part) is int for part in rank))


class Consult:
    """A policy's hooks, each asked and checked; an optional hook the policy lacks is ``None``."""

    __slots__ = ("boosted", "donors", "joined", "policy", "queue", "ran", "rank", "slice", "watched")

    joined: Callable[[Task, Why], Place] | None
    ran: Callable[[Task, Ns], None] | None
    rank: Callable[[Task], Rank] | None
    slice: Callable[[Task], Ns] | None
    boosted: Callable[[Task], None] | None

    def __init__(self, policy: Policy, queue: Queue) -> None:
        """Bind the hooks that ``policy`` has; ``queue`` is the summary they are shown."""
        self.policy = policy
        self.queue = queue
        self.watched = is_watched(policy)
        self.donors: dict[int, list[Task]] = {}
        """Who lends its rank to whom: to each holder of an inheriting mutex, those that wait for it."""
        has = policy.hooks()
        # Closures, because a dispatch asks up to four of these and a bound method costs a third more.
        self.rank = self._rank(policy, queue) if "rank" in has else None
        self.slice = self._slice(policy, queue) if "slice" in has else None
        self.joined = self._joined(policy, queue) if "joined" in has else None
        self.ran = self._ran(policy, queue) if "ran" in has else None
        self.boosted = self._boosted(policy, queue) if "boosted" in has else None

    def _hook(self, hook: Callable[..., Any]) -> Callable[..., Any]:
        return watched(hook, self.queue) if self.watched else hook

    def _rank(self, policy: Policy, queue: Queue) -> Callable[[Task], Rank]:
        hook: Callable[[Task, Queue], Rank] = self._hook(policy.rank)
        donors = self.donors

        def rank(task: Task) -> Rank:
            try:
                answer = hook(task, queue)
            except Exception as error:
                raise self.blame("rank", task, error) from error
            if type(answer) is int or is_rank(answer):
                if donors and task.index in donors:
                    lent = [hook(donor, queue) for donor in self._lenders(task)]
                    return min(answer, *lent)
                return answer
            raise self.refuse("rank", task, f"answered {answer!r}; a rank is an int or a tuple of ints")

        return rank

    def _lenders(self, task: Task) -> list[Task]:
        """Return all whose ranks the task has been lent, over however many mutexes; none is asked twice."""
        found: list[Task] = []
        seen, holders = {task.index}, [task]
        for holder in holders:  # which grows meanwhile
            for donor in self.donors[holder.index]:
                if donor.index not in seen:
                    seen.add(donor.index)
                    found.append(donor)
                    if donor.index in self.donors:
                        holders.append(donor)
        return found

    def _slice(self, policy: Policy, queue: Queue) -> Callable[[Task], Ns]:
        hook = self._hook(policy.slice)

        def slice_(task: Task) -> Ns:
            try:
                answer = hook(task, queue)
            except Exception as error:
                raise self.blame("slice", task, error) from error
            if type(answer) is int and (answer > 0 or answer == UNTIL_IT_BLOCKS):
                return answer
            raise self.refuse(
                "slice",
                task,
                f"answered {answer!r}; a slice is a positive int (nanoseconds) or UNTIL_IT_BLOCKS",
            )

        return slice_

    def _joined(self, policy: Policy, queue: Queue) -> Callable[[Task, Why], Place]:
        hook = self._hook(policy.joined)

        def joined(task: Task, why: Why) -> Place:
            try:
                answer = hook(task, why, queue)
            except Exception as error:
                raise self.blame("joined", task, error) from error
            if answer is None:
                return DEFAULT
            if type(answer) is Place:
                return answer
            raise self.refuse("joined", task, f"answered {answer!r}; write HEAD, TAIL or nothing")

        return joined

    def _ran(self, policy: Policy, queue: Queue) -> Callable[[Task, Ns], None]:
        hook = self._hook(policy.ran)

        def ran(task: Task, ns: Ns) -> None:
            try:
                hook(task, ns, queue)
            except Exception as error:
                raise self.blame("ran", task, error) from error
            queue.last_vtime = task.vtime

        return ran

    def _boosted(self, policy: Policy, queue: Queue) -> Callable[[Task], None]:
        hook = self._hook(policy.boosted)

        def boosted(task: Task) -> None:
            try:
                hook(task, queue)
            except Exception as error:
                raise self.blame("boosted", task, error) from error

        return boosted

    def refuse(self, hook: str, task: Task, message: str) -> PolicyError:
        """Return the error for a wrong answer."""
        return PolicyError(message, self.policy.label(), hook, self.queue.now, task.id)

    def blame(self, hook: str, task: Task, error: Exception) -> SchedsimError:
        """Return the error for a hook that raised; schedsim's own errors pass as they are."""
        if isinstance(error, SchedsimError):
            raise error
        if isinstance(error, ForbiddenWriteError) or (isinstance(error, ValueError) and not self.watched):
            return self.refuse(hook, task, str(error))  # a sentence for the user as it stands
        return self.refuse(hook, task, f"raised {type(error).__name__}: {error}")

    def incomparable(self, task: Task, error: TypeError) -> PolicyError:
        """Return the error for ranks that have no order among each other."""
        return self.refuse("rank", task, f"its ranks cannot be compared with each other ({error})")
