"""Options of policies and mixes as they stand on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schedsim.errors import UsageError
from schedsim.jobs import PolicyChoice

if TYPE_CHECKING:
    import argparse

_OPEN, _CLOSE = "[{(", "]})"
_MACHINE = ("cpus", "degree", "until", "switch_cost", "charge_first_switch", "conventions", "seed")


def policy_choice(text: str) -> PolicyChoice:
    """Return the policy that ``--algo`` names: ``NAME``, ``NAME:key=value,...``, ``FILE.py:CLASS:key=value``.

    Raises UsageError for options that are not ``key=value``.
    """
    name, rest = _split_name(text.strip())
    if not name:
        raise UsageError(f"--algo is {text!r}; write a policy's name, as in --algo rr:quantum=4")
    options: dict[str, Any] = {}
    last = ""
    for part in _split_outside(rest):
        key, equals, value = part.partition("=")
        if equals and _is_name(key):
            last = _plain(key)
            if last in options:
                raise UsageError(f"--algo {text}: {last} is there twice; keep one")
            options[last] = value.strip()
        elif last:
            options[last] += f",{part.strip()}"  # quanta=8,16,32: a list goes on
        else:
            raise UsageError(f"--algo {text}: {part!r} is not KEY=VALUE; write for instance rr:quantum=4")
    return PolicyChoice(name, {key: _double_quoted(value) for key, value in options.items()})


def _double_quoted(value: str) -> str:
    """Return a list or object with JSON's quotes, if it was written with single ones for the shell's sake."""
    if value[:1] in ("[", "{") and "'" in value and '"' not in value:
        return value.replace("'", '"')
    return value


def _split_name(text: str) -> tuple[str, str]:
    """Return what names the policy, and the options behind it."""
    end = 0
    while (end := text.find(".py", end)) >= 0:
        end += 3
        if end == len(text):
            return text, ""
        if text[end] == ":":
            cls, _, rest = text[end + 1 :].partition(":")
            if "=" in cls:  # the file's only policy, without its name
                return text[:end], text[end + 1 :]
            return f"{text[:end]}:{cls}", rest
    name, _, rest = text.partition(":")
    return name.strip(), rest


def _split_outside(text: str) -> list[str]:
    """Return the parts between commas that are in no brackets and no quotes."""
    parts, depth, part, quoted = [], 0, "", ""
    for character in text:
        if character in "\"'" and quoted in ("", character):
            quoted = "" if quoted else character
        elif not quoted:
            depth += (character in _OPEN) - (character in _CLOSE)
        if character == "," and depth <= 0 and not quoted:
            parts.append(part)
            part = ""
        else:
            part += character
    return [part for part in [*parts, part] if part.strip()]


def _is_name(key: str) -> bool:
    return key.strip().replace("-", "_").isidentifier()


def _plain(key: str) -> str:
    name = key.strip().replace("-", "_")
    return "quantum" if name == "q" else name


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
        if not equals or not _is_name(key) or not value.strip():
            raise UsageError(f"-o {text}: this is not KEY=VALUE; write for instance -o quantum=4")
        name = _plain(key)
        name = "charge_first_switch" if name == "first_switch_charged" else name
        take(name, _double_quoted(value.strip()), f"-o {text}")
    if arguments.quantum is not None:
        take("quantum", arguments.quantum, "--quantum")
    for name in _MACHINE:
        value = getattr(arguments, name)
        if value is not None:
            take(name, value, f"--{name.replace('_', '-')}")
    return found


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
