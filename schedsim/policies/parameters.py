"""Checks of policy parameters, and the random numbers that policies may use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

NICE_0_WEIGHT: Final = 1024
NICE_WEIGHTS: Final = (
    *(88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916),
    *(9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277),
    *(NICE_0_WEIGHT, 820, 655, 526, 423, 335, 272, 215, 172, 137),
    *(110, 87, 70, 56, 45, 36, 29, 23, 18, 15),
)
"""The weights of the nice values from -20 to 19: a step is about a factor of 1.25.

Source: Linux, kernel/sched/core.c, sched_prio_to_weight.
"""


def above_zero(name: str, value: int) -> None:
    """Raise ValueError unless ``value`` is above 0."""
    if value <= 0:
        raise ValueError(f"{name} is {value}; write a value above 0")


def not_below_zero(name: str, value: int) -> None:
    """Raise ValueError if ``value`` is below 0."""
    if value < 0:
        raise ValueError(f"{name} is {value}; write 0 or more")


def one_of(name: str, value: str, known: Sequence[str]) -> None:
    """Raise ValueError unless ``value`` is one of ``known``."""
    if value not in known:
        raise ValueError(f"{name} is {value!r}; write {' or '.join(known)}")


def per_level(name: str, values: Sequence[int], levels: int) -> int:
    """Return the number of levels. Raise ValueError unless there is one value for each, or one for all."""
    if levels < 1:
        raise ValueError(f"levels is {levels}; write 1 or more")
    if len(values) not in (1, levels):
        raise ValueError(
            f"{name} has {len(values)} entries for {levels} levels; write one for each level, or one for all"
        )
    return levels


def hash64(seed: int, number: int) -> int:
    """Return 64 random-looking bits for draw ``number`` of ``seed``: the same ones for ever.

    Source: the finalizer of SplitMix64 (Steele, Lea, Flood, Fast splittable pseudorandom number
    generators, OOPSLA 2014). Without state, so a run can be repeated, replayed and compiled.
    """
    mask = (1 << 64) - 1
    value = (seed * 0x9E3779B97F4A7C15 + (number + 1) * 0xD1B54A32D192ED03) & mask
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & mask
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & mask
    return value ^ (value >> 31)
