from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from horizon import JobState, Priority, dispatch, on
from horizon.core import current
from horizon.core.clock import SECOND, from_datetime, now
from horizon.core.errors import (
    DependencyCycle,
    InvalidInput,
    InvalidOption,
    InvalidPayload,
    NoApp,
    PayloadTooLarge,
    QueueFull,
    UnknownDependency,
)
from horizon.core.ids import uuid7
from horizon.jobs import codec
from horizon.jobs.jobid import JobId
from horizon.runtime import Runtime
from tests.jobs.hands import Hands, runtime
from tests.jobs.sample import Dated, Everything, NoInit, SendEmail, Slotted, Take, bare, fetch, make_report


def record(id: JobId | None) -> Any:
    assert id is not None
    found = id.record()
    assert found is not None
    return found


def test_dispatch_on_the_class_stores_the_constructors_arguments(here: Runtime) -> None:
    id = SendEmail.dispatch("ana@example.com", "Welcome", body="Hello!")
    stored = record(id)
    assert isinstance(id, str)
    assert codec.decode(stored.payload) == {"to_email": "ana@example.com", "subject": "Welcome", "body": "Hello!"}
    assert (stored.name, stored.queue, stored.max_tries, stored.tags) == ("tests.jobs.sample:SendEmail", "emails", 3, ("mail",))
    assert stored.state is JobState.PENDING


def test_defaults_are_left_to_the_constructor_of_the_worker(here: Runtime) -> None:
    assert codec.decode(record(SendEmail.dispatch("a")).payload) == {"to_email": "a"}


def test_fluent_words_and_dispatch_on_an_instance(here: Runtime) -> None:
    before = now()
    job = SendEmail("a", "b", "c").on_queue("high-priority").delay_until(60).with_priority(Priority.HIGH).tagged("vip")
    stored = record(job.dispatch())
    assert (stored.queue, stored.priority, stored.tags, stored.state) == ("high-priority", 10, ("mail", "vip"), JobState.SCHEDULED)
    assert stored.available_at >= before + 60 * SECOND
    assert job.job_id == stored.id


def test_the_function_and_the_fluent_start(here: Runtime) -> None:
    assert record(dispatch(SendEmail("a"))).queue == "emails"
    start = on("slow").delay_until(timedelta(minutes=5)).with_priority(3).tagged("started")
    stored = record(start.dispatch(SendEmail("a").with_priority(9).tagged("own")))
    assert (stored.queue, stored.priority, stored.tags) == ("slow", 3, ("mail", "own", "started"))
    assert record(start.dispatch(SendEmail("b"))).queue == "slow"


@pytest.mark.parametrize("nothing", [None, "job", SendEmail, 3])
def test_something_that_is_no_job_is_refused(here: Runtime, nothing: Any) -> None:
    with pytest.raises(InvalidInput, match="expected a job"):
        dispatch(nothing)
    with pytest.raises(InvalidInput, match="expected a job"):
        on("emails").dispatch(nothing)


def test_if_and_unless(here: Runtime) -> None:
    assert SendEmail.dispatch_if(False, "a") is None
    assert SendEmail.dispatch_unless(True, "a") is None
    assert here.backend().remaining() == 0
    assert SendEmail.dispatch_if(1, "a") is not None
    assert SendEmail.dispatch_unless(0, "a") is not None
    assert here.backend().remaining() == 2


def test_a_delay_may_be_seconds_a_timedelta_or_an_aware_moment(here: Runtime) -> None:
    at = datetime.now(UTC) + timedelta(hours=1)
    assert record(SendEmail("a").delay_until(at).dispatch()).available_at == from_datetime(at)
    assert record(SendEmail("a").later(at).dispatch()).state is JobState.SCHEDULED
    assert record(SendEmail("a").delay_until(0).dispatch()).state is JobState.PENDING
    assert record(SendEmail("a").delay_until(datetime.now(UTC)).dispatch()).state in (JobState.PENDING, JobState.SCHEDULED)


def test_the_last_word_about_the_time_counts(here: Runtime) -> None:
    at = datetime.now(UTC) + timedelta(hours=1)
    assert record(SendEmail("a").delay_until(at).delay_until(0).dispatch()).state is JobState.PENDING


@pytest.mark.parametrize(
    "when", [-1, datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1), datetime(9999, 1, 1, tzinfo=UTC), "tomorrow", None]
)
def test_a_time_in_the_past_or_without_a_zone_is_refused(when: Any) -> None:
    for word in ("delay_until", "later", "with_deadline"):
        with pytest.raises(InvalidOption):
            getattr(SendEmail("a"), word)(when)


def test_a_deadline_is_kept(here: Runtime) -> None:
    at = datetime.now(UTC) + timedelta(hours=1)
    assert record(SendEmail("a").with_deadline(at).dispatch()).deadline == from_datetime(at)


def test_arguments_that_cannot_be_kept_leave_nothing_behind(here: Runtime) -> None:
    with pytest.raises(InvalidPayload, match=r"'value' is a builtins\.object"):
        Take.dispatch(object())
    with pytest.raises(InvalidPayload, match="'value' holds a lone surrogate"):
        Take.dispatch("\ud800")
    assert here.backend().remaining() == 0


def test_a_payload_over_the_limit_is_refused_with_its_size(here: Runtime) -> None:
    with pytest.raises(PayloadTooLarge, match=r"2,000,\d\d\d bytes and HORIZON_MAX_PAYLOAD allows 1,000,000"):
        Take.dispatch("x" * 2_000_000)
    assert here.backend().remaining() == 0


def test_the_constructors_own_refusal_is_the_callers(here: Runtime) -> None:
    with pytest.raises(TypeError):
        SendEmail.dispatch()
    with pytest.raises(TypeError):
        NoInit.dispatch("too much")


def test_dataclass_jobs_and_every_kind_of_parameter_come_back_in_the_worker(hands: Hands) -> None:
    ids = [Dated.dispatch(7, status="old"), Slotted.dispatch(5), Everything.dispatch(1, 2, 3, 4, only=5, extra=6), NoInit.dispatch()]
    hands.run()
    assert [codec.decode_result(record(id).result) for id in ids] == ["7 old", 5, [1, 2, [3, 4], 5, {"extra": 6}], None]


def test_a_job_id_as_an_argument_is_plain_text(hands: Hands) -> None:
    first = Take.dispatch(1)
    second = Take.dispatch([first])
    assert codec.decode(record(second).payload) == {"value": [str(first)]}


def test_many_are_stored_in_order_in_one_act(here: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    backend, pushes = here.backend(), []
    push = backend.push
    monkeypatch.setattr(backend, "push", lambda envelopes, **more: pushes.append(len(envelopes)) or push(envelopes, **more))
    ids = SendEmail.dispatch_many([("a", "s", "b"), ["b"], {"to_email": "c"}, SendEmail("d").on_queue("other")])
    assert pushes == [4]
    assert [codec.decode(record(id).payload)["to_email"] for id in ids] == ["a", "b", "c", "d"]
    assert [record(id).queue for id in ids] == ["emails", "emails", "emails", "other"]


def test_many_of_nothing_is_nothing(here: Runtime) -> None:
    assert SendEmail.dispatch_many([]) == []


def test_many_go_to_the_stores_they_belong_to_and_keep_their_order() -> None:
    here = runtime(CONNECTIONS={"b": "memory://"})
    with current.use(here):
        ids = Take.dispatch_many([(0,), Take(1).on_connection("b"), (2,), Take(3).on_connection("b")])
    assert [codec.decode(record(id).payload)["value"] for id in ids] == [0, 1, 2, 3]
    assert (here.backend().remaining(), here.backend("b").remaining()) == (2, 2)


@pytest.mark.parametrize("item", ["text", 5, None, b"x"])
def test_an_item_that_is_no_set_of_arguments_is_refused_with_its_place(here: Runtime, item: Any) -> None:
    with pytest.raises(InvalidInput, match="item 1: "):
        Take.dispatch_many([(1,), item])
    assert here.backend().remaining() == 0


def test_one_bad_item_among_many_leaves_nothing_behind(here: Runtime) -> None:
    with pytest.raises(InvalidPayload, match="item 2: the argument 'value'"):
        Take.dispatch_many([(1,), (2,), (object(),)])
    assert here.backend().remaining() == 0


def test_a_full_queue_refuses(here: Runtime) -> None:
    here.routing.define_queue("tight", max_jobs=1)
    SendEmail("a").on_queue("tight").dispatch()
    with pytest.raises(QueueFull):
        SendEmail("b").on_queue("tight").dispatch()


# dependencies ---------------------------------------------------------------------------------------


def test_a_job_waits_for_those_it_depends_on(hands: Hands) -> None:
    first, second = SendEmail("a"), Take.dispatch(1)
    first.dispatch()
    waiting = Take(2).depends_on(first, second).dispatch()
    assert record(waiting).state is JobState.BLOCKED
    hands.run()
    assert record(waiting).state is JobState.PENDING
    hands.run()
    assert record(waiting).state is JobState.COMPLETED


def test_depending_on_something_that_was_not_dispatched_is_refused(here: Runtime) -> None:
    for wrong in (SendEmail("a"), "not-an-id", None, 3):
        with pytest.raises(InvalidOption, match="depends_on takes ids"):
            Take(1).depends_on(wrong)
    with pytest.raises((UnknownDependency, DependencyCycle)):
        Take(1).depends_on(uuid7()).dispatch()


# functions ------------------------------------------------------------------------------------------


def test_a_decorated_function_is_still_a_function() -> None:
    assert bare(1) == 2
    assert make_report(2026) == {"year": 2026, "draft": False, "try": 1}
    assert make_report.__name__ == "make_report"
    assert "make_report" in repr(make_report)


def test_a_decorated_function_is_dispatched_by_its_arguments(hands: Hands) -> None:
    id = make_report.dispatch(2026, draft=True)
    stored = record(id)
    assert (stored.name, stored.queue, stored.max_tries) == ("tests.jobs.sample:make_report", "reports", 5)
    assert codec.decode(stored.payload) == {"year": 2026, "draft": True}
    hands.run()
    assert codec.decode_result(record(id).result) == {"year": 2026, "draft": True, "try": 1}


def test_the_fluent_words_of_a_function_are_those_of_its_job(here: Runtime) -> None:
    assert record(make_report.job(2026).on_queue("x").delay_until(5).dispatch()).queue == "x"
    assert make_report.dispatch_if(False, 1) is None
    assert make_report.dispatch_unless(True, 1) is None
    assert len(make_report.dispatch_many([(1,), {"year": 2}])) == 2


def test_a_call_the_function_does_not_take_is_refused_before_it_is_stored(here: Runtime) -> None:
    for wrong in (lambda: make_report.dispatch(), lambda: make_report.dispatch(1, 2), lambda: make_report.dispatch_many([(1,), ()])):  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            wrong()
    assert here.backend().remaining() == 0


def test_a_coroutine_function_is_awaited_in_the_worker(hands: Hands) -> None:
    id = fetch.dispatch(4)
    hands.run()
    assert codec.decode_result(record(id).result) == 8


def test_only_plain_functions_are_decorated_and_only_with_known_options() -> None:
    from horizon import job

    with pytest.raises(TypeError, match="subclass Job"):
        job(SendEmail)  # type: ignore[call-overload]
    with pytest.raises(InvalidOption, match=r"no option 'que' \(did you mean 'queue'\?\)"):
        job(que="x")(lambda: None)


def test_a_function_may_name_what_is_called_after_its_last_failure(hands: Hands) -> None:
    from horizon import job

    seen: list[Exception] = []

    @job(name="test-doomed", max_tries=1, failed=seen.append)
    def doomed() -> None:
        raise ValueError("no")

    doomed.dispatch()
    hands.run()
    assert [str(error) for error in seen] == ["no"]


# which app ------------------------------------------------------------------------------------------


def test_without_an_app_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "_known", [])
    monkeypatch.setattr(current, "_finders", [])
    with pytest.raises(NoApp, match=r"Horizon\(app\)"):
        SendEmail.dispatch("a")


def test_signals_tell_of_what_was_stored_and_not_of_duplicates(here: Runtime) -> None:
    from horizon.core.events import Events

    here.events = Events()
    heard: list[dict[str, Any]] = []
    here.events.listen("job_queued", lambda **details: heard.append(details))
    id = SendEmail("a").unique_by("k").dispatch()
    assert SendEmail("b").unique_by("k").dispatch() is None
    assert [(one["job_id"], one["name"], one["queue"], one["connection"]) for one in heard] == [
        (id, "tests.jobs.sample:SendEmail", "emails", "default")
    ]


def test_a_listener_that_raises_does_not_touch_the_dispatch(here: Runtime) -> None:
    from horizon.core.events import Events

    here.events = Events()
    here.events.listen("job_queued", lambda **details: 1 / 0)
    assert SendEmail.dispatch("a") is not None
