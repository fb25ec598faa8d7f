"""The policies that a mix names, with their options as the user wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from schedsim.jobs import PolicyChoice
from schedsim.mixfile import checks
from schedsim.mixfile.checks import Place, kind_of
from schedsim.mixfile.fields import OF_THE_MIX, mix_field

_DEEPEST = 8
_EXAMPLE = 'write "policy": {"algo": "rr", "quantum": 4}'

Settings = list[tuple[str, object]]
"""What belongs to the mix, by its field, in the order in which it was written."""


def choices(keys: Mapping[str, object], place: Place) -> tuple[tuple[PolicyChoice, ...], Settings]:
    """Return the policies of a mix, and all settings of the mix, those among policies' options included.

    ``keys`` are a mix's by the names of ``MIX_FIELDS``. Options are not judged beyond being values
    that a file can hold: what they mean is the policy's business.
    """
    moved: Settings = [(field, keys[field]) for field in sorted(OF_THE_MIX) if field in keys]
    policy = keys.get("policy")
    if keys.get("algo") is not None:
        if policy is not None:
            raise place.error("algo and policy are both there; keep one", "policy")
        options = keys.get("options")
        written = {"algo": keys["algo"]} | ({} if options is None else {"options": options})
        return (_choice(written, moved, place),), moved
    if keys.get("options") is not None:
        raise place.error('options without an algo; write "algo": "rr" beside them', "options")
    if policy is None:
        return (), moved
    entries = list(policy) if isinstance(policy, (list, tuple)) else [policy]
    if not entries:
        raise place.error(f"the list is empty; {_EXAMPLE}", "policy")
    return tuple(_choice(entry, moved, place) for entry in entries), moved


def _choice(entry: object, moved: Settings, place: Place) -> PolicyChoice:
    """Return one policy from its name or from an object, and put what is the mix's into ``moved``."""
    if isinstance(entry, PolicyChoice):
        entry = {"algo": entry.algo, **entry.options}
    if isinstance(entry, str):
        entry = {"algo": entry}
    if not isinstance(entry, Mapping):
        raise place.error(f"{kind_of(entry)} is not a policy; {_EXAMPLE}", "policy")
    named = {str(key): value for key, value in entry.items()}
    inner = named.pop("options", None)
    if inner is not None:
        if not isinstance(inner, Mapping):
            raise place.error(f"{kind_of(inner)} is not a set of options; {_EXAMPLE}", "options")
        for key, value in inner.items():
            if str(key) in named:
                raise place.error("this option is there twice; keep one", "options", str(key))
            named[str(key)] = value
    algo = named.pop("algo", None)
    if algo is None:
        raise place.error(f"a policy needs its name as algo; {_EXAMPLE}", "policy")
    name = checks.text(algo, place, "algo")
    if not name:
        raise place.error(f"the name of the policy is empty; {_EXAMPLE}", "algo")
    options: dict[str, Any] = {}
    for key, value in named.items():
        field = mix_field(key)
        if field in OF_THE_MIX:
            moved.append((str(field), value))
        else:
            _judge(value, checks.text(key, place, "options"), place, 0)
            options[key] = value
    return PolicyChoice(name, options)


def _judge(value: object, option: str, place: Place, depth: int) -> None:
    """Refuse a value that is no finite number, text, truth, or list or object of these."""
    field = f"option {checks.as_text(option, 40)}"
    if depth > _DEEPEST:
        raise place.error("nested too deeply; write a number, text or a list", field)
    if isinstance(value, Mapping):
        for key, inner in value.items():
            checks.text(str(key), place, field)
            _judge(inner, option, place, depth + 1)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _judge(inner, option, place, depth + 1)
    elif isinstance(value, str):
        checks.text(value, place, field)
    elif isinstance(value, (float, Decimal)):
        if not checks.is_finite(value):
            raise place.error("not a finite number; write a number such as 4", field, value)
        # A number with a huge exponent would take for ever to write out as a whole number.
        if value and abs(Decimal(str(value)).adjusted()) > checks.MOST_DIGITS:
            raise place.error("too large or too small; write a number such as 4", field, value)
    elif isinstance(value, int):
        if value.bit_length() > 64:
            raise place.error("too large; write a number such as 4", field, value)
    elif value is not None and not hasattr(value, "item"):
        raise place.error(f"{kind_of(value)} is not an option's value; write a number or text", field)
