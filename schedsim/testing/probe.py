"""What stands between the scheduler and a policy under test: it passes every call on, and looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from schedsim.errors import PolicyError
from schedsim.scheduler.consult import is_rank
from schedsim.scheduler.task import SCRATCH, Task
from schedsim.testing.state import change, places
from schedsim.trace import ENDS_SLICE, GATHER, Kind, Trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from schedsim.policies.base import Place, Policy, Queue, Rank, Why
    from schedsim.times import Ns

TRUTH: Final = ("left", "burst_length", "cpu_left", "job", "steps", "position", "generator")
"""Fields from which the true lengths of bursts can be read."""
BELIEVED: Final = ("burst", "remaining")
"""Fields that are the truth when the job has no estimate."""
MOST_CALLS: Final = 8000
"""So many calls of hooks in one small mix are enough."""
_LATELY: Final = 2000
"""In so many rows a run that goes anywhere has used CPU time, if it has dispatched often."""

Call = tuple[str, int, str, object]
"""Hook, time, task's id, answer."""


class EnoughError(BaseException):
    """The run was cut short. Not an Exception: a policy's own handlers must not stop it."""

    def __init__(self, *, progress: bool) -> None:
        """Say whether jobs made progress."""
        self.progress = progress


class ShortTrace(Trace):
    """A trace that ends the run when it has as many rows as one gathers at a time."""

    __slots__ = ()

    def settle(self) -> None:
        """Move the rows into the columns; enough are enough."""
        enough = len(self.gathered) > GATHER
        super().settle()
        if enough:
            raise EnoughError(progress=self.progress())

    def progress(self) -> bool:
        """Return whether a job used CPU time lately, or there was little to be seen."""
        rows = [*self][-_LATELY:]
        dispatches = sum(row.kind is Kind.DISPATCHED for row in rows)
        return 20 * dispatches < _LATELY or any(
            row.value > 0 and row.kind in (*ENDS_SLICE, Kind.REACHED) for row in rows
        )


class ShownTask(Task):
    """A task as a policy sees it: it reads and writes the real one, and tells of what it reads."""

    __slots__ = ("real", "seen")

    def __init__(self, real: Task, seen: Callable[[Task, str], None]) -> None:
        """Stand for ``real``; ``seen`` is told each field that is read."""
        object.__setattr__(self, "real", real)
        object.__setattr__(self, "seen", seen)

    def __getattribute__(self, name: str) -> Any:
        """Read from the real task."""
        real: Task = object.__getattribute__(self, "real")
        object.__getattribute__(self, "seen")(real, name)
        return getattr(real, name)

    def __setattr__(self, name: str, value: object) -> None:
        """Write to the real task."""
        setattr(object.__getattribute__(self, "real"), name, value)


class Probe:
    """Has what the scheduler asks of a Policy.

    Attributes:
        calls: every call so far with its answer.
    """

    def __init__(self, policy: Policy, trace: ShortTrace, *, look_for_state: bool) -> None:
        """Stand before ``policy`` in one run."""
        self.policy = policy
        self.trace = trace
        self.look_for_state = look_for_state
        self.preemptive, self.dynamic, self.boost = policy.preemptive, policy.dynamic, policy.boost
        self.clairvoyant = policy.clairvoyant
        self.calls: list[Call] = []
        self.shown: dict[int, ShownTask] = {}
        self.first_rank: Rank | None = None
        self.truth_read = ""

    def hooks(self) -> frozenset[str]:
        """Return the policy's."""
        return self.policy.hooks()

    def label(self) -> str:
        """Return the policy's."""
        return self.policy.label()

    def rank(self, task: Task, queue: Queue) -> Rank:
        """Ask the policy; all its ranks must be of one form."""
        rank: Rank = self._call("rank", task, queue)
        if not is_rank(rank):
            return rank  # the scheduler refuses it
        if self.first_rank is None:
            self.first_rank = rank
        elif _form(rank) != _form(self.first_rank):
            raise self._error(
                "rank",
                task,
                queue,
                f"answered {rank!r} after {self.first_rank!r}; all ranks of a policy are of one form, "
                "so that they can be compared",
            )
        return rank

    def slice(self, task: Task, queue: Queue) -> Ns:
        """Ask the policy."""
        length: Ns = self._call("slice", task, queue)
        return length

    def joined(self, task: Task, why: Why, queue: Queue) -> Place | None:
        """Tell the policy."""
        place: Place | None = self._call("joined", task, why, queue)
        return place

    def ran(self, task: Task, ns: Ns, queue: Queue) -> None:
        """Tell the policy."""
        self._call("ran", task, ns, queue)

    def boosted(self, task: Task, queue: Queue) -> None:
        """Tell the policy."""
        self._call("boosted", task, queue)

    def _call(self, hook: str, task: Task, *arguments: Any) -> Any:
        queue: Queue = arguments[-1]
        if len(self.calls) >= MOST_CALLS:
            raise EnoughError(progress=self.trace.progress())
        shown = self.shown.get(task.index)
        if shown is None:
            shown = self.shown[task.index] = ShownTask(task, self._seen)
        before = places(self.policy) if self.look_for_state else {}
        answer = getattr(self.policy, hook)(shown, *arguments)
        self.calls.append((hook, queue.now, task.id, answer))
        if self.truth_read:
            read = self.truth_read
            instead = (
                "it holds the whole program"
                if read in TRUTH[3:]
                else "it is the true length, which no real scheduler knows"
            )
            raise self._error(
                hook,
                task,
                queue,
                f"read task.{read}: {instead}; write clairvoyant = True, or do without",
            )
        if self.look_for_state:
            changed = change(before, places(self.policy))
            if changed is not None:
                raise self._error(hook, task, queue, changed)
        for name in SCRATCH:
            if type(getattr(task, name)) is not int:
                raise self._error(
                    hook,
                    task,
                    queue,
                    f"left {getattr(task, name)!r} in task.{name}; a scratch field holds an int",
                )
        return answer

    def _seen(self, task: Task, name: str) -> None:
        if not self.clairvoyant and (name in TRUTH or (name in BELIEVED and task.estimate is None)):
            self.truth_read = self.truth_read or name

    def _error(self, hook: str, task: Task, queue: Queue, message: str) -> PolicyError:
        return PolicyError(message, self.label(), hook, queue.now, task.id)


def _form(rank: object) -> object:
    return ("tuple", len(rank)) if isinstance(rank, tuple) else type(rank).__name__
