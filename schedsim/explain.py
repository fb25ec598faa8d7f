"""Why each dispatch: who was ready with which rank, and why this one.

A ``Witness`` writes down what the scheduler saw when it chose; ``explanation`` puts it into words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schedsim.policies.base import Policy, Queue
from schedsim.scheduler.task import Task
from schedsim.times import Ns

if TYPE_CHECKING:
    from schedsim.explanation import Explanation
    from schedsim.scheduler.ready import Entry


class Candidate(NamedTuple):
    """A ready task as the scheduler saw it when it chose."""

    id: str
    rank: Any
    ready_since: Ns
    facts: dict[str, int]
    """The task's fields that ranks are made of, at that moment (times in nanoseconds).

    ``before`` is the number of tickets of the ready tasks before this one in the mix; ``estimated``
    is 1 if the job says what policies are to believe of its bursts.
    """


class Decision(NamedTuple):
    """One dispatch, or one preemption (then ``victim`` says whose CPU it takes)."""

    time: Ns
    cpu: int
    candidates: tuple[Candidate, ...]
    """The ready tasks, the chosen one first."""
    victim: Candidate | None
    number: int
    """How many dispatches came before."""
    ready: int = 0
    """How many tasks were ready, those that were not written down included."""
    tickets: int = 0
    """The tickets of them all."""


def _candidate(rank: Any, task: Task, before: int = 0) -> Candidate:
    facts = {
        "index": task.index,
        "arrival": task.arrival,
        "burst": task.burst,
        "remaining": task.remaining,
        "cpu_left": task.cpu_left,
        "priority": task.priority,
        "tickets": task.tickets,
        "level": task.level,
        "vtime": task.vtime,
        "place": task.place,
        "before": before,
        "estimated": int(task.estimate is not None),
    }
    return Candidate(task.id, rank, task.ready_since, facts)


class Witness:
    """An observer that writes every decision down."""

    def __init__(self, most: int | None = None) -> None:
        """Start with no decisions; of each, only the ``most`` best tasks are written down."""
        self.decisions: list[Decision] = []
        self.most = most

    def dispatching(self, now: Ns, cpu: int, entries: list[Entry], queue: Queue) -> None:
        """Note a dispatch."""
        before: dict[int, int] = {}
        tickets = 0
        for task in sorted((task for _, _, task in entries), key=lambda task: task.index):
            before[task.index] = tickets
            tickets += task.tickets
        kept = entries[: self.most]
        candidates = tuple(_candidate(rank, task, before[task.index]) for rank, _, task in kept)
        self.decisions.append(Decision(now, cpu, candidates, None, queue.dispatches, len(entries), tickets))

    def preempting(self, now: Ns, cpu: int, victim: Task, rank: object, candidate: Entry) -> None:
        """Note a preemption."""
        chosen = (_candidate(candidate[0], candidate[2]),)
        self.decisions.append(Decision(now, cpu, chosen, _candidate(rank, victim), -1, 1))


def decisions(mix: Any, policy: Policy, seed: int | None = None) -> list[Decision]:
    """Run ``mix`` under ``policy`` again and return every decision in order."""
    from schedsim.experiment import simulate_trace

    witness = Witness()
    simulate_trace(mix, policy, seed, observer=witness)
    return witness.decisions


def explain(
    mix: object,
    algo: str | Policy | None = None,
    *,
    at: object = None,
    job: str | None = None,
    most: int | None = 12,
    **options: Any,
) -> Explanation:
    """Simulate ``mix`` under ``algo`` and say for each dispatch why it was this one.

    Args:
        mix: what ``run`` takes.
        algo: likewise.
        at: an instant, in the mix's unit or as in ``"20us"``: only what was in force then, and what
            happened at it.
        job: a job's id: only what concerns it.
        most: so many of the ready tasks are named for each dispatch; None: all.
        **options: what ``run`` takes.

    Raises:
        UsageError: ``at`` is no time, or there is no such job; and as ``run``.
    """
    from schedsim.experiment import prepare, simulate_trace
    from schedsim.explanation import Explanation

    prepared, policy, seed = prepare(mix, algo, options)
    instant = None if at is None else _instant(at, prepared.unit)
    if job is not None:
        _known(job, [each.id for each in prepared.jobs], prepared.name)
    witness = Witness(most)
    trace = simulate_trace(prepared, policy, seed, observer=witness)
    return Explanation(trace, policy, witness.decisions, at=instant, job=job)


def _instant(at: object, unit: str) -> Ns:
    from schedsim.errors import UsageError
    from schedsim.times import parse_duration

    try:
        instant = parse_duration(at, unit)
    except ValueError as error:
        raise UsageError(f"at: {error}") from None
    if instant < 0:
        raise UsageError(f"at is {at}; write 0 or more")
    return instant


def _known(job: str, ids: list[str], mix: str) -> None:
    if job in ids:
        return
    from difflib import get_close_matches

    from schedsim.errors import UsageError

    near = get_close_matches(job[:80], ids[:10_000], n=1, cutoff=0.5)
    some = ", ".join(ids[:5]) + (", ..." if len(ids) > 5 else "")
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise UsageError(f"there is no job {job!r} in {mix}; {hint}its jobs are {some}")
