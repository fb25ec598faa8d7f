"""The report: one HTML file in which a schedule can be stepped through, from a mail as from a disk.

``report`` makes one of a mix and policies; ``run.report(path)`` and ``comparison.report(path)`` of
what was run already. Nothing in the page is loaded from elsewhere.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from schedsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from os import PathLike

    from schedsim.experiment import Algo
    from schedsim.results import Comparison, Run
    from schedsim.trace import Header, TracedJob

SUFFIXES: Final = (".html", ".htm")


def report(
    mix: object,
    algos: Algo | Iterable[Algo] | None,
    path: str | PathLike[str],
    *,
    force: bool = False,
    typed: str = "",
    notes: Sequence[str] = (),
    progress: Callable[[int, int, str], None] | None = None,
    **options: Any,
) -> Comparison:
    """Simulate ``mix`` under each of ``algos``, write the page to ``path``, and return the runs.

    Args:
        mix: what ``run`` takes.
        algos: one policy or several, as ``compare`` takes them; None: those the mix names, or else rr.
        path: the file, which ends in .html.
        force: whether to replace a file that is there already.
        typed: the command that asked for it, to be shown in the page; else one is made up that does the same.
        notes: sentences that the reader of the page should see.
        progress: as for ``compare``.
        **options: what ``compare`` takes.

    Raises:
        UsageError: ``path`` does not end in .html, or is there already; and as ``compare``.
        HostError: the file cannot be written; there is then none, or the one that was there.
    """
    from schedsim.experiment import DEFAULT_ALGO, compare, load_mix

    check_path(path, force=force)
    loaded = load_mix(mix)
    if algos is None and not loaded.policies:
        algos = DEFAULT_ALGO
    made = compare(loaded, algos, progress=progress, notes=True, **options)
    write(made.runs, path, force=force, typed=typed, notes=notes)
    return made


def write(
    runs: Sequence[Run],
    path: str | PathLike[str],
    *,
    force: bool = False,
    typed: str = "",
    notes: Sequence[str] = (),
) -> None:
    """Write the page of ``runs``, which are of one mix, to ``path``; whole or not at all.

    Raises UsageError and HostError as ``report``.
    """
    from schedsim.output import replacing

    check_path(path, force=force)
    text = page(runs, typed=typed, notes=notes)
    with replacing(path) as file:
        file.write(text)


def page(runs: Sequence[Run], *, typed: str = "", notes: Sequence[str] = ()) -> str:
    """Return the page of ``runs`` as text. Raises UsageError for runs of different mixes, or of none."""
    from schedsim.report.render import render

    if not runs:
        raise UsageError("there is no run to report; name at least one policy")
    first = runs[0].trace.header
    for run in runs[1:]:
        header = run.trace.header
        if (_written(header), header.unit, header.cpus) != (_written(first), first.unit, first.cpus):
            raise UsageError("the runs are of different mixes; a report is of one mix under several policies")
    return render(runs, typed, notes)


def _written(header: Header) -> tuple[TracedJob, ...]:
    """Return the jobs as they were written: when one is spawned is a matter of the schedule."""
    return tuple(job._replace(arrival=0) if job.spawned else job for job in header.jobs)


def check_path(path: str | PathLike[str], *, force: bool = False) -> None:
    """Refuse a file that is no HTML by its name, that is there already, or whose folder is not."""
    target = os.fspath(path)
    folder = os.path.dirname(target)
    check_suffix(target)
    if os.path.isfile(target) and not force:
        raise UsageError(f"{target}: is there already; write to another file, or force it to be replaced")
    if folder and not os.path.isdir(folder):
        raise UsageError(f"{target}: there is no folder {folder}; make it, or write to another one")


def check_suffix(target: str) -> None:
    """Refuse a file that is no HTML by its name."""
    suffix = os.path.splitext(target)[1].lower()
    if suffix not in SUFFIXES:
        hint = "; print the page from a browser to have a PDF" if suffix == ".pdf" else ""
        raise UsageError(f"{target}: a report is an HTML page; end the name in .html{hint}")


def typed_words(given: Sequence[str]) -> str:
    """Return what was typed after ``schedsim report`` as a command for a shell."""
    from shlex import join

    return join(["schedsim", "report", *(word for word in given if word != "--debug")])
