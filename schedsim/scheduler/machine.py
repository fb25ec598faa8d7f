"""What a scheduler orders, as a protocol that each engine fulfils with its own clock."""

from __future__ import annotations

from typing import Final, Protocol

from schedsim.operations import Io, Operation
from schedsim.scheduler.arrivals import Arrivals
from schedsim.scheduler.task import Task
from schedsim.times import Ns

BOOST: Final = 0
"""The token of the policy's periodic work."""


class Machine(Protocol):
    """Five orders. None returns an outcome: what comes of them is delivered as an input.

    And three questions, which only mixes are asked whose jobs do something with each other.
    """

    measures: bool
    """Whether CPU time is measured, and delivered as ``Used`` for those that run on whenever anything else
    is delivered. Where it is not, a task has used all the time that passed."""

    arrivals: Arrivals
    """The arrivals it knows of in advance and has not delivered. While a scheduler looks ahead it may
    take some from here itself."""

    def start(self, task: Task, cpu: int, order: int, begins: Ns, length: Ns) -> None:
        """Let ``task`` run on ``cpu`` from ``begins`` (now, or when the context switch is over).

        It runs until its operation ends (deliver ``Reached``), or until it has run for ``length``
        (deliver ``Stopped`` as expired), which is -1 when it may run until it blocks. Both at once
        is ``Reached``. A task that already runs on this CPU goes on under the new number. A task
        with nothing ``left`` stands at a yield: deliver ``Reached`` at once. So does one that is
        ``standing`` at an operation, with that operation.
        """

    def stop(self, task: Task, cpu: int, order: int) -> None:
        """Take ``task`` off its CPU: a request. Deliver ``Stopped`` as preempted, or what came first.

        ``order`` is the number under which it was started last; that may have been just now.

        A context switch is not broken off: a stop during one takes effect at its end.
        """

    def wake_at(self, time: Ns, token: int) -> None:
        """Deliver ``WokenAt(token)`` at ``time``."""

    def begin_io(self, task: Task, operation: Io, now: Ns) -> None:
        """Serve this I/O from ``now`` on; deliver ``IoDone`` at its end."""

    def kill(self, task: Task) -> None:
        """Let the task's process die; the scheduler has forgotten it already."""

    def advance(self, task: Task, result: object) -> Operation | None:
        """Let the task's program go on after an operation that took no time; return what it does next.

        ``result`` is what came of that operation, after which the task runs on.
        Where a machine delivers ``Unasked``, it is asked in this way, with None, after any other operation too.
        ``Unsaid`` says that the program has to run first: the task stands at it, and when it is started
        ``Reached`` is delivered, as soon as it has said.
        """

    def answer(self, task: Task, result: object) -> Operation | None:
        """Return what a task does next that waited for another job, and has just been woken.

        ``result`` is what came of the operation at which it waited. What is known before the task runs is said at
        once. Else it is ``Unsaid``, as above, or ``Answered``, with the result: then the task stands at that, and
        ``advance`` is called when it runs.
        """

    def spawn(self, index: int) -> Task:
        """Return the task of the job at that place of the mix, which some other job makes."""

    def first(self, task: Task) -> Operation | None:
        """Return what the program of a task that was spawned does first; it arrives now."""

    def quiet_until(self) -> Ns:
        """Return a time before which it will deliver nothing but ends of slices and known arrivals.

        A machine that cannot know (a real one) returns 0. Not an order: it lets the scheduler look
        ahead and commit slices at once.
        """
