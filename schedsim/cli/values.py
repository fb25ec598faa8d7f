"""Options of policies and mixes as they stand on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schedsim.choices import double_quoted, is_name, plain_name, policy_choice
from schedsim.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from schedsim.jobs import Mix

_MACHINE = ("cpus", "degree", "until", "switch_cost", "charge_first_switch", "grace", "conventions", "seed")


def said(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what ``-o``, ``-q`` and the options for the machine say, by the names that ``run`` takes.

    Raises UsageError when a value is missing, or one thing is said twice in different ways.
    """
    found: dict[str, Any] = {}
    origin: dict[str, str] = {}

    def take(name: str, value: str, where: str) -> None:
        if found.setdefault(name, value) != value:
            raise UsageError(f"{where}: {name} is said twice, by {origin[name]} too; keep one")
        origin.setdefault(name, where)

    for text in arguments.options or ():
        key, equals, value = text.partition("=")
        if not equals or not is_name(key) or not value.strip():
            raise UsageError(f"-o {text}: this is not KEY=VALUE; write for instance -o quantum=4")
        name = plain_name(key)
        take(name, double_quoted(value.strip()), f"-o {text}")
    if arguments.quantum is not None:
        take("quantum", arguments.quantum, "--quantum")
    for name in _MACHINE:
        value = getattr(arguments, name, None)
        if value is not None:
            take(name, value, f"--{name.replace('_', '-')}")
    return found


def unnamed_policy(algo: str | None, mix: Mix) -> list[str]:
    """Return what to say when nobody named a policy: which one this is, and of how many."""
    if algo is not None:
        return []
    if len(mix.policies) > 1:
        return [
            f"the mix names {len(mix.policies)} policies, and this is the first; schedsim compare runs them all"
        ]
    if not mix.policies:
        return ["no policy was named, so this is rr; write --algo NAME (schedsim policies lists them)"]
    return []


def choice_and_options(arguments: argparse.Namespace) -> tuple[str | None, dict[str, Any]]:
    """Return the one policy that ``--algo`` names, or None, and all options, its own among them.

    Raises UsageError for more than one policy, and for an option said twice in different ways.
    """
    options = said(arguments)
    if not arguments.algo:
        return None, options
    if len(arguments.algo) > 1:
        raise UsageError(
            f"one --algo is enough here, and there are {len(arguments.algo)}; schedsim compare takes several"
        )
    choice = policy_choice(arguments.algo[0])
    for name, value in choice.options.items():
        if options.setdefault(name, value) != value:
            raise UsageError(f"{name} is {value} in --algo and {options[name]} outside it; keep one")
    return choice.algo, options


def whole_number(option: str, text: str, least: int, most: int) -> int:
    """Return the whole number that an option says. Raises UsageError for anything else."""
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise UsageError(f"{option} is {text!r}; write a whole number from {least} to {most:,}")
    return number
