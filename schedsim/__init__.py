"""A simulator of operating-system CPU scheduling that gives the schedule, the metrics and the reasons."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# What is imported from where, when first used: ``import schedsim`` itself loads nothing.
_HOMES = {
    "Arrived": "scheduler.inputs",
    "Calibration": "calibration",
    "Comparison": "results",
    "CompletelyFairScheduler": "policies.cfs",
    "Confusion": "confused",
    "Cpu": "operations",
    "Crosscheck": "crosschecked",
    "EarliestDeadlineFirst": "policies.edf",
    "Exit": "operations",
    "FirstComeFirstServed": "policies.fcfs",
    "Feedback": "policies.feedback",
    "Get": "operations",
    "HEAD": "policies.base",
    "HighestResponseRatioNext": "policies.hrrn",
    "Io": "operations",
    "Job": "jobs",
    "Join": "operations",
    "Kill": "operations",
    "Lock": "operations",
    "Lottery": "policies.lottery",
    "Mix": "jobs",
    "MultilevelFeedbackQueue": "policies.mlfq",
    "MultilevelQueue": "policies.mlq",
    "Place": "policies.base",
    "Policy": "policies.base",
    "Priority": "policies.priority",
    "PriorityRoundRobin": "policies.priority_rr",
    "Put": "operations",
    "Queue": "policies.base",
    "Read": "operations",
    "RoundRobin": "policies.rr",
    "Run": "results",
    "RealRun": "measured",
    "Recording": "recording",
    "SchedsimError": "errors",
    "ShortestJobFirst": "policies.sjf",
    "ShortestRemainingTimeFirst": "policies.srtf",
    "Spawn": "operations",
    "State": "states",
    "Stride": "policies.stride",
    "TAIL": "policies.base",
    "Trace": "trace",
    "UNTIL_IT_BLOCKS": "policies.base",
    "Unlock": "operations",
    "Why": "policies.base",
    "Write": "operations",
    "Yield": "operations",
    "calibrate": "calibrate",
    "compare": "experiment",
    "confusion": "confusion",
    "crosscheck": "crosscheck",
    "explain": "explain",
    "export": "export",
    "generate": "generate",
    "lab": "labs",
    "load": "mixfile",
    "ms": "times",
    "native": "native",
    "ns": "times",
    "real": "real",
    "report": "report",
    "run": "experiment",
    "s": "times",
    "sweep_quantum": "quanta",
    "us": "times",
    "validate": "validate",
}

_PLANNED = ("sweep",)
"""Promised by the design, and not built yet."""

if TYPE_CHECKING:
    from schedsim.calibrate import calibrate as calibrate
    from schedsim.calibration import Calibration as Calibration
    from schedsim.confused import Confusion as Confusion
    from schedsim.confusion import confusion as confusion
    from schedsim.crosscheck import crosscheck as crosscheck
    from schedsim.crosschecked import Crosscheck as Crosscheck
    from schedsim.experiment import compare as compare
    from schedsim.experiment import run as run
    from schedsim.explain import explain as explain
    from schedsim.export import export as export
    from schedsim.generate import generate as generate
    from schedsim.jobs import Job as Job
    from schedsim.jobs import Mix as Mix
    from schedsim.labs import lab as lab
    from schedsim.measured import RealRun as RealRun
    from schedsim.mixfile import load as load
    from schedsim.native import native as native
    from schedsim.operations import Cpu as Cpu
    from schedsim.operations import Exit as Exit
    from schedsim.operations import Get as Get
    from schedsim.operations import Io as Io
    from schedsim.operations import Join as Join
    from schedsim.operations import Kill as Kill
    from schedsim.operations import Lock as Lock
    from schedsim.operations import Put as Put
    from schedsim.operations import Read as Read
    from schedsim.operations import Spawn as Spawn
    from schedsim.operations import Unlock as Unlock
    from schedsim.operations import Write as Write
    from schedsim.operations import Yield as Yield
    from schedsim.policies.base import Policy as Policy
    from schedsim.policies.base import Queue as Queue
    from schedsim.policies.base import Why as Why
    from schedsim.policies.rr import RoundRobin as RoundRobin
    from schedsim.quanta import sweep_quantum as sweep_quantum
    from schedsim.real import real as real
    from schedsim.report import report as report
    from schedsim.results import Comparison as Comparison
    from schedsim.results import Run as Run
    from schedsim.times import ms as ms
    from schedsim.times import ns as ns
    from schedsim.times import s as s
    from schedsim.times import us as us
    from schedsim.trace import Trace as Trace
    from schedsim.validate import validate as validate


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name in _PLANNED:
        raise AttributeError(f"schedsim.{name} is planned, and not in this version")
    if name not in _HOMES:
        raise AttributeError(f"module 'schedsim' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"schedsim.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*_HOMES, "__version__"])


class _Package(ModuleType):
    """The package, in which ``schedsim.explain`` is the function also after the file of that name was read.

    Python puts a module that it has read into its package, over whatever has its name there.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in _HOMES):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
