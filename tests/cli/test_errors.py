"""Wrong use, bad input, bugs and interruptions: one message on standard error, and a status that tells."""

from __future__ import annotations

import json

import pytest

from schedsim import __version__
from schedsim.cli import COMMANDS, PLANNED, main
from schedsim.errors import HostError, InternalError
from tests.cli.calling import refused, schedsim

KNOWN = (
    "run, compare, real, crosscheck, calibrate, lab, plot, explain, report, export, policies, mixes, generate, "
    "convert"
)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), f"no command is given; commands are {KNOWN}, and schedsim --help says more"),
        (("rum",), f"'rum' is no command; did you mean 'run'? commands are {KNOWN}"),
        (("xyzzy",), f"'xyzzy' is no command; commands are {KNOWN}"),
        (("--algo", "rr"), "the command comes before --algo, as in: schedsim run --algo ..."),
        (("run", "--algoo", "rr"), "there is no option --algoo; did you mean --algo?; schedsim run --help lists the options"),
        (("run", "--alg", "rr"), "there is no option --alg; did you mean --algo?; schedsim run --help lists the options"),
        (("run", "-quantum", "4"), "there is no option -quantum; did you mean --quantum?"),
        (("run", "--switch_cost=1"), "there is no option --switch_cost; did you mean --switch-cost?; schedsim run --help lists the options"),
        (("run", "a", "b"), "'b' is one argument too many; schedsim run --help lists the options"),
        (("run", "--cpus"), "--cpus: expected one argument; schedsim run --help lists the options"),
        (("run", "--format", "xml"), "--format: invalid choice"),
        (("run", "--scale", "10"), "there is no option --scale"),
        (("run", "--algo", "rr", "--algo", "sjf"), "one --algo is enough here, and there are 2; schedsim compare takes several"),
        (("run", "--algo", "rrr"), "did you mean 'rr'? policies are "),
        (("run", "--algo", "eevdf"), "policy 'eevdf' is planned and not in this version"),
        (("run", "--algo", ""), "--algo is ''; write a policy's name, as in --algo rr:quantum=4"),
        (("run", "--algo", "rr:4"), "--algo rr:4: '4' is not KEY=VALUE; write for instance rr:quantum=4"),
        (("run", "--algo", "rr:quantum=1,quantum=2"), "--algo rr:quantum=1,quantum=2: quantum is there twice; keep one"),
        (("run", "--algo", "rr:quantum=4", "-q", "5"), "quantum is 4 in --algo and 5 outside it; keep one"),
        (("run", "-q", "4", "-o", "quantum=5"), "--quantum: quantum is said twice, by -o quantum=5 too; keep one"),
        (("run", "-o", "quantum"), "-o quantum: this is not KEY=VALUE; write for instance -o quantum=4"),
        (("run", "-o", "=4"), "-o =4: this is not KEY=VALUE"),
        (("run", "-o", "quantum="), "-o quantum=: this is not KEY=VALUE"),
        (
            ("run", "-o", "quantun=4"),
            "did you mean 'quantum'? rr has the options quantum, tick, phase; 'quantun' is none of them",
        ),
        (("run", "-q", "0"), "rr: quantum is 0; write a value above 0"),
        (("run", "-q", "-1"), "rr: quantum is -1"),
        (("run", "-q", "nan"), "rr: option quantum: 'nan' is not a"),
        (("run", "--cpus", "0"), "cpus is 0; write 1 or more (at most 1024)"),
        (("run", "--cpus", "two"), "cpus is 'two'; write a whole number"),
        (("run", "--until", "0"), "until is 0; write more than 0"),
        (("run", "--switch-cost", "-1"), "switch_cost is -1; write 0 or more"),
        (("run", "--conventions", "mine"), "conventions 'mine' are not known; write textbook or ostep"),
        (("run", "rr"), "'rr' is a policy, and a MIX is expected here; write --algo rr"),
        (("run", "convoi"), "convoi: there is no such file or mix; did you mean 'convoy'?"),
        (("run", "nowhere/mix.csv"), "nowhere/mix.csv: there is no such file"),
        (("run", "first", "--jobs", "A 0 1"), "MIX 'first' and --jobs are both there; keep one"),
        (("run", "--jobs", "A 0 1", "--input-format", "csv"), "--input-format is for a MIX"),
        (("run", "--jobs", "A 0 0"), "--jobs, job 1 ('A'), burst: '0': must be more than 0; write a number such as 4"),
        (("run", "--jobs", "A -1 3"), "--jobs, job 1 ('A'), arrival: '-1': must not be below 0; write 0 or more"),
        (("run", "--jobs", "A 0 3, A 0 3"), "--jobs, job 2, id: 'A': duplicate id, taken by job 1; give every job its own"),
        (("run", "--jobs", ""), '--jobs: no jobs; write jobs as in "A 0 24, B 1 3"'),
        (("run", "--output", ""), "--output is '', which names no file; write the name of one, or - to print"),
        (("run", "--trace", " "), "--trace is ' ', which names no file; write the name of one, or - to print"),
        (("convert", "first", ""), "OUT is '', which names no file; write the name of one, or - to print"),
        (("run", "--unit", "weeks"), "unknown unit 'weeks'; write ns, us, ms or s"),
        (("run", "first", "--input-format", "xls"), "unknown input format 'xls'"),
        (("run", "--algo", "mine.py:Mine"), "mine.py: there is no such file; write --algo FILE.py:CLASS"),
        (("run", "--seed", "x", "--algo", "lottery"), "seed is 'x'; write a whole number"),
        (("compare", "--algo", "fcfs", "--algo", "nope"), "policies are fcfs"),
        (("policies", "--unit", "weeks"), "unknown unit 'weeks'; write ns, us, ms or s"),
    ],
)  # fmt: skip
def test_wrong_use(words, message):
    """Status 2, nothing on standard output, and one line that says what to write instead."""
    assert message in refused(*words)


@pytest.mark.parametrize("name", PLANNED)
def test_planned_commands_say_so(name):
    """What the design has and this version has not is refused by name, and no help speaks of it."""
    assert f"{name} is planned, not in this version; commands are {KNOWN}" == refused(name, "first")
    assert name not in COMMANDS


def test_help_of_all():
    """--help lists the commands and the exit statuses, and nothing that there is not."""
    done = schedsim("--help")
    assert (0, "") == (done.status, done.err)
    assert done == schedsim("-h") == schedsim("help")
    listed = [
        line.split()[0] for line in done.out.splitlines() if line.startswith("    ") and line[4] not in " -"
    ]
    assert list(COMMANDS) == listed
    assert all(len(line) <= 80 for line in done.out.splitlines())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name):
    """What it does, how it is called, and examples that name it."""
    done = schedsim(name, "--help")
    assert (0, "") == (done.status, done.err)
    assert done.out.startswith(f"usage: schedsim {name}")
    examples = done.out.partition("examples:\n")[2].splitlines()
    assert examples
    assert all(f"schedsim {name}" in example for example in examples)
    # An example is one line, so that it can be copied; everything else keeps to the width.
    assert all(len(line) <= 80 for line in done.out.splitlines() if line not in examples)


def test_version():
    """--version is the package's."""
    assert f"schedsim {__version__}\n" == schedsim("--version").out


def test_bad_input_is_named_by_file_and_row(tmp_path):
    """File, row, value, and what to write instead."""
    path = tmp_path / "jobs.csv"
    path.write_text("pid,arrival,burst\nA,0,3\nB,1,-2\n", encoding="utf-8")
    assert f"{path}, row 3, burst: '-2': must be more than 0; write a number such as 4" == refused(
        "run", path
    )
    assert "standard input" in refused("run", "-", stdin="pid,arrival\nA,0\n")


def test_a_program_that_does_what_none_may():
    """The run could not be completed: status 3."""
    mix = {"jobs": [{"id": "A", "program": ["read n", "write n +1"]}], "variables": {"n": 2**63 - 1}}
    said = refused("run", "-", stdin=json.dumps(mix), status=3)
    assert said.startswith("job 'A' at 0 ms: what it writes to 'n'")


def test_a_user_s_policy_that_is_wrong(tmp_path):
    """Policy, hook, time and task are named; a file that ends the program does not end this one."""
    path = tmp_path / "mine.py"
    head = "import schedsim as ss\n\n\nclass Mine(ss.Policy):\n    def slice(self, task, queue):\n"
    path.write_text(f"{head}        return 0\n", encoding="utf-8")
    assert refused("run", "--algo", f"{path}:Mine").startswith("Mine.slice at 0 ")
    path.write_text(f"{head}        return 1 / 0\n", encoding="utf-8")
    assert "raised ZeroDivisionError" in refused("run", "--algo", f"{path}:Mine")
    path.write_text("import sys\nsys.exit(0)\n", encoding="utf-8")
    assert "a policy's file called exit(0); leave that out of it" == refused("run", "--algo", f"{path}:Mine")
    path.write_text("def broken(:\n", encoding="utf-8")
    assert refused("run", "--algo", f"{path}:Mine").startswith(f"{path}, line 1: ")


def test_a_bug_says_how_to_repeat_it(monkeypatch):
    """Status 70, what it was, and the command that shows more; with --debug the traceback."""

    def broken(given):
        raise ValueError("of all things")

    monkeypatch.setattr("schedsim.cli._dispatch", broken)
    done = schedsim("run", "a b", "--algo", "rr")
    assert (70, "") == (done.status, done.out)
    assert (
        done.err
        == """\
schedsim: bug in schedsim: ValueError: of all things
This shows where, and is worth reporting: schedsim run 'a b' --algo rr --debug
"""
    )
    assert "Traceback" in schedsim("--debug", "run").err


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, "schedsim: interrupted\n"),
        (MemoryError(), 3, "schedsim: this machine has not enough memory for that; make the mix smaller\n"),
        (HostError("the disk is full"), 3, "schedsim: the disk is full\n"),
        (SystemExit(1), 2, "schedsim: a policy's file called exit(1); leave that out of it\n"),
    ],
)
def test_whatever_happens_has_a_status(error, status, message, monkeypatch):
    """Nothing exits 1, and nothing shows a traceback that nobody asked for."""

    def fails(given):
        raise error

    monkeypatch.setattr("schedsim.cli._dispatch", fails)
    assert (status, "", message) == schedsim("run")


def test_an_internal_error_is_a_bug(monkeypatch):
    """The scheduler's own alarm counts as a bug, too."""

    def fails(given):
        raise InternalError("delivered 1 after 2")

    monkeypatch.setattr("schedsim.cli._dispatch", fails)
    done = schedsim("run")
    assert 70 == done.status
    assert "bug in schedsim: InternalError: delivered 1 after 2" in done.err


def test_debug_shows_where_a_refusal_comes_from():
    """--debug before or after the command adds the traceback to the message."""
    for words in (("--debug", "run", "nowhere"), ("run", "nowhere", "--debug")):
        done = schedsim(*words)
        assert 2 == done.status
        assert done.err.startswith("Traceback")
        assert "\nschedsim: nowhere: there is no such file or mix" in done.err


def test_arguments_default_to_the_program_s_own(monkeypatch, capsys):
    """``main()`` reads sys.argv, as an installed program calls it."""
    monkeypatch.setattr("sys.argv", ["schedsim", "--version"])
    assert 0 == main()
    assert capsys.readouterr().out.startswith("schedsim ")


def test_no_option_is_changed_by_a_call():
    """The list of arguments that a caller passes stays as it was."""
    given = ["--debug", "run", "--format", "json"]
    main(given)
    assert ["--debug", "run", "--format", "json"] == given
