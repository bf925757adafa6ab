from __future__ import annotations

from typing import Any

import pytest

from horizon.core.clock import SECOND
from horizon.core.errors import InvalidOption
from horizon.jobs.routing import PROCESS, Routing
from tests.jobs.hands import runtime


def test_what_is_said_about_a_queue_is_checked_and_kept_in_the_stores_units() -> None:
    routing = Routing()
    routing.define_queue("emails", connection="archive", max_attempts=5, retry_after=300, max_jobs=10, priority_weight=4, patience=60)
    said = routing.queue("emails")
    assert said is not None
    assert (said.connection, said.max_tries, said.timeout) == ("archive", 5, 300 * SECOND)
    settings = said.settings()
    assert (settings.max_jobs, settings.priority_weight, settings.patience) == (10, 4, 60 * SECOND)


@pytest.mark.parametrize(
    "given",
    [{"max_job": 3}, {"max_jobs": 0}, {"priority_weight": -1}, {"retry_after": "x"}, {"max_attempts": 0}, {"connection": ""}, {"backoff": lambda: 3}],
)  # fmt: skip
def test_an_unknown_or_improper_queue_option_is_refused(given: dict[str, Any]) -> None:
    routing = Routing()
    with pytest.raises(InvalidOption):
        routing.define_queue("emails", **given)
    assert routing.queues() == {}


def test_an_unknown_option_names_the_nearest() -> None:
    with pytest.raises(InvalidOption, match=r"no option 'max_job' \(did you mean 'max_jobs'\?\)"):
        Routing().define_queue("emails", max_job=3)


def test_an_app_hears_what_the_process_said_before_and_after_it_was_made_and_may_say_otherwise() -> None:
    process = Routing()
    process.define_queue("a", max_jobs=1)
    app = Routing(process)
    process.define_queue("b", max_jobs=2)
    app.define_queue("a", max_jobs=9)
    assert {name: said.max_jobs for name, said in app.queues().items()} == {"a": 9, "b": 2}
    assert process.queue("a").max_jobs == 1  # type: ignore[union-attr]


def test_the_version_changes_with_every_word() -> None:
    process = Routing()
    app = Routing(process)
    versions = [app.version]
    process.define_queue("a")
    versions.append(app.version)
    app.route("x:*", queue="a")
    versions.append(app.version)
    assert len(set(versions)) == 3


def test_later_routes_and_those_of_the_app_go_first() -> None:
    process = Routing()
    process.route("shop.*", queue="shop", max_tries=2)
    process.route("shop.mail:*", queue="mail")
    app = Routing(process)
    app.route("shop.mail:Urgent", queue="urgent")
    assert process.routed("shop.mail:Urgent") == {"queue": "mail", "max_tries": 2}
    assert app.routed("shop.mail:Urgent") == {"queue": "urgent", "max_tries": 2}
    assert app.routed("other:Job") == {}


def test_a_store_is_told_about_its_queues_also_about_those_defined_after_it_was_opened() -> None:
    here = runtime(CONNECTIONS={"archive": "memory://"})
    here.routing.define_queue("first", max_jobs=7)
    assert here.backend().queues.get("first").max_jobs == 7
    here.routing.define_queue("second", max_jobs=8)
    here.routing.define_queue("elsewhere", connection="archive", max_jobs=9)
    assert here.backend().queues.get("second").max_jobs == 8
    assert here.backend().queues.get("elsewhere").max_jobs is None
    assert here.backend("archive").queues.get("elsewhere").max_jobs == 9


def test_the_public_word_speaks_for_the_whole_process() -> None:
    from horizon import define_queue

    define_queue("test-process-wide", max_jobs=5)
    assert PROCESS.queue("test-process-wide") is not None
    assert runtime().routing.queue("test-process-wide") is not None
