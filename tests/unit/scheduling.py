"""A scheduler on a machine that only writes orders down, so that a test is the clock."""

from __future__ import annotations

from schedsim.policies.base import Policy
from schedsim.policies.options import make_policy
from schedsim.scheduler.conventions import conventions_named
from schedsim.scheduler.core import Scheduler
from schedsim.scheduler.inputs import Failed, IoDone, Reached, Stopped, Used, WokenAt
from schedsim.scheduler.machine import BOOST
from schedsim.testing.machine import RecordingMachine, arrived, make_task
from schedsim.trace import Header, Kind, Trace, TracedJob

BOOSTED = WokenAt(BOOST)


class Desk:
    """A scheduler with its tasks by name. All times are nanoseconds.

    ``jobs`` maps a name to a program, or to a program and a dict of a job's other fields. What
    happened is built with the methods ``arrives``, ``ends``, ``expires``, ``stops``, ``wakes``, ``uses`` and
    ``dies``, and handed over with ``at``, which returns the orders that follow.
    """

    def __init__(self, policy, jobs, *, conventions="textbook", arrivals=None, measures=False, **settings):
        """Make the tasks and an idle scheduler."""
        self.machine = RecordingMachine(measures=measures)
        self.tasks = {}
        for index, (name, program) in enumerate(jobs.items()):
            text, fields = (program, {}) if isinstance(program, str) else program
            arrival = (arrivals or {}).get(name, 0)
            self.tasks[name] = make_task(name, text, arrival, index=index, **fields)
        header = Header(tuple(TracedJob(name, 0) for name in jobs), unit="ns")
        if isinstance(policy, Policy):
            chosen = policy
        else:
            algo, *options = policy
            chosen = make_policy(algo, options[0] if options else None, "ns")
        self.scheduler = Scheduler(
            chosen,
            self.machine,
            Trace(header),
            conventions=conventions_named(conventions),
            **settings,
        )
        self._shown = 0

    def at(self, now, *batch):
        """Deliver ``batch`` and return the orders that came of it, the number of the order left out."""
        self.scheduler.deliver(now, list(batch))
        return self.machine.taken()

    def arrives(self, name):
        """Return: this job arrived."""
        return arrived(self.tasks[name])

    def order(self, name):
        """Return the number of the order under which the task runs."""
        return self.tasks[name].processor.order

    def ends(self, name, ran, order=None):
        """Return: the task's operation ended after ``ran``; a yield ends without having run."""
        task = self.tasks[name]
        yielded = task.left + task.processor.charged == 0 if task.processor else False
        return Reached(
            task, self.order(name) if order is None else order, ran, task.advance(), yielded=yielded
        )

    def expires(self, name, ran, order=None):
        """Return: the task's slice ended after ``ran``."""
        number = self.order(name) if order is None else order
        return Stopped(self.tasks[name], number, ran, Kind.EXPIRED)

    def stops(self, name, ran, order=None):
        """Return: the task was stopped after ``ran``."""
        number = self.order(name) if order is None else order
        return Stopped(self.tasks[name], number, ran, Kind.PREEMPTED)

    def wakes(self, name, served):
        """Return: the task's I/O ended."""
        return IoDone(self.tasks[name], served, self.tasks[name].advance())

    def uses(self, name, ran, order=None):
        """Return: the running task has used that much since its order, as was measured."""
        return Used(self.tasks[name], self.order(name) if order is None else order, ran)

    def dies(self, name, ran=0):
        """Return: the task's process died; on a CPU it had used that much."""
        return Failed(self.tasks[name], ran)

    def ready(self):
        """Return the names in the ready queue, the next one first."""
        return [task.id for _, _, task in self.scheduler.ready.entries()]

    def running(self):
        """Return who is on each CPU, None on an idle one."""
        return [processor.task.id if processor.task else None for processor in self.scheduler.processors]

    def rows(self):
        """Return the trace's rows since the last call, as ``4 expired A 0 4``."""
        names = [*self.tasks, "-"]
        rows = [
            f"{row.time} {row.kind.name.lower()} {names[row.task]} {row.cpu} {row.value}"
            for row in self.scheduler.trace
        ]
        shown, self._shown = self._shown, len(rows)
        return rows[shown:]


def starts(orders):
    """Return who was told to run where, from when, for how long: ``("A", 0, 0, 4)``."""
    return [(order[1], order[2], order[4], order[5]) for order in orders if order[0] == "start"]
