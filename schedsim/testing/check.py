"""Trying a policy against what every policy must keep. It needs neither pytest nor hypothesis.

```python
from schedsim.testing import check_policy

check_policy(MyPolicy)              # or check_policy(MyPolicy(quantum=ms(4)))
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from schedsim.errors import PolicyError, ProgramError, SchedsimError, TraceError, UsageError
from schedsim.policies.base import Policy
from schedsim.testing.probe import EnoughError, Probe, ShortTrace
from schedsim.testing.smallmixes import small_mix
from schedsim.testing.state import change, places

if TYPE_CHECKING:
    from schedsim.jobs import Mix
    from schedsim.testing.probe import Call
    from schedsim.times import Ns

_MILLISECOND: Final = 1_000_000
_DOCSTRING: Final = ("Good for:", "Fails when:", "Source:")


def check_policy(policy: Policy | type[Policy], *, seeds: int = 20) -> tuple[str, ...]:
    """Try ``policy`` on small job mixes and return notes: what is no mistake and yet worth a thought.

    Held of it, beside what every run holds (hooks spelt right, answers of the right kind, no writes but
    to the task's scratch fields, ranks that stay while a task waits unless ``dynamic``): the same mix
    gives the same answers; nothing is kept in the policy, its class or its file; scratch fields hold
    ints; all ranks are of one form; true burst lengths are read only where ``clairvoyant`` says so;
    jobs make progress; the schedule is one (``schedsim.validate``). Starvation is no mistake.

    Args:
        policy: an object, or a class whose parameters all have defaults.
        seeds: how many mixes; the same ones each time.

    Raises:
        PolicyError: at the first rule that is broken, in words, with policy, hook, time and task, the
            mix as a note, and, where the policy raised something, that as the cause.
        UsageError: for what is no policy.
    """
    made = _made(policy)
    _check_constants(made)
    notes = _remarks(made)
    units = _units(made)
    for seed in range(seeds):
        if not units:
            break
        unit = units[seed % len(units)]
        mix = small_mix(seed, unit)
        try:
            _try(made, mix, look_for_state=seed == 0)
        except EnoughError as enough:
            if enough.progress:
                units.remove(unit)  # its slices are so short that such mixes take too long
            else:
                _say_stuck(made, mix, notes)
        except ProgramError as error:
            if not mix.switch_cost:
                raise PolicyError(str(error), made.label()) from error
            _say_stuck(made, mix, notes)
        except SchedsimError as error:
            if error.__cause__ is error:
                error.__cause__ = None
            error.add_note(f"in this mix: {mix!r}")
            raise
    return tuple(dict.fromkeys(notes))


def _made(policy: object) -> Policy:
    if isinstance(policy, Policy):
        return policy
    if not (isinstance(policy, type) and issubclass(policy, Policy)):
        raise UsageError(
            f"{policy!r} is no policy; write a class that derives from schedsim.Policy, or its object"
        )
    try:
        return policy()
    except SchedsimError:
        raise
    except Exception as error:
        raise PolicyError(f"raised {type(error).__name__} when made: {error}", policy.label()) from error


def _check_constants(policy: Policy) -> None:
    """Hold that what the class says of itself is of the right kind."""
    for name in ("preemptive", "dynamic", "clairvoyant"):
        value: object = getattr(policy, name)
        if type(value) is not bool:
            raise PolicyError(f"{name} is {value!r}; write True or False", policy.label())
    boost: object = policy.boost
    if type(boost) is not int or boost < 0:
        raise PolicyError(f"boost is {boost!r}; write whole nanoseconds, or 0 for never", policy.label())


def _remarks(policy: Policy) -> list[str]:
    """Return what can be said without running it."""
    label, hooks = policy.label(), policy.hooks()
    notes = [
        f"{label}: {name} = True has no effect without rank"
        for name in ("preemptive", "dynamic")
        if getattr(policy, name) and "rank" not in hooks
    ]
    if "boosted" in hooks and not policy.boost and "boost" not in policy.fields:
        notes.append(f"{label}: boosted is never called while boost is 0")
    text = type(policy).__doc__ or ""
    missing = [part for part in _DOCSTRING if part not in text]
    if not text.strip():
        notes.append(
            f"{label}: has no docstring; say its rule, what it is good for, when it fails, its source"
        )
    elif missing:
        notes.append(f"{label}: its docstring has no {', '.join(missing)}")
    return notes


def _units(policy: Policy) -> list[Ns]:
    """Return lengths on whose scale the policy's own lengths matter."""
    units = {1, _MILLISECOND}
    for name, annotation in policy.fields.items():
        if "Duration" in str(annotation):
            value = getattr(policy, name)
            units |= {length // 4 or 1 for length in (value if isinstance(value, tuple) else (value,))}
    return sorted(units)


def _try(policy: Policy, mix: Mix, *, look_for_state: bool) -> None:
    """Run the policy on a mix twice, and compare."""
    before = places(policy)
    first = _run(policy, mix, look_for_state=look_for_state)
    changed = change(before, places(policy))
    if changed is not None:
        _run(policy, mix, look_for_state=True)  # to say which hook it was
        raise PolicyError(changed, policy.label())
    second = _run(policy, mix, look_for_state=False)
    if first != second:
        one, other = next(
            (one, other) for one, other in zip([*first, None], [*second, None], strict=False) if one != other
        )
        raise _differs(policy, one, other)


def _differs(policy: Policy, one: Call | None, other: Call | None) -> PolicyError:
    """Return the error for two runs of one mix that went different ways."""
    hook, time, task, answer = cast("Call", one or other)
    rule = "a policy has no clock, no random numbers and no memory of its own"
    if one is not None and other is not None and one[:3] == other[:3]:
        said = f"answered {answer!r} in one run and {other[3]!r} in another of the same mix; {rule}"
    else:
        said = f"was called in one run and not in another of the same mix; {rule}"
    return PolicyError(said, policy.label(), hook, time, task)


def _run(policy: Policy, mix: Mix, *, look_for_state: bool) -> list[Call]:
    """Run the policy on a mix once, and return its calls."""
    from schedsim.engines.simulated import simulate
    from schedsim.experiment import header_of
    from schedsim.validate import validate

    trace = ShortTrace(header_of(mix, policy, None))
    probe = Probe(policy, trace, look_for_state=look_for_state)
    try:
        simulate(mix, cast("Policy", probe), trace)
        validate(trace)
    except TraceError as error:
        raise PolicyError(f"made a schedule that cannot be ({error})", policy.label()) from error
    except SchedsimError:
        raise
    except Exception as error:
        raise PolicyError(f"broke the scheduler: {type(error).__name__}: {error}", policy.label()) from error
    return probe.calls


def _say_stuck(policy: Policy, mix: Mix, notes: list[str]) -> None:
    """Refuse a policy under which nobody runs; where a switch costs time it is only to be noted."""
    if not mix.switch_cost:
        raise PolicyError(
            "no job makes progress: each is preempted before it has run; a task preempts only what it stays "
            "better than",
            policy.label(),
        )
    notes.append(
        f"{policy.label()}: where a context switch costs time, tasks may preempt each other before they have run, "
        "and no job makes progress"
    )
