from __future__ import annotations

import gc

from horizon.web import render, warm
from tests.thrift import leave_alone_what_stays
from tests.web.pages.stage import Stage


def test_templates_are_ready_and_what_stays_is_no_longer_searched_for_garbage():
    app = Stage().client.application
    environment = render.environment(app)
    environment.cache.clear()
    before = gc.get_freeze_count()
    try:
        warm.warm_in_background(app).join()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
        leave_alone_what_stays()
    assert len(environment.cache) > 40
