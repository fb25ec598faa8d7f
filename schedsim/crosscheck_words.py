"""A crosscheck, a confusion and a calibration in words: tables and sentences for terminal and notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from schedsim.crosschecked import PREDICTIONS, edge_words
from schedsim.summary import option_words
from schedsim.tables import BEST, Cell, Column, Table, html
from schedsim.times import UNITS, show
from schedsim.verdict import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.calibration import Calibration
    from schedsim.confused import Confusion
    from schedsim.crosschecked import Compared, Crosscheck

_MEANINGS: Final = {
    "ideal": "a machine on which dispatching costs nothing",
    "calibrated": "with what dispatching costs here, measured apart from these runs",
    "replay": "calibrated, with what disturbed each run; the verdict goes by it",
}


def headline(result: Crosscheck) -> str:
    """Return the verdict and why, in a sentence."""
    return f"{result.verdict}: {result.why}"


def subject(result: Crosscheck) -> str:
    """Return what was measured and what was simulated."""
    about = result.about
    ran = _policy(about)
    predicted = about["predicted"]
    how = (
        f"the kernel's SCHED_{str(about['native']).upper()}"
        if about["native"]
        else f"driver {about['driver']}"
    )
    other = "" if _policy(predicted) == ran else f", simulated under {_policy(predicted)}"
    cpus = f"{about['cpus']} CPU{'s' * (about['cpus'] != 1)}"
    return f"{about['mix']} on real processes under {ran}{other}: {how}, {cpus}, times in {about['unit']}"


def _policy(about: dict[str, Any]) -> str:
    return ", ".join(word for word in (about["algo"], option_words(about["options"])) if word)


def jobs_table(result: Crosscheck) -> Table:
    """Return a row for each job and one for the mean: measured, and each simulation with its error."""
    marked = any(_mark(result, job) for job in result.jobs)
    columns = [Column("turnaround", left=True), Column("measured")]
    for name in PREDICTIONS:
        columns += [Column(name), Column("error %")]
    if marked:
        columns.append(Column("", left=True))
    rows = tuple((*_cells(job), *([_mark(result, job)] if marked else [])) for job in result.jobs)
    foot = ((*_cells(result.mean), *([""] if marked else [])),)
    return Table(tuple(columns), rows, foot)


def _mark(result: Crosscheck, job: Compared) -> str:
    if job.edge:
        return "knife edge"
    return "outside" if job.id in result.worst else ""


def _cells(row: Compared) -> list[Cell]:
    cells: list[Cell] = [row.id, _time(row.measured)]
    for name in PREDICTIONS:
        predicted = getattr(row, name)
        cells += [_time(predicted.simulated), _percent(predicted.error)]
    return cells


def _time(value: float | None) -> Cell:
    """Return a time with as many digits as can be measured."""
    return None if value is None else f"{value:.2f}"


def _percent(error: float | None) -> Cell:
    if error is None:
        return None
    text = f"{100 * error:+.2f}"
    return "0.00" if text in ("+0.00", "-0.00") else text


def remarks(result: Crosscheck, *, verbose: bool = False) -> Iterator[str]:
    """Yield what is to be known beside the table, a sentence each."""
    limits, unit = result.tolerances, result.unit
    yield (
        f"tolerances, fixed before the run for {limits.why}: mean {percent(limits.mean, sign=False)}, "
        f"each job {percent(limits.job, sign=False)}"
    )
    tries = result.tries
    floor = "" if result.noise is None else f"; noise floor of the mean {percent(result.noise, sign=False)}"
    yield f"valid runs: {tries.valid} of {tries.wanted}, errors are medians over them{floor}"
    if result.orders and tries.valid:
        same = [f"{name} {order.same} of {order.of}" for name, order in result.orders.items()]
        yield f"order as simulated: {', '.join(same)}"
    for words in edge_words(result.edges):
        yield f"knife edge, named before the run: {words}"
    if result.about["grace"]:
        yield f"grace {result.about['grace']:g} {unit}, measured and simulated"
    if verbose:
        yield from _details(result)
    yield from (f"fault: {fault}" for fault in result.faults)
    yield from (f"note: {note}" for note in result.notes)


def _details(result: Crosscheck) -> Iterator[str]:
    for name, meaning in _MEANINGS.items():
        yield f"{name}: {meaning}"
    about = result.about
    if about["facts"] is not None:
        facts = about["facts"]
        measured = ", ".join(map(str, facts["measured"])) or "not pinned"
        yield f"measured CPU {measured}, dispatcher {facts['dispatcher']}, idle CPUs: {facts['idle']}"
        yield f"limit on real-time processes: {facts['throttling']}; clock: {facts['clock']}"
    calibration = about["calibration"]
    if calibration is not None:
        costs = ", ".join(f"{name} {each['cost']:.1f}" for name, each in calibration["costs"].items())
        yield f"calibrated {calibration['date']}, in {calibration['unit']}: {costs}"
    for job in result.jobs:
        if job.cpu is not None:
            yield f"job {job.id}: CPU time {percent(job.cpu)} against its program"


def page_html(result: Crosscheck) -> str:
    """Return verdict, table and remarks as HTML for a notebook, all words escaped."""
    from html import escape

    said = "".join(f"<p>{escape(remark)}</p>" for remark in remarks(result))
    return (
        f"<div><p><strong>{escape(headline(result))}</strong></p><p>{escape(subject(result))}</p>"
        f"{html(jobs_table(result))}{said}</div>"
    )


def confusion_table(result: Confusion) -> Table:
    """Return the matrix: a row for each policy that was measured, a column for each that was simulated."""
    columns = (Column("measured", left=True), *(Column(name) for name in result.names), Column("margin"))
    rows: list[tuple[Cell, ...]] = []
    for name, cells, margin in zip(result.names, result.matrix, result.margins, strict=True):
        known = [value for value in cells if value is not None]
        shown = [
            None if value is None else f"{100 * value:.2f}{BEST if value == min(known) else ''}"
            for value in cells
        ]
        rows.append((name, *shown, None if margin is None else f"{margin.median:.1f}"))
    return Table(columns, tuple(rows), more=f"{BEST} the nearest prediction of its row")


def confusion_subject(result: Confusion) -> str:
    """Return what was measured."""
    about = result.about
    return (
        f"{about['mix']} on real processes under {len(result.names)} policies: driver {about['driver']}, "
        f"mean error of a job in %, measured against replay"
    )


def confusion_remarks(result: Confusion) -> Iterator[str]:
    """Yield what is to be known beside the matrix, a sentence each."""
    for name, policy, runs in zip(result.names, result.about["policies"], result.errors, strict=True):
        yield f"{name}: {_policy(policy)}; valid runs: {len(runs)} of {result.wanted}"
    yield "margin: how many times nearer the own prediction is than the best of the others, median of the runs"
    yield from (f"note: {note}" for note in result.notes)


def confusion_html(result: Confusion) -> str:
    """Return verdict and matrix as HTML for a notebook."""
    from html import escape

    return (
        f"<div><p><strong>{escape(f'{result.verdict}: {result.why}')}</strong></p>"
        f"{html(confusion_table(result))}</div>"
    )


def calibration_table(calibration: Calibration) -> Table:
    """Return a row for each thing that was measured, in microseconds."""
    from schedsim.calibration import MEANINGS, UNIT

    columns = (
        *(Column("", left=True), Column(UNIT), Column("least"), Column("most"), Column("samples")),
        Column("what it takes", left=True, wraps=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for name, each in calibration.costs.items():
        lengths = [f"{value / UNITS[UNIT]:.1f}" for value in (each.cost, each.least, each.most)]
        rows.append((name, *lengths, each.samples, MEANINGS[name]))
    return Table(columns, tuple(rows))


def calibration_words(calibration: Calibration) -> list[str]:
    """Return what is to be known beside the table, a sentence each."""
    basis = calibration.basis
    late = ", ".join(f"{share} % within {show(value, 'us')}" for share, value in calibration.lateness.items())
    where = "on a measured CPU" if basis.shared else "on a CPU of its own"
    disturbed = f", {calibration.disturbed} more were disturbed and left out" if calibration.disturbed else ""
    return [
        f"driver {basis.driver}, dispatcher {where}, workers by {basis.start_method}, idle CPUs: {calibration.idle}",
        f"lateness of the dispatcher in us: {late}",
        f"measured {calibration.date}; each micro-mix ran {calibration.repeats} times{disturbed}",
        *(f"note: {note}" for note in calibration.notes),
    ]
