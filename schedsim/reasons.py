"""Why this task and not another, in the words of each policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from schedsim.policies.edf import NO_DEADLINE
from schedsim.policies.parameters import hash64
from schedsim.times import UNITS, Ns, show

if TYPE_CHECKING:
    from schedsim.explain import Candidate, Decision
    from schedsim.policies.base import Policy

_MOST_NAMES: Final = 6

Value = Callable[["Candidate"], str]


def reason_words(decision: Decision, policy: Policy, unit: str) -> str:
    """Return why the first of the decision's candidates was dispatched."""
    chosen = decision.candidates[0]
    words = _WORDS.get(_own_name(policy), _any_policy)(decision, policy, unit)
    if decision.ready == 1 and _own_name(policy) != "lottery":
        return f"only {chosen.id} is ready"
    return words


def preemption_words(decision: Decision, policy: Policy, unit: str, came: str) -> str:
    """Return why the candidate takes the CPU from the victim; ``came`` says how it became ready just now."""
    chosen, victim = decision.candidates[0], decision.victim
    if victim is None:
        return reason_words(decision, policy, unit)
    trait = _TRAITS.get(_own_name(policy), _rank)
    own, other = trait(chosen, policy, unit), trait(victim, policy, unit)
    if chosen.rank == victim.rank and own == other:
        arrival = f"{came} and put" if came else "is put"
        return f"{chosen.id} {arrival} in front of {victim.id} (both have {own}), and preempts it"
    has = f"{came} with" if came else "has"
    return f"{chosen.id} {has} {own} and preempts {victim.id}, which has {other}"


def _own_name(policy: Policy) -> str:
    """Return the name of a policy that ships; a user's own has its own rules, whatever it is called."""
    return policy.name if type(policy).__module__.startswith("schedsim.policies.") else ""


# What a candidate is judged by, for the sentence of a preemption.


def _rank(candidate: Candidate, policy: Policy, unit: str) -> str:
    del policy, unit
    return f"rank {candidate.rank}"


def _left(candidate: Candidate, policy: Policy, unit: str) -> str:
    return f"{_left_value(policy, unit)(candidate)} left"


def _left_value(policy: Policy, unit: str) -> Value:
    fact = "remaining" if getattr(policy, "remaining", "burst") == "burst" else "cpu_left"
    return lambda candidate: show(candidate.facts[fact], unit)


def _priority(candidate: Candidate, policy: Policy, unit: str) -> str:
    shown, colon, why = _priority_value(policy, unit)(candidate).partition(": ")
    return f"priority {shown} ({why})" if colon else f"priority {shown}"


def _priority_value(policy: Policy, unit: str) -> Value:
    """Return what shows a priority, with what waiting made of it."""
    sign = 1 if getattr(policy, "priority_order", "low-first") == "low-first" else -1
    ageing = getattr(policy, "ageing", 0)

    def value(candidate: Candidate) -> str:
        own, now = candidate.facts["priority"], sign * candidate.rank
        if "lent" in candidate.facts:
            return f"{now}: inherited"
        if own == now:
            return str(own)
        steps = abs(own - now)
        return f"{now}: {own}, improved by {steps} for waiting {show(steps * ageing, unit)}"

    return value


def _level(candidate: Candidate, policy: Policy, unit: str) -> str:
    del policy, unit
    return f"level {candidate.facts['level']}"


def _queue_of(candidate: Candidate, policy: Policy, unit: str) -> str:
    del policy, unit
    return f"queue {candidate.facts['priority']}"


def _virtual_time(candidate: Candidate, policy: Policy, unit: str) -> str:
    del policy
    return f"virtual time {_rounded(candidate.facts['vtime'] / UNITS[unit], 2)}"


def _deadline(candidate: Candidate, policy: Policy, unit: str) -> str:
    del policy
    return "no deadline" if candidate.rank == NO_DEADLINE else f"the deadline {show(candidate.rank, unit)}"


def _queue_level(candidate: Candidate, policy: Policy, unit: str) -> str:
    del policy, unit
    return f"queue {candidate.facts['level']}"


_TRAITS: Final[dict[str, Callable[[Candidate, Policy, str], str]]] = {
    "srtf": _left,
    "priority": _priority,
    "priority-rr": _priority,
    "mlq": _queue_of,
    "mlfq": _level,
    "cfs": _virtual_time,
    "edf": _deadline,
}


# Why the first candidate is the first.


def _names(candidates: tuple[Candidate, ...], count: int) -> str:
    """Return the names, the first few of ``count``."""
    names = ", ".join(candidate.id for candidate in candidates[:_MOST_NAMES])
    more = count - min(len(candidates), _MOST_NAMES)
    return f"{names} and {more:,} more" if more else names


def _in_turn(decision: Decision, words: str) -> str:
    chosen = decision.candidates[0]
    return f"{chosen.id} is {words}: {_names(decision.candidates, decision.ready)}"


def _first(decision: Decision, policy: Policy, unit: str) -> str:
    del policy, unit
    return _in_turn(decision, "first in the queue")


def _next(decision: Decision, policy: Policy, unit: str) -> str:
    del policy, unit
    return _in_turn(decision, "next in the queue")


def _by(decision: Decision, noun: str, value: Value, sum_: str = "") -> str:
    """Return that the chosen has the best ``noun``, before whom, and how a tie was settled.

    ``sum_`` shows how the chosen's value comes about, where that is not plain.
    """
    chosen, *others = decision.candidates
    own = f", {sum_}" if sum_ else f" ({value(chosen)})"
    tied = [other for other in others if other.rank == chosen.rank]
    worse = others[len(tied) :]
    unseen = decision.ready - len(decision.candidates)
    if tied:
        who = [chosen.id, *(other.id for other in tied[:_MOST_NAMES])]
        settled = "is at the head" if chosen.facts["place"] < 0 else "joined first"
        words = f"{', '.join(who[:-1])} and {who[-1]} have the {noun}{own}; tie, {chosen.id} {settled}"
        if len(tied) > _MOST_NAMES:
            unseen += len(tied) - _MOST_NAMES
    else:
        words = f"{chosen.id} has the {noun}{own}"
    if worse:
        unseen += max(0, len(worse) - _MOST_NAMES)
        listed = ", ".join(f"{other.id} ({value(other)})" for other in worse[:_MOST_NAMES])
        words += f", before {listed}"
    return words + (f" and {unseen:,} more" if unseen else "")


def _told_apart(decision: Decision, number: Callable[[Candidate], float]) -> Value:
    """Return what shows the candidates' numbers with as many digits as it takes to tell ranks apart."""
    digits = 2
    ranks = {candidate.rank for candidate in decision.candidates}
    while digits < 9 and len({f"{number(each):.{digits}f}" for each in decision.candidates}) < len(ranks):
        digits += 1
    return lambda candidate: _rounded(number(candidate), digits)


def _rounded(number: float, digits: int) -> str:
    shown = f"{number:.{digits}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _shortest(decision: Decision, policy: Policy, unit: str) -> str:
    del policy
    guess = "estimated " if any(each.facts["estimated"] for each in decision.candidates) else ""
    return _by(decision, f"shortest {guess}burst", lambda each: show(each.facts["burst"], unit))


def _least_left(decision: Decision, policy: Policy, unit: str) -> str:
    guess = "estimated " if any(each.facts["estimated"] for each in decision.candidates) else ""
    return _by(decision, f"least {guess}time left", _left_value(policy, unit))


def _ratio(decision: Decision, policy: Policy, unit: str) -> str:
    del policy
    chosen = decision.candidates[0]

    def ratio(candidate: Candidate) -> float:
        burst = max(1, candidate.facts["burst"])
        return (decision.time - candidate.ready_since + burst) / burst

    value = _told_apart(decision, ratio)
    burst, waited = show(chosen.facts["burst"], unit), show(decision.time - chosen.ready_since, unit)
    sum_ = f"({waited} + {burst}) / {burst} = {value(chosen)}"
    return _by(decision, "highest response ratio", value, sum_)


def _best_priority(decision: Decision, policy: Policy, unit: str) -> str:
    return _by(decision, "best priority", _priority_value(policy, unit))


def _highest_level(decision: Decision, policy: Policy, unit: str) -> str:
    del unit
    kind = "queue" if policy.name == "feedback" else "level"
    chosen = decision.candidates[0]
    same = tuple(each for each in decision.candidates if each.rank == chosen.rank)
    below = [each for each in decision.candidates if each.rank != chosen.rank]
    unseen = decision.ready - len(decision.candidates)
    count = len(same) + (0 if below else unseen)
    words = f"{chosen.id} is first in {kind} {chosen.facts['level']}, the best that is not empty"
    if count > 1:
        words += f": {_names(same, count)}"
    if below:
        listed = ", ".join(f"{each.id} ({kind} {each.facts['level']})" for each in below[:_MOST_NAMES])
        more = max(0, len(below) - _MOST_NAMES) + unseen
        words += f"; below it {listed}" + (f" and {more:,} more" if more else "")
    return words


def _best_queue(decision: Decision, policy: Policy, unit: str) -> str:
    chosen = decision.candidates[0]
    queues: dict[int, Policy] = dict(getattr(policy, "queues", ()))
    number = chosen.facts["priority"]
    same = tuple(each for each in decision.candidates if each.facts["priority"] == number)
    below = [each for each in decision.candidates if each.facts["priority"] != number]
    unseen = decision.ready - len(decision.candidates)
    count = len(same) + (0 if below else unseen)
    words = f"queue {number} is the best that is not empty"
    if count > 1:
        own = queues.get(number)
        inner = decision._replace(
            candidates=tuple(each._replace(rank=each.rank[-1]) for each in same), ready=count
        )
        words += ", and there " + (
            _next(inner, policy, unit) if own is None else reason_words(inner, own, unit)
        )
    else:
        words += f", and only {chosen.id} is in it"
    if below:
        listed = ", ".join(f"{each.id} (queue {each.facts['priority']})" for each in below[:_MOST_NAMES])
        more = max(0, len(below) - _MOST_NAMES) + unseen
        words += f"; below it {listed}" + (f" and {more:,} more" if more else "")
    return words


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _draw(decision: Decision, policy: Policy, unit: str) -> str:
    del unit
    draws: tuple[int, ...] = getattr(policy, "draws", ())
    raw = draws[decision.number] if draws else hash64(getattr(policy, "seed", 0), decision.number)

    def held(candidate: Candidate) -> str:
        first = candidate.facts["before"]
        last = first + candidate.facts["tickets"] - 1
        return f"{first} to {last}" if last > first else f"{first}"

    chosen, *others = decision.candidates
    others.sort(key=lambda each: each.facts["before"])
    tickets = _count(decision.tickets, "ticket")
    words = f"draw {raw % decision.tickets} of {tickets}: {chosen.id} holds {held(chosen)}"
    if others:
        listed = ", ".join(f"{each.id} {held(each)}" for each in others[:_MOST_NAMES])
        more = decision.ready - 1 - min(len(others), _MOST_NAMES)
        words += f"; {listed}" + (f" and {more:,} more" if more else "")
    return words


def _least_pass(decision: Decision, policy: Policy, unit: str) -> str:
    return _by(decision, "least pass", lambda each: _pass(each, policy, unit))


def _pass(candidate: Candidate, policy: Policy, unit: str) -> str:
    del unit
    quantum = getattr(policy, "quantum", 1)
    whole, rest = divmod(candidate.rank, quantum)
    return f"{whole + rest / quantum:.2f}" if rest else str(whole)


def _least_virtual_time(decision: Decision, policy: Policy, unit: str) -> str:
    del policy
    value = _told_apart(decision, lambda each: each.rank / UNITS[unit])
    return _by(decision, "least virtual time", value)


def _earliest_deadline(decision: Decision, policy: Policy, unit: str) -> str:
    if decision.candidates[0].rank == NO_DEADLINE:
        return _next(decision, policy, unit)  # and so nobody else has one either
    return _by(
        decision,
        "earliest deadline",
        lambda each: "none" if each.rank == NO_DEADLINE else show(each.rank, unit),
    )


def _any_policy(decision: Decision, policy: Policy, unit: str) -> str:
    """Return a reason for a user's policy: its ranks, or the queue if it has none."""
    if "rank" not in policy.hooks():
        return _next(decision, policy, unit)

    def value(candidate: Candidate) -> str:
        rank: Any = candidate.rank
        return ", ".join(map(str, rank)) if isinstance(rank, tuple) else str(rank)

    return _by(decision, "lowest rank", value)


_WORDS: Final[dict[str, Callable[[Decision, Policy, str], str]]] = {
    "fcfs": _first,
    "sjf": _shortest,
    "srtf": _least_left,
    "hrrn": _ratio,
    "rr": _next,
    "priority": _best_priority,
    "priority-rr": _best_priority,
    "mlq": _best_queue,
    "mlfq": _highest_level,
    "feedback": _highest_level,
    "lottery": _draw,
    "stride": _least_pass,
    "cfs": _least_virtual_time,
    "edf": _earliest_deadline,
}


# What gives a ready task its place.


def standing_words(candidate: Candidate, policy: Policy, unit: str, now: Ns) -> str:
    """Return in few words what gave a task its place in the ready queue at ``now``.

    It is nothing where that is the order of joining alone.
    """
    own = _own_name(policy)
    if own == "hrrn":
        burst = max(1, candidate.facts["burst"])
        return f"ratio {(now - candidate.ready_since + burst) / burst:.2f}"
    if own:
        words = _STANDINGS.get(own)
        return "" if words is None else words(candidate, policy, unit)
    return f"rank {candidate.rank}" if "rank" in policy.hooks() else ""


_STANDINGS: Final[dict[str, Callable[[Candidate, Policy, str], str]]] = {
    **_TRAITS,
    "sjf": lambda candidate, policy, unit: f"burst {show(candidate.facts['burst'], unit)}",
    "feedback": _queue_level,
    "edf": lambda candidate, policy, unit: _deadline(candidate, policy, unit).removeprefix("the "),
    "lottery": lambda candidate, policy, unit: _count(candidate.facts["tickets"], "ticket"),
    "stride": lambda candidate, policy, unit: f"pass {_pass(candidate, policy, unit)}",
}
