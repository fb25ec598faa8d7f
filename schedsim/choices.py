"""A policy and its options in one text, as ``--algo``, a mix file and Python code may write it."""

from __future__ import annotations

from typing import Any, Final

from schedsim.errors import UsageError
from schedsim.jobs import PolicyChoice

_OPEN, _CLOSE = "[{(", "]})"
SYNONYMS: Final = {"first_switch_charged": "charge_first_switch", "horizon": "until"}
"""What exercises call options of the run."""


def policy_choice(text: str) -> PolicyChoice:
    """Return the policy that a text names: ``NAME``, ``NAME:key=value,...``, ``FILE.py:CLASS:key=value``.

    Raises UsageError for options that are not ``key=value``.
    """
    name, rest = _split_name(text.strip())
    if not name:
        raise UsageError(f"--algo is {text!r}; write a policy's name, as in --algo rr:quantum=4")
    options: dict[str, Any] = {}
    last = ""
    for part in _split_outside(rest):
        key, equals, value = part.partition("=")
        if equals and is_name(key):
            last = plain_name(key)
            if last in options:
                raise UsageError(f"--algo {text}: {last} is there twice; keep one")
            options[last] = value.strip()
        elif last:
            options[last] += f",{part.strip()}"  # quanta=8,16,32: a list goes on
        else:
            raise UsageError(f"--algo {text}: {part!r} is not KEY=VALUE; write for instance rr:quantum=4")
    return PolicyChoice(name, {key: double_quoted(value) for key, value in options.items()})


def double_quoted(value: str) -> str:
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


def is_name(key: str) -> bool:
    """Return whether ``key`` can be an option's name; dashes count as underscores."""
    return key.strip().replace("-", "_").isidentifier()


def plain_name(key: str) -> str:
    """Return the option's name as fields spell it; ``q`` is short for ``quantum``."""
    name = key.strip().replace("-", "_")
    return "quantum" if name == "q" else SYNONYMS.get(name, name)
