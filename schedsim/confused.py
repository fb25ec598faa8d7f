"""What a confusion returns: every policy's measurement beside every policy's prediction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.errors import UsageError
from schedsim.spread import median
from schedsim.verdict import AGREE, DISAGREE, INCONCLUSIVE

if TYPE_CHECKING:
    from schedsim.measured import RealRun

SCHEMA: Final = "schedsim.confusion/1"


class Margin(NamedTuple):
    """How much nearer the own prediction is than the best of the others: the ratio of their errors."""

    median: float
    """Over the runs."""
    least: float


class Confusion:
    """Every policy's measurement beside every policy's replay.

    Attributes:
        about: mix, unit, driver, the policies with their options, repeat, ...
        names: of the policies, in order.
        errors: for each policy that was measured, for each valid run, for each policy that was simulated,
            the mean of the jobs' absolute errors as fractions.
        wanted: how many runs of each policy were wanted.
        reasons: for each policy, why the runs that are missing do not count.
        notes: sentences that the reader should see.
        runs: the runs themselves; empty when this was read from a file.
    """

    def __init__(
        self,
        about: dict[str, Any],
        *,
        names: Sequence[str],
        errors: Sequence[Sequence[Sequence[float]]],
        wanted: int,
        reasons: Sequence[Sequence[str]],
        notes: Sequence[str] = (),
        runs: Sequence[Sequence[RealRun]] = (),
    ) -> None:
        """Judge: the diagonal must win in every valid run of every policy."""
        self.about, self.names, self.wanted, self.notes = about, list(names), wanted, list(notes)
        self.errors = [[list(run) for run in row] for row in errors]
        self.reasons = [list(each) for each in reasons]
        self.runs = runs
        self.matrix = [
            [median([run[place] for run in row]) if row else None for place in range(len(self.names))]
            for row in self.errors
        ]
        """The median over the runs."""
        self.margins = [_margin(row, place) for place, row in enumerate(self.errors)]
        self.verdict, self.why = self._judge()

    def _judge(self) -> tuple[str, str]:
        nearest = [(place, run, _nearest(run)) for place, row in enumerate(self.errors) for run in row]
        lost = [
            f"a run under {self.names[place]} is nearer to {self.names[other]}"
            for place, run, other in nearest
            if run[other] < run[place]
        ]
        tied = [
            f"{self.names[place]} and {self.names[other]} foretell the same of this mix, so nothing tells them apart"
            for place, run, _ in nearest
            for other in range(len(run))
            if other != place and run[other] == run[place]
        ]
        runs = sum(map(len, self.errors))
        if lost:
            return DISAGREE, f"{lost[0]} than to its own prediction ({len(lost)} of {runs} runs)"
        for name, row, why in zip(self.names, self.errors, self.reasons, strict=True):
            if not row or 2 * len(row) < self.wanted:
                return INCONCLUSIVE, f"{len(row)} of {self.wanted} runs under {name} count" + (
                    f": {why[0]}" if why else ""
                )
        if tied:
            return INCONCLUSIVE, tied[0]
        known = [margin for margin in self.margins if margin is not None]
        return AGREE, (
            f"in {runs} of {runs} runs a policy is nearest to its own prediction, "
            f"{median([margin.median for margin in known]):.0f} times nearer than to any other in the median, "
            f"{min(margin.least for margin in known):.1f} times at least"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the ``schedsim.confusion/1`` object; errors are fractions of the simulated value."""
        return {
            "schema": SCHEMA,
            **self.about,
            "wanted": self.wanted,
            "names": self.names,
            "matrix": self.matrix,
            "margins": [None if each is None else each._asdict() for each in self.margins],
            "errors": self.errors,
            "reasons": self.reasons,
            "verdict": self.verdict,
            "why": self.why,
            "notes": self.notes,
        }

    @classmethod
    def from_dict(cls, document: Any) -> Confusion:
        """Return what ``to_dict`` described. Raises UsageError for anything else."""
        try:
            if document["schema"] != SCHEMA:
                raise UsageError(f"its schema is {document['schema']!r}, and not {SCHEMA!r}")
            known = {
                *("schema", "wanted", "names", "matrix", "margins", "errors", "reasons"),
                *("verdict", "why", "notes"),
            }
            about = {name: value for name, value in document.items() if name not in known}
            return cls(
                about,
                names=document["names"],
                errors=document["errors"],
                wanted=document["wanted"],
                reasons=document["reasons"],
                notes=document["notes"],
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            missing = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise UsageError(f"this is no whole result of a confusion ({missing})") from None

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.verdict}: {len(self.names)} policies on {self.about['mix']}: {self.why}"

    def __repr__(self) -> str:
        """Return one line in angle brackets."""
        return f"<Confusion {self}>"

    def _repr_html_(self) -> str:
        """Return verdict and matrix as HTML for a notebook."""
        from schedsim.crosscheck_words import confusion_html

        return confusion_html(self)


def _nearest(run: Sequence[float]) -> int:
    """Return whose prediction is nearest, the first of several."""
    return min(range(len(run)), key=run.__getitem__)


def _margin(row: Sequence[Sequence[float]], place: int) -> Margin | None:
    """Return the ratios of the second best error to the own one; None where there is nothing to compare."""
    found = []
    for run in row:
        others = [error for number, error in enumerate(run) if number != place]
        if others:
            found.append(min(others) / max(run[place], 1e-9))
    return Margin(median(found), min(found)) if found else None
