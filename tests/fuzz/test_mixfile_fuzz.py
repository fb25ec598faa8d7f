"""Mangled job mixes: whatever comes in is a mix that keeps every rule, or is refused in one line."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schedsim.errors import MixError
from schedsim.jobs import Job, Mix, PolicyChoice
from schedsim.mixfile import collect, load, loads, parse_jobs, sources
from schedsim.operations import Cpu, Io, Operation, Yield
from schedsim.times import LONGEST, UNITS

pytestmark = pytest.mark.slow

CSV = "pid,arrival,burst,priority,count\nA,0,24,2,1\n# c\nB,1.5,3ms,,2\n\n"
PROGRAMS = 'pid;arrival;program;nice\n"A";0;"cpu 5; io 3 disk; cpu 2";-3\nB;2;cpu 1;4\n'
SHORT_TABLE = "A 0 24 1\nB 1 3 2\n"
TOML = """\
unit = "us"
cpus = 2
switch_cost = 0.5
[policy]
algo = "mlfq"
quanta = [8, 1.5]
[[job]]
id = "A"
arrival = 1_000
program = ["cpu 30", "io 20 disk", "cpu 10"]
tickets = 3
[[job]]
id = "B"
burst = 0x10
deadline = 1e3
"""
JSON = (
    '{"id": "x", "algo": "rr", "options": {"quantum": 4, "switch_cost": 0.5}, "until": 40,\n'
    ' "jobs": [{"id": "A", "arrival": 0, "bursts": [["cpu", 7], ["io", 5.25], {"cpu": 1}], "nice": -2},\n'
    '          {"id": "B", "burst": "20us", "priority": 1, "estimate": 3, "count": 2}], "expect": {}}'
)
SWF = "; Version: 2\n1 0 5 10 1 -1 -1 1 20 -1 1 1 1 1 1 1 -1 -1\n2 3 5 -1 1 -1 -1 1 20 -1 0 1 1 1 1 1 -1 -1\n"
JOBS = "A 0 24, B 1 3 2, C 0.5 20us"
VALID = {"csv": CSV, "table": PROGRAMS, "tsv": SHORT_TABLE, "toml": TOML, "json": JSON, "swf": SWF}

# What most often breaks a reader, beside the characters that mean something to one.
PIECES = [
    *",;\t \n\r\"'#[]{}=:.-+_\\\0\x1b\x85\u2028\u00a0\ufeff\u0663é\U0001d538",
    *(
        "nan",
        "inf",
        "-Infinity",
        "NaN",
        "1e999999999",
        "1e-999999999",
        "1e9999999999999999999",
        "0",
        "-1",
        "0.1",
    ),
    *("9" * 25, "9" * 5000, "0x" + "f" * 5000, "[" * 2000, '{"a":' * 2000, "null", "true", '""', "[]", "{}"),
    *(
        "\r\n",
        "\\ud800",
        "\\u0000",
        "1979-05-27",
        '"""',
        "[[job]]",
        "lock m",
        "yield",
        "cpu",
        "io 0",
        "count",
    ),
    *("pid", "burst", "policy", "queues", "unit", "h", "2,5", "4 5", "1_0", "(s)", "[ms]", "P1", "P2", "A-1"),
]


@pytest.fixture(autouse=True, scope="module")
def few_jobs():
    """A mangled count may make ten million jobs, which is right and takes its time: allow fewer here."""
    most = collect.MOST_JOBS
    collect.MOST_JOBS = 1000  # type: ignore[misc]  # put back below
    yield
    collect.MOST_JOBS = most  # type: ignore[misc]  # as it was


@st.composite
def mangled(draw, text):
    """Return ``text`` after a few cuts, copies, insertions and replacements anywhere in it."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        piece = draw(st.sampled_from(PIECES) | st.text(max_size=3))
        how = draw(st.sampled_from(["insert", "replace", "cut", "copy", "swap"]))
        if how == "insert":
            text = text[:start] + piece + text[start:]
        elif how == "replace":
            text = text[:start] + piece + text[end:]
        elif how == "cut":
            text = text[:start] + text[end:]
        elif how == "copy":
            text = text[:end] + text[start:]
        else:
            text = text[:start] + text[start:end][::-1] + text[end:]
    return text


def outcome(read, *arguments):
    """Return the mix that ``read`` gives, checked, or None when it refuses, as it must, in one line."""
    try:
        mix = read(*arguments)
    except MixError as error:
        line = str(error)
    else:
        check(mix)
        return mix
    assert line.isprintable()
    assert 10 < len(line) < 1000
    return None


def check(mix):
    """Assert that ``mix`` keeps every rule of a job mix; written from the design, not from the reader."""
    assert type(mix) is Mix
    assert type(mix.jobs) is tuple
    assert len(mix.jobs) > 0
    assert len({job.id for job in mix.jobs}) == len(mix.jobs)
    for job in mix.jobs:
        check_job(job)
    assert max(job.arrival for job in mix.jobs) + sum(job.cpu + job.io for job in mix.jobs) < LONGEST
    assert mix.unit in UNITS
    assert type(mix.cpus) is int
    assert mix.cpus >= 1
    assert mix.degree is None or (type(mix.degree) is int and mix.degree >= 1)
    assert type(mix.switch_cost) is int
    assert mix.switch_cost >= 0
    assert type(mix.charge_first_switch) is bool
    assert mix.conventions in {"textbook", "ostep"}
    assert mix.until is None or (type(mix.until) is int and mix.until > 0)
    for text in (mix.name, mix.title, mix.source):
        assert type(text) is str
        assert text.isprintable()
    for choice in mix.policies:
        assert type(choice) is PolicyChoice
        assert choice.algo
        assert choice.algo.isprintable()
        assert all(key.isprintable() for key in choice.options)
        # Whatever an option is, it can be shown.
        assert repr(choice.options)


def check_job(job):
    """Assert that one job keeps every rule."""
    assert type(job) is Job
    assert type(job.id) is str
    assert job.id == job.id.strip() != ""
    assert job.id.isprintable()
    assert type(job.arrival) is int
    assert 0 <= job.arrival < LONGEST
    assert type(job.program) is tuple
    # A CPU burst, or something that it does with other jobs: of I/O and yields alone nothing is to be scheduled.
    assert any(not isinstance(step, (Io, Yield)) for step in job.program)
    for step in job.program:
        assert isinstance(step, Operation)
        if isinstance(step, (Cpu, Io)):
            assert type(step.ns) is int
            assert 0 < step.ns < LONGEST
        if isinstance(step, Io):
            assert type(step.device) is str
            assert step.device.isprintable()
            assert len(step.device.split()) <= 1
    assert type(job.priority) is type(job.nice) is type(job.tickets) is int
    assert -20 <= job.nice <= 19
    assert job.tickets >= 1
    for length in (job.estimate, job.period, job.deadline):
        assert length is None or (type(length) is int and 0 < length < LONGEST)


@pytest.mark.parametrize("form", VALID)
def test_the_files_to_be_mangled_are_right(form):
    """A mangled file tells something only if the file was a mix before."""
    assert outcome(loads, VALID[form], form) is not None
    assert outcome(loads, VALID[form]) is not None
    assert outcome(parse_jobs, JOBS) is not None


def test_the_check_can_fail():
    """The check of a mix is one: it sees what no reader may let pass."""
    right = Job("A", 0, (Cpu(1),))
    for wrong in (
        Mix(()),
        Mix((right, right)),
        Mix((right._replace(id=" "),)),
        Mix((right._replace(arrival=-1),)),
        Mix((right._replace(program=(Cpu(0),)),)),
        Mix((right._replace(program=(Io(1),)),)),
        Mix((right._replace(nice=20),)),
        Mix((right,), cpus=0),
        Mix((right,), until=0),
        Mix((right,), unit="h"),
    ):
        with pytest.raises(AssertionError):
            check(wrong)


@settings(max_examples=200)
@given(content=st.binary(max_size=200), form=st.sampled_from([None, *sources.FORMATS]))
def test_any_bytes(content, form):
    """Bytes of any kind, in any format."""
    outcome(loads, content, form)


@settings(max_examples=200)
@given(
    text=st.lists(st.sampled_from([*PIECES, "A", "B", "4"]) | st.text(max_size=5), max_size=20).map("".join),
    form=st.sampled_from([None, *sources.FORMATS]),
)
@example(text="", form=None)
@example(text="[", form=None)
@example(text="[" * 100_000, form=None)
@example(text="[#]", form=None)
@example(text="=", form=None)
@example(text='"', form=None)
def test_any_text(text, form):
    """Text of what readers trip over, in any format and by its looks."""
    outcome(loads, text, form)
    outcome(parse_jobs, text)


@pytest.mark.parametrize("form", VALID)
@settings(max_examples=200)
@given(data=st.data())
def test_mangled_files(form, data):
    """A right file with a few wounds, read as what it was and by its looks."""
    text = data.draw(mangled(VALID[form]))
    outcome(loads, text, form)
    outcome(loads, text)


@settings(max_examples=200)
@given(text=mangled(JOBS))
def test_mangled_short_forms(text):
    """The jobs of the command line."""
    outcome(parse_jobs, text)


@settings(max_examples=200)
@given(content=mangled(CSV).map(str.encode), wound=st.binary(max_size=3), at=st.integers(0, 60))
def test_mangled_bytes(content, wound, at):
    """Bytes that are no UTF-8 in the midst of a table."""
    outcome(loads, content[:at] + wound + content[at:], "csv")


NUMBERS = st.integers() | st.integers(-3, 30) | st.floats() | st.sampled_from([2**62, 10**30, 1e300, 0.1])
WORDS = st.sampled_from([
    *("id", "arrival", "burst", "bursts", "program", "priority", "nice", "tickets", "estimate", "period", "count"),
    *("jobs", "job", "policy", "algo", "options", "cpus", "unit", "until", "degree", "queues", "name", "title"),
    *("cpu", "io", "cpu 5", "io 3 disk", "yield", "ms", "rr", "A", "B", "ostep", "quantum", "device", "lock m"),
])  # fmt: skip
ANY = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)
IDS = st.text("ABCx12", min_size=1, max_size=3)
LENGTHS = st.integers(1, 30) | st.decimals(1, 9, places=2).map(str)
FIELDS = {
    "arrival": st.integers(0, 30),
    "priority": st.integers(-3, 3),
    "nice": st.integers(-20, 19),
    "tickets": st.integers(1, 9),
    "estimate": LENGTHS,
    "count": st.integers(1, 3),
    "deadline": LENGTHS,
}
KEYS = {
    "cpus": st.integers(1, 4),
    "degree": st.integers(1, 4),
    "until": LENGTHS,
    "switch_cost": st.integers(0, 2),
    "charge_first_switch": st.booleans(),
    "unit": st.sampled_from([*UNITS, "h"]),
    "policy": st.fixed_dictionaries({"algo": WORDS, "quantum": ANY}),
    "title": st.text(max_size=5),
}


@st.composite
def wounded(draw, fields, least=0):
    """Return an object drawn from ``fields``, of which a few values may be anything."""
    made = draw(fields)
    for key in draw(st.lists(st.sampled_from([*made, "x"]), min_size=least, max_size=2)):
        made[key] = draw(ANY)
    return made


A_JOB = wounded(st.fixed_dictionaries({"id": IDS, "burst": LENGTHS}, optional=FIELDS))
A_RIGHT_JOB = st.fixed_dictionaries({"id": IDS, "burst": LENGTHS}, optional=FIELDS)
SOME_JOBS = st.lists(A_RIGHT_JOB | A_JOB, min_size=1, max_size=3, unique_by=lambda job: str(job["id"]))
A_MIX = wounded(st.fixed_dictionaries({"jobs": SOME_JOBS}, optional=KEYS))


@settings(max_examples=200)
@given(value=A_MIX | SOME_JOBS | ANY)
def test_any_json(value):
    """Right syntax with anything in it, as a file with and without a suffix, and as a value in Python."""
    text = json.dumps(value)
    from_file = outcome(loads, text, "json")
    assert from_file == outcome(loads, text) or text[0] not in "{["
    # Python's own strings may be names of files.
    if not isinstance(value, str):
        from_value = outcome(load, value)
        assert (from_file is None) == (from_value is None)
        assert from_file is None or from_file.jobs == from_value.jobs


STEPS = st.builds(Cpu, st.integers(1, 9)) | st.builds(Io, st.integers(1, 9), st.sampled_from(["", "disk"]))
A_PYTHON_JOB = st.builds(
    Job,
    IDS,
    st.integers(0, 9),
    st.lists(STEPS, max_size=3).map(lambda steps: (*steps, Cpu(1))),
    st.integers(-3, 3),
    st.integers(-20, 19),
    st.integers(1, 3),
    st.none() | st.integers(1, 9),
    st.none(),
    st.none() | st.integers(1, 9),
    st.just(False),  # it comes by itself; that nobody spawns it is one of the wounds
)


@settings(max_examples=200)
@given(
    jobs=st.lists(A_PYTHON_JOB, min_size=1, max_size=3, unique_by=lambda job: job.id),
    wounds=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(Job._fields), ANY | st.just((Cpu("x"),))), max_size=2
    ),
    settings_of_mix=st.fixed_dictionaries({}, optional={"cpus": NUMBERS, "until": NUMBERS, "unit": WORDS}),
)
def test_any_job_in_python(jobs, wounds, settings_of_mix):
    """Jobs with anything in their fields, as a list and in a Mix."""
    for position, field, value in wounds:
        at = position % len(jobs)
        jobs[at] = jobs[at]._replace(**{field: value})
    in_a_list = outcome(load, jobs)
    in_a_mix = outcome(load, Mix(tuple(jobs)))
    assert (in_a_list and in_a_list.jobs) == (in_a_mix and in_a_mix.jobs)
    assert wounds or in_a_list is not None
    outcome(load, Mix(tuple(jobs), **settings_of_mix))
