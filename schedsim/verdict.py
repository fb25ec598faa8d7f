"""Whether measurements agree with a simulation: agree, disagree or inconclusive, and why.

Everything here is plain numbers in, plain values out. The tolerances are fixed here, before any run,
and depend on how a run is made alone, never on what came of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from schedsim.times import Ns

AGREE: Final = "agree"
DISAGREE: Final = "disagree"
INCONCLUSIVE: Final = "inconclusive"

FEWEST_FOR_NOISE: Final = 3
"""Of so many valid runs on, their spread says what chance does; a difference in fewer may be chance."""
_MOST_NAMED: Final = 3
_US: Final = 1000


class Tolerances(NamedTuple):
    """How far a measurement may be from its simulation, as fractions of the simulated value."""

    mean: float
    """The mean turnaround."""
    job: float
    """The turnaround of each job."""
    cpu: float
    """The CPU time of each job, against its program's."""
    least: Ns
    """A difference of so many nanoseconds in a job's turnaround or CPU time is always within."""
    why: str = ""
    """How the run is made that they are for."""
    orders: bool = True
    """Whether jobs must end, and be dispatched, in the simulated order."""


TOLERANCES: Final[dict[str, Tolerances]] = {
    "bands": Tolerances(0.005, 0.02, 0.01, 300 * _US, "real-time priorities and a CPU to spare"),
    "signals": Tolerances(0.015, 0.05, 0.01, 1000 * _US, "signals and a CPU to spare"),
    "shared": Tolerances(0.03, 0.08, 0.01, 2000 * _US, "the dispatcher on a measured CPU"),
    "psutil": Tolerances(0.05, 0.15, 0.02, 5000 * _US, "suspended processes on unpinned CPUs"),
    "fifo": Tolerances(0.005, 0.02, 0.01, 300 * _US, "the kernel's SCHED_FIFO"),
    "rr": Tolerances(0.01, 0.05, 0.01, 1000 * _US, "the kernel's SCHED_RR, whose slices end with a tick"),
    "other": Tolerances(
        *(0.02, 0.08, 0.01, 4000 * _US, "the kernel's SCHED_OTHER, which is no exact fair share"),
        orders=False,
    ),
    "deadline": Tolerances(0.005, 0.02, 0.01, 1000 * _US, "the kernel's SCHED_DEADLINE"),
}
"""What runs are judged by, by driver or class of the kernel.

How the figures came about. With real-time priorities and a CPU to spare a dispatch costs some 20
microseconds and comes as late, so jobs of 20 to 200 ms end within 0.05 % of a replay in the mean and 0.4 %
for the worst job; ten and five times that leave room for slower machines, and a quantum that is wrong by a
tenth is still seen. Under signals other processes have a fair share of the CPU with the workers, half a
percent of it before a run counts as disturbed, which all falls on the mean: three times that. A dispatcher
on a measured CPU takes 100 to 200 microseconds of it for each decision, which at 100 to 200 decisions a
second is 1 to 3 %. Without pinning nothing is known but the order of magnitude. The kernel's SCHED_RR
counts its slices in timer ticks of up to 10 ms, so a job may wait a tick in each round that the model does
not have; SCHED_OTHER is fair only to a slice of 3 to 4 ms, in mean and for each job, and nobody promises whom it
dispatches when.
A difference below ``least`` is within for every job: it is what a single dispatch may be late.
"""


def tolerances(driver: str, *, shared: bool) -> Tolerances:
    """Return what a run by that driver, or under that class of the kernel, is judged by."""
    if shared and driver in ("bands", "signals"):
        return TOLERANCES["shared"]
    return TOLERANCES[driver]


class Deviation(NamedTuple):
    """How far something is from its simulation."""

    name: str
    """The job, or "mean"."""
    error: float
    """The median of the valid runs' errors, each a fraction of its simulated value."""
    noise: float | None
    """The inter-quartile range of these errors: what chance does. None for too few runs."""
    allowed: float
    """The tolerance."""
    edge: bool = False
    """Whether it is on a knife edge, so that it is not judged."""

    @property
    def within(self) -> bool:
        """Whether it is within its tolerance."""
        return abs(self.error) <= self.allowed

    @property
    def beyond_noise(self) -> bool:
        """Whether it is more than chance does."""
        return self.noise is not None and abs(self.error) > self.noise

    def words(self) -> str:
        """Return who it is and by how much it is off."""
        return f"{self.name} {percent(self.error)} (tolerance {percent(self.allowed, sign=False)})"


class Evidence(NamedTuple):
    """What a verdict is founded on."""

    repeat: int
    """How many runs were wanted."""
    valid: int
    """How many were left in peace."""
    reasons: tuple[str, ...] = ()
    """Why the others do not count."""
    faults: tuple[str, ...] = ()
    """What is wrong with the valid runs themselves, whatever is simulated: a sentence each."""
    orders: tuple[str, ...] = ()
    """What happened in another order than simulated in more than half of the valid runs, a sentence each."""
    mean: Deviation | None = None
    """Of the mean turnaround of all jobs."""
    steady: Deviation | None = None
    """Of the mean turnaround of the jobs that are on no knife edge; None: they all are."""
    jobs: tuple[Deviation, ...] = ()


class Verdict(NamedTuple):
    """What follows."""

    verdict: str
    """agree, disagree or inconclusive."""
    why: str
    """In a sentence."""
    worst: tuple[str, ...] = ()
    """The jobs that are outside, worst first."""


def judge(evidence: Evidence) -> Verdict:
    """Return the verdict.

    First the gate: fewer than half of the runs valid, and nothing follows. Then what chance cannot
    explain: a fault in a valid run, another order in most of them, a deviation outside its tolerance and
    beyond the noise. What is outside but within the noise is inconclusive, and so is a noise above the
    tolerance: it would hide what is to be seen. A job on a knife edge is not judged, and where there are
    such jobs the mean is judged without them.
    """
    gate = _gate(evidence)
    if gate is not None:
        return gate
    assert evidence.mean is not None  # noqa: S101  # there are valid runs, so there is a mean
    if evidence.faults:
        more = f", and {len(evidence.faults) - 1} more" if len(evidence.faults) > 1 else ""
        return Verdict(DISAGREE, f"{evidence.faults[0]}{more}")
    judged = sorted((job for job in evidence.jobs if not job.edge), key=_excess, reverse=True)
    mean = evidence.mean if evidence.mean.within or evidence.steady is None else evidence.steady
    outside = [each for each in judged if not each.within]
    beyond = [each for each in outside if each.beyond_noise]
    names = tuple(each.name for each in outside)
    settled = evidence.steady is not None or mean.within
    if beyond:
        return Verdict(DISAGREE, f"job {_listed([each.words() for each in beyond])}{_with_mean(mean)}", names)
    if not mean.within and mean.beyond_noise and settled:
        worst = tuple(each.name for each in judged[:1])
        named = f"; the worst job is {judged[0].words()}" if judged else ""
        return Verdict(DISAGREE, f"the mean turnaround is off by {_amount(mean)}{named}", worst)
    if evidence.orders:
        return Verdict(DISAGREE, evidence.orders[0], names)
    return _without_proof(evidence, mean, outside, settled=settled)


def _without_proof(
    evidence: Evidence, mean: Deviation, outside: Sequence[Deviation], *, settled: bool
) -> Verdict:
    """Return the verdict where nothing shows a disagreement: agreement, or that it cannot be told."""
    off = [*([] if mean.within else [mean]), *outside]
    names = tuple(each.name for each in outside)
    if not settled:
        why = f"every job is on a knife edge, and the mean turnaround is off by {_amount(mean)}"
        return Verdict(INCONCLUSIVE, f"{why}: a hair decides what comes of this mix", names)
    if off:
        first = off[0]
        what = "the mean turnaround" if first is mean else f"job {first.name}"
        chance = (
            f"and so few runs do not say what chance does; write --repeat {FEWEST_FOR_NOISE} or more"
            if first.noise is None
            else f"but such runs differ by {percent(first.noise, sign=False)} among themselves"
        )
        return Verdict(INCONCLUSIVE, f"{what} is off by {_amount(first)}, {chance}", names)
    noisy = max(
        (each for each in (mean, *(job for job in evidence.jobs if not job.edge)) if each.noise is not None),
        key=lambda each: (each.noise or 0.0) / each.allowed,
        default=None,
    )
    if noisy is not None and noisy.noise is not None and noisy.noise > noisy.allowed:
        what = "the mean turnaround" if noisy is mean else f"job {noisy.name}"
        return Verdict(
            INCONCLUSIVE,
            f"{what} differs by {percent(noisy.noise, sign=False)} from run to run, which is more than the "
            f"tolerance of {percent(noisy.allowed, sign=False)} and would hide a disagreement",
        )
    return Verdict(AGREE, _agreement(evidence))


def _gate(evidence: Evidence) -> Verdict | None:
    """Return the verdict where too few runs count, else None."""
    if 2 * evidence.valid >= evidence.repeat and evidence.valid:
        return None
    counts = "no run counts" if not evidence.valid else f"{evidence.valid} of {evidence.repeat} runs count"
    reason = max(evidence.reasons, key=evidence.reasons.count, default="")
    return Verdict(INCONCLUSIVE, f"{counts}{f': {reason}' if reason else ''}")


def _agreement(evidence: Evidence) -> str:
    """Return the sentence for agreement."""
    mean = evidence.mean
    judged = [job for job in evidence.jobs if not job.edge]
    runs = "in the one run" if evidence.valid == 1 else f"in the median of {evidence.valid} valid runs"
    said = f"{runs} the mean turnaround is {percent(mean.error)} off" if mean is not None else runs
    if mean is not None and not mean.within and evidence.steady is not None:
        said = (
            f"{runs} the mean turnaround of the jobs on no knife edge is {percent(evidence.steady.error)} off "
            f"(of all it is {percent(mean.error)}: a hair decides that)"
        )
    if not judged:
        return f"{said}; every job is on a knife edge, so none is judged by itself"
    worst = max(judged, key=lambda job: abs(job.error))
    rest = "" if len(judged) == len(evidence.jobs) else f" of the {len(judged)} that are on no knife edge"
    return f"{said}, and the worst job{rest}, {worst.name}, {percent(worst.error)}"


def _excess(deviation: Deviation) -> float:
    return abs(deviation.error) / deviation.allowed


def _amount(deviation: Deviation) -> str:
    return f"{percent(deviation.error)} (tolerance {percent(deviation.allowed, sign=False)})"


def _with_mean(mean: Deviation) -> str:
    return f"; the mean turnaround {percent(mean.error)}"


def _listed(words: Sequence[str]) -> str:
    shown = ", ".join(words[:_MOST_NAMED])
    return shown + (f", and {len(words) - _MOST_NAMED} more" if len(words) > _MOST_NAMED else "")


def percent(share: float, *, sign: bool = True) -> str:
    """Return a fraction as percent, with as many digits as say something.

    >>> percent(0.0123), percent(-0.00004), percent(0.5, sign=False)
    ('+1.23 %', '-0.004 %', '50 %')
    """
    value = 100 * share
    digits = 1 if abs(value) >= 10 else 2 if abs(value) >= 0.095 else 3
    text = f"{value:{'+' if sign else ''}.{digits}f}"
    text = text.rstrip("0").rstrip(".")
    return f"{'0' if text in ('+0', '-0') else text} %"
