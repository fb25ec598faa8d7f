"""The rows of a result, and what it was made from: plain values, times in the mix's unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas

    from schedsim.jobs import Mix
    from schedsim.policies.base import Policy
    from schedsim.recording import Recording
    from schedsim.results import Run

Number = int | float
MEANS = ("turnaround", "waiting", "response", "slowdown")
"""The metrics that are averaged over the finished jobs."""


class JobResult(NamedTuple):
    """What became of one job, times in the mix's unit; None where it did not come that far."""

    id: str
    state: str
    arrival: Number | None
    """None for one that another job was to spawn, and did not."""
    start: Number | None
    finish: Number | None
    turnaround: Number | None
    waiting: Number
    response: Number | None
    cpu: Number
    io: Number
    slowdown: float | None
    exit_code: int | None
    """0 unless its program said another one; -9 of one that was killed, None of one that has not ended."""


class SliceResult(NamedTuple):
    """One slice, times in the mix's unit."""

    job: str
    cpu: int
    start: Number
    end: Number
    why: str


class Origin(NamedTuple):
    """What a run was made from, so that it can be made again and watched."""

    mix: Mix
    policy: Policy
    seed: int | None
    recording: Recording | None = None
    """What the scheduler was told, where that came from real processes; None: a simulation."""


def job_fields(run: Run) -> tuple[str, ...]:
    """Return which fields of jobs a run shows: the exit code only where a job has a parent to ask for it, or one but 0."""
    told = any(job.spawned for job in run.trace.header.jobs) or any(job.exit_code for job in run.jobs)
    return JobResult._fields if told else JobResult._fields[:-1]


def job_rows(run: Run) -> list[dict[str, Any]]:
    """Return those fields of each job by their names."""
    names = job_fields(run)
    return [dict(zip(names, job, strict=False)) for job in run.jobs]


def whole(value: float) -> Number:
    """Return ``value`` as an int when it is whole: whole numbers stay whole."""
    return int(value) if float(value).is_integer() else value


def data_frame(rows: Any) -> pandas.DataFrame:
    """Return rows as a DataFrame. Raises HostError naming the extra when pandas is missing."""
    from schedsim.errors import HostError

    try:
        import pandas
    except ImportError:
        raise HostError("pandas is not installed; give: pip install 'schedsim[pandas]'") from None
    return pandas.DataFrame(rows)
