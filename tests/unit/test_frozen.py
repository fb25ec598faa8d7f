"""Small frozen values."""

from __future__ import annotations

import re
from typing import ClassVar

import pytest

from schedsim.frozen import Frozen


class Point(Frozen):
    """Two numbers."""

    x: int
    y: int = 7
    origin: ClassVar[int] = 0


class Named(Point):
    """A point with a name."""

    name: str = ""


class Other(Frozen):
    """The same fields as a point, another class."""

    x: int
    y: int = 7


def test_fields_in_order_the_inherited_ones_first():
    """Annotated names are fields, class variables are not."""
    assert [["x", "y"], ["x", "y", "name"]] == [[*Point.fields], [*Named.fields]]


@pytest.mark.parametrize("point", [Point(1, 2), Point(1, y=2), Point(x=1, y=2), Point(y=2, x=1)])
def test_by_place_or_by_name(point):
    """As a function's arguments."""
    assert (1, 2) == point.values()


def test_defaults():
    """What is not given is the default."""
    assert [(1, 7), (1, 7, "a")] == [Point(1).values(), Named(1, name="a").values()]


@pytest.mark.parametrize(
    ("arguments", "named", "message"),
    [
        ((), {}, "Point needs x"),
        ((1, 2, 3), {}, "Point takes at most 2 values"),
        ((1,), {"x": 2}, "Point got x twice"),
        ((1,), {"z": 2}, "Point has no field 'z'"),
    ],
)
def test_wrong_arguments(arguments, named, message):
    """The class and the field are named."""
    with pytest.raises(TypeError, match="^" + re.escape(message) + "$"):
        Point(*arguments, **named)


def test_nothing_can_be_set_or_deleted():
    """Neither a field nor anything else."""
    point = Point(1)
    for name in ("x", "z"):
        with pytest.raises(AttributeError, match=f"^Point is frozen; {name} cannot be set$"):
            setattr(point, name, 5)
    with pytest.raises(AttributeError, match=r"^Point is frozen; x cannot be deleted$"):
        del point.x
    assert Point(1) == point


def test_equal_by_class_and_fields():
    """Another class with the same fields is another value, also as a key."""
    assert Point(1, 2) == Point(1, 2)
    assert [False, False, False] == [Point(1, 2) == other for other in (Point(1, 3), Other(1, 2), (1, 2))]
    assert 3 == len({Point(1), Point(1), Other(1), Named(1)})


def test_the_repr_makes_the_value():
    """It is the call."""
    assert ["Point(x=1, y=7)", Named(1, name="a")] == [repr(Point(1)), eval(repr(Named(1, name="a")))]  # noqa: S307  our own text
