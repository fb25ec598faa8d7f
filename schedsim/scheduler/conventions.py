"""The rules on which textbooks differ, as one frozen value."""

from __future__ import annotations

from typing import Final, NamedTuple

from schedsim.errors import UsageError


class Conventions(NamedTuple):
    """What holds where two things meet at one instant, or a slice is broken into."""

    name: str
    returns_first: bool
    """Expired and preempted tasks rejoin the ready queue before the policy's periodic work,
    arrivals and wake-ups of that instant, instead of after them."""
    running_keeps_place: bool
    """A running task keeps its place in the queue: a preempted one goes back to it, and whoever
    is put in front of that place preempts, also at an equal rank."""
    preempted_keeps_slice: bool
    """A preempted task later goes on with the rest of its slice, instead of with a fresh one."""
    exact_end_uses_up: bool
    """A task that blocks exactly at the end of its slice has used the slice up."""
    boost_lowest_first: bool
    """A boost puts the tasks of the lowest level in front of those of the next one up, instead of
    in the order in which they became ready."""

    def describe(self) -> list[str]:
        """Return one sentence for each rule, as ``-v`` prints them."""
        return [
            "at one instant: "
            + (
                "operations end, expired tasks rejoin the queue, boost, arrivals, wake-ups, dispatch"
                if self.returns_first
                else "operations end, boost, arrivals, wake-ups, expired tasks rejoin the queue, dispatch"
            ),
            "a preempted task goes "
            + ("back to its place in the queue" if self.running_keeps_place else "to the tail of the queue")
            + (
                " and keeps the rest of its slice"
                if self.preempted_keeps_slice
                else " and gets a fresh slice"
            ),
            "a burst that ends exactly with the quantum "
            + ("has used its slice up" if self.exact_end_uses_up else "has ended, and not expired"),
            "a boost takes "
            + (
                "the lowest level first"
                if self.boost_lowest_first
                else "tasks in the order they became ready"
            ),
        ]


TEXTBOOK: Final = Conventions(
    name="textbook",
    returns_first=False,
    running_keeps_place=False,
    preempted_keeps_slice=False,
    exact_end_uses_up=False,
    boost_lowest_first=False,
)
OSTEP: Final = Conventions(
    name="ostep",
    returns_first=True,
    running_keeps_place=True,
    preempted_keeps_slice=True,
    exact_end_uses_up=True,
    boost_lowest_first=True,
)
CONVENTIONS: Final = {"textbook": TEXTBOOK, "ostep": OSTEP}


def conventions_named(name: str) -> Conventions:
    """Return the conventions called ``name``. Raises UsageError with the names there are."""
    try:
        return CONVENTIONS[name]
    except KeyError:
        raise UsageError(f"conventions {name!r} are not known; write textbook or ostep") from None
