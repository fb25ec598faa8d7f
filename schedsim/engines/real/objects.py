"""What the processes of a run really share: locks, variables, and parcels in which items travel.

Everything is made by ``multiprocessing`` before the workers are, and goes to them as any object of it does.
Who may have what is the dispatcher's to say. So a lock is free when its turn comes, and nobody waits here;
if it is not free after all, that is an error of schedsim's, and is reported as one.

An item travels in a parcel, a piece of shared memory, and not through a pipe: who is handed an item, but has
not run since, would find that another one has taken it out of the pipe before.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from schedsim.engines.real.failures import named
from schedsim.engines.real.performing import does_at_once, needs_answer
from schedsim.errors import HostError, ProgramError
from schedsim.operations import Lock, Put, Read, Unlock, Write

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

    from schedsim.jobs import Job
    from schedsim.times import Ns

LARGEST_ITEM: Final = 4000
"""An item takes at most so many bytes when it is pickled."""
PARCEL: Final = 4096
MOST_PARCELS: Final = 1024
"""So many items are in all queues together at most, or on their way."""
UNNAMED: Final = 32
"""So many mutexes, and so many variables, may generators use that no list of operations names."""
PATIENCE: Final[Ns] = 1_000_000_000
"""After so long (nanoseconds) what should be free will not become so."""

_FREE, _TAKEN = 0, 1


class Objects:
    """What one run shares. It can be sent to a worker while that is made."""

    def __init__(
        self,
        context: BaseContext,
        jobs: Sequence[Job],
        queues: Mapping[str, int],
        variables: Iterable[str],
    ) -> None:
        """Make as many objects as ``jobs`` can need beside the ``variables`` that have a value at first.

        Raises HostError when the machine gives no more of them.
        """
        steps = [step for job in jobs for step in job.operations]
        unknown = UNNAMED if any(not isinstance(job.program, tuple) for job in jobs) else 0
        mutexes = {step.mutex for step in steps if isinstance(step, Lock | Unlock)}
        names = {*variables} | {step.variable for step in steps if isinstance(step, Read | Write)}
        items = [step.item for step in steps if isinstance(step, Put) and step.item is not None]
        count = 0
        if items or (unknown and queues):
            count = min(MOST_PARCELS, len(items) + sum(queues.values()) + 2 * len(jobs))
        try:
            self.locks = [context.Lock() for _ in range(len(mutexes) + unknown)]
            self.practice = context.Lock()
            """For rehearsals."""
            self.opening = context.Lock()
            """Held while somebody looks for a free parcel."""
        except OSError as error:
            raise HostError(
                f"{len(mutexes) + unknown + 1} locks could not be made ({error.strerror}); use fewer mutexes"
            ) from None
        self.variables: Any = context.RawArray("q", max(1, len(names) + unknown))
        self.taken: Any = context.RawArray("b", max(1, count))
        self.parcels: Any = context.RawArray("B", max(1, count * PARCEL))
        self.count = count
        self.queues = frozenset(queues)
        """Into which anything can be put."""

    def release(self, place: int) -> None:
        """Really release the mutex at that place."""
        self.locks[place].release()

    def acquire(self, place: int) -> bool:
        """Really acquire the mutex at that place; return whether it could be had."""
        return _had(self.locks[place])

    # Items.

    def send(self, job: str, queue: str, item: object) -> int:
        """Put an item into a parcel; return which. Raises ProgramError for one that cannot be sent."""
        try:
            packed = pickle.dumps(item)
        except Exception as error:
            raise ProgramError(
                f"job {job!r}: what it puts into {queue!r} cannot be pickled ({named(error)}); a real run sends it to "
                "another process"
            ) from error
        if len(packed) > LARGEST_ITEM:
            raise ProgramError(
                f"job {job!r}: what it puts into {queue!r} takes {len(packed):,} bytes when it is pickled; in a real "
                f"run an item takes at most {LARGEST_ITEM:,}"
            )
        if not _had(self.opening):
            raise ProgramError(f"job {job!r}: a process died while it held the queues")
        try:
            parcel: int = self.taken[:].index(_FREE)
            self.taken[parcel] = _TAKEN
        except ValueError:
            raise ProgramError(
                f"job {job!r}: {self.count:,} items are in the queues or on their way, and a real run has room for "
                "no more; give the queues a smaller capacity"
            ) from None
        finally:
            self.opening.release()
        first = parcel * PARCEL
        self.parcels[first : first + len(packed)] = packed
        return parcel

    def receive(self, parcel: int) -> object:
        """Take an item out of its parcel."""
        first = parcel * PARCEL
        packed = bytes(self.parcels[first : first + PARCEL])
        self.discard(parcel)
        item: object = pickle.loads(packed)  # noqa: S301  # of our own making
        return item

    def discard(self, parcel: int) -> None:
        """Free a parcel."""
        self.taken[parcel] = _FREE


def needed(jobs: Iterable[Job]) -> bool:
    """Return whether any job does something with others: of a generator nobody knows."""
    return any(
        not isinstance(job.program, tuple)
        or any(needs_answer(step) or does_at_once(step) for step in job.program)
        for job in jobs
    )


def _had(lock: Any) -> bool:
    """Acquire a lock that is free, or about to be; return whether that worked."""
    last = time.monotonic_ns() + PATIENCE
    while not lock.acquire(block=False):
        if time.monotonic_ns() > last:
            return False
    return True
