"""The workers of one run: made ahead, warmed up, parked, and ended together."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from multiprocessing import connection, resource_tracker
from multiprocessing.context import BaseContext
from typing import TYPE_CHECKING, Any, Final, Self

from schedsim.engines.real import records
from schedsim.engines.real.failures import given_up, hold
from schedsim.engines.real.linux import undisturbed
from schedsim.engines.real.objects import Objects, needed
from schedsim.engines.real.spawning import packed, plain_main, unpacked
from schedsim.engines.real.worker import Place, work
from schedsim.errors import HostError, ProgramError
from schedsim.operations import Operation, Put

if TYPE_CHECKING:
    from schedsim.jobs import Job

PATIENCE: Final = 30.0
"""If so many seconds pass before the run without a word of any worker, it is given up."""


class Worker:
    """A worker as the dispatcher knows it."""

    def __init__(self, process: Any, door: int) -> None:
        """Wrap a started ``multiprocessing`` process and the pipe to it, for writing."""
        self.handle = process
        self.process: int = process.pid
        self.door = door
        self.sentinel: int = process.sentinel
        """A file that becomes readable when it has died."""
        self.planned: deque[Operation | None] = deque()
        """What a generator program has said will come."""
        self.doing: Operation | None = None
        """What it has come to of that."""

    def program(self) -> Generator[Operation, object, None]:
        """Say what its generator program has said; a program for the dispatcher."""
        while self.planned and (operation := self.planned.popleft()) is not None:
            self.doing = operation
            yield operation


class Crew:
    """The workers of one run; a context manager, at whose end none of them is left."""

    def __init__(
        self,
        jobs: Sequence[Job],
        *,
        start_method: str,
        cpu: int | None,
        alone: bool = False,
        ticks: tuple[int, int] | None = None,
        excess: dict[str, float] | None = None,
        queues: Mapping[str, int] | None = None,
        variables: Mapping[str, int] | None = None,
        patience: int = 0,
    ) -> None:
        """Make a worker for each job.

        Args:
            jobs: of the mix, in its order.
            start_method: of ``multiprocessing``: fork, spawn or forkserver.
            cpu: where they begin, None where nothing can be pinned.
            alone: whether there is no dispatcher.
            ticks: of the timer, for workers that may ask for their CPU time at ticks alone.
            excess: by how much more than its program says a job burns, by its id: for negative controls.
            queues: the capacities of the bounded queues, by name.
            variables: what shared variables are at first, by name.
            patience: how long a worker watches its door for an answer (nanoseconds) before it leaves its CPU.
        """
        self.queues, self.variables, self.patience = queues or {}, variables or {}, patience
        self.objects: Objects | None = None
        self.jobs, self.cpu, self.alone, self.ticks = jobs, cpu, alone, ticks
        self.excess = excess or {}
        self.context: BaseContext = multiprocessing.get_context(start_method)
        self.workers: list[Worker] = []
        self.shared: Any = None
        self.memory: memoryview[int]
        self.mail = self.out = -1
        self.doors: list[int] = []

    def __enter__(self) -> Self:
        """Start all workers, and wait until each waits at its door."""
        try:
            self._start()
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        self.shared = self.context.RawArray("q", records.SLOT * len(self.jobs))
        self.memory = memoryview(self.shared).cast("B").cast("q")
        self.mail, self.out = os.pipe()
        os.set_blocking(self.mail, False)
        if not self.alone and needed(self.jobs):
            self.objects = Objects(self.context, self.jobs, self.queues, self.variables)
        with ExitStack() as stack:
            if self.context.get_start_method() != "fork":
                # It lets SIGTERM through when it starts, which is not to be in the middle of making a worker:
                # that would be left without its orders, and complain.
                resource_tracker.ensure_running()
                stack.enter_context(plain_main(self.jobs))
            for index, job in enumerate(self.jobs):
                try:
                    with undisturbed():
                        self._make(index, job)
                except OSError as error:
                    raise HostError(
                        f"{index} workers could be made for {len(self.jobs)} jobs, and no more ({error.strerror})"
                    ) from None

    def _make(self, index: int, job: Job) -> None:
        """Start one worker."""
        reader, writer = connection.Pipe(duplex=False)
        mail = connection.Connection(os.dup(self.out), readable=False)
        # A fork server is the parent of its workers, and dies with this process.
        parent = 0 if self.context.get_start_method() == "forkserver" else os.getpid()
        place = (
            index,
            job.id,
            packed(job, self.context.get_start_method()),
            parent,
            self.cpu,
            self.excess.get(job.id, 0.0),
            self.alone,
            self.ticks,
            self.objects,
            self.patience,
        )
        # The pipes go over as connections, which every start method can hand on.
        process = self.context.Process(  # type: ignore[attr-defined]  # of every context there is
            target=begin, args=(place, reader, mail, self.shared), daemon=True, name=f"schedsim {job.id}"
        )
        process.start()
        reader.close()
        mail.close()
        door = os.dup(writer.fileno())
        writer.close()
        self.doors.append(door)
        self.workers.append(Worker(process, door))

    def _wait_until_ready(self) -> None:
        """Take in the first words of every worker. Raises HostError or ProgramError."""
        waiting = set(range(len(self.workers)))
        while waiting:
            sentinels = [self.workers[index].sentinel for index in waiting]
            readable = connection.wait([self.mail, *sentinels], PATIENCE)
            if not readable:
                raise HostError(self._silence(waiting))
            for record in self.read():
                if record.kind == records.READY:
                    waiting.discard(record.worker)
                elif record.kind == records.PLANNED:
                    self.workers[record.worker].planned.append(record.operation)
                else:
                    hold(record)
            for index in waiting:
                if self.workers[index].sentinel in readable:
                    raise HostError(
                        f"the worker of job {self.jobs[index].id!r} ended before it began"
                        + self._hint_for_spawn(index)
                    )

    def _silence(self, waiting: set[int]) -> str:
        """Say that the workers at these places have not begun."""
        first, more = self.jobs[min(waiting)], len(waiting) - 1
        others = f" (nor did {more} more)" if more else ""
        said = f"job {first.id!r}: its worker did not begin{others}, and nothing was heard of it for {PATIENCE:g} s"
        if isinstance(first.program, tuple):
            return said
        return f"{said}; its program goes on without a yield, or its process is stopped"

    def for_dispatcher(self) -> list[Job]:
        """Return the jobs as the dispatcher is to see them: programs that say what workers said, items in parcels."""
        return [
            job._replace(
                program=tuple(self._sent(job.id, step) for step in job.program)
                if isinstance(job.program, tuple)
                else worker.program
            )
            for job, worker in zip(self.jobs, self.workers, strict=True)
        ]

    def _sent(self, job: str, step: Operation) -> Operation:
        """Return an operation of a list; what it puts is on its way already."""
        if not isinstance(step, Put) or step.item is None or self.objects is None:
            return step
        return Put(step.queue, self.objects.send(job, step.queue, step.item), step.blocking)

    def _hint_for_spawn(self, index: int) -> str:
        if isinstance(self.jobs[index].program, tuple) or self.context.get_start_method() == "fork":
            return ""
        return (
            "; where workers are spawned, each reads the script that its program is from: "
            "put what that does behind if __name__ == '__main__'"
        )

    def read(self) -> Iterator[records.Record]:
        """Yield the records that are there."""
        while True:
            try:
                received = os.read(self.mail, 512 * records.SIZE)
            except BlockingIOError:
                return
            yield from records.unpack(received)
            if len(received) < 512 * records.SIZE:
                return

    def __exit__(self, *error: object) -> None:
        """End every worker, whatever it is doing, and close what it used."""
        with undisturbed():
            self._end()

    def _end(self) -> None:
        for door in self.doors:
            os.close(door)
        for worker in self.workers:
            # A stopped process would have to go on to see that its door is closed; a killed one need not.
            with suppress(ProcessLookupError):  # it is gone already
                os.kill(worker.process, signal.SIGKILL)
        for worker in self.workers:
            worker.handle.join()
            worker.handle.close()
        for file in (self.mail, self.out):
            if file >= 0:
                os.close(file)
        self.workers, self.doors, self.mail, self.out = [], [], -1, -1


def begin(place: tuple[Any, ...], door: Any, out: Any, shared: Any) -> None:
    """Be a worker; the target of every worker process."""
    index, name, job, parent, *rest = place
    with suppress(BrokenPipeError):  # the run was given up before it was ready
        try:
            made = unpacked(name, job)
        except ProgramError as error:
            os.write(out.fileno(), given_up(index, name, error))
            return
        given = Place(index, made, parent, door.fileno(), out.fileno(), *rest)
        work(given, memoryview(shared).cast("B").cast("q"))
