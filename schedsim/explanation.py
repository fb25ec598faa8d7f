"""Decisions in words: why each dispatch, as a student would write it in an exam."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.deadlock import deadlock_of, headline
from schedsim.happenings import ADMITTED, ARRIVES, FROM_IO, Happenings
from schedsim.reasons import preemption_words, reason_words
from schedsim.summary import policy_words
from schedsim.tables import Column, Page, Table, listed, plain, text
from schedsim.times import Ns, show, to_unit
from schedsim.trace import ENDED, ENDS_SLICE, Kind, Row, Trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schedsim.deadlock import Deadlock
    from schedsim.explain import Candidate, Decision
    from schedsim.happenings import Came
    from schedsim.policies.base import Policy


class Said(NamedTuple):
    """One line: something that happened, or a dispatch and why."""

    time: Ns
    cpu: int
    """-1 for what concerns no CPU."""
    job: str
    """Whom it is about; ``""``: all."""
    words: str
    decision: Decision | None = None
    """The dispatch that it explains, if it does."""

    def concerns(self, job: str) -> bool:
        """Return whether the line is about ``job``, or about a choice in which it was not taken."""
        if self.job in (job, ""):
            return True
        seen = () if self.decision is None else self.decision.candidates
        return any(candidate.id == job for candidate in seen)


class Explanation:
    """Why each dispatch of one run. Shows itself as text in a terminal and as HTML in a notebook."""

    def __init__(
        self,
        trace: Trace,
        policy: Policy,
        decisions: list[Decision],
        *,
        at: Ns | None = None,
        job: str | None = None,
    ) -> None:
        """Put ``decisions`` of the run that ``trace`` tells into words, narrowed to ``at`` and ``job``."""
        self.trace, self.policy, self.at, self.job = trace, policy, at, job
        everything = list(story(trace, policy, decisions))
        if at is not None:
            self.lines = _at(everything, trace, at)
        elif job is None:
            self.lines = [said for said in everything if said.decision is not None or not said.job]
        else:
            self.lines = everything
        if job is not None:
            self.lines = [said for said in self.lines if said.concerns(job)]

    @property
    def title(self) -> str:
        """What is explained, in one line."""
        header = self.trace.header
        narrowed = "" if self.at is None else f" at {show(self.at, header.unit)}"
        narrowed += "" if self.job is None else f", job {self.job}"
        return f"{header.mix} under {policy_words(header)}{narrowed}, times in {header.unit}"

    def table(self, most: int | None = None) -> Table:
        """Return a row for each line, at most ``most``."""
        header = self.trace.header
        several = header.cpus > 1
        columns = [Column("time", exact=True), Column("job", left=True), Column("why", left=True, wraps=True)]
        if several:
            columns.insert(1, Column("CPU"))
        rows = []
        for said in self.lines[:most]:
            row: list[Any] = [to_unit(said.time, header.unit), said.job or "all", said.words]
            if several:
                row.insert(1, said.cpu if said.cpu >= 0 else "")
            rows.append(tuple(row))
        left = len(self.lines) - len(rows)
        more = f"... {left:,} more; narrow them with at or job" if left else ""
        return Table(tuple(columns), tuple(rows), more=more)

    def to_dict(self) -> dict[str, Any]:
        """Return the ``schedsim.explain/1`` object: what ``--format json`` prints."""
        header = self.trace.header
        return {
            "schema": "schedsim.explain/1",
            "algo": header.algo,
            "options": header.options,
            "clairvoyant": header.clairvoyant,
            "mix": header.mix,
            "unit": header.unit,
            "cpus": header.cpus,
            "conventions": header.conventions,
            "lines": [self._plain(said) for said in self.lines],
        }

    def _plain(self, said: Said) -> dict[str, Any]:
        unit = self.trace.header.unit
        line: dict[str, Any] = {
            "time": to_unit(said.time, unit),
            "cpu": None if said.cpu < 0 else said.cpu,
            "job": said.job or None,
            "why": said.words,
        }
        if said.decision is not None:
            line["ready"] = [self._ready(candidate) for candidate in said.decision.candidates]
            line["ready_in_all"] = said.decision.ready
        return line

    def _ready(self, candidate: Candidate) -> dict[str, Any]:
        since = to_unit(candidate.ready_since, self.trace.header.unit)
        return {"id": candidate.id, "rank": candidate.rank, "ready_since": since}

    def text(self, page: Page | None = None) -> str:
        """Return all lines as text, laid out for ``page`` (80 columns if None)."""
        return f"{self.title}\n" + plain(text(self.table(), page or Page()))

    def __str__(self) -> str:
        """Return all lines as text of 80 columns."""
        return self.text().rstrip("\n")

    def __repr__(self) -> str:
        """Return one line in angle brackets."""
        return f"<Explanation of {self.title}: {len(self.lines)} lines>"

    def _repr_html_(self) -> str:
        """Return the lines as HTML for a notebook."""
        from schedsim.notebook import explanation_html

        return explanation_html(self)


def story(trace: Trace, policy: Policy | None, decisions: Iterable[Decision]) -> Iterator[Said]:
    """Yield all that happened in order, each dispatch with its reason.

    Without a ``policy`` nothing is known but the trace, and that says of a dispatch only that it was.
    """
    return Teller(trace, policy, decisions).tell()


class Teller:
    """Goes through a trace and the decisions behind it, and says in words what happened and why."""

    def __init__(self, trace: Trace, policy: Policy | None, decisions: Iterable[Decision]) -> None:
        """Begin at the start of ``trace``; ``decisions`` are those of its dispatches and preemptions, in order.

        Without a policy nothing is known but the trace, which says of a dispatch only that it was.
        """
        self.trace, self.policy = trace, policy
        self.unit = trace.header.unit
        self.names = [job.id for job in trace.header.jobs]
        self.noted = iter(decisions)
        self.claims: dict[int, Decision] = {}
        """CPU -> the preemption that is to free it."""
        self.now: Ns = -1
        self.left: dict[int, tuple[str, Kind, str]] = {}
        """CPU -> who left it at this instant, by which row, and how in words."""
        self.granted: dict[int, Ns] = {}
        """CPU -> the slice of who runs on it."""
        self.came: dict[str, Came] = {}
        """Who became ready at this instant by coming from elsewhere, and how."""
        self.renewed = False
        self.happenings = Happenings(trace.header)
        self.deadlock: Deadlock | None = deadlock_of(trace)
        """The one that is still to be told."""

    def tell(self) -> Iterator[Said]:
        """Yield everything in the order of the trace; a decision is asked for when its dispatch is reached."""
        for row, following in zip(self.trace, chain(islice(self.trace, 1, None), (None,)), strict=False):
            if row.time != self.now:
                yield from self._deadlocked(row.time)
                self.now, self.left, self.came = row.time, {}, {}
            if row.kind is not Kind.DISPATCHED:
                yield from self._happened(row, following)
                self.happenings.take(row)
                continue
            self.granted[row.cpu] = row.value
            if self.renewed:  # no choice: the same task goes on
                self.renewed = False
            elif self.policy is None:
                yield Said(self.now, row.cpu, self.names[row.task], f"{self.names[row.task]} gets the CPU")
            else:
                yield self._dispatched(row, self.policy)
        yield from self._deadlocked(None)

    def _deadlocked(self, now: Ns | None) -> Iterator[Said]:
        """Yield that nobody can go on any more, after the instant at which it came to that."""
        if self.deadlock is not None and (now is None or self.deadlock.time < now):
            yield Said(self.now, -1, "", headline(self.deadlock))
            self.deadlock = None

    def _dispatched(self, row: Row, policy: Policy) -> Said:
        """Return the reason: the choice behind a dispatch is the next one that was noted."""
        decision = next(self.noted)
        while decision.victim is not None:
            self.claims[decision.cpu] = decision
            decision = next(self.noted)
        self.happenings.inheriting |= decision.inheriting
        name = self.names[row.task]
        claim = self.claims.pop(row.cpu, None)
        lent = "rank" in policy.hooks() and self._lent(row.task)
        if claim is not None and claim.time == self.now and claim.candidates[0].id == name:
            victim = claim.victim.id if claim.victim is not None else ""
            words = preemption_words(self._seen(claim), policy, self.unit, self.came.get(name, ("",))[0])
            words = f"{lent}, and preempts {victim}" if lent else words
        else:
            who, how, left = self.left.get(row.cpu, ("", Kind.BOOSTED, ""))
            if who == name and how is Kind.EXPIRED and decision.ready == 1:
                words = f"{name}'s quantum is over and nobody else is ready: it gets a fresh one"
            else:
                reason = reason_words(self._seen(decision), policy, self.unit)
                words = self._before(left, name) + (lent if lent and decision.ready > 1 else reason)
        return Said(self.now, row.cpu, name, words, decision)

    def _lent(self, task: int) -> str:
        """Return that a task has the rank of those who wait for what it holds, if it has."""
        lenders = [self.names[who] for who in islice(self.happenings.lending.lenders(task), _MOST_LENDERS)]
        if not lenders:
            return ""
        more = self.happenings.lending.count(task) - len(lenders)
        if more:
            whom, before = f"{', '.join(lenders)} and {more:,} more", "any of them"
        else:
            whom, before = (listed(lenders, joint) for joint in ("and", "or"))
        return f"{self.names[task]} holds up {whom}, and so goes before everyone whom {before} goes before"

    def _seen(self, decision: Decision) -> Decision:
        """Return the decision, with those marked who have been lent a rank."""
        if not self.happenings.inheriting:
            return decision
        candidates = tuple(
            each._replace(facts={**each.facts, "lent": 1})
            if self.happenings.lending.is_lent(each.facts["index"])
            else each
            for each in decision.candidates
        )
        return decision._replace(candidates=candidates)

    def _before(self, left: str, chosen: str) -> str:
        """Return how the CPU came to be free, and who came at this instant."""
        said = [left] if left else []
        if not said or chosen in self.came:
            for one, many in sorted(dict.fromkeys(self.came.values()), key=_turn):
                names = [name for name, came in self.came.items() if came[0] == one]
                if len(names) > _MOST_CAME:
                    shown = ", ".join(names[:_MOST_CAME])
                    said.append(f"{shown} and {len(names) - _MOST_CAME:,} more {many}")
                elif len(names) > 1:
                    said.append(f"{', '.join(names[:-1])} and {names[-1]} {many}")
                elif names:
                    said.append(f"{names[0]} {one}")
        return f"{', '.join(said)}: " if said else ""

    def _happened(self, row: Row, following: Row | None) -> Iterator[Said]:
        """Yield what a row says, and remember it for the next dispatch; ``following`` is the one after it."""
        if row.kind is Kind.BOOSTED:
            if self.policy is None or "boosted" in self.policy.hooks():
                words = _BOOSTED.get(self.trace.header.algo, "the policy's periodic work")
                yield Said(self.now, -1, "", words)
            return
        name = self.names[row.task]
        if row.kind in _COMES:
            self.came[name] = self.happenings.came(row)
        awaits = self.happenings.awaited(row.task)
        if row.kind in ENDS_SLICE and row.cpu >= 0:
            how = f" waits for {awaits}" if row.kind is Kind.BLOCKED and awaits else _LEFT[row.kind]
            self.left[row.cpu] = (name, row.kind, f"{name}{how}{self._grace(row)}")
        self.renewed = row.kind is Kind.RENEWED
        if row.kind in _SAID_BESIDE or (row.kind is Kind.BLOCKED and awaits):
            return  # it was said with the row before, or is with the next
        words = self.happenings.words(row)
        if following is not None and following.kind is Kind.VALUE:
            words = f"{words}: {following.value}"
        yield Said(self.now, row.cpu, name, words + self._grace(row))

    def _grace(self, row: Row) -> str:
        """Return how far into its grace the task came, if it did: there its quantum did not end its run."""
        granted = self.granted.get(row.cpu, 0)
        used_grace = self.trace.header.grace and row.kind in _SAYS_USED and 0 < granted < row.value
        return f", {show(row.value - granted, self.unit)} into its grace" if used_grace else ""


_MOST_CAME: Final = 6
_MOST_LENDERS: Final = 6
_SAID_BESIDE: Final = (Kind.VALUE, Kind.EXITED)
_SAYS_USED: Final = ENDS_SLICE | {Kind.REACHED}
"""The kinds whose rows say how much CPU time a slice has had."""
_BOOSTED: Final = {"mlfq": "boost: every job goes to level 0, with a full slice and a full allotment"}
_COMES: Final = (Kind.ARRIVED, Kind.ADMITTED, Kind.WOKE)


def _turn(came: Came) -> int:
    """Return in which order those who came are told."""
    return _IN_TURN.index(came) if came in _IN_TURN else len(_IN_TURN)


_IN_TURN: Final = (ARRIVES, ADMITTED, FROM_IO)
_LEFT: Final = {
    Kind.EXPIRED: "'s quantum is over",
    Kind.PREEMPTED: " gives way",
    Kind.YIELDED: " yields",
    Kind.BLOCKED: " waits for I/O",
    Kind.FINISHED: " has ended",
    Kind.RENEWED: " gets a fresh slice",
    Kind.STOPPED: " is cut off",
    Kind.FAILED: "'s process has died",
    Kind.KILLED: " is killed",
}


def _at(everything: list[Said], trace: Trace, instant: Ns) -> list[Said]:
    """Return for each CPU the dispatch in force at ``instant``, what happened at it, and where everyone is."""
    unit = trace.header.unit
    last = trace.time[-1] if len(trace) else 0
    if instant > last:
        return [Said(last, -1, "", f"the run is over at {show(last, unit)}, before {show(instant, unit)}")]
    found: list[Said] = []
    in_force: dict[int, Said | None] = dict.fromkeys(range(trace.header.cpus))
    for said in everything:
        if said.time > instant:
            break
        if said.decision is not None:
            in_force[said.cpu] = said
        if said.time == instant:
            found.append(said)
    running, summary = _where(trace, instant)
    for cpu, dispatch in in_force.items():
        if dispatch is not None and cpu in running and dispatch not in found:
            found.append(dispatch)
    found.sort(key=lambda said: said.time)
    idle = [str(cpu) for cpu in in_force if cpu not in running]
    if idle and instant < last:
        noun = "the CPU is" if trace.header.cpus == 1 else f"CPU {', '.join(idle)}:"
        found.append(Said(instant, -1, "", f"{noun} idle: nobody is ready"))
    return [*found, Said(instant, -1, "", summary)]


def _where(trace: Trace, instant: Ns) -> tuple[dict[int, str], str]:
    """Return who runs on which CPU after all that happened at ``instant``, and a sentence on everyone."""
    names = [job.id for job in trace.header.jobs]
    running: dict[int, str] = {}
    places: dict[str, dict[str, str]] = {"ready": {}, "blocked": {}, "held": {}, "zombie": {}}
    happenings = Happenings(trace.header)
    for row in trace:
        if row.time > instant:
            break
        happenings.take(row)
        if row.kind is Kind.BOOSTED:
            continue
        name = names[row.task]
        if row.kind is Kind.DISPATCHED:
            running[row.cpu] = name
            places["ready"].pop(name, None)
        elif row.kind in ENDS_SLICE and row.cpu >= 0:
            running.pop(row.cpu, None)
        place = _PLACES.get(row.kind)
        if row.kind in _PLACES or row.kind in _NOWHERE:
            for members in places.values():
                members.pop(name, None)
        if place:
            awaits = happenings.awaited(row.task) if row.kind is Kind.BLOCKED else ""
            places[place][name] = f"{name} ({awaits})" if awaits else name
    said = ["running: " + (", ".join(running[cpu] for cpu in sorted(running)) or "nobody")]
    for place, members in places.items():
        if members or place == "ready":
            shown = list(members.values())[:12]
            more = f" and {len(members) - 12:,} more" if len(members) > 12 else ""
            said.append(f"{place}: {', '.join(shown) or 'nobody'}{more}")
    return running, "; ".join(said)


_PLACES: Final = {
    **dict.fromkeys((Kind.ARRIVED, Kind.ADMITTED, Kind.WOKE), "ready"),
    **dict.fromkeys((Kind.EXPIRED, Kind.PREEMPTED, Kind.YIELDED), "ready"),
    Kind.BLOCKED: "blocked",
    Kind.HELD: "held",
    Kind.ZOMBIE: "zombie",
}
_NOWHERE: Final = ENDED | {Kind.STOPPED, Kind.REAPED}
