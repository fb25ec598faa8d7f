"""What a run returns: plain values in the mix's unit, made from the trace alone."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from schedsim import metrics
from schedsim.resultrows import MEANS, JobResult, Number, Origin, SliceResult, data_frame, job_rows, whole
from schedsim.times import UNITS, to_unit
from schedsim.trace import Slice, Trace, never_came, slices

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from schedsim.deadlock import Deadlock
    from schedsim.metrics import Summary, SystemMetrics


class Run:
    """One mix under one policy. Shows itself as text in a terminal and as HTML in a notebook."""

    def __init__(self, trace: Trace, notes: tuple[str, ...] = (), origin: Origin | None = None) -> None:
        """Wrap a finished trace.

        Args:
            trace: what happened.
            notes: sentences that the reader of the result should see.
            origin: what it was made from; None for a trace that was read from a file.
        """
        self.trace = trace
        self.notes = notes
        self.origin = origin

    @property
    def algo(self) -> str:
        """The policy's name."""
        return self.trace.header.algo

    @property
    def options(self) -> dict[str, Any]:
        """The policy's parameters, lengths in the mix's unit."""
        return self.trace.header.options

    @property
    def unit(self) -> str:
        """The mix's unit, in which all numbers here are."""
        return self.trace.header.unit

    @property
    def charted(self) -> Trace:
        """What a chart is drawn from; measured times are rounded there."""
        return self.trace

    def shown(self, value: Number | None) -> Number | None:
        """Return a time in the mix's unit as a table shows it; measured times are rounded there."""
        return value

    @cached_property
    def _job_metrics(self) -> list[metrics.JobMetrics]:
        return metrics.job_metrics(self.trace)

    @cached_property
    def jobs(self) -> list[JobResult]:
        """One row for each job, in the order of the mix."""
        unit, absent = self.unit, never_came(self.trace)

        def show(value: int | None) -> Number | None:
            return None if value is None else to_unit(value, unit)

        return [
            JobResult(
                id=job.id,
                state=job.state,
                arrival=None if place in absent else to_unit(job.arrival, unit),
                start=show(job.start),
                finish=show(job.finish),
                turnaround=show(job.turnaround),
                waiting=to_unit(job.waiting, unit),
                response=show(job.response),
                cpu=to_unit(job.cpu, unit),
                io=to_unit(job.io, unit),
                slowdown=job.slowdown,
                exit_code=job.exit_code,
            )
            for place, job in enumerate(self._job_metrics)
        ]

    @cached_property
    def deadlock(self) -> Deadlock | None:
        """Who waits for whom for ever, and since when; None where everybody could go on."""
        from schedsim.deadlock import deadlock_of

        return deadlock_of(self.trace)

    @property
    def variables(self) -> dict[str, int]:
        """What the shared variables are worth at the end, those that were used and are whole numbers."""
        from schedsim.variables import last_values

        return last_values(self.trace)

    @cached_property
    def summaries(self) -> dict[str, Summary | None]:
        """Mean, p50, p95 and p99 of turnaround, waiting, response and slowdown, over finished jobs."""
        scale = UNITS[self.unit]
        finished = [job for job in self._job_metrics if job.finish is not None]
        found: dict[str, Summary | None] = {}
        for name in MEANS:
            values = [value for job in finished if (value := getattr(job, name)) is not None]
            summary = metrics.summarize(values)
            if summary is not None and name != "slowdown":
                summary = metrics.Summary(*(value / scale for value in summary))
            found[name] = summary
        return found

    @property
    def means(self) -> dict[str, Number | None]:
        """Mean turnaround, waiting, response and slowdown over the finished jobs; None if there is none."""
        return {
            name: None if summary is None else whole(summary.mean) for name, summary in self.summaries.items()
        }

    @cached_property
    def _system(self) -> SystemMetrics:
        return metrics.system_metrics(self.trace, self._job_metrics)

    @cached_property
    def system(self) -> dict[str, Number | None]:
        """Makespan, busy, switching and idle time, throughput (jobs per unit), utilization, switches, ..."""
        found: dict[str, Number | None] = dict(self._system._asdict())
        for name in ("makespan", "busy", "switching", "idle"):
            found[name] = to_unit(getattr(self._system, name), self.unit)
        count = sum(job.finish is not None for job in self._job_metrics)
        # Multiplied before divided, so that 3 jobs in 30 ms are 0.1 and not 0.09999999999999999.
        found["throughput"] = (
            count * UNITS[self.unit] / self._system.makespan if self._system.makespan else 0.0
        )
        return found

    @property
    def lateness(self) -> dict[str, Number]:
        """How long after its deadline each finished job that has one ended; below 0: in time."""
        return {
            job.id: to_unit(job.lateness, self.unit) for job in self._job_metrics if job.lateness is not None
        }

    @cached_property
    def misses(self) -> list[tuple[str, Number]]:
        """Which jobs had not ended at their deadline, with when that was, in that order."""
        return [
            (job, to_unit(due, self.unit))
            for job, due in metrics.missed_deadlines(self.trace, self._job_metrics)
        ]

    @cached_property
    def slices(self) -> list[SliceResult]:
        """Who ran where from when to when, in order of start."""
        unit = self.unit
        return [
            SliceResult(piece.job, piece.cpu, to_unit(piece.start, unit), to_unit(piece.end, unit), piece.why)
            for piece in slices(self.trace)
        ]

    @property
    def finished(self) -> bool:
        """Whether every job ended."""
        return all(job.finish is not None for job in self._job_metrics)

    def joined_slices(self) -> list[tuple[str, int, int, int]]:
        """Return job, CPU, start and end in nanoseconds, adjacent slices of one job joined."""
        found: list[tuple[str, int, int, int]] = []
        open_on: dict[int, int] = {}
        for piece in slices(self.trace):
            place = open_on.get(piece.cpu)
            if place is not None and found[place][0] == piece.job and found[place][3] == piece.start:
                found[place] = (*found[place][:3], piece.end)
            else:
                open_on[piece.cpu] = len(found)
                found.append((piece.job, piece.cpu, piece.start, piece.end))
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the ``schedsim.run/1`` object: what ``--format json`` prints."""
        header = self.trace.header
        return {
            "schema": "schedsim.run/1",
            "engine": header.engine,
            "algo": header.algo,
            "options": header.options,
            "clairvoyant": header.clairvoyant,
            "mix": header.mix,
            "unit": header.unit,
            "cpus": header.cpus,
            "degree": header.degree,
            "switch_cost": to_unit(header.switch_cost, header.unit),
            "charge_first_switch": header.charge_first_switch,
            "grace": to_unit(header.grace, header.unit),
            "conventions": header.conventions,
            "until": None if header.until is None else to_unit(header.until, header.unit),
            "seed": header.seed,
            "jobs": job_rows(self),
            "means": self.means,
            "percentiles": {
                name: None
                if each is None
                else {"p50": whole(each.p50), "p95": whole(each.p95), "p99": whole(each.p99)}
                for name, each in self.summaries.items()
            },
            "system": self.system,
            "lateness": self.lateness,
            "misses": [list(miss) for miss in self.misses],
            **({"deadlock": self.deadlock.to_dict(self.unit)} if self.deadlock is not None else {}),
            **({"variables": self.variables} if self.variables else {}),
            "slices": [piece._asdict() for piece in self.slices],
            "notes": list(self.notes),
        }

    def plot(
        self,
        kind: str = "gantt",
        *,
        ax: Axes | None = None,
        figure: Figure | SubFigure | None = None,
        **options: Any,
    ) -> Any:
        """Draw the run with matplotlib; the picture shows itself in a notebook, and ``save`` writes it.

        Args:
            kind: ``gantt`` (by CPU), ``jobs`` (by job), ``queue`` (ready queue and CPU use over time),
                ``cdf`` (distributions of turnaround, waiting and response), or ``levels`` (of an MLFQ).
            ax: axes to draw on; without them, and without ``figure``, a new figure is made.
            figure: likewise for ``queue``, which has two panels.
            **options: ``span``, begin and end of the part of the time to be drawn; for ``levels`` of a policy
                that did not come with schedsim ``policy``, and ``mix`` for one with generators.

        Returns:
            The axes that were given, or the figure.

        Raises:
            UsageError: for another kind or option, and for a span that is none.
        """
        from schedsim.plots import plot_run

        if kind.strip().lower() == "levels":
            from schedsim.levels import levels_of

            options["known"] = levels_of(self, options.pop("policy", None), options.pop("mix", None))
        return plot_run(self, kind, ax=ax, figure=figure, **options)

    def to_pandas(self) -> pandas.DataFrame:
        """Return the jobs as a DataFrame. Raises HostError naming the extra when pandas is missing."""
        return data_frame(job_rows(self))

    def export(
        self,
        path: str | PathLike[str],
        *,
        to: str | None = None,
        what: str | None = None,
        force: bool = False,
        reasons: bool = True,
    ) -> None:
        """Write the run to a file for another program: Perfetto, CSV, JSON, SVG, Markdown or LaTeX.

        Parameters and errors are those of ``schedsim.export``.
        """
        from schedsim.export import export

        export(self, path, to=to, what=what, force=force, reasons=reasons)

    def reasons(self) -> Iterator[str] | None:
        """Return why each dispatch, in the order of the trace; None where nobody can say.

        That is so of a trace from a file, and of programs that are generators: these may do anything
        when they are run, so they are not run again unasked.
        """
        from schedsim.explain import reasons

        return reasons(self)

    def report(self, path: str | PathLike[str], *, force: bool = False) -> None:
        """Write a page to step through the run: one HTML file, as ``schedsim.report`` does of several.

        Raises:
            UsageError: ``path`` does not end in .html, or is there and not to be replaced (``force``).
            HostError: it cannot be written.
        """
        from schedsim.report import write

        write([self], path, force=force)

    def __str__(self) -> str:
        """Return one line."""
        turnaround = self.means["turnaround"]
        mean = "no job finished" if turnaround is None else f"mean turnaround {turnaround:g} {self.unit}"
        return f"{self.algo} on {self.trace.header.mix}: {len(self.jobs)} job{'s' * (len(self.jobs) != 1)}, {mean}"

    def __repr__(self) -> str:
        """Return one line in angle brackets."""
        return f"<Run {self}>"

    def _repr_html_(self) -> str:
        """Return Gantt and table as HTML for a notebook."""
        from schedsim.notebook import run_html

        return run_html(self)


class Comparison:
    """One mix under several policies."""

    def __init__(self, runs: list[Run]) -> None:
        """Keep the runs in the order in which they were named."""
        self.runs = runs

    def to_dict(self) -> dict[str, Any]:
        """Return the ``schedsim.compare/1`` object."""
        return {"schema": "schedsim.compare/1", "runs": [run.to_dict() for run in self.runs]}

    def export(
        self,
        path: str | PathLike[str],
        *,
        to: str | None = None,
        force: bool = False,
        reasons: bool = True,
    ) -> None:
        """Write the comparison to a file for another program: a table, or all runs on one time axis.

        Parameters and errors are those of ``schedsim.export``.
        """
        from schedsim.export import export

        export(self, path, to=to, force=force, reasons=reasons)

    def plot(
        self,
        kind: str = "bars",
        *,
        ax: Axes | None = None,
        figure: Figure | SubFigure | None = None,
        **options: Any,
    ) -> Any:
        """Draw the comparison with matplotlib; the picture shows itself in a notebook, and ``save`` writes it.

        Args:
            kind: ``bars`` (metrics, the best marked), ``gantt`` (the schedules above one another), ``cdf``
                (distributions), or ``quantum`` (against the quantum, of what ``sweep_quantum`` returns).
            ax: axes to draw on, for ``quantum``; without them a new figure is made.
            figure: likewise for the others, which have several panels.
            **options: ``metrics`` for ``bars``: which.

        Returns:
            The axes that were given, or the figure.

        Raises:
            UsageError: for another kind or option.
        """
        from schedsim.plots import plot_comparison

        return plot_comparison(self, kind, ax=ax, figure=figure, **options)

    def to_pandas(self) -> pandas.DataFrame:
        """Return one row for each policy as a DataFrame."""
        rows = [{"algo": run.algo, **run.means, **run.system} for run in self.runs]
        return data_frame(rows)

    def report(self, path: str | PathLike[str], *, force: bool = False) -> None:
        """Write a page to step through all runs on one time axis; see ``Run.report``."""
        from schedsim.report import write

        write(self.runs, path, force=force)

    def __str__(self) -> str:
        """Return one line."""
        return f"{len(self.runs)} policies on {self.runs[0].trace.header.mix}" if self.runs else "no runs"

    def __repr__(self) -> str:
        """Return one line in angle brackets."""
        return f"<Comparison {self}>"

    def _repr_html_(self) -> str:
        """Return the table as HTML for a notebook."""
        from schedsim.notebook import comparison_html

        return comparison_html(self)


__all__ = ["Comparison", "JobResult", "Origin", "Run", "Slice", "SliceResult"]
