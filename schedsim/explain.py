"""Why each dispatch: who was ready with which rank, and why this one."""

from __future__ import annotations

from typing import Any, NamedTuple

from schedsim.policies.base import Policy, Queue
from schedsim.scheduler.ready import Entry
from schedsim.scheduler.task import Task
from schedsim.times import Ns


class Candidate(NamedTuple):
    """A ready task as the scheduler saw it when it chose."""

    id: str
    rank: Any
    ready_since: Ns
    facts: dict[str, int]
    """The task's fields that ranks are made of, at that moment (times in nanoseconds)."""


class Decision(NamedTuple):
    """One dispatch, or one preemption (then ``victim`` says whose CPU it takes)."""

    time: Ns
    cpu: int
    candidates: tuple[Candidate, ...]
    """The ready tasks, the chosen one first."""
    victim: Candidate | None
    number: int
    """How many dispatches came before."""


def _candidate(rank: Any, task: Task) -> Candidate:
    facts = {
        "arrival": task.arrival,
        "burst": task.burst,
        "remaining": task.remaining,
        "cpu_left": task.cpu_left,
        "priority": task.priority,
        "tickets": task.tickets,
        "level": task.level,
        "vtime": task.vtime,
        "place": task.place,
    }
    return Candidate(task.id, rank, task.ready_since, facts)


class Witness:
    """An observer that writes every decision down."""

    def __init__(self) -> None:
        """Start with none."""
        self.decisions: list[Decision] = []

    def dispatching(self, now: Ns, cpu: int, entries: list[Entry], queue: Queue) -> None:
        """Note a dispatch."""
        candidates = tuple(_candidate(rank, task) for rank, _, task in entries)
        self.decisions.append(Decision(now, cpu, candidates, None, queue.dispatches))

    def preempting(self, now: Ns, cpu: int, victim: Task, rank: object, candidate: Entry) -> None:
        """Note a preemption."""
        chosen = (_candidate(candidate[0], candidate[2]),)
        self.decisions.append(Decision(now, cpu, chosen, _candidate(rank, victim), -1))


def decisions(mix: Any, policy: Policy, seed: int | None = None) -> list[Decision]:
    """Run ``mix`` under ``policy`` again and return every decision in order."""
    from schedsim.experiment import simulate_trace

    witness = Witness()
    simulate_trace(mix, policy, seed, observer=witness)
    return witness.decisions
