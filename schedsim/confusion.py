"""Every policy's measurement against every policy's prediction: can they be told apart at all?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from schedsim.checked import replay
from schedsim.choices import policy_choice
from schedsim.confused import Confusion
from schedsim.crosscheck import REPEAT, Plan, made, planned
from schedsim.errors import UsageError
from schedsim.evaluate import timeless_note, turnarounds
from schedsim.experiment import Algo, load_mix, simulate_trace
from schedsim.jobs import PolicyChoice
from schedsim.policies.options import describe_options
from schedsim.summary import option_words
from schedsim.times import UNITS, Ns, show

if TYPE_CHECKING:
    from schedsim.calibrate import Progress
    from schedsim.crosschecked import Tries
    from schedsim.jobs import Mix
    from schedsim.measured import RealRun
    from schedsim.trace import Trace

_STEPS: Final = (1, 2, 5)
_LONGEST_NAME: Final = 16


def confusion(
    mix: object,
    algos: Sequence[Algo] | None = None,
    *,
    repeat: int = REPEAT,
    progress: Progress | None = None,
    announce: Callable[[Plan], None] | None = None,
    **settings: Any,
) -> Confusion:
    """Run ``mix`` for real under each of ``algos``, and set each run beside the replay of every one of them.

    Args:
        mix: as for ``schedsim.run``.
        algos: the policies; None: fcfs, sjf, srtf, rr and mlfq, with quanta that suit the mix.
        repeat: how many runs of each are wanted.
        progress: is told how far it is.
        announce: is told, policy by policy, what was settled before its runs.
        **settings: as for ``schedsim.crosscheck``: ``driver``, ``scale``, ``grace``, ...

    Raises:
        MixError, UsageError, PolicyError: for what cannot be used.
        HostError: for what this machine refuses.
    """
    loaded = load_mix(mix)
    chosen = list(algos) if algos else suitable(loaded)
    if len(chosen) < 2:
        raise UsageError("one policy cannot be confused with another; name two with --algo, or none")
    plans: list[Plan] = []
    for algo in chosen:
        plans.append(planned(loaded, algo, repeat=repeat, progress=progress, **settings))
        if announce is not None:
            announce(plans[-1])
    found = [
        made(plan, _part(progress, number, len(plans), plan.policy.label()))
        for number, plan in enumerate(plans)
    ]
    return confusion_of(plans, [valid for valid, _ in found], [tries for _, tries in found])


def confusion_of(
    plans: Sequence[Plan], runs: Sequence[Sequence[RealRun]], tries: Sequence[Tries]
) -> Confusion:
    """Return the confusion of runs that were made: ``runs`` are those of each plan that count."""
    ideals = [turnarounds(simulate_trace(plan.mix, plan.predicted, plan.seed)) for plan in plans]
    timed = [all(lengths) for lengths in zip(*ideals, strict=True)]
    errors = [
        [[_error(run.trace, replay(plan, other.predicted, run), timed) for other in plans] for run in valid]
        for plan, valid in zip(plans, runs, strict=True)
    ]
    first = plans[0]
    about = {
        "mix": first.mix.name,
        "unit": first.mix.unit,
        "cpus": first.mix.cpus,
        "scale": first.scale,
        "driver": first.driver,
        "calibration": None if first.calibration is None else first.calibration.to_dict(),
        "policies": [
            {"algo": plan.policy.label(), "options": describe_options(plan.policy, plan.mix.unit)}
            for plan in plans
        ],
    }
    return Confusion(
        about,
        names=_names(plans),
        errors=errors,
        wanted=first.repeat,
        reasons=[each.reasons for each in tries],
        notes=list(
            dict.fromkeys([*(note for plan in plans for note in plan.notes), *_left_out(first.mix, timed)])
        ),
        runs=runs,
    )


def _part(progress: Progress | None, number: int, parts: int, name: str) -> Progress | None:
    """Return whom one of several equal parts of the work may tell how far it is."""
    if progress is None:
        return None

    def tell(done: int, total: int, what: str) -> None:
        progress(number * total + done, parts * total, f"{name}: {what}")

    return tell


def _left_out(mix: Mix, timed: Sequence[bool]) -> list[str]:
    """Return the sentence about jobs that have no relative error, if there are any."""
    timeless = [job.id for job, takes_time in zip(mix.jobs, timed, strict=True) if not takes_time]
    where = "it is left out" if len(timeless) == 1 else "they are left out"
    return [timeless_note(timeless, where)] if timeless else []


def _error(measured: Trace, predicted: Trace, timed: Sequence[bool]) -> float:
    """Return the mean of the absolute errors of the jobs that take time in every simulation."""
    pairs = zip(turnarounds(measured), turnarounds(predicted), timed, strict=True)
    errors = [abs(one - other) / other for one, other, takes_time in pairs if takes_time and other]
    return sum(errors) / len(errors) if errors else 0.0


def _names(plans: Sequence[Plan]) -> list[str]:
    """Return a name for each policy: with its options, or a number, where it has the same name as another."""
    labels = [plan.policy.label() for plan in plans]
    longer = [
        f"{label} {option_words(describe_options(plan.policy, plan.mix.unit))}".rstrip()
        for label, plan in zip(labels, plans, strict=True)
    ]
    names = []
    for number, label in enumerate(labels):
        if labels.count(label) == 1:
            names.append(label)
        elif len(longer[number]) <= _LONGEST_NAME and longer.count(longer[number]) == 1:
            names.append(longer[number])
        else:
            names.append(f"{label} #{labels[: number + 1].count(label)}")
    return names


def suitable(mix: Mix) -> list[PolicyChoice]:
    """Return the five classic policies, with quanta by which their schedules of this mix differ."""
    quantum = suitable_quantum(mix)
    text = show(quantum, mix.unit)
    levels = "/".join(show(quantum * factor, mix.unit) for factor in (1, 2, 4))
    return [
        *(policy_choice(name) for name in ("fcfs", "sjf", "srtf")),
        PolicyChoice("rr", {"quantum": text}),
        PolicyChoice("mlfq", {"quanta": levels}),
    ]


def suitable_quantum(mix: Mix) -> Ns:
    """Return a round number, about a fifth of the middle job's CPU time: everyone has several turns."""
    times = sorted(job.cpu for job in mix.jobs if job.cpu)
    aim = times[len(times) // 2] // 5 if times else 10 * UNITS["ms"]
    best = 1
    size = 1
    while size <= aim:
        best = max(step * size for step in _STEPS if step * size <= aim)
        size *= 10
    return best
