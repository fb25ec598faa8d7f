"""The mix that a command works on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from schedsim.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from schedsim.jobs import Mix


def named_mix(arguments: argparse.Namespace) -> tuple[Mix, list[str]]:
    """Return the mix that MIX or ``--jobs`` names, or the built-in one, and notes for the reader."""
    from schedsim.mixfile import load_with_notes, parse_jobs

    if arguments.jobs is not None:
        if arguments.mix is not None:
            raise UsageError(f"MIX {arguments.mix!r} and --jobs are both there; keep one")
        if arguments.input_format is not None:
            raise UsageError("--input-format is for a MIX; --jobs has its own form. Leave it out")
        return parse_jobs(arguments.jobs, arguments.unit), []
    if arguments.mix is None:
        from schedsim.workloads import DEFAULT

        mix, notes = load_with_notes(DEFAULT, unit=arguments.unit, input_format=arguments.input_format)
        return mix, [
            f"no MIX was named, so this is the built-in {DEFAULT}; schedsim mixes lists others",
            *notes,
        ]
    refuse_policy(arguments.mix)
    return load_with_notes(arguments.mix, unit=arguments.unit, input_format=arguments.input_format)


def refuse_policy(name: str) -> None:
    """Say what to write when the name of a policy stands where a mix belongs."""
    from schedsim.policies import ALIASES, NAMES
    from schedsim.workloads import find

    plain = name.split(":", maxsplit=1)[0].lower()
    if plain in (*NAMES, *ALIASES) and not os.path.exists(name) and find(name) is None:
        raise UsageError(f"{name!r} is a policy, and a MIX is expected here; write --algo {name}")
