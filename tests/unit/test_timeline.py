"""Who had which CPU when: what charts are drawn from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import schedsim as ss
from schedsim.timeline import (
    BLOCKED,
    HELD,
    IDLE,
    RUNS,
    SWITCH,
    SWITCHES,
    WAITS,
    Piece,
    columns_for,
    job_pieces,
    nice_step,
    shares,
    timeline,
)
from tests.simulations import written
from tests.unit.telling import trace_of

MS = 1_000_000


def lanes(run):
    """Return start, end and what for each piece, in ms."""
    return [
        [(piece.start // MS, piece.end // MS, piece.what) for piece in lane]
        for lane in timeline(run.trace).lanes
    ]


def test_idle_time_is_filled_in():
    """A CPU's pieces follow each other without gaps, from 0 to the end."""
    run = ss.run([("A", 2, 3), ("B", 9, 1)], "fcfs")
    assert [[(0, 2, IDLE), (2, 5, 0), (5, 9, IDLE), (9, 10, 1)]] == lanes(run)


def test_switching_is_a_piece():
    """A context switch stands before the slice that it leads to."""
    run = ss.run([("A", 0, 2), ("B", 0, 1)], "fcfs", switch_cost=1)
    assert [[(0, 2, 0), (2, 3, SWITCH), (3, 4, 1)]] == lanes(run)


def test_a_run_cut_off_ends_there():
    """With ``until`` the picture ends at it, even in the middle of a switch."""
    mix = [("A", 0, 2), ("B", 0, 9)]
    assert [[(0, 2, 0), (2, 5, 1)]] == lanes(ss.run(mix, "fcfs", until=5))
    assert [[(0, 2, 0), (2, 3, SWITCH)]] == lanes(ss.run(mix, "fcfs", until=3, switch_cost=4))
    assert [[(0, 1, IDLE)]] == lanes(ss.run([("A", 5, 1)], "fcfs", until=1))


def test_a_lane_for_each_cpu():
    """Each CPU has its own pieces, and all end together."""
    run = ss.run([("A", 0, 3), ("B", 1, 1)], "fcfs", cpus=2)
    assert [[(0, 3, 0)], [(0, 1, IDLE), (1, 2, 1), (2, 3, IDLE)]] == lanes(run)


def test_fresh_slices_can_be_joined():
    """A task alone has a slice for each quantum; joined they are one."""
    line = timeline(ss.run([("A", 0, 9)], "rr", quantum=4).trace)
    assert 3 == line.slices
    assert ([Piece(0, 9 * MS, 0)],) == line.joined().lanes
    assert 1 == line.joined().slices


def test_the_step_divides_every_boundary():
    """4, 8 and 9 are whole numbers of 1; 4, 8 and 10 of 2."""
    assert MS == timeline(ss.run([("A", 0, 9)], "rr", quantum=4).trace).step
    assert 2 * MS == timeline(ss.run([("A", 0, 10)], "rr", quantum=4).trace).step


def test_what_a_job_does():
    """Waiting, running, blocked, and the switch to it, from arrival to end."""
    mix = [{"id": "A", "program": "cpu 2; io 3; cpu 1"}, {"id": "B", "burst": 4}]
    run = ss.run(mix, "fcfs", switch_cost=1)
    found = [
        [(piece.start // MS, piece.end // MS, piece.what) for piece in job]
        for job in job_pieces(run.trace, 5, timeline(run.trace).end)
    ]
    assert found == [
        [(0, 2, RUNS), (2, 5, BLOCKED), (5, 7, WAITS), (7, 8, SWITCHES), (8, 9, RUNS)],
        [(0, 2, WAITS), (2, 3, SWITCHES), (3, 7, RUNS)],
    ]


def test_a_process_that_dies():
    """Its slice ends there, and so does what the job does; it need not be waited for until the cut-off."""
    rows = "0 arrived A\n0 arrived B\n0 dispatched A 0 -1\n2 failed A 0 2\n3 failed B -1 0"
    trace = written(rows, "A 0 cpu 3\nB 0 cpu 2", engine="real", until=9)
    line = timeline(trace)
    assert ([Piece(0, 2, 0), Piece(2, 3, IDLE)],) == line.lanes
    assert [[Piece(0, 2, RUNS)], [Piece(0, 3, WAITS)]] == job_pieces(trace, 5, line.end)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(-2, 3)), min_size=1, max_size=12), st.integers(1, 40)
)
def test_shares_add_up(lengths, columns):
    """Every column is filled, and each thing has in all columns together what it has in time."""
    pieces, now = [], 0
    for length, what in lengths:
        pieces.append(Piece(now, now + length, what))
        now += length
    found = shares(pieces, columns, now)
    assert [now] * columns == [sum(column.values()) for column in found]
    for what in {piece.what for piece in pieces}:
        in_time = sum(piece.end - piece.start for piece in pieces if piece.what == what)
        assert in_time * columns == sum(column.get(what, 0) for column in found)


def test_columns_are_a_whole_number_of_steps():
    """Equal times take equally many columns wherever there are enough."""
    line = timeline(ss.run([("A", 0, 9)], "rr", quantum=4).trace)
    assert 72 == columns_for(line, 79)
    assert 5 == columns_for(line, 5)


def test_round_steps():
    """1, 2 or 5 times a power of ten, also below the unit."""
    assert [2 * MS, 500 * MS, MS // 5] == [
        nice_step(17 * MS, MS, 10),
        nice_step(4999 * MS, MS, 10),
        nice_step(MS, MS, 5),
    ]


def test_a_job_that_is_not_admitted_yet():
    """Whoever asks is told so; else it waits."""
    run = ss.run([("A", 0, 3), ("B", 1, 2)], "fcfs", degree=1)
    end = timeline(run.trace).end
    told = job_pieces(run.trace, 2, end, held=HELD)
    assert [Piece(1 * MS, 3 * MS, HELD), Piece(3 * MS, 5 * MS, RUNS)] == told[1]
    assert [Piece(1 * MS, 3 * MS, WAITS), Piece(3 * MS, 5 * MS, RUNS)] == job_pieces(run.trace, 2, end)[1]


def test_a_job_whose_process_died_does_nothing_more():
    """Its lane ends there, wherever it was."""
    trace = written(
        """
        0 arrived A
        0 dispatched A 0 -1
        2 arrived B
        3 failed A 0 3
        3 dispatched B 0 -1
        5 finished B 0 2
        """,
        "A 0 cpu 9\nB 2 cpu 2",
    )
    assert [[Piece(0, 3, RUNS)], [Piece(2, 3, WAITS), Piece(3, 5, RUNS)]] == job_pieces(trace, 2, 5)


def test_a_job_that_is_killed_during_the_switch_to_it():
    """From 2 to 4 the CPU was to be switched to V: at 3 that is over, and the switch to W begins."""
    trace = trace_of("K 0 cpu 3; kill V; cpu 1\nU 0 cpu 2\nV 0 cpu 9\nW 0 cpu 1", cpus=2, switch_cost=2)
    assert [
        Piece(0, 2, 1),
        Piece(2, 3, SWITCH),
        Piece(3, 5, SWITCH),
        Piece(5, 6, 3),
    ] == timeline(trace).lanes[1]
    assert [
        [Piece(0, 2, WAITS), Piece(2, 3, SWITCHES)],
        [Piece(0, 3, WAITS), Piece(3, 5, SWITCHES), Piece(5, 6, RUNS)],
    ] == job_pieces(trace, 4, 6)[2:]
