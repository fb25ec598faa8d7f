"""The process that makes the workers and dispatches them, so that nothing of the caller's is changed.

Priorities, CPU and garbage collection are this process' own and go with it. Its workers die with it.
It ends with its caller, also when that is killed, and then puts back what it has set.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import connection
from typing import Any, Final, NamedTuple

from schedsim.engines.real import records
from schedsim.engines.real.crew import Crew
from schedsim.engines.real.dispatcher import SPIN, Dispatcher
from schedsim.engines.real.drivers import DISPATCHER_BAND, Bands, Driver, Signals, Suspend
from schedsim.engines.real.host import Placing
from schedsim.engines.real.linux import die_with_parent, keep_awake, stolen_ticks
from schedsim.engines.real.rehearsal import Rehearsal
from schedsim.engines.real.throttle import unthrottled
from schedsim.engines.real.validity import judge, stolen
from schedsim.errors import HostError, InternalError, SchedsimError
from schedsim.jobs import Mix
from schedsim.observed import Observed, Validity
from schedsim.operations import Operation
from schedsim.policies.base import Policy
from schedsim.scheduler.conventions import conventions_named
from schedsim.scheduler.core import Scheduler
from schedsim.times import Ns
from schedsim.trace import ENDS_SLICE, Kind, Trace

LEAD: Final = 5_000_000
"""The run begins so long (nanoseconds) after everything is ready."""
_LOCK: Final = "\0schedsim-real"
_DRIVERS: Final[dict[str, type[Bands | Signals]]] = {"bands": Bands, "signals": Signals, "psutil": Suspend}


class Order(NamedTuple):
    """What is to be run, and how."""

    mix: Mix
    policy: Policy
    trace: Trace
    placing: Placing
    start_method: str = "fork"
    throttled: bool = False
    """Whether the kernel limits real-time processes during the run."""
    excess: dict[str, float] = {}  # noqa: RUF012  # a named tuple's default, which nobody changes
    """By how much more than its program says a job burns, by its id: a negative control."""
    limit: Ns = 60_000_000_000


class Outcome(NamedTuple):
    """What came of it."""

    trace: Trace
    observed: Observed
    validity: Validity
    deliveries: list[tuple[Ns, tuple[Any, ...]]]
    deaths: list[tuple[Ns, int]]
    awake: bool
    """Whether idle CPUs polled."""


class _EndedError(BaseException):
    """Somebody wants the run to end."""


def conduct(order: Order) -> Outcome:
    """Run it in a process of its own and return what came of it.

    Raises what the run raised, HostError when its process was killed, KeyboardInterrupt when the user
    interrupted; nothing of the run is left then.
    """
    context = multiprocessing.get_context("fork")
    own, other = context.Pipe(duplex=False)
    process = context.Process(target=_main, args=(order, other, os.getpid()), name="schedsim dispatcher")
    with _forking():
        process.start()
    other.close()
    try:
        said = own.recv()
    except EOFError:
        process.join()
        raise HostError(f"the dispatcher ended without a word ({_cause(process.exitcode)})") from None
    except BaseException:
        process.terminate()
        raise
    finally:
        own.close()
        process.join(20)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()
    if isinstance(said, BaseException):
        raise said
    outcome: Outcome = said
    return outcome


@contextmanager
def _forking() -> Iterator[None]:
    """Fork without Python's warning about threads: the child runs nothing but what is in this folder."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit status {code}"


def _main(order: Order, link: connection.Connection, parent: int) -> None:
    """Be the dispatcher's process: send the outcome, or the error, through ``link``."""

    def end(number: int, frame: object) -> None:
        del number, frame
        raise _EndedError

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    die_with_parent(parent, signal.SIGTERM)
    try:
        said: Any = _run(order)
    except _EndedError:
        return
    except SchedsimError as error:
        error.__cause__ = error.__context__ = None  # what a user's policy raised may not be sendable
        said = error
    except Exception as error:  # noqa: BLE001 - it is raised again in the caller
        import traceback

        said = InternalError(
            f"{type(error).__name__}: {error} in the dispatcher\n{''.join(traceback.format_exception(error))}"
        )
    link.send(said)
    link.close()


@contextmanager
def alone() -> Iterator[None]:
    """Hold the machine for one run. Raises HostError while another one goes on.

    The lock is a name that the kernel gives back when its holder ends, however it ends.
    """
    lock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_PEERCRED"):  # names that are no files are Linux' own
            lock.bind(_LOCK)
    except OSError:
        lock.close()
        raise HostError(
            "another real run goes on here, and each would disturb the other; wait for it to end"
        ) from None
    try:
        yield
    finally:
        lock.close()


def _run(order: Order) -> Outcome:
    """Make the workers, dispatch them, and look at what disturbed them."""
    mix, placing = order.mix, order.placing
    with ExitStack() as stack:
        stack.enter_context(alone())
        if placing.dispatcher is not None:
            os.sched_setaffinity(0, {placing.dispatcher})
        if placing.unthrottle:
            stack.enter_context(unthrottled())
        awake = keep_awake()
        if awake is not None:
            stack.callback(os.close, awake)
        crew = stack.enter_context(
            Crew(
                mix.jobs,
                start_method=order.start_method,
                cpu=placing.measured[0],
                excess=order.excess,
            )
        )
        driver: Driver = _DRIVERS[placing.driver]()
        for worker in crew.workers:
            driver.adopt(worker.process, placing.measured[0])
        crew.jobs = [
            job if isinstance(job.program, tuple) else job._replace(program=_planned(worker.planned))
            for job, worker in zip(mix.jobs, crew.workers, strict=True)
        ]
        spin = 0 if placing.shared or placing.dispatcher is None else SPIN
        rehearsal = Rehearsal(order.policy, mix.jobs) if spin else None
        dispatcher = Dispatcher(
            crew, driver, placing.measured, spin=spin, rehearsal=rehearsal, limit=order.limit
        )
        scheduler = Scheduler(
            order.policy,
            dispatcher,
            order.trace,
            cpus=mix.cpus,
            conventions=conventions_named(mix.conventions),
            degree=mix.degree,
            grace=mix.grace,
        )
        if placing.realtime:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(DISPATCHER_BAND))
        gc.collect()
        gc.freeze()
        gc.disable()
        measured = tuple(cpu for cpu in placing.measured if cpu is not None)
        stolen_before, began = stolen_ticks(measured), time.monotonic()
        epoch = time.monotonic_ns() + LEAD
        dispatcher.run(scheduler, epoch)
        stolen_after, passed = stolen_ticks(measured), time.monotonic() - began
        share = None
        if stolen_before is not None and stolen_after is not None and passed:
            share = (stolen_after - stolen_before) / 100 / passed / len(measured)
        noted = [records.notes(crew.memory, index) for index in range(len(mix.jobs))]
        overflow = any(
            crew.memory[index * records.SLOT + records.NOTES] > records.MOST_NOTES
            for index in range(len(mix.jobs))
        )
    seen = dispatcher.observations
    lost = stolen(order.trace, noted, epoch)
    ends = {int(kind) for kind in ENDS_SLICE}
    busy = sum(value for _, kind, _, _, value in zip(*order.trace.columns(), strict=True) if kind in ends)
    validity = judge(
        lost,
        busy,
        seen.lateness,
        driver=placing.driver,
        shared=placing.shared,
        throttled=order.throttled,
        overflow=overflow,
        host_steal=share,
    )
    observed = Observed(tuple(seen.releases), tuple(seen.sleeps), lost, tuple(seen.lateness))
    return Outcome(order.trace, observed, validity, plain(seen.deliveries), seen.deaths, awake is not None)


def _planned(queue: Any) -> Any:
    """Return a program that says what its worker has said will come."""

    def program() -> Iterator[Operation]:
        while queue and (operation := queue.popleft()) is not None:
            yield operation

    return program


def plain(deliveries: list[tuple[Ns, tuple[Any, ...]]]) -> list[tuple[Ns, tuple[Any, ...]]]:
    """Return the deliveries with the places of jobs instead of their tasks, so that they can be kept.

    Each input becomes its class' name, the job's place (or None), and its other fields.
    """
    found = []
    for when, batch in deliveries:
        items = []
        for item in batch:
            task = getattr(item, "task", None)
            rest = tuple(value for name, value in item._asdict().items() if name != "task")
            items.append((type(item).__name__, None if task is None else task.index, rest))
        found.append((when, tuple(items)))
    return found


__all__ = ["Kind", "Order", "Outcome", "alone", "conduct"]
