"""Job mixes as files: CSV, TSV, JSON, TOML and the Standard Workload Format.

TOML and JSON hold all that a mix is. A table holds what its jobs are, and the Standard Workload
Format less than that; what would be lost is refused by name rather than dropped.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from schedsim.cooperation import checked
from schedsim.errors import UsageError
from schedsim.jobs import Job, Mix
from schedsim.names import is_name, must_be
from schedsim.operation_text import text_of
from schedsim.operations import Cpu, Io
from schedsim.times import UNITS, show

if TYPE_CHECKING:
    from os import PathLike

_OWN: Final = ("queues", "variables")
"""The fields of a mix that name its own objects; a policy may have options of these names."""

_RUN: Final = (
    *("cpus", "degree", "switch_cost", "charge_first_switch", "grace", "conventions", "until"),
    *_OWN,
    "policies",
)
"""The fields of a mix that say how it is to be run."""

_RARE: Final = ("priority", "nice", "tickets", "estimate", "period", "deadline")
"""The fields of a job that are written only where one differs from its default."""

_TIMES: Final = frozenset({"arrival", "estimate", "period", "deadline", "switch_cost", "grace", "until"})


class _Number(str):
    """Text of a number, to be written as it stands."""

    __slots__ = ()


def dump(mix: Mix, output_format: str) -> str:
    """Return ``mix`` as the text of a file in ``output_format``, one of ``FORMATS``.

    Reading the text of TOML or JSON gives an equal mix, in which who is spawned is marked so. A table leaves the name to the file's, and
    has title and source as comments. So does the Standard Workload Format, which also numbers the
    jobs and has the number of CPUs in its header, where programs for such logs look for it.

    Raises:
        UsageError: when the format has no place for something else that the mix says, as for an item that is put.
        MixError: when the mix cannot be run, and so the file could not be read.
    """
    if output_format not in FORMATS:
        from schedsim.distributions import refuse_name

        refuse_name("format", output_format, FORMATS)
    for job in mix.jobs:
        if not isinstance(job.program, tuple):
            raise UsageError(
                f"job {job.id!r} is a generator function, which no file can hold; "
                "write its program as a list of operations"
            )
        if not is_name(job.id):
            raise UsageError(f"job {job.id!r}: the id is {must_be(job.id)}")
    checked(mix)
    text = "\n".join(FORMATS[output_format](mix)) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        wrong = ascii(text[error.start])
        raise UsageError(f"the mix has the character {wrong}, which no text file can hold") from None
    return text


def write(
    mix: Mix, path: str | PathLike[str], *, force: bool = False, output_format: str | None = None
) -> None:
    """Write ``mix`` to the file ``path``, whole or not at all.

    The format is that of the file's suffix unless ``output_format`` says otherwise.

    Raises:
        UsageError: as ``dump``; and when ``path`` exists and is not to be replaced (``force``), or
            has no suffix of a known format.
        HostError: when it cannot be written.
    """
    from schedsim.output import replacing

    target = os.fspath(path)
    stem, suffix = os.path.splitext(os.path.basename(target))
    if output_format is None:
        output_format = suffix[1:].lower()
        if output_format not in FORMATS:
            names = ", ".join(f".{name}" for name in FORMATS)
            raise UsageError(
                f"{target}: the suffix says no format; end it in one of {names}, or name a format"
            )
    if os.path.isfile(target) and not force:
        raise UsageError(f"{target}: is there already; write to another file, or force it to be replaced")
    # A name that the file gives anyway is left out: a copy under another name is not misnamed.
    text = dump(mix._replace(name="") if mix.name == stem else mix, output_format)
    with replacing(target) as file:
        file.write(text)


def _toml(mix: Mix) -> Iterator[str]:
    """Yield the lines of a TOML file."""
    for name, value in _mix_fields(mix):
        yield f"{name} = {_toml_value(value)}"
    for choice in mix.policies:
        yield ""
        yield "[policy]" if len(mix.policies) == 1 else "[[policy]]"
        for name, value in _policy_fields(choice.algo, choice.options):
            yield f"{_toml_key(name)} = {_toml_value(value)}"
    for job in mix.jobs:
        yield ""
        yield "[[job]]"
        for name, value in _job_fields(job, mix.unit):
            yield f"{name} = {_toml_value(value)}"


def _toml_key(name: str) -> str:
    """Return a bare key where TOML allows one, else a quoted one."""
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else _toml_text(name)


def _toml_text(text: str) -> str:
    """Return a basic string: quotation mark, backslash and control characters escaped."""
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    # U+007F is a control character to TOML as well.
    return (
        '"' + "".join(short.get(c) or (c if " " <= c != "\x7f" else f"\\u{ord(c):04x}") for c in text) + '"'
    )


def _toml_value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_toml_key(str(key))} = {_toml_value(item)}" for key, item in value.items())
        return f"{{{pairs}}}"
    return _scalar(value, _toml_text)


def _json(mix: Mix) -> Iterator[str]:
    """Yield the lines of a JSON file: one job a line."""
    yield "{"
    for name, value in _mix_fields(mix):
        yield f"  {_json_text(name)}: {_json_value(value)},"
    policies = [dict(_policy_fields(choice.algo, choice.options)) for choice in mix.policies]
    if policies:
        yield f'  "policy": {_json_value(policies if len(policies) > 1 else policies[0])},'
    yield '  "jobs": ['
    for number, job in enumerate(mix.jobs, 1):
        comma = "," * (number < len(mix.jobs))
        yield f"    {_json_value(dict(_job_fields(job, mix.unit)))}{comma}"
    yield "  ]"
    yield "}"


def _json_text(text: str) -> str:
    from json import dumps

    return dumps(text, ensure_ascii=False)


def _json_value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_json_value, value)) + "]"
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_json_text(str(key))}: {_json_value(item)}" for key, item in value.items())
        return f"{{{pairs}}}"
    return "null" if value is None else _scalar(value, _json_text)


def _scalar(value: object, quoted: Callable[[str], str]) -> str:
    """Return a single value in the words that TOML and JSON share."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _Number | int):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float | Decimal) and isfinite(value):
        # Decimal's own text may say 1E+2, which TOML does not read; format() never does.
        return repr(value) if isinstance(value, float) else format(value, "f")
    raise UsageError(
        f"a policy's option is {value!r}, which no file can hold; write a number, text or a list"
    )


def _mix_fields(mix: Mix) -> Iterator[tuple[str, object]]:
    """Yield name and value of what a mix says beside its jobs and policies, where not the default."""
    usual = Mix(())
    for name in ("name", "title", "source"):
        if getattr(mix, name):
            yield name, getattr(mix, name)
    # The unit stands there always: it is what the numbers below mean.
    yield "unit", mix.unit
    for name in _RUN[:-1]:
        value = getattr(mix, name)
        if value != getattr(usual, name):
            shown = dict(value) if name in _OWN else value
            yield name, _Number(show(value, mix.unit)) if name in _TIMES else shown


def _policy_fields(algo: str, options: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield ``algo``, then the options beside it."""
    for name in ("algo", "options", *_RUN):
        if name in options and name not in _OWN:  # the queues of mlq stand inside the policy
            raise UsageError(
                f"policy {algo} has an option called {name}, which is not the policy's in a file"
            )
    yield "algo", algo
    yield from options.items()


def _job_fields(job: Job, unit: str) -> Iterator[tuple[str, object]]:
    """Yield name and value of what a job says, where not the default."""
    yield "id", job.id
    if not job.spawned:
        yield "arrival", _Number(show(job.arrival, unit))
    steps = job.operations
    if len(steps) == 1 and isinstance(steps[0], Cpu):
        yield "burst", _Number(show(steps[0].ns, unit))
    else:
        yield "program", _program(job, unit)
    for name in _RARE:
        value = getattr(job, name)
        if value != Job._field_defaults[name]:
            yield name, _Number(show(value, unit)) if name in _TIMES else value


def _program(job: Job, unit: str) -> list[str]:
    """Return the operations of a job as text. Raises UsageError for what no text says."""
    try:
        # Lengths were looked at before, and are most of what large mixes have.
        return [
            step.text(unit)
            if type(step) is Cpu or (type(step) is Io and not step.device)
            else text_of(step, unit)
            for step in job.operations
        ]
    except ValueError as error:
        raise UsageError(f"job {job.id!r}: {error}") from None


def _table(mix: Mix, separator: str, what: str) -> Iterator[str]:
    """Yield the lines of a table: comments, a heading that names the unit, one job a row."""
    import csv
    from io import StringIO

    _refuse_loss(mix, what, _RUN, ())
    yield from _comments(mix, "# ")
    single = all(len(job.operations) == 1 and isinstance(job.operations[0], Cpu) for job in mix.jobs)
    rare = [
        name for name in _RARE if any(getattr(job, name) != Job._field_defaults[name] for job in mix.jobs)
    ]
    unit = mix.unit
    columns = ["pid", "arrival", "burst" if single else "program", *rare]
    heading = [
        f"{name} ({unit})" if unit != "ms" and (name in _TIMES or name in ("burst", "program")) else name
        for name in columns
    ]
    # Without its quotes an id such as #1 would begin a comment.
    hash_first = any(job.id.lstrip().startswith("#") for job in mix.jobs)
    lines = StringIO()
    rows = csv.writer(
        lines,
        delimiter=separator,
        lineterminator="\n",
        quoting=csv.QUOTE_ALL if hash_first else csv.QUOTE_MINIMAL,
    )
    rows.writerow(heading)
    for job in mix.jobs:
        does = show(job.cpu, unit) if single else "; ".join(_program(job, unit))
        row = [job.id, "" if job.spawned else show(job.arrival, unit), does]
        for name in rare:
            value = getattr(job, name)
            row.append("" if value is None else show(value, unit) if name in _TIMES else str(value))
        rows.writerow(row)
    yield lines.getvalue()[:-1]


def _csv(mix: Mix) -> Iterator[str]:
    return _table(mix, ",", "a CSV table")


def _tsv(mix: Mix) -> Iterator[str]:
    return _table(mix, "\t", "a TSV table")


def _swf(mix: Mix) -> Iterator[str]:
    """Yield the lines of a log in the Standard Workload Format, version 2.2, in order of arrival."""
    what = "the Standard Workload Format"
    _refuse_loss(mix, what, _RUN[1:], tuple(name for name in _RARE if name != "estimate"))
    jobs = sorted(mix.jobs, key=lambda job: job.arrival)
    for job in jobs:
        if len(job.operations) != 1 or not isinstance(job.operations[0], Cpu):
            raise UsageError(
                f"{what} has no place for the program of job {job.id!r}; write TOML or JSON instead"
            )
        for length in (job.arrival, job.cpu, job.estimate or 0):
            if length % UNITS["s"]:
                raise UsageError(
                    f"{what} counts whole seconds, and job {job.id!r} has {show(length, 's')} s; "
                    "write TOML or JSON instead"
                )
    yield "; Version: 2.2"
    yield "; Conversion: schedsim"
    yield f"; MaxJobs: {len(jobs)}"
    yield f"; MaxRecords: {len(jobs)}"
    yield f"; MaxProcs: {mix.cpus}"
    yield from _comments(mix, "; Note: ")
    if any(job.id != str(number) for number, job in enumerate(jobs, 1)):
        yield "; Note: the jobs are numbered here; their names are left out"
    for number, job in enumerate(jobs, 1):
        arrival, run = job.arrival // UNITS["s"], job.cpu // UNITS["s"]
        requested = -1 if job.estimate is None else job.estimate // UNITS["s"]
        # Fields: job, submit, wait, run, processors, CPU time, memory, requested processors, time
        # and memory, status, user, group, program, queue, partition, preceding job, think time.
        yield f"{number} {arrival} -1 {run} 1 {run} -1 1 {requested} -1 1 -1 -1 -1 -1 -1 -1 -1"


def _comments(mix: Mix, mark: str) -> Iterator[str]:
    """Yield title and source as lines of comment."""
    for name in ("title", "source"):
        text = " ".join(getattr(mix, name).split())
        if text:
            yield f"{mark}{name}: {text}"


def _refuse_loss(mix: Mix, what: str, run: tuple[str, ...], rare: tuple[str, ...]) -> None:
    """Refuse a mix that says any of the fields which ``what`` has no place for."""
    usual = Mix(())
    lost = [name for name in run if getattr(mix, name) != getattr(usual, name)]
    lost += [
        name for name in rare if any(getattr(job, name) != Job._field_defaults[name] for job in mix.jobs)
    ]
    if lost:
        raise UsageError(f"{what} has no place for {', '.join(lost)}; write TOML or JSON instead")


FORMATS: Final[dict[str, Callable[[Mix], Iterator[str]]]] = {
    "csv": _csv,
    "tsv": _tsv,
    "json": _json,
    "toml": _toml,
    "swf": _swf,
}
"""The formats by name, which is also the suffix of their files."""
