"""JSON and TOML: the syntax, and whole mixes from the objects in them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from schedsim.cooperation import checked
from schedsim.errors import MixError
from schedsim.jobs import Job, Mix
from schedsim.mixfile import checks
from schedsim.mixfile.checks import Place, kind_of
from schedsim.mixfile.collect import Collector, from_values, refusing
from schedsim.mixfile.fields import ANNOTATIONS, mix_field, nearest, unit_named, unknown_mix_key
from schedsim.mixfile.made import are_right
from schedsim.mixfile.policies import choices
from schedsim.names import key as key_of
from schedsim.operations import LARGEST

CONVENTIONS: Final = ("textbook", "ostep")
_SHARED: Final = {"queues": ("queue", "tray"), "variables": ("variable", "n")}
"""What a key names in the mix, with an example."""
_TOO_DEEP: Final = "is nested too deeply for a job mix; write lists in objects in one list of jobs"


class _TwiceError(ValueError):
    """A key that stands twice in one JSON object; ``args[0]`` is the key."""


def parse_json(text: str, file: str) -> object:
    """Return what a JSON text holds, decimals exact; MixError with line and column otherwise."""
    import json

    try:
        return json.loads(
            text, parse_float=checks.decimal, parse_constant=Decimal, object_pairs_hook=_once_each
        )
    except _TwiceError as error:
        message = "this key is there twice in one object; keep one"
        raise MixError(message, file, value=checks.as_text(error.args[0])) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MixError(
            f"this is not JSON ({error.msg}); look for a missing comma, quote or bracket here or just before",
            file,
            where,
        ) from None
    except RecursionError:
        raise MixError(_TOO_DEEP, file) from None
    except ValueError:  # Python's limit on the digits of an int
        raise MixError("holds a number of more than 4300 digits; no time is that long", file) from None


def parse_toml(text: str, file: str) -> object:
    """Return what a TOML text holds, decimals exact; MixError with line and column otherwise."""
    import tomllib

    try:
        return tomllib.loads(text, parse_float=checks.decimal)
    except tomllib.TOMLDecodeError as error:
        said, _, where = str(error).rpartition(" (at ")
        raise MixError(
            f"this is not TOML ({_one_line(said)}); text stands in quotes, and a job begins with [[job]]",
            file,
            where.rstrip(")"),
        ) from None
    except RecursionError:
        raise MixError(_TOO_DEEP, file) from None
    except ValueError:
        raise MixError("holds a number of more than 4300 digits; no time is that long", file) from None


def mix_of(document: object, file: str, unit: str | None, name: str) -> Mix:
    """Return the mix that a parsed JSON or TOML document (an object, or a list of jobs) describes.

    ``unit`` wins over the document's own, and ``name`` is used when it has none.
    """
    place = Place(file)
    if isinstance(document, (list, tuple)):
        document = {"jobs": document}
    if not isinstance(document, Mapping):
        raise place.error(
            f'{kind_of(document)} is not a job mix; write {{"jobs": [{{"id": "A", "burst": 4}}]}}'
        )
    keys = _keys(document, place)
    if keys.get("unit") is not None:
        own_unit = unit_of(keys["unit"], place)
        unit = unit or own_unit
    unit = unit or "ms"
    policies, moved = choices(keys, place)
    settings: dict[str, Any] = {}
    for field, value in moved:
        if value is None:
            continue
        said = setting(field, value, unit, place)
        if settings.setdefault(field, said) != said:
            raise place.error("said twice, with different values; keep one", field, value)
    for key in ("title", "source"):
        if keys.get(key) is not None:
            settings[key] = checks.text(keys[key], place, key)
    for key in ("name", "id"):
        if keys.get(key) is not None:
            own = keys[key]
            name = checks.text(checks.as_text(own) if type(own) is int else own, place, key) or name
            break
    for key, what, low, high in (
        ("queues", "capacity", 1, checks.LARGEST),
        ("variables", "value", -LARGEST, LARGEST),
    ):
        if keys.get(key) is not None:
            settings[key] = _numbers(keys[key], place, key, what, low, high)
    jobs = jobs_of(keys.get("jobs"), place, unit)
    mix = Mix(jobs, name, unit, policies=policies, **settings)
    return checked(mix, refusing(jobs, file))


def _numbers(
    value: object, place: Place, key: str, what: str, low: int, high: int
) -> tuple[tuple[str, int], ...]:
    """Return what a mix says of its queues or variables: a whole number for each name."""
    if not isinstance(value, Mapping):
        hint = "; the queues of mlq stand inside the policy" if key == "queues" else ""
        raise place.error(
            f'{kind_of(value)} is not an object with names; write "{key}": {{"tray": 3}}, in TOML [{key}] '
            f"and then tray = 3{hint}",
            key,
        )
    found = {}
    for name, number in value.items():
        named = checks.shared_name(name, place, *_SHARED[key], key)
        if isinstance(number, Mapping) and len(number) == 1:  # in TOML a point sets off a name of its own
            name_with_point = key_of(f"{named}.{next(iter(number))}")
            raise place.error(
                f"an object is no {what}; write a number, and a name with a point in quotes: {name_with_point} = 3",
                f"{what} of {named}",
            )
        found[named] = checks.whole(number, place, f"{what} of {named}", low, high)
    return tuple(found.items())


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of ``pairs``; refuse a key that is there twice, which JSON itself lets pass."""
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _TwiceError(key)
            seen.add(key)
    return made


def _one_line(said: str) -> str:
    line = " ".join(said.split())
    return checks.as_text(line if line.isprintable() else ascii(line), 100)


def _keys(document: Mapping[Any, object], place: Place) -> dict[str, object]:
    """Return the document by the names of ``MIX_FIELDS``; refuse the keys that are none of them."""
    keys: dict[str, object] = {}
    for key, value in document.items():
        field = mix_field(str(key))
        if field is None:
            raise place.error(_unknown(str(key)), value=str(key))
        if field in ANNOTATIONS or field == "note":
            continue
        if field in keys:
            raise place.error(f"{field} is there twice; keep one", value=str(key))
        keys[field] = value
    return keys


def _unknown(key: str) -> str:
    if key.lower() in ("quantum", "quanta", "boost", "preemptive", "levels", "allotments"):
        return f'this belongs to a policy; write "policy": {{"algo": "rr", "{key.lower()}": ...}}'
    return unknown_mix_key(key)


def unit_of(value: object, place: Place) -> str:
    """Return the unit that a mix says it is written in."""
    unit = unit_named(value) if isinstance(value, str) else None
    if unit is None:
        raise place.error("unknown unit; write ns, us, ms or s", "unit", value)
    return unit


def setting(field: str, value: object, unit: str, place: Place) -> object:
    """Return one of the values in ``OF_THE_MIX`` as Mix holds it."""
    if field in ("cpus", "degree"):
        return checks.whole(value, place, field, 1)
    if field in ("switch_cost", "grace"):
        return checks.not_negative(value, unit, place, field)
    if field == "until":
        return checks.positive(value, unit, place, field)
    if field == "charge_first_switch":
        return checks.truth(value, place, field)
    if isinstance(value, str) and value.lower() in CONVENTIONS:
        return value.lower()
    hint = nearest(value, CONVENTIONS) if isinstance(value, str) else ""
    raise place.error(f"unknown conventions; {hint}write textbook or ostep", field, value)


def jobs_of(entries: object, place: Place, unit: str) -> tuple[Job, ...]:
    """Return the jobs of a list of Job, mappings and rows; bare numbers are in ``unit``."""
    instead = 'write "jobs": [{"id": "A", "arrival": 0, "burst": 4}], in TOML [[job]] and then id = "A"'
    if entries is None:
        raise place.error(f"no jobs; {instead}")
    if isinstance(entries, Mapping):  # [job] where [[job]] was meant: one job all the same
        entries = [entries]
    if not isinstance(entries, (list, tuple)):
        raise place.error(f"{kind_of(entries)} is not a list of jobs; {instead}", "jobs")
    if entries and isinstance(entries[0], Mapping) and isinstance(entries[0].get("jobs"), list):
        raise place.error(f"this is a list of {len(entries)} mixes; give one of them")
    if are_right(entries):
        return tuple(entries)
    collector = Collector(place.file, "job")
    from_values(entries, collector, unit)
    return collector.finished(instead)
