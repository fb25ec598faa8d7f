"""Small seeded job mixes that have a little of everything in them, the same ones for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu, Io, Operation, Yield
from schedsim.policies.parameters import hash64

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schedsim.times import Ns

_LONGEST: Final = 8
_Choice = TypeVar("_Choice")


class _Dice:
    """Random-looking choices from a seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.thrown = 0

    def below(self, limit: int) -> int:
        self.thrown += 1
        return hash64(self.seed, self.thrown) % limit

    def of(self, choices: Sequence[_Choice]) -> _Choice:
        return choices[self.below(len(choices))]

    def length(self, unit: Ns) -> Ns:
        return (1 + self.below(_LONGEST)) * unit


def small_mix(seed: int, unit: Ns = 1) -> Mix:
    """Return a mix of one to six jobs, every length in it a small multiple of ``unit`` nanoseconds.

    CPU and I/O bursts, two named devices, yields; arrivals apart or all at once; priorities 0 to 3, nice values, tickets
    and, in every other mix, estimates; one to three CPUs; with and without a context-switch cost, a degree of
    multiprogramming, a charge for the first switch and a grace; both conventions.
    """
    dice = _Dice(seed)
    count = 1 + dice.below(6)
    at_once = dice.below(4) == 0
    cost = 0 if seed % 4 < 2 else dice.below(3) * unit
    return Mix(
        jobs=tuple(
            Job(
                id="ABCDEF"[place],
                arrival=0 if at_once else dice.below(20) * unit,
                program=_program(dice, unit),
                priority=dice.below(4),
                nice=dice.below(40) - 20,
                tickets=1 + dice.below(5),
                estimate=dice.length(unit) if seed % 2 and dice.below(4) else None,
                deadline=4 * dice.length(unit) if dice.below(2) else None,
            )
            for place in range(count)
        ),
        name=f"small mix {seed}",
        unit="ns",
        cpus=1 + dice.below(3) if seed % 3 else 1,
        degree=1 + dice.below(count) if dice.below(4) == 0 else None,
        switch_cost=cost,
        charge_first_switch=cost > 0 and dice.below(2) == 1,
        conventions=dice.of(("textbook", "ostep")),
        # Not thrown for, so that the other choices are those of earlier versions.
        grace=unit if seed % 5 == 4 else 0,
    )


def _program(dice: _Dice, unit: Ns) -> tuple[Operation, ...]:
    steps: list[Operation] = []
    for _ in range(dice.below(4)):
        kind = dice.below(6)
        if kind < 2:
            steps.append(Cpu(dice.length(unit)))
        elif kind < 5:
            steps.append(Io(dice.length(unit), dice.of(("", "disk", "net"))))
        else:
            steps.append(Yield())
    steps.insert(dice.below(len(steps) + 1), Cpu(dice.length(unit)))
    return tuple(steps)
