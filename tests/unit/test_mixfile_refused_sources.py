"""Files, standard input and values in Python that are refused: in one line, with advice."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from schedsim.errors import MixError, UsageError
from schedsim.jobs import Job, Mix
from schedsim.mixfile import load, loads, parse_jobs, sources
from schedsim.operations import Cpu, Io

NO_JOBS = 'no jobs; write "jobs": [{"id": "A", "arrival": 0, "burst": 4}], in TOML [[job]] and then id = "A"'


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (3, 'a number is not a job mix; write {"jobs": [{"id": "A", "burst": 4}]}'),
        (None, 'nothing is not a job mix; write {"jobs": [{"id": "A", "burst": 4}]}'),
        (object(), 'an object is not a job mix; write {"jobs": [{"id": "A", "burst": 4}]}'),
        ([], NO_JOBS),
        ([Job("A", 0, (Cpu(0),))], "job 1 ('A'), program: '0': a CPU burst must be more than 0; write a number such as 4"),
        ([Job("A", 0, ())], "job 1 ('A'), program: the program has no CPU burst; write at least one, such as cpu 5"),
        ([Job("A", -1, (Cpu(1),))], "job 1 ('A'), arrival: '-1': must not be below 0; write 0 or more"),
        ([Job("A", 0, (Cpu(1),)), Job("A", 0, (Cpu(1),))], "job 2, id: 'A': duplicate id, taken by job 1; give every job its own"),
        ([Job("A", 0, (Cpu(1),)), Job(" ", 0, (Cpu(1),))], "job 2 (' '), id: the id is empty; give the job a name such as A"),
        ([Job("A", 0, (Cpu(1),), nice=20)], "job 1 ('A'), nice: '20': must be from -20 to 19"),
        ([Job("A", 0, (Cpu(1),), tickets=0)], "job 1 ('A'), tickets: '0': must be 1 or more"),
        ([Job("A", 0, (Cpu(1),), estimate=0)], "job 1 ('A'), estimate: '0': must be more than 0; write a number such as 4"),
        ([Job("A", 0, (Cpu(1), Io(2, 7)))], "job 1 ('A'), program: 'io 2 7': write it as in io 20 or io 20 disk"),
        ([Job("A", 0, (Cpu(2**62 - 1),)), Job("B", 2, (Cpu(1),))], "the jobs together last longer than schedsim can count (146 years); write smaller numbers or a smaller unit"),
        (Mix((Job("A", 0, (Cpu(1),)),), cpus=0), "cpus: '0': must be 1 or more"),
        (Mix((Job("A", 0, (Cpu(1),)),), unit="h"), "unit: 'h': unknown unit; write ns, us, ms or s"),
        (Mix((Job("A", 0, (Cpu(1),)),), until=0), "until: '0': must be more than 0; write a number such as 4"),
        (Mix(()), NO_JOBS),
        ([{"id": "A", "burst": float("nan")}], "job 1 ('A'), burst: 'nan' is not a finite number; write a number such as 4 or 20us"),
        ([{"id": "A", "burst": Decimal("sNaN")}], "job 1 ('A'), burst: 'sNaN' is not a finite number; write a number such as 4 or 20us"),
        ([{"id": "A", "burst": 10**5000}], "job 1 ('A'), burst: 'a number of more than 60 digits': longer than schedsim can count (146 years)"),
    ],
)  # fmt: skip
def test_a_wrong_value_in_python(source, message):
    """Mixes made in Python are checked as files are, and named as jobs."""
    with pytest.raises(MixError) as caught:
        load(source)
    assert message == str(caught.value)


def test_two_columns_of_a_frame_with_one_name():
    """A row of a frame could hold only one of them."""

    class Frame:
        index = None
        columns = ("pid", "pid")

        def to_dict(self, kind):
            raise AssertionError(kind)

    with pytest.raises(MixError, match=r"^'pid': two columns have this name; keep one$"):
        load(Frame())


def test_an_error_keeps_its_parts():
    """Whoever catches it finds message, file, row, field and value one by one."""
    with pytest.raises(MixError) as caught:
        loads("pid,arrival,burst\nA,0,24\nB,1,0", "csv", "mix.csv")
    assert (
        "must be more than 0; write a number such as 4",
        "mix.csv",
        "row 3",
        "burst",
        "0",
    ) == caught.value.args


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "the name of the mix is empty; name a file or a mix that ships with schedsim"),
        ("a\0b", "'a\\x00b': a file's name cannot hold a NUL character"),
        ("none.csv", "none.csv: there is no such file; 'schedsim mixes' lists what ships"),
        ("./none", "./none: there is no such file; 'schedsim mixes' lists what ships"),
        ("a\nb.csv", "'a\\nb.csv': there is no such file; 'schedsim mixes' lists what ships"),
        ("convoi", "convoi: there is no such file or mix; did you mean 'convoy'? 'schedsim mixes' lists what ships"),
        ("convoi.csv", "convoi.csv: there is no such file; did you mean 'convoy'? 'schedsim mixes' lists what ships"),
        ("stalings-9.5", "stalings-9.5: there is no such file; did you mean 'stallings-9.5'? 'schedsim mixes' lists what ships"),
        ("x" * 5000, "x" * 5000 + ": there is no such file or mix; 'schedsim mixes' lists what ships"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_there(name, message, tmp_path, monkeypatch):
    """The nearest of the mixes that ship is named."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MixError) as caught:
        load(name)
    assert message == str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"pid,burst\nA\xff,3\n", "mix.csv, row 2: is not UTF-8 text; save it as UTF-8"),
        ("pid,burst\nA,3\n".encode("utf-16"), "mix.csv: is UTF-16; save it as UTF-8"),
        (b"\x1f\x8b\x08\0", "mix.csv: is compressed; unpack it with gunzip first"),
        (b"PK\x03\x04\0", "mix.csv: is a spreadsheet or an archive; save the table as CSV"),
        (b"pid,burst\n\0", "mix.csv, row 2: holds a NUL character; this is no text file"),
    ],
)
def test_a_file_that_is_no_text(content, message, tmp_path, monkeypatch):
    """What it is, where that shows, and what to do."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mix.csv").write_bytes(content)
    with pytest.raises(MixError) as caught:
        load("mix.csv")
    assert message == str(caught.value)


def test_a_folder(tmp_path):
    """A folder holds mixes and is none."""
    with pytest.raises(MixError) as caught:
        load(tmp_path)
    assert f"{tmp_path}: is a folder; name a file in it" == str(caught.value)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PermissionError(13, "Permission denied"), "may not be read; give yourself the permission, or name another file"),
        (FileNotFoundError(2, "No such file"), "there is no such file"),
        (OSError(5, "Input/output error"), "cannot be read (Input/output error)"),
        (ValueError("embedded null byte"), "cannot be read (its name cannot be used)"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read(error, message, monkeypatch):
    """Whatever the system says becomes one line; it is played here, since a super-user may read all."""

    def refuse(path, mode):
        raise error

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(MixError) as caught:
        sources.read_path("mix.csv")
    assert f"mix.csv: {message}" == str(caught.value)


def test_a_file_without_end(monkeypatch):
    """A device that gives bytes for ever is refused instead of filling the memory."""
    monkeypatch.setattr(sources, "_MOST_BYTES", 1000)
    with pytest.raises(MixError) as caught:
        sources._all_of(io.BytesIO(b"x" * 2000), "pipe")
    assert "pipe: is longer than 1 GiB; give a smaller mix" == str(caught.value)


def test_no_standard_input(monkeypatch):
    """A program without a terminal may have none."""
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(MixError) as caught:
        load("-")
    assert "standard input: there is none; name a file" == str(caught.value)


def test_a_wrong_standard_input(monkeypatch):
    """It is named as such."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"pid,burst\nA,0\n")))
    with pytest.raises(MixError) as caught:
        load("-")
    assert "standard input, row 2, burst: '0': must be more than 0; write a number such as 4" == str(
        caught.value
    )


def test_unknown_words_of_a_caller():
    """A wrong argument is wrong use, not a wrong mix."""
    with pytest.raises(UsageError) as caught:
        loads("", "jsn")
    assert (
        "unknown input format 'jsn'; did you mean 'json'? Formats are csv, tsv, table, json, toml, swf"
        == str(caught.value)
    )
    with pytest.raises(UsageError, match=r"^unknown unit 'hours'; write ns, us, ms or s$"):
        loads("A,0,1", unit="hours")
    with pytest.raises(UsageError, match=r"^unknown unit 'h'; write ns, us, ms or s$"):
        parse_jobs("A 0 1", unit="h")
