"""The dispatcher: it drives the same scheduler as the simulation, with this machine's clock and real processes.

A real stop is late, and a process tells when it came to something only afterwards. So everything has
two times: when it was due or happened, which the scheduler is told and the trace has, and when the
dispatcher dealt with it. The difference is kept: it is the dispatcher's lateness, by which a run is judged.

CPU time is what each process says it has used, all the time. A slice never ends early.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from schedsim.engines.real import records
from schedsim.engines.real.answers import Answers
from schedsim.engines.real.bursts import Bursts
from schedsim.engines.real.doors import Doors
from schedsim.engines.real.endless import Silence
from schedsim.engines.real.failures import hold
from schedsim.engines.real.foresight import foresee, would_wait
from schedsim.engines.real.observations import Observations
from schedsim.engines.real.performing import needs_answer
from schedsim.engines.real.placement import Placement
from schedsim.engines.real.sentinels import Sentinels
from schedsim.engines.real.timers import DEATH, IO, TIMER, Timers
from schedsim.engines.real.waiting import SPIN, Waiting
from schedsim.errors import HostError
from schedsim.operations import Io, Operation, Unsaid
from schedsim.scheduler.arrivals import NEVER, Arrivals
from schedsim.scheduler.inputs import Arrived, Failed, Input, IoDone, Reached, Stopped, WokenAt
from schedsim.scheduler.task import Task
from schedsim.states import TERMINATED, ZOMBIE
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schedsim.engines.real.crew import Crew
    from schedsim.engines.real.drivers import Driver
    from schedsim.engines.real.rehearsal import Rehearsal
    from schedsim.scheduler.core import Scheduler
    from schedsim.times import Ns

EYE: Final = 40_000
"""So long before a slice should be over (nanoseconds) nothing else is looked at any more."""
LEAST_WAIT: Final = 3_000
"""A burst or a slice that is nearly over is looked at again after so long (nanoseconds)."""
SHARED_WAIT: Final = 200_000
"""The same where the dispatcher takes its time from a measured CPU."""
OVERDUE: Final = 20_000_000
"""A burst that should have ended so long ago (nanoseconds) is no longer waited for by watching."""

_EXPIRED, _PREEMPTED = Kind.EXPIRED, Kind.PREEMPTED

Event = tuple["Ns", "Input | Task"]
"""When it was due or happened, since the run began, and what; a task stands for the end of its burst."""


class Dispatcher:
    """Fulfils ``schedsim.scheduler.machine.Machine`` with real processes."""

    measures = True

    def __init__(
        self,
        crew: Crew,
        driver: Driver,
        cpus: Sequence[int | None],
        *,
        spin: Ns = SPIN,
        rehearsal: Rehearsal | None = None,
        limit: Ns = 60_000_000_000,
    ) -> None:
        """Take charge of a crew whose workers wait at their doors.

        Args:
            crew: one worker for each job of the mix, in its order.
            driver: what lets them run.
            cpus: the machine's number of each measured CPU, None where nothing can be pinned.
            spin: how long before something is due the clock is watched instead of sleeping (nanoseconds).
            rehearsal: what is done just before something is due, if there is time.
            limit: after so long (nanoseconds) a run that has not ended is given up.
        """
        self.crew, self.limit = crew, limit
        # Where the dispatcher shares a CPU with a worker, watching the clock would keep the worker from it.
        self.eye = EYE if spin else 0
        self.least_wait = LEAST_WAIT if spin else SHARED_WAIT
        self.arrivals = Arrivals(crew.jobs)
        self.bursts = Bursts(len(crew.workers), crew.memory)
        self.observations = Observations()
        self.doors = Doors(crew, self.observations.releases)
        self.answers = Answers(crew, self.doors.send, watches=bool(spin))
        self.placement = Placement(driver, crew.workers, cpus, self.answers.settle)
        self.driver = driver
        self.scheduler: Scheduler
        self.tasks: dict[int, Task] = {}
        self.timers = Timers()
        self.inbox: list[Event] = []
        """What came of orders, to be delivered next."""
        self.epoch: Ns = 0
        self.told: set[int] = set()
        """Whose workers wait to be told of the I/O that follows a yield, or an operation that takes no time."""
        self.known: set[int] = set()
        """Whose generators have said already what comes after an operation that needs no answer."""
        self.born: list[Task] = []
        """Those who have been spawned, and whose doors are to be opened."""
        self.expected: set[int] = set()
        """Whose death is known already: they were killed, or died before they were spawned."""
        self.sentinels = Sentinels([worker.sentinel for worker in crew.workers])
        silence = Silence(crew, self.placement.on, self.tasks)
        self.waiting = Waiting(crew, self.sentinels, spin, rehearsal, silence.look)

    def now(self) -> Ns:
        """Return the time since the run began (nanoseconds)."""
        return time.monotonic_ns() - self.epoch

    def run(self, scheduler: Scheduler, epoch: Ns) -> None:
        """Run until every job has ended; the run began, or begins, at ``epoch`` of the monotonic clock.

        Raises HostError when that takes longer than the limit, ProgramError when a program raised.
        """
        self.scheduler, self.epoch, self.doors.epoch = scheduler, epoch, epoch
        while self.goes_on():
            due = min(self.arrivals.next_time(), self.timers.next(), self.next_end())
            slice_end, place = self.bursts.next_slice_end(self.placement.on)
            now = self.waiting.until(min(due, slice_end - self.eye), self.limit, epoch)
            if now >= due:
                self.release_early(due)
            elif now >= slice_end - self.eye:
                self.watch_slice(place)
            if now > self.limit:
                left = ", ".join(task.id for task in scheduler.unfinished.values())
                raise HostError(f"the run did not end within {self.limit // 1_000_000_000} s; left: {left}")
            self.take_in()
        self.sentinels.close()

    def goes_on(self) -> bool:
        """Return whether anything is to come; nothing is when all jobs have ended, or wait for each other."""
        scheduler = self.scheduler
        waits, unfinished = len(scheduler.together.waits), len(scheduler.unfinished)
        return self.arrivals.next_time() < NEVER or waits < unfinished or bool(scheduler.held and not waits)

    # Waiting.

    def watch_slice(self, place: int) -> None:
        """Keep an eye on a slice until it is over, and let the next in line run at that very moment.

        What a slice takes too long, every task behind it has to wait in every round. A task that does not
        get on, because its CPU was taken away, is left alone until later.
        """
        index = self.placement.on[place]
        if index is None:
            return
        task, burst = self.tasks[index], self.bursts[index]
        following = self.placement.next_after(task, self.scheduler)
        until = self.now() + 2 * self.eye
        while (left := self.bursts.left_of_slice(task, self.now())) > 0:
            if self.now() > until:
                burst.slice_end = self.now() + max(left, self.least_wait)
                return
        when, ran = self.leave(task, place, following)
        self.observations.lateness.append(-left)
        self.inbox.append((when, Stopped(task, burst.order, ran, _EXPIRED)))

    def next_end(self) -> Ns:
        """Return when the first of the running bursts should end, which its worker then says itself.

        To be awake by then spares the worker the cost of waking the dispatcher.
        """
        first = NEVER
        for processor in self.scheduler.processors:
            task = processor.task
            if task is not None and self.placement.on[processor.number] == task.index:
                left = self.bursts.left(task, self.now())
                if left > -OVERDUE:
                    first = min(first, self.now() + max(left, self.least_wait))
        return first

    # Taking in what happened.

    def take_in(self) -> None:
        """Deliver everything that has happened until now, in order of its time."""
        events = self.happened(self.now())
        while events or self.inbox:
            events += self.inbox
            self.inbox = []
            when = min(time for time, _ in events)
            batch = [item for time, item in events if time == when]
            events = [event for event in events if event[0] != when]
            self.deliver(when, batch)

    def happened(self, now: Ns) -> list[Event]:
        """Return what was due or happened up to ``now`` and has not been delivered."""
        events: list[Event] = []
        while (due := self.arrivals.next_time()) <= now:
            for item in self.arrivals.take_all(due):
                self.tasks[item.task.index] = item.task
                events.append((due, item))
        events += self.ended_bursts()
        for due, kind, what in self.timers.due(now):
            if kind == TIMER:
                events.append((due, WokenAt(what)))
            elif kind == DEATH:
                events.append((due, Failed(self.tasks[what], 0)))
            elif what.index in self.placement.alive:
                self.observations.slept(what.index, now - due + what.io.ns)
                events.append((due, IoDone(what, what.io.ns, what.advance())))
        self.observations.lateness += [max(0, now - due) for due, _ in events]
        events += self.dead_workers()
        return events

    def ended_bursts(self) -> Iterator[Event]:
        """Yield the ends of bursts that workers have told of. Raises ProgramError for a program that raised."""
        for record in self.crew.read():
            if record.kind == records.PLANNED:
                self.crew.workers[record.worker].planned.append(record.operation)
            elif record.kind in (records.REACHED, records.SAID):
                if record.kind == records.REACHED:
                    self.told.discard(record.worker)
                self.bursts[record.worker].ended.append(record)
                yield record.time - self.epoch, self.tasks[record.worker]
            else:
                hold(record)

    def dead_workers(self) -> Iterator[Event]:
        """Yield the workers that have died."""
        for index in self.sentinels.dead():
            self.placement.bury(index)
            self.bursts[index].slice_end = NEVER
            when = max(self.now(), self.scheduler.now)
            job, task = self.crew.jobs[index], self.tasks.get(index)
            if index in self.expected or (task is not None and task.state in (TERMINATED, ZOMBIE)):
                continue  # its job has ended
            self.observations.deaths.append((when, index))
            if task is not None:
                yield when, Failed(task, 0)
            elif job.spawned:  # perhaps it will be
                self.expected.add(index)
            else:  # it has to arrive before it can fail
                self.timers.add(job.arrival + 1, DEATH, index)

    def deliver(self, when: Ns, happened: list[Input | Task]) -> None:
        """Tell the scheduler, which orders what is to be done."""
        scheduler = self.scheduler
        when = max(when, scheduler.now)
        batch = [*self.bursts.inputs(happened, when)]
        if not batch:
            return
        arrived = [item.task for item in batch if isinstance(item, Arrived)]
        # Of several for an idle CPU one would begin that is not to be first.
        early = None not in self.placement.on and scheduler.degree is None
        if early:
            self.release(arrived)
        if scheduler.settles:
            batch += self.bursts.usage(scheduler.processors, batch, when)
        self.observations.deliveries.append((when, tuple(batch)))
        self.answers.zero_time.note(batch)
        scheduler.deliver(when, batch)
        self.answers.tell()
        self.release(self.born if early else [*arrived, *self.born])
        self.born = []
        for item in batch:
            # Who blocked left its CPU by itself; when it wakes it must not run until it is chosen.
            if isinstance(item, Reached) and item.task.processor is None:
                self.placement.rest(item.task.index)
        self.placement.arm(scheduler)
        foresee(scheduler, self.answers.expect)

    # The orders.

    def start(self, task: Task, cpu: int, order: int, begins: Ns, length: Ns) -> None:
        """Let it run, until it says that its burst has ended, or until its slice is over."""
        del begins
        self.answers.tell()
        burst, standing = self.bursts[task.index], task.standing
        if task.burst_length == 0 and standing is None:
            self.bursts.begin(task, order, length, NEVER)
            self.inbox.append(self.yielded(task, cpu, order))
            return
        if would_wait(self.scheduler.together, standing):
            self.release([task])  # for what comes of it; to wait it need not run
        elif not burst.ended or standing is not None:
            self.placement.run(task.index, cpu)
            self.doors.let_go(task.index, self.scheduler.now)
        self.bursts.begin(task, order, length, self.now())
        if task.index in self.known:
            self.known.discard(task.index)
            self.inbox.append((self.scheduler.now, Reached(task, order, 0, task.advance())))
        elif standing is not None and not isinstance(standing, Unsaid):
            self.told.add(task.index)
            self.answers.expect(task.index, waits=False)
            self.inbox.append((self.scheduler.now, Reached(task, order, 0, standing)))
        elif burst.ended:
            self.inbox.append((burst.ended[0].time - self.epoch, task))

    def stop(self, task: Task, cpu: int, order: int) -> None:
        """Let whoever comes next run instead, and say how far the task came."""
        del order
        self.answers.tell()
        when, ran = self.leave(task, cpu, self.scheduler.next_in_line())
        self.inbox.append((when, Stopped(task, self.bursts[task.index].order, ran, _PREEMPTED)))

    def wake_at(self, time: Ns, token: int) -> None:
        """Wake the scheduler at that time."""
        self.timers.add(time, TIMER, token)

    def begin_io(self, task: Task, operation: Io, now: Ns) -> None:
        """Tell the scheduler when the I/O is over; its worker sleeps until then by itself."""
        self.doors.let_go(task.index, now)
        self.timers.add(now + operation.ns, IO, task)
        if operation.device or task.index in self.told:
            self.told.discard(task.index)
            self.answers.tell()
            self.doors.serve(task.index, now + operation.ns)

    def kill(self, task: Task) -> None:
        """Let its process die, when it has done what it was told it may."""
        self.answers.tell()
        self.expected.add(task.index)
        self.bursts[task.index].slice_end = NEVER
        self.placement.end(task.index)

    def advance(self, task: Task, result: object) -> Operation | None:
        """Note what to tell its worker; a program that nobody can look into has to run first to say what follows."""
        self.answers.decide(task, result)
        # Also who came to this in an earlier turn, and was not let run in this one.
        if task.processor is not None:
            self.placement.run(task.index, task.processor.number)
        if needs_answer(self.answers.doing(task)):
            self.told.add(task.index)
        elif task.generator is not None:
            self.known.add(task.index)
        return task.advance() if task.generator is None else Unsaid()

    answer = advance

    def spawn(self, index: int) -> Task:
        """Return the task; its worker, which has been there all the time, is let go when the job arrives."""
        task = self.tasks[index] = Task(index, self.crew.jobs[index])
        self.born.append(task)
        if index in self.expected:  # its process died before
            self.timers.add(self.scheduler.now + 1, DEATH, index)
        return task

    def first(self, task: Task) -> Operation | None:
        """Return what its list or its worker says; it is kept as every arrival is."""
        return self.observations.spawned(task, task.advance())

    def quiet_until(self) -> Ns:
        """Promise nothing."""
        return 0

    # What the orders are made of.

    def yielded(self, task: Task, cpu: int, order: int) -> Event:
        """Return that a task at a yield has given up its CPU.

        Its process has gone on with what follows. Until whoever is next has the CPU instead, that is CPU time
        like any other, and belongs to this turn.
        """
        operation = task.advance()
        if operation is None or isinstance(operation, Io):
            self.told.add(task.index)
            return self.scheduler.now, Reached(task, order, 0, operation, yielded=True)
        when, ran = self.leave(task, cpu, self.scheduler.next_in_line())
        return when, Reached(task, order, ran, operation, yielded=True)

    def release_early(self, due: Ns) -> None:
        """Let a lone job that arrives now begin at once, if a CPU is idle: it will be dispatched in any case."""
        lone = self.arrivals.times[-1] == due != self.arrivals.times[-2]
        if lone and None in self.placement.on and self.scheduler.degree is None:
            self.doors.let_go(self.arrivals.indexes[-1], due)

    def release(self, tasks: list[Task]) -> None:
        """Let the workers of jobs that have arrived go: each begins as soon as it is let run."""
        for task in tasks:
            if any(task is held for held, _ in self.scheduler.held):
                continue  # its door opens when it is admitted and dispatched
            if task.index not in self.placement.on:
                self.driver.hold(self.crew.workers[task.index].process)
            self.doors.let_go(task.index, task.arrival)

    def leave(self, task: Task, cpu: int, following: Task | None) -> tuple[Ns, Ns]:
        """Let whoever will most likely be next run instead of the task; return when, and what it has used.

        Who is next the scheduler decides when it hears of it. Where nobody waits, the task may as well
        run until then.
        """
        if following is not None and following.index in self.placement.alive:
            self.placement.run(following.index, cpu)
        self.bursts[task.index].slice_end = NEVER
        when = max(self.now(), self.scheduler.now)
        return when, self.bursts.tell(task, self.bursts.used(task), when)
