"""The policies by name, and policies from users' files.

The table is literal: adding a policy is a file in this folder and a line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schedsim.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from schedsim.policies.base import Policy

NAMES: Final[dict[str, tuple[str, str]]] = {
    "fcfs": ("fcfs", "FirstComeFirstServed"),
    "sjf": ("sjf", "ShortestJobFirst"),
    "srtf": ("srtf", "ShortestRemainingTimeFirst"),
    "hrrn": ("hrrn", "HighestResponseRatioNext"),
    "rr": ("rr", "RoundRobin"),
    "priority": ("priority", "Priority"),
    "priority-rr": ("priority_rr", "PriorityRoundRobin"),
    "mlq": ("mlq", "MultilevelQueue"),
    "mlfq": ("mlfq", "MultilevelFeedbackQueue"),
    "feedback": ("feedback", "Feedback"),
    "lottery": ("lottery", "Lottery"),
    "stride": ("stride", "Stride"),
    "cfs": ("cfs", "CompletelyFairScheduler"),
    "edf": ("edf", "EarliestDeadlineFirst"),
}
"""Policy name -> file in this folder, class in it."""

ALIASES: Final[dict[str, str]] = {
    "fifo": "fcfs",
    "first-come-first-served": "fcfs",
    "spn": "sjf",
    "sjn": "sjf",
    "shortest-job-first": "sjf",
    "srt": "srtf",
    "stcf": "srtf",
    "psjf": "srtf",
    "shortest-remaining-time-first": "srtf",
    "highest-response-ratio-next": "hrrn",
    "round-robin": "rr",
    "prio": "priority",
    "priority-round-robin": "priority-rr",
    "multilevel-queue": "mlq",
    "multilevel-feedback": "mlfq",
    "multilevel-feedback-queue": "mlfq",
    "fb": "feedback",
    "fair": "cfs",
    "fair-share": "cfs",
    "completely-fair": "cfs",
    "earliest-deadline-first": "edf",
}

PLANNED: Final = ("eevdf", "rm", "llf")
"""Named by the design, and not built yet."""


def policy_class(algo: str) -> type[Policy]:
    """Return the class that ``--algo`` names: a name, an alias, or ``FILE.py:CLASS``.

    Raises UsageError with the nearest name for an unknown one.
    """
    if ".py" in algo or (":" in algo and algo.split(":", 1)[0].endswith(".py")):
        return _class_in_file(algo)
    name = algo.strip().lower().replace("_", "-").replace(" ", "-")
    name = ALIASES.get(name, name)
    if name in PLANNED:
        raise UsageError(f"policy {algo!r} is planned and not in this version; there are {', '.join(NAMES)}")
    if name not in NAMES:
        from difflib import get_close_matches

        near = get_close_matches(name, [*NAMES, *ALIASES], n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError(f"{hint}policies are {', '.join(NAMES)}; {algo!r} is none of them")
    from importlib import import_module

    file, cls = NAMES[name]
    found: type[Policy] = getattr(import_module(f"schedsim.policies.{file}"), cls)
    return found


def _class_in_file(algo: str) -> type[Policy]:
    """Return the policy class from a user's file."""
    import importlib.util
    import os
    import sys

    from schedsim.policies.base import Policy

    path, _, name = algo.rpartition(":") if ":" in algo else (algo, "", "")
    if not path.endswith(".py"):
        path, name = algo, ""
    if not os.path.isfile(path):
        raise UsageError(f"{path}: there is no such file; write --algo FILE.py:CLASS")
    module_name = "schedsim_policy_" + os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path}: cannot be read as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise UsageError(f"{path}, line {error.lineno}: {error.msg}") from error
    except Exception as error:
        raise PolicyError(f"raised {type(error).__name__} when read: {error}", path) from error
    classes = {
        key: value
        for key, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Policy) and value.__module__ == module_name
    }
    if name in classes:
        return classes[name]
    if not name and len(classes) == 1:
        return next(iter(classes.values()))
    listed = ", ".join(classes) or "none"
    lack = f"has no policy {name!r}" if name else "has several policies" if classes else "has no policy"
    raise UsageError(f"{path}: {lack}; write FILE.py:CLASS with one of: {listed}")
