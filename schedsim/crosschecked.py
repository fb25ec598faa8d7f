"""What a crosscheck returns: measurements beside three simulations, and a verdict.

All numbers are in the mix's unit, errors are fractions of the simulated value. Everything that a report
shows is in ``to_dict``, so that a report can be printed again from the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.errors import UsageError
from schedsim.times import UNITS
from schedsim.verdict import AGREE, DISAGREE, INCONCLUSIVE, Tolerances, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure, SubFigure

    from schedsim.measured import RealRun
    from schedsim.resultrows import Number
    from schedsim.results import Run

SCHEMA: Final = "schedsim.crosscheck/1"
PREDICTIONS: Final = ("ideal", "calibrated", "replay")
"""The simulations that are set beside a measurement; the verdict goes by the last."""


class Predicted(NamedTuple):
    """What one simulation says, and how far the measurement is from it."""

    simulated: Number | None
    """Of a replay the median over the runs, each of which has its own."""
    error: float | None
    """The median over the runs of (measured - simulated) / simulated."""


class Compared(NamedTuple):
    """The turnaround of one job, or the mean turnaround, measured and simulated."""

    id: str
    measured: Number | None
    """The median of the valid runs; None if there is none."""
    spread: float | None
    """The inter-quartile range of the measured ones, as a fraction of their median."""
    ideal: Predicted
    calibrated: Predicted
    replay: Predicted
    noise: float | None = None
    """The inter-quartile range of the errors of the replays."""
    allowed: float | None = None
    """The tolerance."""
    edge: bool = False
    """Whether it is on a knife edge, so that it is not judged."""
    cpu: float | None = None
    """By how much more CPU time it used than its program says, as a fraction; of the mean None."""


class KnifeEdge(NamedTuple):
    """Two things that are so near to each other that a hair decides which comes first."""

    time: Number
    """When, in the calibrated simulation."""
    jobs: tuple[str, ...]
    """The jobs whose turnarounds depend on it."""
    words: str
    """What it is, and when."""
    unordered: tuple[str, ...] = ()
    """The jobs whose places in the order of dispatches and of completions depend on it."""


class Order(NamedTuple):
    """Whether things happened in the order in which they were simulated."""

    same: int
    """In how many valid runs."""
    of: int
    first: str = ""
    """The first difference that was seen, in words."""


class Tries(NamedTuple):
    """How many runs there were, and how many count."""

    wanted: int
    valid: int
    invalid: int
    """Runs that were disturbed each time that they were made again."""
    made: int
    """All runs together."""
    reasons: tuple[str, ...] = ()
    """Why those that were invalid do not count."""


class Crosscheck:
    """One mix under one policy on real processes, beside its simulations.

    Attributes:
        about: what was run and how: mix, unit, algo, options, predicted, driver, facts, ...
        tolerances: fixed before the run.
        jobs: a row for each job, in the order of the mix.
        mean: the same for the mean turnaround.
        noise: inter-quartile range of the measured mean turnaround, as a fraction: the noise floor.
        edges: the knife edges, named before the run.
        orders: of completion and of dispatches, measured against the replay.
        faults: what is wrong with the runs themselves.
        tries: how many runs there were, and how many count.
        verdict: agree, disagree or inconclusive.
        why: why, in a sentence.
        worst: the jobs that are outside their tolerance, worst first.
        notes: sentences that the reader should see.
        measured: the runs that count, as ``schedsim.run/1`` objects.
        predictions: the simulations, likewise; ``replays`` has one for each run.
        runs: the same runs as results; empty when this was read from a file.
        simulated: the simulations as results, by name; of the replays the middle one; likewise.
    """

    def __init__(
        self,
        *,
        about: dict[str, Any],
        tolerances: Tolerances,
        jobs: Sequence[Compared],
        mean: Compared,
        noise: float | None,
        edges: Sequence[KnifeEdge],
        orders: dict[str, Order],
        faults: Sequence[str],
        tries: Tries,
        verdict: Verdict,
        notes: Sequence[str],
        measured: Sequence[dict[str, Any]],
        predictions: dict[str, Any],
        runs: Sequence[RealRun] = (),
        simulated: Mapping[str, Run] | None = None,
    ) -> None:
        """Put together what was found."""
        self.about, self.tolerances = about, tolerances
        self.jobs, self.mean, self.noise = list(jobs), mean, noise
        self.edges, self.orders, self.faults = list(edges), orders, list(faults)
        self.tries, self.notes = tries, list(notes)
        self.verdict, self.why, self.worst = verdict
        self.measured, self.predictions, self.runs = list(measured), predictions, list(runs)
        self.simulated = dict(simulated or {})

    def plot(self, *, metric: str = "turnaround", figure: Figure | SubFigure | None = None) -> Any:
        """Draw the predictions above the median run, and a point for each job with the line of equality.

        Args:
            metric: ``turnaround``, ``waiting`` or ``response``.
            figure: a figure to draw on; without it a new one is made.

        Raises:
            UsageError: for another metric, and where there are no runs to draw: none counted, or the result
                was read from a file.
        """
        if not self.runs:
            raise UsageError("there is no run to draw: none counted, or the result was read from a file")
        from schedsim.plots import crosscheck_figure

        return crosscheck_figure(
            self.simulated, self.runs, metric=metric, band=self.tolerances.job, figure=figure
        )

    @property
    def unit(self) -> str:
        """The mix's unit, in which all numbers here are."""
        unit: str = self.about["unit"]
        return unit

    def to_dict(self) -> dict[str, Any]:
        """Return the ``schedsim.crosscheck/1`` object: what ``--format json`` prints."""
        return {
            "schema": SCHEMA,
            **self.about,
            "tolerances": self.tolerances._asdict(),
            "jobs": [_row(job) for job in self.jobs],
            "mean_turnaround": _row(self.mean),
            "noise": {"mean_turnaround": self.noise, "replay": self.mean.noise},
            "knife_edges": [
                {**edge._asdict(), "jobs": list(edge.jobs), "unordered": list(edge.unordered)}
                for edge in self.edges
            ],
            "orders": {name: order._asdict() for name, order in self.orders.items()},
            "faults": self.faults,
            "validity": {**self.tries._asdict(), "reasons": list(self.tries.reasons)},
            "verdict": self.verdict,
            "why": self.why,
            "worst": list(self.worst),
            "notes": self.notes,
            "measured": self.measured,
            "predictions": self.predictions,
        }

    @classmethod
    def from_dict(cls, document: Any) -> Crosscheck:
        """Return what ``to_dict`` described. Raises UsageError for anything else."""
        try:
            if document["schema"] != SCHEMA:
                raise UsageError(f"its schema is {document['schema']!r}, and not {SCHEMA!r}")
            tries = dict(document["validity"])
            tries["reasons"] = tuple(tries["reasons"])
            if document["verdict"] not in (AGREE, DISAGREE, INCONCLUSIVE):
                raise UsageError(f"its verdict is {document['verdict']!r}, which is none")
            if document["unit"] not in UNITS or not isinstance(document["why"], str):
                raise UsageError("it has no unit or no reason for its verdict")
            known = {
                *("schema", "tolerances", "jobs", "mean_turnaround", "noise", "knife_edges", "orders"),
                *("faults", "validity", "verdict", "why", "worst", "notes", "measured", "predictions"),
            }
            return cls(
                about={name: value for name, value in document.items() if name not in known},
                tolerances=Tolerances(**document["tolerances"]),
                jobs=[_compared(row) for row in document["jobs"]],
                mean=_compared(document["mean_turnaround"]),
                noise=document["noise"]["mean_turnaround"],
                edges=[
                    KnifeEdge(
                        *(edge["time"], tuple(edge["jobs"]), edge["words"]), tuple(edge.get("unordered", ()))
                    )
                    for edge in document["knife_edges"]
                ],
                orders={name: Order(**order) for name, order in document["orders"].items()},
                faults=document["faults"],
                tries=Tries(**tries),
                verdict=Verdict(document["verdict"], document["why"], tuple(document["worst"])),
                notes=document["notes"],
                measured=document["measured"],
                predictions=document["predictions"],
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            missing = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise UsageError(f"this is no whole result of a crosscheck ({missing})") from None

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.verdict}: {self.about['algo']} on {self.about['mix']}: {self.why}"

    def __repr__(self) -> str:
        """Return one line in angle brackets."""
        return f"<Crosscheck {self}>"

    def _repr_html_(self) -> str:
        """Return verdict and table as HTML for a notebook."""
        from schedsim.crosscheck_words import page_html

        return page_html(self)


def _row(compared: Compared) -> dict[str, Any]:
    """Return a row as plain values."""
    row = compared._asdict()
    for name in PREDICTIONS:
        row[name] = row[name]._asdict()
    return row


def _compared(row: dict[str, Any]) -> Compared:
    """Return the row that ``_row`` made."""
    return Compared(**{**row, **{name: Predicted(**row[name]) for name in PREDICTIONS}})


def read_result(path: str) -> Any:
    """Return the JSON object in a file. Raises UsageError for a file that has none."""
    import json

    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise UsageError(f"{path}: is no JSON ({error})") from None


def edge_words(edges: Sequence[KnifeEdge]) -> list[str]:
    """Return what knife edges are, and whom they decide, a sentence each; one for all that decide the order alone."""
    said = [f"{edge.words} (it decides {', '.join(edge.jobs)})" for edge in edges if edge.jobs]
    others = [edge for edge in edges if not edge.jobs]
    if others:
        more = f", and {len(others) - 1} more" if len(others) > 1 else ""
        names = dict.fromkeys(job for edge in others for job in edge.unordered)
        whose = "their" if len(names) > 1 else "its"
        said.append(f"{others[0].words}{more} (of {', '.join(names)} nothing but {whose} place in the order)")
    return said


def on_edge(edges: Sequence[KnifeEdge]) -> frozenset[str]:
    """Return the jobs whose turnarounds depend on one of the edges."""
    return frozenset(job for edge in edges for job in edge.jobs)


def without_order(edges: Sequence[KnifeEdge]) -> frozenset[str]:
    """Return these, and the jobs whose places in the order do."""
    return on_edge(edges) | {job for edge in edges for job in edge.unordered}
