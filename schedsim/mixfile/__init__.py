"""Reading job mixes: tables, TOML, JSON, the Standard Workload Format, and values in Python.

Every mix is checked whole before it is returned: ``load`` gives a mix that can be run, or raises a
MixError that says in one line where something is wrong and what to write instead.
"""

from __future__ import annotations

from typing import Any

from schedsim.cooperation import checked
from schedsim.errors import MixError, UsageError
from schedsim.jobs import Mix
from schedsim.mixfile import sources

__all__ = ["MixError", "load", "load_with_notes", "loads", "parse_jobs", "read"]


def load(
    source: Any, *, unit: str | None = None, input_format: str | None = None, name: str | None = None
) -> Mix:
    """Return the job mix in ``source``.

    Args:
        source: a path, ``"-"`` for standard input, the name of a mix that ships with schedsim, or in
            Python a list of Job, of mappings or of rows ``("A", 0, 24)``, a DataFrame, a mapping
            with the keys of a mix file, or a Mix.
        unit: what a bare number means: ``ns``, ``us``, ``ms`` or ``s``. It wins over the mix's own
            unit, whose default is ``ms``. Where times have a unit already (a Mix, a list of Job, the
            Standard Workload Format), it is only the unit in which results are shown.
        input_format: ``csv``, ``tsv``, ``table``, ``json``, ``toml`` or ``swf``; by default the
            file's suffix tells, and else its contents.
        name: what to call the mix; by default its own name, or the file's.

    Raises:
        MixError: the mix cannot be used.
        UsageError: ``unit`` or ``input_format`` is unknown.
    """
    return read(source, unit=unit, input_format=input_format, name=name)[0]


def load_with_notes(
    source: Any, *, unit: str | None = None, input_format: str | None = None, name: str | None = None
) -> tuple[Mix, list[str]]:
    """Return the mix as ``load`` does, and one line for each thing that was left out or guessed."""
    return read(source, unit=unit, input_format=input_format, name=name)


def read(
    source: Any, *, unit: str | None = None, input_format: str | None = None, name: str | None = None
) -> tuple[Mix, list[str]]:
    """Return the mix in ``source`` and notes; see ``load``."""
    import os

    unit = _known_unit(unit)
    wanted = sources.known_format(input_format)
    if isinstance(source, os.PathLike):
        source = os.fsdecode(source)
    if isinstance(source, str):
        if source == "-":
            text, file, own_name = sources.read_standard_input(), sources.STANDARD_INPUT, "standard input"
        else:
            path = sources.locate(source)
            text, file = sources.read_path(path), sources.label(path)
            wanted = wanted or sources.format_of_path(path)
            stem, suffix = os.path.splitext(os.path.basename(file))
            # The 5 of stallings-9.5 is no suffix.
            own_name = stem if suffix[1:].isalpha() else stem + suffix
        mix, notes = _read_text(text, wanted or sources.recognise(text), unit, file, own_name)
    else:
        mix, notes = _read_value(source, unit), []
    return (mix if name is None else mix._replace(name=name)), notes


def loads(
    text: str | bytes,
    input_format: str | None = None,
    file: str = "text",
    *,
    unit: str | None = None,
    name: str | None = None,
) -> Mix:
    """Return the job mix written in ``text``; ``file`` is what messages call it. See ``load``."""
    wanted = sources.known_format(input_format)
    content = sources.decode(text, file) if isinstance(text, bytes) else sources.clean(text, file)
    mix, _ = _read_text(content, wanted or sources.recognise(content), _known_unit(unit), file, "mix")
    return mix if name is None else mix._replace(name=name)


def parse_jobs(text: str, unit: str | None = None, *, name: str = "jobs", file: str = "--jobs") -> Mix:
    """Return the mix of the short form ``ID ARRIVAL BURST [PRIORITY], ...``.

    >>> [job.id for job in parse_jobs("A 0 24, B 1 3", unit="ms").jobs]
    ['A', 'B']
    """
    from schedsim.mixfile.short import read_short

    unit = _known_unit(unit) or "ms"
    return Mix(read_short(text, file, unit), name, unit)


def _known_unit(unit: str | None) -> str | None:
    from schedsim.mixfile.fields import unit_named

    if unit is None:
        return None
    known = unit_named(unit)
    if known is None:
        raise UsageError(f"unknown unit {unit!r}; write ns, us, ms or s")
    return known


def _read_text(text: str, form: str, unit: str | None, file: str, name: str) -> tuple[Mix, list[str]]:
    """Return the mix in ``text``, which is in the format ``form``, and notes."""
    import gc

    # Reading makes many values and no cycles among them; with a million jobs the collector's passes
    # over all of them would take longer than the reading.
    collects = gc.isenabled()
    gc.disable()
    try:
        return _read_format(text, form, unit, file, name)
    finally:
        if collects:
            gc.enable()


def _read_format(text: str, form: str, unit: str | None, file: str, name: str) -> tuple[Mix, list[str]]:
    if form in ("json", "toml"):
        from schedsim.mixfile import structured

        parse = structured.parse_json if form == "json" else structured.parse_toml
        return structured.mix_of(parse(text, file), file, unit, name), []
    if form == "swf":
        from schedsim.mixfile.swf import read_swf

        jobs, notes = read_swf(text, file)
        return Mix(jobs, name, unit or "s"), notes
    from schedsim.mixfile.table import read_table

    jobs, used, notes = read_table(text, file, unit, ("\t",) if form == "tsv" else ())
    # A table has no place for queues, so a program that uses one is told where to declare it.
    return checked(Mix(jobs, name, used)), notes


def _read_value(source: Any, unit: str | None) -> Mix:
    """Return the mix that a value in Python describes."""
    from schedsim.mixfile import structured

    if isinstance(source, Mix):
        mix = _checked(source)
        return mix if unit is None else mix._replace(unit=unit)
    if hasattr(source, "to_dict") and hasattr(source, "columns"):
        from schedsim.mixfile.frame import records

        source = records(source)
    return structured.mix_of(source, "", unit, "mix")


def _checked(mix: Mix) -> Mix:
    """Return ``mix``, made in Python, with all of it checked as a file's is."""
    from schedsim.mixfile import structured
    from schedsim.mixfile.checks import Place
    from schedsim.mixfile.fields import OF_THE_MIX

    place = Place()
    settings: dict[str, Any] = {}
    for field in sorted(OF_THE_MIX):
        value = getattr(mix, field)
        settings[field] = None if value is None else structured.setting(field, value, "ns", place)
    unit = structured.unit_of(mix.unit, place)
    jobs = structured.jobs_of(mix.jobs, place, "ns")
    return checked(mix._replace(jobs=jobs, unit=unit, **settings))
