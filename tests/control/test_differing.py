"""What the audit log tells of an act: what was there before, and what is there now."""

from __future__ import annotations

from horizon.backends.values import ActParams, Verb
from horizon.control import differing
from horizon.control.jobs import JobControl
from horizon.control.queues import QueueControl
from horizon.control.tokens import TokenControl
from horizon.control.users import UserControl
from horizon.control.views import ViewControl
from horizon.control.watching import WatchControl
from horizon.core.audit import Changed
from horizon.core.clock import HOUR, ManualClock, iso
from horizon.core.query import Selection
from horizon.security.redaction import MASK
from tests.shop import ANA, Shop

PASSWORD = "correct horse battery"


def latest(shop: Shop) -> tuple[Changed, ...]:
    return shop.backend().audit.list()[0].changes


def test_a_pause_tells_till_when_and_why_and_a_resume_takes_all_of_it_back(shop: Shop, clock: ManualClock) -> None:
    control, until = QueueControl(shop), clock() + HOUR
    control.pause(ANA, "mail", until=until, reason="deploy")
    assert latest(shop) == (("paused", "no", "yes"), ("reason", None, "deploy"), ("until", None, iso(until)))
    control.pause(ANA, "mail", reason="longer")
    assert latest(shop) == (("reason", "deploy", "longer"), ("until", iso(until), None))
    control.resume(ANA, "mail")
    assert latest(shop) == (("paused", "yes", "no"), ("reason", "longer", None))


def test_a_setting_of_a_queue_is_told_from_what_it_was_to_what_it_is_and_back_to_the_code(shop: Shop) -> None:
    control = QueueControl(shop)
    control.override(ANA, "mail", {"max_jobs": 500, "priority_weight": 3, "patience": 90_000_000})
    assert ("max_jobs", "unlimited", "500") in latest(shop)
    assert ("priority_weight", "1", "3") in latest(shop)
    assert next(after for name, _, after in latest(shop) if name == "patience") == "90 s"
    control.override(ANA, "mail", {"max_jobs": 700})
    assert latest(shop) == (("max_jobs", "500", "700"),)
    control.override(ANA, "mail", {"max_jobs": None})
    assert latest(shop) == (("max_jobs", "700", "unlimited"),)


def test_a_job_that_is_put_elsewhere_tells_where_it_stood(shop: Shop, clock: ManualClock) -> None:
    control, (id,) = JobControl(shop), shop.push(1)
    for verb, params, changed in (
        (Verb.PRIORITIZE, ActParams(priority=7), ("priority", "0", "7")),
        (Verb.MOVE, ActParams(queue="bulk"), ("queue", "mail", "bulk")),
    ):
        control.act(ANA, verb, Selection(ids=(id,)), params)
        assert latest(shop) == (changed,)
    control.act(ANA, Verb.RESCHEDULE, Selection(ids=(id,)), ActParams(at=clock() + HOUR))
    assert [(name, after) for name, _, after in latest(shop)] == [("at", iso(clock() + HOUR))]


def test_a_role_is_told_and_a_password_never_is(shop: Shop) -> None:
    control = UserControl(shop)
    control.add(ANA, "otto", "viewer", PASSWORD)
    assert latest(shop) == (("role", None, "viewer"),)
    control.set_role(ANA, "otto", "admin")
    assert latest(shop) == (("role", "viewer", "admin"),)
    control.set_password(ANA, "otto", PASSWORD + " staple")
    assert latest(shop) == (("password", MASK, MASK),)
    control.remove(ANA, "otto")
    assert latest(shop) == (("role", "admin", None),)
    assert PASSWORD not in str(shop.backend().audit.list())


def test_a_token_tells_its_name_and_role_and_nothing_of_its_text(shop: Shop) -> None:
    token, text = TokenControl(shop).add(ANA, "deploys", "operator")
    assert latest(shop) == (("name", None, "deploys"), ("role", None, "operator"))
    TokenControl(shop).revoke(ANA, token.id)
    assert latest(shop) == (("name", "deploys", None), ("role", "operator", None))
    assert text not in str(shop.backend().audit.list())


def test_a_view_tells_what_became_of_its_name_and_who_sees_it(shop: Shop) -> None:
    control = ViewControl(shop)
    made = control.save(ANA, "Mails", "jobs", "queue=mail")
    assert ("query", None, "queue=mail") in latest(shop)
    control.change(ANA, made.id, {"shared": True, "name": "All mails"})
    assert latest(shop) == (("name", "Mails", "All mails"), ("shared", "no", "yes"))


def test_a_tag_that_is_watched_was_not_before(shop: Shop) -> None:
    WatchControl(shop).watch(ANA, "order:7")
    assert latest(shop) == (("watched", "no", "yes"),)


def test_long_texts_are_cut_addresses_lose_their_password_and_names_of_secrets_their_value() -> None:
    before = {"url": "redis://me:hush@host/0", "api_key": "abc", "text": "short"}
    after = {"url": "redis://me:other@host/1", "api_key": "def", "text": "x" * 2_000}
    found = {name: (old, new) for name, old, new in differing.changes(before, after)}
    assert "hush" not in str(found)
    assert "abc" not in str(found)
    assert "def" not in str(found)
    assert len(found["text"][1] or "") == differing.LONGEST
    assert found["api_key"] == (MASK, MASK)
