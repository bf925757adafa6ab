"""Several people, each in a thread of their own, who do the same thing at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

from werkzeug.test import TestResponse

from horizon.core.outcome import Kind
from tests.web.api.conftest import Api
from tests.web.conftest import SAME

PEOPLE = 6


def at_once(api: Api, ask: Callable[[int], dict[str, object]]) -> list[TestResponse]:
    """The answers to what each of them asked of `jobs/control`."""
    barrier, answers = Barrier(PEOPLE), []

    def person(number: int) -> None:
        client = api.app.test_client()
        barrier.wait(30)
        answers.append(client.post("/horizon/api/jobs/control", json=ask(number), headers=SAME))

    people = [Thread(target=person, args=(number,)) for number in range(PEOPLE)]
    for one in people:
        one.start()
    for one in people:
        one.join(60)
    assert len(answers) == PEOPLE
    return answers


def test_of_several_who_retry_a_job_one_has_it_done_and_the_others_are_told_why_not(api: Api):
    id = api.dispatch()
    api.run(Kind.FAILED)
    answers = at_once(api, lambda number: {"action": "retry", "job_id": id})
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (PEOPLE - 1)
    assert {answer.json["error"]["code"] for answer in answers if answer.status_code == 409} == {"invalid_transition"}
    assert [entry.verb for entry in api.store.audit.list()] == ["retry"]
    assert api.state(id) == "pending"
    assert len(api.run()) == 1


def test_of_several_who_retry_all_that_failed_each_job_is_retried_once(api: Api):
    ids = [api.dispatch() for _ in range(20)]
    api.run(Kind.FAILED, count=20)
    answers = at_once(api, lambda number: {"action": "retry", "filter": "state:failed"})
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json["done"] for answer in answers) == 20
    assert {api.state(id) for id in ids} == {"pending"}


def test_retrying_and_forgetting_at_once_leaves_the_job_in_one_state(api: Api):
    id = api.dispatch()
    api.run(Kind.FAILED)
    answers = at_once(api, lambda number: {"action": "retry" if number % 2 else "forget", "job_id": id})
    assert {answer.status_code for answer in answers} <= {200, 409}
    counts = {state.value: n for queue in api.store.numbers.counts() for state, n in queue.counts.items() if n}
    assert sum(counts.values()) <= 1
    assert api.store.numbers.recount() == {}


def test_several_who_start_the_same_kind_of_job_each_get_one_of_their_own(api: Api):
    barrier, made = Barrier(PEOPLE), []

    def person() -> None:
        client = api.app.test_client()
        barrier.wait(30)
        made.append(client.post("/horizon/api/jobs", json={"name": "web-tests:send-mail", "args": {"to": "a@b.c"}}, headers=SAME))

    people = [Thread(target=person) for _ in range(PEOPLE)]
    for one in people:
        one.start()
    for one in people:
        one.join(60)
    assert {answer.status_code for answer in made} == {201}
    assert len({answer.json["id"] for answer in made}) == PEOPLE
    assert len(api.store.audit.list()) == PEOPLE
