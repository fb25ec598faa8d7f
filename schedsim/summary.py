"""Results in words: the tables and sentences that terminal and notebook both show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from schedsim.deadlock import brief, sentences
from schedsim.resultrows import job_fields
from schedsim.tables import Cell, Column, Table, show_cell
from schedsim.timeline import dues
from schedsim.times import show, to_unit

if TYPE_CHECKING:
    from schedsim.results import Comparison, Run
    from schedsim.trace import Header

MOST_ROWS: Final = 100
"""So many jobs are shown before a table is cut."""
KNOWS: Final = "knows bursts"
"""Said of a policy that reads burst lengths, which no real scheduler knows."""
_LONGEST_LABEL: Final = 19
_LONGEST_LIST: Final = 12

_TIMES: Final = frozenset({"arrival", "start", "finish", "turnaround", "waiting", "response", "cpu", "io"})
"""The columns of measured times in a run on real processes."""
_MEANS: Final = ("turnaround", "waiting", "response", "slowdown")
_BEST: Final = {
    "makespan": min,
    "switches": min,
    "utilization": max,
    "efficiency": max,
    "throughput": max,
    "fairness": max,
}
"""Which end of each metric of a run is best; of the means it is the least."""


def option_words(options: Mapping[str, Any]) -> str:
    """Return a policy's parameters as ``--algo`` and ``-o`` take them; an empty list is not shown."""
    shown = {name: value for name, value in options.items() if value not in ((), [], None)}
    return ", ".join(f"{name}={option_value(value)}" for name, value in shown.items())


def option_value(value: Any) -> str:
    """Return one parameter as a user writes it: ``8/16/32``, ``true``, ``1 rr quantum=2/2 fcfs``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        if not value:
            return "[]"
        shown = "/".join(option_value(part) for part in value[:_LONGEST_LIST])
        return shown + (f"/... ({len(value)} in all)" if len(value) > _LONGEST_LIST else "")
    if isinstance(value, Mapping):
        rest = {name: part for name, part in value.items() if name not in ("priority", "algo")}
        words = [str(value.get("priority", "")), str(value.get("algo", "")), option_words(rest)]
        return " ".join(word for word in words if word)
    return show_cell(value, exact=True)


def policy_words(header: Header) -> str:
    """Return the policy's name, its parameters, and whether it knows bursts."""
    words = ", ".join(word for word in (header.algo, option_words(header.options)) if word)
    return f"{words} ({KNOWS})" if header.clairvoyant else words


def heading(run: Run) -> str:
    """Return one sentence that says which mix ran under which policy, and how."""
    return f"{run.trace.header.mix} under {policy_words(run.trace.header)}: {surroundings(run)}"


def surroundings(run: Run) -> str:
    """Return how the mix was run: jobs, CPUs, unit, and what is not the default."""
    header = run.trace.header
    unit = header.unit
    words = [_count(len(header.jobs), "job"), _count(header.cpus, "CPU"), f"times in {unit}"]
    if header.degree is not None:
        words.append(f"degree {header.degree}")
    if header.switch_cost:
        first = ", the first one too" if header.charge_first_switch else ""
        words.append(f"switch cost {show(header.switch_cost, unit)}{first}")
    if header.grace:
        words.append(f"grace {show(header.grace, unit)}")
    if header.until is not None:
        words.append(f"until {show(header.until, unit)}")
    if header.conventions != "textbook":
        words.append(f"conventions {header.conventions}")
    if header.seed is not None:
        words.append(f"seed {header.seed}")
    if header.engine == "real":
        words.append("real processes")
    return ", ".join(words)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def jobs_table(run: Run, most: int | None = MOST_ROWS) -> Table:
    """Return a row for each job, at most ``most``, and the means over the finished ones."""
    jobs = run.jobs
    unfinished = [job for job in jobs if job.finish is None]
    names = ["id", "arrival", "cpu", *(["io"] if any(job.io for job in jobs) else [])]
    names += ["start", "finish", *_MEANS, *(["state"] if unfinished else [])]
    columns = tuple(
        Column("job" if name == "id" else name, name in ("id", "state"), exact=name != "slowdown")
        for name in names
    )
    shown = jobs if most is None else jobs[:most]
    rows = tuple(
        tuple(run.shown(getattr(job, name)) if name in _TIMES else getattr(job, name) for name in names)
        for job in shown
    )
    # Rounded here, because the columns above them show every digit.
    means = {name: _rounded(value) for name, value in run.means.items()}
    foot = tuple({"id": "mean", **means}.get(name, "") for name in names)
    more = []
    if len(shown) < len(jobs):
        more.append(f"... {len(jobs) - len(shown):,} more jobs; show them with --format csv or json")
    if unfinished:
        done = len(jobs) - len(unfinished)
        more.append(f"the means are over the {done:,} of {len(jobs):,} jobs that finished")
    return Table(columns, rows, (foot,), more="; ".join(more))


def _rounded(value: float | None) -> Cell:
    return None if value is None else show_cell(float(value))


def every_job(run: Run) -> Table:
    """Return a row for each job with every field, for a spreadsheet."""
    names = job_fields(run)
    return Table(tuple(Column(name) for name in names), tuple(tuple(job[: len(names)]) for job in run.jobs))


def deadlock_words(run: Run) -> list[str]:
    """Return the sentences that say who waits for whom for ever; none where everybody could go on."""
    return [] if run.deadlock is None else list(sentences(run.deadlock, run.trace))


def stuck_words(run: Run) -> list[str]:
    """Return since when a run was stuck, as a picture says it; nothing where everybody could go on."""
    return [] if run.deadlock is None else [brief(run.deadlock, run.trace)]


def deadlock_note(run: Run) -> list[str]:
    """Return the same as one note, where there is a deadlock."""
    words = deadlock_words(run)
    return ["; ".join(words)] if words else []


def shared_words(run: Run) -> list[str]:
    """Return what the jobs share: mutexes, queues with their capacities, variables with their last values."""
    header, values = run.trace.header, run.variables
    said = [what for what in header.objects if what.startswith("mutex ")]
    said += [f"queue {name} of {_count(room, 'item')}" for name, room in header.queues.items()]
    for what in header.objects:
        kind, _, name = what.partition(" ")
        if kind == "variable":
            said.append(f"{what}, {values[name]} at the end" if name in values else what)
    return said


def system_words(run: Run) -> list[str]:
    """Return what the machine did: a few words for each of the usual metrics."""
    system = run.system
    words = [
        f"makespan {show_cell(run.shown(system['makespan']), exact=True)}",
        f"CPU utilization {_percent(system['utilization'])}",
        f"throughput {show_cell(system['throughput'])} jobs per {run.unit}",
        f"context switches {system['switches']}",
    ]
    if run.trace.header.switch_cost:
        words.insert(2, f"efficiency {_percent(system['efficiency'])}")
    if run.variables:
        words.append("at the end " + ", ".join(f"{name} = {value}" for name, value in run.variables.items()))
    return [*words, *filter(None, (deadline_words(run),))]


def deadline_words(run: Run) -> str:
    """Return how many deadlines were missed, and by whom; nothing where no job that came has one."""
    deadlines = len(dues(run.trace))
    late = f" ({_names([job for job, _ in run.misses])})" if run.misses else ""
    return f"deadlines missed {len(run.misses):,} of {deadlines:,}{late}" if deadlines else ""


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _LONGEST_LIST:,} more" if len(names) > _LONGEST_LIST else ""
    return ", ".join(names[:_LONGEST_LIST]) + more


def _percent(share: float | None) -> str:
    return show_cell(round(100 * (share or 0.0), 1)) + " %"


def percentiles_table(run: Run) -> Table:
    """Return mean and percentiles of turnaround, waiting, response and slowdown over the finished jobs."""
    columns = (Column("", left=True), *(Column(name) for name in ("mean", "p50", "p95", "p99")))
    rows = tuple((name, *(summary or (None,) * 4)) for name, summary in run.summaries.items())
    return Table(columns, rows)


def system_table(run: Run) -> Table:
    """Return every metric of the whole run."""
    said = {
        "makespan": "the last finish, or the cut-off",
        "busy": "CPU time used by jobs",
        "switching": "CPU time lost to context switches",
        "idle": "CPU time that nobody used",
        "utilization": "busy / (makespan x CPUs)",
        "efficiency": "busy / (busy + switching)",
        "throughput": f"finished jobs per {run.unit}",
        "switches": "dispatches of another task than before",
        "voluntary": "of these after a task blocked, ended or yielded",
        "involuntary": "of these after an expiry or a preemption",
        "fairness": "Jain's index: 1 when all are slowed down alike",
    }
    if run.deadlock is not None:
        said["makespan"] = "until nobody could go on"
    columns = (Column("", left=True), Column("value"), Column("what it is", left=True, wraps=True))
    rows = [(name, value, said.get(name, "")) for name, value in run.system.items()]
    deadlines = len(dues(run.trace))
    if deadlines:
        rows.append(
            ("missed", len(run.misses), f"of {deadlines:,} deadlines those at which a job had not ended")
        )
    return Table(columns, tuple(rows))


def comparison_heading(comparison: Comparison) -> str:
    """Return one sentence that says which mix ran, and how."""
    if not comparison.runs:
        return "no runs"
    run = comparison.runs[0]
    count = len(comparison.runs)
    policies = "1 policy" if count == 1 else f"{count} policies"
    return f"{run.trace.header.mix} under {policies}: {surroundings(run)}"


def comparison_table(comparison: Comparison, *, verbose: bool = False) -> Table:
    """Return a row for each policy, the best in each column marked; ``verbose`` has every metric.

    Where jobs have deadlines, ``missed`` counts those that had not ended in time; ``deadlock`` says when
    a policy came to one, where any does.
    """
    runs = comparison.runs
    some_unfinished = any(not run.finished for run in runs)
    # The makespan says it all where everyone finishes: utilization and throughput go with it.
    names = [*_MEANS, "utilization" if some_unfinished else "makespan", "switches"]
    if any(run.deadlock is not None for run in runs):
        names[-2:] = ["deadlock"]  # beside which the two say little
    if any(dues(run.trace) for run in runs):
        names.append("missed")
    if verbose:
        names += [name for name in _BEST if name not in names]
    rows = []
    for run, label in zip(runs, comparison_labels(comparison), strict=True):
        values: dict[str, Cell] = {**run.means, **run.system, "missed": len(run.misses)}
        values["deadlock"] = (
            None if run.deadlock is None else f"at {run.trace.header.shown(run.deadlock.time)}"
        )
        done = sum(job.finish is not None for job in run.jobs)
        rows.append((label, *(values[name] for name in names), *([done] if some_unfinished else [])))
    best = set()
    for place, name in enumerate(names, 1):
        if name == "deadlock":
            continue
        # Compared as shown: two values that differ beyond what is printed are a tie to the reader.
        # What came to a deadlock is best at nothing.
        shown = {
            number: float(show_cell(row[place]))
            for number, (row, run) in enumerate(zip(rows, runs, strict=True))
            if row[place] is not None and run.deadlock is None
        }
        top = _BEST.get(name, min)(shown.values(), default=None)
        best |= {(number, place) for number, value in shown.items() if value == top}
    heads = [*names, *(["finished"] if some_unfinished else [])]
    columns = (Column("policy", left=True), *(Column(name) for name in heads))
    more = f"the means are over the finished jobs, of {len(runs[0].jobs):,}" if some_unfinished else ""
    return Table(columns, tuple(rows), best=frozenset(best), more=more)


def comparison_labels(comparison: Comparison) -> list[str]:
    """Return a short name for each policy: its options too where they fit, a number where names repeat."""
    runs = comparison.runs
    labels = []
    for number, run in enumerate(runs):
        knows = f" ({KNOWS})" if run.trace.header.clairvoyant else ""
        label = f"{run.algo} {option_words(run.options)}".rstrip() + knows
        if len(label) > _LONGEST_LABEL:
            same = [place for place, other in enumerate(runs) if other.algo == run.algo]
            label = (run.algo if len(same) == 1 else f"{run.algo} #{same.index(number) + 1}") + knows
        labels.append(label)
    return labels


def long_options(comparison: Comparison) -> list[str]:
    """Return the options that did not fit into the table, a sentence for each such policy."""
    said = []
    for run, label in zip(comparison.runs, comparison_labels(comparison), strict=True):
        options = option_words(run.options)
        if options and options not in label:
            said.append(f"{label.removesuffix(f' ({KNOWS})')}: {options}")
    return said


def every_policy(comparison: Comparison) -> Table:
    """Return a row for each policy with every metric, for a spreadsheet."""
    rows = []
    names: list[str] = []
    for run in comparison.runs:
        row: dict[str, Cell] = {
            "algo": run.algo,
            "options": option_words(run.options),
            "knows_bursts": run.trace.header.clairvoyant,
            "jobs": len(run.jobs),
            "finished": sum(job.finish is not None for job in run.jobs),
            "deadlock": None if run.deadlock is None else to_unit(run.deadlock.time, run.unit),
        }
        for name, summary in run.summaries.items():
            for kind in ("mean", "p50", "p95", "p99"):
                row[f"{kind}_{name}"] = None if summary is None else getattr(summary, kind)
        row.update(run.system)
        names = list(row)
        rows.append(tuple(row.values()))
    return Table(tuple(Column(name) for name in names), tuple(rows))
