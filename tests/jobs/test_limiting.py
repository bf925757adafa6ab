"""Which limits travel with a job, and under which keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from horizon import ConcurrencyLimit, Job, QueueManager, RateLimit, RateLimited, define_queue
from horizon.core.clock import SECOND
from horizon.core.errors import InvalidOption
from horizon.core.limit import Limit
from horizon.jobs import envelopes, limiting
from horizon.runtime import Runtime


class Plain(Job, name="plain"):
    def handle(self) -> None: ...


class Narrow(Job, name="narrowed", max_concurrent=3):
    def handle(self) -> None: ...


class Mail(Job, RateLimited, name="mail"):
    says: Sequence[Any] = ()

    def __init__(self, to: str = "ana") -> None:
        self.to = to

    def get_rate_limits(self) -> Any:
        return type(self).says

    def handle(self) -> None: ...


class Misspelt(Job, RateLimited, name="misspelt"):
    def get_rate_limit(self) -> Any:
        return [RateLimit(1, 1)]

    def handle(self) -> None: ...


def limits(job: Any, here: Runtime) -> dict[str, tuple[int, float, str]]:
    made = envelopes.make(job, here)[1].limits
    return {limit.key: (limit.most, limit.per / SECOND, limit.strategy) for limit in made}


def test_a_job_without_limits_carries_none(here: Runtime) -> None:
    define_queue("free", rate_limit_enabled=False, rate_limit_max=1)
    assert limits(Plain(), here) == {}
    assert limits(Plain().on_queue("free"), here) == {}


def test_a_limited_job_that_does_not_say_how_is_refused(here: Runtime) -> None:
    with pytest.raises(InvalidOption, match=r"Misspelt is RateLimited, but does not say how: define get_rate_limits\(self\)"):
        Misspelt.dispatch()


def test_limits_of_queue_and_class_and_its_own_come_together(here: Runtime) -> None:
    define_queue("mails", rate_limit_max=7, max_concurrent=2)
    Mail.says = [RateLimit(100, 3600), RateLimit(10, 60, key="user:ana", strategy="bucket"), ConcurrencyLimit(1, key="user:ana")]
    assert limits(Mail().on_queue("mails"), here) == {
        "queue mails": (7, 60, "sliding"),
        "queue mails, at once": (2, 0, "concurrent"),
        "mail": (100, 3600, "sliding"),
        "mail user:ana": (10, 60, "bucket"),
        "mail user:ana, at once": (1, 0, "concurrent"),
    }
    assert limits(Narrow().on_queue("mails"), here).keys() == {"queue mails", "queue mails, at once", "narrowed, at once"}
    assert limits(Narrow(), here) == {"narrowed, at once": (3, 0, "concurrent")}


def test_a_limit_said_later_counts_from_then_on_and_under_the_same_key(here: Runtime) -> None:
    assert limits(Plain().on_queue("later"), here) == {}
    QueueManager.rate_limit("later", max_jobs=5, per_seconds=10, strategy="fixed")
    assert limits(Plain().on_queue("later"), here) == {"queue later": (5, 10, "fixed")}
    QueueManager.rate_limit("later", max_jobs=9, per_seconds=20)
    assert limits(Plain().on_queue("later"), here) == {"queue later": (9, 20, "sliding")}


def test_what_classes_share_has_a_key_of_its_own(here: Runtime) -> None:
    Mail.says = [RateLimit(10, 1, key="the weather service", shared=True), ConcurrencyLimit(2, key="the weather service", shared=True)]
    assert limits(Mail(), here).keys() == {"the weather service", "the weather service, at once"}


def test_several_limits_of_one_key_stay_several_and_the_same_one_twice_is_one(here: Runtime) -> None:
    Mail.says = [RateLimit(10, 60), RateLimit(100, 3600), RateLimit(10, 60)]
    assert limits(Mail(), here) == {"mail": (10, 60, "sliding"), "mail (2)": (100, 3600, "sliding")}


def test_a_long_key_is_cut_and_stays_one_of_its_own(here: Runtime) -> None:
    Mail.says = [RateLimit(1, 1, key="x" * 199 + "1"), RateLimit(1, 1, key="x" * 199 + "2")]
    keys = list(limits(Mail(), here))
    assert len(set(keys)) == 2
    assert all(len(key) <= 200 and key.startswith("mail xxx") for key in keys)


@pytest.mark.parametrize("wrong", [RateLimit(1, 1), 5, None, ["10/m"], [RateLimit], [RateLimit(1, n) for n in range(1, 30)]])
def test_limits_that_are_none_are_refused_at_dispatch(here: Runtime, wrong: Any) -> None:
    Mail.says = wrong
    with pytest.raises(InvalidOption, match="Mail"):
        Mail.dispatch()


@pytest.mark.parametrize(
    "wrong", [{"max": 0}, {"max": 1.5}, {"max": True}, {"key": ""}, {"key": "a\nb"}, {"shared": True}, {"shared": 1, "key": "k"}]
)
def test_a_limit_at_a_time_that_makes_no_sense_is_refused_where_it_is_written(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidOption, match=r"of a limit|that classes share"):
        ConcurrencyLimit(**{"max": 1, **wrong})


def test_a_queue_that_delays_holds_so_many_and_refuses_none(here: Runtime) -> None:
    define_queue("bounded", max_jobs=5, when_full="delay")
    said = here.routing.queue("bounded")
    assert said is not None
    assert said.settings().max_jobs is None
    assert limits(Plain().on_queue("bounded"), here) == {"queue bounded, room": (5, 0, "concurrent")}


def test_a_worker_says_what_queues_and_classes_allow_now(here: Runtime) -> None:
    define_queue("said", rate_limit_max=7)
    define_queue("elsewhere", connection="other", max_concurrent=2)
    said = limiting.defined(here)
    assert not any("elsewhere" in limit.key for limit in said)
    assert Limit(key="queue said", most=7, per=60 * SECOND) in said
    assert Limit(key="narrowed, at once", most=3, strategy="concurrent") in said
