"""The command that makes a report again, and the mix as a file for those who have only the page."""

from __future__ import annotations

import re
from shlex import join
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.errors import UsageError
from schedsim.mixwrite import dump
from schedsim.summary import option_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from schedsim.results import Run

MOST_JOBS: Final = 500
"""A mix of more jobs is not put into the page."""


class Again(NamedTuple):
    """How to make a report again."""

    command: str
    """For a shell, or nothing where there is none."""
    file: str
    """What the command expects the mix to be called, or nothing if it is as the user typed it."""
    mix: str
    """The mix as TOML, or nothing."""
    why_not: str
    """Why one of them is missing, or nothing."""


def again(runs: Sequence[Run], typed: str = "") -> Again:
    """Return how to make the report of ``runs`` again; ``typed`` is the command that made it, if one did."""
    origins = [run.origin for run in runs if run.origin is not None]
    if len(origins) < len(runs) or not origins:
        return Again(
            typed, "", "", "" if typed else "The runs were not simulated from a mix that is known here."
        )
    mix, *others = [origin.mix._replace(policies=()) for origin in origins]
    if any(other != mix for other in others):  # a set would need items that are put to have hashes
        return Again(typed, "", "", "" if typed else "The runs differ in more than their policies.")
    if len(mix.jobs) > MOST_JOBS:
        return Again(typed, "", "", f"The mix has {len(mix.jobs):,} jobs, too many to be put into this page.")
    try:
        text = dump(mix, "toml")
    except UsageError as error:
        return Again(typed, "", "", f"The mix is not in this page: {error}.")
    if typed:
        return Again(typed, "", text, "")
    if any(not _ships(run) for run in runs):
        return Again(
            "", "", text, "A policy is a class of the program that made this page, so there is no command."
        )
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", mix.name).strip("-.") or "mix"
    measured = [run for run in runs if run.trace.header.engine != "simulated"]
    if measured:
        words = ["schedsim", "real", f"{name}.toml", "--algo", algo_words(runs[0].algo, runs[0].options)]
        once = (
            f"; with the mix below in a file {name}.toml, this runs it once more: {join(words)}"
            if len(runs) == 1
            else "."
        )
        return Again("", "", text, f"What was measured on real processes is never quite the same again{once}")
    words = ["schedsim", "report", f"{name}.toml"]
    for run in runs:
        words += ["--algo", algo_words(run.algo, run.options)]
    seeds = {run.trace.header.seed for run in runs} - {None}
    words += [word for seed in sorted(map(str, seeds)) for word in ("--seed", seed)][:2]
    return Again(join([*words, "-o", f"{name}.html"]), f"{name}.toml", text, "")


def _ships(run: Run) -> bool:
    return run.origin is not None and type(run.origin.policy).__module__.startswith("schedsim.policies.")


def algo_words(algo: str, options: Mapping[str, Any]) -> str:
    """Return a policy with all its parameters as ``--algo`` takes it."""
    shown = {name: value for name, value in options.items() if value not in ((), [], None)}
    return (
        algo + (":" if shown else "") + ",".join(f"{name}={_value(value)}" for name, value in shown.items())
    )


def _value(value: Any) -> str:
    """Return one parameter, all of it: a list of queues as JSON, other lists with slashes."""
    if isinstance(value, list | tuple) and any(isinstance(part, dict) for part in value):
        from json import dumps

        return dumps(value)
    if isinstance(value, list | tuple):
        return "/".join(option_value(part) for part in value)
    return option_value(value)
