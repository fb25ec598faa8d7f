"""Traces: five columns, one file, and slices out of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedsim.errors import HostError, TraceError
from schedsim.trace import GATHER, Header, Kind, Slice, Trace, TracedJob, slices

JOBS = (TracedJob("A", 0, program="cpu 5"), TracedJob("Bé", 3, priority=-2, nice=1, tickets=9, deadline=7))
FULL = Header(
    jobs=JOBS,
    algo="mlfq",
    options={"quanta": [1, 0.5], "queues": [{"priority": 1, "algo": "rr"}], "io_bump": True},
    mix="my mix",
    unit="us",
    cpus=3,
    degree=2,
    switch_cost=5,
    charge_first_switch=True,
    conventions="ostep",
    until=99,
    seed=-4,
    clairvoyant=True,
)
ROWS = st.tuples(
    st.integers(0, 2**62),
    st.sampled_from(Kind),
    st.integers(-1, 2**31 - 1),
    st.integers(-1, 2**15 - 1),
    st.integers(-1, 2**62),
)


def trace_of(rows, header=FULL):
    """Return a trace with these rows."""
    trace = Trace(header)
    for row in rows:
        trace.add(*row)
    return trace


def test_a_row_takes_23_bytes():
    """Time 8, kind 1, task 4, CPU 2, value 8."""
    assert 23 == Trace(FULL).bytes_per_row


def test_rows_come_back_as_they_went_in():
    """Also over the border at which gathered rows move into the columns."""
    rows = [
        (time, Kind(time % 16), time % 7 - 1, time % 5 - 1, time * 3 - 1) for time in range(GATHER // 5 + 9)
    ]
    trace = trace_of(rows)
    assert [len(rows), rows] == [len(trace), [tuple(row) for row in trace]]
    assert [list(column) for column in zip(*rows, strict=True)] == [
        list(column) for column in (trace.time, trace.kind, trace.task, trace.cpu, trace.value)
    ]


@given(rows=st.lists(ROWS, max_size=20))
def test_writing_and_reading_gives_the_same_trace(rows, tmp_path_factory):
    """Header and rows, whatever is in them."""
    path = tmp_path_factory.mktemp("trace") / "a.trace"
    trace = trace_of(rows)
    trace.write(path)
    assert trace == Trace.read(path)


def test_a_header_or_a_row_makes_another_trace():
    """Equality is of both."""
    trace = trace_of([(1, Kind.ARRIVED, 0, -1, 0)])
    assert trace == trace_of([(1, Kind.ARRIVED, 0, -1, 0)])
    assert trace != trace_of([(2, Kind.ARRIVED, 0, -1, 0)])
    assert trace != trace_of([(1, Kind.ARRIVED, 0, -1, 0)], FULL._replace(seed=5))
    assert trace != "trace"


def test_a_growing_trace_is_no_key():
    """It would be lost in its dictionary with the next row."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(Trace(FULL))


def test_the_repr():
    """One line."""
    assert "<Trace of 1 rows, 2 jobs, mlfq>" == repr(trace_of([(1, Kind.ARRIVED, 0, -1, 0)]))


class TestFile:
    """What is written, and what is refused."""

    def test_shape(self, tmp_path):
        """A header in JSON, the names of the columns, then a row a line."""
        path = tmp_path / "a.trace"
        trace_of([(1, Kind.ARRIVED, 0, -1, 0), (1, Kind.DISPATCHED, 0, 2, 4)]).write(path)
        first, *rest = path.read_text(encoding="utf-8").splitlines()
        assert first.startswith('{"jobs": [{"id": "A"')
        assert '"schema": "schedsim.trace/1"' in first
        assert ["time kind task cpu value", "1 arrived 0 -1 0", "1 dispatched 0 2 4"] == rest

    def test_whole_or_not_at_all(self, tmp_path):
        """A header that JSON cannot hold fails in the middle: the old file stays, and no other is left."""
        path = tmp_path / "a.trace"
        path.write_text("old")
        with pytest.raises(TypeError):
            Trace(FULL._replace(options={"x": object()})).write(path)
        assert ["old", [path]] == [path.read_text(), [*tmp_path.iterdir()]]

    def test_a_folder_that_is_not_there(self, tmp_path):
        """Named, with the system's reason."""
        path = tmp_path / "none" / "a.trace"
        with pytest.raises(HostError) as caught:
            Trace(FULL).write(path)
        assert f"{path}: cannot be written (No such file or directory)" == str(caught.value)

    def test_a_file_that_is_not_there(self, tmp_path):
        """Named."""
        with pytest.raises(TraceError, match="^" + re.escape(f"{tmp_path / 'none'}: cannot be read (")):
            Trace.read(tmp_path / "none")

    def test_bytes_that_are_no_text(self, tmp_path):
        """A picture, say."""
        path = tmp_path / "a.png"
        path.write_bytes(b"\x89PNG\xff\xfe")
        with pytest.raises(
            TraceError, match="^" + re.escape(f"{path}, line 1: no header of a schedsim trace")
        ):
            Trace.read(path)

    @pytest.mark.parametrize("line", ["", "time,kind", "[]", "{}", "5", '{"schema": "schedsim.trace/1"}'])
    def test_a_first_line_that_is_no_header(self, tmp_path, line):
        """Refused by its line, or by its schema."""
        path = tmp_path / "a.trace"
        path.write_text(line + "\n")
        with pytest.raises(TraceError) as caught:
            Trace.read(path)
        expected = (f"{path}, line 1: no header of a schedsim trace", f"{path}: schema None is not")
        assert str(caught.value).startswith(expected)

    def test_another_schema(self, tmp_path):
        """Of a later version, say."""
        path = tmp_path / "a.trace"
        path.write_text('{"schema": "schedsim.trace/9"}\n')
        with pytest.raises(TraceError) as caught:
            Trace.read(path)
        assert (
            f"{path}: schema 'schedsim.trace/9' is not 'schedsim.trace/1'; "
            "write the trace again with this version"
        ) == str(caught.value)

    @pytest.mark.parametrize(
        "line",
        [
            "3 expired 0 0",
            "3 expired 0 0 4 5",
            "3 exploded 0 0 4",
            "x expired 0 0 4",
            "1.5 expired 0 0 4",
            "",
        ],
    )
    def test_a_wrong_row(self, tmp_path, line):
        """Refused by its line in the file."""
        path = tmp_path / "a.trace"
        trace_of([(1, Kind.ARRIVED, 0, -1, 0)]).write(path)
        path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
        with pytest.raises(TraceError) as caught:
            Trace.read(path)
        expected = f"{path}, line 4: {line!r} is no row; a row is 'time kind task cpu value'"
        assert expected == str(caught.value)


class TestSlices:
    """One dispatch to the moment the task left the CPU."""

    def test_each_end_has_its_name(self):
        """Every kind that ends a slice, one after the other."""
        rows, expected = [], []
        for place, why in enumerate(
            ("expired", "preempted", "yielded", "renewed", "blocked", "finished", "stopped")
        ):
            start = place * 10
            rows += [(start, Kind.DISPATCHED, 0, 0, -1), (start + 4, Kind[why.upper()], 0, 0, 4)]
            expected.append(Slice("A", 0, start, start + 4, why))
        assert expected == slices(trace_of(rows))

    def test_a_slice_begins_when_the_switch_is_over(self):
        """Dispatched at 3, the switch lasts until 5."""
        rows = [
            (3, Kind.SWITCHED, 0, 1, 2), (3, Kind.DISPATCHED, 0, 1, -1), (9, Kind.FINISHED, 0, 1, 4)
        ]  # fmt: skip
        assert [Slice("A", 1, 5, 9, "finished")] == slices(trace_of(rows))

    def test_a_dispatch_that_was_taken_back_is_none(self):
        """Preempted at the end of the switch, without having run."""
        rows = [
            (3, Kind.SWITCHED, 0, 0, 2), (3, Kind.DISPATCHED, 0, 0, -1), (5, Kind.PREEMPTED, 0, 0, 0)
        ]  # fmt: skip
        assert [] == slices(trace_of(rows))

    def test_in_order_of_start_then_cpu(self):
        """Not of the ends, in which they are found."""
        rows = [
            (0, Kind.DISPATCHED, 0, 0, -1),
            (0, Kind.DISPATCHED, 1, 1, -1),
            (2, Kind.FINISHED, 1, 1, 2),
            (5, Kind.FINISHED, 0, 0, 5),
        ]
        assert [("A", 0), ("Bé", 1)] == [(piece.job, piece.cpu) for piece in slices(trace_of(rows))]

    def test_an_arrival_that_blocks_ends_no_slice(self):
        """A program that begins with I/O has no CPU to leave."""
        assert [] == slices(trace_of([(0, Kind.ARRIVED, 0, -1, 0), (0, Kind.BLOCKED, 0, -1, 0)]))
