"""Small frozen values: a class whose annotated names are its fields.

The standard library's dataclasses do the same, but importing them costs about as much processor
time as starting Python itself, and ``schedsim run`` is held to ten such starts in all.
"""

from __future__ import annotations

from typing import Any, ClassVar, dataclass_transform

_MISSING: Any = object()


@dataclass_transform(frozen_default=True)
class Frozen:
    """A value that is made once: fields from the annotations, equality, hash and repr from them."""

    fields: ClassVar[dict[str, object]] = {}
    """The fields of the class in order, with their annotations."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Collect the annotated fields, the inherited ones first."""
        super().__init_subclass__(**keywords)
        fields = dict(cls.fields)
        for name, annotation in cls.__dict__.get("__annotations__", {}).items():
            if "ClassVar" not in str(annotation):
                fields[name] = annotation
        cls.fields = fields

    def __init__(self, *values: Any, **named: Any) -> None:
        """Set every field once, from ``values`` in order, then by name, then by default."""
        cls = type(self)
        if len(values) > len(cls.fields):
            raise TypeError(f"{cls.__name__} takes at most {len(cls.fields)} values")
        for name, value in zip(cls.fields, values, strict=False):
            if name in named:
                raise TypeError(f"{cls.__name__} got {name} twice")
            named[name] = value
        for name in cls.fields:
            value = named.pop(name, _MISSING)
            if value is _MISSING:
                value = getattr(cls, name, _MISSING)
                if value is _MISSING:
                    raise TypeError(f"{cls.__name__} needs {name}")
            object.__setattr__(self, name, value)
        if named:
            raise TypeError(f"{cls.__name__} has no field {next(iter(named))!r}")

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a value that policies and engines share must not change."""
        raise AttributeError(f"{type(self).__name__} is frozen; {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        """Refuse, as for setting."""
        raise AttributeError(f"{type(self).__name__} is frozen; {name} cannot be deleted")

    def values(self) -> tuple[Any, ...]:
        """Return the fields' values in order."""
        return tuple(getattr(self, name) for name in self.fields)

    def __eq__(self, other: object) -> bool:
        """Compare class and fields: ``Lock("m")`` is not ``Unlock("m")``."""
        if type(self) is not type(other) or not isinstance(other, Frozen):
            return NotImplemented
        return self.values() == other.values()

    def __hash__(self) -> int:
        """Hash class and fields."""
        return hash((type(self), self.values()))

    def __repr__(self) -> str:
        """Return the call that makes this value."""
        pairs = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.fields)
        return f"{type(self).__name__}({pairs})"
