"""What a run on real processes returns: a Run like any other, and what is known of how it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schedsim.results import Run, Origin
from schedsim.times import to_unit

if TYPE_CHECKING:
    from schedsim.observed import Facts, Observed, Validity
    from schedsim.recording import Recording
    from schedsim.trace import Trace


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
        """Whether every process lived to the end of its job."""
        return all(job.state != "failed" for job in self.jobs)
