"""What dispatches cost on this machine, kept in a file until the machine changes.

The file is ``calibration.json`` in the folder that ``SCHEDSIM_STATE`` names, or else in ``schedsim`` of
the user's state folder (``XDG_STATE_HOME``, or ``~/.local/state``). It has the facts of the host that
costs depend on, and never the host's name.
"""

from __future__ import annotations

import os
from typing import Any, Final, NamedTuple

from schedsim.errors import HostError
from schedsim.observed import Overheads
from schedsim.times import UNITS, Ns, to_unit

SCHEMA: Final = "schedsim.calibration/1"
_STORE: Final = "schedsim.calibrations/1"
UNIT: Final = "us"
"""The unit of the numbers in the file and in JSON."""
MOST_KEPT: Final = 20
"""Calibrations kept in one file: the oldest go."""

MEANINGS: Final = {
    "completion": "after a task that blocked or ended",
    "preemption": "after a task that was preempted or whose slice expired",
    "arrival": "on an idle CPU, of a task that has just arrived",
    "wake": "on an idle CPU, of a task whose I/O has just ended",
    "stop": "until a preempted task leaves its CPU; it computes until then",
    "overrun": "until a task whose slice is over leaves its CPU to another one; likewise",
}
"""What is measured: dispatches by what came before them, and how late a preemption takes effect."""

USUAL: Final = ("release", "release_busy", "sleep")
"""When jobs are let go at an idle CPU, at a busy one, and when I/Os are seen to end: how late each is as a rule."""


class Basis(NamedTuple):
    """What a calibration holds for: with another driver, kernel or Python everything costs something else."""

    driver: str
    start_method: str
    shared: bool
    """Whether the dispatcher takes its time from a measured CPU."""
    cpus: int
    """How many CPUs are measured."""
    system: tuple[tuple[str, Any], ...]
    """The facts of the host."""


class Cost(NamedTuple):
    """How long one of these things takes (nanoseconds)."""

    cost: Ns
    """The lower quartile of the medians of the repetitions."""
    least: Ns
    most: Ns
    """The least and the greatest of these medians."""
    samples: int
    """How often it was measured, in all repetitions."""


class Calibration(NamedTuple):
    """What dispatches cost here, measured apart from any run.

    Attributes:
        basis: what it holds for.
        costs: what is measured, by its name in ``MEANINGS``.
        lateness: 50th, 95th and 99th percentile of the dispatcher's lateness (nanoseconds), by number.
        usual: how late jobs were let go and I/Os were seen to end where nothing disturbed, the medians
            (nanoseconds), by ``USUAL``. They are part of the costs, so a replay must not have them twice.
        date: when it was measured, as in ``2026-01-31T12:00:00+00:00``.
        repeats: how often each micro-mix was run.
        disturbed: how many further runs were left out because the machine was disturbed.
        idle: how the CPUs waited when idle: polling, or as the system does.
        notes: sentences that the reader should see; they are not kept.
    """

    basis: Basis
    costs: dict[str, Cost]
    lateness: dict[int, Ns]
    usual: dict[str, Ns]
    date: str
    repeats: int
    disturbed: int = 0
    idle: str = ""
    notes: tuple[str, ...] = ()

    @property
    def overheads(self) -> Overheads:
        """The costs as a simulation takes them."""
        return Overheads(**{name: each.cost for name, each in self.costs.items()})

    def to_dict(self) -> dict[str, Any]:
        """Return the ``schedsim.calibration/1`` object, times in microseconds."""
        return {
            "schema": SCHEMA,
            "unit": UNIT,
            "date": self.date,
            "driver": self.basis.driver,
            "start_method": self.basis.start_method,
            "shared": self.basis.shared,
            "cpus": self.basis.cpus,
            "idle": self.idle,
            "repeats": self.repeats,
            "disturbed": self.disturbed,
            "costs": {
                name: {
                    "cost": to_unit(each.cost, UNIT),
                    "least": to_unit(each.least, UNIT),
                    "most": to_unit(each.most, UNIT),
                    "samples": each.samples,
                }
                for name, each in self.costs.items()
            },
            "usual": {name: to_unit(value, UNIT) for name, value in self.usual.items()},
            "lateness": {f"p{share}": to_unit(value, UNIT) for share, value in self.lateness.items()},
            "system": dict(self.basis.system),
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Calibration:
        """Return what ``to_dict`` described. Raises ValueError, KeyError or TypeError for anything else."""
        if document["schema"] != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        scale = UNITS[document["unit"]]

        def length(value: Any) -> Ns:
            return round(float(value) * scale)

        basis = Basis(
            str(document["driver"]),
            str(document["start_method"]),
            bool(document["shared"]),
            int(document["cpus"]),
            tuple(dict(document["system"]).items()),
        )
        costs = {
            name: Cost(
                length(each["cost"]), length(each["least"]), length(each["most"]), int(each["samples"])
            )
            for name, each in document["costs"].items()
        }
        if list(costs) != list(MEANINGS):
            raise ValueError("other costs than those that are measured now")
        lateness = {int(name[1:]): length(value) for name, value in document["lateness"].items()}
        usual = {name: length(document["usual"][name]) for name in USUAL}
        if not lateness:
            raise ValueError("no lateness")
        return cls(
            basis,
            costs,
            lateness,
            usual,
            str(document["date"]),
            int(document["repeats"]),
            int(document["disturbed"]),
            str(document["idle"]),
        )

    def __str__(self) -> str:
        """Return one line."""
        costs = ", ".join(f"{name} {each.cost / 1000:.1f}" for name, each in self.costs.items())
        return f"{self.basis.driver} on this machine, in microseconds: {costs}"


def store() -> str:
    """Return the path of the file; it need not be there."""
    folder = os.environ.get("SCHEDSIM_STATE")
    if not folder:
        state = os.environ.get("XDG_STATE_HOME")
        # An XDG folder that is no absolute path is to be ignored, says its specification.
        if not state or not os.path.isabs(state):
            state = os.path.join(os.path.expanduser("~"), ".local", "state")
        folder = os.path.join(state, "schedsim")
    return os.path.join(folder, "calibration.json")


def kept(path: str) -> tuple[list[Calibration], str]:
    """Return the calibrations in the file, and "" or why it cannot be used, as a sentence.

    A file that is not there has none, which is no fault.
    """
    import json

    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        if document["schema"] != _STORE:
            raise ValueError(f"its schema is not {_STORE}")
        found: list[Calibration] = [Calibration.from_dict(each) for each in document["calibrations"]]
    except FileNotFoundError:
        return [], ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return [], f"{path}: is no file of calibrations, so it is not used ({_cause(error)})"
    return found, ""


def _cause(error: Exception) -> str:
    if isinstance(error, OSError):
        return str(error.strerror)
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def find(basis: Basis, path: str | None = None) -> Calibration | None:
    """Return the calibration that was kept for ``basis``; one for other facts is none."""
    found, trouble = kept(store() if path is None else path)
    each: Calibration
    for each in reversed(found):
        if each.basis == basis:
            return each._replace(notes=(trouble,) if trouble else ())
    return None


def keep(calibration: Calibration, path: str | None = None) -> str:
    """Keep it for later, in place of one for the same basis; return the file's path.

    The file is written whole or not at all; one that cannot be read is replaced.
    Raises HostError when it cannot be written.
    """
    import json

    from schedsim.output import replacing

    target = store() if path is None else path
    others = [each for each in kept(target)[0] if each.basis != calibration.basis]
    listed = [*others, calibration][-MOST_KEPT:]
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
    except OSError as error:
        raise HostError(
            f"{os.path.dirname(target)}: this folder for calibrations cannot be made ({error.strerror}); "
            "name another one in SCHEDSIM_STATE"
        ) from None
    with replacing(target) as file:
        json.dump(
            {"schema": _STORE, "calibrations": [each.to_dict() for each in listed]},
            file,
            indent=1,
            ensure_ascii=False,
        )
        file.write("\n")
    return target
