"""The lab ``sync-async``."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim.labs import sync_async
from schedsim.labs.sync_async import BLOCKING, CPU, DONE, FIRST, GO_ON, POLLING, WAIT, WAYS, check, found, mix

WITHOUT = [
    {f"{GO_ON}, {BLOCKING}: {DONE}": 500},
    {f"{GO_ON}, {POLLING}: {DONE}": 500},
    {f"{WAIT}, {POLLING}: {DONE}": 200},
    {f"{WAIT}, {POLLING}: {CPU}": 80},
    {f"{WAIT}, {BLOCKING}: {CPU}": 500},
    {f"{GO_ON}, {BLOCKING}: {CPU}": 200},
    {f"{GO_ON}, {POLLING}: {CPU}": 80},
    {f"{GO_ON}, {BLOCKING}: {FIRST}": 40},
    {f"{GO_ON}, {POLLING}: {FIRST}": 100},
]


@pytest.mark.parametrize(("how", "other"), [(WAIT, GO_ON), (GO_ON, WAIT)])
@pytest.mark.parametrize(("waiting", "instead"), [(BLOCKING, POLLING), (POLLING, BLOCKING)])
def test_each_way_is_told_from_the_others(how, other, waiting, instead):
    """One in the place of another is noticed, whichever it is."""
    runs = {way: ss.run(mix(way), "fcfs") for way in WAYS}
    way = f"{how}, {waiting}"
    for wrong in (f"{other}, {waiting}", f"{how}, {instead}", f"{other}, {instead}"):
        assert [*check(found({**runs, way: runs[wrong]}).values)], wrong


def test_requests_that_take_no_time_need_no_asynchrony(monkeypatch):
    """There is nothing to save, and this is seen."""
    monkeypatch.setattr(sync_async, "REQUESTS", (1, 2, 3, 4))
    missing = [*check(found({way: ss.run(mix(way), "fcfs") for way in WAYS}).values)]
    assert f"{BLOCKING}: going on does not save time" in missing
