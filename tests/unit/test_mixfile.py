"""Reading job mixes that are right: every form, every spelling, every number exact."""

from __future__ import annotations

import gc
import glob
import json
import os
from decimal import Decimal

import pytest

from schedsim.jobs import Job, Mix, PolicyChoice
from schedsim.mixfile import load, loads, parse_jobs, table
from schedsim.operations import Cpu, Exit, Io, Write, Yield
from schedsim.times import ms, s, us

A = Job("A", 0, (Cpu(ms(24)),), 2)
B = Job("B", ms(1), (Cpu(ms(3)),), 1)
TABLE = "pid,arrival,burst,priority\nA,0,24,2\nB,1,3,1\n"
REFERENCE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "reference", "*.json")


def test_a_table_is_read():
    """The design's own table, with nothing assumed."""
    assert Mix((A, B)) == loads(TABLE, "csv")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeff" + TABLE, id="byte-order mark"),
        pytest.param(TABLE.replace("\n", "\r\n"), id="Windows line ends"),
        pytest.param(TABLE.replace("\n", "\r"), id="old Macintosh line ends"),
        pytest.param(
            "# the first mix\n\n" + TABLE.replace("B", "\n  # then\nB") + "\n\n", id="blanks, comments"
        ),
        pytest.param(TABLE.replace("\n", ",\n"), id="trailing comma"),
        pytest.param(TABLE.replace("\n", ",,\n") + ",,,,,\n", id="the empty cells of a spreadsheet"),
        pytest.param(TABLE.replace(",", ";"), id="semicolons"),
        pytest.param(TABLE.replace(",", "\t"), id="tabs"),
        pytest.param(TABLE.replace(",", "  "), id="blanks between columns"),
        pytest.param(TABLE.replace(",", " , "), id="blanks around cells"),
        pytest.param('"pid","arrival","burst","priority"\n"A","0","24","2"\n"B", 1, "3", 1\n', id="quotes"),
        pytest.param("priority,burst,pid,arrival\n2,24,A,0\n1,3,B,1\n", id="another order"),
        pytest.param("Process ID,Arrival Time,Burst-Time,PRIORITY\nA,0,24,2\nB,1,3,1\n", id="other words"),
        pytest.param("Name,ArrivalTime,service_time,prio\nA,0,24,2\nB,1,3,1\n", id="more words"),
        pytest.param("job,AT,BT,Priority\nA,0,24,2\nB,1,3,1\n", id="short words"),
        pytest.param(
            "process,arrival (s),burst (us),priority\nA,0,24000,2\nB,.001,3000,1", id="units in headings"
        ),
        pytest.param(
            ",pid,arrival,burst,priority\n0,A,0,24,2\n1,B,1,3,1\n", id="the index that pandas writes"
        ),
        pytest.param("A,0,24,2\nB,1,3,1\n", id="no heading"),
        pytest.param("A 0 24 2\nB 1 3 1\n", id="no heading, blanks"),
        pytest.param("A;0;24;2;\nB;1;3;1;\n", id="no heading, semicolons"),
        pytest.param(
            "pid,arrival,burst,priority\nA,0.0,24ms,2\nB,1000us,0.003 s,1.0\n", id="units, decimals"
        ),
        pytest.param("pid,arrival,program,priority\nA,0,cpu 24,2\nB,1,cpu 3;,1\n", id="programs"),
        pytest.param("pid,arrival,burst,program,priority\nA,0,24,,2\nB,1,,CPU 3,1\n", id="burst or program"),
    ],
)
def test_what_students_bring_is_one_table(text):
    """Every way of writing the same two jobs gives the same mix."""
    assert (A, B) == loads(text, "csv").jobs
    assert (A, B) == loads(text).jobs


@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_table_as_tsv(separator):
    """A .tsv may turn out to have commas, and a .csv tabs."""
    assert (A, B) == loads(TABLE.replace(",", separator), "tsv").jobs


def test_ids_without_a_column_are_counted():
    """No pid column gives P1, P2, ...; no arrival column means 0."""
    assert [("P1", 0), ("P2", 0)] == [(job.id, job.arrival) for job in loads("burst\n5\n6\n").jobs]


def test_an_id_may_hold_what_it_likes_in_quotes():
    """Separators, blanks, a # and a doubled quote belong to a quoted id."""
    text = 'pid,burst\n"A,1",5\n"#2",5\n"say ""x""",5\nB 4,5\né,5\n'
    assert ["A,1", "#2", 'say "x"', "B 4", "é"] == [job.id for job in loads(text, "csv").jobs]


def test_all_columns_of_a_table():
    """Each job field has a column, and an empty cell means the default."""
    text = (
        "pid,arrival,program,priority,nice,tickets,estimate,period,deadline,count\n"
        "A,1,cpu 5; io 3 disk; yield; cpu 2.5,-4,19,7,6,20,18,\n"
        "B,0,cpu 1,,,,,,,2\n"
    )
    program = (Cpu(ms(5)), Io(ms(3), "disk"), Yield(), Cpu(us(2500)))
    rest = [Job(f"B-{copy}", 0, (Cpu(ms(1)),)) for copy in (1, 2)]
    assert (Job("A", ms(1), program, -4, 19, 7, ms(6), ms(20), ms(18)), *rest) == loads(text).jobs


def test_a_large_table_is_read_the_same_by_columns_and_by_rows(monkeypatch):
    """The quick way for plain columns gives what the long way gives, across its portions."""
    monkeypatch.setattr(table, "_CHUNK", 100)
    rows = [f"J{n},{n * 3},{n % 7 + 1}.5,{n % 4}" for n in range(250)]
    quick = loads("pid,arrival,burst,priority\n" + "\n".join(rows))
    quoted = ['"' + row.replace(",", '","') + '"' for row in rows]
    assert quick == loads("pid,arrival,burst,priority\n" + "\n".join(quoted))
    assert Job("J249", ms(747), (Cpu(us(5500)),), 1) == quick.jobs[-1]


def test_reading_leaves_the_garbage_collector_as_it_was():
    """It is paused while a mix is read, and only if it ran; also when the mix is refused."""
    assert gc.isenabled()
    loads(TABLE)
    assert gc.isenabled()
    with pytest.raises(Exception, match="no jobs"):
        loads("")
    assert gc.isenabled()
    gc.disable()
    try:
        loads(TABLE)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_decimals_are_exact():
    """0.1 + 0.2 is 0.3 in every format."""
    texts = {
        "csv": "pid,arrival,burst\nA,0.1,0.2\n",
        "json": '[{"id": "A", "arrival": 0.1, "burst": 0.2}]',
        "toml": '[[job]]\nid = "A"\narrival = 0.1\nburst = 0.2\n',
    }
    for form, text in texts.items():
        job = loads(text, form).jobs[0]
        assert ms(0.3) == job.arrival + job.cpu


def test_a_long_decimal_is_exact():
    """No number is read by way of a float."""
    text = '{"unit": "s", "jobs": [{"id": "A", "burst": 123456789.123456789}]}'
    assert 123456789123456789 == loads(text).jobs[0].cpu


def test_json_in_full():
    """Everything that a mix may say, in one file; policies keep their decimals."""
    text = """
    {"unit": "us", "cpus": 2, "degree": 3, "switch_cost": 0.5, "charge_first_switch": true, "grace": 0.3,
     "conventions": "ostep", "until": 40, "name": "full", "title": "A\\n title", "source": "here", "note": "!",
     "policy": {"algo": "mlfq", "quanta": [8, 1.5], "boost": 100, "io_bump": false},
     "jobs": [{"id": 7, "arrival": 1, "bursts": [["cpu", 7], ["io", 5], ["io", "2ms", "disk"]], "priority": 1,
               "nice": -3, "tickets": 5, "estimate": 6.5, "period": 50, "deadline": 40}]}
    """
    program = (Cpu(us(7)), Io(us(5)), Io(ms(2), "disk"))
    job = Job("7", us(1), program, 1, -3, 5, us(6.5), us(50), us(40))
    options = {"quanta": [8, Decimal("1.5")], "boost": 100, "io_bump": False}
    policies = (PolicyChoice("mlfq", options),)
    how = (2, 3, us(0.5), True, "ostep", us(40))
    expected = Mix((job,), "full", "us", *how, policies, "A title", "here", grace=us(0.3))
    assert expected == loads(text, "json")


def test_toml_in_full():
    """The same in TOML, as the design writes it."""
    text = """
    unit = "us"
    cpus = 2
    degree = 3
    switch-cost = 0.5
    first_switch_charged = true
    conventions = "OSTEP"
    until = "40us"
    name = "full"
    [[policy]]
    algo = "rr"
    quantum = 1.5
    [[policy]]
    algo = "fcfs"
    [[job]]
    id = "baker"
    priority = 1
    program = ["cpu 30", "io 20", "cpu 10"]
    """
    job = Job("baker", 0, (Cpu(us(30)), Io(us(20)), Cpu(us(10))), 1)
    policies = (PolicyChoice("rr", {"quantum": Decimal("1.5")}), PolicyChoice("fcfs"))
    assert Mix((job,), "full", "us", 2, 3, 500, True, "ostep", us(40), policies) == loads(text, "toml")


@pytest.mark.parametrize(
    "bursts",
    [
        '[["cpu", 7], ["io", 5], ["cpu", 2.5]]',
        '["cpu 7", "io 5", "cpu 2.5"]',
        '[{"cpu": 7}, {"io": 5}, {"cpu": "2500us"}]',
        '[["CPU", "7"], "IO 5", {"cpu": 2.5}]',
        '"cpu 7; io 5; cpu 2.5"',
    ],
)
@pytest.mark.parametrize("key", ["bursts", "program"])
def test_ways_to_write_a_program(key, bursts):
    """Pairs, texts, objects and one text all say the same."""
    mix = loads(f'{{"jobs": [{{"id": "A", "{key}": {bursts}}}]}}')
    assert (Cpu(ms(7)), Io(ms(5)), Cpu(us(2500))) == mix.jobs[0].program


def test_values_and_exit_codes_are_numbers_or_text():
    """``["write", "n", 1]`` is ``write n 1``, and ``["exit", 2]`` is ``exit 2``, in an object as in a list."""
    text = '[{"id": "A", "program": [["write", "n", 1], ["write", "n", "1"], ["write", "n", 0], {"exit": 2}, ["exit", 2]]}]'
    expected = (Write("n", 1), Write("n", 1), Write("n", 0), Exit(2), Exit(2))
    assert expected == loads(text, "json").jobs[0].program


def test_a_named_device_in_every_form():
    """A third part names the device."""
    text = '[{"id": "A", "bursts": ["cpu 1", "io 5 disk", ["io", 5, "disk"], {"io": 5, "device": "disk"}]}]'
    assert (Cpu(ms(1)), *[Io(ms(5), "disk")] * 3) == loads(text).jobs[0].program


def test_a_reference_case_is_a_mix():
    """algo and options are its policy, what belongs to the mix moves there, answers are passed over."""
    case = {
        "id": "own-1",
        "source": "own",
        "algo": "rr",
        "options": {"quantum": 4, "switch_cost": 1, "first_switch_charged": True, "cpus": 2, "horizon": 9},
        "jobs": [{"id": "A", "arrival": 0, "bursts": [["cpu", 24]], "priority": 2}],
        "expect": {"finish": {"A": 24}},
        "published": [],
        "published_values": {},
        "answer_from": "derived",
        "verified_by": ["own-events"],
        "sensitive_to": ["tie-order"],
        "note": "none",
    }
    policies = (PolicyChoice("rr", {"quantum": 4}),)
    expected = Mix((A,), "own-1", "ms", 2, None, ms(1), True, "textbook", ms(9), policies, "", "own")
    assert expected == loads(json.dumps(case), "json")
    assert expected == load(case)


def test_options_of_the_mix_move_out_of_a_policy():
    """In a list of policies too, as long as they agree with each other."""
    text = (
        '{"switch_cost": 1, "jobs": [["A", 0, 3]], "policy": ["fcfs", {"algo": "rr", "quantum": 4, '
        '"switch-cost": 1.0, "degree": 2, "conventions": "ostep", "charge_first_switch": null}]}'
    )
    mix = loads(text)
    assert (PolicyChoice("fcfs"), PolicyChoice("rr", {"quantum": 4})) == mix.policies
    assert (ms(1), 2, "ostep", False) == (
        mix.switch_cost,
        mix.degree,
        mix.conventions,
        mix.charge_first_switch,
    )


def test_the_queues_of_mlq_stay_with_it():
    """Nested options are handed on as they are."""
    queues = [{"priority": 1, "algo": "rr", "quantum": 2}, {"priority": 2, "algo": "fcfs"}]
    mix = load({"algo": "mlq", "options": {"queues": queues}, "jobs": [["A", 0, 3, 1]]})
    assert (PolicyChoice("mlq", {"queues": queues}),) == mix.policies


def test_all_reference_cases_load():
    """Every case under tests/reference is a mix with its jobs, its policy and its name."""
    for path in glob.glob(REFERENCE):
        with open(path, encoding="utf-8") as file:
            cases = json.load(file)
        for case in cases:
            mix = loads(json.dumps(case), "json", file=case["id"])
            assert case["id"] == mix.name
            assert [str(job["id"]) for job in case["jobs"]] == [job.id for job in mix.jobs]
            assert [case["algo"]] == [choice.algo for choice in mix.policies]
            bursts = [job.get("bursts") or [["cpu", job["wcet"]]] for job in case["jobs"]]
            busy = [sum(ms(length) for kind, length in steps if kind == "cpu") for steps in bursts]
            assert busy == [job.cpu for job in mix.jobs]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("[[job]]\nid = 'A'\nburst = 4\n", "toml"),
        ("# c\n[job] # one\nid = 'A'\nburst = 4\n", "toml"),
        ("\n unit = 'ms'\njob = [{id = 'A', burst = 4}]\n", "toml"),
        ('{"jobs": [{"id": "A", "burst": 4}]}', "json"),
        (' \n[{"id": "A", "burst": 4}]', "json"),
        ('[["A", 0, 4]]', "json"),
        ("pid,burst\nA,4\n", "table"),
        ("A 0 4\n", "table"),
        ("; Version: 2\nA 0 -1 0.004 1 -1 -1 1 -1 -1 1 1 1 1 1 1 -1 -1\n", "swf"),
        ("A 0 -1 0.004 1 -1 -1 1 -1 -1 1 1 1 1 1 1 -1 -1\n".replace("A", "65"), "swf"),
    ],
)
def test_formats_are_recognised(text, form):
    """Text without a suffix is known by its looks, and said outright it is the same."""
    assert loads(text, form) == loads(text)
    assert (Cpu(ms(4)),) == loads(text).jobs[0].program


SWF = """\
; Version: 2.2
; MaxProcs: 128

  1  0 12 100 4 -1 -1 4 200 -1 1 5 1 2 1 -1 -1 -1
  2 30  0  -1 1 -1 -1 1  60 -1 5 5 1 2 1 -1 -1 -1
  3 31  0   0 1 -1 -1 1  60 -1 0 5 1 2 1 -1 -1 -1
 17 40  0 0.5 1 -1 -1 1  -1 -1 1 5 1 2 1 -1 -1 -1
"""


def test_a_workload_log():
    """Job, submit, run and requested time in seconds; what never ran is left out, and that is said."""
    mix, notes = read_text(SWF, "log.swf")
    assert (
        Mix((Job("1", 0, (Cpu(s(100)),), estimate=s(200)), Job("17", s(40), (Cpu(s(0.5)),))), "log", "s")
        == mix
    )
    assert notes == [
        "2 of 4 jobs in log.swf have no run time (cancelled before they started) and are left out"
    ]


def read_text(text, file):
    """Return mix and notes of a text as if it stood in ``file``."""
    from schedsim import mixfile

    return mixfile._read_text(text, file.rpartition(".")[2], None, file, file.partition(".")[0])


def test_a_table_without_heading_says_how_it_was_read():
    """The guess is told to whoever asks."""
    assert read_text("A,0,24\n", "x.csv")[1] == [
        "x.csv has no heading; its columns were read as id, arrival, burst"
    ]
    assert [] == read_text(TABLE, "x.csv")[1]


def test_the_unit_of_bare_numbers():
    """An argument wins over the file, the file over headings, and headings over milliseconds."""
    text = '{"unit": "s", "switch_cost": 1, "jobs": [["A", 1, 3]]}'
    assert ("s", s(3), s(1)) == unit_of(loads(text))
    assert ("us", us(3), us(1)) == unit_of(loads(text, unit="us"))
    assert ("ms", ms(3), 0) == unit_of(loads("A,1,3"))
    assert ("us", us(3), 0) == unit_of(loads("A,1,3", unit="µs"))
    assert ("s", s(3), 0) == unit_of(loads("pid,burst (sec)\nA,3"))
    assert ("ms", us(3), 0) == unit_of(loads("pid,arrival (s),burst (us)\nA,1,3"))
    assert ("ms", s(3), 0) == unit_of(loads("pid,burst (s)\nA,3", unit="ms"))
    # A log counts seconds whatever is asked for; the unit is then that of the results.
    assert ("ms", s(100), 0) == unit_of(loads(SWF, "swf", unit="ms"))


def unit_of(mix):
    """Return unit, first CPU time and switch cost."""
    return mix.unit, mix.jobs[0].cpu, mix.switch_cost


def test_the_short_form():
    """ID ARRIVAL BURST [PRIORITY], with a comma between jobs."""
    assert Mix((A._replace(priority=0), B), "jobs") == parse_jobs("A 0 24,\n B 1 3 1, ")
    assert (us(1.5), s(3)) == (
        parse_jobs("A 1.5 3s", unit="us").jobs[0][1],
        parse_jobs("A 0 3", "s").jobs[0].cpu,
    )
    assert "short" == parse_jobs("A 0 3", name="short").name
