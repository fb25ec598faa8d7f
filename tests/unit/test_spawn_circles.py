"""Jobs that spawn each other in circles are refused, and long chains of spawns are gone through once."""

from __future__ import annotations

import random
from contextlib import suppress
from functools import partial

import pytest

from schedsim.cooperation import checked
from schedsim.errors import MixError
from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu, Spawn
from tests.counting import calls


def mix_of(spawners):
    """Return a mix in which job ``child`` is spawned by ``spawners[child]``; None: it arrives by itself."""
    programs: dict[int, list[Spawn]] = {place: [] for place in range(len(spawners))}
    for child, spawner in enumerate(spawners):
        if spawner is not None:
            programs[spawner].append(Spawn(f"j{child}"))
    return Mix(tuple(Job(f"j{place}", 0, (*does, Cpu(1))) for place, does in programs.items()))


def by_definition(spawners):
    """Return the circle that is named: of the first spawn, in the order of the programs, whose child is its own ancestor."""
    order = [child for place in range(len(spawners)) for child, by in enumerate(spawners) if by == place]
    for child in order:
        line = [child]
        while len(line) <= len(spawners) and spawners[line[-1]] is not None:
            line.append(spawners[line[-1]])
            if line[-1] == child:
                return " spawns ".join(f"j{each}" for each in reversed(line))
    return ""


@pytest.mark.parametrize("seed", range(60))
def test_by_the_definition(seed):
    """Circles, chains that lead to circles, and trees, at random."""
    chance = random.Random(seed)
    size = chance.randrange(2, 9)
    spawners = [chance.choice((None, *range(size), *range(size))) for _ in range(size)]
    expected = by_definition(spawners)
    if not expected:
        assert sum(by is not None for by in spawners) == sum(
            job.spawned for job in checked(mix_of(spawners)).jobs
        )
        return
    with pytest.raises(MixError) as caught:
        checked(mix_of(spawners))
    assert f"none of them ever begins: {expected}; let one" in str(caught.value)


def work(spawners):
    """Return how much is done to check a mix, refused or not."""

    def check(mix):
        with suppress(MixError):
            checked(mix)

    return calls(partial(check, mix_of(spawners)))


@pytest.mark.parametrize(
    "kind",
    [
        lambda size: [None, *range(size - 1)],
        lambda size: [*range(1, size), None],
        # A circle of the last half, and one of it spawns everybody else first.
        lambda size: [*[size // 2] * (size // 2), size - 1, *range(size // 2, size - 1)],
    ],
    ids=["chain", "from the end", "circle"],
)
def test_twice_as_many_are_twice_the_work(kind):
    """Each spawns the next: nobody is gone through twice."""
    assert work(kind(400)) < 3 * work(kind(200))
