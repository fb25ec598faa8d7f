"""Whether a policy keeps state where it must not: in itself, its class, or its file."""

from __future__ import annotations

import sys
from collections import deque
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from schedsim.policies.base import Policy
from schedsim.scheduler.task import SCRATCH, Task

if TYPE_CHECKING:
    from collections.abc import Iterator

_TASK: Final = "<task>"
_PLAIN: Final = (bool, int, float, complex, str, bytes, type(None))
_DEEPEST: Final = 6


def places(policy: Policy) -> dict[str, object]:
    """Return a picture of everything the policy could keep something in, by the place's name in words."""
    return {name: _picture(value, _DEEPEST) for name, value in _places(policy)}


def change(before: dict[str, object], after: dict[str, object]) -> str | None:
    """Return in words what changed between two pictures, or None."""
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        if name not in before or name not in after or old != new:
            verb = "remembers a task in" if _tasks(new) > _tasks(old) else "changed"
            fields = ", ".join(SCRATCH)
            return f"{verb} {name}; a policy keeps no state of its own: what changes lives in the task's {fields}"
    return None


def _places(policy: Policy) -> Iterator[tuple[str, object]]:
    cached = {
        name
        for ancestor in type(policy).__mro__
        for name, value in vars(ancestor).items()
        if type(value).__name__ == "cached_property"  # the same value, whenever it is asked first
    }
    for name, value in vars(policy).items():
        if name not in cached:
            yield f"its own field {name!r}", value
    mro = type(policy).__mro__
    for ancestor in mro[: mro.index(Policy)]:
        for name, value in vars(ancestor).items():
            if not _is_dunder(name):
                yield f"the class attribute {ancestor.__name__}.{name}", value
    module = sys.modules.get(type(policy).__module__)
    for name, value in list(vars(module).items()) if module is not None else ():
        if not _is_dunder(name) and not isinstance(value, ModuleType):
            if isinstance(value, type):
                # A class of the same file may serve as a box for globals.
                if value.__module__ == type(policy).__module__ and not issubclass(value, Policy):
                    yield f"the class {name!r}", dict(vars(value))
            else:
                yield f"the global {name!r}", value


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _picture(value: Any, depth: int) -> object:
    """Return something that compares equal as long as nobody changed ``value``."""
    kind = type(value)
    if kind in _PLAIN:
        return (kind.__name__, value)
    if isinstance(value, Task):
        return (_TASK, id(value))
    if depth == 0 or isinstance(value, type | ModuleType):
        return (kind.__name__, id(value))
    parts = _parts(value)
    if parts is None:
        # Counters, arrays and the like say what they hold when asked; others say where they are.
        return (kind.__name__, repr(value))
    if isinstance(value, set | frozenset):
        return (kind.__name__, frozenset(_picture(part, 1) for part in parts))
    return (kind.__name__, *(_picture(part, depth - 1) for part in parts))


def _parts(value: Any) -> list[Any] | None:
    """Return what ``value`` is made of, or None."""
    parts: list[Any] | None = None
    if isinstance(value, FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or () if _is_full(cell)]
        parts = [value.__code__, value.__defaults__, value.__kwdefaults__, *cells]
    elif isinstance(value, staticmethod | classmethod | MethodType):
        parts = [value.__func__]
    elif isinstance(value, property):
        parts = [value.fget]
    elif isinstance(value, dict):
        parts = [*value, *value.values()]
    elif isinstance(value, list | tuple | set | frozenset | deque):
        parts = [*value]
    elif hasattr(value, "__dict__"):
        parts = [*vars(value), *vars(value).values()]
    return parts


def _is_full(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  # asking is the only way to find out
    except ValueError:
        return False
    return True


def _tasks(picture: object) -> int:
    """Return how many tasks are in a picture."""
    if isinstance(picture, tuple | frozenset):
        return sum(1 if part == _TASK else _tasks(part) for part in picture)
    return 0
