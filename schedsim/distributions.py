"""Random lengths by name: ``exponential:mean=10``, ``heavy-tailed:alpha=1.1,min=1,max=1000``.

The same seed must give the same mix for ever and on every machine. So the only source is the
sequence of ``random.Random(seed).random()``, which Python promises not to change, and everything
is made from it by additions, multiplications, divisions and square roots, which IEEE 754 fixes
to the last bit. Logarithms of the C library differ between systems in that bit, hence our own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import frexp, isfinite, ldexp, sqrt
from typing import Final, NamedTuple, NoReturn

from schedsim.errors import UsageError
from schedsim.nearest import did_you_mean
from schedsim.times import parse_duration

Uniform = Callable[[], float]
"""Gives the next number of a stream, at least 0 and below 1."""

_LOG_2: Final = 0.6931471805599453
_ROOT_HALF: Final = 0.7071067811865476


def natural_log(x: float) -> float:
    """Return the natural logarithm of ``x`` > 0 to 13 digits, the same bits on every machine.

    >>> round(natural_log(10), 9)
    2.302585093
    """
    m, e = frexp(x)
    if m < _ROOT_HALF:
        m, e = m + m, e - 1
    # log m = 2 artanh z; z*z is below 0.03, so eight terms are enough.
    z = (m - 1.0) / (m + 1.0)
    w = z * z
    series = 2.0 / 13.0 + w * (2.0 / 15.0)
    series = 2.0 / 5.0 + w * (2.0 / 7.0 + w * (2.0 / 9.0 + w * (2.0 / 11.0 + w * series)))
    return e * _LOG_2 + z * (2.0 + w * (2.0 / 3.0 + w * series))


def exponential_function(x: float) -> float:
    """Return e to the power ``x`` to 13 digits, the same bits on every machine.

    >>> round(exponential_function(1), 9)
    2.718281828
    """
    k = round(x / _LOG_2)
    rest = x - k * _LOG_2
    term = series = 1.0
    for n in range(1, 15):
        term *= rest / n
        series += term
    return ldexp(series, k)


class Distribution(NamedTuple):
    """A distribution of lengths, with its parameters filled in; lengths in nanoseconds."""

    text: str
    """The name and every parameter, as they are written."""
    mean: float
    """The mean before rounding."""
    grain: float
    """A length that is small against what it gives: rounding to it changes little."""
    sampler: Callable[[Uniform], Uniform]
    """Takes a stream of uniform numbers and returns a function that gives the next length."""


_Made = tuple[float, float, Callable[[Uniform], Uniform]]


def _exponential(value: Mapping[str, float]) -> _Made:
    mean = value["mean"]

    def sampler(uniform: Uniform) -> Uniform:
        return lambda: -mean * natural_log(1.0 - uniform())

    return mean, mean / 1000, sampler


def _uniform(value: Mapping[str, float]) -> _Made:
    low, high = value["min"], value["max"]
    if low > high:
        raise ValueError("min is above max; swap them")
    width = high - low
    mean = (low + high) / 2
    return (
        mean,
        min(mean / 1000, low / 10),
        lambda uniform: lambda: low + width * uniform(),
    )


def _bimodal(value: Mapping[str, float]) -> _Made:
    short, long, share = value["short"], value["long"], value["share"]
    if short > long:
        raise ValueError("short is above long; swap them")
    if share > 1:
        raise ValueError("share is the part that is long, from 0 to 1; write 0.1 for a tenth")

    def sampler(uniform: Uniform) -> Uniform:
        return lambda: long if uniform() < share else short

    return short + (long - short) * share, short / 100, sampler


def _constant(value: Mapping[str, float]) -> _Made:
    length = value["value"]
    return length, length / 100, lambda uniform: lambda: length


def _heavy_tailed(value: Mapping[str, float]) -> _Made:
    low, high, alpha = value["min"], value["max"], value["alpha"]
    if low >= high:
        raise ValueError("min is not below max; swap them, or use constant")
    if low == 0:
        raise ValueError("min is 0; write a positive length")
    ratio = natural_log(high / low)
    kept = 1.0 - exponential_function(-alpha * ratio)

    def sampler(uniform: Uniform) -> Uniform:
        return lambda: low * exponential_function(natural_log(1.0 - uniform() * kept) / -alpha)

    # The mean is low*alpha/kept times the integral of e^((1-alpha)t) from 0 to log(high/low).
    power = (1.0 - alpha) * ratio
    area = ratio if abs(power) < 1e-9 else ratio * (exponential_function(power) - 1.0) / power
    return low * alpha * area / kept, low / 100, sampler


def _lognormal(value: Mapping[str, float]) -> _Made:
    mean, cv = value["mean"], value["cv"]
    variance = natural_log(1.0 + cv * cv)
    middle, spread = natural_log(mean) - variance / 2, sqrt(variance)

    def sampler(uniform: Uniform) -> Uniform:
        def draw() -> float:
            # Marsaglia's polar method: a normal number without sine and cosine.
            while True:
                x, y = 2.0 * uniform() - 1.0, 2.0 * uniform() - 1.0
                square = x * x + y * y
                if 0.0 < square < 1.0:
                    normal = x * sqrt(-2.0 * natural_log(square) / square)
                    return exponential_function(middle + spread * normal)

        return draw

    return mean, mean / 1000, sampler


class _Kind(NamedTuple):
    """One named distribution: what it is, its parameters with what they are if left out."""

    what: str
    parameters: dict[str, str]
    make: Callable[[Mapping[str, float]], _Made]


KINDS: Final[dict[str, _Kind]] = {
    "exponential": _Kind("many short, few long; no memory", {"mean": "10"}, _exponential),
    "uniform": _Kind("every length from min to max alike", {"min": "1", "max": "20"}, _uniform),
    "bimodal": _Kind(
        "two lengths; share is the part of long ones",
        {"short": "2", "long": "50", "share": "0.1"},
        _bimodal,
    ),
    "constant": _Kind("always the same", {"value": "10"}, _constant),
    "heavy-tailed": _Kind(
        "bounded Pareto: very few jobs have most of the work; the smaller alpha, the more so",
        {"alpha": "1.1", "min": "1", "max": "1000"},
        _heavy_tailed,
    ),
    "lognormal": _Kind(
        "a peak and a long tail; cv is the standard deviation divided by the mean",
        {"mean": "10", "cv": "1.5"},
        _lognormal,
    ),
}
"""The distributions by name, for a list of them and for the parser."""

ALIASES: Final = {
    "pareto": "heavy-tailed",
    "bounded-pareto": "heavy-tailed",
    "fixed": "constant",
}

_PLAIN: Final = frozenset({"alpha", "cv", "share"})
"""The parameters that are numbers and no lengths."""


def refuse_name(what: str, name: str, known: Iterable[str]) -> NoReturn:
    """Raise the UsageError for a ``name`` that is none of the ``known`` ones."""
    known = list(known)
    raise UsageError(f"unknown {what} {name!r}: {did_you_mean(name, known)}known are {', '.join(known)}")


def parse_distribution(text: str, unit: str) -> Distribution:
    """Return the distribution that ``text`` (``"uniform:min=2,max=8"``) names.

    Bare lengths are in ``unit``; a parameter that is left out has the value shown in ``KINDS``.
    Raises UsageError for an unknown name or parameter, and for a value that cannot be used.
    """
    name, _, tail = text.partition(":")
    name = name.strip().lower()
    name = ALIASES.get(name, name)
    if name not in KINDS:
        refuse_name("distribution", name, KINDS)
    kind = KINDS[name]
    written = dict(kind.parameters)
    for pair in filter(None, map(str.strip, tail.split(","))):
        key, equals, value = (part.strip() for part in pair.partition("="))
        if key not in written:
            example = ",".join(f"{known}={default}" for known, default in kind.parameters.items())
            hint = did_you_mean(key, kind.parameters)
            raise UsageError(
                f"{name} has no parameter {key!r}: {hint}write it as in {name}:{example}"
                if equals
                else f"{pair!r} has no '=': write it as in {name}:{example}"
            )
        written[key] = value
    shown = f"{name}:" + ",".join(f"{key}={value}" for key, value in written.items())
    try:
        values = {key: _number(key, value, unit) for key, value in written.items()}
        mean, grain, sampler = kind.make(values)
    except ValueError as error:
        raise UsageError(f"{shown}: {error}") from None
    return Distribution(shown, mean, grain, sampler)


def _number(key: str, text: str, unit: str) -> float:
    """Return a parameter: nanoseconds for a length, else the number; 0 or above."""
    if key in _PLAIN:
        number = plain_number(text)
        # Beyond these the bounded Pareto is a constant, the lognormal has nothing but extremes.
        if number > 100:
            raise ValueError(f"{key} is {text}; write a number up to 100")
    else:
        number = float(parse_duration(text, unit))
    if number < 0 or (number == 0 and key not in ("share", "min")):
        raise ValueError(f"{key} is {text}, which is not above 0; write a positive number")
    return number


def plain_number(text: str) -> float:
    """Return the finite number that ``text`` stands for; raises ValueError with what to write."""
    try:
        number = float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        number = None
    if number is None or not isfinite(number):
        raise ValueError(f"{text!r} is not a number; write one such as 0.5")
    return number
