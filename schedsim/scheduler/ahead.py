"""Looking ahead: commit at once what nothing can interrupt.

While one CPU is busy and the machine promises quiet until some time, slices that end before that
time end as they must, and known arrivals come when they must, so neither needs to go through the
machine's event queue. The trace is the same as without, only sooner; a property test runs both.

``Ahead.look`` does it step by step with the scheduler's own parts. For the common case (one CPU,
no switch cost, ranks that stay) ``_commit`` does the very same with everything at hand, several
times faster; it leaves to the ordinary way whatever is rare: ties, I/O, several CPUs.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush, heappushpop
from typing import TYPE_CHECKING

from schedsim.operations import Cpu
from schedsim.policies.base import ARRIVED, EXPIRED, HEAD, PREEMPTED
from schedsim.scheduler.arrivals import NEVER
from schedsim.scheduler.inputs import Reached, Stopped
from schedsim.scheduler.ready import PlainQueue, RankedQueue
from schedsim.scheduler.running import reached, stopped
from schedsim.scheduler.task import Task
from schedsim.states import READY, RUNNING, TERMINATED
from schedsim.trace import GATHER, Kind

if TYPE_CHECKING:
    from schedsim.scheduler.core import Scheduler
    from schedsim.scheduler.processor import Processor
    from schedsim.scheduler.ready import Entry
    from schedsim.times import Ns

_ARRIVED, _DISPATCHED = Kind.ARRIVED, Kind.DISPATCHED
_EXPIRED, _PREEMPTED, _FINISHED = Kind.EXPIRED, Kind.PREEMPTED, Kind.FINISHED


class Ahead:
    """Looks ahead for one scheduler."""

    __slots__ = ("fast", "ranked", "scheduler")

    def __init__(self, scheduler: Scheduler) -> None:
        """Find out whether the fast way applies to this scheduler at all."""
        self.scheduler = scheduler
        ready = scheduler.ready
        self.ranked = (
            ready
            if isinstance(ready, RankedQueue)
            else RankedQueue(scheduler.consult, lambda task: task.index)
        )
        """The ready queue if it is one of ranks, and else one that stays empty."""
        self.fast = (
            len(scheduler.processors) == 1
            and not scheduler.switch_cost
            and scheduler.observer is None
            and not scheduler.grace
            and scheduler.degree is None
            and type(scheduler.ready) in (PlainQueue, RankedQueue)
            and not (
                scheduler.preemptive
                and (scheduler.conventions.running_keeps_place or scheduler.conventions.preempted_keeps_slice)
            )
        )

    def look(self) -> None:
        """Commit every slice that nothing can interrupt, and leave the first one that something can."""
        scheduler = self.scheduler
        unordered, idle, machine = scheduler.unordered, scheduler.idle, scheduler.machine
        others, together = len(scheduler.processors) - 1, scheduler.together
        while len(unordered) == 1 and len(idle) == others and not scheduler.held:
            processor = unordered[0]
            task = processor.task
            if task is None or processor.stopping or task.standing is not None:
                return
            left, slice_ = task.left + processor.charged, processor.slice
            expires = 0 < slice_ < left
            if expires and scheduler.grace:
                expires = not processor.in_grace(task, scheduler.grace)
            length = slice_ if expires else left
            end = processor.begins + length
            arrival, quiet = machine.arrivals.next_time(), machine.quiet_until()
            if quiet <= end and quiet <= arrival:
                return
            # An end that only begins the next operation is not for the fast way.
            if (
                self.fast
                and not together.used
                and left
                and (arrival < end or expires or task.position + 1 == len(task.steps))
            ):
                before = scheduler.orders, scheduler.now
                self._commit(processor, quiet)
                if (scheduler.orders, scheduler.now) != before or not unordered:
                    continue  # it came further: look again at what is left
            if end >= quiet or end >= arrival:
                return
            unordered.clear()
            scheduler.advance_to(end)
            processor.fresh = False
            if expires:
                stopped(scheduler, Stopped(task, processor.order, length, _EXPIRED))
            else:
                reached(scheduler, Reached(task, processor.order, length, task.advance(), left == 0))
            if scheduler.returning or together.entering:
                scheduler.take_back()
            if scheduler.held or together.entering:
                together.settle()
            scheduler.dispatch()

    def _commit(self, processor: Processor, quiet: Ns) -> None:
        """Commit expiries, ends, arrivals and preemptions until one comes that is not simple.

        On one CPU without a switch cost. Locals stand for attributes throughout: this loop is
        where a simulation spends its time.
        """
        scheduler = self.scheduler
        consult, queue, ready, trace = scheduler.consult, scheduler.queue, scheduler.ready, scheduler.trace
        ask_rank, ask_slice, joined, ran = consult.rank, consult.slice, consult.joined, consult.ran
        preemptive, settles, unfinished = scheduler.preemptive, scheduler.settles, scheduler.unfinished
        tracked = settles or ask_rank is not None or joined is not None  # whether anyone reads states
        gathered, add = trace.gathered, trace.gathered.extend
        arrivals, number = scheduler.machine.arrivals, processor.number
        times, indexes, jobs = arrivals.times, arrivals.indexes, arrivals.jobs
        boosts = scheduler.boost > 0
        ranked = self.ranked
        heap = ranked.heap
        line = ready.tasks if isinstance(ready, PlainQueue) else deque[Task]()
        push, pop = line.append, line.popleft
        now, tail, dispatches = scheduler.now, scheduler.tail, queue.dispatches
        first = task = processor.task
        started = False
        last = processor.last
        entry: Entry | None = None
        begins, before, charged, slice_ = processor.begins, processor.ran, processor.charged, processor.slice
        while True:
            # Here the CPU has just been given to ``task`` (or to nobody), at ``begins``.
            if task is not None:
                left = task.left + charged
                if left == 0:
                    break  # it stands at a yield
                expires = 0 < slice_ < left
                length = slice_ if expires else left
                end = begins + length
            else:
                end = length = NEVER
                expires = False
            # Arrivals that come while it runs.
            cut = False  # whether an arrival takes the CPU, from a running task or from idleness
            while (arrival := times[-1]) < end:
                program = jobs[indexes[-1]].program
                if arrival >= quiet or not (
                    # One job that computes at once, as nearly all are; else the long way to find out.
                    (
                        times[-2] != arrival
                        and not boosts
                        and type(program) is tuple
                        and program
                        and type(program[0]) is Cpu
                    )
                    or self._simple(arrival)
                ):
                    break
                now = queue.now = arrival
                while times[-1] == arrival:
                    times.pop()
                    index = indexes.pop()
                    new = Task(index, jobs[index])
                    unfinished[index] = new
                    if settles and task is not None and arrival - begins > charged:
                        passed = arrival - begins - charged
                        charged += passed
                        task.left -= passed
                        if ran is not None:
                            processor.charged = charged
                            ran(task, passed)
                    add((arrival, _ARRIVED, index, -1, 0))
                    new.position = 0
                    new.left = new.burst_length = new.steps[0].ns  # type: ignore[attr-defined]  # a CPU burst
                    new.state = READY
                    new.ready_since = arrival
                    if joined is not None and joined(new, ARRIVED) is HEAD:
                        scheduler.head -= 1
                        new.place = scheduler.head
                    else:
                        tail += 1
                        new.place = tail
                    if ask_rank is None:
                        if new.place < 0:
                            line.appendleft(new)
                        else:
                            push(new)
                    else:
                        heappush(heap, (ask_rank(new), new.place, new))
                        if ranked.weighs:
                            ranked.total += new.weight
                if task is None:
                    cut = True
                    break
                if preemptive and ask_rank is not None and heap[0][0] < ask_rank(task):  # type: ignore[operator]  # ranks are of one form
                    cut = True
                    break
            if not cut and (end >= quiet or times[-1] <= end or task is None):
                break
            # The CPU changes hands, or begins a fresh slice.
            if task is not None:
                if cut:
                    length, kind, why = now - begins, _PREEMPTED, PREEMPTED
                elif expires:
                    now, kind, why = end, _EXPIRED, EXPIRED
                else:
                    if task.generator is not None or task.position + 1 < len(task.steps):
                        break
                    now, kind, why = end, _FINISHED, None
                queue.now = now
                if tracked:
                    task.state = TERMINATED if why is None else READY
                    processor.task = None
                passed = length - charged
                task.left -= passed
                if ran is not None:
                    ran(task, passed)
                index = task.index
                add((now, kind, index, number, before + length))
                if why is None:
                    task.position += 1
                    task.state = TERMINATED
                    del unfinished[index]
                else:
                    task.ready_since = now
                    if joined is not None and joined(task, why) is HEAD:
                        scheduler.head -= 1
                        task.place = scheduler.head
                    else:
                        tail += 1
                        task.place = tail
                    if ask_rank is None:
                        if task.place < 0:
                            line.appendleft(task)
                        else:
                            push(task)
                    else:
                        entry = (ask_rank(task), task.place, task)
                last = task
            started = True
            charged = before = 0
            if ask_rank is None:
                task = pop() if line else None
            elif entry is not None:
                task = heappushpop(heap, entry)[2]
                if ranked.weighs:
                    ranked.total += entry[2].weight - task.weight
                entry = None
            elif heap:
                task = heappop(heap)[2]
                if ranked.weighs:
                    ranked.total -= task.weight
            else:
                task = None
            if task is not None:
                slice_ = -1 if ask_slice is None else ask_slice(task)
                add((now, _DISPATCHED, task.index, number, slice_))
                if len(gathered) > GATHER:
                    trace.settle()
                if tracked:
                    task.state = RUNNING
                    processor.task = task
                dispatches += 1
                queue.dispatches = dispatches
                begins = now
        # Leave everything as the ordinary way would have it.
        scheduler.tail = tail
        scheduler.advance_to(now)
        processor.charged = charged
        if not started:
            return
        scheduler.unordered.clear()
        if first is not None and first is not task:
            first.processor = None
            if first.state is RUNNING:
                first.state = READY
        processor.task, processor.last = task, last
        if task is None:
            scheduler.idle.append(number)
            return
        task.state, task.processor, task.home = RUNNING, processor, None
        processor.last = task
        processor.slice, processor.ran, processor.fresh = slice_, 0, True
        scheduler.order(processor, begins)
        processor.charged = charged

    def _simple(self, arrival: Ns) -> bool:
        """Return whether all jobs that arrive at this instant begin by computing, and no timer is due to be set."""
        scheduler, arrivals = self.scheduler, self.scheduler.machine.arrivals
        if scheduler.boost and scheduler.boost_due < 0:
            return False
        place = len(arrivals.indexes) - 1
        while place >= 0 and arrivals.times[place + 1] == arrival:
            program = arrivals.jobs[arrivals.indexes[place]].program
            if not isinstance(program, tuple) or not program or type(program[0]) is not Cpu:
                return False
            place -= 1
        return True
