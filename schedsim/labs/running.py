"""Carries a lab out: its simulation, its real part if that is wanted, and what each of them shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.errors import HostError, UsageError
from schedsim.labs import find, known
from schedsim.labs.base import Findings
from schedsim.operation_faults import is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schedsim.labs.base import Lab, Values

LARGEST_SEED: Final = 2**63 - 1
SCHEMA: Final = "schedsim.lab/1"
SEEN: Final = "seen"
NOT_SEEN: Final = "not seen"
INCONCLUSIVE: Final = "inconclusive"
NOT_DONE: Final = "not done"


class Part(NamedTuple):
    """What the simulation, or the real part, showed."""

    verdict: str
    """seen, not seen, inconclusive, or not done."""
    why: tuple[str, ...]
    """What was missing, and what disturbed it; nothing if it was seen."""
    findings: Findings
    """Of what was not done, no values."""

    @property
    def values(self) -> Values:
        """What was found."""
        return self.findings.values


class LabResult:
    """A lab that was carried out. Shows itself as HTML in a notebook.

    Attributes:
        name: of the lab.
        lab: its texts.
        seed: or None.
        simulated: what the simulation showed.
        real: what real processes showed; None where that was not wanted.
        rule: what the lab's formula says, if it has one.
        notes: sentences that the reader should see.
    """

    def __init__(
        self, name: str, lab: Lab, seed: int | None, simulated: Part, real: Part | None, notes: list[str]
    ) -> None:
        """Put together what was found."""
        self.name, self.lab, self.seed, self.notes = name, lab, seed, notes
        self.simulated, self.real = simulated, real
        self.rule: Values = {} if lab.rule is None else lab.rule.values(seed)

    @property
    def parts(self) -> dict[str, Part]:
        """Those that were wanted, by their names: ``simulated`` and ``real``."""
        both = {"simulated": self.simulated, "real": self.real}
        return {name: part for name, part in both.items() if part is not None}

    @property
    def verdict(self) -> str:
        """The worst of the parts: seen, inconclusive or not done, not seen."""
        verdicts = [part.verdict for part in self.parts.values()]
        return next(word for word in (NOT_SEEN, NOT_DONE, INCONCLUSIVE, SEEN) if word in verdicts)

    @property
    def names(self) -> list[str]:
        """What was found, by its names, in order."""
        found = [*(part.values for part in self.parts.values()), self.rule]
        return list(dict.fromkeys(name for values in found for name in values))

    def to_dict(self) -> dict[str, Any]:
        """Return the ``schedsim.lab/1`` object: what ``--format json`` prints."""
        lab = self.lab
        rows = []
        for name in self.names:
            row: dict[str, Any] = {"what": name}
            if lab.rule is not None:
                row["rule"] = self.rule.get(name)
            for what, part in self.parts.items():
                row[what] = part.values.get(name)
            rows.append(row)
        return {
            "schema": SCHEMA,
            "lab": self.name,
            "title": lab.title,
            "question": lab.question,
            "prediction": lab.prediction,
            "text": lab.text.strip(),
            "seed": self.seed,
            "rows": rows,
            "simulated": _plain(self.simulated),
            "real": None if self.real is None else _plain(self.real),
            "verdict": self.verdict,
            "reason": lab.reason.strip(),
            "try": lab.attempt,
            "notes": self.notes,
        }

    def __repr__(self) -> str:
        """Return one line in angle brackets."""
        return f"<LabResult {self.name}: {self.verdict}>"

    def _repr_html_(self) -> str:
        """Return text and table as HTML for a notebook."""
        from schedsim.labs.showing import page_html

        return page_html(self)


def carry_out(
    name: str,
    *,
    real: bool = False,
    seed: int | None = None,
    begin: Callable[[], object] | None = None,
) -> LabResult:
    """Carry out the lab ``name``.

    Args:
        name: of the lab.
        real: whether real processes do it, too.
        seed: for labs that draw by lot.
        begin: is called before real processes start.

    Raises UsageError when there is no such lab, or the seed is no whole number of 0 or more.
    """
    name, lab = known(name), find(name)
    if seed is not None and not (is_whole(seed) and 0 <= seed <= LARGEST_SEED):
        raise UsageError(f"seed is {seed!r}; write a whole number from 0 to {LARGEST_SEED:,}")
    notes = []
    if seed is not None and not lab.seeded:
        notes.append("nothing is drawn by lot in this lab, so every seed gives the same")
    simulated = judged(lab.simulate(seed), lab.check)
    notes += simulated.findings.notes
    if not real:
        return LabResult(name, lab, seed, simulated, None, notes)
    if begin is not None:
        begin()
    measured = _really(name, lab, seed)
    notes += measured.findings.notes
    return LabResult(name, lab, seed, simulated, measured, notes)


def _really(name: str, lab: Lab, seed: int | None) -> Part:
    """Have real processes do it."""
    try:
        from schedsim.labs.director import on_stage

        findings = on_stage(name, lab.real, seed)
    except ImportError as error:  # a system without fork, signals or locks
        return Part(NOT_DONE, (f"this system cannot do it ({error})",), Findings({}))
    except HostError as error:
        return Part(NOT_DONE, (str(error),), Findings({}))
    return judged(findings, lab.check_real or lab.check)


def judged(findings: Findings, check: Callable[[Values], Iterable[str]]) -> Part:
    """Return what the findings show, by ``check``; what disturbed them counts only if something is missing."""
    missing = tuple(check(findings.values))
    if not missing:
        return Part(SEEN, (), findings)
    if findings.disturbances:
        return Part(INCONCLUSIVE, (*missing, *findings.disturbances), findings)
    return Part(NOT_SEEN, missing, findings)


def _plain(part: Part) -> dict[str, Any]:
    return {
        "verdict": part.verdict,
        "why": list(part.why),
        "details": list(part.findings.details),
        "disturbances": list(part.findings.disturbances),
    }
