"""What the program of a task says that it does next, where jobs do something with each other."""

from __future__ import annotations

from typing import Final, NoReturn

from schedsim.operations import Cpu, Exit, Io, Join, Kill, Operation, Yield
from schedsim.states import State
from schedsim.times import Ns
from schedsim.trace import Kind, Trace
from schedsim.validate.progress import Progress
from schedsim.validate.running import Running

ENDS_SOMETHING: Final = (Kind.REACHED, Kind.EXPIRED, Kind.BLOCKED, Kind.FINISHED)
"""The kinds that come when a burst or a slice ends; the others that end a slice, when somebody else wants it."""


class Following(Running):
    """Each task's place in its program, as far as the rows tell; a program that is unknown is not followed."""

    def __init__(self, trace: Trace) -> None:
        """Start before the first instant."""
        super().__init__(trace)
        self.doing: Progress | None = None
        """Who did something that takes no time in the row before, and goes on at once."""
        self.in_step_3: Ns = -1
        """The last instant at which anybody entered, or a CPU dispatched."""
        self.ended: tuple[Ns, Ns, int] = (-1, 0, 0)
        """When a burst or a slice ended last, and the arrival and the place of its job."""

    def there(self, name: str, since: Ns) -> bool:
        """Return whether a job has been there, to be killed, all the time since an instant."""
        task = next((each for each in self.tasks if each.job.id == name), None)
        gone = task is None or task.state in (State.ZOMBIE, State.TERMINATED)
        return not gone and task is not None and -1 < task.entered < since

    def reaped(self, name: str) -> bool:
        """Return whether a child has ended and been reaped."""
        return any(each.job.id == name and each.state is State.TERMINATED for each in self.tasks)

    def raw(self, task: Progress) -> Operation | None:
        """Return the operation after the present one."""
        steps = task.program or ()
        return steps[task.position + 1] if task.position + 1 < len(steps) else None

    def upcoming(self, task: Progress, victim: str = "", *, computes: bool = False) -> Operation | None:
        """Return the next operation that leaves a row; those before it that leave none have been done.

        That is a kill of one who was not there, unless it is that of ``victim``, and a join of one who is reaped.
        Where time is measured, it may also be a burst that began as a slice ended, unless the row says that one
        begins (``computes``).
        """
        while True:
            step = self.raw(task)
            if isinstance(step, Kill):
                silent = step.job != victim and not (self.punctual and self.there(step.job, task.heard))
            elif isinstance(step, Join):
                silent = self.reaped(step.job)
            else:
                silent = isinstance(step, Cpu) and not self.punctual and not computes
            if not silent:
                return step
            task.position += 1

    def begin(self, task: Progress) -> None:
        """Begin the next operation."""
        task.position += 1
        steps = task.program or ()
        step = steps[task.position] if task.position < len(steps) else None
        task.left = step.ns if isinstance(step, Cpu) else 0

    def comes_to_compute(self, task: Progress) -> None:
        """Begin the next operation if it is a burst; anything else is done on the CPU."""
        if isinstance(self.raw(task), Cpu):
            self.begin(task)

    def settle(self, task: Progress, used: Ns, *, first: bool = False) -> None:
        """Account for the CPU time ``used`` since the task was dispatched.

        What is ``first`` in its instant is the end of a burst or of a slice: it comes before anybody enters.
        """
        spent, task.ran = used - task.ran, used
        if first and spent and self.punctual:
            turn = (self.time, task.job.arrival, task.index)
            if self.in_step_3 == self.time or turn < self.ended:
                self.fail(
                    "out of order: bursts and slices end, in the order of arrival and of the mix, before others enter"
                )
            self.ended = turn
        if task.program is None or not self.punctual:
            return
        task.left -= spent
        if task.left < 0:
            self.fail(f"it has computed {-task.left} ns more than its program says")

    def says_otherwise(self, task: Progress) -> NoReturn:
        """Raise, naming what the program says."""
        step = self.raw(task)
        then = "nothing" if step is None else step.text(self.header.unit)
        left = f"its burst needs {task.left} ns more, " if self.punctual and task.left else ""
        self.fail(f"its program says otherwise: {left}then comes {then}")

    def performs(
        self,
        task: Progress,
        cpu: int,
        wanted: type[Operation] | tuple[type[Operation], ...],
        victim: str = "",
    ) -> Operation | None:
        """Take in a row of an operation that takes no time; return the operation, None where it is not known."""
        if self.on[cpu] is not task or cpu < 0:
            self.fail(f"it does not run on CPU {cpu}, and only who runs does this")
        if self.punctual and self.time < task.began:
            self.fail(f"the context switch to it takes until {task.began} ns")
        if self.punctual:
            self.settle(task, self.time - task.began, first=True)
        if task.program is None:
            return None
        if self.punctual and task.left:
            self.says_otherwise(task)
        step = self.upcoming(task, victim)
        if not isinstance(step, wanted):
            self.says_otherwise(task)
        self.begin(task)
        task.heard = self.time
        self.doing = task
        return step

    def goes_on_at_once(self, index: int) -> None:
        """See that the row of job ``index`` does not come between what one task does in a row."""
        task = self.doing
        if task is None or index == task.index:
            return
        self.doing = None
        if not isinstance(self.upcoming(task), Yield):  # which it comes to without a row
            self.fail("goes on at once with what its program says next, and no row says so", task)

    def runs(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A running task came to something."""
        super().runs(task, kind, cpu, value)
        if not self.cooperates:
            return
        if task is self.doing:
            self.doing = None
        if self.punctual:
            if self.time < task.began and kind is not Kind.KILLED:
                self.fail(f"the context switch to it takes until {task.began} ns")
            used_up = 0 < task.granted <= value
            amid = kind is Kind.REACHED or (kind is Kind.PREEMPTED and not self.header.grace)
            if used_up and amid:
                self.fail(f"it was granted a slice of {task.granted} ns and has used {value} ns, all of it")
            if kind is Kind.EXPIRED and not used_up:
                self.fail(f"it was granted a slice of {task.granted} ns and has used {value} ns of it")
        # Coming to a yield leaves no row, and what follows it is done in the next round.
        after_yield = (Kind.BLOCKED, Kind.FINISHED) if task.program is None else ()
        yielded = kind in after_yield or isinstance(self.raw(task), Yield)
        self.settle(task, value, first=kind in ENDS_SOMETHING and not yielded)
        if task.program is not None and kind not in (Kind.KILLED, Kind.FAILED) and not self.waits_now(task):
            self.goes_on(task, kind)
        task.heard = self.time

    def waits_now(self, task: Progress) -> bool:
        """Return whether a row has said that the task begins to wait for another one."""
        raise NotImplementedError

    def goes_on(self, task: Progress, kind: Kind) -> None:
        """See that the program says so, and move on in it."""
        if task.left and self.punctual:
            if kind not in (Kind.EXPIRED, Kind.PREEMPTED):
                self.says_otherwise(task)
            return
        if not self.punctual and kind in (Kind.EXPIRED, Kind.PREEMPTED):
            return  # at the end of a burst or amid it, nobody knows
        step = self.upcoming(task, computes=kind is Kind.REACHED)
        if kind in (Kind.BLOCKED, Kind.FINISHED) and isinstance(step, Yield):
            # Nothing after the yield needs the CPU, so it did not go to the tail for it.
            following = task.position + 2
            steps = task.program or ()
            after = steps[following] if following < len(steps) else None
            if after is None or isinstance(after, Io):
                self.begin(task)
                step = after
        if kind is Kind.REACHED or kind is Kind.EXPIRED:
            legal = isinstance(step, Cpu)
        elif kind is Kind.PREEMPTED:
            # One that stands at a yield gives its CPU up by itself, unless that was asked of it during the switch to it.
            legal = isinstance(step, Cpu) or (isinstance(step, Yield) and task.chosen[0] < task.began)
        elif kind is Kind.YIELDED:
            legal = isinstance(step, Yield)
        elif kind is Kind.BLOCKED:
            legal = isinstance(step, Io)
        else:
            legal = step is None or isinstance(step, Exit)
        if not legal:
            self.says_otherwise(task)
        if kind in (Kind.REACHED, Kind.YIELDED):
            self.begin(task)
        if kind in (Kind.YIELDED, Kind.EXPIRED, Kind.PREEMPTED):
            self.comes_to_compute(task)

    def renewed_slice(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A running task gets a fresh slice."""
        if self.cooperates and self.punctual and self.time not in self.boosted[-1:]:
            self.fail("slices are renewed by a boost, and there is none at this instant")
        super().renewed_slice(task, kind, cpu, value)

    def stopped(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task still runs when the run is cut off."""
        super().stopped(task, kind, cpu, value)
        if self.cooperates:
            self.settle(task, value)

    def close_together(self, before: Ns) -> None:
        """See that nobody who runs was to be heard of ``before`` some time, and that no CPU is without work."""
        if not self.punctual:
            return
        if self.ready and None in self.on:
            self.fail(f"CPU {self.on.index(None)} was left idle at {self.time} ns while a task was ready")
        self.nobody_held_in_vain()
        for task in self.on:
            if task is None:
                continue
            ends = None if task.program is None else task.began + task.ran + task.left
            over = task.began + task.granted
            if task.granted > 0 and (ends is None or ends > over + self.header.grace):
                ends = over + (self.header.grace if ends is None else 0)
            if ends is not None and ends < before:
                self.fail(f"was to be heard of at {ends} ns: its burst or its slice ended", task)
