"""What programs must not do with each other: refused before anything runs, or stopped with job and instant named."""

from __future__ import annotations

import json

import pytest

import schedsim as ss
from schedsim.errors import MixError, ProgramError
from schedsim.jobs import Job, Mix
from schedsim.mixfile import loads
from schedsim.operations import (
    Cpu,
    Exit,
    Get,
    Io,
    Join,
    Kill,
    Lock,
    Operation,
    Put,
    Read,
    Spawn,
    Unlock,
    Write,
    Yield,
)
from schedsim.trace import Kind, Trace
from tests.cli.calling import refused

MS = 1_000_000
DECLARE = 'write its capacity in the mix: in TOML [queues] and then {0} = 3, in JSON "queues": {{"{0}": 3}}'


def refusal(programs, **settings):
    """Return the message with which a mix file with these programs, by job, is refused."""
    jobs = [{"id": name, "program": program.split("; ")} for name, program in programs.items()]
    with pytest.raises(MixError) as caught:
        loads(json.dumps({"jobs": jobs, **settings}), "json", "mix.json")
    return str(caught.value)


@pytest.mark.parametrize(
    ("programs", "message"),
    [
        (
            {"A": "cpu 1; unlock m"},
            "unlock m: 'm' is not held here (it holds nothing); write 'lock m' before",
        ),
        (
            {"A": "lock n; lock k; unlock m"},
            "unlock m: 'm' is not held here (it holds n, k); write 'lock m' before",
        ),
        (
            {"A": "lock m; unlock m; unlock m"},
            "unlock m: 'm' is not held here (it holds nothing); write 'lock m' before",
        ),
        (
            {"A": "lock left; lock m; unlock lft"},
            "unlock lft: 'lft' is not held here (it holds left, m); did you mean 'left'? write 'lock lft' before",
        ),
        (
            {"A": "put Trey"},
            f"put Trey: the queue 'Trey' is not declared; did you mean 'trey'? {DECLARE.format('Trey')}",
        ),
        ({"A": "spawn b", "B": "cpu 1"}, "spawn b: there is no such job; did you mean 'B'? jobs are A, B"),
        (
            {"A": "put tray"},
            f"put tray: the queue 'tray' is not declared; did you mean 'trey'? {DECLARE.format('tray')}",
        ),
        ({"A": "get? q"}, f"get? q: the queue 'q' is not declared; {DECLARE.format('q')}"),
        ({"A": "spawn C"}, "spawn C: there is no such job; jobs are A"),
        ({"A": "join C"}, "join C: there is no such job; jobs are A"),
        (
            {"A": "kill worker-2", "worker-1": "cpu 1"},
            "kill worker-2: there is no such job; did you mean 'worker-1'? jobs are A, worker-1",
        ),
        (
            {"A": "join B", "B": "cpu 1"},
            "join B: 'B' is no child of this job; write 'spawn B' before",
        ),
        (
            {"A": "join B; spawn B", "B": "cpu 1"},
            "join B: 'B' is no child of this job; write 'spawn B' before",
        ),
        (
            {"A": "spawn B; spawn B", "B": "cpu 1"},
            (
                "spawn B: it spawns it already, and each job is one process; "
                "write another job of that kind, or count = 2 and spawn its copies"
            ),
        ),
        ({"A": "spawn A"}, "none of them ever begins: A spawns A; let one arrive by itself"),
        (
            {"A": "spawn B", "B": "spawn A"},
            "none of them ever begins: B spawns A spawns B; let one arrive by itself",
        ),
        (
            {"A": "write n +1"},
            "write n +1: this job has not read 'n'; write 'read n' before, or a value",
        ),
        (
            {"A": "read m; write n -1"},
            "write n -1: this job has not read 'n'; write 'read n' before, or a value",
        ),
    ],
)
def test_a_program_that_cannot_be_done(programs, message):
    """A list runs straight through, so all of this is known before the run; the job and the step are named."""
    assert f"mix.json, job 1 ('A'): {message}" == refusal(programs, queues={"trey": 3})


def test_the_second_job_that_spawns_another():
    """Who did it first is named."""
    assert (
        "mix.json, job 2 ('C'): spawn B: job 'A' spawns it already, and each job is one process; "
        "write another job of that kind, or count = 2 and spawn its copies"
    ) == refusal({"A": "spawn B", "C": "spawn B", "B": "cpu 1"})


def test_a_circle_that_others_stand_beside():
    """D spawns nobody of the circle, and none of the three would ever begin."""
    assert (
        "mix.json, job 2 ('A'): none of them ever begins: B spawns C spawns A spawns B; let one arrive by itself"
    ) == refusal({"D": "cpu 1", "A": "spawn B", "B": "spawn C", "C": "spawn A"})


def refused_jobs(*jobs):
    """Return the message with which a mix file with these jobs is refused."""
    with pytest.raises(MixError) as caught:
        loads(json.dumps({"jobs": jobs}), "json", "mix.json")
    return str(caught.value)


def test_a_spawned_job_that_arrives_by_itself():
    """It cannot do both."""
    assert (
        "mix.json, job 2 ('B'): it is spawned by job 'A', and arrives then; leave its arrival out"
    ) == refused_jobs({"id": "A", "program": ["spawn B"]}, {"id": "B", "burst": 1, "arrival": 3})


def test_a_spawned_job_whom_nobody_spawns():
    """It would never arrive; where a generator may do it, nobody can know."""
    assert (
        "mix.json, job 2 ('B'): it is to be spawned, and no job spawns it; write 'spawn B' in a program"
    ) == refused_jobs({"id": "A", "burst": 1}, {"id": "B", "burst": 1, "spawned": True})
    run = ss.run(Mix((job_of([Cpu(MS)]), Job("B", 0, (Cpu(MS),), spawned=True))), "fcfs")
    assert ["terminated", "new"] == [job.state for job in run.jobs]


@pytest.mark.parametrize(
    ("capacity", "message"),
    [
        (0, "'0': must be 1 or more"),
        (-1, "'-1': must be 1 or more"),
        (1.5, "'1.5': not a whole number; write one such as 1"),
        (True, "'true': not a number; write a whole number such as 1"),
        ("three", "'three': not a number; write a whole number such as 1"),
        ([1], "'a list': not a number; write a whole number such as 1"),
        (None, "not a number; write a whole number such as 1"),
        (10**10, "'10000000000': must be from 1 to 1000000000"),
    ],
)
def test_a_capacity_that_is_none(capacity, message):
    """Whether or not anybody uses the queue."""
    assert f"mix.json, capacity of q: {message}" == refusal({"A": "cpu 1"}, queues={"q": capacity})


@pytest.mark.parametrize(
    ("name", "key", "said"),
    [
        ("a.b", '"a.b"', '"a.b"'),
        ("q?", '"q?"', '"q?"'),
        ("my q", '"my q"', '"my q"'),
        ('"q', '"\\"q"', '"\\"q"'),
        ("a-b_1", "a-b_1", '"a-b_1"'),
        ("é", '"é"', '"é"'),
    ],
)
def test_what_is_advised_can_be_read(name, key, said):
    """In TOML as in JSON, whatever the queue is called."""
    put = Put(name)
    with pytest.raises(MixError) as caught:
        ss.run(Mix((Job("A", 0, (put, Cpu(MS))),)), "fcfs")
    advice = f'in TOML [queues] and then {key} = 3, in JSON "queues": {{{said}: 3}}'
    assert str(caught.value).endswith(advice)
    program = json.dumps([put.text("ms"), "cpu 1"])
    toml = f'[queues]\n{key} = 3\n[[job]]\nid = "A"\nprogram = {program}'
    written = f'{{"queues": {{{said}: 3}}, "jobs": [{{"id": "A", "program": {program}}}]}}'
    for mix in (loads(toml, "toml"), loads(written, "json")):
        assert ((name, 3),) == mix.queues
        assert ss.run(mix, "fcfs").jobs[0].finish == 1
    with pytest.raises(ProgramError) as stopped:
        ss.run(Mix((job_of([put]),)), "fcfs")
    assert str(stopped.value).endswith(f"is not declared; give the mix queues, such as {key} = 3")


def test_a_point_without_quotes_in_toml():
    """It makes an object of the queue; the message says how its name is written."""
    with pytest.raises(MixError) as caught:
        loads('[queues]\na.b = 3\n[[job]]\nid = "A"\nburst = 1', "toml", "mix.toml")
    assert (
        "mix.toml, capacity of a: an object is no capacity; write a number, and a name with a point in quotes: "
        '"a.b" = 3'
    ) == str(caught.value)


@pytest.mark.parametrize("capacity", [0, -1, 1.5, True, "3", None])
@pytest.mark.parametrize("program", [(Cpu(MS),), lambda: iter([Put("q")])], ids=["list", "generator"])
def test_a_capacity_that_is_none_in_python(capacity, program):
    """The same in a mix that was never text, whatever its programs are."""
    with pytest.raises(MixError) as caught:
        ss.run(Mix((Job("A", 0, program),), queues=(("q", capacity),)), "fcfs")
    assert (f"queue 'q': the capacity is {capacity!r}; write a whole number of 1 or more") == str(
        caught.value
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"queues": [3]},
            (
                'queues: a list is not an object with names; write "queues": {"tray": 3}, in TOML [queues] and '
                "then tray = 3; the queues of mlq stand inside the policy"
            ),
        ),
        ({"variables": {"n": 1.5}}, "value of n: '1.5': not a whole number; write one such as 1"),
        (
            {"variables": {"n": 2**63}},
            f"value of n: '{2**63}': must be from -{2**63 - 1} to {2**63 - 1}",
        ),
        ({"variables": {"n": -(2**63)}}, f"value of n: '-{2**63}': must be -{2**63 - 1} or more"),
        (
            {"variables": 3},
            (
                'variables: a number is not an object with names; write "variables": {"tray": 3}, in TOML '
                "[variables] and then tray = 3"
            ),
        ),
    ],
)
def test_wrong_names_and_values(settings, message):
    """Queues and variables have names and whole numbers."""
    assert f"mix.json, {message}" == refusal({"A": "cpu 1"}, **settings)


def test_a_variable_that_is_no_number_in_python():
    """As in a file."""
    with pytest.raises(MixError) as caught:
        ss.run(Mix((Job("A", 0, (Cpu(MS),)),), variables=(("n", 1.5),)), "fcfs")
    assert "variable 'n': its value is 1.5; write a whole number" == str(caught.value)


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63 - 1)])
def test_a_variable_has_64_bits(value, tmp_path):
    """In a file, in a program, in Python, and in the trace."""
    program = ["read n", f"write m ={value}", "cpu 1"]
    document = {"jobs": [{"id": "A", "program": program}], "variables": {"n": value}}
    run = ss.run(loads(json.dumps(document), "json", "mix.json"), "fcfs")
    assert {"n": value, "m": value} == run.variables
    run.trace.write(tmp_path / "trace")
    assert run.trace == Trace.read(tmp_path / "trace")
    assert {"n": value} == run.trace.header.variables


@pytest.mark.parametrize("value", [2**63, -(2**63), 10**5000], ids=["above", "below", "far"])
def test_a_variable_beyond_64_bits_in_python(value):
    """Neither at first, nor in a list of operations."""
    for mix, message in (
        (Mix((Job("A", 0, (Cpu(MS),)),), variables=(("n", value),)), "variable 'n': its value"),
        (Mix((Job("A", 0, (Write("n", value), Cpu(MS))),)), "job 'A': what it writes to 'n'"),
        (Mix((Job("A", 0, (Read("n"), Write("n", change=value))),)), "job 'A': what it writes to 'n'"),
    ):
        with pytest.raises(MixError) as caught:
            ss.run(mix, "fcfs")
        assert f"{message} does not fit in 64 bits; write a smaller number" == str(caught.value)


def test_a_sum_beyond_64_bits():
    """That is known only when it is written: the run ends there, with one sentence and no traceback."""
    mix = {"jobs": [{"id": "A", "program": ["cpu 2", "read n", "write n +1"]}], "variables": {"n": 2**63 - 1}}
    message = "job 'A' at 2 ms: what it writes to 'n' does not fit in 64 bits; keep it smaller"
    with pytest.raises(ProgramError) as caught:
        ss.run(mix, "fcfs")
    assert message == str(caught.value)
    assert message == refused("run", "-", stdin=json.dumps(mix), status=3)


def test_a_variable_that_is_no_number_any_more():
    """What it was before is not what it is worth at the end."""
    steps = [Write("n", 5), Write("m", 7), Write("n", "word")]
    assert {"m": 7} == ss.run(Mix((job_of(steps),)), "fcfs").variables
    assert {"n": 5, "m": 7} == ss.run(Mix((job_of(steps[:2]),)), "fcfs").variables


def test_a_table_has_no_place_for_queues():
    """The command line says so in one line, and nothing runs."""
    assert (
        f"standard input, job 1 ('A'): put q: the queue 'q' is not declared; {DECLARE.format('q')}"
    ) == refused("run", "-", stdin="pid,program\nA,put q\n")


def job_of(steps, name="A", arrival=0):
    """Return a job whose program is a generator of these steps, after a burst of 2 ms."""

    def program():
        yield Cpu(2 * MS)
        for each in steps:
            _ = yield each  # 'yield from' would tell the list, which cannot be told anything

    return Job(name, arrival, program)


CHILD = Job("B", 0, (Cpu(MS),), spawned=True)
OTHER = Job("C", 0, (Cpu(MS), Lock("m"), Cpu(9 * MS)))


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([Unlock("m")], "it unlocks 'm', which it does not hold (job 'C' does); lock it before"),
        ([Unlock("k")], "it unlocks 'k', which it does not hold (nobody does); lock it before"),
        ([Lock("k"), Unlock("k"), Unlock("k")],
         "it unlocks 'k', which it does not hold (nobody does); lock it before"),
        ([Put("tray")], "the queue 'tray' is not declared; give the mix queues, such as tray = 3"),
        ([Get("tray", blocking=False)], "the queue 'tray' is not declared; give the mix queues, such as tray = 3"),
        ([Spawn("Z")], "it spawns 'Z', and there is no such job in the mix"),
        ([Spawn("C")], "it spawns 'C', which arrives by itself; write Job('C', ..., spawned=True)"),
        ([Spawn("A")], "it spawns 'A', which arrives by itself; write Job('A', ..., spawned=True)"),
        ([Spawn("B"), Spawn("B")],
         "it spawns 'B' a second time; each job is one process, so write another job of that kind"),
        ([Join("Z")], "it joins 'Z', and there is no such job in the mix; spawn it first"),
        ([Join("C")], "it joins 'C', which is no child of it; spawn it first"),
        ([Join("B")], "it joins 'B', which is no child of it; spawn it first"),
        ([Join("A")], "it joins 'A', which is no child of it; spawn it first"),
        ([Kill("Z")], "it kills 'Z', and there is no such job in the mix"),
        ([Read("k"), Write("n", change=1)], "it writes 'n' +1 without having read it; read it before"),
        ([Write("n", 2**63)], "what it writes to 'n' does not fit in 64 bits; keep it smaller"),
        ([Write("n", -(10**5000))], "what it writes to 'n' does not fit in 64 bits; keep it smaller"),
        ([Read("n"), Write("n", change=-(2**63))], "what it writes to 'n' does not fit in 64 bits; keep it smaller"),
        ([Write("n", "word"), Read("n"), Write("n", change=-1)],
         "it writes 'n' -1, and what it read of it is no number but str; write a value"),
    ],
)  # fmt: skip
def test_a_generator_that_does_it_all_the_same(steps, message):
    """What a generator does is known only when it does it: the run ends there, with job and instant."""
    with pytest.raises(ProgramError) as caught:
        ss.run(Mix((job_of(steps), CHILD, OTHER), queues=(("q", 1),), cpus=2), "fcfs")
    assert f"job 'A' at 2 ms: {message}" == str(caught.value)


def test_a_spawn_that_a_list_did_before():
    """Who was spawned by another one is not spawned again."""
    parent = Job("P", 0, (Spawn("B"), Cpu(5 * MS)))
    with pytest.raises(ProgramError) as caught:
        ss.run(Mix((parent, job_of([Spawn("B")]), CHILD), cpus=2), "fcfs")
    assert (
        "job 'A' at 2 ms: it spawns 'B' a second time; each job is one process, so write another job of that kind"
    ) == str(caught.value)


class _Sulks:
    """Has no repr."""

    def __repr__(self):
        raise RuntimeError


TEXT = "text of printable characters, without blanks at its ends"


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Lock(["x"]), "Lock(mutex=['x']): the name of a mutex is text; write Lock('m')"),
        (Lock(5), "Lock(mutex=5): the name of a mutex is text; write Lock('m')"),
        (Lock(""), f"Lock(mutex=''): the name of a mutex is {TEXT}; write Lock('m')"),
        (Lock(" m"), f"Lock(mutex=' m'): the name of a mutex is {TEXT}; write Lock('m')"),
        (Lock("a\nb"), f"Lock(mutex='a\\nb'): the name of a mutex is {TEXT}; write Lock('m')"),
        (Lock("m", inherit=1), "Lock(inherit=1): inherit is True or False"),
        (Unlock(None), "Unlock(mutex=None): the name of a mutex is text; write Unlock('m')"),
        (Put(None), "Put(queue=None): the name of a queue is text; write Put('q')"),
        (Put("q", 5, "no"), "Put(blocking='no'): blocking is True or False"),
        (Get(("q",)), "Get(queue=('q',)): the name of a queue is text; write Get('q')"),
        (Get("q", None), "Get(blocking=None): blocking is True or False"),
        (Spawn(5), "Spawn(job=5): the name of a job is text; write Spawn('B')"),
        (Join(None), "Join(job=None): the name of a job is text; write Join('B')"),
        (Kill(3), "Kill(job=3): the name of a job is text; write Kill('B')"),
        (Read({}), "Read(variable={}): the name of a variable is text; write Read('n')"),
        (Read(_Sulks()), "Read(variable=<_Sulks>): the name of a variable is text; write Read('n')"),
        (Write(3, 3), "Write(variable=3): the name of a variable is text; write Write('n', 5)"),
        (
            Write("n", change="x"),
            "Write(change='x'): a change is a whole number; write Write('n', change=1)",
        ),
        (Cpu(1.5), "Cpu(ns=1.5): a length is a whole number of nanoseconds; write Cpu(ms(1.5))"),
        (Cpu("5"), "Cpu(ns='5'): a length is a whole number of nanoseconds; write Cpu(ms(1.5))"),
        (Io(2e6), "Io(ns=2000000.0): a length is a whole number of nanoseconds; write Io(ms(1.5))"),
        (Io(5, 7), "Io(device=7): the name of a device is text; write Io(ms(5), 'disk')"),
        ("cpu 5", "'cpu 5': {verb} an operation such as Cpu(ms(5))"),
        (Operation(), "Operation(): {verb} an operation such as Cpu(ms(5))"),
    ],
    ids=lambda value: value[:20] if type(value) is str else "",
)
@pytest.mark.parametrize("generator", [True, False])
def test_a_field_of_a_wrong_type(step, message, generator):
    """One sentence: before the run for a list, and for a generator when it comes to it."""
    job = job_of([step]) if generator else Job("A", 0, (Cpu(2 * MS), step))
    with pytest.raises(ProgramError if generator else MixError) as caught:
        ss.run(Mix((job,), queues=(("q", 1),)), "fcfs")
    shown, _, instead = message.replace("{verb}", "yield" if generator else "write").partition("): ")
    if not instead:
        shown, _, instead = shown.partition(": ")
    else:
        shown += ")"
    expected = f"its program yielded {shown}; {instead}" if generator else f"{shown}: {instead}"
    assert f"job 'A': {expected}" == str(caught.value)


@pytest.mark.parametrize("field", ["queues", "variables"])
@pytest.mark.parametrize(("name", "said"), [(5, "text"), ("", TEXT), ("a\tb", TEXT), ("a ", TEXT)])
def test_a_wrong_name_in_python(field, name, said):
    """Queues and variables have names as operations have."""
    with pytest.raises(MixError) as caught:
        ss.run(Mix((Job("A", 0, (Cpu(MS),)),), **{field: ((name, 1),)}), "fcfs")
    assert f"{field[:-1]} {name!r}: the name of a {field[:-1]} is {said}" == str(caught.value)


def test_whole_numbers_of_numpy_are_whole_numbers():
    """A length that was drawn is no float."""
    numpy = pytest.importorskip("numpy")
    for program in ((Cpu(numpy.int64(MS)),), lambda: iter([Cpu(numpy.int64(MS))])):
        assert ss.run(Mix((Job("A", 0, program),)), "fcfs").jobs[0].finish == 1


@pytest.mark.parametrize("code", [256, -1, 10**30, 1.0, True, None])
@pytest.mark.parametrize("generator", [True, False])
def test_an_exit_code_that_no_process_can_have(code, generator):
    """Refused before the run in a list, and named when a generator comes to it."""
    step = Exit(code)
    job = job_of([step]) if generator else Job("A", 0, (Cpu(2 * MS), step))
    with pytest.raises(ProgramError if generator else MixError) as caught:
        ss.run(Mix((job,)), "fcfs")
    listed = f"job 'A': {step!r}: an exit code is a whole number from 0 to 255"
    yielded = f"job 'A': its program yielded {step!r}; an exit code is a whole number from 0 to 255"
    assert (yielded if generator else listed) == str(caught.value)


def endless(step):
    """Return a job that does something without end, after a burst of 2 ms."""

    def program():
        yield Cpu(2 * MS)
        while True:
            for each in step():
                _ = yield each  # as above

    return Job("A", 0, program)


def several(*steps):
    """Return a function that makes an iterator of these steps."""
    return lambda: iter(steps)


@pytest.mark.parametrize(
    ("step", "last"),
    [
        (several(Lock("m"), Unlock("m")), "lock m"),
        (several(Put("q"), Get("q")), "put q"),
        (several(Get("q", blocking=False)), "get? q"),
        (several(Kill("B")), "kill B"),
        (several(Read("n")), "read n"),
        (several(Write("n", 3)), "write n 3"),
    ],
)
def test_a_loop_in_zero_time(step, last):
    """Ten thousand operations at one instant are no program that ends."""
    with pytest.raises(ProgramError) as caught:
        ss.run(Mix((endless(step), CHILD), queues=(("q", 1),)), "fcfs")
    assert (
        f"job 'A' loops in zero time: it did 10,000 operations at 2 ms, the last of them {last!r}; "
        "give the loop a CPU or I/O burst"
    ) == str(caught.value)


def test_two_that_keep_each_other_busy_in_zero_time():
    """Each waits for the other, in turn, and no time ever passes."""

    def ping():
        while True:
            yield Put("q")
            yield Get("r")

    def pong():
        while True:
            yield Get("q")
            yield Put("r")

    jobs = (Job("A", 0, ping), Job("B", 0, pong))
    with pytest.raises(
        ProgramError, match=r"^job 'B' loops in zero time: it did 10,000 operations at 0 ms, "
    ):
        ss.run(Mix(jobs, queues=(("q", 1), ("r", 1))), "fcfs")


@pytest.mark.parametrize(
    ("steps", "kind", "times"),
    [
        (["put q"], Kind.PUT, 10_001),
        (["lock m", "unlock m"], Kind.RELEASED, 5001),
        (["yield"], Kind.YIELDED, 1001),
        (["read n", "yield"], Kind.YIELDED, 1001),
    ],
)
def test_a_list_is_no_loop(steps, kind, times):
    """However much it does at one instant, it does all of it, and comes to its end."""
    jobs = [{"id": "A", "program": [*(steps * times), "cpu 1"]}]
    rows = [row for row in ss.run({"jobs": jobs, "queues": {"q": 20_000}}, "fcfs").trace if row.kind is kind]
    assert [0] * times == [row.time for row in rows]


def test_a_loop_of_yields_and_locks():
    """The yields are counted first."""
    with pytest.raises(ProgramError) as caught:
        ss.run(Mix((endless(several(Lock("m"), Unlock("m"), Yield())),)), "fcfs")
    assert (
        "job 'A' loops in zero time: it yielded 1,001 times at 2 ms without computing; "
        "give the loop a CPU or I/O burst"
    ) == str(caught.value)


def test_a_program_that_spawns_without_end():
    """There are as many processes as the mix has jobs: the next one is refused, with its name."""

    def program():
        number = 0
        while True:
            number += 1
            yield Spawn(f"W-{number}")
            yield Cpu(MS)

    workers = tuple(Job(f"W-{number}", 0, (Cpu(MS),), spawned=True) for number in (1, 2, 3))
    with pytest.raises(ProgramError) as caught:
        ss.run(Mix((Job("A", 0, program), *workers), cpus=2), "fcfs")
    assert "job 'A' at 3 ms: it spawns 'W-4', and there is no such job in the mix" == str(caught.value)


def test_such_an_error_ends_with_3():
    """Nothing is wrong with the input, and the run could not be completed."""
    assert 3 == ProgramError("").exit_status


def test_what_generators_may_do():
    """None of this is an error: kill one that has ended, join one twice, write what was never read."""

    def program():
        yield Write("n", 3)
        yield Spawn("B")
        assert 0 == (yield Join("B"))
        assert 0 == (yield Join("B"))
        assert (yield Kill("B")) is False
        yield Exit(7)

    run = ss.run(Mix((Job("A", 0, program), CHILD)), "fcfs")
    assert ["terminated", "terminated"] == [job.state for job in run.jobs]
