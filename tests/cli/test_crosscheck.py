"""``schedsim crosscheck`` and ``schedsim calibrate``: what is shown and refused, without starting a process."""

from __future__ import annotations

import json
import sys

import pytest

from schedsim.calibrate import calibrate
from schedsim.calibration import keep
from schedsim.checked import checked
from schedsim.cli.crosscheck import STATUS
from schedsim.confused import Confusion
from schedsim.confusion import confusion
from schedsim.crosscheck import crosscheck, made
from schedsim.errors import HostError, UsageError
from tests.cli.calling import refused, schedsim
from tests.unit.measuring import VALID, calibration, disturbed, plan_of, real_run

JOBS = [("A", 0, 30), ("B", 3, 20), ("C", 5, 8)]
LIST = "A 0 30, B 3 20, C 5 8"


@pytest.fixture
def measured(monkeypatch):
    """Return what has the command measure made-up runs under one policy and simulate another one."""
    monkeypatch.setattr("schedsim.engines.real.patience.PAUSES", (0.0,))

    def set_up(run: str, simulated: str, validity=VALID) -> None:
        def planned(mix, algo, **settings):
            made_up = plan_of(JOBS, simulated, measured=lambda: real_run(JOBS, run, validity))
            return made_up._replace(repeat=settings["repeat"])

        for name in ("crosscheck", "confusion"):
            monkeypatch.setattr(sys.modules[f"schedsim.{name}"], "planned", planned)

    return set_up


def test_agreement(measured):
    """The verdict first, then the table, then what is to be known; how it is judged stands before, aside."""
    measured("fcfs", "fcfs")
    done = schedsim("crosscheck", "--jobs", LIST, "--algo", "fcfs")
    assert done.status == 0
    assert (
        done.out
        == """\
agree: in the median of 5 valid runs the mean turnaround is 0 % off, and the
worst job, A, 0 %

mix on real processes under fcfs: driver bands, 1 CPU, times in ms

turnaround  measured  ideal  error %  calibrated  error %  replay  error %
A              30.00  30.00     0.00       30.00     0.00   30.00     0.00
B              47.00  47.00     0.00       47.00     0.00   47.00     0.00
C              53.00  53.00     0.00       53.00     0.00   53.00     0.00
--------------------------------------------------------------------------
mean           43.33  43.33     0.00       43.33     0.00   43.33     0.00

tolerances, fixed before the run for real-time priorities and a CPU to spare:
  mean 0.5 %, each job 2 %
valid runs: 5 of 5, errors are medians over them; noise floor of the mean 0 %
order as simulated: completion 5 of 5, dispatch 5 of 5
"""
    )
    assert (
        done.err
        == """\
before the runs of fcfs on mix:
  tolerances for real-time priorities and a CPU to spare: mean turnaround 0.5 %, each job 2 % or 0.3 ms, CPU time 1 %
  knife edges: none was found
"""
    )


def test_disagreement(measured):
    """Exit status 1, and the worst jobs in the first line."""
    measured("fcfs", "sjf")
    done = schedsim("crosscheck", "--jobs", LIST, "--algo", "sjf", "-v")
    assert done.status == 1
    assert done.out.startswith("disagree: job C +60.6 % (tolerance 2 %), B -14.5 % (tolerance 2 %);")


def test_a_disturbed_machine(measured):
    """Exit status 3, as for whatever could not be completed."""
    measured("fcfs", "fcfs", disturbed("the host stole 20.0 % of the CPU time"))
    done = schedsim("crosscheck", "--jobs", LIST)
    assert done.status == 3
    assert done.out.startswith("inconclusive: no run counts: the host stole 20.0 % of the CPU time")


@pytest.mark.parametrize("width", [30, 60])
def test_a_narrow_terminal(measured, monkeypatch, width):
    """No line of the table is longer than the terminal is wide, and no job is missing."""
    measured("fcfs", "sjf")
    monkeypatch.setenv("COLUMNS", str(width))
    lines = schedsim("crosscheck", "--jobs", LIST).out.splitlines()
    assert [line for line in lines if len(line) > width] == []
    assert sum(line.startswith("C ") for line in lines) >= 2


def test_json_and_the_report_from_it(measured, tmp_path):
    """The object has the schema of the design, and its report is the same as that of the run."""
    measured("fcfs", "sjf")
    path = tmp_path / "result.json"
    done = schedsim("crosscheck", "--jobs", LIST, "--format", "json", "--output", path)
    assert (1, "") == (done.status, done.out)
    document = json.loads(path.read_text())
    assert ("schedsim.crosscheck/1", "disagree") == (document["schema"], document["verdict"])
    again = schedsim("crosscheck", "--from", path)
    assert (1, "") == (again.status, again.err)
    shown = schedsim("crosscheck", "--jobs", LIST)
    assert shown.out == again.out


def test_csv(measured):
    """A row for each job; the verdict stands aside."""
    measured("fcfs", "fcfs")
    done = schedsim("crosscheck", "--jobs", LIST, "--format", "csv")
    assert [
        "turnaround,measured,ideal,error %,calibrated,error %,replay,error %",
        "A,30.00,30.00,0.00,30.00,0.00,30.00,0.00",
    ] == done.out.splitlines()[:2]
    assert "schedsim: note: agree: in the median of 5 valid runs" in done.err


def test_confusion(measured):
    """A matrix, its margins, and the verdict; JSON can be printed again."""
    measured("fcfs", "fcfs")
    done = schedsim(
        "crosscheck", "--jobs", LIST, "--algo", "fcfs", "--algo", "sjf", "--confusion", "--repeat", 1
    )
    assert done.status == 3
    assert done.out.startswith("inconclusive: fcfs #1 and fcfs #2 foretell the same of this mix")
    assert "measured" in done.out


def test_a_confusion_from_a_file(tmp_path):
    """Which kind of result a file has is seen."""
    about = {"mix": "mix", "driver": "bands", "policies": [{"algo": "fcfs", "options": {}}] * 2}
    errors = [[[0.001, 0.5]], [[0.4, 0.002]]]
    found = Confusion(about, names=["fcfs", "sjf"], errors=errors, wanted=1, reasons=[[], []])
    path = tmp_path / "confusion.json"
    path.write_text(json.dumps(found.to_dict()))
    done = schedsim("crosscheck", "--from", path)
    assert done.status == 0
    assert done.out.startswith("agree: in 2 of 2 runs a policy is nearest to its own prediction, 350 times")


def test_the_built_in_mix_is_made_longer(measured):
    """Without a MIX the built-in one runs, ten times as long, and all that was assumed is said."""
    measured("rr", "rr")
    out = " ".join(schedsim("crosscheck").out.split())
    assert "note: no MIX was named, so this is the built-in first;" in out
    assert "note: its times are 10 times as long, so that they can be measured; --scale says otherwise" in out
    assert "note: no policy was named, so this is rr;" in out
    assert "10 times as long" not in schedsim("crosscheck", "--scale", 20).out


def test_every_verdict_has_a_status():
    """0, 1 and 3: nothing else ever exits 1."""
    assert {"agree": 0, "disagree": 1, "inconclusive": 3} == STATUS


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--repeat", "0"), "--repeat is '0'; write a whole number from 1 to 1,000"),
        (("--repeat", "many"), "--repeat is 'many'; write a whole number from 1 to 1,000"),
        (("--algo", "rr", "--algo", "fcfs"), "one --algo is enough here, and there are 2"),
        (("--algo", "rrr"), "did you mean 'rr'?"),
        (("--predict", "rr:4"), "'4' is not KEY=VALUE"),
        (("--predict", "rrr"), "did you mean 'rr'?"),
        (("--driver", "magic"), "--driver: invalid choice: 'magic'"),
        (("--start-method", "clone"), "--start-method: invalid choice: 'clone'"),
        (("--scale", "0"), "scale is '0'; write a number above 0, such as 10 or 0.5"),
        (("--grace", "-1"), "grace is -1; write 0 or more"),
        (("--cpus", "0"), "cpus is 0; write 1 or more"),
        (("--until", "5"), "until: a real run goes on until every job has ended; leave it out"),
        (("--confusion", "--switch-cost", "1"), "switch-cost: what a context switch takes is this machine's to say"),
        (("--confusion", "--predict", "rr"), "--confusion and --predict are both there; keep one"),
        (("--confusion", "--native", "fifo"), "--confusion and --native are both there; keep one"),
        (("--confusion", "--algo", "rr"), "one policy cannot be confused with another; name two with --algo, or none"),
        (("--native", "fifo", "--algo", "rr"), "--algo: with --native the kernel itself schedules, in its own way"),
        (("--native", "fifo", "--driver", "bands"), "--driver: with --native the kernel itself schedules, in its own"),
        (("--from", "x.json", "--algo", "rr"), "--from prints an earlier result; leave MIX, --jobs and --algo out"),
        (("--plot", "a.pgn"), "a.pgn: no picture is made as .pgn; did you mean a.png?"),
        (("--plot", "a.svg", "--confusion"), "--plot draws the runs of one policy, which --confusion does not have"),
        (("--from", "x.json", "--plot", "a.svg"), "--plot draws the runs of one policy, which --from does not have"),
        (("--from", "no-such.json"), "no-such.json: cannot be read (No such file or directory)"),
    ],
)  # fmt: skip
def test_wrong_use(words, message):
    """Status 2, one line, and nothing was run."""
    jobs = () if "--from" in words else ("--jobs", LIST)
    assert message in refused("crosscheck", *jobs, *words)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON ("),
        ("[]", "this is no whole result of a crosscheck"),
        ('{"schema": "schedsim.run/1"}', "its schema is 'schedsim.run/1', and not 'schedsim.crosscheck/1'"),
        (
            '{"schema": "schedsim.crosscheck/1"}',
            "this is no whole result of a crosscheck ('validity' is missing)",
        ),
        ('{"schema": "schedsim.confusion/1"}', "this is no whole result of a confusion ('names' is missing)"),
    ],
)
def test_what_is_no_result(tmp_path, text, message):
    """A file that holds something else is named, and what is wrong with it."""
    path = tmp_path / "result.json"
    path.write_text(text)
    said = refused("crosscheck", "--from", path)
    assert said.startswith(f"{path}: ")
    assert message in said


@pytest.fixture
def kept(monkeypatch, tmp_path):
    """Keep a calibration for this machine's bands, as if it had been measured."""
    from schedsim.engines.real.host import Host, facts

    here = Host((0, 1), realtime=True, stops=True, throttle=None, may_unthrottle=False, may_keep_awake=True)
    monkeypatch.setattr("schedsim.engines.real.host.host", lambda: here)
    monkeypatch.setenv("SCHEDSIM_STATE", str(tmp_path))
    made_up = calibration(18_138, 0, 5_985)
    basis = made_up.basis._replace(system=facts())
    keep(made_up._replace(basis=basis))
    return made_up


def test_a_calibration_is_reused(kept):
    """What is known is shown, and nothing is measured."""
    done = schedsim("calibrate")
    assert (0, "") == (done.status, done.err)
    assert "completion  18.1   18.1  18.1       10  after a task that blocked or ended" in done.out
    assert "measured 2026-01-31T12:00:00+00:00; each micro-mix ran 5 times" in done.out


def test_a_calibration_in_json_and_csv(kept):
    """The numbers are microseconds in both."""
    document = schedsim("calibrate", "--format", "json").json
    assert ("schedsim.calibration/1", "us") == (document["schema"], document["unit"])
    assert document["costs"]["completion"]["cost"] == 18.138
    assert "completion,18.1,18.1,18.1,10," in schedsim("calibrate", "--format", "csv").out


def test_again_measures_anew(kept, monkeypatch):
    """``--again`` does not look at what is known; what is measured replaces it."""
    other = kept._replace(date="later")
    monkeypatch.setattr(
        sys.modules["schedsim.calibrate"],
        "measured",
        lambda here, placing, basis, progress: other._replace(basis=basis),
    )
    assert "measured later" in schedsim("calibrate", "--again").out
    assert "measured later" in schedsim("calibrate").out
    assert calibrate().date == "later"


def test_a_calibration_that_cannot_be_kept(kept, monkeypatch, tmp_path):
    """It holds for now, and says that it is not kept and what to do."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SCHEDSIM_STATE", str(tmp_path / "file" / "state"))
    monkeypatch.setattr(
        sys.modules["schedsim.calibrate"],
        "measured",
        lambda here, placing, basis, progress: kept._replace(basis=basis),
    )
    done = schedsim("calibrate")
    assert done.status == 0
    assert "note: this calibration is not kept:" in done.out


def test_a_machine_too_disturbed_to_be_calibrated(kept, monkeypatch):
    """Exit status 3 with the reason, and nothing is kept."""

    def refuse(*arguments: object) -> None:
        raise HostError("this machine is too disturbed to be calibrated: it was late")

    monkeypatch.setattr(sys.modules["schedsim.calibrate"], "measured", refuse)
    said = refused("calibrate", "--again", status=3)
    assert said == "this machine is too disturbed to be calibrated: it was late"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--driver", "magic"), "--driver: invalid choice: 'magic'"),
        (("--cpus", "x"), "--cpus is 'x'; write a whole number from 1 to 1,024"),
        (("--start-method", "clone"), "--start-method: invalid choice: 'clone'"),
    ],
)
def test_calibrating_what_there_is_not(words, message):
    """Wrong use is refused before anything runs."""
    assert message in refused("calibrate", *words)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"driver": "magic"}, "driver is 'magic'; write auto, bands, signals or psutil"),
        ({"start_method": "clone"}, "start method is 'clone'; write fork, spawn or forkserver"),
        ({"repeat": 0}, "repeat is 0; write a number from 1 to 1000"),
        ({"repeat": True}, "repeat is True; write a number from 1 to 1000"),
        (
            {"native": "fifo"},
            "under native fifo the kernel schedules: leave the policy, the driver and excess out",
        ),
        ({"excess": {"Z": 0.1}}, "excess names 'Z', and there is no such job in mix"),
    ],
)
def test_wrong_use_in_python(settings, message):
    """The calls refuse the same, and what the command line has no word for."""
    with pytest.raises(UsageError) as caught:
        crosscheck(JOBS, "fcfs", **settings)
    assert message in str(caught.value)


def test_a_start_method_that_there_is_not_is_not_calibrated():
    """Likewise."""
    with pytest.raises(UsageError, match="start method is 'clone'; write fork, spawn or forkserver"):
        calibrate(start_method="clone")


def test_a_result_in_python(measured):
    """What the command prints is what the call returns."""
    measured("fcfs", "fcfs")
    plan = sys.modules["schedsim.crosscheck"].planned(JOBS, "fcfs", repeat=2)
    assert checked(plan, *made(plan)).to_dict()["validity"]["valid"] == 2
    assert [1, 1] == [len(runs) for runs in confusion(JOBS, ["fcfs", "rr"], repeat=1).runs]
