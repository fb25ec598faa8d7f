"""Every wrong policy of the zoo is refused with its own message, by a run and by the conformance kit."""

from __future__ import annotations

import re

import numpy
import pytest

import schedsim
from schedsim.errors import PolicyError, UsageError
from schedsim.jobs import Mix
from schedsim.testing import check_policy, make_job
from tests.conformance import zoo

MIX = Mix(
    (
        make_job("A", "cpu 3; yield; io 2; cpu 2"),
        make_job("B", "cpu 5"),
        make_job("C", "cpu 2", 1),
    ),
    unit="ns",
)

SLICE = "answered {}; a slice is a positive int (nanoseconds) or UNTIL_IT_BLOCKS"
RANK = "answered {}; a rank is an int or a tuple of ints"
MIXED_RUN = (
    "its ranks cannot be compared with each other ('<' not supported between instances of 'int' and 'tuple')"
)
MIXED = "answered (0, 0) after {}; all ranks of a policy are of one form, so that they can be compared"
SCRATCH = "a policy writes only the task's level, used, spent, vtime"
STATE = "; a policy keeps no state of its own: what changes lives in the task's level, used, spent, vtime"
TWICE = "a policy has no clock, no random numbers and no memory of its own"
TRUE_LENGTH = "it is the true length, which no real scheduler knows; write clairvoyant = True, or do without"

# Refused as the object is made, so before both.
MADE = {
    "NeedsLength": "NeedsLength: NeedsLength needs quantum",
    "Misspelt": "Misspelt: did you mean 'slice'? hooks are rank, slice, joined, ran, boosted; "
    "'slise' is none of them (begin a helper's name with _)",
    "TooFew": "TooFew.rank: is written rank(self, task); write rank(self, task, queue)",
    "NoMethod": "NoMethod.rank: rank is 3; it must be a method",
    "PreemptiveWord": "PreemptiveWord: preemptive is 'yes'; write True or False",
    "BoostFraction": "BoostFraction: boost is 0.5; write whole nanoseconds, or 0 for never",
}

# Refused by both: what the run says, what the kit says (None: the same at another instant, of another task).
BOTH = {
    "SliceZero": ("slice at 0 ms for task 'A': " + SLICE.format(0), None),
    "SliceNegative": ("slice at 0 ms for task 'A': " + SLICE.format(-4), None),
    "SliceFloat": ("slice at 0 ms for task 'A': " + SLICE.format(4.0), None),
    "SliceBool": ("slice at 0 ms for task 'A': " + SLICE.format(True), None),
    "SliceNone": ("slice at 0 ms for task 'A': " + SLICE.format(None), None),
    "SliceNumpy": ("slice at 0 ms for task 'A': " + SLICE.format(repr(numpy.int64(4))), None),
    "RankFloat": ("rank at 0 ms for task 'A': " + RANK.format(0.5), None),
    "RankNone": ("rank at 0 ms for task 'A': " + RANK.format(None), None),
    "RankList": ("rank at 0 ms for task 'A': " + RANK.format([1, 2]), None),
    "RankTupleOfFloats": ("rank at 0 ms for task 'A': " + RANK.format((1, 0.5)), None),
    "RankNumpy": ("rank at 0 ms for task 'A': " + RANK.format(repr(numpy.int64(1))), None),
    "RankMixed": ("rank at 0 ms for task 'B': " + MIXED_RUN, "rank at 9 ns for task 'A': " + MIXED.format(1)),
    "RankMixedDynamic": (
        "rank at 0 ms for task 'A': " + MIXED_RUN,
        "rank at 9 ns for task 'A': " + MIXED.format(1),
    ),
    "RankMixedPreemptive": (
        "rank at 1 ns for task 'B': " + MIXED_RUN,
        "rank at 10 ns for task 'C': " + MIXED.format(0),
    ),
    "RankMoves": (
        "rank at 3 ns for task 'B': answered 0 when the task joined and 3 while it waited; write dynamic = True",
        "rank at 11 ns for task 'A': answered 10 when the task joined and 11 while it waited; write dynamic = True",
    ),
    "JoinedWord": ("joined at 0 ms for task 'A': answered 'head'; write HEAD, TAIL or nothing", None),
    "Raises": (
        "rank at 0 ms for task 'A': raised ZeroDivisionError: integer division or modulo by zero",
        None,
    ),
    "MisspeltField": (
        "ran at 1 ns for task 'A': raised AttributeError: 'Task' object has no attribute 'vtme'",
        "ran at 5 ns for task 'B': raised AttributeError: 'Task' object has no attribute 'vtme'",
    ),
    "BoostRaises": (
        "boosted at 1 ns for task 'A': raised RuntimeError: no boost today",
        "boosted at 4 ns for task 'B': raised RuntimeError: no boost today",
    ),
    "WritesLeft": (
        f"ran at 1 ns for task 'A': wrote task.left; {SCRATCH}",
        f"ran at 5 ns for task 'B': wrote task.left; {SCRATCH}",
    ),
    "WritesQueue": (
        f"joined at 5 ns for task 'A': wrote queue.now; {SCRATCH}",
        f"joined at 5 ns for task 'B': wrote queue.now; {SCRATCH}",
    ),
    "WritesFloat": (
        "ran at 1 ns for task 'A': left 0.5 in task.vtime; a scratch field holds an int",
        "ran at 5 ns for task 'B': left 1.0 in task.vtime; a scratch field holds an int",
    ),
    "WritesTask": (
        "joined at 0 ms for task 'A': left <Task A ready> in task.level; a scratch field holds an int",
        "joined at 3 ns for task 'B': left <Task B ready> in task.level; a scratch field holds an int",
    ),
    "WritesItself": (
        "joined at 0 ms for task 'A': raised AttributeError: WritesItself is frozen; last cannot be set",
        None,
    ),
}

# Found by the kit alone: one run cannot see it, or has no time to look. A number that differs each time is #.
KIT = {
    "StateInItself": ".joined at 3 ns for task 'B': changed its own field 'joins'" + STATE,
    "StateInClass": ".joined at 3 ns for task 'B': changed the class attribute StateInClass.joins" + STATE,
    "StateInClassList": ".joined at 3 ns for task 'B': changed the class attribute StateInClassList.seen"
    + STATE,
    "StateInModule": ".joined at 3 ns for task 'B': changed the global 'JOINS'" + STATE,
    "StateInDefault": ".joined at 3 ns for task 'B': changed the class attribute StateInDefault._remember"
    + STATE,
    "StateInCounter": ".rank at 3 ns for task 'B': changed the class attribute StateInCounter._numbers"
    + STATE,
    "RemembersTask": ".joined at 3 ns for task 'B': remembers a task in the class attribute RemembersTask._tasks"
    + STATE,
    "StateHidden": ".slice at 3 ns for task 'B': answered # in one run and # in another of the same mix; "
    + TWICE,
    "Random": ".slice at 3 ns for task 'B': answered # in one run and # in another of the same mix; " + TWICE,
    "Clock": ".slice at 3 ns for task 'B': answered # in one run and # in another of the same mix; " + TWICE,
    "ReadsLeft": f".rank at 3 ns for task 'B': read task.left: {TRUE_LENGTH}",
    "ReadsBurstLength": f".slice at 3 ns for task 'B': read task.burst_length: {TRUE_LENGTH}",
    "ReadsCpuLeft": f".rank at 3 ns for task 'B': read task.cpu_left: {TRUE_LENGTH}",
    "ReadsBurst": f".rank at 3 ns for task 'B': read task.burst: {TRUE_LENGTH}",
    "ReadsRemaining": f".joined at 3 ns for task 'B': read task.remaining: {TRUE_LENGTH}",
    "ReadsJob": ".joined at 3 ns for task 'B': read task.job: it holds the whole program; "
    "write clairvoyant = True, or do without",
}

RIGHT = ("Minimal", "Maximal", "Documented", "Starving", "ReadsEstimate", "RoundTheClock")


@pytest.mark.parametrize("name", MADE)
def test_refused_when_made(name):
    """A wrong class is refused before anything runs, by the kit in the same words."""
    with pytest.raises(PolicyError) as made:
        getattr(zoo, name)()
    with pytest.raises(PolicyError) as checked:
        check_policy(getattr(zoo, name))
    assert (MADE[name], MADE[name]) == (str(made.value), str(checked.value))


@pytest.mark.parametrize("name", BOTH)
def test_refused_by_a_run(name):
    """A wrong answer ends the run with policy, hook, time and task."""
    with pytest.raises(PolicyError) as refused:
        schedsim.run(MIX, getattr(zoo, name)(), notes=False)
    assert f"{name}.{BOTH[name][0]}" == str(refused.value)


@pytest.mark.parametrize("name", BOTH)
def test_refused_by_the_kit_too(name):
    """What a run refuses, the kit refuses."""
    with pytest.raises(PolicyError) as refused:
        check_policy(getattr(zoo, name))
    run, kit = BOTH[name]
    expected = run.replace("at 0 ms for task 'A'", "at 3 ns for task 'B'") if kit is None else kit
    assert f"{name}.{expected}" == str(refused.value)


@pytest.mark.parametrize("name", KIT)
def test_refused_by_the_kit_alone(name):
    """What one run cannot see, or has no time to look for, the kit finds."""
    with pytest.raises(PolicyError) as refused:
        check_policy(getattr(zoo, name))
    message = str(refused.value)
    if "#" in KIT[name]:
        message = re.sub(r"answered \d+ in one run and \d+ in", "answered # in one run and # in", message)
    assert name + KIT[name] == message


def test_the_whole_zoo_is_looked_at():
    """No policy of the zoo is forgotten by the tables above."""
    here = {name for name, value in vars(zoo).items() if getattr(value, "__module__", "") == zoo.__name__}
    assert {*MADE, *BOTH, *KIT, *RIGHT} == here


@pytest.mark.parametrize("name", ["Raises", "BoostRaises", "WritesItself"])
def test_what_a_hook_raised_is_kept_as_the_cause(name):
    """The traceback leads to the user's own line; the mix that showed it is a note."""
    with pytest.raises(PolicyError) as refused:
        check_policy(getattr(zoo, name))
    assert type(refused.value.__cause__).__name__ in str(refused.value)
    assert refused.value.__notes__[0].startswith("in this mix: Mix(jobs=(Job(id='A'")


def test_an_error_of_the_kit_is_not_its_own_cause():
    """A refusal that comes from within a hook's call has no cause."""
    with pytest.raises(PolicyError) as refused:
        check_policy(zoo.ReadsLeft)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("what", "shown"), [(3, "3"), ("rr", "'rr'"), (int, "<class 'int'>")], ids=["number", "name", "class"]
)
def test_what_is_no_policy_is_refused(what, shown):
    """Something else than a policy is wrong use."""
    with pytest.raises(UsageError) as refused:
        check_policy(what)
    assert f"{shown} is no policy; write a class that derives from schedsim.Policy, or its object" == str(
        refused.value
    )
