"""What tests of whole runs share: a mix and a policy in, a trace out; and traces written as text."""

from __future__ import annotations

from schedsim.engines.simulated import SimulatedMachine
from schedsim.experiment import header_of
from schedsim.scheduler.core import Scheduler
from schedsim.scheduler.of_mix import scheduler_of
from schedsim.trace import Header, Kind, Trace, TracedJob


class BlindMachine(SimulatedMachine):
    """A simulated machine that never promises quiet, so that the scheduler cannot look ahead."""

    def quiet_until(self):
        """Promise nothing."""
        return 0


def scheduler_for(mix, policy, machine, cls=Scheduler):
    """Return a scheduler that runs ``mix`` under ``policy`` on ``machine``, with an empty trace."""
    return scheduler_of(mix, policy, machine, Trace(header_of(mix, policy, None)), kind=cls)


def simulated(mix, policy, machine_class=SimulatedMachine, scheduler_class=Scheduler):
    """Return the trace of ``mix`` under ``policy`` on a machine of that class."""
    machine = machine_class(mix.jobs, mix.until)
    scheduler = scheduler_for(mix, policy, machine, scheduler_class)
    machine.run(scheduler)
    return scheduler.trace


def trace_of(header, rows):
    """Return the trace with this header and these rows."""
    trace = Trace(header)
    for row in rows:
        trace.add(*row)
    return trace


def written(rows, jobs, **header):
    """Return the trace written as ``rows``: lines of ``time kind job cpu value``.

    ``jobs`` is ``A 0 cpu 3; io 2``, one a line: id, arrival, program in nanoseconds. Kind ``boosted`` has
    ``-`` for a job; a missing CPU is -1, a missing value 0.
    """
    traced = []
    for line in jobs.strip().splitlines():
        name, arrival, *program = line.split(maxsplit=2)
        traced.append(TracedJob(name, int(arrival), program=program[0] if program else ""))
    places = {job.id: place for place, job in enumerate(traced)} | {"-": -1}
    trace = Trace(Header(tuple(traced), unit="ns", **header))
    for line in rows.strip().splitlines():
        time, kind, name, *numbers = line.split()
        cpu, value = [int(number) for number in numbers + ["-1", "0"][len(numbers) :]]
        trace.add(int(time), Kind[kind.upper()], places[name], cpu, value)
    return trace


def show(trace):
    """Return the rows as ``written`` reads them."""
    names = [job.id for job in trace.header.jobs] + ["-"]
    return "\n".join(
        f"{row.time} {row.kind.name.lower()} {names[row.task]} {row.cpu} {row.value}" for row in trace
    )
