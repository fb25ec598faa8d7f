"""A scheduler that does what a mix says of how it is to be run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.scheduler.conventions import conventions_named
from schedsim.scheduler.core import Scheduler

if TYPE_CHECKING:
    from schedsim.jobs import Mix
    from schedsim.policies.base import Policy
    from schedsim.scheduler.machine import Machine
    from schedsim.scheduler.observer import Observer
    from schedsim.trace import Trace


def scheduler_of(
    mix: Mix,
    policy: Policy,
    machine: Machine,
    trace: Trace,
    observer: Observer | None = None,
    *,
    kind: type[Scheduler] = Scheduler,
) -> Scheduler:
    """Return an idle scheduler for ``mix`` under ``policy``, which drives ``machine`` and fills ``trace``."""
    return kind(
        policy,
        machine,
        trace,
        cpus=mix.cpus,
        conventions=conventions_named(mix.conventions),
        switch_cost=mix.switch_cost,
        charge_first_switch=mix.charge_first_switch,
        degree=mix.degree,
        grace=mix.grace,
        queues=dict(mix.queues),
        variables=dict(mix.variables),
        observer=observer,
    )
