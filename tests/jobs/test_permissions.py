"""Jobs that need a permission: of whom, when it is asked for, and what is masked of what they say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from horizon.core import current
from horizon.core.errors import ConfigurationError, PermissionDenied
from horizon.core.outcome import Kind
from horizon.runtime import Runtime
from tests.jobs.hands import Hands, runtime
from tests.jobs.secret_jobs import NEW, SECRET, Pay, one, run, seen

HELD: dict[str | None, set[str]] = {"ana": {"process_payments"}, "bob": {"look"}}


@pytest.fixture(autouse=True)
def _unseen() -> None:
    seen.clear()


@pytest.fixture
def shop() -> Iterator[Hands]:
    made = Hands(runtime(KEYS=[NEW], PERMISSIONS=lambda user: HELD.get(user, set())))
    with current.use(made.runtime):
        yield made


def denials(here: Runtime) -> list[tuple[str, str]]:
    return [(entry.actor, entry.target) for entry in here.backend().audit.list(verb="denied")]


def test_a_user_with_the_permission_has_the_job_run(shop: Hands) -> None:
    Pay({"number": SECRET}).for_user("ana").dispatch()
    run(shop, one(shop))
    assert seen == [SECRET]


@pytest.mark.parametrize("user", ["bob", None])
def test_without_the_permission_it_is_refused_at_dispatch_and_the_audit_log_keeps_it(shop: Hands, user: str | None) -> None:
    job = Pay({"number": SECRET})
    with pytest.raises(PermissionDenied, match="process_payments"):
        (job if user is None else job.for_user(user)).dispatch()
    assert shop.reserve() == []
    assert denials(shop.runtime) == [(user or "nobody", Pay.name)]


def test_a_permission_lost_while_the_job_waited_keeps_it_from_running(shop: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    id = Pay({"number": SECRET}).for_user("ana").with_tries(5).dispatch()
    monkeypatch.setitem(HELD, "ana", set())
    outcome = run(shop, one(shop))
    assert (outcome.kind, seen) == (Kind.FAILED, [])
    assert outcome.error is not None
    assert outcome.error.type.endswith("PermissionDenied")
    assert denials(shop.runtime) == [("ana", str(id))]


def test_the_current_user_of_the_app_counts_where_the_dispatch_names_none() -> None:
    here = runtime(KEYS=[NEW], PERMISSIONS=lambda user: HELD.get(user, set()), ACTOR=lambda: "ana")
    with current.use(here):
        Pay({"number": SECRET}).dispatch()
    assert one(Hands(here)).user == "ana"


def test_run_here_and_now_it_asks_for_them_too(shop: Hands) -> None:
    with pytest.raises(PermissionDenied):
        Pay.dispatch_now({"number": SECRET})
    assert seen == []
    assert denials(shop.runtime) == [("nobody", Pay.name)]


def test_permissions_that_nobody_can_tell_are_refused_with_what_to_set() -> None:
    with current.use(runtime(KEYS=[NEW])), pytest.raises(ConfigurationError, match="HORIZON_PERMISSIONS"):
        Pay({"number": SECRET}).dispatch()


def test_sensitive_fields_are_masked_in_what_the_job_says_before_it_is_encrypted(shop: Hands) -> None:
    Pay({"number": SECRET}).for_user("ana").with_tries(1).dispatch()
    outcome = run(shop, one(shop))
    assert outcome.error is not None
    told = shop.runtime.keyring.open(outcome.id, outcome.error.message.encode()).decode()
    assert told == "refused ••••••"
