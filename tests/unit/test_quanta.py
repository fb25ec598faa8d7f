"""The sweep of the quantum: which quanta are tried, with what, and what is refused."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim.errors import UsageError
from schedsim.jobs import PolicyChoice
from schedsim.quanta import quanta_for


def quanta_of(comparison):
    """Return the quanta of the runs."""
    return [run.options["quantum"] for run in comparison.runs]


def test_whole_units_up_to_the_longest_burst():
    """Beyond it round robin is FCFS, so nothing changes any more."""
    assert [1, 2, 3, 4, 5, 6, 7] == quanta_of(ss.sweep_quantum("silberschatz-quantum"))
    last = ss.sweep_quantum("silberschatz-quantum").runs[-1]
    assert last.means == ss.run("silberschatz-quantum", "fcfs").means


def test_a_last_quantum_between_units():
    """The longest burst itself is the last one."""
    assert [1, 2, 2.5] == quanta_of(ss.sweep_quantum([("A", 0, 2.5), ("B", 0, 1)]))


def test_far_bursts_are_covered_by_ratio():
    """From a fraction of the longest burst on, ever wider apart."""
    found = [length / 1e6 for length in quanta_for(ss.load([("A", 0, 100), ("B", 0, 1)]))]
    assert [0.5, 0.6, 0.8, 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10] == found[:14]
    assert 100 == found[-1]
    assert found == sorted(set(found))


def test_no_quantum_below_the_switch_cost():
    """Who takes longer to switch than to work learns nothing new from working even less."""
    mix = ss.load([("A", 0, 100), ("B", 0, 1)])._replace(switch_cost=2_000_000)
    assert min(quanta_for(mix)) == 2_000_000


def test_the_number_of_slices_is_bounded():
    """A large mix is not cut into millions of them unasked."""
    mix = ss.generate(1000, seed=1, burst="constant:value=1000")
    total = sum(job.cpu for job in mix.jobs)
    assert all(total / length <= 300_000 for length in quanta_for(mix))


def test_quanta_that_are_given():
    """In order, each once; with units, too."""
    assert [0.5, 1, 4] == quanta_of(ss.sweep_quantum("first", ["4", 1, "500us", 1]))


def test_options_go_to_every_run():
    """Of the machine and of the policy."""
    comparison = ss.sweep_quantum("first", [1, 2], "priority-rr", switch_cost=0.5, cpus=2)
    assert {(500_000, 2)} == {
        (run.trace.header.switch_cost, run.trace.header.cpus) for run in comparison.runs
    }
    assert {"priority-rr"} == {run.algo for run in comparison.runs}


def test_each_run_is_that_of_run():
    """The sweep is a loop and nothing else."""
    for run in ss.sweep_quantum("silberschatz-quantum", [1, 3], switch_cost=0.1).runs:
        alone = ss.run("silberschatz-quantum", "rr", quantum=run.options["quantum"], switch_cost=0.1)
        assert alone.trace == run.trace


def test_a_policy_of_ones_own():
    """Anything with a quantum can be swept: a class, an object, a choice."""

    class Mine(ss.RoundRobin):
        """Round robin."""

    assert [1, 2] == quanta_of(ss.sweep_quantum("first", [1, 2], Mine))
    assert [1, 2] == quanta_of(ss.sweep_quantum("first", [1, 2], Mine(quantum=ss.ms(9))))
    assert [1, 2] == quanta_of(ss.sweep_quantum("first", [1, 2], PolicyChoice("rr")))


def test_progress_is_told():
    """Before each run: how many are done, of how many."""
    told = []
    ss.sweep_quantum("first", [1, 2], progress=lambda done, total, name: told.append((done, total, name)))
    assert [(0, 2, "rr"), (1, 2, "rr")] == told


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("first", None, "fcfs"), {}, "fcfs has no quantum; draw one that has, such as rr"),
        (
            ("first",),
            {"quantum": 3},
            "the quantum is what is varied here; leave it out, and give quanta if not all",
        ),
        (("first", None, "rr:quantum=3"), {}, "the quantum is what is varied here; leave it out"),
        (("first", None, {"algo": "rr", "quantum": 3}), {}, "the quantum is what is varied here"),
        (("first", [1, 0]), {}, "quanta has 0; write lengths above 0"),
        (("first", ["soon"]), {}, "quanta: 'soon' is not a time; write a number such as 4 or 20us"),
        (("first", []), {}, "quanta is empty; write some, as in 1/2/4/8"),
    ],
)
def test_what_cannot_be_swept_is_refused(arguments, options, message):
    """In one sentence that says what to write."""
    with pytest.raises(UsageError) as caught:
        ss.sweep_quantum(*arguments, **options)
    assert message in str(caught.value)


def test_bursts_that_nobody_knows():
    """A generator's bursts are known when it has run; quanta have to be given."""

    def program():
        yield ss.Cpu(ss.ms(3))

    mix = ss.Mix((ss.Job("A", 0, program),))
    with pytest.raises(UsageError, match="the bursts of mix are not known beforehand; give quanta"):
        ss.sweep_quantum(mix)
    assert 2 == len(ss.sweep_quantum(mix, [1, 2]).runs)
