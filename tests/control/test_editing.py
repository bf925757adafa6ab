from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from horizon import Job, ShouldBeUnique, job
from horizon.control.editing import EditControl, changed, made_from
from horizon.core.clock import SECOND
from horizon.core.envelope import Envelope
from horizon.core.errors import HorizonError, InvalidInput, InvalidTransition, PayloadTooLarge, PermissionDenied
from horizon.core.ids import uuid7
from horizon.core.settings import Settings
from horizon.core.states import JobState
from horizon.jobs.codec import decode, encode
from horizon.jobs.stored import arguments as stored_arguments
from horizon.runtime import Runtime
from tests.jobs.sample import Take
from tests.jobs.test_models import User, db, host  # noqa: F401
from tests.shop import ANA, OTTO, VERA


class Letter(Job):
    name = "editing:letter"
    queue = "post"
    max_tries = 2

    def __init__(self, to: str, copies: int = 1) -> None:
        super().__init__()
        if copies < 1:
            raise ValueError("at least one copy")

    def handle(self) -> None: ...


class Only(ShouldBeUnique, Job):
    name = "editing:only"

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def unique_id(self) -> str:
        return str(self.number)

    def handle(self) -> None: ...


@job(name="editing:function")
def add(one: int, other: int = 2) -> int:
    return one + other


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    made = Runtime(Settings({}, environ={}), url="memory://")
    yield made
    made.close()


@pytest.fixture
def control(runtime: Runtime) -> EditControl:
    return EditControl(runtime)


def stored(runtime: Runtime, name: str = "editing:letter", args: dict[str, object] | None = None, **more: object):
    given = {"queue": "post", "payload": encode(args or {"to": "ana"}), **more}
    envelope = Envelope(id=uuid7(), name=name, **given)
    runtime.backend().push([envelope])
    return runtime.backend().get(envelope.id)


def test_the_new_job_takes_the_options_of_the_old_one_and_other_arguments(runtime, control):
    old = stored(
        runtime,
        priority=9,
        queue="other",
        tags=("a",),
        user="u7",
        tenant="t",
        max_tries=8,
        timeout=3 * SECOND,
        deadline=10**17,
        delay=SECOND,
    )
    made = control.push(OTTO, old, {"to": "bob", "copies": 2})
    assert decode(made.payload) == {"to": "bob", "copies": 2}
    assert (made.queue, made.priority, made.user, made.tenant, made.max_tries, made.timeout) == ("other", 9, "u7", "t", 8, 3 * SECOND)
    assert (made.state, made.deadline) == (JobState.PENDING, None)
    assert runtime.backend().get(old.id) == old


def test_of_a_dead_letter_the_new_job_goes_to_the_queue_that_set_it_aside(runtime, control):
    old = replace(stored(runtime), queue="dead:post")
    assert control.push(OTTO, old, {"to": "bob"}).queue == "post"


def test_each_is_found_from_the_other_and_the_audit_log_names_both_without_a_value(runtime, control):
    old = stored(runtime)
    made = control.push(OTTO, old, {"to": "secret@person", "copies": 2})
    again = control.push(OTTO, made, {"to": "x"})
    assert made_from(old) is None
    assert made_from(made) == old.id
    assert made_from(again) == made.id
    assert again.tags == (f"from:{made.id}",)
    last, entry = runtime.backend().audit.list(limit=2)
    assert (entry.actor, entry.verb, entry.target) == ("otto", "edit", old.id)
    assert entry.detail == f"as {made.id}; changed to, copies"
    assert last.target == made.id


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("editing:letter", {"to": "x", "copies": 0}, "Letter does not take these arguments: at least one copy"),
        ("editing:letter", {"copies": 1}, "missing 1 required positional argument: 'to'"),
        ("editing:letter", {"to": "x", "cc": "y"}, "unexpected keyword argument 'cc'"),
        ("editing:letter", {"to": {"~": "date", "v": "x"}}, "cannot be read"),
        ("editing:letter", {"to": float("nan")}, "cannot be written as JSON"),
        ("editing:function", {"three": 3}, "add does not take these arguments"),
    ],
)
def test_arguments_that_the_class_does_not_take_are_refused_before_anything_is_pushed(runtime, control, name, arguments, says):
    old = stored(runtime, name)
    with pytest.raises(InvalidInput, match=says):
        control.push(ANA, old, arguments)
    assert runtime.backend().audit.list() == []
    assert runtime.backend().remaining() == 1


def test_arguments_beyond_the_limit_are_refused(runtime, control):
    with pytest.raises(PayloadTooLarge, match="HORIZON_MAX_PAYLOAD"):
        control.check(ANA, stored(runtime), {"to": "x" * 2_000_000})


def test_a_class_that_is_not_loaded_is_taken_at_its_word(runtime, control):
    old = stored(runtime, "elsewhere:Unknown", {"a": 1}, unique_key=None, max_tries=4, backoff="5")
    made = control.push(ANA, old, {"whatever": [1]}, verb="duplicate")
    assert (made.name, made.max_tries, made.backoff) == ("elsewhere:Unknown", 4, "5")
    assert runtime.backend().audit.list()[0].verb == "duplicate"


def test_a_unique_job_takes_the_key_of_its_new_arguments(runtime, control):
    old = stored(runtime, "editing:only", {"number": 1}, unique_key="editing:only:1")
    assert control.push(ANA, old, {"number": 2}).unique_key == "editing:only:2"
    with pytest.raises(InvalidTransition, match=f"job {old.id} holds the unique key"):
        control.push(ANA, old, {"number": 1})


def test_a_key_that_was_given_at_dispatch_stays_with_the_job(runtime, control):
    old = stored(runtime, unique_key="mine")
    with pytest.raises(InvalidTransition, match="holds the unique key"):
        control.push(ANA, old, {"to": "other"})


def test_a_viewer_and_whoever_may_not_see_payloads_are_refused(runtime, control):
    with pytest.raises(PermissionDenied):
        control.push(VERA, stored(runtime), {"to": "x"})


def test_tags_stay_within_their_number(runtime, control):
    made = control.push(ANA, stored(runtime, tags=tuple(f"t{n}" for n in range(50))), {"to": "x"})
    assert len(made.tags) == 50
    assert made_from(made) is not None


def test_what_differs_is_told_by_name_and_numbers_are_no_booleans():
    assert changed({"a": 1, "b": 2}, {"a": True, "c": 3}) == ["a", "b", "c"]
    assert changed({"a": {"x": 1, "y": 2}}, {"a": {"y": 2, "x": 1}}) == []


def test_a_row_of_the_hosts_database_stays_a_reference_to_it(host):  # noqa: F811
    old_id = Take.dispatch([db.session.get(User, 1)])
    old = host.runtime.backend().get(str(old_id))
    row = {"~": "model", "c": "tests.jobs.test_models:User", "v": [2]}
    made = EditControl(host.runtime).push(ANA, old, {"value": [row]})
    assert stored_arguments(made.payload) == {"value": [row]}
    with pytest.raises(HorizonError, match="99"):
        EditControl(host.runtime).check(ANA, old, {"value": [{**row, "v": [99]}]})
