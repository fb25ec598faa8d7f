"""Where a mix comes from: values in Python, DataFrames, files, shipped mixes, standard input."""

from __future__ import annotations

import io
from decimal import Decimal

import numpy
import pytest

from schedsim.jobs import Job, Mix
from schedsim.mixfile import load, load_with_notes, loads, read
from schedsim.operations import Cpu, Io, Yield
from schedsim.times import ms, us

A = Job("A", 0, (Cpu(ms(24)),), 2)
B = Job("B", ms(1), (Cpu(ms(3)),), 1)
TABLE = "pid,arrival,burst,priority\nA,0,24,2\nB,1,3,1\n"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param([A, B], id="jobs"),
        pytest.param((A, B), id="tuple"),
        pytest.param([{"id": "A", "burst": 24, "priority": 2}, B], id="mapping and job"),
        pytest.param([("A", 0, 24, 2), ["B", "1ms", 3.0, 1]], id="rows"),
        pytest.param(
            [
                {"pid": "A", "service": Decimal(24), "Priority": 2.0},
                {"name": "B", "arrival_time": 1, "bursts": [("cpu", 3)], "priority": "1", "nice": None},
            ],
            id="mappings",
        ),
        pytest.param([Job("A", 0, [Cpu(ms(24))], 2), B], id="a list as program"),
        pytest.param([Job("A", 0, "cpu 24ms", 2), B], id="a text as program"),
        pytest.param({"jobs": [A, B]}, id="mapping of a mix"),
        pytest.param(Mix((A, B)), id="mix"),
    ],
)
def test_values_in_python(source):
    """Lists of jobs, mappings and rows, and a Mix itself."""
    assert Mix((A, B)) == load(source)


def test_a_job_of_python_keeps_all_its_fields():
    """Estimates and named devices take the longer way round and stay the same; so does a generator."""

    def program():
        yield Cpu(5)

    jobs = (
        Job("A", 5, (Io(7, "disk"), Cpu(1), Yield()), -1, -20, 3, 4, 50, 40),
        Job("G", 0, program),
    )
    assert jobs == load(list(jobs)).jobs
    assert Mix(jobs, "x", "us", cpus=2, degree=1) == load(Mix(jobs, "x", "us", cpus=2, degree=1))


def test_unit_and_name_of_a_mix_can_be_changed():
    """For a Mix the unit is that of the results: its times have one already."""
    assert Mix((A, B), "other", "s") == load(Mix((A, B)), unit="s", name="other")


class Frame:
    """As much of a DataFrame as is looked at."""

    def __init__(self, rows, index=None):
        """Keep the rows; ``index`` is the name of the index, whose values are under that key."""
        self.rows = rows
        self.index = type("Index", (), {"name": index})
        self.columns = [name for name in rows[0] if name != index]

    def reset_index(self):
        """Return the frame with the index as its first column."""
        return Frame(self.rows)

    def to_dict(self, kind):
        """Return the rows without the index."""
        assert kind == "records"
        return [{name: row[name] for name in self.columns} for row in self.rows]


class Missing:
    """What pandas puts where nothing is."""


Missing.__name__ = "NAType"


def test_a_frame_is_a_table():
    """Missing cells are left out, also those that turned a column into floats; an index may hold the ids."""
    rows = [
        {"pid": "A", "arrival": 0.0, "burst": 24.0, "priority": 2.0, "nice": float("nan")},
        {"pid": "B", "arrival": 1.0, "burst": 3.0, "priority": 1.0, "nice": Missing()},
    ]
    assert Mix((A, B)) == load(Frame(rows))
    assert Mix((A, B)) == load(Frame(rows, index="pid"))


def test_numbers_of_numpy_are_numbers():
    """Whatever a notebook computes can be a time, an id or a priority."""
    row = {
        "id": numpy.int64(1),
        "arrival": numpy.float64(0.1),
        "burst": numpy.int32(3),
        "priority": numpy.int8(2),
    }
    assert (Job("1", us(100), (Cpu(ms(3)),), 2),) == load([row]).jobs


def test_files_are_found(tmp_path, monkeypatch):
    """By path, as str or as Path; the suffix says the format, and the name comes from the file."""
    (tmp_path / "small.csv").write_text(TABLE)
    (tmp_path / "small").write_text('{"jobs": [["C", 0, 1]]}')
    (tmp_path / "notes.txt").write_text(TABLE)
    assert Mix((A, B), "small") == load(str(tmp_path / "small.csv"))
    assert Mix((A, B), "small") == load(tmp_path / "small.csv")
    assert Mix((A, B), "notes") == load(tmp_path / "notes.txt")
    assert "C" == load(tmp_path / "small").jobs[0].id
    monkeypatch.chdir(tmp_path)
    assert Mix((A, B), "small") == load("small.csv")
    assert "C" == load("small").jobs[0].id
    assert "mine" == load("small.csv", name="mine").name
    assert (Mix((A, B), "small"), []) == load_with_notes("small.csv") == read("small.csv")


def test_a_format_can_be_said(tmp_path):
    """It wins over the suffix."""
    (tmp_path / "mix.csv").write_text('{"jobs": [["C", 0, 1]]}')
    assert "C" == load(tmp_path / "mix.csv", input_format="json").jobs[0].id


def test_shipped_mixes_have_names(tmp_path, monkeypatch):
    """A name finds a shipped mix, unless a file that looks like one is there."""
    monkeypatch.chdir(tmp_path)
    assert "convoy" == load("convoy").name
    (tmp_path / "convoy").write_text(TABLE)
    (tmp_path / "convoy.csv").write_text(TABLE)
    assert load("convoy").jobs != (A, B)
    assert (A, B) == load("convoy.csv").jobs == load("./convoy").jobs
    (tmp_path / "convoy.csv").unlink()
    assert load("convoy") == load("convoy.csv")


class Stream:
    """Standard input: bytes below, as a process has it."""

    def __init__(self, content):
        """Take bytes."""
        self.buffer = io.BytesIO(content)


@pytest.mark.parametrize("content", [TABLE.encode(), ("\ufeff" + TABLE).encode()])
def test_standard_input(content, monkeypatch):
    """A minus sign reads it."""
    monkeypatch.setattr("sys.stdin", Stream(content))
    assert Mix((A, B), "standard input") == load("-")


def test_standard_input_replaced_by_text(monkeypatch):
    """A program that puts a text stream in its place is read too."""
    monkeypatch.setattr("sys.stdin", io.StringIO('{"jobs": [["C", 0, 1]]}'))
    assert "C" == load("-").jobs[0].id


def test_bytes_are_text():
    """loads takes what was read in binary."""
    assert (A, B) == loads(TABLE.encode(), "csv").jobs


def test_a_byte_order_mark_alone_is_taken_off_bytes_too():
    """It is no part of the first heading."""
    assert (A, B) == loads(b"\xef\xbb\xbf" + TABLE.encode()).jobs
