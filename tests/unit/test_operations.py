"""Operations: from text to values and back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedsim.names import is_name
from schedsim.operation_text import parse_operation, parse_program, parts_of, text_of
from schedsim.operations import (
    Cpu,
    Exit,
    Get,
    Io,
    Join,
    Kill,
    Lock,
    Put,
    Read,
    Spawn,
    Unlock,
    Write,
    Yield,
)
from schedsim.times import UNITS

LENGTHS = st.integers(1, 2**61)
NAMES = st.sampled_from(
    ["m", "inherit", "a-1", "+1", "m inherit", "it's", "'", '"q"', "a; b", "my  job", "=5"]
) | st.text(st.sampled_from("a; '\"é+="), min_size=1, max_size=6).filter(is_name)
OPERATIONS = st.one_of(
    st.builds(Cpu, LENGTHS),
    st.builds(Io, LENGTHS, st.just("") | NAMES),
    st.just(Yield()),
    st.builds(Lock, NAMES, st.booleans()),
    st.builds(Put, NAMES, st.none(), st.booleans()),
    st.builds(Get, NAMES, st.booleans()),
    *[st.builds(kind, NAMES) for kind in (Unlock, Spawn, Join, Kill, Read)],
    st.builds(Write, NAMES, st.integers(-(2**63) + 1, 2**63 - 1)),
    st.builds(Write, NAMES, change=st.integers(-(2**63) + 1, 2**63 - 1)),
    st.builds(Exit, st.integers(0, 255)),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cpu 30", Cpu(30_000_000)),
        ("CPU 30us", Cpu(30_000)),
        ("io 20", Io(20_000_000)),
        ("  io   0.5   disk ", Io(500_000, "disk")),
        ("yield", Yield()),
        ("lock m", Lock("m")),
        ("Lock m INHERIT", Lock("m", inherit=True)),
        ("unlock m", Unlock("m")),
        ("put q", Put("q")),
        ("put? q", Put("q", blocking=False)),
        ("get q", Get("q")),
        ("get? q", Get("q", blocking=False)),
        ("spawn B", Spawn("B")),
        ("join B", Join("B")),
        ("kill B", Kill("B")),
        ("read n", Read("n")),
        ("write n 5", Write("n", 5)),
        ("write n +1", Write("n", change=1)),
        ("write n -2", Write("n", change=-2)),
        ("write n =-2", Write("n", -2)),
        ("write n =2", Write("n", 2)),
        ("lock 'm inherit'", Lock("m inherit")),
        ("lock 'a b' inherit", Lock("a b", inherit=True)),
        ('spawn "my job"', Spawn("my job")),
        ("kill 'it''s; me'", Kill("it's; me")),
        ("kill it's", Kill("it's")),
        ("write 'my n' -2", Write("my n", change=-2)),
        ("io 3 'my disk'", Io(3_000_000, "my disk")),
        ("exit", Exit()),
        ("exit 255", Exit(255)),
    ],
)
def test_one_operation(text, expected):
    """Bare lengths are in the mix's unit."""
    assert expected == parse_operation(text, "ms")


@pytest.mark.parametrize(
    "text", ["cpu 5; io 3; yield; cpu 2", "cpu 5;io 3;;yield;cpu 2;", " cpu 5 ; io 3 ; yield ; cpu 2 "]
)
def test_a_program(text):
    """Semicolons between operations; empty parts are none."""
    assert (Cpu(5), Io(3), Yield(), Cpu(2)) == parse_program(text, "ns")


def test_an_empty_program():
    """Nothing to do is a program, too; a mix refuses it, with the row."""
    assert () == parse_program(" ; ", "ms")


@given(program=st.lists(OPERATIONS, max_size=6), unit=st.sampled_from([*UNITS]))
def test_what_is_written_is_read_again(program, unit):
    """In every unit, exactly."""
    text = "; ".join(operation.text(unit) for operation in program)
    assert tuple(program) == parse_program(text, unit)
    assert [each.text(unit) for each in program] == [text_of(each, unit) for each in program]
    assert [each.text(unit) for each in program] == [part.strip() for part in parts_of(text)]


UNCLOSED = "is not closed behind a word; write it as in \"lock 'my mutex'\", and a quote inside twice"
KNOWN = (
    "operations are cpu, io, lock, unlock, put, put?, get, get?, spawn, join, kill, read, write, yield, exit"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cpu", "a length is missing; write it as in 'cpu 30'"),
        ("cpu 0", "the length 0 is not above 0; write a positive length"),
        ("cpu -2us", "the length -2us is not above 0; write a positive length"),
        ("cpu 3 4", "'4' is too much; write 'cpu 3'"),
        ("io", "a length is missing; write it as in 'cpu 30'"),
        ("io 3 disk 2", "'2' is too much; write 'io 20' or 'io 20 disk'"),
        ("io disk", "'disk' is not a time; write a number such as 4 or 20us"),
        ("yield 3", "'3' is too much; write 'yield' alone"),
        ("lock", "the name of a mutex is missing; write it as in 'lock m'"),
        ("lock m n", "'n' is too much; write 'lock m' or 'lock m inherit'"),
        ("lock m inherit 2", "'2' is too much; write it as in 'lock m'"),
        ("unlock", "the name of a mutex is missing; write it as in 'unlock m'"),
        ("unlock m n", "'n' is too much; write it as in 'unlock m'"),
        ("put", "the name of a queue is missing; write it as in 'put q'"),
        ("put q 5", "'5' is too much; write it as in 'put q'"),
        ("put?", "the name of a queue is missing; write it as in 'put? q'"),
        ("get", "the name of a queue is missing; write it as in 'get q'"),
        ("get? q r", "'r' is too much; write it as in 'get? q'"),
        ("spawn", "the name of a job is missing; write it as in 'spawn B'"),
        ("join", "the name of a job is missing; write it as in 'join B'"),
        ("kill", "the name of a job is missing; write it as in 'kill B'"),
        ("kill A B", "'B' is too much; write it as in 'kill B'"),
        ("read", "the name of a variable is missing; write it as in 'read n'"),
        ("write", "the name of a variable is missing; write it as in 'write n 5'"),
        ("write n", "what to write is missing; write 'write n 5' or 'write n +1'"),
        ("write n five", "'five' is no whole number; write 'write n 5' or 'write n +1'"),
        ("write n 1.5", "'1.5' is no whole number; write 'write n 5' or 'write n +1'"),
        ("write n +", "'+' is no whole number; write 'write n 5' or 'write n +1'"),
        ("write n =", "'' is no whole number; write 'write n 5' or 'write n +1'"),
        ("write n +-1", "'+-1' is no whole number; write 'write n 5' or 'write n +1'"),
        (
            "write n 9223372036854775808",
            "9223372036854775808 does not fit in 64 bits; write a smaller number",
        ),
        ("write n 5 6", "'6' is too much; write it as in 'write n 5'"),
        ("lock 'm", f"the quote before 'm' {UNCLOSED}"),
        ("lock 'm'n", f'the quote before "m\'n" {UNCLOSED}'),
        ("exit 256", "'256' is no exit code; write a whole number from 0 to 255"),
        ("exit -1", "'-1' is no exit code; write a whole number from 0 to 255"),
        ("exit 0 1", "'1' is too much; write 'exit' or 'exit 0'"),
        ("cppu 3", f"did you mean 'cpu'? {KNOWN}; 'cppu' is none of them"),
        ("write n = -5", "a blank stands before the number; write 'write n =-5'"),
        ("write n = 5", "a blank stands before the number; write 'write n =5'"),
        ("write 'my n' + 1", "a blank stands before the number; write \"write 'my n' +1\""),
        ("write n - 1", "a blank stands before the number; write 'write n -1'"),
        ("write n + -1", "'-1' is too much; write it as in 'write n 5'"),
        ("write n = m", "'m' is too much; write it as in 'write n 5'"),
        ("put ? q", "a blank stands before the question mark; write 'put? q'"),
        ("GET ? 'my q'", "a blank stands before the question mark; write \"get? 'my q'\""),
        ("put q q", "'q' is too much; write it as in 'put q'"),
        ("sleep 3", f"did you mean 'io'? {KNOWN}; 'sleep' is none of them"),
        ("Compute 3", f"did you mean 'cpu'? {KNOWN}; 'Compute' is none of them"),
        ("acquire m", f"did you mean 'lock'? {KNOWN}; 'acquire' is none of them"),
        ("release m", f"did you mean 'unlock'? {KNOWN}; 'release' is none of them"),
        ("send q", f"did you mean 'put'? {KNOWN}; 'send' is none of them"),
        ("receive q", f"did you mean 'get'? {KNOWN}; 'receive' is none of them"),
        ("fork B", f"did you mean 'spawn'? {KNOWN}; 'fork' is none of them"),
        ("wait B", f"did you mean 'join'? {KNOWN}; 'wait' is none of them"),
        ("signal m", f"{KNOWN}; 'signal' is none of them"),
        ("9" * 5000, f"{KNOWN}; '{'9' * 80}' is none of them"),
        ("", f"{KNOWN}; '' is none of them"),
    ],
)
def test_refusals(text, message):
    """Each says what to write."""
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        parse_operation(text, "ms")
