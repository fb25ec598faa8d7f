"""Why each dispatch: who was ready with which rank, and why this one.

A ``Witness`` writes down what the scheduler saw when it chose; ``explanation`` puts it into words.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.errors import TraceError
from schedsim.explanation import Teller
from schedsim.policies.base import Policy, Queue
from schedsim.scheduler.task import Task
from schedsim.times import Ns

if TYPE_CHECKING:
    from schedsim.explanation import Explanation
    from schedsim.results import Origin, Run
    from schedsim.scheduler.ready import Entry
    from schedsim.trace import Trace

_GATHER: Final = 256
"""So many decisions are gathered before they are put into words."""
_MOST_NAMED: Final = 12
"""So many ready tasks are named for a dispatch, unless said otherwise."""
_IN_MEMORY: Final = 1 << 20
"""Words of more bytes than this go to a file on the disk."""


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
    inheriting: frozenset[int] = frozenset()
    """The mutexes whose holder is lent ranks by now, by their places in the header's objects."""


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
        self.inherits: frozenset[int] = frozenset()

    def dispatching(self, now: Ns, cpu: int, entries: list[Entry], queue: Queue) -> None:
        """Note a dispatch."""
        before: dict[int, int] = {}
        tickets = 0
        for task in sorted((task for _, _, task in entries), key=lambda task: task.index):
            before[task.index] = tickets
            tickets += task.tickets
        kept = entries[: self.most]
        candidates = tuple(_candidate(rank, task, before[task.index]) for rank, _, task in kept)
        self.decisions.append(
            Decision(
                now, cpu, candidates, None, queue.dispatches, len(entries), tickets, inheriting=self.inherits
            )
        )

    def preempting(self, now: Ns, cpu: int, victim: Task, rank: object, candidate: Entry) -> None:
        """Note a preemption."""
        chosen = (_candidate(candidate[0], candidate[2]),)
        self.decisions.append(
            Decision(now, cpu, chosen, _candidate(rank, victim), -1, 1, inheriting=self.inherits)
        )

    def inheriting(self, mutex: int) -> None:
        """Note a mutex whose holder is lent ranks: of a program that is a generator, no text says so."""
        self.inherits |= {mutex}


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
    most: int | None = _MOST_NAMED,
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


class Spool(Witness):
    """An observer that puts every decision into words as soon as it can, and the words into a file.

    So the memory that it needs does not grow with the run, of which ``trace`` is the outcome: a run
    that is made again by the same rules takes the same decisions.
    """

    def __init__(self, trace: Trace, policy: Policy, most: int, file: IO[str]) -> None:
        """Write into ``file``, a line for each dispatch, in which ``most`` ready tasks are named."""
        super().__init__(most)
        self.file = file
        self.waiting: deque[Decision] = deque()
        self.dispatches = 0
        """How many of those that wait are dispatches."""
        self.tell = Teller(trace, policy, iter(self.waiting.popleft, None)).tell()

    def dispatching(self, now: Ns, cpu: int, entries: list[Entry], queue: Queue) -> None:
        """Note a dispatch; from time to time, write down those noted."""
        super().dispatching(now, cpu, entries, queue)
        if len(self.decisions) >= _GATHER:
            self.settle()

    def settle(self) -> None:
        """Write down the decisions noted so far. Raises TraceError where the trace tells another run."""
        from json import dumps

        self.waiting.extend(self.decisions)
        self.dispatches += sum(decision.victim is None for decision in self.decisions)
        self.decisions.clear()
        while self.dispatches:
            said = next(self.tell, None)
            if said is None:
                raise TraceError("the run has other decisions than its trace")
            decision = said.decision
            if decision is not None:
                if (decision.time, decision.candidates[0].id) != (said.time, said.job):
                    raise TraceError(f"the run has another dispatch than its trace at {said.time} ns")
                self.dispatches -= 1
                self.file.write(dumps(said.words) + "\n")


def reasons(run: Run) -> Iterator[str] | None:
    """Return why each dispatch of ``run``, in the order of its trace; None where nobody can say.

    The run is made again for it: simulated, or from the recording of what its scheduler was told.
    Raises TraceError when that gives other decisions, as of a policy that keeps a state of its own.
    """
    origin = run.origin
    if origin is None or any(not isinstance(job.program, tuple) for job in origin.mix.jobs):
        return None
    if run.trace.header.engine != "simulated" and origin.recording is None:
        return None
    return _told(run.trace, origin)


def _told(trace: Trace, origin: Origin) -> Iterator[str]:
    from json import loads
    from tempfile import SpooledTemporaryFile

    from schedsim.experiment import simulate_trace

    with SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8") as file:
        spool = Spool(trace, origin.policy, _MOST_NAMED, file)
        if origin.recording is not None:
            origin.recording.replay(origin.mix, origin.policy, trace.header, observer=spool)
        else:
            simulate_trace(origin.mix, origin.policy, origin.seed, observer=spool)
        spool.settle()
        file.seek(0)
        for line in file:
            yield loads(line)


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
    from schedsim.errors import UsageError
    from schedsim.nearest import did_you_mean

    some = ", ".join(ids[:5]) + (", ..." if len(ids) > 5 else "")
    hint = did_you_mean(job, ids[:10_000])
    raise UsageError(f"there is no job {job!r} in {mix}; {hint}its jobs are {some}")
