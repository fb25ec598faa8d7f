"""Priority inheritance: who holds a mutex goes before everyone whom a task that waits for it goes before.

It is the rank that is inherited, whatever a policy ranks by, so no policy needs to know of it.
Source: Sha, Rajkumar, Lehoczky, Priority Inheritance Protocols: An Approach to Real-Time Synchronization,
IEEE Transactions on Computers 39 (9), 1990.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.states import READY

if TYPE_CHECKING:
    from schedsim.scheduler.shared import Mutex
    from schedsim.scheduler.task import Task
    from schedsim.scheduler.together import Together


def lend(together: Together, mutex: Mutex) -> None:
    """Bring up to date who lends its rank to the owner of ``mutex``, after its owner or a wait has changed."""
    if mutex.inherits and mutex.owner is not None:
        _update(together, mutex.owner)


def give_back(together: Together, task: Task) -> None:
    """Bring up to date who lends its rank to a task that has just given up a mutex."""
    if together.scheduler.consult.donors:
        _update(together, task)


def _update(together: Together, owner: Task) -> None:
    scheduler = together.scheduler
    donors = scheduler.consult.donors
    lent = [
        task
        for mutex in together.mutexes.values()
        if mutex.owner is owner and mutex.inherits
        for task in mutex.waiting
    ]
    if lent == donors.get(owner.index, []):
        return
    donors.pop(owner.index, None)
    if lent:
        donors[owner.index] = lent
    # Whoever it waits for itself inherits the new rank as well, so all that are ready are looked at again.
    if scheduler.consult.rank is not None and (owner.state is READY or owner.index in together.waits):
        scheduler.ready.rebuild()
