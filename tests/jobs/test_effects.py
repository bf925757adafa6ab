from __future__ import annotations

import asyncio
from typing import Any

import pytest

from horizon import Job, ShouldBeEncrypted
from horizon.core.effect import LONGEST
from horizon.core.errors import HorizonError, InvalidOption
from horizon.core.outcome import Kind
from horizon.runtime import Runtime
from horizon.security import keys
from horizon.testing import JobTester
from tests.jobs.acting import run
from tests.jobs.hands import Hands, runtime
from tests.jobs.sample import Call, Frozen

charged: list[int] = []


def charge(order: int, *, cents: int = 100) -> dict[str, Any]:
    charged.append(order)
    return {"charge": f"ch_{order}", "cents": cents, "number": len(charged)}


async def acharge(order: int) -> str:
    await asyncio.sleep(0)
    charged.append(order)
    return f"ch_{order}"


class Charge(Job, name="test-charge"):
    def __init__(self, order: int) -> None:
        self.order = order

    async def handle(self) -> str:
        return str(await self.once(f"charge:{self.order}", acharge, self.order))


class Secret(Job, ShouldBeEncrypted, name="test-secret-charge"):
    def __init__(self, order: int) -> None:
        self.order = order

    def handle(self) -> Any:
        return self.once(f"charge:{self.order}", charge, self.order, cents=7)


@pytest.fixture(autouse=True)
def _nobody_was_charged() -> None:
    charged.clear()


def test_what_took_place_before_a_failure_does_not_take_place_again(hands: Hands) -> None:
    def act(job: Any) -> Any:
        receipt = job.once("charge:42", charge, 42, cents=5)
        if job.attempts == 1:
            raise ValueError("the mail server is down")
        return receipt

    assert run(hands, act, job=_soon(Call("it"))).kind is Kind.RETRY
    outcome = hands.run_one()
    assert (outcome.kind, charged) == (Kind.COMPLETED, [42])
    assert outcome.result == b'{"result":{"charge":"ch_42","cents":5,"number":1}}'


def test_another_job_is_told_what_came_of_it_and_in_which_job(hands: Hands) -> None:
    first = run(hands, lambda job: job.once("charge:42", charge, 42))
    seen: list[Any] = []

    def act(job: Any) -> None:
        seen.append(job.effect_of("charge:42"))
        seen.append(job.effect_of("charge:43"))
        seen.append(job.once("charge:42", charge, 42))

    run(hands, act)
    assert (seen[0].value["charge"], seen[0].job_id, seen[0].key, seen[1]) == ("ch_42", first.id, "charge:42", None)
    assert (seen[0].at.tzinfo is not None, seen[2]["number"], charged) == (True, 1, [42])


def test_within_one_attempt_it_is_known_at_once(hands: Hands) -> None:
    def act(job: Any) -> list[Any]:
        job.took_effect("mail:42")
        assert (job.effect_of("mail:42").value, job.effect_of("mail:42").at) == (None, None)
        return [job.once("charge:42", charge, 42)["number"], job.once("charge:42", charge, 42)["number"], job.once("mail:42", charge, 1)]

    assert run(hands, act).result == b'{"result":[1,1,null]}'
    assert charged == [42]


def test_an_effect_that_failed_has_not_taken_place(hands: Hands) -> None:
    def broken() -> None:
        raise ConnectionError("no route")

    def act(job: Any) -> None:
        job.once("charge:42", broken)

    run(hands, act, tries=1)
    assert hands.backend.effects.get(["charge:42"]) == {}


def test_the_store_is_asked_once_for_a_key(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    run(hands, lambda job: job.took_effect("a", 1))
    asked: list[Any] = []
    get = hands.backend.effects.get
    monkeypatch.setattr(hands.backend.effects, "get", lambda names: asked.append(names) or get(names))  # type: ignore[func-returns-value]
    run(hands, lambda job: str([job.effect_of("a"), job.effect_of("a"), job.once("a", charge, 1)]))
    assert asked == [["a"]]


def test_a_job_without_effects_says_nothing_of_any(hands: Hands) -> None:
    assert run(hands, lambda job: 1).effects == ()


def test_async_functions_are_awaited_and_what_came_of_them_too(here: Runtime, hands: Hands) -> None:
    Charge(7).dispatch()
    Charge(7).dispatch()
    first, second = hands.reserve()
    for one in (first, second):
        outcome = asyncio.run(hands.attempts.prepare(one).arun())
        hands.backend.turn([outcome])
        assert outcome.result == b'{"result":"ch_7"}'
    assert charged == [7]


@pytest.mark.parametrize(
    ("value", "why"), [(object(), "object"), ("x" * 20_000, "bytes"), (float("nan"), "JSON")], ids=["no-json", "too-large", "nan"]
)
def test_what_no_store_can_hold_is_left_out_and_the_log_says_so(hands: Hands, value: Any, why: str) -> None:
    outcome = run(hands, lambda job: job.once("charge:42", lambda: value) is value)
    assert outcome.result == b'{"result":true}'
    assert [(line.level, why in line.message) for line in outcome.logs] == [("WARNING", True)]
    assert hands.backend.effects.get(["charge:42"])["charge:42"].value is None


def test_what_came_of_it_is_what_it_was_then(hands: Hands) -> None:
    def act(job: Any) -> None:
        receipt = job.once("charge:42", charge, 42)
        receipt["charge"] = "changed"

    run(hands, act)
    run(hands, lambda job: job.once("charge:42", charge, 42)["charge"] == "ch_42")
    assert charged == [42]


def test_values_keep_their_types(hands: Hands) -> None:
    kept = (1, {2}, Frozen)
    run(hands, lambda job: job.took_effect("a", (1, {2})))
    seen: list[Any] = []
    run(hands, lambda job: seen.append(job.effect_of("a").value))
    assert seen == [kept[:2]]


def test_of_an_encrypted_job_the_store_sees_nothing_and_others_are_told_all() -> None:
    made = runtime(KEYS=[keys.generate()])
    from horizon.core import current

    with current.use(made):
        hands = Hands(made)
        Secret(42).dispatch()
        hands.run_one()
        kept = made.backend().effects.get(["charge:42"])["charge:42"].value
        assert kept is not None
        assert b"ch_42" not in kept
        Secret(42).dispatch()
        hands.run_one()
        run(hands, lambda job: job.once("charge:42", charge, 42)["charge"] == "ch_42")
    made.close()
    assert charged == [42]


@pytest.mark.parametrize("key", ["", "job x y", None, "a\x00", "x" * (LONGEST + 1), True])
def test_a_key_that_is_none_is_refused(hands: Hands, key: Any) -> None:
    def act(job: Any) -> None:
        with pytest.raises(InvalidOption, match="key of an effect"):
            job.once(key, charge, 1)

    assert run(hands, act).kind is Kind.COMPLETED
    assert charged == []


def test_a_value_where_a_function_belongs_is_refused(hands: Hands) -> None:
    def act(job: Any) -> None:
        with pytest.raises(InvalidOption, match="a function with its arguments"):
            job.once("a", charge(1))

    assert run(hands, act).kind is Kind.COMPLETED


def test_outside_of_a_run_there_are_none() -> None:
    with pytest.raises(HorizonError, match="is not running"):
        Call("it").once("a", charge, 1)
    with pytest.raises(HorizonError, match="is not running"):
        Call("it").took_effect("a")


def test_here_and_now_nothing_is_asked_and_nothing_kept(hands: Hands) -> None:
    Call.acts["it"] = lambda job: [job.once("a", charge, 1)["number"], job.once("a", charge, 1)["number"]]
    assert Call("it").dispatch_now("it") == [1, 1]
    assert hands.backend.effects.get(["a"]) == {}


def test_a_test_of_a_job_sees_its_effects() -> None:
    Call.acts["it"] = lambda job: job.once("a", charge, 1)
    assert [noted.name for noted in JobTester(Call("it")).run().outcome.effects] == ["a"]


def _soon(job: Job) -> Job:
    return job.with_backoff(0)
