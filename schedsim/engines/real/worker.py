"""What a worker does: it interprets one job's program, by itself, when it is let run.

A worker never decides when it runs. It computes until its own CPU clock has grown by the burst's
length, whatever interrupted it, says so, and goes on with its program: it sleeps through I/O to an
absolute deadline, and waits at its door for what only the dispatcher can give (its release, its turn
at a device). It ends when the run is over, so that ending costs no other job anything.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import time
from collections.abc import Generator
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from schedsim.engines.real import records
from schedsim.engines.real.failures import given_up, named, planned
from schedsim.engines.real.linux import die_with_parent, exact_timers, sleep_until
from schedsim.engines.real.performing import (
    ANSWER_SIZE,
    DONE,
    Answer,
    Performer,
    does_at_once,
    ends_chain,
    needs_answer,
)
from schedsim.errors import ProgramError
from schedsim.jobs import Job
from schedsim.operations import Cpu, Exit, Io, Operation, Yield
from schedsim.scheduler.task import Task
from schedsim.times import Ns

if TYPE_CHECKING:
    from schedsim.engines.real.objects import Objects

Steps = Generator[Operation | None, object, None]
"""A program's operations one by one; it is sent what came of each."""
COMMAND: Final = Struct("=q")
"""What comes through the door: when the job arrived, or until when a device serves it, by the monotonic clock."""
GAP: Final = 25_000
"""Two looks at the clock that are further apart (nanoseconds) are worth asking where the CPU was."""
REHEARSE: Final = 100_000
"""So long before the end of a burst (nanoseconds) what follows it is done once for nobody: after a long time in
one loop, code that has not run for a while takes several times as long."""
REHEARSE_ANSWERS: Final = 250_000
"""The same where it also rehearses being answered."""
WORTH_NOTING: Final = 10_000
"""So long (nanoseconds) must it have been away."""
WARM_UP: Final = 2_000_000
LONGEST_CHAIN: Final = 10_000
"""So many operations between two CPU bursts are a generator that never computes."""

PATIENCE: Final = 300_000
"""So long (nanoseconds) a worker watches its door for an answer, where the dispatcher has a CPU of its own."""

_WHOSE: Final = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)
_now, _cpu = time.monotonic_ns, time.process_time_ns
_give_way = getattr(os, "sched_yield", lambda: None)


class Place(NamedTuple):
    """Where a worker works."""

    number: int
    """The job's place in the mix."""
    job: Job
    parent: int
    """The process it dies with; 0: whoever made it."""
    door: int
    """The pipe through which it is let go, for reading."""
    out: int
    """The pipe to the dispatcher, for writing."""
    cpu: int | None
    """The CPU it begins on; None where processes cannot be pinned."""
    excess: float
    """By how much more it burns than it should, as a fraction: a negative control for tests."""
    alone: bool = False
    """Whether there is no dispatcher: it lets itself go when its job arrives."""
    ticks: tuple[Ns, Ns] | None = None
    """Length of a timer tick, and when one was by the monotonic clock, for a worker that must ask for its CPU
    time at ticks alone; None: it may ask at any time."""
    objects: Objects | None = None
    """What the workers share; None where they share nothing."""
    patience: Ns = 0
    """How long it watches its door for an answer (nanoseconds) before it leaves its CPU to others."""


def work(place: Place, memory: memoryview[int]) -> None:
    """Do the job; return when the dispatcher closes the door."""
    # Ctrl-C goes to every process of the terminal; the dispatcher alone answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGALRM})
    die_with_parent(place.parent)
    exact_timers()
    if place.cpu is not None:
        os.sched_setaffinity(0, {place.cpu})
    gc.disable()
    worker = worker_of(place, memory)
    worker.warm_up()
    try:
        program = worker.program()
        first = next(program)
        os.write(place.out, records.pack(place.number, records.READY))
        # In a run without a dispatcher it is told when the run begins, and lets itself go.
        worker.base = _cpu()
        command = os.read(place.door, COMMAND.size)
        if not command:
            return
        begins: Ns = COMMAND.unpack(command)[0]
        if place.alone:
            begins += place.job.arrival
            while isinstance(first, Io):  # for which it needs no CPU, so it need not ask for one before
                begins, first = begins + first.ns, next(program)
            worker.base = _cpu()
            sleep_until(begins)
        worker.run(first, program, begins)
    except BrokenPipeError:
        raise  # there is nobody any more who could be told
    except BaseException as error:  # noqa: BLE001  # it is raised again where the run is
        os.write(place.out, given_up(place.number, place.job.id, error))
    while os.read(place.door, COMMAND.size):
        pass  # whatever comes now is too late


def worker_of(place: Place, memory: memoryview[int]) -> Worker:
    """Return the worker for a place."""
    if place.ticks is None:
        return Worker(place, memory)
    from schedsim.engines.real.discreet import DiscreetWorker

    return DiscreetWorker(place, memory, *place.ticks)


class Worker:
    """One worker at its job."""

    def __init__(self, place: Place, memory: memoryview[int]) -> None:
        """Start before the program."""
        self.place, self.memory = place, memory
        self.slot = place.number * records.SLOT
        self.bursts = 0
        self.nowhere = os.open(os.devnull, os.O_WRONLY)
        self.base: Ns = 0
        """What the CPU clock said when it last began to wait, or ended a burst. What it takes to wake up and to
        come back to its program is CPU time of the burst that follows, as in any other process."""
        self.performer: Performer | None = None
        self.practice = (-1, -1)
        """A door of its own, to rehearse at."""
        if place.objects is not None:
            self.performer, self.practice = Performer(place.job, place.objects), os.pipe()
        self.since: Ns = 0
        """When the next burst could begin: when the burst or the sleep before it ended, or the job was let go."""

    def warm_up(self) -> None:
        """Do everything once, so that no page and no line of code is touched for the first time in the run."""
        memory, last = self.memory, self.slot + records.SLOT
        for place in range(self.slot, last, 256):
            memory[place] = 0
        sleep_until(_now() + 1000)
        self.base = _cpu()
        self.burn(WARM_UP)
        for place in (records.NOTES, records.BURST, records.PROGRESS, records.DONE, records.WAITS):
            memory[self.slot + place] = 0
        self.bursts = 0

    def program(self) -> Steps:
        """Yield the operations one by one, then None for ever; it is sent what came of each.

        A generator is asked for what follows up to its next CPU burst when it comes to the end of one,
        and the dispatcher is told, since it must know what a task does when its I/O ends. After what it
        is told a result of, it is asked when it has been.
        """
        try:
            task = Task(self.place.number, self.place.job)
        except Exception as error:  # a function that is no generator may raise as it is called
            raise ProgramError(f"job {self.place.job.id!r}: its program raised {named(error)}") from error
        told, result = task.generator is not None, None
        while True:
            operation = task.advance(result)
            chain = [operation]
            while told and not ends_chain(operation):
                operation = task.advance()
                chain.append(operation)
                _refuse(task, chain)
            if told:
                if needs_answer(operation):
                    chain[-1] = operation = self.performing(operation).announced(operation)
                for each in chain:
                    os.write(self.place.out, planned(self.place.number, self.place.job.id, each))
            for each in chain:
                result = yield each
            if operation is None or isinstance(operation, Exit):
                while True:
                    yield None

    def run(self, operation: Operation | None, program: Steps, begins: Ns) -> None:
        """Go through the program, of which ``operation`` is the first; it begins at ``begins``.

        A program that begins with I/O needs the CPU to begin it. If it gets that late, the I/O does not
        end later for it.
        """
        index, out, ended, told = self.place.number, self.place.out, begins, False
        while operation is not None:
            if isinstance(operation, Cpu):
                self.since = ended
                ended, used = self.burn(operation.ns)
                following = next(program)
                while does_at_once(following):  # before it is said that the burst is over
                    self.do_at_once(following)
                    following = next(program)
                os.write(out, records.pack(index, records.REACHED, self.bursts, ended, used))
                if isinstance(following, Io | Yield | None):
                    self.before_waiting()
                operation, told = following, False
                continue
            if needs_answer(operation):
                operation, told = self.perform(operation, program), True
                continue
            if does_at_once(operation):
                self.do_at_once(operation)
                operation, told = next(program), True
                continue
            if isinstance(operation, Io):
                ended = self.sleep(operation, ended, told=told or bool(operation.device))
            elif isinstance(operation, Yield):
                _give_way()
            told = isinstance(operation, Yield)
            operation = next(program)

    def perform(self, operation: Operation, program: Steps) -> Operation | None:
        """Do what takes no time, once that is granted; return what the program does next."""
        performer = self.performing(operation)
        result = performer.perform(operation, self.answer(self.place.door))
        self.memory[self.slot + records.DONE] += 1
        following = program.send(result)
        if not isinstance(self.place.job.program, tuple):
            index, cpu = self.place.number, _cpu() - self.base
            os.write(self.place.out, records.pack(index, records.SAID, self.bursts, _now(), cpu))
        if isinstance(following, Io | Yield | None):
            self.before_waiting()
        return following

    def do_at_once(self, operation: Operation) -> None:
        """Do what takes no time and needs no answer."""
        self.performing(operation).do_at_once(operation)
        self.memory[self.slot + records.DONE] += 1

    def performing(self, operation: Operation) -> Performer:
        """Return what does such operations. Raises ProgramError where there is nobody who would grant them."""
        if self.performer is None:
            raise ProgramError(
                f"job {self.place.job.id!r}: {operation.text('ns')!r} needs a dispatcher, and the kernel schedules "
                "here; programs take cpu, io and yield"
            )
        return self.performer

    def answer(self, door: int) -> Answer:
        """Return what the dispatcher says of an operation.

        It mostly says so at once. So the door is watched for a moment, and the CPU kept: else whoever is next
        in line would run in between. Who has lost its CPU meanwhile has its answer, or waits for something.
        """
        memory = self.memory
        burst, progress = self.slot + records.BURST, self.slot + records.PROGRESS
        if door != self.place.door:  # a rehearsal, in the middle of a burst
            burst = progress = self.slot + records.NOWHERE
        switches, used, last = switches_so_far(), _cpu() - self.base, _now()
        until, command = last + (0 if memory[self.slot + records.WAITS] else self.place.patience), None
        ahead, stopped = last - used, False
        memory[burst] = -self.bursts - 1  # what it uses from here on is part of its next burst
        memory[progress] = used
        memory[burst] = self.bursts + 1
        os.set_blocking(door, False)
        while command is None:
            try:
                command = os.read(door, ANSWER_SIZE)
            except BlockingIOError:
                now = _now()
                stopped = now - last > GAP and switches_so_far() != switches
                if stopped or now > until:
                    break
                memory[progress], last = now - ahead, now
        os.set_blocking(door, True)
        if command is None:
            if not stopped:
                self.before_waiting()
            command = os.read(door, ANSWER_SIZE)
        if not command:
            os._exit(0)  # the run is over
        return Answer.unpacked(command)

    def before_waiting(self) -> None:
        """Note the CPU time from which on it belongs to the next burst."""
        self.base = _cpu()
        if self.memory[self.slot + records.BURST] > self.bursts:
            self.memory[self.slot + records.PROGRESS] = 0

    def sleep(self, operation: Io, since: Ns, *, told: bool) -> Ns:
        """Sleep through an I/O; return when it ended.

        Of a device, and after a yield, the process must be ``told``: whose turn it is is the dispatcher's to say.
        """
        until = since + operation.ns
        if told and not self.place.alone:
            command = os.read(self.place.door, COMMAND.size)
            if not command:
                os._exit(0)  # the run is over
            until = COMMAND.unpack(command)[0]
        sleep_until(until)
        return until

    def burn(self, length: Ns) -> tuple[Ns, Ns]:
        """Compute until the CPU clock has grown by ``length``; return when that was, and by how much it has.

        The loop looks at the monotonic clock, which costs a tenth of asking for CPU time. When two looks
        are far apart it asks what became of the CPU meanwhile: timer interrupts are CPU time like any
        other, but a CPU that the host or another process took away is not.
        """
        length += int(length * self.place.excess)
        memory, progress = self.memory, self.slot + records.PROGRESS
        early = REHEARSE if self.performer is None else REHEARSE_ANSWERS
        self.bursts += 1
        base, checked_cpu = self.base, _cpu()
        now = last = checked = _now()
        memory[self.slot + records.BURST] = -self.bursts
        memory[progress] = checked_cpu - base
        memory[self.slot + records.BURST] = self.bursts
        self.note(records.BEGAN, self.since, now, checked_cpu - base)
        switches = switches_so_far()
        end = now + length - (checked_cpu - base) - early
        rehearsed = False
        while True:
            now = _now()
            gap = now - last > GAP
            if gap or now >= end:
                seen, looked = switches_so_far() if gap else switches, now
                cpu, now = _cpu(), _now()
                while now - looked > GAP:  # it was away between these looks, so they belong to two times
                    seen, looked = switches_so_far(), now
                    cpu, now = _cpu(), _now()
                away = (now - checked) - (cpu - checked_cpu)
                if away > WORTH_NOTING:
                    start = last if gap else now - away
                    self.note(records.AWAY if seen == switches else records.SWITCHED, start, now, away)
                    checked, checked_cpu = now, cpu
                switches = seen
                left = length - (cpu - base)
                memory[progress] = cpu - base
                if not rehearsed and left <= early:
                    rehearsed = True
                    self.rehearse(now, cpu)
                    end = now + left
                elif left <= 0:
                    self.base = cpu
                    return now, cpu - base
                else:
                    end = now + left - (0 if rehearsed else early)
            else:
                memory[progress] = checked_cpu - base + now - checked
            last = now

    def rehearse(self, now: Ns, cpu: Ns) -> None:
        """Say that a burst has ended, and sleep, for nobody and for no time."""
        os.write(self.nowhere, records.pack(self.place.number, records.REACHED, self.bursts, now, cpu))
        sleep_until(now)
        if self.performer is not None:
            os.write(self.practice[1], Answer(DONE, 0).packed())
            self.performer.rehearse(self.answer(self.practice[0]))

    def note(self, what: int, start: Ns, end: Ns, away: Ns) -> None:
        """Write something down for after the run."""
        memory, count = self.memory, self.memory[self.slot + records.NOTES]
        if count < records.MOST_NOTES:
            first = self.slot + records.HEAD + count * records.NOTE
            memory[first], memory[first + 1], memory[first + 2], memory[first + 3] = what, start, end, away
        memory[self.slot + records.NOTES] = count + 1


def _refuse(task: Task, chain: list[Operation | None]) -> None:
    """Raise ProgramError for what a generator must not ask for: I/O without end."""
    if len(chain) > LONGEST_CHAIN:
        raise ProgramError(
            f"job {task.id!r}: its program asks for more than {LONGEST_CHAIN:,} operations in a row and never "
            "computes; give the loop a CPU burst"
        )


def switches_so_far() -> int:
    """Return how often this process has left a CPU."""
    # Of this thread alone, which is the only one: of all threads the kernel would bring their CPU times up to date.
    usage = resource.getrusage(_WHOSE)
    return usage.ru_nvcsw + usage.ru_nivcsw
