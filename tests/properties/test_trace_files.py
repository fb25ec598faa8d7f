"""A trace read back from its file is the trace, and says the same of every metric."""

from __future__ import annotations

import os
import tempfile

from hypothesis import given, settings

from schedsim.metrics import job_metrics, system_metrics
from schedsim.results import Run
from schedsim.testing import strategies
from schedsim.trace import Trace
from schedsim.validate import validate
from tests.simulations import simulated


@settings(max_examples=100)
@given(strategies.runs(until=True, generators=True))
def test_a_trace_file_keeps_everything(run):
    """Rows, metrics and the whole JSON object are the same from the file alone; and the file is a schedule."""
    trace = simulated(*run)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "run.trace")
        trace.write(path)
        read = Trace.read(path)
    assert trace.columns() == read.columns()
    assert job_metrics(trace) == job_metrics(read)
    assert system_metrics(trace) == system_metrics(read)
    assert Run(trace).to_dict() == Run(read).to_dict()
    validate(read)
