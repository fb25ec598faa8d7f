"""What each input does, by its class: the steps of an instant, each in its own file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from schedsim.scheduler.inputs import (
    Arrived,
    Closed,
    Failed,
    IoDone,
    Reached,
    Step,
    Stopped,
    Used,
    WokenAt,
)
from schedsim.scheduler.periodic import woken
from schedsim.scheduler.running import closed, failed, reached, stopped, used
from schedsim.scheduler.waiting import admit, arrived, io_done

if TYPE_CHECKING:
    from schedsim.scheduler.core import Scheduler


def _step(scheduler: Scheduler, step: Step) -> None:
    if step is Step.RETURN:
        scheduler.take_back()
    else:
        admit(scheduler)


ACTS: Final[dict[type, Callable[[Scheduler, Any], None]]] = {
    Arrived: arrived,
    Reached: reached,
    Stopped: stopped,
    IoDone: io_done,
    Used: used,
    Failed: failed,
    WokenAt: woken,
    Closed: closed,
    Step: _step,
}
"""What each input does."""
