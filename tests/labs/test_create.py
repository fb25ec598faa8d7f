"""The lab ``create``."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim.labs import create
from schedsim.labs.create import (
    BEGINS,
    FILE,
    GIVEN,
    IS_GIVEN,
    SEES,
    SET,
    WAYS,
    WRITTEN,
    Made,
    Said,
    check,
    simulate,
)
from schedsim.labs.running import INCONCLUSIVE, NOT_SEEN, SEEN, judged
from schedsim.labs.stage import Stage

FORKED, _, SPAWNED, _ = WAYS
WITHOUT = [
    {f"{FORKED}: {SEES}": 0},
    {f"{SPAWNED}: {SEES}": 7},
    {f"{SPAWNED}: {IS_GIVEN}": 0},
    {f"{SPAWNED}: {BEGINS}": 1},
    {f"{FORKED}: {BEGINS}": 60},
]


def test_without_the_cost_of_starting_there_is_no_difference_in_time(monkeypatch):
    """And it is noticed that there is none."""
    monkeypatch.setattr(create, "STARTING", create.COPYING)
    assert ["spawning does not take longer than forking"] == [*check(simulate(None).values)]


def test_a_file_that_is_open_in_the_wrong_child_is_noticed():
    """Or not open in the right one."""
    values = {**simulate(None).values, f"{FORKED}: {FILE}": "no", f"{SPAWNED}: {FILE}": "yes"}
    assert [
        f"{FORKED}: the parent's file is not open in the child",
        f"{SPAWNED}: the parent's file is open in the child",
    ] == [*check(values)]


def test_the_mix_is_about_its_cost():
    """create: 321 ms on one CPU, 81 on four, which is what the parent would need alone."""
    assert [321, 161, 81] == [ss.run("create", cpus=cpus).system["makespan"] for cpus in (1, 2, 4)]


def really(monkeypatch, folder, forks):
    """Return what the real part shows where each fork takes, and computes for, what ``forks`` yields (ms), and a spawn 90."""
    waits: list[int] = []

    def made(stage, method, form, file):
        after, computed = next(forks) if method == "fork" else (90, 88)
        counter = SET if method == "fork" else WRITTEN
        said = Said(0.0, computed / 1000, counter, GIVEN, file=method == "fork")
        return Made(after / 1000, (after - computed) / 1000, said)

    monkeypatch.setattr(create, "made", made)
    monkeypatch.setattr(create, "let_pass", waits.append)
    stage = Stage(str(folder))
    found = create.real(stage)
    return judged(found._replace(disturbances=tuple(stage.disturbances)), check), waits


def forever(*pair):
    """Yield the same for ever."""
    while True:
        yield pair


def test_forks_that_are_kept_from_the_cpu_each_time_show_nothing(monkeypatch, tmp_path):
    """They take as long as spawned ones then, for want of a CPU: that is no sign that the effect is not there."""
    part, waits = really(monkeypatch, tmp_path, forever(95, 2))
    assert INCONCLUSIVE == part.verdict
    assert "spawning does not take longer than forking" == part.why[0]
    assert "others wanted the CPU: fork, a target: it was kept from it for 93 of 95 ms" in part.why
    assert [1, 2, 3] * 2 == waits  # each of the two ways is tried again


def test_forks_that_compute_for_as_long_are_seen(monkeypatch, tmp_path):
    """Where nothing kept them, the effect is really not there."""
    part, waits = really(monkeypatch, tmp_path, forever(95, 94))
    assert (NOT_SEEN, ("spawning does not take longer than forking",)) == part[:2]
    assert [] == waits


@pytest.mark.parametrize("late", [1, 4, 6])
def test_a_fork_that_is_let_at_last_counts(late, monkeypatch, tmp_path):
    """Also if that is only when it is tried again."""

    def forks():
        for _ in range(late):
            yield 95, 2
        yield from forever(3, 2)

    part, waits = really(monkeypatch, tmp_path, forks())
    assert (SEEN, ()) == part[:2]
    assert list(range(1, late - 3)) == waits
