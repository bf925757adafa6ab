"""To which batch and which chain jobs belong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from horizon import batch, chain, workflow
from horizon.core import current
from horizon.core.query import JobQuery
from horizon.monitor.groups import NOWHERE, Home, homes
from horizon.runtime import Runtime
from tests.jobs.groups.sample import Does
from tests.jobs.hands import runtime


@pytest.fixture
def here() -> Iterator[Runtime]:
    made = runtime()
    with current.use(made):
        yield made
    made.close()


def test_a_job_belongs_to_the_nearest_of_each_kind_around_it(here: Runtime) -> None:
    inner = batch([Does("deep").tagged("deep")])
    id = chain([Does("step").tagged("step"), inner]).dispatch()
    with workflow("W") as w:
        w.add(Does("w").tagged("w"))
    Does("alone").tagged("alone").dispatch()
    store = here.backend()
    found = {record.tags[0]: record for record in store.find(JobQuery()).items}
    where = homes(store, found.values())
    assert where[found["deep"].group or ""] == Home(found["deep"].group, str(id))
    assert where[found["step"].group or ""] == Home(None, str(id))
    assert where[found["w"].group or ""] == Home(workflow=str(w.id))
    assert where.get(found["alone"].group or "", NOWHERE) == NOWHERE


def test_nothing_is_read_where_no_job_is_in_a_group(here: Runtime) -> None:
    Does("alone").dispatch()
    (record,) = here.backend().find(JobQuery()).items
    assert homes(None, [record]) == {}  # type: ignore[arg-type]
