"""Results as files of other programs: Perfetto, CSV, JSON, SVG, Markdown, LaTeX."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from schedsim.errors import TraceError, UsageError
from schedsim.nearest import did_you_mean
from schedsim.results import Comparison, Run
from schedsim.trace import Trace

if TYPE_CHECKING:
    from os import PathLike

FORMS: Final = {
    "perfetto": (".perfetto.json", ".trace.json"),
    "csv": (".csv",),
    "json": (".json",),
    "svg": (".svg",),
    "markdown": (".md", ".markdown"),
    "latex": (".tex",),
}
"""The forms by name, each with the endings of its files."""
WHATS: Final = ("jobs", "slices", "events")
"""What a table can be of."""
_ELSEWHERE: Final = {
    "pdf": "schedsim plot draws those (in Python run.plot().save)",
    "png": "schedsim plot draws those (in Python run.plot().save)",
    "html": "schedsim report writes such a page (in Python run.report)",
    "htm": "schedsim report writes such a page (in Python run.report)",
}
"""What is asked for here and made by another command."""
_PICTURES: Final = ("perfetto", "svg")
"""The forms that show a run as a whole."""
_CHUNK: Final = 1 << 16


def export(
    result: Run | Comparison | Trace,
    path: str | PathLike[str],
    *,
    to: str | None = None,
    what: str | None = None,
    force: bool = False,
    reasons: bool = True,
) -> None:
    """Write ``result`` to the file ``path``, whole or not at all.

    Args:
        result: a run, a comparison, or a trace that was read from a file.
        path: where to; its ending says the form unless ``to`` does.
        to: ``perfetto``, ``csv``, ``json``, ``svg``, ``markdown`` or ``latex``.
        what: for tables of one run: ``jobs`` (if None), ``slices`` or ``events``. Times are in the mix's unit.
            A comparison has one table, which has a row for each policy.
        force: whether a file that is there already is replaced.
        reasons: whether Perfetto and events say why each dispatch was made; the run is made again for it.

    Raises:
        UsageError: for a form that is not known or does not fit, and for a file that is there already.
        HostError: when it cannot be written.
    """
    from schedsim.output import replacing

    form = form_of(path, to)
    chunks = text(result, form, what, reasons=reasons)
    target = os.fspath(path)
    if os.path.isfile(target) and not force:
        raise UsageError(f"{target}: is there already; write to another file, or force it to be replaced")
    with replacing(target) as file:
        for chunk in chunks:
            file.write(chunk)


def form_of(path: str | PathLike[str] | None, to: str | None = None) -> str:
    """Return the form that ``to`` names, or else the ending of ``path``. Raises UsageError for neither."""
    if to is not None:
        plain = to.strip().lower()
        if plain in _ELSEWHERE:
            raise UsageError(f"{plain} is no form of an export; {_ELSEWHERE[plain]}")
        if plain not in FORMS:
            hint = did_you_mean(plain, FORMS)
            raise UsageError(f"there is no form {to!r}; {hint}forms are {', '.join(FORMS)}")
        return plain
    name = os.path.basename("" if path is None else os.fspath(path)).lower()
    endings = {ending: form for form, endings in FORMS.items() for ending in endings}
    for ending, form in endings.items():  # the longest first: .perfetto.json is .json as well
        if name.endswith(ending):
            return form
    ending = os.path.splitext(name)[1].rstrip(".")
    if ending[1:] in _ELSEWHERE:
        raise UsageError(f"{path}: {ending} is no form of an export; {_ELSEWHERE[ending[1:]]}")
    hint = did_you_mean(ending, endings) if ending else ""
    said = f"the ending {ending} says no form" if ending else "without an ending it says no form"
    raise UsageError(f"{path}: {said}; {hint}endings are {', '.join(endings)}")


def text(
    result: Run | Comparison | Trace, form: str, what: str | None = None, *, reasons: bool = True
) -> Iterator[str]:
    """Return ``result`` as the text of a file, in chunks; parameters as for ``export``.

    Raises UsageError, before the first chunk, for what does not fit.
    """
    if isinstance(result, Trace):
        result = Run(result)
    if not isinstance(result, Run | Comparison):
        raise UsageError(
            f"{type(result).__name__} is no result; export what run or compare returns, or a trace"
        )
    if what is not None and what not in WHATS:
        hint = did_you_mean(what, WHATS)
        raise UsageError(f"there is no table of {what!r}; {hint}tables are of {', '.join(WHATS)}")
    if what is not None and form in _PICTURES:
        raise UsageError(f"{form} shows the run as a whole, not its {what}; leave that out")
    if isinstance(result, Comparison):
        if not result.runs:
            raise UsageError("the comparison is of no runs; there is nothing to write")
        if what is not None:
            raise UsageError(f"{what} are of one run, and these are {len(result.runs)}; name one policy")
        return _gathered(_comparison(result, form, reasons=reasons))
    return _gathered(_run(result, form, what, reasons=reasons))


def _run(run: Run, form: str, what: str | None, *, reasons: bool) -> Iterator[str]:
    """Return a run in a form."""
    wanted = reasons and (form == "perfetto" or what == "events")
    why = _reasons(run) if wanted else None
    if form == "perfetto":
        from schedsim.export import perfetto

        return perfetto.lines([run], [""], [why])
    if form == "svg":
        from schedsim.export.svg import run_svg

        return iter([run_svg(run)])
    if form in ("csv", "json"):
        from schedsim.export import rows

        found = rows.rows(run, what or "jobs", why)
        return rows.csv_lines(found) if form == "csv" else rows.json_lines(run, what or "jobs", found)
    writer = _writer(form)
    if what in (None, "jobs"):
        lines: Iterator[str] = writer.run_lines(run)
    else:
        from schedsim.export import rows

        lines = writer.rows_lines(run, rows.rows(run, what, why).table())
    return lines


def _comparison(comparison: Comparison, form: str, *, reasons: bool) -> Iterator[str]:
    """Return a comparison in a form."""
    if form == "perfetto":
        from schedsim.export import perfetto
        from schedsim.summary import comparison_labels

        whys = [_reasons(run) if reasons else None for run in comparison.runs]
        return perfetto.lines(comparison.runs, comparison_labels(comparison), whys)
    if form == "svg":
        from schedsim.export.svg import comparison_svg

        return iter([comparison_svg(comparison)])
    if form in ("csv", "json"):
        from schedsim.export import rows

        return rows.comparison_csv(comparison) if form == "csv" else rows.comparison_json(comparison)
    lines: Iterator[str] = _writer(form).comparison_lines(comparison)
    return lines


def _writer(form: str) -> Any:
    from schedsim.export import latex, markdown

    return markdown if form == "markdown" else latex


def _reasons(run: Run) -> Iterator[str] | None:
    """Return why each dispatch was made; None also where the run, made again, took other decisions."""
    from itertools import chain

    found = run.reasons()
    if found is None:
        return None
    try:
        first = next(found, None)
    except TraceError:
        return None
    return iter(()) if first is None else chain([first], found)


def _gathered(lines: Iterator[str]) -> Iterator[str]:
    """Yield the lines many at a time, which is quicker to write."""
    gathered: list[str] = []
    size = 0
    for line in lines:
        gathered.append(line)
        size += len(line)
        if size >= _CHUNK:
            yield "".join(gathered)
            gathered.clear()
            size = 0
    if gathered:
        yield "".join(gathered)
