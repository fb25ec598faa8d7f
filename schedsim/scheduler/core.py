"""The scheduler: one object that simulates, and dispatches real processes, by the same rules.

What happens at an instant, in four lines: the engine's batch is put in order; each input changes
the state of one task; tasks that gave up their CPU rejoin the ready queue; idle CPUs dispatch,
then preemption is considered.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from schedsim.errors import InternalError, ProgramError
from schedsim.operations import Cpu, Io, Operation, Yield
from schedsim.policies.base import Place, Policy, Queue, Why
from schedsim.scheduler.ahead import look_ahead
from schedsim.scheduler.consult import Consult
from schedsim.scheduler.conventions import TEXTBOOK, Conventions
from schedsim.scheduler.devices import Devices
from schedsim.scheduler.inputs import (
    Arrived,
    Closed,
    Input,
    IoDone,
    Reached,
    Step,
    Stopped,
    WokenAt,
    in_order,
)
from schedsim.scheduler.machine import BOOST, Machine
from schedsim.scheduler.periodic import boost
from schedsim.scheduler.preemption import consider_preemption
from schedsim.scheduler.processor import Processor
from schedsim.scheduler.ready import Entry, ready_queue
from schedsim.scheduler.task import Task
from schedsim.states import State
from schedsim.times import Ns
from schedsim.trace import Kind, Trace

ZERO_TIME_LIMIT = 1000
"""So many yields of one task at one instant are a program that loops in zero time."""


class Observer(Protocol):
    """Who wants to see the decisions, not only their outcome; watching changes nothing."""

    def dispatching(self, now: Ns, cpu: int, entries: list[Entry], queue: Queue) -> None:
        """See who is ready, with ranks, the next one first, just before it is dispatched."""

    def preempting(self, now: Ns, cpu: int, victim: Task, rank: object, candidate: Entry) -> None:
        """See who takes the CPU from whom, with both ranks."""


class Scheduler:
    """The state machine. ``deliver`` is its only entrance, the machine its only way out."""

    def __init__(
        self,
        policy: Policy,
        machine: Machine,
        trace: Trace,
        *,
        cpus: int = 1,
        conventions: Conventions = TEXTBOOK,
        switch_cost: Ns = 0,
        charge_first_switch: bool = False,
        degree: int | None = None,
        observer: Observer | None = None,
    ) -> None:
        """Start at time 0 with idle CPUs; ``degree`` None admits every job that arrives."""
        self.policy, self.machine, self.trace, self.row = policy, machine, trace, trace.add
        self.conventions, self.switch_cost, self.degree = conventions, switch_cost, degree
        self.charge_first_switch, self.observer = charge_first_switch, observer
        self.now: Ns = 0
        self.queue = Queue(
            exact_end_uses_up=conventions.exact_end_uses_up,
            preempted_keeps_slice=conventions.preempted_keeps_slice,
        )
        self.consult = Consult(policy, self.queue)
        self.preemptive = bool(policy.preemptive)
        self.settles = self.preemptive or self.consult.ran is not None
        self.ready = ready_queue(self.consult)
        self.processors = [Processor(number) for number in range(cpus)]
        self.queue.watch(self.ready, self.processors)
        self.idle = list(range(cpus))
        self.unordered: list[Processor] = []
        self.returning: list[tuple[Task, Why]] = []
        self.held: deque[tuple[Task, Operation | None]] = deque()
        self.devices = Devices(machine)
        self.unfinished: dict[int, Task] = {}
        """The admitted tasks that have not ended, by index."""
        self.head = self.tail = self.waits = self.orders = 0
        self.boost_due: Ns = -1
        self.yields: dict[int, int] = {}
        # What an input does; what an operation does to a task off, and on, a CPU.
        self.acts: dict[type, Callable[[Any], None]] = {
            Arrived: self._arrived, Reached: self._reached, Stopped: self._stopped, IoDone: self._io_done,
            WokenAt: self._woken, Step: self._step, Closed: self._closed,
        }  # fmt: skip
        self.enters: dict[type, Callable[[Task, Any, Kind, Ns], None]] = {
            Cpu: self._enter_ready, Yield: self._enter_ready, Io: self._enter_io, type(None): self._enter_end,
        }  # fmt: skip
        self.continues: dict[type, Callable[[Processor, Task, Any, Ns], None]] = {
            Cpu: self._continue_cpu, Yield: self._continue_yield, Io: self._continue_io,
            type(None): self._continue_end,
        }  # fmt: skip

    def deliver(self, now: Ns, batch: Sequence[Input]) -> None:
        """Take in all that happened at ``now`` (nanoseconds), in any order; give the orders that follow.

        What an order brings about at once is delivered by a further call for the same instant.
        Afterwards ``self.now`` is later than ``now`` if the scheduler looked ahead.
        """
        if type(now) is not int or now < self.now:
            raise InternalError(f"delivered {now!r} after {self.now}; instants are whole and never go back")
        self.advance_to(now)
        acts = self.acts
        if len(batch) == 1 and not self.held:
            item = batch[0]
            acts[type(item)](item)
            if self.returning:
                self._step(Step.RETURN)
        else:
            for each in in_order(batch, self.conventions):
                acts[type(each)](each)
        self.dispatch()
        if self.policy.boost and self.boost_due < 0 and self.unfinished:
            self.boost_due = (self.now // self.policy.boost + 1) * self.policy.boost
            self.machine.wake_at(self.boost_due, BOOST)
        look_ahead(self)
        for processor in self.unordered:
            if processor.task is not None and not processor.ordered and not processor.stopping:
                processor.ordered = True
                processor.fresh = False
                self.machine.start(
                    processor.task, processor.number, processor.order, processor.begins, processor.slice
                )
        self.unordered.clear()

    def advance_to(self, now: Ns) -> None:
        """Let it be ``now``."""
        if now != self.now:
            self.now = self.queue.now = now
            if self.yields:
                self.yields.clear()

    # Step 1: what running tasks did.

    def _reached(self, item: Reached) -> None:
        processor = item.task.processor
        if processor is None or processor.order != item.order:
            return  # a late word: the task left that CPU before this was known
        if item.yielded:
            self._yielded(processor, item.task, item.ran, item.operation)
        else:
            self.continues[type(item.operation)](processor, item.task, item.operation, item.ran)

    def _continue_cpu(self, processor: Processor, task: Task, operation: Cpu, ran: Ns) -> None:
        """The next burst goes on with the same slice; with nothing left of it, it expires here."""
        expired = processor.slice == ran
        task.state = State.READY if expired else State.RUNNING
        self._charge(processor, task, ran)
        self._set_burst(task, operation)
        if expired:
            self._give_up(processor, task, Kind.EXPIRED, Why.EXPIRED, ran)
        else:
            self.row(self.now, Kind.REACHED, task.index, processor.number, processor.ran + ran)
            self._go_on(processor, ran)

    def _continue_yield(self, processor: Processor, task: Task, operation: Yield, ran: Ns) -> None:
        """Stand at the yield; the machine reports its end at once."""
        self._charge(processor, task, ran)
        self._set_burst(task, operation)
        self._go_on(processor, ran)

    def _continue_io(self, processor: Processor, task: Task, operation: Io, ran: Ns) -> None:
        task.state = State.BLOCKED
        self._charge(processor, task, ran)
        self._leave(processor, task, Kind.BLOCKED, ran)
        self._begin_io(task, operation)

    def _continue_end(self, processor: Processor, task: Task, operation: None, ran: Ns) -> None:
        del operation
        task.state = State.TERMINATED
        self._charge(processor, task, ran)
        self._leave(processor, task, Kind.FINISHED, ran)
        del self.unfinished[task.index]

    def _yielded(self, processor: Processor, task: Task, ran: Ns, operation: Operation | None) -> None:
        times = self.yields[task.index] = self.yields.get(task.index, 0) + 1
        if times > ZERO_TIME_LIMIT:
            raise ProgramError(
                f"job {task.id!r} loops in zero time: it yielded {times} times at {self.now} ns "
                "without computing; give the loop a CPU or I/O burst"
            )
        if operation is None or type(operation) is Io:  # nothing that would need the CPU again
            self.continues[type(operation)](processor, task, operation, ran)
        else:
            self._give_up(processor, task, Kind.YIELDED, Why.YIELDED, ran)
            self._set_burst(task, operation)

    def _stopped(self, item: Stopped) -> None:
        task, processor = item.task, item.task.processor
        if processor is None or processor.order != item.order:
            return  # a late word, as above
        if item.why is Kind.PREEMPTED:
            if self.conventions.preempted_keeps_slice and processor.slice > 0:
                task.kept = max(0, processor.slice - item.ran)
            self._give_up(processor, task, Kind.PREEMPTED, Why.PREEMPTED, item.ran)
        else:
            self._give_up(processor, task, Kind.EXPIRED, Why.EXPIRED, item.ran)

    def _give_up(self, processor: Processor, task: Task, kind: Kind, why: Why, ran: Ns) -> None:
        """Leave the CPU, wanting it again."""
        task.state = State.READY
        self._charge(processor, task, ran)
        self._leave(processor, task, kind, ran)
        task.home = processor
        self.returning.append((task, why))

    def _charge(self, processor: Processor, task: Task, ran: Ns) -> None:
        """Account for the CPU time up to ``ran`` under this order, once."""
        new = ran - processor.charged
        if new or task.state is not State.RUNNING:
            processor.charged = ran
            task.left -= new
            task.cpu_left -= new
            if self.consult.ran is not None:
                self.consult.ran(task, new)

    def _leave(self, processor: Processor, task: Task, kind: Kind, ran: Ns) -> None:
        self.row(self.now, kind, task.index, processor.number, processor.ran + ran)
        task.processor = processor.task = None
        processor.stopping = False
        insort(self.idle, processor.number)

    def _go_on(self, processor: Processor, ran: Ns) -> None:
        """Run on under a new order, with what is left of the slice."""
        if processor.slice > 0:
            processor.slice -= ran
        processor.ran += ran
        self.order(processor, self.now)

    def order(self, processor: Processor, begins: Ns) -> None:
        """Note that the machine is to be told to run the CPU's task from ``begins`` on."""
        self.orders += 1
        processor.order = self.orders
        processor.ordered = False
        processor.begins = begins
        processor.charged = 0
        self.unordered.append(processor)

    @staticmethod
    def _set_burst(task: Task, operation: Operation | None) -> None:
        task.left = task.burst_length = operation.ns if type(operation) is Cpu else 0

    def settle(self) -> None:
        """Charge running tasks what they have used so far, before anyone compares."""
        now = self.now
        for processor in self.processors:
            task = processor.task
            if task is not None and now - processor.begins > processor.charged:
                self._charge(processor, task, now - processor.begins)

    # Step 2: the policy's periodic work.

    def _woken(self, item: WokenAt) -> None:
        if item.token == BOOST:
            self.boost_due = -1
            if self.unfinished:
                boost(self)

    # Step 3: admissions, arrivals, wake-ups.

    def _arrived(self, item: Arrived) -> None:
        if self.degree is not None and len(self.unfinished) >= self.degree:
            self.row(self.now, Kind.HELD, item.task.index, -1, 0)
            self.held.append((item.task, item.operation))
        else:
            self._enter(item.task, item.operation, Kind.ARRIVED, 0)

    def _enter(self, task: Task, operation: Operation | None, kind: Kind, value: Ns) -> None:
        self.unfinished[task.index] = task
        if self.settles:
            self.settle()
        self.enters[type(operation)](task, operation, kind, value)

    def _io_done(self, item: IoDone) -> None:
        self.devices.end(item.task, self.now)
        self._enter(item.task, item.operation, Kind.WOKE, item.served)

    def _enter_ready(self, task: Task, operation: Operation, kind: Kind, value: Ns) -> None:
        self.row(self.now, kind, task.index, -1, value)
        self._set_burst(task, operation)
        self._join(task, Why.WOKE if kind is Kind.WOKE else Why.ARRIVED)

    def _enter_io(self, task: Task, operation: Io, kind: Kind, value: Ns) -> None:
        self.row(self.now, Kind.SERVED if kind is Kind.WOKE else kind, task.index, -1, value)
        self.row(self.now, Kind.BLOCKED, task.index, -1, 0)
        task.state = State.BLOCKED
        self._begin_io(task, operation)

    def _enter_end(self, task: Task, operation: None, kind: Kind, value: Ns) -> None:
        del operation
        self.row(self.now, Kind.SERVED if kind is Kind.WOKE else kind, task.index, -1, value)
        self.row(self.now, Kind.FINISHED, task.index, -1, 0)
        task.state = State.TERMINATED
        del self.unfinished[task.index]

    def _begin_io(self, task: Task, operation: Io) -> None:
        self.waits += 1
        task.wait_number = self.waits
        self.devices.begin(task, operation, self.now)

    # Step 4, and admission, which no engine reports.

    def _step(self, step: Step) -> None:
        if step is Step.RETURN:
            for task, why in self.returning:
                self._join(task, why)
            self.returning.clear()
        else:
            while self.held and self.degree is not None and len(self.unfinished) < self.degree:
                task, operation = self.held.popleft()
                self._enter(task, operation, Kind.ADMITTED, 0)

    def _join(self, task: Task, why: Why) -> None:
        """Put the task into the ready queue."""
        task.state = State.READY
        task.ready_since = self.now
        place = Place.DEFAULT if self.consult.joined is None else self.consult.joined(task, why)
        if place is Place.HEAD:
            self.head -= 1
            task.place = self.head
        elif place is Place.TAIL or why is not Why.PREEMPTED or not self.conventions.running_keeps_place:
            self.tail += 1
            task.place = self.tail
        self.ready.push(task)

    # Step 5: dispatch, then preemption.

    def dispatch(self) -> None:
        """Give each idle CPU the next task, lowest number first; then consider preemption."""
        ready, idle = self.ready, self.idle
        while idle and len(ready):
            processor = self.processors[idle[0]]
            if self.observer is not None:
                self.observer.dispatching(self.now, processor.number, ready.entries(), self.queue)
            task = ready.pop()
            if len(idle) > 1 and task.home is not None:
                processor = self._stays(task, task.home) or processor
            idle.remove(processor.number)
            self._start(processor, task)
        if self.preemptive and len(ready):
            consider_preemption(self)

    def _stays(self, task: Task, home: Processor) -> Processor | None:
        """Return the CPU that the task gave up at this very instant, if nobody has it: no switch is due."""
        here = task.ready_since == self.now and home.last is task and home.task is None
        return home if here else None

    def slice_of(self, task: Task) -> Ns:
        """Return how long the task may run, as the policy says."""
        return -1 if self.consult.slice is None else self.consult.slice(task)

    def _start(self, processor: Processor, task: Task) -> None:
        processor.slice = task.kept or self.slice_of(task)
        begins = self.now
        if processor.last is not task:
            if self.switch_cost and (processor.last is not None or self.charge_first_switch):
                self.row(begins, Kind.SWITCHED, task.index, processor.number, self.switch_cost)
                begins += self.switch_cost
            processor.last = task
        self.row(self.now, Kind.DISPATCHED, task.index, processor.number, processor.slice)
        task.kept = 0
        task.state = State.RUNNING
        task.processor = processor
        task.home = None
        processor.task = task
        processor.fresh = True
        processor.ran = 0
        self.queue.dispatches += 1
        self.order(processor, begins)

    def _closed(self, item: Closed) -> None:
        """The run is cut off: say of the running tasks how far they came."""
        del item
        for processor in self.processors:
            task = processor.task
            if task is not None:
                ran = max(0, self.now - processor.begins)
                self._charge(processor, task, ran)
                self._leave(processor, task, Kind.STOPPED, ran)
        self.idle.clear()
