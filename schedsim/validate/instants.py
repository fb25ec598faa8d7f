"""When rows must come: instants, the rounds of an instant, and the order in a round."""

from __future__ import annotations

from collections import deque
from typing import Final, NoReturn

from schedsim.errors import TraceError
from schedsim.operations import Yield
from schedsim.states import LEGAL_MOVES, State
from schedsim.times import LONGEST, Ns
from schedsim.trace import Kind, Trace
from schedsim.validate.progress import Progress, uses_others
from schedsim.validate.promises import Promises

# The order of the rows of one round of an instant. A round is what one ``deliver`` takes in and decides; what its
# decisions bring about at once (a preemption, a yield) is the next round of the same instant.
ENDS, BOOST, ADMIT, ARRIVE, WAKE, ADMIT_LATE, DISPATCH = range(7)
KEYED: Final = (ENDS, BOOST, ARRIVE, WAKE)
"""The stages whose rows have an order among each other."""
EXACT_ENGINES: Final = ("simulated", "compiled")
"""The engines in which everything takes exactly as long as it is told, unless dispatches cost something there."""
KINDS: Final = tuple(Kind)


class Instants:
    """What the rows so far amount to, and what must come next."""

    def __init__(self, trace: Trace) -> None:
        """Start before the first row."""
        header = trace.header
        self.trace, self.header, self.columns = trace, header, trace.columns()
        self.punctual = header.engine in EXACT_ENGINES and header.overheads is None
        """Whether everything takes exactly as long as it is told."""
        self.cooperates = header.objects != () or any(code >= Kind.ACQUIRED for code in self.columns[1])
        self.cooperates |= any(job.spawned or uses_others(job.program, header.unit) for job in header.jobs)
        """Whether jobs do something with each other; then the order of the rows of one instant is not replayed."""
        self.exact = self.punctual and not self.cooperates
        self.keeps_slices = self.exact and header.conventions == "ostep"
        self.promises = Promises(header)
        self.turn: tuple[tuple[Ns, int], tuple[int, ...]] = ((0, 0), ())
        """The instant and the round of the last dispatch, and what gave its task the turn."""
        self.tasks = [Progress(index, job, header.unit) for index, job in enumerate(header.jobs)]
        if not self.exact:
            for task in self.tasks:
                task.steps = None
        self.known = all(task.steps is not None for task in self.tasks)
        self.until = LONGEST if header.until is None else header.until
        self.number = -1
        self.time: Ns = 0
        self.round = 1
        self.stage, self.key = -1, (-1, -1)
        self.may_be_later = False
        self.on: list[Progress | None] = [None] * header.cpus
        self.last: list[Progress | None] = [None] * header.cpus
        self.ready = self.alive = self.waits = self.claims = 0
        self.held: deque[Progress] = deque()
        self.arrivals = sorted((job.arrival, index) for index, job in enumerate(header.jobs))
        self.arrived: set[int] = set()
        self.services: list[tuple[Ns, int, int]] = []
        """When the I/O that is being served will end, the number of the wait, and whose it is."""
        self.devices: dict[str, deque[Progress]] = {}
        self.expected: tuple[Kind, int, int] | None = None
        self.paired = False
        """Whether this row was expected by the one before it."""
        self.boosted: list[Ns] = []
        self.renewed: set[int] = set()
        self.to_renew: set[int] = set()
        self.renews: bool | None = None
        """Whether boosts renew slices, once that is known."""
        self.lives: list[tuple[Ns, Ns]] = []
        """After which instant anybody was admitted, and the last one at which a boost would find somebody."""
        self.alive_since: Ns = 0

    def fail(self, rule: str, task: Progress | None = None) -> NoReturn:
        """Raise, naming the row."""
        where = "after the last row"
        if self.number < len(self.trace):
            time, code, index, cpu, _ = (column[self.number] for column in self.columns)
            kind = KINDS[code].name.lower() if code < len(KINDS) else "unknown"
            who = f", job {self.tasks[index].job.id!r}" if 0 <= index < len(self.tasks) else ""
            on = f", CPU {cpu}" if cpu >= 0 else ""
            where = f"row {self.number + 1} (at {time} ns{who}, {kind}{on})"
        whom = f"job {task.job.id!r} " if task is not None else ""
        raise TraceError(f"{where}: {whom}{rule}")

    def move(self, task: Progress, state: State) -> None:
        """Change the state, if the move is legal."""
        if (task.state, state) not in LEGAL_MOVES:
            self.fail(f"no task goes from {task.state.name.lower()} to {state.name.lower()}")
        self.ready += (state is State.READY) - (task.state is State.READY)
        if state is State.READY:
            # Tasks that gave up a CPU rejoin before the others of that instant, or after them, as the conventions say.
            step = 3 if self.stage == ADMIT_LATE else 1
            if task.state is State.RUNNING:
                step = 0 if self.header.conventions == "ostep" else 2
            task.joined = (self.time, self.round, step, self.number)
        task.state = state

    # Instants and their rounds. None of this holds for a run that is not exact.

    def open(self, time: Ns) -> None:
        """Close the instant before, and see that nothing was due between."""
        if self.exact:
            self.close_instant()
            self.nothing_due_before(time)
        elif self.cooperates:
            self.close_together(time)
        self.time, self.round, self.stage = time, 1, -1

    def close_together(self, before: Ns) -> None:
        """See that an instant is complete at which jobs did something with each other; see ``Together``.

        Nothing was to happen between it and ``before``, either.
        """

    def nothing_due_before(self, time: Ns) -> None:
        """See that nobody's turn to be heard of has passed."""
        if not self.exact:
            return
        for task in self.on:
            if task is not None and self.due(task) < time:
                self.fail(f"was to end its burst or its slice at {self.due(task)} ns", task)
        if self.services and self.services[0][0] < time:
            due, _, index = self.services[0]
            self.fail(f"was to end its I/O at {due} ns", self.tasks[index])
        if len(self.arrived) < len(self.arrivals):
            due, index = self.arrivals[len(self.arrived)]
            if due < time:
                self.fail(f"was to arrive at {due} ns", self.tasks[index])

    def due(self, task: Progress) -> Ns:
        """Return when a running task must be heard of."""
        return task.due(self.header.grace)

    def enter(self, stage: int, key: tuple[int, int] = (0, 0), first: int = 1, latest: int = 1) -> None:
        """Note a row of ``stage``, which belongs to round ``first`` of its instant, or a later one to ``latest``."""
        if not self.exact:
            return
        in_place = stage > self.stage or (stage == self.stage and (stage not in KEYED or key > self.key))
        if in_place and first > self.round and self.may_be_later:
            # All rows of this round may as well belong to the next one, together with this row.
            self.come_to_yields()
            self.round += 1
        elif not in_place or first > self.round:
            self.close_round()
            self.round += 1
            self.stage = -1
        self.may_be_later = first < latest and (self.stage < 0 or self.may_be_later)
        if self.round > latest:
            self.fail(
                "out of order: at one instant bursts and slices end, in the order of arrival and of the mix; the "
                "policy boosts; held jobs enter; jobs arrive; I/O ends, in the order in which the waits began; CPUs "
                "dispatch, the lowest number first"
            )
        if self.stage <= ADMIT < stage or stage == DISPATCH:
            self.nobody_held_in_vain()
        self.stage, self.key = stage, key

    def nobody_held_in_vain(self) -> None:
        """See that no job is held that could be admitted."""
        if self.held and not self.full():
            self.fail("is held, although the degree of multiprogramming would let it in", self.held[0])

    def full(self) -> bool:
        """Return whether as many jobs are admitted as may be."""
        return self.header.degree is not None and self.alive >= self.header.degree

    def come_to_yields(self) -> None:
        """See that running tasks did what was due in this round."""
        for task in self.on:
            if task is None:
                continue
            if self.ready and task.began > self.time and task.chosen != (self.time, self.round):
                task.asked = True
            if self.due(task) > self.time:
                continue
            if task.stood is None and task.burst_ends() == self.time and isinstance(task.following(), Yield):
                # No row says that it came to the yield; the next round has to say that it did yield.
                task.ran = self.time - task.began
                task.advance()
                task.stood = self.round
            elif task.steps is not None and (task.stood is None or task.stood < self.round):
                self.fail(f"was to end its burst or its slice at {self.time} ns", task)

    def close_round(self) -> None:
        """See that all came that was due in this round, and that no CPU was left without work."""
        self.come_to_yields()
        self.nobody_held_in_vain()
        if self.ready and None in self.on:
            self.fail(f"CPU {self.on.index(None)} was left idle at {self.time} ns while a task was ready")
        if self.to_renew or self.renewed:
            if self.renews is None:
                self.renews = bool(self.renewed)
            if not self.to_renew <= self.renewed if self.renews else self.renewed:
                self.fail("boosts give every running task a fresh slice, or none of them does to anybody")
        self.to_renew, self.renewed = set(), set()
        self.claims = self.ready

    def close_instant(self) -> None:
        """See that nothing of this instant is still to come."""
        self.close_round()
        for task in self.on:
            if task is not None and self.due(task) <= self.time:
                self.fail(f"was to end its burst or its slice, or to yield, at {self.time} ns", task)
