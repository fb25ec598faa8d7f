"""Watching a policy that did not come with schedsim: it may write scratch fields and nothing else.

The shipped policies are held to this by the conformance tests and run unwatched.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from schedsim.scheduler.task import SCRATCH, Task

if TYPE_CHECKING:
    from schedsim.policies.base import Policy, Queue

_MADE_WHEN_READ: Final = "sums"
_GUARDED: Final = tuple(name for name in Task.__slots__ if name not in (*SCRATCH, _MADE_WHEN_READ))
_fields: Final = attrgetter(*_GUARDED)
_SUMMARY: Final = (
    *("now", "dispatches", "before", "last_vtime"),
    *("exact_end_uses_up", "preempted_keeps_slice"),
)
_summary: Final = attrgetter(*_SUMMARY)


class ForbiddenWriteError(AttributeError):
    """A policy wrote what is not its own."""


def is_watched(policy: Policy) -> bool:
    """Return whether the policy comes from outside."""
    return not type(policy).__module__.startswith("schedsim.policies.")


def watched(hook: Callable[..., Any], queue: Queue) -> Callable[..., Any]:
    """Return ``hook`` with a look before and after; raises ForbiddenWriteError for a forbidden write."""

    def call(task: Task, *arguments: Any) -> Any:
        before, summary = _fields(task), _summary(queue)
        answer = hook(task, *arguments)
        _compare(before, _fields(task), _GUARDED, "task")
        _check_scratch(task)
        _compare(summary, _summary(queue), _SUMMARY, "queue")
        return answer

    return call


def _check_scratch(task: Task) -> None:
    for name in SCRATCH:
        value = getattr(task, name)
        if type(value) is not int:
            raise ForbiddenWriteError(f"left {value!r} in task.{name}; a scratch field holds an int")


def _compare(before: tuple[Any, ...], after: tuple[Any, ...], names: tuple[str, ...], what: str) -> None:
    if before != after:
        changed = next(name for name, old, new in zip(names, before, after, strict=True) if old != new)
        writable = ", ".join(SCRATCH)
        raise ForbiddenWriteError(f"wrote {what}.{changed}; a policy writes only the task's {writable}")
