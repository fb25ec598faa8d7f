"""Written mixes: read again they are equal, and what a format has no place for is refused."""

from __future__ import annotations

import json
import os
import tomllib
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedsim import mixfile
from schedsim.cooperation import checked
from schedsim.errors import HostError, MixError, SchedsimError, UsageError
from schedsim.generate import generate
from schedsim.jobs import Job, Mix, PolicyChoice
from schedsim.mixfile.fields import mix_field
from schedsim.mixwrite import FORMATS, dump, write
from schedsim.operations import Cpu, Exit, Get, Io, Join, Kill, Lock, Put, Read, Spawn, Unlock, Write, Yield

MS = 1_000_000

# What a reader gives back as it was: printable, no blanks at the ends or in a row.
printable = st.characters(exclude_categories=("C", "Z"))
word = st.text(printable, min_size=1, max_size=8)
line = st.lists(word, max_size=4).map(" ".join)
time = st.integers(0, 10**15)
length = st.integers(1, 10**15)
device = st.text(printable.filter(lambda c: c != ";"), max_size=5)
step = st.builds(Cpu, length) | st.builds(Io, length, device) | st.builds(Yield)
steps = st.lists(step, max_size=5).map(lambda some: (Cpu(7), *some))


@st.composite
def some_jobs(draw, program=steps):
    """Return a few jobs of different names, with everything a job may say."""
    names = draw(
        st.lists(st.lists(word, min_size=1, max_size=2).map(" ".join), min_size=1, max_size=4, unique=True)
    )
    return tuple(
        Job(
            name,
            draw(time),
            draw(program),
            draw(st.integers(-(10**9), 10**9)),
            draw(st.integers(-20, 19)),
            draw(st.integers(1, 10**9)),
            draw(st.none() | length),
            draw(st.none() | length),
            draw(st.none() | length),
        )
        for name in names
    )


number = st.integers(-(2**63), 2**63) | st.decimals(-1000, 1000, places=3) | st.just(Decimal("1E+3"))
single = number | st.booleans() | word
option = st.recursive(
    single, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(word, inner, max_size=3)
)
key = word.filter(lambda name: mix_field(name) is None)
choice = st.builds(PolicyChoice, word, st.dictionaries(key, option, max_size=3))
mixes = st.builds(
    Mix,
    some_jobs(),
    name=word,
    unit=st.sampled_from(["ns", "us", "ms", "s"]),
    cpus=st.integers(1, 10**6),
    degree=st.none() | st.integers(1, 10**6),
    switch_cost=time,
    grace=time,
    charge_first_switch=st.booleans(),
    conventions=st.sampled_from(["textbook", "ostep"]),
    until=st.none() | length,
    policies=st.lists(choice, max_size=3).map(tuple),
    title=line,
    source=line,
    queues=st.dictionaries(word, st.integers(1, 10**6), max_size=2).map(lambda said: tuple(said.items())),
    variables=st.dictionaries(word, st.integers(-(10**9), 10**9), max_size=2).map(
        lambda said: tuple(said.items())
    ),
)


@pytest.mark.slow
@settings(max_examples=40)
@given(mixes, st.sampled_from(["toml", "json"]))
def test_toml_and_json_give_the_same_mix_back(mix, output_format):
    """Every field survives, every number exactly."""
    assert mix == mixfile.loads(dump(mix, output_format), output_format)


@pytest.mark.slow
@settings(max_examples=40)
@given(
    some_jobs() | some_jobs(st.builds(Cpu, length).map(lambda burst: (burst,))),
    st.sampled_from(["ns", "us", "ms", "s"]),
    st.sampled_from(["csv", "tsv"]),
)
def test_tables_give_the_same_jobs_and_unit_back(jobs, unit, output_format):
    """Names with commas, quotes and hash signs are quoted; headings name the unit."""
    mix = Mix(jobs, unit=unit)
    assert mix == mixfile.loads(dump(mix, output_format), output_format)


@settings(max_examples=100)
@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_toml_text_and_keys_are_escaped(text):
    """Any text comes back, quotation marks, line ends and control characters too."""
    mix = Mix((Job("A", 0, (Cpu(1),)),), policies=(PolicyChoice("rr", {text: text, "inner": {text: 1}}),))
    policy = tomllib.loads(dump(mix, "toml"))["policy"]
    assert {"algo": "rr"} | {"inner": {text: 1}} | {text: text} == policy | (
        {text: text} if text == "inner" else {}
    )


ONE = Mix((Job("A", 0, (Cpu(24 * MS),)),), "one")
RICH = Mix(
    (
        Job("A", 0, (Cpu(24 * MS),), priority=2),
        Job("B", 500_000, (Cpu(3 * MS), Io(2 * MS, "disk"), Cpu(1)), estimate=4 * MS),
    ),
    "rich",
    cpus=2,
    until=40 * MS,
    conventions="ostep",
    policies=(
        PolicyChoice("mlfq", {"quanta": [8, "16us", Decimal("0.5")], "boost": 100}),
        PolicyChoice("fcfs"),
    ),
    title='Two "jobs"',
    source="own",
)


def test_toml_is_minimal_and_readable():
    """Numbers are short and exact; what is usual is left out."""
    assert dump(RICH, "toml").splitlines() == [
        'name = "rich"',
        'title = "Two \\"jobs\\""',
        'source = "own"',
        'unit = "ms"',
        "cpus = 2",
        'conventions = "ostep"',
        "until = 40",
        "",
        "[[policy]]",
        'algo = "mlfq"',
        'quanta = [8, "16us", 0.5]',
        "boost = 100",
        "",
        "[[policy]]",
        'algo = "fcfs"',
        "",
        "[[job]]",
        'id = "A"',
        "arrival = 0",
        "burst = 24",
        "priority = 2",
        "",
        "[[job]]",
        'id = "B"',
        "arrival = 0.5",
        'program = ["cpu 3", "io 2 disk", "cpu 0.000001"]',
        "estimate = 4",
    ]


def test_json_has_one_job_a_line():
    """A person can read it, and a difference shows by job."""
    assert dump(RICH, "json").splitlines()[-4:] == [
        '    {"id": "A", "arrival": 0, "burst": 24, "priority": 2},',
        '    {"id": "B", "arrival": 0.5, "program": ["cpu 3", "io 2 disk", "cpu 0.000001"], "estimate": 4}',
        "  ]",
        "}",
    ]


def test_one_policy_is_a_table_of_its_own():
    """One policy is no list."""
    mix = ONE._replace(policies=(PolicyChoice("rr", {"quantum": 4}),))
    assert tomllib.loads(dump(mix, "toml"))["policy"] == {"algo": "rr", "quantum": 4}
    assert json.loads(dump(mix, "json"))["policy"] == {"algo": "rr", "quantum": 4}


def test_a_table_has_only_the_columns_it_needs():
    """Title and source are comments, the heading names a unit other than ms."""
    mix = Mix(
        (Job("A", 0, (Cpu(24_000),)), Job("B", 500, (Cpu(1000),), tickets=9, period=MS)), unit="us", title="T"
    )
    assert dump(mix, "csv") == (
        "# title: T\npid,arrival (us),burst (us),tickets,period (us)\nA,0,24,1,\nB,0.5,1,9,1000\n"
    )
    assert dump(ONE, "tsv") == "pid\tarrival\tburst\nA\t0\t24\n"


def test_swf_has_18_fields_in_order_of_arrival():
    """A log other programs read: header, then whole seconds."""
    jobs = (Job("late", 90 * 10**9, (Cpu(60 * 10**9),)), Job("A", 0, (Cpu(10**9),), estimate=3600 * 10**9))
    mix = Mix(jobs, unit="s", cpus=64, title="Two")
    assert dump(mix, "swf").splitlines() == [
        "; Version: 2.2",
        "; Conversion: schedsim",
        "; MaxJobs: 2",
        "; MaxRecords: 2",
        "; MaxProcs: 64",
        "; Note: title: Two",
        "; Note: the jobs are numbered here; their names are left out",
        "1 0 -1 1 1 1 -1 1 3600 -1 1 -1 -1 -1 -1 -1 -1 -1",
        "2 90 -1 60 1 60 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1",
    ]
    back = mixfile.loads(dump(mix, "swf"), "swf")
    assert back.jobs == (jobs[1]._replace(id="1"), jobs[0]._replace(id="2"))


def test_swf_says_nothing_of_names_that_are_the_numbers():
    """A log that is written again keeps its job numbers."""
    mix = Mix((Job("1", 0, (Cpu(10**9),)),), unit="s")
    assert "Note" not in dump(mix, "swf")


@pytest.mark.parametrize("output_format", FORMATS)
def test_a_generator_function_is_refused(output_format):
    """Code is no data."""
    mix = Mix((Job("gen", 0, lambda: (yield Cpu(1))),))
    with pytest.raises(
        UsageError, match="job 'gen' is a generator function, which no file can hold; write its"
    ):
        dump(mix, output_format)


@pytest.mark.parametrize(
    ("mix", "output_format", "message"),
    [
        (ONE, "tmol", "unknown format 'tmol': did you mean 'toml'? known are csv, tsv, json, toml, swf"),
        (
            RICH,
            "csv",
            "a CSV table has no place for cpus, conventions, until, policies; write TOML or JSON instead",
        ),
        (ONE._replace(grace=1), "csv", "a CSV table has no place for grace; write TOML"),
        (ONE._replace(switch_cost=1), "tsv", "a TSV table has no place for switch_cost; write TOML"),
        (ONE._replace(degree=1), "swf", "the Standard Workload Format has no place for degree; write TOML"),
        (Mix((Job("A", 0, (Cpu(1),), 1, 1, 2),)), "swf", "has no place for priority, nice, tickets; write"),
        (
            Mix((Job("A", 0, (Cpu(1), Io(1), Cpu(1))),)),
            "swf",
            "has no place for the program of job 'A'; write",
        ),
        (ONE, "swf", "counts whole seconds, and job 'A' has 0.024 s; write TOML or JSON instead"),
        (ONE._replace(title="\ud800"), "json", "has the character '\\ud800', which no text file can hold"),
        (
            ONE._replace(policies=(PolicyChoice("rr", {"algo": 1}),)),
            "toml",
            "policy rr has an option called algo, which is not the policy's in a file",
        ),
        (
            ONE._replace(policies=(PolicyChoice("rr", {"quantum": float("nan")}),)),
            "json",
            "a policy's option is nan, which no file can hold; write a number, text or a list",
        ),
        (
            ONE._replace(policies=(PolicyChoice("rr", {"quantum": None}),)),
            "toml",
            "a policy's option is None",
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_would_be_lost_is_refused_by_name(mix, output_format, message):
    """Nothing is dropped silently."""
    with pytest.raises(UsageError) as caught:
        dump(mix, output_format)
    assert message in str(caught.value)


def test_json_has_a_word_for_nothing():
    """An option that is None comes back as None."""
    mix = ONE._replace(name="mix", policies=(PolicyChoice("rr", {"seed": None}),))
    assert mixfile.loads(dump(mix, "json"), "json") == mix


@pytest.mark.parametrize("output_format", ["csv", "tsv", "json", "toml"])
def test_a_file_is_read_again_from_its_suffix(tmp_path, output_format):
    """The name that the file gives is not written into it."""
    path = tmp_path / f"one.{output_format}"
    write(ONE, path)
    assert mixfile.load(path) == ONE
    assert "one" not in path.read_text(encoding="utf-8")


def test_a_format_may_be_named_where_the_suffix_says_none(tmp_path):
    """The name in the file is kept where the file's own name is another."""
    write(ONE, tmp_path / "other.txt", output_format="json")
    assert mixfile.load(tmp_path / "other.txt") == ONE


def test_a_suffix_of_no_format_is_refused(tmp_path):
    """The message lists the suffixes."""
    with pytest.raises(
        UsageError, match=r"a.xls: the suffix says no format; end it in one of .csv, .tsv, .json"
    ):
        write(ONE, tmp_path / "a.xls")
    assert os.listdir(tmp_path) == []


def test_an_existing_file_is_kept_unless_forced(tmp_path):
    """A mix of an hour's work is not overwritten by a slip."""
    path = tmp_path / "mine.csv"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"mine.csv: is there already; write to another file, or force it"):
        write(ONE, path)
    assert path.read_text(encoding="utf-8") == "mine"
    write(ONE, path, force=True)
    assert mixfile.load(path).jobs == ONE.jobs


def test_a_mix_that_cannot_be_written_leaves_the_file_as_it_was(tmp_path):
    """Refused before the file is touched, even when forced."""
    path = tmp_path / "mine.csv"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="no place for cpus"):
        write(RICH, path, force=True)
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_not_there_is_the_machines_refusal(tmp_path):
    """A HostError, not a traceback."""
    with pytest.raises(HostError, match="cannot be written"):
        write(ONE, tmp_path / "none" / "a.csv")


def test_a_generated_mix_comes_back(tmp_path):
    """What generate makes, convert writes, decimals and all."""
    mix = generate(200, seed=1, io="exponential:mean=3", priorities="1-5")
    write(mix, tmp_path / "g.toml")
    assert mixfile.load(tmp_path / "g.toml") == mix


names = st.lists(
    word | st.sampled_from(["inherit", "'", "a;b", '"', "it's", "x" * 70]), min_size=1, max_size=3
).map(" ".join)
numbers = st.integers(-(2**63) + 1, 2**63 - 1)


@st.composite
def cooperating(draw):
    """Return a mix whose jobs do everything with each other, by whatever names."""
    ids = draw(st.lists(names, min_size=3, max_size=3, unique=True))
    mutex, queue, variable = draw(names), draw(names), draw(names)
    can = [
        st.just((Lock(mutex), Unlock(mutex))),
        st.just((Lock(mutex, inherit=True), Unlock(mutex))),
        st.builds(lambda ns, device: (Io(ns, device),), length, names),
        st.builds(lambda blocking: (Put(queue, blocking=blocking), Get(queue, blocking)), st.booleans()),
        st.builds(lambda value: (Write(variable, value),), numbers),
        st.builds(lambda change: (Read(variable), Write(variable, change=change)), numbers),
        st.builds(lambda code: (Exit(code),), st.integers(0, 255)),
        st.just((Kill(ids[1]), Yield(), Kill(ids[2]))),
    ]
    first, second, child = (
        draw(st.lists(st.one_of(can), max_size=4).map(lambda some: sum(some, (Cpu(7),)))) for _ in range(3)
    )
    programs = ((Spawn(ids[2]), *first, Join(ids[2])), second, child)
    return Mix(
        tuple(Job(name, 0, program) for name, program in zip(ids, programs, strict=True)),
        name="mix",
        queues=((queue, 2),),
        variables=((variable, 3),),
    )


@pytest.mark.slow
@settings(max_examples=100)
@given(cooperating(), st.sampled_from(["toml", "json", "csv", "tsv"]))
def test_what_jobs_do_with_each_other_comes_back(mix, output_format):
    """Whatever mutexes, queues, variables, jobs and devices are called; a table has all but queues and variables."""
    if output_format in ("csv", "tsv"):
        jobs = [
            job._replace(program=tuple(each for each in job.operations if not isinstance(each, Put | Get)))
            for job in mix.jobs
        ]
        mix = mix._replace(jobs=tuple(jobs), queues=(), variables=())
    assert checked(mix) == mixfile.loads(dump(mix, output_format), output_format)


@pytest.mark.parametrize(("output_format", "separator"), [("csv", ","), ("tsv", "\t")])
def test_a_child_has_no_arrival_in_a_table(output_format, separator):
    """Its cell is empty, and is read so; with ``count`` each copy must be spawned."""
    rows = ["pid,arrival,program", "A,0,cpu 1; spawn B; join B", "B,,cpu 2", "C,3,cpu 1"]
    table = "\n".join(rows).replace(",", separator) + "\n"
    mix = mixfile.loads(table, output_format)
    assert [("A", 0, False), ("B", 0, True), ("C", 3 * MS, False)] == [
        (job.id, job.arrival, job.spawned) for job in mix.jobs
    ]
    assert table == dump(mix, output_format)
    copies = "pid,arrival,count,program\nA,0,1,{}\nB,,2,cpu 1\n"
    both = mixfile.loads(copies.format("spawn B-1; spawn B-2"), "csv")
    assert [False, True, True] == [job.spawned for job in both.jobs]
    with pytest.raises(MixError, match="row 3, arrival: the cell is empty; write 0 for a job that is there"):
        mixfile.loads(copies.format("spawn B-1"), "csv")


@pytest.mark.parametrize("output_format", ["json", "toml"])
@pytest.mark.parametrize(
    ("step", "message"),
    [
        (
            Put("q", 5),
            "put q: text has no place for an item, which only programs in Python look at; leave it out",
        ),
        (Put("q", [5], blocking=False), "put? q: text has no place for an item, which only programs in"),
        (Write("n", "x"), "write n x: text writes whole numbers to variables only; write one"),
        (Write("n", True), "write n True: text writes whole numbers to variables only; write one"),
        (Write("n", 5, 3), "write n 5: text has no place for a change beside a value; leave one of them out"),
    ],
)
def test_what_no_text_says_is_refused(step, message, output_format, tmp_path):
    """With job and operation, and nothing is written."""
    mix = Mix((Job("my job", 0, (Cpu(1), step)),), queues=(("q", 1),))
    with pytest.raises(UsageError) as caught:
        write(mix, tmp_path / f"mix.{output_format}")
    assert str(caught.value).startswith(f"job 'my job': {message}")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("mix", "message"),
    [
        (Mix((Job("A", 0, (Cpu(1), Write("n", "x"))),)), "job 'A': write n x: text writes whole numbers"),
        (Mix((Job(" A", 0, (Cpu(1),)),)), "job ' A': the id is text of printable characters, without blanks"),
        (Mix((Job("A", 0, (Lock(5), Cpu(1))),)), "job 'A': Lock(mutex=5): the name of a mutex is text"),
        (Mix((Job("A", 0, (Put("q"), Cpu(1))),)), "job 'A': put q: the queue 'q' is not declared"),
    ],
)
def test_a_mix_that_could_not_be_read_is_not_written(mix, message):
    """What would be refused there is refused here."""
    for output_format in ("csv", "json"):
        with pytest.raises(SchedsimError) as caught:
            dump(mix, output_format)
        assert str(caught.value).startswith(message)
