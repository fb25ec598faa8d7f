"""On which level every job was when: in no trace, so found by running the same once more and looking on.

A trace holds what happened, and a level is what a policy made of it. The mix is taken from the
trace's header, or given; the same inputs give the same decisions, which is checked: what comes of it must
be the very trace that is there. A real run is told again what its scheduler was told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.errors import SchedsimError, UsageError
from schedsim.experiment import simulate_trace
from schedsim.jobs import Job, Mix
from schedsim.operation_text import known_program
from schedsim.policies.options import make_policy
from schedsim.summary import option_words
from schedsim.times import LONGEST
from schedsim.trace import ENDED
from schedsim.variables import first_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from schedsim.policies.base import Policy, Queue
    from schedsim.results import Run
    from schedsim.times import Ns
    from schedsim.trace import Header, Trace

LEVELLED: Final = ("mlfq", "feedback", "mlq")
"""The shipped policies that have levels or queues."""


class Levels(NamedTuple):
    """The levels of a policy, and where the jobs of a run were."""

    rows: tuple[str, ...]
    """What each level is called, the best one first."""
    jobs: tuple[tuple[tuple[Ns, int], ...], ...]
    """For each job in the order of the mix: when it came to which level."""

    def at(self, job: int, time: Ns) -> int:
        """Return on which level a job is at an instant, its last change at that instant included."""
        level = 0
        for since, number in self.jobs[job]:
            if since > time:
                break
            level = number
        return level


def levels_of(run: Run, policy: Policy | None = None, mix: Mix | None = None) -> Levels:
    """Return on which level each job of ``run`` was when.

    Args:
        run: the result of a run, simulated or real.
        policy: the one it was run under, for one that did not come with schedsim.
        mix: the one that was run, for one with generators, or with what a trace does not hold.

    Raises:
        UsageError: for a policy without levels, and when the run cannot be repeated.
    """
    header = run.trace.header
    if header.algo == "mlq":
        return _queues(header)
    if policy is None:
        policy = _policy_of(header)
    changes: list[list[tuple[Ns, int]]] = [[] for _ in header.jobs]

    def note(now: Ns, job: int, level: int) -> None:
        if not changes[job] or changes[job][-1][1] != level:
            changes[job].append((now, level))

    again = _repeated(
        run, watching(policy, note), mix or mix_of(header)._replace(variables=first_values(run.trace))
    )
    if again.columns() != run.trace.columns():
        raise UsageError(
            f"running {header.mix} under {policy.label()} again gives another schedule, so its levels are not "
            "known; give the mix and the policy that were run"
        )
    ends = {row.task: row.time for row in run.trace if row.kind in ENDED}
    for index, (job, found) in enumerate(zip(header.jobs, changes, strict=True)):
        # With its last slice a job may use up an allotment; where it has ended it is on no level.
        found[:] = [change for change in found if change[0] < ends.get(index, LONGEST)]
        if not found or found[0][0] > job.arrival:
            found.insert(0, (job.arrival, 0))
    count = max(level for found in changes for _, level in found) + 1
    if header.algo not in LEVELLED and count == 1:
        raise UsageError(_none(header.algo))
    return Levels(_names(header, count), tuple(tuple(found) for found in changes))


def _none(algo: str) -> str:
    return f"{algo} has no levels to draw; policies with levels are {', '.join(LEVELLED[:-1])} and {LEVELLED[-1]}"


def mix_of(header: Header) -> Mix:
    """Return the mix that a trace's header describes.

    Raises UsageError where it does not hold a job's program, as that of a generator.
    """
    jobs = []
    for job in header.jobs:
        program = known_program(job.program, header.unit)
        if program is None:
            raise UsageError(
                f"the trace does not hold the program of job {job.id!r}; give the mix, as in mix=mix"
            )
        jobs.append(
            Job(
                job.id,
                0 if job.spawned else job.arrival,
                program,
                *(job.priority, job.nice, job.tickets),
                deadline=job.deadline,
                spawned=job.spawned,
            )
        )
    return Mix(
        tuple(jobs),
        name=header.mix,
        unit=header.unit,
        cpus=header.cpus,
        degree=header.degree,
        switch_cost=header.switch_cost,
        charge_first_switch=header.charge_first_switch,
        conventions=header.conventions,
        until=header.until,
        grace=header.grace,
        queues=tuple(header.queues.items()),
    )


def _policy_of(header: Header) -> Policy:
    try:
        return make_policy(header.algo, header.options, header.unit)
    except SchedsimError:
        raise UsageError(
            f"{header.algo} did not come with schedsim; give the policy that was run, as in policy={header.algo}()"
        ) from None


def _repeated(run: Run, policy: Policy, mix: Mix) -> Trace:
    """Return the trace of the same run, made once more under ``policy``."""
    recording = getattr(run, "recording", None)
    if recording is not None:
        again: Trace = recording.replay(mix, policy, run.trace.header)
        return again
    if run.trace.header.engine != "simulated":
        raise UsageError(f"this {run.trace.header.engine} run was not recorded, so its levels are not known")
    # An observer keeps the scheduler from looking ahead, so that the hooks are called at their instants.
    return simulate_trace(mix, policy, run.trace.header.seed, observer=_Patient())


class _Patient:
    """An observer that sees nothing."""

    def dispatching(self, now: Ns, cpu: int, entries: Any, queue: Queue) -> None:
        """Do nothing."""

    def inheriting(self, mutex: int) -> None:
        """Do nothing."""

    def preempting(self, now: Ns, cpu: int, victim: Any, rank: object, candidate: Any) -> None:
        """Do nothing."""


def watching(policy: Policy, note: Callable[[Ns, int, int], None]) -> Policy:
    """Return the same policy, which says after each of its hooks on which level the task is.

    ``note`` is called with the instant, the job's place in the mix, and the level.
    """
    cls = type(policy)

    def told(hook: Any, count: int) -> Any:
        # The signature is checked when a policy is made, so each is written out.
        def joined(self: Any, task: Any, why: Any, queue: Queue) -> Any:
            answer = hook(self, task, why, queue)
            note(queue.now, task.index, task.level)
            return answer

        def boosted(self: Any, task: Any, queue: Queue) -> Any:
            answer = hook(self, task, queue)
            note(queue.now, task.index, task.level)
            return answer

        return joined if count == 4 else boosted

    watched: dict[str, Any] = {
        name: told(getattr(cls, name), 3 if name == "boosted" else 4)
        for name in _TELLING
        if name in policy.hooks()
    }
    made = type(cls.__name__, (cls,), {**watched, "__module__": cls.__module__, "__doc__": cls.__doc__})
    again: Policy = made(**{name: getattr(policy, name) for name in policy.fields})
    return again


_TELLING: Final = ("joined", "ran", "boosted")
"""The hooks in which a policy may change a level."""


def _names(header: Header, count: int) -> tuple[str, ...]:
    """Return what the levels of a policy are called."""
    quanta = header.options.get("quanta") or []
    if header.algo == "mlfq":
        count = max(count, len(quanta))
    word = "queue" if header.algo == "feedback" else "level"
    said = []
    for level in range(count):
        quantum = f"quantum {quanta[min(level, len(quanta) - 1)]:g}" if quanta else ""
        said.append("\n".join(filter(None, (f"{word} {level}", quantum))))
    return tuple(said)


def _queues(header: Header) -> Levels:
    """Return the queues of a multilevel queue, in which every job stays."""
    queues = header.options.get("queues") or []
    if queues:
        rows = {
            each["priority"]: f"priority {each['priority']}\n{each['algo']} "
            + option_words({key: value for key, value in each.items() if key not in ("priority", "algo")})
            for each in queues
        }
    else:
        quantum = f"\nrr quantum={header.options.get('quantum', '')}"
        rows = {
            priority: f"priority {priority}{quantum}"
            for priority in sorted({job.priority for job in header.jobs})
        }
    places = {priority: place for place, priority in enumerate(rows)}
    return Levels(
        tuple(text.rstrip() for text in rows.values()),
        tuple(((job.arrival, places[job.priority]),) for job in header.jobs),
    )
