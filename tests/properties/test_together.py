"""What jobs do with each other keeps its rules, for random programs under every policy.

Each property is counted here from the rows, or by the programs themselves while they run, and not by
``validate``, which the first two tests hold beside it.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque

import pytest
from hypothesis import given, settings

from schedsim.deadlock import deadlock_of
from schedsim.engines.simulated import simulate
from schedsim.experiment import header_of
from schedsim.metrics import job_metrics
from schedsim.observed import Observed, Overheads
from schedsim.operations import Cpu, Exit, Get, Kill, Lock, Put, Unasked, Unlock
from schedsim.policies import NAMES
from schedsim.scheduler.inputs import Closed, WokenAt
from schedsim.scheduler.task import Task
from schedsim.testing import RecordingMachine, assert_same_trace
from schedsim.testing.strategies import as_generator
from schedsim.testing.together import runs_together
from schedsim.trace import Kind, Row, Trace
from schedsim.validate import validate
from tests.differential.test_replay import recorded
from tests.simulations import BlindMachine, scheduler_for, show, simulated

PREEMPTIVE = ("rr", "srtf", "mlfq", "priority", "priority-rr", "lottery", "cfs")
ENDED = (Kind.FINISHED, Kind.KILLED)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_run_is_a_schedule(name):
    """No rule that ``validate`` holds is broken, under any policy."""

    @settings(max_examples=60)
    @given(runs_together(name, until=True))
    def check(run):
        validate(simulated(*run))

    check()


@pytest.mark.slow
@settings(max_examples=150)
@given(runs_together(until=True, generators=True))
def test_every_run_of_generators_is_a_schedule(run):
    """The same where nobody knows what some of the programs will do next."""
    validate(simulated(*run))


class Witness:
    """Programs that look on while they run: who is inside which mutex, and which items they got."""

    def __init__(self):
        """Nobody is inside, and nobody has got anything."""
        self.inside = {}
        self.got = defaultdict(list)
        self.count: Counter[tuple[str, str]] = Counter()

    def program(self, name, steps):
        """Return a generator function that does ``steps``; what it puts is its name and a number."""

        def run():
            for step in steps:
                if isinstance(step, Unlock):
                    del self.inside[step.mutex]
                if isinstance(step, Put):
                    item = (name, self.count[name, step.queue])
                    result = yield Put(step.queue, item, blocking=step.blocking)
                    self.count[name, step.queue] += result
                else:
                    result = yield step
                if isinstance(step, Lock):
                    assert step.mutex not in self.inside, f"{self.inside} holds it, and {name} comes in"
                    self.inside[step.mutex] = name
                elif isinstance(step, Get):
                    there, item = (True, result) if step.blocking else result
                    if there:
                        self.got[name, step.queue].append(item)

        return run

    def watching(self, mix):
        """Return the mix with programs that look on."""
        jobs = [job._replace(program=self.program(job.id, job.program)) for job in mix.jobs]
        return mix._replace(jobs=tuple(jobs))


def moves(trace, queue, kind):
    """Return who put into, or got out of, a queue, in order."""
    names = [job.id for job in trace.header.jobs]
    said = f"queue {queue}"
    if said not in trace.header.objects:
        return []
    place = trace.header.objects.index(said)
    return [names[row.task] for row in trace if row.kind is kind and row.value == place]


@pytest.mark.slow
@settings(max_examples=400)
@given(runs_together(*PREEMPTIVE, most=10, until=True))
def test_nobody_is_inside_with_another_and_every_item_is_got_once_and_in_order(run):
    """Told by the programs: the n-th item that goes out of a queue is the n-th that came in, whoever asks for it."""
    mix, policy = run
    witness = Witness()
    trace = simulated(witness.watching(mix), policy)
    for queue, capacity in mix.queues:
        numbers: Counter[str] = Counter()
        items: deque[tuple[str, int]] = deque()
        for name in moves(trace, queue, Kind.PUT):
            items.append((name, numbers[name]))
            numbers[name] += 1
        expected = defaultdict(list)
        getters = moves(trace, queue, Kind.GOT)
        assert len(getters) <= len(items) <= len(getters) + capacity
        for name in getters:
            expected[name].append(items.popleft())
        for name, due in expected.items():
            got = witness.got[name, queue]
            # Who was killed, or cut off, just then did not live to see it.
            assert due[: len(got)] == got
            assert len(due) - len(got) <= (0 if alive(trace, name) else 1)


def alive(trace, name):
    """Return whether a job came to its end, or waits, so that it has seen everything that it got."""
    state = next(job.state for job in job_metrics(trace) if job.id == name)
    return state != "killed" and trace.header.until is None


@pytest.mark.slow
@settings(max_examples=300)
@given(runs_together(most=10, until=True))
def test_no_queue_is_over_its_capacity_and_no_mutex_has_two_owners(run):
    """Counted row by row; a mutex goes to who has waited longest, and so do items and room."""
    mix, policy = run
    trace = simulated(mix, policy)
    capacities = dict(mix.queues)
    owners: dict[int, int] = {}
    items: Counter[str] = Counter()
    lines: defaultdict[int, deque[int]] = defaultdict(deque)
    for row in trace:
        what = trace.header.objects[row.value] if row.kind in OF_OBJECTS else ""
        kind, _, name = what.partition(" ")
        if row.kind is Kind.WAITS:
            lines[row.value].append(row.task)
        elif row.kind is Kind.KILLED:
            for line in lines.values():
                if row.task in line:
                    line.remove(row.task)
        elif row.kind in (Kind.ACQUIRED, Kind.PUT, Kind.GOT):
            if row.cpu < 0:
                assert lines[row.value].popleft() == row.task
            elif row.kind is Kind.ACQUIRED:
                assert not lines[row.value], "somebody has waited longer"
        if row.kind is Kind.ACQUIRED:
            assert row.value not in owners
            owners[row.value] = row.task
        elif row.kind is Kind.RELEASED:
            assert owners.pop(row.value) == row.task
        elif kind == "queue" and row.kind in (Kind.PUT, Kind.GOT):
            items[name] += 1 if row.kind is Kind.PUT else -1
            # An item that is handed over is in the queue between the two rows that say so.
            assert -1 < items[name] <= capacities[name]
    # Nobody waits for what is free: no wake-up is lost.
    for place, line in lines.items():
        kind, _, name = trace.header.objects[place].partition(" ")
        if line and kind == "mutex":
            assert place in owners
        elif line:
            assert items[name] in (0, capacities[name])


OF_OBJECTS = (Kind.WAITS, Kind.ACQUIRED, Kind.RELEASED, Kind.PUT, Kind.GOT)


@pytest.mark.slow
@settings(max_examples=300)
@given(runs_together(most=10))
def test_every_child_that_ends_is_reaped_once_and_nothing_happens_to_the_dead(run):
    """By its parent or by init; a parent that neither joins nor ends leaves a zombie, and no other is left."""
    mix, policy = run
    trace = simulated(mix, policy)
    over: set[int] = set()
    zombies: set[int] = set()
    reaped: set[int] = set()
    parents: dict[int, int] = {}
    for row in trace:
        if row.kind is Kind.SPAWNED:
            assert row.value not in parents
            parents[row.value] = row.task
        elif row.kind is Kind.ZOMBIE:
            assert (row.task in over, parents[row.task]) == (True, row.value)
            zombies.add(row.task)
        elif row.kind is Kind.ADOPTED:
            assert parents[row.task] in over
            parents[row.task] = -1
        elif row.kind is Kind.REAPED:
            assert row.task in over - reaped
            assert row.value == parents[row.task]
            reaped.add(row.task)
        elif row.kind is not Kind.BOOSTED:
            assert row.task not in over
        if row.kind in ENDED:
            over.add(row.task)
    children = {task for task in over if mix.jobs[task].spawned}
    left = children - reaped
    assert left <= zombies
    assert not {parents[task] for task in left} & over
    for task in left:
        assert "zombie" == job_metrics(trace)[task].state


@pytest.mark.slow
@settings(max_examples=300)
@given(runs_together(most=10, until=True))
def test_cpu_time_is_conserved(run):
    """Who comes to the end has computed as long as the program says, up to an exit; the others no longer."""
    mix, policy = run
    trace = simulated(mix, policy)
    finished = {row.task for row in trace if row.kind is Kind.FINISHED}
    for index, (job, found) in enumerate(zip(mix.jobs, job_metrics(trace), strict=True)):
        steps = job.program
        ends = next((place for place, step in enumerate(steps) if isinstance(step, Exit)), len(steps))
        asked = sum(step.ns for step in steps[:ends] if isinstance(step, Cpu))
        assert (found.cpu == asked) if index in finished else (found.cpu <= asked)


class Rest:
    """Who is left when nothing happens any more, and whom each of them waits for; by a search of its own."""

    def __init__(self, trace):
        """Read the rows once, backwards: what was said last of each task and each mutex holds."""
        self.ids = [job.id for job in trace.header.jobs]
        self.objects = trace.header.objects
        self.time = max((row.time for row in trace if row.kind is not Kind.BOOSTED), default=0)
        """When anything happened for the last time."""
        self.over = {row.task for row in trace if row.kind in ENDED}
        self.came = {row.task for row in trace if row.kind in (Kind.ARRIVED, Kind.HELD)}
        held = {row.task: row.time for row in trace if row.kind is Kind.HELD}
        admitted = {row.task for row in trace if row.kind is Kind.ADMITTED}
        self.held = {task: time for task, time in held.items() if task not in admitted | self.over}
        """Who was never admitted, and since when it was held."""
        self.last: dict[int, Row] = {}
        self.owner: dict[int, int | None] = {}
        released = set()
        for row in reversed(list(trace)):
            if row.kind in (Kind.WAITS, Kind.JOINS, Kind.WOKE, Kind.SERVED) and row.task not in self.last:
                self.last[row.task] = row
            if row.kind is Kind.RELEASED and row.value not in self.owner:
                released.add(row.value)
            if row.kind is Kind.ACQUIRED and row.value not in self.owner:
                # The row after a release that hands over is an acquired one, so this one is the later of the two.
                self.owner[row.value] = None if row.value in released else row.task

    def closed(self, circle):
        """Return when a circle closed: with the last wait in it, or of all that are admitted where one of them waits for a place."""
        if circle & self.held.keys():
            circle |= self.left - self.held.keys()
        return max(self.held[task] if task in self.held else self.waits(task).time for task in circle)

    @property
    def left(self):
        """Those that came and have not ended."""
        return self.came - self.over

    def waits(self, task):
        """Return the row of a task's wait, None if it does not wait for another one."""
        row = self.last.get(task)
        return row if row is not None and row.kind in (Kind.WAITS, Kind.JOINS) else None

    def edges(self):
        """Return whom each waits for, where that is one task."""
        found = {}
        for task in self.left:
            row = self.waits(task)
            if row is not None and row.kind is Kind.JOINS:
                found[task] = row.value
            elif row is not None and self.objects[row.value].startswith("mutex"):
                found[task] = self.owner[row.value]
        # Who is never admitted waits for all who are, and so for its parent too.
        return found | {child: parent for parent, child in found.items() if child in self.held}

    def circles(self):
        """Return the circles, as sets: those that one comes back to however long one walks."""
        edges = self.edges()
        found = set()
        for start in edges:
            here = start
            for _ in self.ids:
                here = edges.get(here)
            walked = set()
            while here is not None and here not in walked:
                walked.add(here)
                here = edges.get(here)
            if here is not None:
                found.add(frozenset(walked))
        return found


KINDS = ("cpu", "lock", "lock", "put", "get", "unlock", "join", "join", "kill", "io")


@pytest.mark.slow
@pytest.mark.parametrize("generators", [False, True])
@settings(max_examples=500)
@given(run=runs_together(most=10, kinds=KINDS))
def test_a_run_ends_or_is_a_deadlock_that_really_is_one(run, generators):
    """Whoever is left waits for what nobody gives; the circle that is named is one, and none is named where none is."""
    mix, policy = run
    if generators:
        mix = mix._replace(jobs=tuple(job._replace(program=as_generator(job.program)) for job in mix.jobs))
    trace = simulated(mix, policy)
    rest, found = Rest(trace), deadlock_of(trace)
    held = {*rest.held}
    assert (found is None) == (not rest.left), show(trace)
    if found is None:
        return
    waiting = {task for task in rest.left - held if rest.waits(task) is not None}
    assert waiting == rest.left - held, "somebody is left who waits for nobody"
    circles, edges = rest.circles(), rest.edges()
    named = [rest.ids.index(wait.job) for wait in found.waits]
    assert sorted(named) == sorted(waiting | (held & edges.keys()))
    circle = [rest.ids.index(wait.job) for wait in found.circle]
    assert bool(circle) == bool(circles)
    assert found.time == min((rest.closed(each) for each in circles), default=rest.time)
    if circle:
        assert frozenset(circle) in circles
        assert [edges[task] for task in circle] == circle[1:] + circle[:1]
    for wait in found.waits:
        task = rest.ids.index(wait.job)
        if task in held:
            places = tuple(rest.ids[other] for other in sorted(waiting))
            assert ("admission", rest.held[task], places, ()) == (
                wait.what,
                wait.since,
                wait.holders,
                wait.holds,
            )
            continue
        row = rest.waits(task)
        assert (row.time, () if task not in edges or edges[task] is None else (rest.ids[edges[task]],)) == (
            wait.since,
            wait.holders,
        )
        mine = [place for place, owner in sorted(rest.owner.items()) if owner == task]
        assert tuple(rest.objects[place] for place in mine) == wait.holds


@pytest.mark.slow
@pytest.mark.parametrize("generators", [False, True])
@settings(max_examples=600)
@given(run=runs_together(most=10, kinds=KINDS, until=True, generators=True))
def test_what_is_said_of_a_run_that_is_cut_off_is_so(run, generators):
    """Whom it names the whole run leaves as they are; and it names all of them once nothing happens any more."""
    mix, policy = run
    if not generators:
        mix = mix._replace(jobs=tuple(job._replace(program=steps_of(job.program)) for job in mix.jobs))
    cut = deadlock_of(simulated(mix, policy))
    trace = simulated(mix._replace(until=None), policy)
    whole, rest = deadlock_of(trace), Rest(trace)
    if mix.until is None or rest.time < mix.until:
        assert whole == cut, show(trace)
    elif cut is not None:
        assert whole is not None, show(trace)
        assert {*cut.waits} <= {*whole.waits}, show(trace)
        circle = frozenset(rest.ids.index(wait.job) for wait in cut.circle)
        if circle:
            assert circle in rest.circles()
            assert rest.closed(circle) == cut.time
        else:  # Whoever has yet to come is never let in: the places of the degree are taken for ever.
            assert mix.degree is not None
    elif not generators and not any(isinstance(step, Kill) for job in mix.jobs for step in job.program):
        assert all(rest.closed(each) >= mix.until for each in rest.circles()), show(trace)


def steps_of(program):
    """Return what a program does, whether it is a list or a generator that is told nothing."""
    return program if isinstance(program, tuple) else tuple(program())


@pytest.mark.slow
@settings(max_examples=300)
@given(runs_together(until=True, generators=True))
def test_looking_ahead_changes_nothing(run):
    """Slices are committed at once where nothing can come between, and the rows are the same."""
    mix, policy = run
    assert_same_trace(simulated(mix, policy, BlindMachine), simulated(mix, policy))


@pytest.mark.slow
@pytest.mark.parametrize("generators", [True, False])
@settings(max_examples=600)
@given(
    run=runs_together(
        "rr", "fcfs", "sjf", "srtf", "mlfq", "priority",
        most_cpus=1, switch_cost=False, degree=False, grace=False, conventions=("textbook",), most=4,
    )
)  # fmt: skip
def test_the_fast_way_changes_nothing(run, generators):
    """The same where whole runs of slices are committed at once, until somebody stands at an operation."""
    mix, policy = run
    if generators:
        jobs = [job._replace(program=as_generator(job.program)) for job in mix.jobs[1:]]
        mix = mix._replace(jobs=(mix.jobs[0], *jobs))
    assert_same_trace(simulated(mix, policy, BlindMachine), simulated(mix, policy))


def replayed(mix, policy, deliveries):
    """Return the trace of a new scheduler that is told the same about new tasks."""
    machine = RecordingMachine()
    scheduler = scheduler_for(mix, policy, machine)
    tasks = [Task(index, job) for index, job in enumerate(mix.jobs)]
    machine.children = dict(enumerate(tasks))
    for now, batch in deliveries:
        inputs = []
        for item in batch:
            if isinstance(item, WokenAt | Closed):
                inputs.append(item)
                continue
            task = tasks[item.task.index]
            if hasattr(item, "operation") and item.operation != Unasked():
                # What a task stands at is no step further; any other operation is.
                assert item.operation == (task.advance() if task.standing is None else task.standing)
            inputs.append(item._replace(task=task))
        scheduler.deliver(now, inputs)
    return scheduler.trace


@pytest.mark.slow
@settings(max_examples=300)
@given(runs_together(until=True, generators=True))
def test_recorded_inputs_give_the_same_decisions(run):
    """Nothing but the inputs and the programs decides."""
    mix, policy = run
    trace, deliveries = recorded(mix, policy)
    assert_same_trace(trace, replayed(mix, policy, deliveries))


@pytest.mark.slow
@settings(max_examples=300)
@given(runs_together(switch_cost=False, until=True, generators=True))
def test_what_costs_nothing_changes_nothing(run):
    """A machine on which dispatches cost time, and these cost none, is the plain simulation."""
    mix, policy = run
    trace = simulate(
        mix, policy, Trace(header_of(mix, policy, None)), overheads=Overheads(), observed=Observed()
    )
    assert simulated(mix, policy).columns() == trace.columns()


@pytest.mark.slow
@settings(max_examples=150)
@given(runs_together(switch_cost=False, until=True, generators=True))
def test_where_dispatches_cost_time_the_rules_hold_as_well(run):
    """Late by as much as it costs, and nothing else is different."""
    mix, policy = run
    costs = Overheads(*[1] * len(Overheads._fields))
    if 0 < getattr(policy, "ageing", 0) <= 7:
        return  # who is dispatched would be preempted before it has computed, again and again
    validate(simulate(mix, policy, Trace(header_of(mix, policy, None)), overheads=costs))
