"""One mix under one policy with many quanta: what turnaround is drawn against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from schedsim.choices import plain_name, policy_choice
from schedsim.errors import UsageError
from schedsim.experiment import Algo, compare, load_mix, prepare
from schedsim.jobs import PolicyChoice
from schedsim.operations import Cpu
from schedsim.times import UNITS, Duration, parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schedsim.jobs import Mix
    from schedsim.results import Comparison
    from schedsim.times import Ns

_MOST_EVEN: Final = 40
"""Up to so many whole units, each of them is a quantum."""
_MOST_SLICES: Final = 300_000
"""A quantum that would cut the mix into more slices than this is not tried unasked."""
_STEPS: Final = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)


def sweep_quantum(
    mix: object,
    quanta: Iterable[object] | None = None,
    algo: Algo = "rr",
    *,
    progress: Callable[[int, int, str], None] | None = None,
    **options: Any,
) -> Comparison:
    """Simulate ``mix`` under ``algo`` with each quantum, and return the runs in order.

    ``plot("quantum")`` of the result draws turnaround, waiting and response against the quantum.

    Args:
        mix: what ``run`` takes.
        quanta: lengths, bare numbers in the mix's unit; None: from the shortest that makes sense to the
            longest burst, beyond which nothing changes any more.
        algo: a policy that has a quantum.
        progress: called before each run with how many are done, of how many, and the policy's name.
        **options: what ``run`` takes; ``switch_cost`` makes short quanta dear.

    Raises:
        UsageError: for a policy without a quantum, and for quanta that are no lengths above 0; and as
            ``run``.
    """
    loaded = load_mix(mix)
    said = {name: value for name, value in options.items() if value is not None}
    prepared, policy, _ = prepare(loaded, algo, said)
    if "quantum" not in policy.fields:
        raise UsageError(f"{policy.label()} has no quantum; draw one that has, such as rr")
    if any(plain_name(name) == "quantum" for name in (*said, *_options_of(algo))):
        raise UsageError("the quantum is what is varied here; leave it out, and give quanta if not all")
    lengths = _chosen(quanta, prepared.unit) if quanta is not None else quanta_for(prepared)
    fields = {name: getattr(policy, name) for name in policy.fields}
    policies = [type(policy)(**{**fields, "quantum": Duration(length)}) for length in lengths]
    # The policy has its own options in it already.
    machine = {name: value for name, value in said.items() if plain_name(name) not in policy.fields}
    return compare(loaded, policies, progress=progress, **machine)


def _options_of(algo: Algo) -> Iterable[str]:
    """Return the names of the options that come with a policy's name."""
    if isinstance(algo, str):
        return policy_choice(algo).options
    if isinstance(algo, PolicyChoice):
        return (*policy_choice(algo.algo).options, *algo.options)
    return algo if isinstance(algo, Mapping) else ()


def _chosen(quanta: Iterable[object], unit: str) -> list[Ns]:
    """Return the quanta that the caller wants, in order."""
    found = set()
    for each in quanta:
        try:
            length = parse_duration(each, unit)
        except ValueError as error:
            raise UsageError(f"quanta: {error}") from None
        if length <= 0:
            raise UsageError(f"quanta has {each}; write lengths above 0")
        found.add(length)
    if not found:
        raise UsageError("quanta is empty; write some, as in 1/2/4/8")
    return sorted(found)


def quanta_for(mix: Mix) -> list[Ns]:
    """Return the quanta that show all there is to see: up to the longest burst, evenly or by ratio.

    Raises UsageError for a mix whose bursts are not known beforehand.
    """
    bursts = [step.ns for job in mix.jobs for step in job.operations if isinstance(step, Cpu)]
    if not bursts:
        raise UsageError(f"the bursts of {mix.name} are not known beforehand; give quanta")
    unit, longest, total = UNITS[mix.unit], max(bursts), sum(bursts)
    if unit < longest <= _MOST_EVEN * unit:
        return [*range(unit, longest, unit), longest]
    found = []
    power = 1
    while power <= longest:
        found += [power * step // 10 for step in _STEPS if power * step % 10 == 0]
        power *= 10
    # Who takes longer to switch than to work learns nothing new from working even less.
    least = max(longest // 200, total // _MOST_SLICES, mix.switch_cost, 1)
    kept = [length for length in found if least <= length < longest]
    # Beyond the longest burst round robin is FCFS.
    return [*kept, longest]
