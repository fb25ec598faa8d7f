"""The scheduler: one object that simulates, and dispatches real processes, by the same rules.

What happens at an instant, in four lines: the engine's batch is put in order; each input changes
the state of one task (``running``, ``periodic``, ``waiting``); tasks that gave up their CPU rejoin
the ready queue; idle CPUs dispatch, then preemption is considered.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from schedsim.errors import InternalError
from schedsim.policies.base import DEFAULT, HEAD, PREEMPTED, TAIL, UNTIL_IT_BLOCKS, Policy, Queue, Why
from schedsim.scheduler.acts import ACTS
from schedsim.scheduler.ahead import Ahead
from schedsim.scheduler.consult import Consult
from schedsim.scheduler.conventions import TEXTBOOK, Conventions
from schedsim.scheduler.devices import Devices
from schedsim.scheduler.inputs import Input, in_order
from schedsim.scheduler.machine import BOOST, Machine
from schedsim.scheduler.preemption import consider_preemption
from schedsim.scheduler.processor import Processor
from schedsim.scheduler.ready import ready_queue
from schedsim.scheduler.running import note_used
from schedsim.scheduler.together import Together
from schedsim.states import READY, RUNNING
from schedsim.trace import Kind, Trace

if TYPE_CHECKING:
    from schedsim.operations import Operation
    from schedsim.scheduler.observer import Observer
    from schedsim.scheduler.task import Task
    from schedsim.times import Ns

# Read here once: reading a member from its enumeration costs ten times as much.
_DISPATCHED = Kind.DISPATCHED
_SWITCHED = Kind.SWITCHED


class Scheduler:
    """The state machine. ``deliver`` is its only entrance, the machine its only way out.

    The other methods are for the files of this folder, each of which does one step of an instant.
    """

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
        grace: Ns = 0,
        queues: Mapping[str, int] | None = None,
        variables: Mapping[str, object] | None = None,
        observer: Observer | None = None,
    ) -> None:
        """Start at time 0 with idle CPUs.

        ``degree`` None admits every job that arrives. A slice is not ended when the task needs no more
        than ``grace`` to end its burst. ``queues`` are the capacities of the bounded queues by name,
        ``variables`` what shared variables are at first.
        """
        self.policy, self.machine, self.trace, self.row = policy, machine, trace, trace.add
        self.conventions, self.switch_cost, self.degree = conventions, switch_cost, degree
        self.charge_first_switch, self.observer = charge_first_switch, observer
        self.grace = grace
        self.now: Ns = 0
        self.queue = Queue(
            exact_end_uses_up=conventions.exact_end_uses_up,
            preempted_keeps_slice=conventions.preempted_keeps_slice,
        )
        self.consult = Consult(policy, self.queue)
        self.preemptive = bool(policy.preemptive)
        self.settles = self.preemptive or self.consult.ran is not None
        """Whether anyone looks at what running tasks have used before they stop."""
        self.boost: Ns = policy.boost
        self.boost_due: Ns = -1
        self.ready = ready_queue(self.consult)
        self.processors = [Processor(number) for number in range(cpus)]
        self.idle = list(range(cpus))
        self.unordered: list[Processor] = []
        """CPUs whose machine is still to be told what to run."""
        self.returning: list[tuple[Task, Why]] = []
        """Tasks that gave up a CPU at this instant."""
        self.queue.watch(self.ready, self.processors, self.returning)
        self.held: deque[tuple[Task, Operation | None]] = deque()
        """Jobs that arrived and are not admitted yet."""
        self.unfinished: dict[int, Task] = {}
        """Admitted tasks that have not ended, by index."""
        self.devices = Devices(machine)
        self.together = Together(self, queues or {}, variables or {})
        self.yields: dict[int, int] = {}
        """How often each task yielded at this instant."""
        self.head = self.tail = self.waits = self.orders = self.fruitless = 0
        self.ahead = Ahead(self)

    def deliver(self, now: Ns, batch: Sequence[Input]) -> None:
        """Take in all that happened at ``now`` (nanoseconds), in any order; give the orders that follow.

        What an order brings about at once is delivered by a further call for the same instant.
        Afterwards ``self.now`` is later than ``now`` if the scheduler looked ahead.
        """
        if type(now) is not int or now < self.now:
            raise InternalError(f"delivered {now!r} after {self.now}; instants are whole and never go back")
        self.advance_to(now)
        entering = self.together.entering
        if len(batch) == 1 and not self.held:  # nothing to put in order
            ACTS[type(batch[0])](self, batch[0])
            if self.returning or entering:
                self.take_back()
        else:
            if self.machine.measures:
                note_used(self, batch)
            for item in in_order(batch, self.conventions):
                ACTS[type(item)](self, item)
        if self.held or entering:
            self.together.settle()
        if self.boost and self.boost_due < 0 and self.unfinished:
            self.boost_due = (now // self.boost + 1) * self.boost
            self.machine.wake_at(self.boost_due, BOOST)
        self.dispatch()
        self.ahead.look()
        for processor in self.unordered:
            self.tell(processor)
        self.unordered.clear()

    def advance_to(self, now: Ns) -> None:
        """Let it be ``now``."""
        if now != self.now:
            self.now = self.queue.now = now
            if self.yields:
                self.yields.clear()

    # What the steps of an instant are made of.

    def charge(self, processor: Processor, task: Task, ran: Ns) -> None:
        """Account for the CPU time up to ``ran`` under this order, once."""
        # Never below 0: a clock that was read after a word was sent may be ahead of it.
        new = max(0, ran - processor.charged)
        if new or task.state is not RUNNING:
            processor.charged += new
            task.left -= new
            if self.consult.ran is not None:
                self.consult.ran(task, new)

    def used(self, processor: Processor) -> Ns:
        """Return the CPU time used under the CPU's order: what passed, or what the machine measured."""
        return processor.measured if self.machine.measures else max(0, self.now - processor.begins)

    def settle(self, *, whole: bool = False) -> None:
        """Charge running tasks what they have used so far, before anyone compares.

        A slice that is overrun (by grace, or because a stop comes late) is used up only when its task
        leaves: until then its last nanosecond is not charged, unless the ``whole`` of it is wanted.
        """
        for processor in self.processors:
            task = processor.task
            if task is not None:
                ran = self.used(processor)
                if 0 < processor.slice <= ran and not whole:
                    ran = processor.slice - 1
                if ran > processor.charged:
                    self.charge(processor, task, ran)
                    task.left = max(1, task.left)  # it has not come to the end of its burst

    def leave(self, processor: Processor, task: Task, kind: Kind, ran: Ns) -> None:
        """Take the task off its CPU."""
        self.row(self.now, kind, task.index, processor.number, processor.ran + ran)
        task.processor = processor.task = None
        processor.stopping = False
        insort(self.idle, processor.number)

    def go_on(self, processor: Processor, ran: Ns) -> None:
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
        processor.charged = processor.measured = 0
        self.unordered.append(processor)

    def tell(self, processor: Processor) -> None:
        """Tell the machine what to run on the CPU, if that is news to it."""
        task = processor.task
        if task is not None and not processor.ordered:
            processor.ordered, processor.fresh = True, False
            length = processor.slice
            if self.grace and processor.in_grace(task, self.grace):
                length = UNTIL_IT_BLOCKS
            self.machine.start(task, processor.number, processor.order, processor.begins, length)

    # Step 4.

    def take_back(self) -> None:
        """Let the tasks that gave up a CPU at this instant rejoin the ready queue."""
        if self.together.entering and not self.conventions.returns_first:
            self.together.enter()
        while self.returning:
            self.join(*self.returning.pop(0))

    def join(self, task: Task, why: Why) -> None:
        """Put the task into the ready queue."""
        task.state = READY
        task.ready_since = self.now
        place = DEFAULT if self.consult.joined is None else self.consult.joined(task, why)
        if place is HEAD:
            self.head -= 1
            task.place = self.head
        elif place is TAIL or why is not PREEMPTED or not self.conventions.running_keeps_place:
            self.tail += 1
            task.place = self.tail
        self.ready.push(task)

    # Step 5.

    def dispatch(self) -> None:
        """Give each idle CPU the next task, lowest number first; then consider preemption."""
        ready, idle = self.ready, self.idle
        while idle and len(ready):
            processor = self.processors[idle[0]]
            if self.observer is not None:
                self.observer.dispatching(self.now, processor.number, ready.entries(), self.queue)
            task = ready.pop()
            if len(idle) > 1 and task.home is not None:
                processor = self._at_home(task, task.home) or processor
            idle.remove(processor.number)
            self._start(processor, task)
        if self.preemptive and len(ready):
            consider_preemption(self)

    def next_in_line(self) -> Task | None:
        """Return who would be dispatched next if a CPU became idle now; nothing changes."""
        return self.ready.best()[2] if len(self.ready) else None

    def _at_home(self, task: Task, home: Processor) -> Processor | None:
        """Return the CPU that the task gave up at this very instant, if it is idle: no switch is due."""
        return home if task.ready_since == self.now and home.last is task and home.task is None else None

    def slice_of(self, task: Task) -> Ns:
        """Return how long the task may run, as the policy says."""
        return -1 if self.consult.slice is None else self.consult.slice(task)

    def _start(self, processor: Processor, task: Task) -> None:
        processor.slice = task.kept or self.slice_of(task)
        begins = self.now
        if processor.last is not task:
            if self.switch_cost and (processor.last is not None or self.charge_first_switch):
                self.row(begins, _SWITCHED, task.index, processor.number, self.switch_cost)
                begins += self.switch_cost
            processor.last = task
        self.row(self.now, _DISPATCHED, task.index, processor.number, processor.slice)
        task.kept = 0
        task.state = RUNNING
        task.processor = processor
        task.home = None
        processor.task = task
        processor.fresh = True
        processor.ran = 0
        self.queue.dispatches += 1
        self.order(processor, begins)
