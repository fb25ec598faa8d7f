"""What a run on real processes returns: a Run like any other, and what is known of how it was made."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from schedsim.resultrows import Number, Origin
from schedsim.results import Run
from schedsim.times import UNITS, to_unit
from schedsim.trace import Trace

if TYPE_CHECKING:
    from schedsim.observed import Facts, Observed, Validity
    from schedsim.recording import Recording

_NOISE: Final = 10_000
"""What a measured time may differ by for no reason (nanoseconds)."""
_FINENESS: Final = 2000


class RealRun(Run):
    """One mix under one policy on real processes.

    Attributes:
        facts: how it was made: driver, CPUs, clock.
        validity: whether it was left in peace.
        observed: what happened in it that was not the policy's doing.
        recording: everything that the scheduler was told; None where there was no dispatcher.
    """

    def __init__(
        self,
        trace: Trace,
        notes: tuple[str, ...],
        facts: Facts,
        validity: Validity,
        observed: Observed,
        recording: Recording | None,
        *,
        origin: Origin | None = None,
    ) -> None:
        """Wrap a finished run."""
        super().__init__(trace, notes, origin)
        self.facts, self.validity, self.observed, self.recording = facts, validity, observed, recording

    @cached_property
    def charted(self) -> Trace:
        """What a chart is drawn from: the trace, with times rounded to some two thousandths of the run."""
        end = max(self.trace.time, default=0)
        # 1, 2 or 5 times a power of ten.
        steps = (factor * 10**power for power in range(4, 20) for factor in (1, 2, 5))
        step = next(step for step in steps if step * _FINENESS >= end)
        rounded = Trace(self.trace.header)
        for time, kind, task, cpu, value in self.trace:
            rounded.add((time + step // 2) // step * step, kind, task, cpu, value)
        return rounded

    def shown(self, value: Number | None) -> Number | None:
        """Return a time in the mix's unit, rounded to 0.01 ms: what is smaller differs from run to run."""
        if value is None:
            return None
        rounded = round(value, len(str(UNITS[self.unit])) - len(str(_NOISE)))
        return int(rounded) if rounded == int(rounded) else rounded

    def to_dict(self) -> dict[str, Any]:
        """Return the ``schedsim.run/1`` object, with ``real``: facts and validity; times in the mix's unit."""
        validity = self.validity._asdict()
        validity["reasons"] = list(self.validity.reasons)
        for name in ("lateness", "throttled"):
            validity[name] = to_unit(validity[name], self.unit)
        facts = self.facts._asdict()
        facts["measured"], facts["system"] = list(self.facts.measured), dict(self.facts.system)
        made = super().to_dict()
        made["real"] = {"facts": facts, "validity": validity}
        return made

    @property
    def completed(self) -> bool:
        """Whether every job came to its end: no process died by itself, and nobody waits for ever."""
        return all(job.state not in ("failed", "blocked", "ready") for job in self.jobs)
