"""Operations: from text to values and back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedsim.operation_text import parse_operation, parse_program
from schedsim.operations import Cpu, Io, Yield
from schedsim.times import UNITS

LENGTHS = st.integers(1, 2**61)
OPERATIONS = st.one_of(
    st.builds(Cpu, LENGTHS),
    st.builds(Io, LENGTHS, st.sampled_from(["", "disk", "net-0"])),
    st.just(Yield()),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cpu 30", Cpu(30_000_000)),
        ("CPU 30us", Cpu(30_000)),
        ("io 20", Io(20_000_000)),
        ("  io   0.5   disk ", Io(500_000, "disk")),
        ("yield", Yield()),
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


KNOWN = "operations are cpu, io, yield"


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
        ("cppu 3", f"did you mean 'cpu'? {KNOWN}; 'cppu' is none of them"),
        ("sleep 3", f"{KNOWN}; 'sleep' is none of them"),
        ("", f"{KNOWN}; '' is none of them"),
    ],
)
def test_refusals(text, message):
    """Each says what to write."""
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        parse_operation(text, "ms")
