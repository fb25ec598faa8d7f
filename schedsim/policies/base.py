"""The contract of a policy, with a default for every hook. The empty policy is FCFS.

A policy is a frozen value: its parameters are its fields. What changes while jobs run lives in
each task's scratch fields (``level``, ``used``, ``spent``, ``vtime``), so one policy object can
serve many runs, and the very same functions can dispatch real processes.

Hooks may read the task and ``queue``, write scratch fields and use whole-number arithmetic. They
may not keep state of their own, use ``/``, or read a clock.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, ClassVar, Final

from schedsim.errors import PolicyError
from schedsim.frozen import Frozen
from schedsim.times import Duration, Ns

if TYPE_CHECKING:
    from schedsim.scheduler.ready import Ready
    from schedsim.scheduler.task import Task

Rank = int | tuple[int, ...]
"""Lower goes first. All ranks of one policy must be of one form."""

UNTIL_IT_BLOCKS: Final = -1
"""The slice of a task that may keep the CPU until it blocks or ends."""


class Why(enum.IntEnum):
    """Why a task became ready."""

    ARRIVED = 0
    WOKE = 1
    EXPIRED = 2
    PREEMPTED = 3
    YIELDED = 4


# The members under plain names, which are much cheaper to read in a hook.
ARRIVED: Final = Why.ARRIVED
WOKE: Final = Why.WOKE
EXPIRED: Final = Why.EXPIRED
PREEMPTED: Final = Why.PREEMPTED
YIELDED: Final = Why.YIELDED


class Place(enum.IntEnum):
    """Where a task goes among the ready ones of its own rank."""

    DEFAULT = 0
    """The tail; a preempted task where the conventions say."""
    HEAD = 1
    TAIL = 2


DEFAULT: Final = Place.DEFAULT
HEAD: Final = Place.HEAD
TAIL: Final = Place.TAIL


class Queue:
    """What a policy is shown of the others: a small summary, made by the scheduler."""

    __slots__ = (
        "_ready",
        "_returning",
        "_running",
        "before",
        "dispatches",
        "exact_end_uses_up",
        "last_vtime",
        "now",
        "preempted_keeps_slice",
    )

    def __init__(self, *, exact_end_uses_up: bool = False, preempted_keeps_slice: bool = False) -> None:
        """Start at time 0 with nothing ready."""
        self.now: Ns = 0
        self.dispatches: int = 0
        """How many dispatches the run has made so far."""
        self.before: int = 0
        """While a dynamic policy's ranks are asked: tickets of the ready tasks before this one in the mix."""
        self.last_vtime: int = 0
        """The virtual time of the task that was charged last."""
        self.exact_end_uses_up = exact_end_uses_up
        self.preempted_keeps_slice = preempted_keeps_slice
        self._ready: Ready | None = None
        self._running: list[Any] = []
        self._returning: list[tuple[Task, Why]] = []

    def watch(self, ready: Ready, processors: list[Any], returning: list[tuple[Task, Why]]) -> None:
        """Summarise these from now on; called once by the scheduler."""
        self._ready = ready
        self._running = processors
        self._returning = returning

    @property
    def count(self) -> int:
        """How many tasks are ready (the running ones not counted)."""
        return len(self._ready) if self._ready is not None else 0

    @property
    def crowded(self) -> bool:
        """While a task joins: whether more tasks want a CPU than are free, itself counted.

        So are those that gave one up at this instant and have not joined yet.
        """
        free = sum(processor.task is None for processor in self._running)
        return self.count + 1 + len(self._returning) > free

    @property
    def tickets(self) -> int:
        """Tickets of all ready tasks together."""
        return self._ready.tickets() if self._ready is not None else 0

    @property
    def weight(self) -> int:
        """Weights of all ready tasks together (the running ones not counted)."""
        return self._ready.weight() if self._ready is not None else 0

    @property
    def least_vtime(self) -> int:
        """The least virtual time among the running tasks and the ready one that goes next.

        A task that gave up its CPU at this very instant counts, though it is not ready again yet.
        Where nobody wants a CPU it is the virtual time of the task that was the last to leave one:
        a newcomer must not start in front of all that wait for I/O.
        """
        times = [processor.task.vtime for processor in self._running if processor.task is not None]
        times += [task.vtime for task, _ in self._returning]
        if self._ready is not None and len(self._ready):
            times.append(self._ready.best()[2].vtime)
        return min(times, default=self.last_vtime)


class Policy(Frozen):
    """First come, first served: the policy that says nothing.

    Good for: being the default of every hook.
    Fails when: a short job waits behind a long one.
    Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.1.
    """

    name: ClassVar[str] = ""
    """What ``--algo`` calls it; a user's own policy is called by its class."""
    # Not annotated, so no parameters here; a policy may make one of them a parameter.
    preemptive = False
    """Whether a ready task of strictly better rank takes the CPU from a running one."""
    dynamic = False
    """Whether a rank changes while the task waits, and so is asked anew at each dispatch."""
    clairvoyant = False
    """Whether it reads true burst lengths, which no real scheduler knows."""
    boost = Duration(0)
    """Period of ``boosted``; 0: never."""
    unsaid: ClassVar[tuple[str, ...]] = ()
    """Parameters that results leave out while they have their defaults, since what they add is off then."""
    fields: ClassVar[dict[str, object]] = {}

    def rank(self, task: Task, queue: Queue) -> Rank:
        """Return the task's rank; lower goes first, equal ranks in the order in which they joined.

        Asked when the task joins the ready queue (a ``dynamic`` policy: of every ready task at
        each dispatch), and of running tasks when a preemption is considered. Not asked of blocked
        ones. A wrong answer ends the run with its name.
        """
        del task, queue
        return 0

    def slice(self, task: Task, queue: Queue) -> Ns:
        """Return how long the task may run: nanoseconds above 0, or ``UNTIL_IT_BLOCKS``.

        Asked at each dispatch, when the task has left the ready queue; not when it goes on with a
        slice that a preemption interrupted. 0 is refused: it is what a division leaves behind.
        """
        del task, queue
        return UNTIL_IT_BLOCKS

    def joined(self, task: Task, why: Why, queue: Queue) -> Place | None:
        """Note that the task became ready; return HEAD or TAIL to say where, or nothing.

        Called before its rank is asked, while it is not yet counted in ``queue``.
        """
        del task, why, queue
        return None

    def ran(self, task: Task, ns: Ns, queue: Queue) -> None:
        """Charge the task ``ns`` of CPU time.

        Called when it leaves the CPU, and in the middle of a slice whenever the ready queue changes,
        each time with what is new. ``task.state`` says whether it goes on (RUNNING), is to wait
        for the CPU again (READY), blocks (BLOCKED) or has ended.
        """
        del task, ns, queue

    def boosted(self, task: Task, queue: Queue) -> None:
        """Do the policy's periodic work on a task; called for every unfinished one each ``boost``.

        Running tasks get a fresh slice afterwards, and ranks are asked again.
        """
        del task, queue

    def check(self) -> None:
        """Refuse wrong parameters: raise ValueError with a sentence that says what to write."""

    HOOKS: ClassVar[tuple[str, ...]] = ("rank", "slice", "joined", "ran", "boosted")

    def __init__(self, *values: Any, **named: Any) -> None:
        """Set the parameters and check them.

        Raises PolicyError for a misspelt hook, a wrong signature or a parameter out of range.
        """
        try:
            super().__init__(*values, **named)
        except TypeError as error:
            raise PolicyError(str(error), type(self).label()) from None
        self._check_hooks()
        for name, annotation in self.fields.items():
            value = getattr(self, name)
            if "Duration" in str(annotation):
                lengths = value if isinstance(value, tuple) else (value,)
                if any(type(length) is not int for length in lengths):
                    raise PolicyError(
                        f"{name} is {value!r}; a length is whole nanoseconds", type(self).label()
                    )
        try:
            self.check()
            boost, flags = self.boost, (self.preemptive, self.dynamic, self.clairvoyant)
        except ValueError as error:
            raise PolicyError(str(error), type(self).label()) from None
        except Exception as error:  # a user's class may do anything
            message = f"raised {type(error).__name__} when it was made: {error}"
            raise PolicyError(message, type(self).label()) from error
        if type(boost) is not int or boost < 0:
            raise PolicyError(
                f"boost is {boost!r}; write whole nanoseconds, or 0 for never", type(self).label()
            )
        for constant, value in zip(("preemptive", "dynamic", "clairvoyant"), flags, strict=True):
            if type(value) is not bool:
                raise PolicyError(f"{constant} is {value!r}; write True or False", type(self).label())

    @classmethod
    def label(cls) -> str:
        """Return the policy's name, or the class's."""
        return cls.name or cls.__name__

    def hooks(self) -> frozenset[str]:
        """Return the names of the hooks that this policy defines itself."""
        cls = type(self)
        return frozenset(hook for hook in Policy.HOOKS if getattr(cls, hook) is not getattr(Policy, hook))

    @classmethod
    def _check_hooks(cls) -> None:
        known = {name for name in dir(Policy) if not name.startswith("_")}
        for ancestor in cls.__mro__[: cls.__mro__.index(Policy)]:
            for name, value in vars(ancestor).items():
                if name.startswith("_") or name in cls.fields:
                    continue
                if name not in known:
                    if not callable(value):
                        continue
                    from difflib import get_close_matches

                    near = get_close_matches(name, known, n=1, cutoff=0.6)
                    hint = f"did you mean {near[0]!r}? " if near else ""
                    raise PolicyError(
                        f"{hint}hooks are {', '.join(Policy.HOOKS)}; {name!r} is none of them "
                        "(begin a helper's name with _)",
                        cls.label(),
                    )
                if name in Policy.HOOKS:
                    cls._check_signature(name, value)

    @classmethod
    def _check_signature(cls, name: str, value: object) -> None:
        def arguments(function: Any) -> int:
            code = function.__code__
            return -1 if code.co_flags & 0x0C or code.co_kwonlyargcount else code.co_argcount

        expected = getattr(Policy, name)
        if not hasattr(value, "__code__"):
            raise PolicyError(f"{name} is {value!r}; it must be a method", cls.label(), name)
        if arguments(value) != arguments(expected):
            names = ", ".join(expected.__code__.co_varnames[: expected.__code__.co_argcount])
            got = ", ".join(value.__code__.co_varnames[: value.__code__.co_argcount])
            raise PolicyError(f"is written {name}({got}); write {name}({names})", cls.label(), name)
