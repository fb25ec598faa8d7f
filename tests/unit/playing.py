"""Small mixes played through, with all times in nanoseconds."""

from __future__ import annotations

from schedsim.experiment import run
from schedsim.jobs import Mix
from schedsim.testing.machine import make_job


def mix_of(text, **settings):
    """Return a mix from lines of ``id arrival program``; ``priority=2`` and its like may follow the arrival.

    A program is ``cpu 5; io 3`` or one number, the length of its one CPU burst.
    """
    jobs = []
    for line in text.strip().splitlines():
        name, arrival, *rest = line.split()
        fields = {}
        while "=" in rest[0]:
            key, _, value = rest.pop(0).partition("=")
            fields[key] = int(value)
        program = " ".join(rest)
        jobs.append(
            make_job(name, f"cpu {program}" if program.isdigit() else program, int(arrival), **fields)
        )
    return Mix(tuple(jobs), unit="ns", **settings)


def play(algo, text, **options):
    """Return the slices of the mix under the policy as text: ``A 0-4 B 4-7``, not joined."""
    return schedule(run(mix_of(text), algo, notes=False, **options))


def schedule(result):
    """Return a run's slices as text."""
    return " ".join(f"{piece.job} {piece.start}-{piece.end}" for piece in result.slices)
