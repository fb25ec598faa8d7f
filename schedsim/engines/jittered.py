"""Virtual time as on a real machine that is never quite punctual: a little earlier or later each time.

Nothing is drawn at random: the same trial is the same for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schedsim.engines.overheads import Lane, MeasuredMachine
from schedsim.engines.simulated import run_on
from schedsim.jobs import Job, Mix
from schedsim.observed import Observed, Overheads
from schedsim.operations import Io
from schedsim.policies.base import Policy
from schedsim.policies.parameters import hash64
from schedsim.scheduler.task import Task
from schedsim.times import Ns
from schedsim.trace import Trace

Scale = tuple[int, int]
"""By what overheads are multiplied, and then divided."""
_PERCENT: Final = 100


class JitteredMachine(MeasuredMachine):
    """A machine on which everything that a dispatcher does is early or late by up to ``lateness``.

    How soon a task is stopped depends on what it is stopped for: as late as was measured for a job that arrives, and
    sooner, or at once, for a task that another one has let go, or when it comes to a longer burst itself, which a
    dispatcher hears of in that very moment.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        until: Ns | None,
        cpus: int,
        overheads: Overheads,
        *,
        lateness: Ns,
        trial: int,
        scale: Scale,
    ) -> None:
        """Prepare the trial of that number, with all ``overheads`` scaled."""
        self.lateness, self.trial, self.drawn = lateness, trial, 0
        self.early: Ns = 0
        """By how much the task that was just dispatched comes to an end too early."""
        # Jobs that are due at one instant are let go together, whenever that is.
        together = {time: max(0, time + self.jitter()) for time in sorted({job.arrival for job in jobs})}
        releases = tuple((index, together[job.arrival]) for index, job in enumerate(jobs))
        scaled = Overheads(*[overhead * scale[0] // scale[1] for overhead in overheads])
        super().__init__(jobs, until, cpus, scaled, Observed(releases=releases))

    def jitter(self) -> Ns:
        """Return the next deviation, from ``-lateness`` to ``lateness``."""
        self.drawn += 1
        return hash64(self.trial, self.drawn) % (2 * self.lateness + 1) - self.lateness

    def wake_at(self, time: Ns, token: int) -> None:
        """Wake the scheduler at ``time`` or later: it would only ask again if it were sooner."""
        super().wake_at(time + abs(self.jitter()), token)

    def _runs(self, length: Ns, left: Ns) -> Ns:
        runs = super()._runs(length, left)
        return runs if runs == left else min(left, max(1, runs + self.jitter()))

    def _overhead(self, lane: Lane, task: Task, now: Ns) -> Ns:
        costs = super()._overhead(lane, task, now) + self.jitter()
        # Were it never less than nothing, cheap dispatches would all be late, and in a long run by very much.
        self.early = max(0, -costs)
        return max(0, costs)

    def _due(self, lane: Lane, work: Ns) -> Ns:
        early, self.early = self.early, 0
        return max(self.scheduler.now + 1, super()._due(lane, work) - early)

    def _stops_after(self) -> Ns:
        after = super()._stops_after()
        if not self.lateness:
            return after
        self.drawn += 1
        return max(0, hash64(self.trial, self.drawn) % (after + 1) + self.jitter())

    def _sleeps(self, task: Task, operation: Io) -> Ns:
        return max(0, super()._sleeps(task, operation) + self.jitter())


def scale_of(trial: int) -> Scale:
    """Return what a trial multiplies overheads with: something between a half and two, as often down as up."""
    drawn = hash64(trial, 0)
    share = _PERCENT + (drawn >> 1) % (_PERCENT + 1)
    return (share, _PERCENT) if drawn & 1 else (_PERCENT, share)


def simulate_jittered(
    mix: Mix,
    policy: Policy,
    trace: Trace,
    overheads: Overheads,
    *,
    lateness: Ns,
    trial: int,
    scale: Scale | None = None,
) -> Trace:
    """Run one trial and return ``trace``, filled; ``scale`` None: what ``scale_of`` says."""
    machine = JitteredMachine(
        mix.jobs,
        mix.until,
        mix.cpus,
        overheads,
        lateness=lateness,
        trial=trial,
        scale=scale or scale_of(trial),
    )
    return run_on(machine, mix, policy, trace)
