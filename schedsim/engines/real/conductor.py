"""A run with a dispatcher, from the making of its workers to what disturbed them."""

from __future__ import annotations

import time
from typing import Any, Final, NamedTuple

from schedsim.engines.real import records
from schedsim.engines.real.crew import Crew
from schedsim.engines.real.dispatcher import Dispatcher
from schedsim.engines.real.drivers import DISPATCHER_BAND, Bands, Driver, Signals, Suspend
from schedsim.engines.real.host import Placing
from schedsim.engines.real.rehearsal import Rehearsal
from schedsim.engines.real.stage import LEAD, HostSteal, alone, apart, be_quick, stage
from schedsim.engines.real.validity import judge, stolen
from schedsim.engines.real.waiting import SPIN
from schedsim.engines.real.worker import PATIENCE
from schedsim.jobs import Mix
from schedsim.observed import Observed, Validity
from schedsim.operations import Put
from schedsim.policies.base import Policy
from schedsim.scheduler.of_mix import scheduler_of
from schedsim.times import Ns
from schedsim.trace import ENDS_SLICE, Kind, Trace

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


def conduct(order: Order) -> Outcome:
    """Run it in a process of its own and return what came of it.

    Raises what the run raised, HostError when its process was killed, KeyboardInterrupt when the user
    interrupted; nothing of the run is left then.
    """
    outcome: Outcome = apart("dispatcher", _run, order)
    return outcome


def _run(order: Order) -> Outcome:
    """Make the workers, dispatch them, and look at what disturbed them."""
    mix, placing = order.mix, order.placing
    spin = 0 if placing.shared or placing.dispatcher is None else SPIN
    crew_of = Crew(
        mix.jobs,
        start_method=order.start_method,
        cpu=placing.measured[0],
        excess=order.excess,
        queues=dict(mix.queues),
        variables=dict(mix.variables),
        patience=PATIENCE if spin else 0,
    )
    with stage(placing) as awake, crew_of as crew:
        driver: Driver = _DRIVERS[placing.driver]()
        for worker in crew.workers:
            driver.adopt(worker.process, placing.measured[0])
        crew.jobs = crew.for_dispatcher()
        rehearsal = Rehearsal(order.policy, mix.jobs, together=crew.objects is not None) if spin else None
        dispatcher = Dispatcher(
            crew,
            driver,
            placing.measured,
            spin=spin,
            rehearsal=rehearsal,
            limit=order.limit,
        )
        scheduler = scheduler_of(mix, order.policy, dispatcher, order.trace)
        be_quick(DISPATCHER_BAND if placing.realtime else None)
        steal = HostSteal(placing.measured)
        epoch = time.monotonic_ns() + LEAD
        dispatcher.run(scheduler, epoch)
        if not dispatcher.observations.deaths:
            dispatcher.answers.compare(scheduler.together.variables)
        share = steal.share()
        noted, overflow = records.all_notes(crew.memory, len(mix.jobs))
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
    return Outcome(order.trace, observed, validity, plain(seen.deliveries), seen.deaths, awake)


def plain(deliveries: list[tuple[Ns, tuple[Any, ...]]]) -> list[tuple[Ns, tuple[Any, ...]]]:
    """Return the deliveries with the places of jobs instead of their tasks, so that they can be kept.

    Each input becomes its class' name, the job's place (or None), and its other fields. Items that are put
    are left out: no decision depends on them, and no text says them.
    """
    found = []
    for when, batch in deliveries:
        items = []
        for item in batch:
            task = getattr(item, "task", None)
            rest = tuple(_without_item(value) for name, value in item._asdict().items() if name != "task")
            items.append((type(item).__name__, None if task is None else task.index, rest))
        found.append((when, tuple(items)))
    return found


def _without_item(value: Any) -> Any:
    return Put(value.queue, blocking=value.blocking) if isinstance(value, Put) else value


__all__ = ["Kind", "Order", "Outcome", "alone", "conduct"]
