"""Fluent > instance > class > route > queue; below that the worker decides at the first reservation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from horizon import Job
from horizon.core.clock import SECOND
from horizon.core.envelope import Envelope
from horizon.core.errors import ConfigurationError
from horizon.jobs import envelopes
from horizon.jobs.attempt import AttemptDefaults
from horizon.jobs.routing import Routing
from horizon.runtime import Runtime
from tests.jobs.hands import Hands, runtime

LEVELS = ["fluent", "instance", "class", "route", "queue"]
VALUES = {level: number for number, level in enumerate(LEVELS, start=2)}


class Bare(Job, name="test-bare"):
    def handle(self) -> None: ...


class Set(Job, name="test-set"):
    max_tries = VALUES["class"]
    timeout = VALUES["class"]
    backoff = VALUES["class"]
    queue = "of-the-class"
    delay = VALUES["class"]

    def handle(self) -> None: ...


def made(job: Job, here: Runtime) -> Envelope:
    return envelopes.make(job, here)[1]


def job_with(levels: list[str], here: Runtime) -> Job:
    """A job for which every one of these levels says its number."""
    here.routing = Routing()
    job: Job = Set() if "class" in levels else Bare()
    queue = "of-the-class" if "class" in levels else "default"
    if "queue" in levels:
        here.routing.define_queue(queue, max_attempts=VALUES["queue"], retry_after=VALUES["queue"], backoff=VALUES["queue"])
    if "route" in levels:
        value = VALUES["route"]
        here.routing.route("test-*", max_tries=value, timeout=value, backoff=value, delay=value)
    if "instance" in levels:
        job.max_tries = job.timeout = job.backoff = job.delay = VALUES["instance"]
    if "fluent" in levels:
        value = VALUES["fluent"]
        job.with_tries(value).with_timeout(value).with_backoff(value).delay_until(value)
    return job


@pytest.mark.parametrize("start", range(len(LEVELS)))
@pytest.mark.parametrize("alone", [True, False])
def test_the_highest_level_that_says_something_wins(start: int, alone: bool) -> None:
    here = runtime()
    winner = LEVELS[start]
    envelope = made(job_with([winner] if alone else LEVELS[start:], here), here)
    expected = VALUES[winner]
    assert envelope.max_tries == expected
    assert envelope.timeout == expected * SECOND
    assert envelope.backoff == str(expected)
    if winner != "queue":
        assert envelope.delay == expected * SECOND


def test_what_no_level_above_the_worker_sets_is_stored_as_null() -> None:
    here = runtime(MAX_TRIES=9, TIMEOUT=9, BACKOFF=9)
    envelope = made(Bare(), here)
    assert (envelope.max_tries, envelope.timeout, envelope.backoff, envelope.delay) == (None, None, None, 0)


def test_null_is_resolved_at_the_first_reservation_by_what_the_worker_says(here: Runtime) -> None:
    hands = Hands(here)
    Bare.dispatch()
    (reservation,) = hands.reserve()
    assert (reservation.max_tries, reservation.timeout) == (here.settings.MAX_TRIES, round(here.settings.TIMEOUT * SECOND))


def test_below_that_come_worker_flag_connection_setting() -> None:
    here = runtime(
        MAX_TRIES=4, TIMEOUT=40, BACKOFF=4, CONNECTIONS={"other": {"url": "memory://", "max_tries": 5, "timeout": 50, "backoff": [5]}}
    )
    assert AttemptDefaults.of(here.settings) == AttemptDefaults(max_tries=4, timeout=40 * SECOND, backoff=4)
    of_other = {key: value for key, value in here.options_of("other").items() if key != "url"}
    assert AttemptDefaults.of(here.settings, connection=of_other) == AttemptDefaults(max_tries=5, timeout=50 * SECOND, backoff=[5])
    flagged = AttemptDefaults.of(here.settings, connection=here.options_of("other"), tries=6, timeout=60)
    assert (flagged.max_tries, flagged.timeout) == (6, 60 * SECOND)


def test_a_queue_chosen_higher_up_brings_its_own_definition() -> None:
    here = runtime(CONNECTIONS={"archive": "memory://"})
    here.routing.define_queue("slow", retry_after=500, connection="archive")
    connection, envelope = envelopes.make(Bare().on_queue("slow"), here)
    assert (connection, envelope.queue, envelope.timeout) == ("archive", "slow", 500 * SECOND)
    job = Bare()
    job.queue = "slow"
    assert envelopes.make(job, here)[0] == "archive"


@pytest.mark.parametrize(
    ("levels", "expected"),
    [(["fluent", "instance", "class", "route"], "fluent"), (["instance", "class", "route"], "instance"), (["class", "route"], "of-the-class"), (["route"], "route"), ([], "setting")],
)  # fmt: skip
def test_the_queue_follows_the_same_order(levels: list[str], expected: str) -> None:
    here = runtime(QUEUE="setting")
    job: Job = Set() if "class" in levels else Bare()
    if "route" in levels:
        here.routing.route("test-*", queue="route")
    if "instance" in levels:
        job.queue = "instance"
    if "fluent" in levels:
        job.on_queue("fluent")
    assert made(job, here).queue == expected


def test_the_connection_is_fluent_over_route_over_queue_over_default() -> None:
    here = runtime(CONNECTIONS={"a": "memory://", "b": "memory://", "c": "memory://"})
    assert envelopes.make(Bare(), here)[0] == "default"
    here.routing.define_queue("default", connection="a")
    assert envelopes.make(Bare(), here)[0] == "a"
    here.routing.route("test-bare", connection="b")
    assert envelopes.make(Bare(), here)[0] == "b"
    assert envelopes.make(Bare().on_connection("c"), here)[0] == "c"


def test_an_unknown_connection_is_refused_naming_those_there_are(here: Runtime) -> None:
    with pytest.raises(ConfigurationError, match=r"no connection 'nowhere'.*default.*HORIZON_CONNECTIONS"):
        Bare().on_connection("nowhere").dispatch()


def test_tags_of_the_instance_replace_those_of_the_class_and_fluent_ones_are_added() -> None:
    class Tagged(Job, name="test-tagged"):
        tags = ["class"]

        def handle(self) -> None: ...

    here = runtime()
    assert made(Tagged().tagged("extra", "class"), here).tags == ("class", "extra")
    job = Tagged()
    job.tags = ["mine"]
    assert made(job.tagged("extra"), here).tags == ("mine", "extra")


def test_options_replaced_on_the_class_later_are_seen() -> None:
    class Changing(Job, name="test-changing"):
        queue = "first"

        def handle(self) -> None: ...

    here = runtime()
    assert made(Changing(), here).queue == "first"
    Changing.queue = "second"
    assert made(Changing(), here).queue == "second"


def test_options_are_inherited_from_a_base_job() -> None:
    class Base(Job, name="test-base"):
        queue = "base"
        max_tries = 7

    class Child(Base, name="test-child"):
        max_tries = 8

        def handle(self) -> None: ...

    envelope = made(Child(), runtime())
    assert (envelope.queue, envelope.max_tries, envelope.name) == ("base", 8, "test-child")


def test_two_apps_with_other_routes_do_not_mix() -> None:
    one, two = runtime(), runtime()
    one.routing.route("test-bare", queue="one")
    two.routing.route("test-bare", queue="two")
    assert [made(Bare(), app).queue for app in (one, two, one)] == ["one", "two", "one"]


def test_everything_else_that_was_said_is_in_the_envelope() -> None:
    here = runtime(CODE_VERSION="v7")
    job = Bare().for_user(7).for_tenant("acme").unique_by("k", 30).with_priority(5)
    envelope = made(job, here)
    assert (envelope.user, envelope.tenant, envelope.unique_key, envelope.unique_for) == ("7", "acme", "k", 30 * SECOND)
    assert (envelope.priority, envelope.code_version, envelope.weight) == (5, "v7", 1)
    assert json.loads(envelope.payload) == {"args": {}}


@pytest.mark.parametrize("bad", ["", "x" * 201, None, True, "\ud800", "a\x00"])
def test_labels_that_cannot_be_kept_are_refused(bad: Any) -> None:
    from horizon.core.errors import InvalidOption

    for word in ("for_user", "for_tenant", "unique_by"):
        with pytest.raises(InvalidOption):
            getattr(Bare(), word)(bad)
