"""What the policy that the header names has promised: its slices, its boosts, who goes before whom."""

from __future__ import annotations

from typing import Any, Final

from schedsim.times import UNITS, Ns, to_unit
from schedsim.trace import Header

_OPTIONS: Final[dict[str, frozenset[str]]] = {
    name: frozenset(options.split())
    for name, options in (
        ("fcfs", ""),
        ("rr", "quantum tick phase"),
        ("priority", "preemptive priority_order ageing"),
        ("priority-rr", "quantum priority_order"),
        ("mlfq", "levels quanta allotments boost io_resets_allotment io_bump"),
        ("feedback", "quanta"),
        ("lottery", "quantum draws seed"),
        ("stride", "quantum stride1 initial_pass"),
        ("edf", ""),
        ("mlq", "queues quantum"),
    )
}
"""The policies of which anything is known, and their options; with others it is somebody's own."""
_EXACT_IN_FLOATS: Final = 1 << 52


class Promises:
    """What is known of a policy from the header; None or nothing where it is not."""

    __slots__ = ("boosts", "deadlines", "first_come", "first_slice", "io_renews", "priorities", "slices")

    def __init__(self, header: Header) -> None:
        """Read the name and the options."""
        options, unit = header.options, header.unit
        algo = header.algo if set(options) <= _OPTIONS.get(header.algo, frozenset()) else ""
        self.first_come = algo in ("fcfs", "rr")
        """Whether ready tasks are dispatched in the order in which they became ready."""
        self.deadlines = algo == "edf"
        """Whether the earliest deadline is dispatched first, and jobs without one last."""
        self.priorities = 0
        """1 if the lowest priority is dispatched first, -1 if the highest; 0: not known."""
        if algo == "mlq" and options.get("queues") == []:
            self.priorities = 1
        elif algo == "priority-rr" or (algo == "priority" and options.get("ageing") == 0):
            self.priorities = {"low-first": 1, "high-first": -1}.get(options.get("priority_order", ""), 0)
        self.boosts = _boosts(algo, options, unit)
        """The periods that the boosts may have, 0 for no boost; empty: any."""
        listed: object = None
        if algo in ("mlfq", "feedback"):
            listed = options.get("quanta")
        elif algo and not options.get("tick") and (algo != "mlq" or options.get("queues") == []):
            listed = [options.get("quantum")]
        lengths = [_length(each, unit) for each in listed] if isinstance(listed, list | tuple) else []
        known = [each for each in lengths if each is not None]
        self.slices = frozenset(known) if known and len(known) == len(lengths) else None
        """The lengths of fresh slices; those that are counted in ticks depend on when they begin."""
        self.first_slice = known[0] if self.slices is not None else 0
        """The slice of a task that has not run yet, or not since a boost."""
        self.io_renews: bool | None = None
        """Whether I/O renews a slice that it breaks into; None: every slice is a fresh one."""
        if algo == "mlfq":
            self.io_renews = options.get("io_resets_allotment") is True


def _length(value: object, unit: str) -> Ns | None:
    """Return an option that is a length in nanoseconds, or None if that is not certain."""
    if type(value) not in (int, float) or unit not in UNITS:
        return None
    if isinstance(value, int):
        return value * UNITS[unit]
    length = round(value * UNITS[unit]) if isinstance(value, float) and abs(value) < _EXACT_IN_FLOATS else 0
    return length if 0 < length < _EXACT_IN_FLOATS and to_unit(length, unit) == value else None


def _boosts(algo: str, options: dict[str, Any], unit: str) -> tuple[Ns, ...]:
    """Return the periods that boosts may have."""
    if algo == "priority":
        if options.get("preemptive") is False:
            return (0,)
        value = options.get("ageing") if options.get("preemptive") is True else None
    else:
        value = options.get("boost")
    length = _length(value, unit)
    found: tuple[Ns, ...] = () if length is None else (length,)
    if not algo and type(value) is int and value != length:
        found += (value,)  # somebody's own parameter need not be declared as a length
    return found
