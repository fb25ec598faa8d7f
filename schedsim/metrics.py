"""What a trace amounts to: per job and for the whole run, from the trace alone.

turnaround = finish - arrival; waiting = time spent ready; response = first dispatch - arrival, the
context switch to it included; slowdown = turnaround / (CPU + I/O of its own); lateness = turnaround -
deadline. All times are nanoseconds here; results and tables turn them into the mix's unit.
Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.2; OSTEP, chapter 7;
Jain, Chiu, Hawe, A quantitative measure of fairness, DEC TR-301, 1984.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from schedsim.times import Ns
from schedsim.trace import CODE_OF_KILLED, ENDED, ENDS_SLICE, Kind, Trace, never_came

STATES = ("new", "ready", "running", "blocked", "zombie", "terminated", "killed", "failed")

_BECOMES: Final[dict[int, str]] = {
    **dict.fromkeys((Kind.ARRIVED, Kind.ADMITTED, Kind.WOKE), "ready"),
    **dict.fromkeys((Kind.EXPIRED, Kind.PREEMPTED, Kind.YIELDED), "ready"),
    Kind.DISPATCHED: "running",
    Kind.BLOCKED: "blocked",
    Kind.FINISHED: "terminated",
    Kind.FAILED: "failed",
    Kind.KILLED: "killed",
    Kind.ZOMBIE: "zombie",
    Kind.REAPED: "terminated",
}
"""The state of a job after a row of the trace; the other kinds change none."""


class JobMetrics(NamedTuple):
    """What became of one job; times in nanoseconds, None where it did not come that far."""

    id: str
    state: str
    arrival: Ns
    start: Ns | None
    """When it first ran."""
    finish: Ns | None
    turnaround: Ns | None
    waiting: Ns
    response: Ns | None
    cpu: Ns
    """CPU time used."""
    io: Ns
    """I/O service received, queueing for a device not counted."""
    slowdown: float | None
    lateness: Ns | None
    """Below 0 for a job that ended in time; None without a deadline too."""
    exit_code: int | None
    """-9 for a job that was killed, or whose process died; None for one that has not ended."""


class SystemMetrics(NamedTuple):
    """What the machine did; times in nanoseconds, over all CPUs together."""

    makespan: Ns
    """The last finish (or death of a process), the cut-off, or when it came to a deadlock."""
    busy: Ns
    switching: Ns
    idle: Ns
    utilization: float
    """busy / (makespan x CPUs)."""
    efficiency: float
    """busy / (busy + switching)."""
    throughput: float
    """Finished jobs per nanosecond."""
    switches: int
    """Dispatches of another task than the CPU ran last, the first of each CPU left out."""
    voluntary: int
    involuntary: int
    fairness: float | None
    """Jain's index over 1 / slowdown: 1 when all are slowed down alike."""


class Summary(NamedTuple):
    """Mean and percentiles of one metric over the finished jobs."""

    mean: float
    p50: float
    p95: float
    p99: float


def job_metrics(trace: Trace) -> list[JobMetrics]:
    """Return one row for each job of the header, in the order of the mix."""
    jobs = trace.header.jobs
    count = len(jobs)
    state = ["new"] * count
    waiting, cpu, io = [0] * count, [0] * count, [0] * count
    since: list[Ns] = [0] * count
    start: list[Ns | None] = [None] * count
    finish: list[Ns | None] = [None] * count
    pending: dict[int, tuple[int, Ns]] = {}  # CPU -> who is to run on it, and from when
    switched: dict[int, Ns] = {}
    ended: dict[int, int] = {}  # how
    codes: dict[int, int] = {}
    last: Ns = 0
    for time, kind, task, processor, value in zip(*trace.columns(), strict=True):
        last = time
        becomes = _BECOMES.get(kind)
        if becomes is not None and not (kind == Kind.REAPED and state[task] != "zombie"):
            if state[task] == "ready":
                waiting[task] += time - since[task]
            if kind == Kind.REAPED:  # what became of it, and not only that it is gone
                becomes = _BECOMES[ended.get(task, Kind.FINISHED)]
            state[task], since[task] = becomes, time
        if kind == Kind.DISPATCHED:
            pending[processor] = (task, max(time, switched.get(processor, time)))
        elif kind in ENDS_SLICE:
            if processor >= 0:
                cpu[task] += value
                begins = pending.pop(processor)[1]
                if start[task] is None and time > begins:
                    start[task] = begins
            if kind in ENDED:
                ended[task] = kind
                if kind == Kind.FINISHED:
                    finish[task] = time
        elif kind in (Kind.WOKE, Kind.SERVED):
            io[task] += value
        elif kind == Kind.SWITCHED:
            switched[processor] = time + value
        elif kind == Kind.EXITED:
            codes[task] = value
    end = last if trace.header.until is None else trace.header.until
    found = []
    for index, job in enumerate(jobs):
        ends, begins_at = finish[index], start[index]
        if state[index] == "ready":
            waiting[index] += max(0, end - since[index])
        own = cpu[index] + io[index]
        turnaround = None if ends is None else ends - job.arrival
        found.append(
            JobMetrics(
                id=job.id,
                state=state[index],
                arrival=job.arrival,
                start=begins_at,
                finish=ends,
                turnaround=turnaround,
                waiting=waiting[index],
                response=None if begins_at is None else begins_at - job.arrival,
                cpu=cpu[index],
                io=io[index],
                slowdown=turnaround / own if turnaround is not None and own else None,
                lateness=None if turnaround is None or job.deadline is None else turnaround - job.deadline,
                exit_code=_exit_code(ended.get(index), codes.get(index, 0)),
            )
        )
    return found


def _exit_code(ended: int | None, code: int) -> int | None:
    """Return the exit code of a job that ended in that way, None for not at all, and said ``code`` if it could."""
    if ended == Kind.FINISHED:
        return code
    return CODE_OF_KILLED if ended in (Kind.KILLED, Kind.FAILED) else None


def missed_deadlines(trace: Trace, jobs: list[JobMetrics] | None = None) -> list[tuple[str, Ns]]:
    """Return the jobs that had not ended at their deadline, with when that was, in that order.

    A deadline after the end of the trace is not missed yet. ``jobs`` saves computing ``job_metrics`` again.
    """
    jobs = job_metrics(trace) if jobs is None else jobs
    end = trace.header.until
    if end is None:
        end = trace.time[-1] if len(trace) else 0
    found, absent = [], never_came(trace)
    for place, (said, job) in enumerate(zip(trace.header.jobs, jobs, strict=True)):
        if said.deadline is not None and place not in absent:
            due = said.arrival + said.deadline
            if (end if job.finish is None else job.finish - 1) >= due:
                found.append((said.id, due))
    return sorted(found, key=lambda miss: miss[1])


def system_metrics(trace: Trace, jobs: list[JobMetrics] | None = None) -> SystemMetrics:
    """Return what the machine did; ``jobs`` saves computing ``job_metrics`` again."""
    jobs = job_metrics(trace) if jobs is None else jobs
    busy = switching = voluntary = involuntary = 0
    last_task: dict[int, int] = {}
    left_by: dict[int, int] = {}
    switched: dict[int, Ns] = {}
    """When the last context switch on each CPU is over."""
    ended = last = 0
    until = trace.header.until
    given_up = (Kind.EXPIRED, Kind.PREEMPTED)
    for time, kind, task, processor, value in zip(*trace.columns(), strict=True):
        last = time
        if kind == Kind.DISPATCHED:
            if last_task.get(processor, task) != task:
                if left_by.get(processor) in given_up:
                    involuntary += 1
                else:
                    voluntary += 1
            last_task[processor] = task
        elif kind == Kind.SWITCHED:
            length = value if until is None else min(value, until - time)
            switching += length
            switched[processor] = time + length
        elif kind in ENDS_SLICE:
            if processor >= 0:
                busy += value
                left_by[processor] = kind
                if kind == Kind.KILLED:  # during the context switch to it, of which nothing more is to come
                    switching -= max(0, switched.get(processor, time) - time)
            if kind in ENDED:
                ended = time
    over = all(job.state in ("terminated", "failed", "killed", "zombie") for job in jobs)
    if until is None and any(job.state in ("ready", "blocked") for job in jobs):
        ended = last  # a deadlock: nothing more happens, and they have not ended
    makespan = ended if until is None or over else until
    capacity = makespan * trace.header.cpus
    finished = [job for job in jobs if job.finish is not None]
    rates = [1 / job.slowdown for job in finished if job.slowdown]
    squares = sum(rate * rate for rate in rates)
    return SystemMetrics(
        makespan=makespan,
        busy=busy,
        switching=switching,
        idle=capacity - busy - switching,
        utilization=busy / capacity if capacity else 0.0,
        efficiency=busy / (busy + switching) if busy else 0.0,
        throughput=len(finished) / makespan if makespan else 0.0,
        switches=voluntary + involuntary,
        voluntary=voluntary,
        involuntary=involuntary,
        fairness=sum(rates) ** 2 / (len(rates) * squares) if squares else None,
    )


def summarize(values: list[float]) -> Summary | None:
    """Return mean and percentiles (nearest rank: a value that occurred), None of nothing."""
    if not values:
        return None
    ordered = sorted(values)

    def percentile(share: int) -> float:
        return ordered[max(0, -(-len(ordered) * share // 100) - 1)]

    return Summary(sum(ordered) / len(ordered), percentile(50), percentile(95), percentile(99))
