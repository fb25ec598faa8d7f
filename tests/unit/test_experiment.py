"""One call each: which option goes where, and what wins."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim.errors import UsageError
from schedsim.experiment import configure, prepare
from schedsim.jobs import PolicyChoice
from schedsim.policies import NAMES
from tests.unit.playing import mix_of, schedule

MIX = mix_of("A 0 9\nB 2 3")
MS = 1_000_000


class TestRouting:
    """Options of the mix, of the policy, and for both."""

    def test_options_of_the_mix_and_of_the_policy(self):
        """Each goes where it belongs; synonyms and dashes are understood."""
        options = {
            "cpus": "2", "degree": 3, "switch-cost": "1us", "first_switch_charged": "yes",
            "conventions": "ostep", "horizon": 40, "quantum": 4, "seed": "-7", "tickets": None, "grace": 3,
        }  # fmt: skip
        mix, rest, seed = configure(MIX, options)
        assert (2, 3, 1000, True, "ostep", 40, 3) == (
            mix.cpus, mix.degree, mix.switch_cost, mix.charge_first_switch, mix.conventions, mix.until, mix.grace
        )  # fmt: skip
        assert [{"quantum": 4}, -7] == [rest, seed]

    @pytest.mark.parametrize(
        "tickets", [{"A": 3, "B": "2"}, "A=3/B=2", "A:3, B:2", '{"A": 3, "B": 2}'], ids=repr
    )
    def test_tickets_by_job(self, tickets):
        """As a mapping, as its JSON, and in short."""
        assert [3, 2] == [job.tickets for job in configure(MIX, {"tickets": tickets})[0].jobs]

    def test_tickets_leave_other_jobs_alone(self):
        """Only A's are said."""
        assert [3, 1] == [job.tickets for job in configure(MIX, {"tickets": "A=3"})[0].jobs]

    @pytest.mark.parametrize(
        ("option", "value", "message"),
        [
            ("cpus", 0, "cpus is 0; write 1 or more (at most 1024)"),
            ("cpus", 1025, "cpus is 1025; write 1 or more (at most 1024)"),
            ("cpus", "two", "cpus is 'two'; write a whole number"),
            ("cpus", 1.5, "cpus is 1.5; write a whole number"),
            ("cpus", True, "cpus is True; write a whole number"),
            ("degree", 0, "degree is 0; write 1 or more"),
            ("switch_cost", -1, "switch_cost is -1; write 0 or more"),
            ("switch_cost", "x", "switch_cost: 'x' is not a time; write a number such as 4 or 20us"),
            ("grace", -1, "grace is -1; write 0 or more"),
            ("until", 0, "until is 0; write more than 0"),
            ("conventions", "mine", "conventions 'mine' are not known; write textbook or ostep"),
            ("charge_first_switch", "maybe", "charge_first_switch is 'maybe'; write true or false"),
            ("seed", "x", "seed is 'x'; write a whole number"),
            ("tickets", 5, "tickets is 5; write for instance tickets=A=3/B=2"),
            ("tickets", "Z=5", "tickets names 'Z', and there is no such job in mix"),
            ("tickets", "A=0", "tickets of 'A' is 0; write 1 or more"),
            ("tickets", "A=x", "tickets is 'x'; write a whole number"),
        ],
    )
    def test_values_that_cannot_be(self, option, value, message):
        """The option, the value and what to write."""
        with pytest.raises(UsageError) as caught:
            configure(MIX, {option: value})
        assert message == str(caught.value)

    def test_the_seed_goes_to_a_policy_that_draws(self):
        """And is noted in the trace, whatever the policy."""
        assert ss.Lottery(quantum=ss.ns(1), seed=5) == prepare(MIX, "lottery", {"seed": 5})[1]
        assert 5 == ss.run(MIX, "rr", seed=5).trace.header.seed


class TestWhichPolicy:
    """What the mix says, and what the caller says."""

    SAYS = MIX._replace(policies=(PolicyChoice("mlfq", {"quanta": [1, 2]}), PolicyChoice("rr", {"q": 3})))

    def test_a_mix_that_says_nothing_is_run_by_round_robin(self):
        """So that one can begin at once."""
        assert ("rr", {"quantum": 4}) == (ss.run(MIX).algo, ss.run(MIX).options)

    def test_the_first_policy_of_the_mix(self):
        """Without any from the caller."""
        assert ("mlfq", [1, 2]) == (ss.run(self.SAYS).algo, ss.run(self.SAYS).options["quanta"])

    def test_what_the_mix_says_of_the_named_policy_stands(self):
        """By any of its names."""
        assert [{"quantum": 3}] * 2 == [ss.run(self.SAYS, algo).options for algo in ("rr", "round-robin")]

    def test_the_caller_wins(self):
        """In the text, or by an option."""
        assert [{"quantum": 5}, {"quantum": 6}] == [
            ss.run(self.SAYS, "rr:quantum=5").options, ss.run(self.SAYS, "rr", quantum=6).options
        ]  # fmt: skip

    def test_a_policy_object(self):
        """It has its options already."""
        policy = ss.RoundRobin(quantum=ss.ns(2))
        assert {"quantum": 2} == ss.run(MIX, policy).options
        with pytest.raises(UsageError) as caught:
            ss.run(MIX, policy, quantum=3)
        assert "a policy object has its options already; leave 'quantum' out" == str(caught.value)

    def test_periods_are_not_released_again_yet(self):
        """Rather than run such jobs once, without a word."""
        mix = MIX._replace(jobs=tuple(job._replace(period=50) for job in MIX.jobs))
        with pytest.raises(UsageError) as caught:
            ss.run(mix, "rr")
        expected = "jobs with a period are not released again in this version; leave the period out"
        assert expected == str(caught.value)


class TestNotes:
    """A run whose answer would differ under the other conventions says so."""

    @pytest.mark.parametrize(("here", "other"), [("textbook", "ostep"), ("ostep", "textbook")])
    def test_an_answer_that_depends_on_the_conventions(self, here, other):
        """B arrives as A's quantum ends."""
        mix = mix_of("A 0 5\nB 2 3")
        assert (
            f"the answer depends on the conventions: {here} here; {other} gives another schedule",
        ) == ss.run(mix, "rr", quantum=2, conventions=here).notes

    def test_one_that_does_not(self):
        """Nothing meets at one instant."""
        assert () == ss.run(MIX, "rr", quantum=5).notes

    def test_not_asked_for(self):
        """The second run costs as much as the first."""
        assert () == ss.run(mix_of("A 0 5\nB 2 3"), "rr", quantum=2, notes=False).notes


class TestCompare:
    """Many policies on one mix."""

    def test_all_of_them(self):
        """None named: every one, in the order of the list."""
        assert [*NAMES] == [run.algo for run in ss.compare(MIX).runs]

    def test_those_of_the_mix(self):
        """None named, and the mix names some."""
        assert ["mlfq", "rr"] == [run.algo for run in ss.compare(TestWhichPolicy.SAYS).runs]

    def test_options_go_to_the_policies_that_have_them(self):
        """FCFS has no quantum."""
        runs = ss.compare(MIX, ["fcfs", "rr", "lottery"], quantum=2).runs
        assert [None, 2, 2] == [run.options.get("quantum") for run in runs]

    def test_an_option_that_none_has(self):
        """It is refused: a slip of the pen would go unseen."""
        with pytest.raises(UsageError) as caught:
            ss.compare(MIX, ["fcfs", "rr"], quantm=2)
        assert "none of these policies has the option 'quantm'" == str(caught.value)

    def test_options_of_one_win_over_those_of_all(self):
        """What a PolicyChoice says is said of it alone."""
        choices = [PolicyChoice("rr", {"quantum": 1}), PolicyChoice("rr")]
        assert [1, 3] == [run.options["quantum"] for run in ss.compare(MIX, choices, quantum=3).runs]

    def test_options_of_the_mix_hold_for_all(self):
        """Two CPUs: both jobs run at once under either."""
        runs = ss.compare(MIX, ["fcfs", "sjf"], cpus=2).runs
        assert ["A 0-9 B 2-5"] * 2 == [schedule(run) for run in runs]

    def test_progress(self):
        """Before each run: how many are done, of how many, and what comes."""
        seen = []
        ss.compare(MIX, ["fcfs", "rr:q=2"], progress=lambda *said: seen.append(said))
        assert [(0, 2, "fcfs"), (1, 2, "rr")] == seen
