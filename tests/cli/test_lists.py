"""``schedsim policies`` and ``schedsim mixes``: what there is."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest

import schedsim as ss
from schedsim import workloads
from schedsim.policies import ALIASES, NAMES, policy_class
from tests.cli.calling import refused, schedsim


def test_all_policies_are_listed():
    """Each with its rule, its options with their defaults, and whether it knows bursts."""
    done = schedsim("policies")
    assert (0, "") == (done.status, done.err)
    firsts = [line.split()[:2] for line in done.out.splitlines()[1:] if line[:1].strip()]
    assert [[name, "yes" if name in ("sjf", "srtf", "hrrn") else "no"] for name in NAMES] == firsts[:-1]
    assert "quanta=2/4/8" in done.out


@pytest.mark.parametrize("name", NAMES)
def test_one_policy(name):
    """The whole docstring, every option, every alias."""
    out = schedsim("policies", name).out
    words = " ".join(out.split())
    cls = policy_class(name)
    for paragraph in (cls.__doc__ or "").replace("``", "").split("\n\n"):
        assert " ".join(paragraph.split()) in words
    assert all(f"  {field}=" in out for field in cls.fields)
    assert all(alias in words for alias, target in ALIASES.items() if target == name)
    assert ("Knows bursts: yes" in words) == bool(cls.clairvoyant is True)


def test_an_alias_names_a_policy():
    """``stcf`` is srtf."""
    assert schedsim("policies", "srtf").out == schedsim("policies", "stcf").out


def test_policies_as_data():
    """JSON and CSV for other programs, with every option, whether a result would name it or not."""
    found = schedsim("policies", "--format", "json").json["policies"]
    assert list(NAMES) == [each["name"] for each in found]
    assert {"quantum": 4, "tick": 0, "phase": 0} == found[4]["options"]
    seconds = schedsim("policies", "rr", "--unit", "s", "--format", "json").json
    assert ("s", {"quantum": 4, "tick": 0, "phase": 0}) == (
        seconds["unit"],
        seconds["policies"][0]["options"],
    )
    rows = list(csv.DictReader(StringIO(schedsim("policies", "--format", "csv").out)))
    assert list(NAMES) == [row["policy"] for row in rows]


def test_an_unknown_policy():
    """The nearest name is given, and all names."""
    said = refused("policies", "rrr")
    assert said.startswith("did you mean 'rr'? policies are fcfs, sjf, ")


def test_all_mixes_are_listed():
    """Every mix that ships: name, jobs, unit, title and source."""
    done = schedsim("mixes")
    assert (0, "") == (done.status, done.err)
    firsts = [line.split()[0] for line in done.out.splitlines()[1:] if line[:1].strip()]
    assert workloads.names() == firsts
    shipped = schedsim("mixes", "--format", "json").json["mixes"]
    assert all(each["title"] and each["source"] for each in shipped)
    rows = list(csv.DictReader(StringIO(schedsim("mixes", "--format", "csv").out)))
    assert [str(each["jobs"]) for each in shipped] == [row["jobs"] for row in rows]


@pytest.mark.parametrize("name", workloads.names())
def test_one_mix(name):
    """Title, source, what to try, the jobs and how it is run; a long list is cut and counted."""
    out = schedsim("mixes", name).out
    mix = ss.load(name)
    words = " ".join(out.split())
    assert out.startswith(f"{name}\n")
    assert "Source: " in words
    assert f"{len(mix.jobs):,} jobs, times in {mix.unit}" in words
    assert all(f"policy {choice.algo}" in words for choice in mix.policies)
    assert ("more jobs; show them with" in words) == (len(mix.jobs) > 50)


def test_any_file_can_be_looked_at(tmp_path):
    """``mixes FILE`` shows a user's own mix, with a column for each thing that its jobs say."""
    path = tmp_path / "mine.json"
    mix = {
        "title": "Mine",
        "switch_cost": 0.5,
        "grace": "20us",
        "degree": 2,
        "until": 90,
        "policy": {"algo": "mlfq", "quanta": [8, 16]},
        "jobs": [{"id": "A", "burst": 3, "deadline": 9}, {"id": "B", "arrival": 0.5, "burst": 2, "nice": 1}],
    }
    path.write_text(json.dumps(mix), encoding="utf-8")
    assert (
        schedsim("mixes", path).out
        == """\
mine
Mine

job  arrival  burst  nice  deadline
A        0        3     0         9
B        0.5      2     1         -

2 jobs, times in ms, 1 CPU, degree 2, switch cost 0.5, grace 0.02, until 90,
conventions textbook
policy mlfq quanta=8/16
"""
    )


def test_a_mix_as_data():
    """``--format json`` is the mix as a file; reading it gives the same mix."""
    text = schedsim("mixes", "convoy", "--format", "json").out
    assert ss.load("convoy").jobs == ss.load(json.loads(text)).jobs


def test_an_unknown_mix():
    """The nearest name is given."""
    said = refused("mixes", "convoi")
    assert said == (
        "convoi: there is no such file or mix; did you mean 'convoy'? 'schedsim mixes' lists what ships"
    )
