"""The lab ``tickets``."""

from __future__ import annotations

import multiprocessing
from types import SimpleNamespace

import pytest

from schedsim.labs import tickets
from schedsim.labs.tickets import COUNTER, INTERVAL, MOST, OVERSOLD, WAITED, WITH, WITHIN, WITHOUT_LOCK, check

WITHOUT = [
    {f"{WITHOUT_LOCK}: {OVERSOLD}": 0},
    {f"{WITHOUT_LOCK}: {OVERSOLD}": 100},
    {f"{WITHOUT_LOCK}: {MOST}": 2},
    {f"{WITHOUT_LOCK}: {COUNTER}": -1},
    {f"{WITH}: {OVERSOLD}": 0.5, f"{WITH}: {MOST}": 3},
    {f"{WITH}: {WAITED}": 0},
]


def sold(draw, *, locked):
    """Return how many tickets a round sells, the counter after it, and how long was waited for the lock."""
    made = tickets.one_round(draw, locked=locked)
    return made.sold, made.counter, made.waited


@pytest.mark.parametrize(
    ("draw", "without", "with_one"),
    [
        # Everybody comes when the one before has gone.
        pytest.param(((1000, 500), (2000, 500), (3000, 500), (4000, 500)), (2, 0, 0), (2, 0, 0), id="apart"),
        # The second looks while the first thinks: both write 1, so there is one more for the third.
        pytest.param(
            ((1000, 500), (1200, 500), (3000, 500), (4000, 500)), (3, 0, 0), (2, 0, 0.3), id="two meet"
        ),
        # All look before anybody has written; with a lock they wait 400, 300 + 500, 200 + 500 + 0.
        pytest.param(
            ((1000, 500), (1100, 500), (1200, 500), (1300, 500)), (4, 1, 0), (2, 0, 1.9), id="all meet"
        ),
    ],
)
def test_rounds_worked_by_hand(draw, without, with_one):
    """How many are sold, what the counter says, how long the lock is waited for."""
    assert without == sold(draw, locked=False)
    assert with_one == pytest.approx(sold(draw, locked=True))


def test_whoever_does_not_think_sells_no_more_than_there_are(monkeypatch):
    """Without a delay there is no race, and this is seen."""
    monkeypatch.setattr(tickets, "THINKS", (1, 1))
    missing = list(check(tickets.simulate(None).values))
    assert "without a lock it is not now and then that too many are sold" in missing


def test_a_simulation_that_is_off_is_seen():
    """Where its share does not lie in the interval around the real one."""
    values = {**tickets.simulate(None).values, INTERVAL: "60.0 to 70.0", WITHIN: "no"}
    assert ["the simulated share does not lie in the interval around the real one, 60.0 to 70.0 %"] == list(
        check(values)
    )


def test_every_round_has_a_seed_of_its_own():
    """So it can be named and made alone; and no two runs of the lab have one in common."""
    assert [*range(200, 400)] == [*tickets.seeds(None)] == [*tickets.seeds(1)]
    assert [*range(1400, 1600)] == [*tickets.seeds(7)]
    assert [tickets.draw(each) for each in range(1400, 1600)] == tickets.draws(7)
    assert 200 == len({*tickets.draws(7)})
    assert not {*tickets.draws(7)} & {*tickets.draws(8)}


def test_the_worst_round_is_named():
    """By its seed, with which it comes out again."""
    found = tickets.simulate(7)
    (said,) = found.details
    number = int(said.rpartition(" ")[2])
    alone = tickets.one_round(tickets.draw(number), locked=False)
    assert said == f"without a lock: the worst round is that with seed {number}"
    assert found.values[f"{WITHOUT_LOCK}: {MOST}"] == alone.sold
    assert found.values[f"{WITHOUT_LOCK}: {COUNTER}"] == alone.counter


class LateSleeper:
    """Wakes up a tenth of a millisecond late, always, by a clock that stands still meanwhile."""

    late = 1e-4

    def __init__(self, clock):
        """Look at that clock."""
        self.clock = clock

    def until(self, moment):
        """Be woken up."""
        self.clock.now = max(self.clock.now, moment) + self.late


@pytest.mark.parametrize("locked", [False, True])
def test_who_is_woken_up_late_each_time_does_not_think_for_longer(locked, monkeypatch, tmp_path):
    """From the look to the purchase it is as long as was drawn, so that nobody else looks who would not in the simulation."""
    clock = SimpleNamespace(now=5.0)
    clock.monotonic = lambda: clock.now
    sleeper = LateSleeper(clock)
    done: list[float] = []
    look, buy = tickets._read, tickets._write

    def noted(does):
        def does_it(*arguments):
            done.append(clock.now)
            return does(*arguments)

        return does_it

    monkeypatch.setattr(tickets, "time", clock)
    monkeypatch.setattr(tickets, "Sleeper", lambda late, place: sleeper)
    monkeypatch.setattr(tickets, "_read", noted(look))
    monkeypatch.setattr(tickets, "_write", noted(buy))
    rounds = SimpleNamespace(late=None, of=lambda place: iter([(place, 5.0)]))
    table = [0.0], [0.0]
    with (tmp_path / "tickets").open("w+b") as file:
        buy(file.fileno(), 2)
        plan = [(locked, (3_000, 700))]
        tickets._buys(0, file.fileno(), multiprocessing.get_context("fork").Lock(), rounds, table, plan)
        assert 1 == look(file.fileno())
    looked, bought = done
    # With a lock nobody looks meanwhile, so it does not matter; there it thinks from when it has the lock.
    assert bought - looked == pytest.approx(7e-4 + locked * sleeper.late)
    assert table[0] == pytest.approx([0.7 + sleeper.late * 1e3 * (1 + locked)])
