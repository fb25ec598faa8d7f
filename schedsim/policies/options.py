"""Parameters of a policy as users write them: text, numbers and lists, turned into field values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from schedsim.errors import PolicyError, SchedsimError, UsageError
from schedsim.times import UNITS, Duration, parse_duration, to_unit

if TYPE_CHECKING:
    from schedsim.policies.base import Policy

_ABBREVIATIONS = {"q": "quantum"}
_MILLISECOND = UNITS["ms"]


def make_policy(
    algo: str | type[Policy], options: Mapping[str, Any] | None = None, unit: str = "ms"
) -> Policy:
    """Return the policy ``algo`` with ``options``, bare numbers being in ``unit``.

    A length that is not given is as many units as the class's default has milliseconds. Raises
    UsageError for an unknown policy or option (with the nearest name) and PolicyError for a value
    that the policy refuses.
    """
    from schedsim.policies import policy_class

    cls = policy_class(algo) if isinstance(algo, str) else algo
    values: dict[str, Any] = {}
    for name, annotation in cls.fields.items():
        default = getattr(cls, name, None)
        if default is not None and "Duration" in str(annotation):
            values[name] = _scale(default, unit)
    for key, raw in (options or {}).items():
        name = str(key).strip().replace("-", "_")
        name = _ABBREVIATIONS.get(name, name)
        if name not in cls.fields:
            raise UsageError(_unknown(cls, name))
        try:
            values[name] = _read(raw, str(cls.fields[name]), unit)
        except ValueError as error:
            raise UsageError(f"{cls.label()}: option {name}: {error}") from None
    try:
        return cls(**values)
    except SchedsimError:
        raise
    except Exception as error:  # a user's class may do anything when it is made
        raise PolicyError(f"raised {type(error).__name__} when it was made: {error}", cls.label()) from error


def describe_options(policy: Policy, unit: str, *, every: bool = False) -> dict[str, Any]:
    """Return the parameters as plain values, lengths in ``unit``: what a result says it was run with.

    Without ``every`` those that the policy has ``unsaid`` are left out while they have their defaults.
    """
    return {
        name: _show(value, str(kind), unit)
        for name, kind in policy.fields.items()
        if (value := getattr(policy, name)) != getattr(type(policy), name, None)
        or every
        or name not in policy.unsaid
    }


def _show(value: Any, kind: str, unit: str) -> Any:
    if kind.startswith("tuple[tuple"):
        return [
            {"priority": priority, "algo": policy.label(), **describe_options(policy, unit)}
            for priority, policy in value
        ]
    if isinstance(value, tuple):
        return [_show(part, kind.removeprefix("tuple["), unit) for part in value]
    return to_unit(value, unit) if "Duration" in kind else value


def _scale(default: Any, unit: str) -> Any:
    if isinstance(default, tuple):
        return tuple(_scale(part, unit) for part in default)
    return Duration(default * UNITS[unit] // _MILLISECOND) if default else default


def _unknown(cls: type[Policy], name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, cls.fields, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    if not cls.fields:
        return f"{cls.label()} has no options; leave {name!r} out"
    return f"{hint}{cls.label()} has the options {', '.join(cls.fields)}; {name!r} is none of them"


def _read(raw: Any, kind: str, unit: str) -> Any:
    """Return ``raw`` as a value of the field's annotation ``kind``."""
    kind = kind.replace("<class '", "").replace("'>", "")
    if kind.startswith("tuple[tuple"):
        return _read_queues(raw, unit)
    if kind.startswith("tuple["):
        part = kind.removeprefix("tuple[").split(",")[0]
        return tuple(_read(each, part, unit) for each in _split(raw))
    if kind.endswith("Duration"):
        return parse_duration(raw, unit)
    if kind == "bool":
        return _read_bool(raw)
    if kind == "int":
        return _read_int(raw)
    return str(raw).strip()


def _split(raw: Any) -> list[Any]:
    """Return a list from a list, or from ``8/16/32``, ``8,16,32`` or ``[8, 16, 32]``."""
    if isinstance(raw, list | tuple):
        return list(raw)
    text = str(raw).strip().removeprefix("[").removesuffix("]").replace(",", "/")
    return [part.strip() for part in text.replace(" ", "/").split("/") if part.strip()]


def _read_bool(raw: Any) -> bool:
    text = str(raw).strip().lower()
    if text in ("true", "yes", "on", "1"):
        return True
    if text in ("false", "no", "off", "0"):
        return False
    raise ValueError(f"{raw!r} is neither; write true or false")


def _read_int(raw: Any) -> int:
    if isinstance(raw, bool):
        raise ValueError(f"{raw!r} is not a whole number")
    try:
        return int(str(raw).strip())
    except ValueError:
        raise ValueError(f"{raw!r} is not a whole number; write one such as 3") from None


def _read_queues(raw: Any, unit: str) -> tuple[tuple[int, Policy], ...]:
    """Return queues from a list of objects, its JSON text, or ``rr 2/fcfs`` (priorities 1, 2, ...)."""
    if isinstance(raw, str) and raw.strip().startswith("["):
        import json
        from decimal import Decimal

        try:
            raw = json.loads(raw, parse_float=Decimal)
        except ValueError as error:
            raise ValueError(f"is no JSON ({error})") from None
    if isinstance(raw, str):
        queues = []
        for place, part in enumerate(raw.split("/"), 1):
            algo, *rest = part.split() or [""]
            queues.append({"priority": place, "algo": algo} | ({"quantum": rest[0]} if rest else {}))
        raw = queues
    if not isinstance(raw, list | tuple) or not all(isinstance(each, Mapping) for each in raw):
        raise ValueError('write a list such as [{"priority": 1, "algo": "rr", "quantum": 2}], or rr 2/fcfs')
    read = []
    for place, each in enumerate(raw, 1):
        options = dict(each)
        if "algo" not in options:
            raise ValueError(f'queue {place} names no algo; write for instance "algo": "rr"')
        priority = _read_int(options.pop("priority", place))
        algo = str(options.pop("algo"))
        if algo == "mlq":
            raise ValueError(f"queue {place} is mlq itself; a queue can be fcfs, rr, sjf, srtf or priority")
        read.append((priority, make_policy(algo, options, unit)))
    return tuple(read)
