"""Rows of parents and children: who makes, joins and kills whom, who is a zombie, who is reaped by whom."""

from __future__ import annotations

from schedsim.operations import MOST_CODE, Exit, Join, Kill, Spawn
from schedsim.states import State
from schedsim.times import Ns
from schedsim.trace import Kind, Trace
from schedsim.validate.progress import Progress
from schedsim.validate.together import Duty, Together

INIT = -1


class Family(Together):
    """The processes, and how they end."""

    def __init__(self, trace: Trace) -> None:
        """Start with nobody spawned."""
        super().__init__(trace)
        self.parents: dict[int, int] = {}
        """Who made each child that was spawned, -1 once that one has ended."""
        self.children: dict[int, list[Progress]] = {}
        self.joined: dict[int, Progress] = {}
        """Who waits for the end of each child."""
        self.unborn: set[int] = set()
        """Children that were spawned at this instant and have not arrived."""
        self.came = (-1, 0)
        """When a job last arrived by itself, and which; behind them all once a CPU has dispatched."""
        if self.cooperates:
            # Backwards, so that those who have arrived are taken off the end.
            self.arrivals = [each for each in self.arrivals if not self.tasks[each[1]].job.spawned][::-1]

    def other(self, index: int) -> Progress:
        """Return a job that a row tells by its place."""
        if not 0 <= index < len(self.tasks):
            self.fail(f"job {index} cannot be; the header has {len(self.tasks)} jobs")
        return self.tasks[index]

    def spawned(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task makes a child."""
        del kind
        child = self.other(value)
        step = self.performs(task, cpu, Spawn)
        self.names(step.job if isinstance(step, Spawn) else None, child.job.id)
        if not child.job.spawned:
            self.fail("it arrives by itself", child)
        if child.index in self.parents:
            self.fail("was spawned before", child)
        if child.job.arrival != self.time:
            self.fail(f"arrives at {child.job.arrival} ns, as the header says", child)
        self.parents[child.index] = task.index
        self.children.setdefault(task.index, []).append(child)
        self.unborn.add(child.index)
        child.entered = self.time

    def arrive(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A job arrives by itself, or at the instant at which it was spawned."""
        if self.cooperates and task.job.spawned:
            if task.index not in self.unborn:
                self.fail("it arrives when it is spawned, once")
            self.unborn.discard(task.index)
        elif self.cooperates and self.punctual:
            if (self.time, task.index) < self.came:
                self.fail("out of order: jobs arrive in the order of the mix, before any CPU dispatches")
            self.came = (self.time, task.index)
        super().arrive(task, kind, cpu, value)
        if self.cooperates:
            task.entered = self.in_step_3 = self.time

    def dispatched(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A slice begins."""
        fresh = self.on[cpu] is task  # a slice of one that runs already
        super().dispatched(task, kind, cpu, value)
        if not fresh:
            self.came = (self.time, len(self.tasks))
            self.in_step_3 = self.time

    def admit(self, task: Progress) -> None:
        """Let a job in."""
        super().admit(task)
        if self.cooperates:
            self.enters(task, on=task.state is State.READY)

    def joins(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A parent begins to wait for its child's end."""
        del kind
        child = self.joins_whom(task, cpu, value)
        if child.state in (State.ZOMBIE, State.TERMINATED):
            self.fail("has ended, so nobody waits for it", child)
        self.joined[child.index] = task
        self.blocks(task, cpu, -1)

    def joins_whom(self, task: Progress, cpu: int, value: Ns) -> Progress:
        """Return the child that a running parent joins."""
        child = self.other(value)
        step = self.performs(task, cpu, Join)
        self.names(step.job if isinstance(step, Join) else None, child.job.id)
        if self.parents.get(child.index) != task.index:
            self.fail("is no child of it", child)
        return child

    def signalled(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task kills another one, or itself."""
        del kind
        victim = self.other(value)
        step = self.performs(task, cpu, Kill, victim.job.id)
        self.names(step.job if isinstance(step, Kill) else None, victim.job.id)
        if victim.state in (State.ZOMBIE, State.TERMINATED) or victim.entered < 0:
            self.fail("is not there (any more, or yet)", victim)
        self.duties.append(Duty(Kind.KILLED, victim.index, victim.cpu))

    def killed(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task is ended by another one, whatever it did."""
        if not self.dutiful:
            self.fail("nobody has killed it in the row before")
        if cpu >= 0:
            self.off(task, kind, cpu, value)
        self.dies(task)

    def dies(self, task: Progress) -> None:
        """Take a task out of wherever it was."""
        if task in self.held:
            self.held.remove(task)
        self.alive -= task.state is not State.NEW
        self.unborn.discard(task.index)
        self.move(task, State.TERMINATED)
        self.is_over(task)

    def failed(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task's process died, whatever it was doing."""
        super().failed(task, kind, cpu, value)
        if self.cooperates:
            self.unborn.discard(task.index)
            self.is_over(task)

    def away(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task blocks or ends, on a CPU or not."""
        super().away(task, kind, cpu, value)
        if self.cooperates and kind is Kind.FINISHED:
            step = self.raw(task)
            if cpu < 0 and step is not None:
                self.says_otherwise(task)
            if isinstance(step, Exit) and step.code and not self.dutiful:
                self.fail(f"its exit code {step.code} is not said in the row before")
            self.is_over(task)

    def exits(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task says with which exit code it ends, which is the next row."""
        del kind
        step = self.performs(task, cpu, Exit)
        if not 1 <= value <= MOST_CODE:
            self.fail(f"value {value} is no exit code that is said")
        if isinstance(step, Exit):
            if step.code != value:
                self.fail(f"its program exits with {step.code}")
            task.position -= 1  # it comes to its end by the next row
        self.duties.append(Duty(Kind.FINISHED, task.index, cpu))

    def is_over(self, task: Progress) -> None:
        """Say which rows must follow the end of a task: its children go to init, and it is reaped or a zombie."""
        self.gone(task)
        for child in self.children.pop(task.index, ()):
            if child.state is State.TERMINATED:
                continue
            self.parents[child.index] = INIT
            self.duties.append(Duty(Kind.ADOPTED, child.index, -1, 0))
            if child.state is State.ZOMBIE:
                self.duties.append(Duty(Kind.REAPED, child.index, -1, INIT))
        if task.index not in self.parents:
            return
        parent = self.parents[task.index]
        waiting = self.joined.pop(task.index, None)
        if parent == INIT:
            self.duties.append(Duty(Kind.REAPED, task.index, -1, INIT))
        elif waiting is not None:
            self.grant(task, Kind.REAPED, parent)
            self.granted.discard(task.index)
            self.granted.add(parent)
        else:
            self.duties.append(Duty(Kind.ZOMBIE, task.index, -1, parent))

    def adopted(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A child whose parent has ended goes to init."""
        del kind, cpu, value
        if not self.dutiful:
            self.fail("its parent has not ended in the row before", task)

    def zombie(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A child that has ended waits to be reaped."""
        del kind, cpu, value
        if not self.dutiful:
            self.fail("it has not ended in the row before, or is not to be reaped by a parent")
        task.state = State.ZOMBIE

    def reaped_by(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A child that has ended is reaped: as it ends, or when its parent comes to join it."""
        del kind, cpu
        if not self.dutiful:
            if value == INIT:
                self.fail("init reaps it when it, or its parent, ends")
            if task.state is not State.ZOMBIE:
                self.fail(f"it is {task.state.name.lower()}, and no zombie")
            parent = self.other(value)
            self.joins_whom(parent, parent.cpu, task.index)
        task.state = State.TERMINATED

    def close_together(self, before: Ns) -> None:
        """See that all who were spawned at this instant have arrived."""
        for index in self.unborn:
            self.fail("was spawned, and does not arrive", self.tasks[index])
        super().close_together(before)
        if self.punctual:
            while self.arrivals and self.arrivals[-1][1] in self.arrived:
                self.arrivals.pop()
            if self.arrivals and self.arrivals[-1][0] < before:
                due, index = self.arrivals[-1]
                self.fail(f"was to arrive at {due} ns", self.tasks[index])

    def end_together(self) -> None:
        """See that whoever is left at the end waits for what nobody has given it."""
        for task in self.tasks:
            state = task.state
            if state is State.NEW:
                left = task in self.held or (task.job.spawned and task.index not in self.parents)
            elif state is State.ZOMBIE:
                left = self.tasks[self.parents[task.index]].state is not State.TERMINATED
            else:
                left = state is State.TERMINATED or (state is State.BLOCKED and self.waits_now(task))
            if not left:
                self.fail(f"does not come to its end; it is {state.name.lower()}", task)
