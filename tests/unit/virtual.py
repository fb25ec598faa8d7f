"""A machine that is not there: workers, a kernel and a clock in one object, for tests of the dispatcher.

The kernel lets, on each CPU, the process of the highest band run, or the first that is not stopped. It
keeps to its own time: each look at the clock takes a moment, in which the processes go on. So everything
is late, as it is on a real machine, but always by as much.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from contextlib import ExitStack
from types import SimpleNamespace
from unittest import mock

from schedsim.engines.real import answers, crew, doors, drivers, objects, records, waiting
from schedsim.engines.real import dispatcher as dispatcher_module
from schedsim.engines.real.dispatcher import Dispatcher
from schedsim.engines.real.failures import planned
from schedsim.engines.real.performing import (
    ANSWER_SIZE,
    Answer,
    Performer,
    does_at_once,
    ends_chain,
    needs_answer,
)
from schedsim.engines.real.worker import COMMAND, GAP, PATIENCE
from schedsim.experiment import header_of
from schedsim.operations import Cpu, Exit, Io
from schedsim.scheduler.of_mix import scheduler_of
from schedsim.scheduler.task import Task
from schedsim.trace import Trace

EPOCH = 10_000_000_000
"""What the monotonic clock says when the run begins."""
DISPATCHER = 99
"""The number of the dispatcher's CPU."""
FOREVER = 1 << 62
FIRST_PROCESS = 1000
MOST_LOOKS = 100_000


class VirtualWorker(crew.Worker):
    """One process and its program."""

    def __init__(self, index, job, shared):
        """Wait at the door."""
        process = FIRST_PROCESS + index
        super().__init__(SimpleNamespace(pid=process, sentinel=process + 2000), process + 1000)
        self.index = index
        self.task = Task(index, job)
        self.talks = self.task.generator is not None
        self.performer = Performer(job, shared)
        self.commands = bytearray()
        self.at_door, self.let_go = True, False
        self.left = self.used = self.bursts = 0
        self.before = 0
        """CPU time used since its last burst, which is part of the next one."""
        self.until = -1
        self.ended = 0
        self.unsaid = self.following = None
        self.asks = False
        """Whether it waits for an answer, and until when it keeps its CPU for that."""
        self.patient_until = self.watched_until = -1
        self.alive, self.held = True, False
        self.band, self.cpu, self.runnable_since = 0, None, 0
        self.operation = self.advance()

    def read(self, size):
        """Take that many bytes out of its door."""
        taken = bytes(self.commands[:size])
        del self.commands[:size]
        return taken

    def advance(self, result=None):
        """Return what the program does next; of a generator it is said as far as it is known."""
        if not self.talks:
            return self.task.advance(result)
        if not self.chain:
            operation = self.task.advance(result)
            self.chain.append(operation)
            while not ends_chain(operation):
                operation = self.task.advance()
                self.chain.append(operation)
            if needs_answer(operation):
                self.chain[-1] = self.performer.announced(operation)
            for each in self.chain:
                said = planned(self.index, self.task.id, each)
                self.planned.extend(record.operation for record in records.unpack(said))
        return self.chain.popleft()

    @property
    def chain(self):
        """What it has said and not come to yet."""
        return self.__dict__.setdefault("_chain", deque())


class Kernel:
    """The machine: it has the time, and runs the workers."""

    def __init__(self, jobs, *, cpus=1, look=300, pauses=(), kills=(), pipe=300, queues=(), variables=()):
        """Make the workers.

        Args:
            jobs: of the mix.
            cpus: how many CPUs there are.
            look: how long (nanoseconds) a look at the clock takes.
            pauses: ``(when, how long)``: the dispatcher is kept from its CPU.
            kills: ``(when, index)``: a worker is killed.
            pipe: how many records the pipe holds.
            queues: of the mix.
            variables: likewise.
        """
        self.now, self.look, self.pipe, self.cpus = 0, look, pipe, cpus
        self.pauses, self.kills = sorted(pauses), sorted(kills)
        context = multiprocessing.get_context("fork")
        self.objects = objects.Objects(context, jobs, dict(queues), dict(variables))
        self.workers = [VirtualWorker(index, job, self.objects) for index, job in enumerate(jobs)]
        self.jobs, self.variables = jobs, dict(variables)
        self.jobs = crew.Crew.for_dispatcher(self)
        self.log = []
        """What workers have really done: when, who, what."""
        self.memory = memoryview(bytearray(8 * records.SLOT * len(jobs))).cast("q")
        self.mail = 5
        self.records: deque[records.Record] = deque()
        self.unseen_deaths = []
        self.looks = 0

    # What the dispatcher asks of a crew.

    _sent = crew.Crew._sent

    def read(self):
        """Yield what workers have said."""
        while self.records:
            yield self.records.popleft()

    # What it asks of the operating system.

    def monotonic_ns(self):
        """Return the time; it takes a moment to look."""
        self.looks += 1
        assert self.looks < MOST_LOOKS, "the run does not come to its end"
        self.advance(self.now + self.look)
        while self.pauses and self.pauses[0][0] <= self.now:
            self.advance(self.now + self.pauses.pop(0)[1])
        return EPOCH + self.now

    def select(self, reading, writing, failing, timeout):
        """Wait until a worker says something or dies, or the time is over."""
        del writing, failing
        deadline = self.now + round(timeout * 1e9)
        if reading[0] != self.mail:  # somebody waits for a worker to do something, or die
            self.advance(deadline)
            return [], [], []
        while self.now < deadline and not self.records and not self.unseen_deaths:
            self.advance(min(deadline, max(self.next_change(), self.now + 1)))
        ready = [self.mail] if self.records else []
        return ready + (reading[1:] if self.unseen_deaths else []), [], []

    def write(self, door, word):
        """Send a command."""
        worker = next(worker for worker in self.workers if worker.door == door)
        if not worker.alive:
            raise BrokenPipeError
        worker.commands += word

    def by_process(self, process):
        """Return the worker with that process id."""
        return self.workers[process - FIRST_PROCESS]

    def sched_setscheduler(self, process, policy, parameter):
        """Set the class."""
        assert policy == os.SCHED_FIFO
        self.by_process(process).band = parameter.sched_priority

    def sched_setparam(self, process, parameter):
        """Set the priority."""
        self.by_process(process).band = parameter.sched_priority

    def sched_setaffinity(self, process, cpus):
        """Pin."""
        (self.by_process(process).cpu,) = cpus

    def kill(self, process, number):
        """Stop, continue or end."""
        worker = self.by_process(process)
        if number == signal.SIGKILL:
            worker.alive = False
            self.unseen_deaths.append(worker.index)
        else:
            worker.held = number == signal.SIGSTOP

    # What goes on.

    def running(self, cpu):
        """Return who runs on that CPU."""
        candidates = [
            worker
            for worker in self.workers
            if worker.cpu == cpu and worker.alive and not worker.held and self.can_run(worker)
        ]
        return max(candidates, key=lambda worker: (worker.band, -worker.index), default=None)

    def can_run(self, worker):
        """Return whether it wants a CPU."""
        if worker.unsaid is not None:
            return len(self.records) < self.pipe
        if worker.asks:
            return bool(worker.commands) or self.now < worker.patient_until
        if worker.at_door:
            return bool(worker.commands)
        if worker.until >= 0:
            return worker.until <= self.now
        return worker.left > 0

    def next_change(self):
        """Return when something happens if nobody interferes."""
        times = [FOREVER]
        times += [worker.patient_until for worker in self.workers if worker.patient_until > self.now]
        times += [worker.until for worker in self.workers if worker.until > self.now]
        times += [
            self.now + worker.left
            for cpu in range(self.cpus)
            if (worker := self.running(cpu)) is not None and worker.left
        ]
        times += [when for when, _ in self.kills[:1]]
        return min(times)

    def advance(self, until):
        """Let the processes go on until then."""
        while True:
            while self.kills and self.kills[0][0] <= self.now:
                index = self.kills.pop(0)[1]
                self.workers[index].alive = False
                self.unseen_deaths.append(index)
            for cpu in range(self.cpus):
                while (
                    (worker := self.running(cpu)) is not None and not worker.left and not self.watches(worker)
                ):
                    self.step(worker)
            if self.now >= until:
                return
            then = min(until, max(self.next_change(), self.now + 1))
            for cpu in range(self.cpus):
                worker = self.running(cpu)
                if worker is not None:
                    self.compute(worker, then - self.now)
            self.now = then
            for worker in self.workers:
                if worker.bursts and not worker.left and worker.operation is not None:
                    self.end_burst(worker)

    def compute(self, worker, length):
        """Let it compute, or watch its door."""
        if self.watches(worker):
            worker.before += length
            worker.watched_until = self.now + length
            self.publish(worker, worker.before, worker.bursts + 1)
            return
        worker.left -= length
        worker.used += length
        self.publish(worker, worker.used, worker.bursts)

    def watches(self, worker):
        """Return whether it keeps its CPU although it only waits."""
        return worker.asks and not worker.commands

    def publish(self, worker, used, number):
        """Write its progress in the burst of that number into the shared memory."""
        first = worker.index * records.SLOT
        self.memory[first + records.PROGRESS] = used
        self.memory[first + records.BURST] = number

    def end_burst(self, worker):
        """Say that a burst has ended, if that was one."""
        if isinstance(worker.operation, Cpu) and worker.used:
            worker.unsaid = records.Record(
                worker.index, records.REACHED, worker.bursts, EPOCH + self.now, worker.used, None, ""
            )
            worker.ended, worker.used = self.now, 0
            worker.operation, worker.following = None, worker.advance()
            while does_at_once(worker.following):
                self.do_at_once(worker, worker.following)
                worker.following = worker.advance()

    def step(self, worker):
        """Do what takes no time."""
        if worker.unsaid is not None:
            self.records.append(worker.unsaid)
            told = worker.unsaid.kind == records.SAID
            worker.unsaid = None
            self.begin(worker, worker.operation if told else worker.following, told=told)
        elif worker.asks:
            self.perform(worker, Answer.unpacked(worker.read(ANSWER_SIZE)))
        elif worker.at_door:
            (command,) = COMMAND.unpack(worker.read(COMMAND.size))
            worker.at_door = False
            if worker.let_go:  # its device serves it
                worker.until = command - EPOCH
            else:
                worker.let_go, worker.ended = True, command - EPOCH
                self.begin(worker, worker.operation)
        else:
            worker.until, worker.ended = -1, worker.until
            self.begin(worker, worker.advance())

    def do_at_once(self, worker, operation):
        """Do what it need not ask for."""
        worker.performer.do_at_once(operation)
        self.log.append((self.now, worker.index, operation, None))
        self.memory[worker.index * records.SLOT + records.DONE] += 1

    def perform(self, worker, answer):
        """Do what it has been told that it may."""
        if self.now - worker.watched_until > GAP:  # it did something else meanwhile, or slept
            worker.before = 0
            self.publish(worker, 0, worker.bursts + 1)
        worker.asks, worker.patient_until = False, -1
        operation = worker.operation
        result = worker.performer.perform(operation, answer)
        self.log.append((self.now, worker.index, operation, result))
        self.memory[worker.index * records.SLOT + records.DONE] += 1
        worker.operation = worker.advance(result)
        if worker.talks:
            worker.unsaid = records.Record(
                worker.index, records.SAID, worker.bursts, EPOCH + self.now, worker.before, None, ""
            )
        else:
            self.begin(worker, worker.operation, told=True)

    def begin(self, worker, operation, *, told=False):
        """Begin the next operation; of I/O after a yield the worker is ``told``."""
        worker.operation = operation
        if isinstance(operation, Io) and worker.before:
            worker.before = 0
            self.publish(worker, 0, worker.bursts + 1)
        if isinstance(operation, Cpu):
            worker.left, worker.used, worker.before = max(1, operation.ns - worker.before), worker.before, 0
            worker.bursts += 1
            self.publish(worker, worker.used, worker.bursts)
        elif isinstance(operation, Io):
            if operation.device or told:
                worker.at_door = True
            else:
                worker.until = worker.ended + operation.ns
        elif operation is None or isinstance(operation, Exit):
            worker.at_door = True
        elif needs_answer(operation):
            patience = 0 if self.memory[worker.index * records.SLOT + records.WAITS] else PATIENCE
            worker.asks, worker.patient_until, worker.watched_until = True, self.now + patience, self.now
        elif does_at_once(operation):
            self.do_at_once(worker, operation)
            self.begin(worker, worker.advance(), told=True)
        else:
            self.begin(worker, worker.advance(), told=True)


class Sentinels:
    """Says who has died."""

    def __init__(self, kernel):
        """Watch that kernel's workers."""
        self.kernel = kernel

    def files(self):
        """Return what to select on."""
        return [6]

    def dead(self):
        """Return who has died since the last call."""
        found = sorted(self.kernel.unseen_deaths)
        self.kernel.unseen_deaths.clear()
        return found

    def close(self):
        """Do nothing."""


def run_virtually(mix, policy, *, driver=drivers.Bands, spin=0, limit=FOREVER, **circumstances):
    """Run a mix on such a machine; return the dispatcher, whose scheduler has the trace."""
    kernel = Kernel(mix.jobs, cpus=mix.cpus, queues=mix.queues, variables=mix.variables, **circumstances)
    system = SimpleNamespace(
        write=kernel.write,
        kill=kernel.kill,
        sched_setscheduler=kernel.sched_setscheduler,
        sched_setparam=kernel.sched_setparam,
        sched_setaffinity=kernel.sched_setaffinity,
        sched_getaffinity=lambda _: {DISPATCHER},
        SCHED_FIFO=os.SCHED_FIFO,
        sched_param=os.sched_param,
    )
    with ExitStack() as stack:
        for module, name, fake in (
            (doors, "os", system),
            (doors, "time", kernel),
            (answers, "time", kernel),
            (answers, "select", kernel),
            (dispatcher_module, "time", kernel),
            (waiting, "select", kernel),
            (waiting, "time", kernel),
            (dispatcher_module, "Sentinels", lambda sentinels: Sentinels(kernel)),
            (drivers, "os", system),
        ):
            stack.enter_context(mock.patch.object(module, name, fake))
        used = driver()
        for worker in kernel.workers:
            worker.cpu = 0
            used.adopt(worker.process, 0)
        machine = Dispatcher(kernel, used, range(mix.cpus), spin=spin, limit=limit)
        trace = Trace(header_of(mix, policy, None)._replace(engine="real"))
        scheduler = scheduler_of(mix, policy, machine, trace)
        machine.run(scheduler, EPOCH)
        machine.answers.compare(scheduler.together.variables)
    return machine
