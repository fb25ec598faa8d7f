"""Tables, workload logs and the short form that are refused: in one line with file, row, value and advice."""

from __future__ import annotations

import pytest

from schedsim.errors import MixError
from schedsim.mixfile import collect, loads, parse_jobs

HEAD = "pid,arrival,burst,priority\nA,0,24,2\n"
COLUMNS = (
    "columns are pid, arrival, burst, bursts, program, priority, nice, tickets, estimate, period, deadline, count, "
    "spawned"
)
KNOWN = (
    "operations are cpu, io, lock, unlock, put, put?, get, get?, spawn, join, kill, read, write, yield, exit"
)
NO_ROWS = "no jobs; write a table such as pid,arrival,burst and then A,0,24"
NS = "is not a whole number of nanoseconds; round it to nanoseconds or write the mix in a larger unit"
TIME = "is not a time; write a number such as 4 or 20us"
FINITE = "is not a finite number; write a number such as 4 or 20us"
LINE = "{} 1 -1 -1 1 60 -1 1 5 1 2 1 -1 -1 -1"


def refusal(text, form, file="mix.x"):
    """Return the message with which ``text`` is refused."""
    with pytest.raises(MixError) as caught:
        loads(text, form, file)
    message = str(caught.value)
    assert message.isprintable()
    return message


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("B,1,0,1", "row 3, burst: '0': must be more than 0; write a number such as 4"),
        ("B,1,-3,1", "row 3, burst: '-3': must be more than 0; write a number such as 4"),
        ("B,-1,3,1", "row 3, arrival: '-1': must not be below 0; write 0 or more"),
        ("B,1,x,1", f"row 3, burst: 'x' {TIME}"),
        ("B,1,3 m,1", f"row 3, burst: '3 m' {TIME}"),
        ("B,1,1_000,1", f"row 3, burst: '1_000' {TIME}"),
        ("B,1,٣,1", f"row 3, burst: '٣' {TIME}"),
        ("B,1,3\x1b[2J,1", f"row 3, burst: '3\\x1b[2J' {TIME}"),
        ("B,1,nan,1", f"row 3, burst: 'nan' {FINITE}"),
        ("B,inf,3,1", f"row 3, arrival: 'inf' {FINITE}"),
        ("B,1,-Infinity,1", f"row 3, burst: '-Infinity' {FINITE}"),
        ("B,1,0.0000001,1", f"row 3, burst: 0.0000001 {NS}"),
        ("B,1,0.5 ns,1", f"row 3, burst: 0.5 ns {NS}"),
        ("B,1,1e-30,1", f"row 3, burst: 1e-30 {NS}"),
        ("B,1,1e999999999,1", "row 3, burst: 1e999999999 is longer than schedsim can count (146 years)"),
        (
            "B,9" + "0" * 20 + ",3,1",
            f"row 3, arrival: 9{'0' * 20} is longer than schedsim can count (146 years)",
        ),
        (
            "B,1," + "1" * 5000 + ",1",
            f"row 3, burst: '{'1' * 57}...': not a time; write a number such as 4 or 20us",
        ),
        ('B,1,"2,5",1', "row 3, burst: '2,5': a decimal has a point, not a comma; write 2.5"),
        ("B,,3,1", "row 3, arrival: the cell is empty; write 0 for a job that is there from the start"),
        (
            "B,,3,1\nC,1,3,1",
            "row 3, arrival: the cell is empty; write 0 for a job that is there from the start",
        ),
        ("B,1,,1", "row 3, burst: a job needs a burst or a program; write a burst such as 4"),
        (",1,3,1", "row 3, id: the id is empty; give the job a name such as A"),
        ('"  ",1,3,1', "row 3, id: the id is empty; give the job a name such as A"),
        ("B\x07,1,3,1", "row 3, id: 'B\\x07': an id has only printable characters; leave out the others"),
        ("A,1,3,1", "row 3, id: 'A': duplicate id, taken by row 2; give every job its own"),
        (
            "B,1,3,1\n\n# c\nC,1,3,1\nB,1,3,1",
            "row 7, id: 'B': duplicate id, taken by row 3; give every job its own",
        ),
        ("B,1,3,1.5", "row 3, priority: '1.5': not a whole number; write one such as 1"),
        ("B,1,3,high", "row 3, priority: 'high': not a number; write a whole number such as 1"),
        ("B,1,3,nan", "row 3, priority: 'nan': not a number; write a whole number such as 1"),
        ("B,1,3,1e99", "row 3, priority: '1e99': must be from -1000000000 to 1000000000"),
        ("B,1,3", "row 3: has 3 cells where 4 are due (id, arrival, burst, priority); add the missing"),
        (
            "B,1,3,1,5",
            (
                "row 3: has 5 cells where 4 are due (id, arrival, burst, priority); "
                "put quotes around a cell with separators in it"
            ),
        ),
        (
            '"B,1,3,1',
            (
                "row 3: a quote is not closed on its line, or stands amid a cell; "
                "put quotes around whole cells, and write a quote inside them twice"
            ),
        ),
        ("B\0,1,3,1", "row 3: holds a NUL character; this is no text file"),
    ],
)
def test_a_wrong_row(rows, message):
    """Rows of a table are named by their line in the file."""
    assert f"mix.csv, {message}" == refusal(HEAD + rows + "\n", "csv", "mix.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"mix.x: {NO_ROWS}"),
        ("# only a comment\n\n", f"mix.x: {NO_ROWS}"),
        ("pid,arrival,burst\n", f"mix.x: {NO_ROWS}"),
        ("pid,arrival,burst\n,,\n", f"mix.x: {NO_ROWS}"),
        (
            "pid,arival,burst\nA,0,3",
            f"mix.x, row 1: 'arival': unknown column; did you mean 'arrival'? {COLUMNS}",
        ),
        ("pid,burst,zzz\nA,3,0", f"mix.x, row 1: 'zzz': unknown column; {COLUMNS}"),
        (
            "foo,bar\n1,2",
            (
                "mix.x, row 1: 'foo': neither a heading such as pid,arrival,burst nor a job such as A,0,24; "
                f"unknown column; {COLUMNS}"
            ),
        ),
        ("pid,name,burst\n1,A,3", "mix.x, row 1: 'name': there are two columns for id; keep one"),
        ("pid,arrival\nA,3", "mix.x, row 1: there is no column burst or program; add one"),
        (
            '"pid\nA',
            (
                "mix.x, row 1: a quote is not closed on its line, or stands amid a cell; "
                "put quotes around whole cells, and write a quote inside them twice"
            ),
        ),
        (
            ",arrival,burst\n0,0,3",
            "mix.x, row 2: '0': this cell is in a column without a name; name the column",
        ),
        ("pid,,burst\nA,x,3", "mix.x, row 2: 'x': this cell is in a column without a name; name the column"),
        ("A;0;2,5", "mix.x, row 1, burst: '2,5': a decimal has a point, not a comma; write 2.5"),
        ("A,0,3\nB,x,3", f"mix.x, row 2, arrival: 'x' {TIME}"),
        ("pid,burst,nice\nA,3,20", "mix.x, row 2, nice: '20': must be from -20 to 19"),
        ("pid,burst,nice\nA,3,-21", "mix.x, row 2, nice: '-21': must be from -20 to 19"),
        ("pid,burst,tickets\nA,3,0", "mix.x, row 2, tickets: '0': must be 1 or more"),
        (
            "pid,burst,tickets\nA,3,9999999999",
            "mix.x, row 2, tickets: '9999999999': must be from 1 to 1000000000",
        ),
        ("pid,burst,count\nA,3,0", "mix.x, row 2, count: '0': must be from 1 to 10000000"),
        ("pid,burst,count\nA,3,10000001", "mix.x, row 2, count: '10000001': must be from 1 to 10000000"),
        (
            "pid,burst,count\nA,3,2\nB,3,9999999",
            "mix.x, row 3, count: '9999999': more than 10000000 jobs in all; write a smaller count",
        ),
        (
            "pid,burst,count\nA,3,2\nA-2,3,1",
            "mix.x, row 3, id: 'A-2': duplicate id, taken by row 2; give every job its own",
        ),
        (
            "pid,burst,estimate\nA,3,0",
            "mix.x, row 2, estimate: '0': must be more than 0; write a number such as 4",
        ),
        (
            "pid,burst,period\nA,3,-1",
            "mix.x, row 2, period: '-1': must be more than 0; write a number such as 4",
        ),
        (
            "pid,burst,deadline\nA,3,0",
            "mix.x, row 2, deadline: '0': must be more than 0; write a number such as 4",
        ),
        ("pid,burst,program\nA,3,cpu 3", "mix.x, row 2, burst: burst and program are both there; keep one"),
        (
            "pid,program\nA,cpu 3; oi 4",
            "mix.x, row 2, program: 'oi 4': did you mean 'io'? " + KNOWN + "; 'oi' is none of them",
        ),
        (
            "pid,program\nA,cpu 0",
            "mix.x, row 2, program: '0': a CPU burst must be more than 0; write a number such as 4",
        ),
        (
            "pid,program\nA,cpu 1; io -2",
            "mix.x, row 2, program: '-2': an I/O burst must be more than 0; write a number such as 4",
        ),
        ("pid,program\nA,cpu nan", f"mix.x, row 2, program: 'nan' {FINITE}"),
        ("pid,program\nA,cpu", "mix.x, row 2, program: 'cpu': a length is missing; write it as in 'cpu 30'"),
        ("pid,program\nA,cpu 3 4", "mix.x, row 2, program: 'cpu 3 4': too many parts; write it as in cpu 30"),
        (
            "pid,program\nA,cpu 3;io 3 a b",
            "mix.x, row 2, program: 'io 3 a b': write it as in io 20 or io 20 disk",
        ),
        (
            "pid,program\nA,cpu 3;io 3 a\x1b",
            "mix.x, row 2, program: 'io 3 a\\x1b': write it as in io 20 or io 20 disk",
        ),
        ("pid,program\nA,cpu 3;\x1b", "mix.x, row 2, program: '\\x1b': control characters; leave them out"),
        (
            "pid,program\nA,yield",
            "mix.x, row 2, program: the program has no CPU burst; write at least one, such as cpu 5",
        ),
        (
            "pid,program\nA,;",
            "mix.x, row 2, program: the program has no CPU burst; write at least one, such as cpu 5",
        ),
        (
            "pid,burst\nA,4000000000s\nB,4000000000s",
            (
                "mix.x: the jobs together last longer than schedsim can count (146 years); "
                "write smaller numbers or a smaller unit"
            ),
        ),
    ],
)
def test_a_wrong_table(text, message):
    """Headings, columns and programs of a table."""
    assert message == refusal(text, "table")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("; nothing\n", "no jobs; write 18 fields a line, as the Standard Workload Format says"),
        (LINE.format("1 0 0 -1"), "no jobs; every job in it has a run time of 0 or -1; give one that ran"),
        ("; x\n1 2 3", "row 2: has 3 fields where the Standard Workload Format has 18"),
        (LINE.format("1 0 0 5") + " 7", "row 1: has 19 fields where the Standard Workload Format has 18"),
        (LINE.format("1 -5 0 5"), "row 1, submit time: '-5': must not be below 0; write 0 or more"),
        (LINE.format("1 0 0 x"), f"row 1, run time: 'x' {TIME}"),
        (LINE.format("1 0 0 nan"), f"row 1, run time: 'nan' {FINITE}"),
        (LINE.format("1 0 0 5").replace("60", "?"), f"row 1, requested time: '?' {TIME}"),
        (
            LINE.format("1 0 0 5") + "\n" + LINE.format("1 3 0 5"),
            "row 2, id: '1': duplicate id, taken by row 1; give every job its own",
        ),
        (
            LINE.format("\x07 0 0 5"),
            "row 1, id: '\\x07': an id has only printable characters; leave out the others",
        ),
    ],
)
def test_a_wrong_workload_log(text, message):
    """Rows of a log are named by their line."""
    glue = ", " if message.startswith("row") else ": "
    assert f"mix.swf{glue}{message}" == refusal(text, "swf", "mix.swf")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", '--jobs: no jobs; write jobs as in "A 0 24, B 1 3"'),
        (" , ", '--jobs: no jobs; write jobs as in "A 0 24, B 1 3"'),
        (
            "A 0 24, B 1",
            "--jobs, job 2: 'B 1': this is not ID ARRIVAL BURST [PRIORITY]; write a job as in A 0 24",
        ),
        (
            "A 0 24 1 9",
            "--jobs, job 1: 'A 0 24 1 9': this is not ID ARRIVAL BURST [PRIORITY]; write a job as in A 0 24",
        ),
        ("A 0 0", "--jobs, job 1 ('A'), burst: '0': must be more than 0; write a number such as 4"),
        ("A x 3", "--jobs, job 1 ('A'), arrival: 'x' is not a time; write a number such as 4 or 20us"),
        ("A 0 3, A 0 3", "--jobs, job 2, id: 'A': duplicate id, taken by job 1; give every job its own"),
        (
            "A\x07 0 3",
            "--jobs, job 1 ('A\\x07'), id: 'A\\x07': an id has only printable characters; leave out the others",
        ),
    ],
)
def test_a_wrong_short_form(text, message):
    """The short form names its jobs by number."""
    with pytest.raises(MixError) as caught:
        parse_jobs(text)
    assert message == str(caught.value)


def test_too_many_jobs(monkeypatch):
    """By rows, by columns and by count."""
    monkeypatch.setattr(collect, "MOST_JOBS", 3)
    rows = "".join(f"J{n},0,3\n" for n in range(4))
    with pytest.raises(MixError, match=r"a mix has at most 3 jobs; write fewer$"):
        loads("pid,arrival,burst\n" + rows)
    with pytest.raises(MixError, match=r"row 6: a mix has at most 3 jobs; write fewer$"):
        loads(
            "pid,arrival,burst\n# by rows\n"
            + rows.replace("J2", '"J2"').replace("J3,0", '"J3",0')[:-1]
            + "\n"
        )
    with pytest.raises(MixError, match=r"count: '3': more than 3 jobs in all; write a smaller count$"):
        loads("pid,burst,count\nA,3,1\nB,3,3")
