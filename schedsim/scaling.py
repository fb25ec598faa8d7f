"""Stretching a mix and its policy: the same schedule, slower, for mixes whose numbers are too small to measure."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from schedsim.errors import UsageError
from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu, Io, Operation
from schedsim.policies.base import Policy
from schedsim.times import LONGEST, Ns

_LENGTHS = ("estimate", "period", "deadline")


def read_scale(value: object) -> Fraction:
    """Return the factor that ``value`` says, exactly. Raises UsageError unless it is a number above 0."""
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        number = Decimal(str(value))
        if not number.is_finite() or number <= 0 or not -9 <= number.adjusted() <= 9:
            raise InvalidOperation
    except InvalidOperation:
        raise UsageError(f"scale is {value!r}; write a number above 0, such as 10 or 0.5") from None
    return Fraction(number)


def scaled_mix(mix: Mix, factor: Fraction) -> Mix:
    """Return the mix with every length and arrival times ``factor``.

    Raises UsageError for a generator program, whose lengths nobody knows in advance, and for a time
    that would not be a whole number of nanoseconds.
    """
    if factor == 1:
        return mix
    jobs = tuple(_scaled_job(job, factor) for job in mix.jobs)
    until = None if mix.until is None else _times(mix.until, factor)
    return mix._replace(
        jobs=jobs, until=until, switch_cost=_times(mix.switch_cost, factor), grace=_times(mix.grace, factor)
    )


def _scaled_job(job: Job, factor: Fraction) -> Job:
    if not isinstance(job.program, tuple):
        raise UsageError(f"job {job.id!r} has a generator program, which cannot be scaled; leave --scale out")
    changes: dict[str, Any] = {
        name: _times(length, factor) for name in _LENGTHS if (length := getattr(job, name)) is not None
    }
    program = tuple(_scaled_operation(operation, factor) for operation in job.program)
    return job._replace(arrival=_times(job.arrival, factor), program=program, **changes)


def _scaled_operation(operation: Operation, factor: Fraction) -> Operation:
    if isinstance(operation, Cpu):
        return Cpu(_times(operation.ns, factor))
    if isinstance(operation, Io):
        return Io(_times(operation.ns, factor), operation.device)
    return operation


def scaled_policy(policy: Policy, factor: Fraction) -> Policy:
    """Return the policy with every parameter that is a length times ``factor``."""
    if factor == 1:
        return policy
    values = {
        name: _scaled_value(getattr(policy, name), str(kind), factor) for name, kind in policy.fields.items()
    }
    return type(policy)(**values)


def _scaled_value(value: Any, kind: str, factor: Fraction) -> Any:
    if kind.startswith("tuple[tuple"):
        return tuple((priority, scaled_policy(each, factor)) for priority, each in value)
    if "Duration" not in kind:
        return value
    if isinstance(value, tuple):
        return tuple(_times(length, factor) for length in value)
    return _times(value, factor)


def _times(length: Ns, factor: Fraction) -> Ns:
    """Return the product. Raises UsageError when it is not whole, or too long."""
    product = length * factor
    if product.denominator != 1:
        raise UsageError(f"{length} ns times {float(factor):g} is not a whole number of nanoseconds")
    if product >= LONGEST:
        raise UsageError(f"{length} ns times {float(factor):g} is longer than schedsim can count (146 years)")
    return int(product)
