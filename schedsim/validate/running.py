"""Rows on the CPUs: slices begin, tasks come to the end of a burst or a slice."""

from __future__ import annotations

from typing import Final

from schedsim.operations import Cpu, Io, Yield
from schedsim.states import State
from schedsim.times import LONGEST, Ns
from schedsim.trace import Kind
from schedsim.validate.instants import BOOST, DISPATCH, ENDS, EXACT_ENGINES
from schedsim.validate.progress import Progress
from schedsim.validate.waiting import Waiting

SLICE_LEFT: Final = frozenset({Kind.REACHED, Kind.PREEMPTED})
"""The kinds that only come while something is left of the slice."""


class Running(Waiting):
    """What running tasks may do."""

    def away(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task blocks or ends, on a CPU or not."""
        if cpu >= 0:
            self.off(task, kind, cpu, value)
        elif not self.paired:
            self.fail("off a CPU this follows at once on arriving, being admitted or served")
        if kind is Kind.BLOCKED:
            self.wait(task)
            return
        self.move(task, State.TERMINATED)
        self.alive -= 1
        if not self.alive:
            boosted = self.stage > BOOST or self.round > 1
            self.lives.append((self.alive_since, self.time if boosted else self.time - 1))

    def gives_up(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task leaves its CPU and wants it again."""
        self.off(task, kind, cpu, value)
        self.move(task, State.READY)
        task.home, task.gave_up = cpu, self.time

    def off(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task leaves its CPU."""
        self.runs(task, kind, cpu, value)
        self.on[cpu] = None
        task.cpu, task.stood = -1, None

    def failed(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task's process died, whatever it was doing."""
        if self.header.engine in EXACT_ENGINES:
            self.fail("in a simulation no process dies")
        if cpu >= 0:
            self.off(task, kind, cpu, value)
        elif task.state is State.RUNNING:
            self.fail(f"it runs on CPU {task.cpu}")
        if task in self.held:
            self.held.remove(task)
        self.alive -= task.state is not State.NEW
        self.move(task, State.TERMINATED)

    def stopped(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task still runs when the run is cut off."""
        del kind
        self.used(task, cpu, value)
        if any(self.on[:cpu]):
            self.fail("out of order: CPUs are stopped the lowest number first")
        if self.punctual and self.time != self.until:
            self.fail(f"the run is cut off at {self.until} ns")
        self.on[cpu] = None

    def used(self, task: Progress, cpu: int, value: Ns) -> None:
        """See that the task runs there, and has used that much CPU time."""
        running = self.on[cpu]
        if running is not task:
            self.fail(f"CPU {cpu} runs " + ("nobody" if running is None else f"job {running.job.id!r}"))
        passed = max(0, self.time - task.began)
        if value > passed or (self.punctual and value != passed):
            self.fail(f"says {value} ns of CPU time; {passed} ns passed since its slice began")
        if value < task.ran:
            self.fail(f"says {value} ns of CPU time; it had used {task.ran} ns already")

    def runs(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A running task came to something."""
        self.used(task, cpu, value)
        if not self.exact:
            return
        if self.time < task.began:
            self.fail(f"the context switch to it takes until {task.began} ns")
        over, following = task.burst_ends() == self.time, task.following()
        first, latest = 1, 1
        if task.stood is not None or (over and isinstance(following, Yield)):
            first = latest = 2 if task.stood is None else task.stood + 1
        elif kind is Kind.PREEMPTED:
            # Asked for in an earlier round, or during the context switch that is over now.
            first, latest = (1 if task.asked and not value else 2), LONGEST
        elif task.steps is None:
            first, latest = self.round, LONGEST
        self.enter(ENDS, (task.job.arrival, task.index), first, latest)
        if kind is Kind.PREEMPTED and self.round > 1:
            self.claims -= 1
            if self.claims < 0:
                self.fail("nobody is ready to whom it could give way")
        self.slice_says_so(task, kind, value, over=over)
        if kind is Kind.PREEMPTED and task.granted > 0:
            task.kept = (max(0, task.granted - value), len(self.boosted))
        renewed = kind is Kind.BLOCKED and self.promises.io_renews
        if kind is not Kind.REACHED:
            stays = kind in (Kind.BLOCKED, Kind.YIELDED) and not renewed
            task.rest = max(0, task.granted - value) if stays else 0
            task.missed |= task.boosts != len(self.boosted)
            task.boosts = len(self.boosted)
        if task.steps is None:
            return
        self.follow(task, kind, value, over=over)

    def slice_says_so(self, task: Progress, kind: Kind, value: Ns, *, over: bool) -> None:
        """See that a slice expires when it is used up and not before, unless the burst ends in its grace."""
        used_up = 0 < task.granted <= value
        in_grace = task.burst_ends() <= task.began + task.granted + self.header.grace
        if kind is Kind.PREEMPTED and (in_grace or task.steps is None):
            used_up = used_up and value >= task.granted + self.header.grace
        if (kind is Kind.EXPIRED and not used_up) or (kind in SLICE_LEFT and used_up and task.stood is None):
            self.fail(f"it was granted a slice of {task.granted} ns and has used {value} ns of it")
        if kind is Kind.EXPIRED and in_grace and not over:
            rest = task.burst_ends() - self.time
            self.fail(f"it needs {rest} ns more to end its burst, and the grace is {self.header.grace} ns")

    def follow(self, task: Progress, kind: Kind, value: Ns, *, over: bool) -> None:
        """See that the program says so too, and move on in it."""
        stands, following = task.stood is not None, task.following()
        if kind is Kind.REACHED:
            legal = over and not stands and isinstance(following, Cpu)
        elif kind is Kind.EXPIRED:
            legal = not stands and (not over or isinstance(following, Cpu))
        elif kind is Kind.PREEMPTED:
            legal = stands or not over
        elif kind is Kind.YIELDED:
            legal = stands and isinstance(following, Cpu | Yield)
        elif kind is Kind.BLOCKED:
            legal = over and isinstance(following, Io)
        else:
            legal = over and following is None
        if not legal:
            step = "nothing" if following is None else following.text(self.header.unit)
            where = "it stands at a yield" if stands else f"its burst ends at {task.burst_ends()} ns"
            self.fail(f"its program says otherwise: {where}, then comes {step}")
        if kind in (Kind.REACHED, Kind.YIELDED) or (kind is Kind.EXPIRED and over):
            task.advance()
        elif not over:
            task.left -= value - task.ran
        task.ran = value if kind is Kind.REACHED else 0

    def reached(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A running task goes on with its next burst."""
        self.runs(task, kind, cpu, value)
        task.ran = value

    def renewed_slice(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A running task gets a fresh slice."""
        del kind
        self.used(task, cpu, value)
        if self.exact and (self.stage != BOOST or self.boosted[-1] != self.time):
            self.fail("slices are renewed by a boost, and there is none just before")
        self.enter(BOOST, (1, cpu))
        if self.exact and task.burst_ends() == self.time and isinstance(task.following(), Yield):
            task.advance()
            task.stood, value = 1, task.ran
        task.left -= value - task.ran
        self.renewed.add(cpu)
        self.expected = (Kind.DISPATCHED, task.index, cpu)

    def switched(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A context switch begins."""
        del kind
        self.chosen(task, cpu)
        if not self.switch_due(task, cpu):
            self.fail(
                "no context switch is due: the CPU ran it last, or nobody before, or switches cost nothing"
            )
        if value != self.header.switch_cost:
            self.fail(f"a context switch costs {self.header.switch_cost} ns")
        self.expected = (Kind.DISPATCHED, task.index, cpu)

    def switch_due(self, task: Progress, cpu: int) -> bool:
        """Return whether dispatching the task there costs a context switch."""
        last, header = self.last[cpu], self.header
        return (
            header.switch_cost > 0 and last is not task and (last is not None or header.charge_first_switch)
        )

    def chosen(self, task: Progress, cpu: int) -> None:
        """See that the task is ready, and the CPU the one for it."""
        running = self.on[cpu]
        if running is not None:
            self.fail(f"CPU {cpu} runs job {running.job.id!r}")
        if task.state is not State.READY:
            self.fail(f"it is {task.state.name.lower()}, and not ready")
        self.enter(DISPATCH, latest=LONGEST)
        if not self.punctual:
            return
        right = self.on.index(None)
        if task.gave_up == self.time and self.last[task.home] is task and self.on[task.home] is None:
            right = task.home
        if cpu != right:
            self.fail(f"it goes to CPU {right}: the one that it just left, or else the lowest idle one")
        if self.exact:
            self.in_turn(task)

    def in_turn(self, task: Progress) -> None:
        """See that who was dispatched just before, in the same round, was to go first, if that is known."""
        turn: tuple[int, ...] = task.joined if self.promises.first_come else ()
        if self.promises.priorities:
            turn = (task.job.priority * self.promises.priorities,)
        elif self.promises.deadlines:
            due = task.job.deadline
            turn = (1,) if due is None else (0, task.job.arrival + due)
        when = (self.time, self.round)
        if self.turn[0] == when and turn < self.turn[1]:
            self.fail("out of order: the policy has it dispatched before the task of the row before")
        self.turn = (when, turn)

    def slice_is_right(self, task: Progress, value: Ns, *, renewed: bool) -> None:
        """See that a slice which is not the rest of one is as long as the policy's options say."""
        slices, anew = self.promises.slices, renewed
        if not self.exact or slices is None or task.missed:
            return
        if self.promises.io_renews is not None:
            anew = anew or task.boosts != len(self.boosted)
        if anew or task.granted < 0:
            slices = frozenset({self.promises.first_slice})
        elif self.promises.io_renews is not None and task.rest:
            slices |= {task.rest}
        if value not in slices:
            lengths = " or ".join(str(length) for length in sorted(slices))
            self.fail(f"the policy grants a slice of {lengths} ns here, as its options say")

    def dispatched(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A slice begins."""
        del kind
        if not value:
            self.fail("a slice of 0 ns is none")
        if self.paired and self.on[cpu] is task:  # a fresh slice for a running task
            self.slice_is_right(task, value, renewed=True)
            task.granted, task.boosts = value, len(self.boosted)
            task.began, task.ran = max(self.time, task.began), 0
            return
        if not self.paired:
            self.chosen(task, cpu)
            if self.switch_due(task, cpu):
                self.fail("a context switch to it is due first")
        rest, boosts = task.kept
        if self.keeps_slices and 0 < rest != value and boosts == len(self.boosted):
            self.fail(f"a preempted task goes on with the rest of its slice, {rest} ns")
        if not (self.keeps_slices and rest > 0 and boosts == len(self.boosted)):
            self.slice_is_right(task, value, renewed=False)
        task.granted, task.boosts = value, len(self.boosted)
        self.move(task, State.RUNNING)
        self.on[cpu] = self.last[cpu] = task
        task.cpu, task.gave_up, task.kept = cpu, -1, (0, 0)
        task.chosen, task.asked = (self.time, self.round), False
        task.began = self.time + (self.header.switch_cost if self.paired else 0)
        task.ran = 0
        if task.steps is not None and isinstance(task.steps[task.position], Yield):
            task.stood = 0 if self.paired else self.round
