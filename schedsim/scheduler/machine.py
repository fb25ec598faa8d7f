"""What a scheduler orders, as a protocol that each engine fulfils with its own clock."""

from __future__ import annotations

from typing import Final, Protocol

from schedsim.operations import Io
from schedsim.scheduler.arrivals import Arrivals
from schedsim.scheduler.task import Task
from schedsim.times import Ns

BOOST: Final = 0
"""The token of the policy's periodic work."""


class Machine(Protocol):
    """Four orders. None returns an outcome: what comes of them is delivered as an input."""

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
        with nothing ``left`` stands at a yield: deliver ``Reached`` at once.
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

    def quiet_until(self) -> Ns:
        """Return a time before which it will deliver nothing but ends of slices and known arrivals.

        A machine that cannot know (a real one) returns 0. Not an order: it lets the scheduler look
        ahead and commit slices at once.
        """
