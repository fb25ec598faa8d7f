"""Named distributions: the numbers they give, and what they refuse."""

from __future__ import annotations

import math
from random import Random

import pytest

from schedsim.distributions import (
    KINDS,
    exponential_function,
    natural_log,
    parse_distribution,
)
from schedsim.errors import UsageError

MS = 1_000_000
COUNT = 20_000

# Half the width of a 99.9 % confidence interval, in standard errors, and the value that
# Kolmogorov and Smirnov's statistic times the root of n stays below with that confidence.
WIDTH = 3.29
SMIRNOV = 1.95


def drawn(text, seed=1, count=COUNT):
    """Return ``count`` lengths in milliseconds."""
    draw = parse_distribution(text, "ms").sampler(Random(seed).random)
    return [draw() / MS for _ in range(count)]


def gap_to(cdf, values):
    """Return the largest distance of the empirical from the given distribution function, times root n."""
    ordered = sorted(values)
    count = len(ordered)
    steps = ((rank, cdf(value)) for rank, value in enumerate(ordered))
    return max(max(f - rank / count, (rank + 1) / count - f) for rank, f in steps) * math.sqrt(count)


def pareto_cdf(low, high, alpha):
    """Return the distribution function of the bounded Pareto."""
    return lambda x: (1 - (low / x) ** alpha) / (1 - (low / high) ** alpha)


def lognormal_cdf(mean, cv):
    """Return the distribution function of the lognormal of that mean and coefficient of variation."""
    variance = math.log(1 + cv * cv)
    middle = math.log(mean) - variance / 2
    return lambda x: (1 + math.erf((math.log(x) - middle) / math.sqrt(2 * variance))) / 2


@pytest.mark.parametrize("x", [2**-53, 1e-9, 0.5, 0.7071067811865476, 1.0, 1.5, 10.0, 1e9, 4e18])
def test_natural_log_is_right_to_13_digits(x):
    """Our logarithm agrees with the C library's."""
    assert math.isclose(math.log(x), natural_log(x), rel_tol=1e-13, abs_tol=1e-15)


@pytest.mark.parametrize("x", [-700.0, -36.7, -1.0, -1e-12, 0.0, 0.3, 1.0, 43.0, 700.0])
def test_exponential_function_is_right_to_13_digits(x):
    """Our exponential function agrees with the C library's."""
    assert math.isclose(math.exp(x), exponential_function(x), rel_tol=3e-13)


def test_logarithm_and_exponential_have_these_very_bits():
    """The last bit is part of the promise that a seed gives the same mix for ever."""
    uniform = Random(12345).random
    logs = [natural_log(1.0 - uniform()).hex() for _ in range(3)]
    powers = [exponential_function(-uniform()).hex() for _ in range(2)]
    assert ["-0x1.13ecd5daa2246p-1", "-0x1.4eede17bc72fep-7", "-0x1.be809e3475595p+0"] == logs
    assert ["0x1.7bd0afbb82a85p-1", "0x1.6237d7f71a3c7p-1"] == powers


@pytest.mark.parametrize(
    ("text", "mean", "deviation", "cdf"),
    [
        ("exponential:mean=10", 10, 10, lambda x: 1 - math.exp(-x / 10)),
        ("uniform:min=2,max=8", 5, 6 / math.sqrt(12), lambda x: (x - 2) / 6),
        ("uniform:min=0,max=8", 4, 8 / math.sqrt(12), lambda x: x / 8),
        ("heavy-tailed:alpha=1.5,min=1,max=100", 2.7027, 4.441, pareto_cdf(1, 100, 1.5)),
        ("heavy-tailed:alpha=1,min=1,max=100", 4.6517, 8.852, pareto_cdf(1, 100, 1)),
        ("lognormal:mean=10,cv=0.5", 10, 5, lognormal_cdf(10, 0.5)),
    ],
)
def test_mean_and_shape_are_those_of_the_name(text, mean, deviation, cdf):
    """The stated mean is right; sample mean and shape lie in their 99.9 % confidence intervals."""
    values = drawn(text)
    assert math.isclose(mean, parse_distribution(text, "ms").mean / MS, rel_tol=1e-3)
    assert abs(sum(values) / COUNT - mean) < WIDTH * deviation / math.sqrt(COUNT)
    assert gap_to(cdf, values) < SMIRNOV


def test_the_shape_test_can_fail():
    """Another distribution of the same mean is found out."""
    assert gap_to(lambda x: 1 - math.exp(-x / 10), drawn("lognormal:mean=10,cv=1")) > SMIRNOV


def test_the_deviation_of_a_lognormal_is_its_mean_times_cv():
    """The parameter cv is the standard deviation divided by the mean (5 % is 4 standard errors here)."""
    values = drawn("lognormal:mean=10,cv=0.5")
    mean = sum(values) / COUNT
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / COUNT)
    assert math.isclose(5, deviation, rel_tol=0.05)


def test_bimodal_gives_two_lengths_in_the_stated_shares():
    """A tenth is long, within the 99.9 % confidence interval."""
    values = drawn("bimodal:short=2,long=50,share=0.1")
    assert {2.0, 50.0} == set(values)
    share = values.count(50.0) / COUNT
    assert abs(share - 0.1) < WIDTH * math.sqrt(0.1 * 0.9 / COUNT)
    assert math.isclose(6.8, parse_distribution("bimodal:short=2,long=50,share=0.1", "ms").mean / MS)


def test_heavy_tail_keeps_its_bounds_and_most_of_the_work_is_in_few_jobs():
    """No length leaves the bounds; the largest tenth has more than half of the whole."""
    values = sorted(drawn("heavy-tailed:alpha=1.1,min=1,max=1000"))
    assert values[0] >= 1
    assert values[-1] <= 1000
    assert sum(values[-COUNT // 10 :]) > sum(values) / 2


def test_constant_is_constant():
    """Every length is the one given, unit and all."""
    assert {0.02} == set(drawn("constant:value=20us", count=5))


def test_what_is_left_out_has_its_default_and_the_text_says_so():
    """The text names every parameter, so a mix can be made again."""
    found = parse_distribution(" Pareto : min = 2 ", "ms")
    assert "heavy-tailed:alpha=1.1,min=2,max=1000" == found.text


@pytest.mark.parametrize("name", KINDS)
def test_every_distribution_works_by_its_name_alone(name):
    """The defaults of each distribution make a usable one."""
    found = parse_distribution(name, "ms")
    draw = found.sampler(Random(1).random)
    assert found.mean > 0
    assert found.grain > 0
    assert all(draw() > 0 for _ in range(100))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "exponentail",
            "unknown distribution 'exponentail': did you mean 'exponential'? known are exponential,",
        ),
        ("zzz", "unknown distribution 'zzz': known are exponential,"),
        ("", "unknown distribution '': known are"),
        ("exponential:maen=3", "exponential has no parameter 'maen': did you mean 'mean'? write it as in"),
        ("exponential:3", "'3' has no '=': write it as in exponential:mean=10"),
        (
            "exponential:mean=0",
            "exponential:mean=0: mean is 0, which is not above 0; write a positive number",
        ),
        ("exponential:mean=-1", "mean is -1, which is not above 0"),
        ("exponential:mean=nan", "'nan' is not a finite number"),
        ("exponential:mean=x", "'x' is not a time; write a number such as 4 or 20us"),
        ("uniform:min=8,max=2", "min is above max; swap them"),
        ("uniform:min=0,max=0", "max is 0, which is not above 0; write a positive number"),
        ("bimodal:short=9,long=2", "short is above long; swap them"),
        ("bimodal:share=1.5", "share is the part that is long, from 0 to 1; write 0.1 for a tenth"),
        ("bimodal:share=inf", "'inf' is not a number; write one such as 0.5"),
        ("heavy-tailed:min=5,max=5", "min is not below max; swap them, or use constant"),
        ("heavy-tailed:min=0", "min is 0; write a positive length"),
        ("heavy-tailed:alpha=200", "alpha is 200; write a number up to 100"),
        ("lognormal:cv=0", "cv is 0, which is not above 0"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_to_write(text, message):
    """Each wrong specification gets its message."""
    with pytest.raises(UsageError) as caught:
        parse_distribution(text, "ms")
    assert message in str(caught.value)
