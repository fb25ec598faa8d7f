"""Results of real runs that nobody made: for tests of what is shown of them."""

from __future__ import annotations

from schedsim.experiment import prepare, simulate_trace
from schedsim.measured import RealRun
from schedsim.observed import Facts, Observed, Validity
from schedsim.recording import Recording
from schedsim.trace import Kind, Trace

FACTS = Facts(
    driver="bands",
    measured=(1,),
    dispatcher=0,
    shared=False,
    clock="a clock",
    start_method="fork",
    throttling="on",
    idle="polling",
    system=(
        ("system", "Linux"), ("kernel", "6.1"), ("machine", "riscv64"), ("processor", ""), ("cpus", 2),
        ("tick", 4_000_000), ("python", "3.11.7"), ("implementation", "cpython"),
    ),
)  # fmt: skip
VALID = Validity(
    valid=True,
    reasons=(),
    stolen_share=0.0012,
    stranger_share=0.0,
    lateness=23_456,
    throttled=0,
    host_steal_share=None,
)
LATE = 34_567
"""By so much (nanoseconds) is everything late in these runs."""


def made_up(mix, algo="rr", *, dead="", notes=(), facts=FACTS, validity=VALID, **options):
    """Return a real run that is the simulation of ``mix``, a little late; the last row of ``dead`` is its death."""
    loaded, policy, seed = prepare(mix, algo, options)
    simulated = simulate_trace(loaded, policy, seed)
    trace = Trace(simulated.header._replace(engine="real"))
    jobs = [job.id for job in simulated.header.jobs]
    for row in simulated:
        died = row.kind is Kind.FINISHED and jobs[row.task] == dead
        kind = Kind.FAILED if died else row.kind
        trace.add(row.time + (LATE if row.time else 0), kind, row.task, row.cpu, row.value)
    return RealRun(trace, tuple(notes), facts, validity, Observed(), Recording(()))
