from __future__ import annotations

import json

import pytest

from horizon.cli import output
from horizon.core.clock import SECOND
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from tests.cli.conftest import Site


def audited(site: Site) -> list[tuple[str, int, str | None]]:
    return [(entry.verb, entry.count, entry.origin) for entry in site.backend().audit.list()]


def test_retry_by_id_makes_a_failed_job_pending_again_and_is_audited(site: Site, horizon) -> None:
    (id,) = site.push(1)
    site.run(1, Kind.FAILED)
    done = horizon("retry", id)
    assert (done.exit_code, done.output) == (0, "Retried 1 job.\n")
    assert site.state(id) == "pending"
    assert audited(site) == [("retry", 1, "cli")]


def test_retry_all_takes_every_failed_job_and_no_other(site: Site, horizon) -> None:
    ids = site.push(4)
    site.run(1, Kind.COMPLETED)
    site.run(2, Kind.FAILED)
    assert horizon("retry", "all").output == "Retried 2 jobs.\n"
    assert [site.state(id) for id in ids] == ["completed", "pending", "pending", "pending"]


def test_all_can_be_narrowed_to_a_queue_and_a_search(site: Site, horizon) -> None:
    for queue in ("mail", "reports"):
        site.push(1, queue=queue)
        site.run(1, Kind.FAILED, queue=queue)
    assert horizon("retry", "all", "--queue", "reports").output == "Retried 1 job.\n"
    assert horizon("retry", "all", "--search", "error:nothing").output == "Retried 0 jobs.\n"
    assert horizon("retry", "all", "--search", "error:SMTP").output == "Retried 1 job.\n"


def test_cancel_and_forget_refuse_without_yes_where_nobody_can_answer(site: Site, horizon) -> None:
    (id,) = site.push(1)
    for verb in ("cancel", "forget"):
        done = horizon(verb, id)
        assert done.exit_code == 2
        assert "1 job?" in done.output
        assert "add --yes" in done.output
    assert site.state(id) == "pending"


@pytest.mark.parametrize(("answer", "state"), [("y\n", "cancelled"), ("n\n", "pending")])
def test_at_a_terminal_cancel_asks(site: Site, horizon, monkeypatch: pytest.MonkeyPatch, answer: str, state: str) -> None:
    (id,) = site.push(1)
    monkeypatch.setattr(output, "somebody_there", lambda: True)
    done = horizon("cancel", id, input=answer)
    assert "Cancel 1 job?" in done.output
    assert site.state(id) == state


@pytest.mark.parametrize("flag", ["--yes", "--force", "-y"])
def test_with_yes_cancel_does_not_ask(site: Site, horizon, flag: str) -> None:
    (id,) = site.push(1)
    assert horizon("cancel", id, flag).output == "Cancelled 1 job.\n"
    assert site.state(id) == "cancelled"


def test_cancel_all_takes_what_has_not_ended(site: Site, horizon) -> None:
    site.push(3)
    site.run(1)
    done = horizon("cancel", "all", "--yes", "--reason", "wrong list")
    assert done.output == "Cancelled 2 jobs.\n"
    cancelled = json.loads(horizon("jobs", "state:cancelled", "--json").output)["items"]
    assert len(cancelled) == 2


def test_the_question_about_all_says_how_many(site: Site, horizon) -> None:
    site.push(3)
    assert "Cancel 3 jobs?" in horizon("cancel", "all").output


def test_forget_removes_ended_jobs_from_sight(site: Site, horizon) -> None:
    site.push(2)
    site.run(1)
    assert horizon("forget", "all", "--yes").output == "Forgot 1 job.\n"
    assert [job["state"] for job in json.loads(horizon("jobs", "--json").output)["items"]] == ["pending"]


@pytest.mark.parametrize(("said", "priority"), [([], 10), (["--priority", "-5"], -5), (["-p", "critical"], 20)])
def test_prioritize(site: Site, horizon, said: list[str], priority: int) -> None:
    (id,) = site.push(1)
    assert horizon("prioritize", id, *said).output == "Prioritized 1 job.\n"
    assert site.backend().many([id])[0].priority == priority


@pytest.mark.parametrize("said", ["1000", "urgent", "1.5"])
def test_a_priority_that_is_none_is_wrong_usage(site: Site, horizon, said: str) -> None:
    (id,) = site.push(1)
    done = horizon("prioritize", id, "--priority", said)
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    assert site.backend().many([id])[0].priority == 0


def test_an_id_that_cannot_be_acted_on_is_told_with_the_reason(site: Site, horizon) -> None:
    done_id, pending = site.push(2)
    site.run(1)
    done = horizon("cancel", done_id, pending, "--yes")
    assert done.exit_code == 0
    assert "Cancelled 1 job." in done.stdout
    assert done_id in done.stderr
    assert "completed" in done.stderr


def test_nothing_done_exits_with_one(site: Site, horizon) -> None:
    done = horizon("retry", uuid7())
    assert done.exit_code == 1
    assert "Retried 0 jobs." in done.stdout


def test_an_act_as_json_is_what_the_api_answers(site: Site, horizon) -> None:
    (id,) = site.push(1)
    assert json.loads(horizon("cancel", id, "--yes", "--json").output) == {"action": "cancel", "done": 1, "skipped": []}


def test_an_id_is_acted_on_where_it_lives(site: Site, horizon) -> None:
    (here,), (there,) = site.push(1), site.push(1, connection="archive")
    assert horizon("cancel", here, there, "--yes").output == "Cancelled 2 jobs.\n"


@pytest.mark.parametrize("words", [("nonsense",), ("all", "0190"), ()])
def test_what_is_no_id_is_wrong_usage(site: Site, horizon, words: tuple[str, ...]) -> None:
    done = horizon("retry", *words)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_more_than_one_step_takes_goes_on_in_the_background(site: Site, horizon) -> None:
    site.push(501)
    done = json.loads(horizon("cancel", "all", "--yes", "--json").output)
    operation = site.backend().operations.get(done["operation"])
    assert operation is not None
    assert operation.verb == "cancel"


def test_restore_brings_a_forgotten_job_back_and_takes_no_all(site: Site, horizon) -> None:
    (id,) = site.push(1)
    site.run(1, Kind.FAILED)
    horizon("forget", id, "--yes")
    done = horizon("restore", id)
    assert (done.exit_code, done.output) == (0, "Restored 1 job.\n")
    assert site.state(id) == "failed"
    assert horizon("restore", "all").exit_code == 2


def test_uncancel_puts_jobs_back_to_where_they_waited(site: Site, horizon) -> None:
    (one, other), (ended,) = site.push(2), site.push(1)
    site.run(1, Kind.FAILED)
    horizon("cancel", "all", "--yes")
    done = horizon("uncancel", "all")
    assert done.exit_code == 0
    assert sorted(site.state(id) for id in (one, other, ended)) == ["failed", "pending", "pending"]
    failed = next(id for id in (one, other, ended) if site.state(id) == "failed")
    refused = horizon("uncancel", failed)
    assert refused.exit_code == 1
    assert "only a cancelled job can be put back; it is failed" in refused.output


# when ---------------------------------------------------------------------------------------------------------------------


def test_run_now_ends_the_waiting(site: Site, horizon) -> None:
    (id,) = site.push(1, available_at=site.backend().now() + 3600 * SECOND)
    assert site.state(id) == "scheduled"
    assert horizon("run-now", id).output == "Let run 1 job.\n"
    assert site.state(id) == "pending"


def test_run_now_of_all_means_what_waits_for_its_time(site: Site, horizon) -> None:
    ids = site.push(2, available_at=site.backend().now() + 3600 * SECOND)
    assert horizon("run-now", "all").output == "Let run 2 jobs.\n"
    assert {site.state(id) for id in ids} == {"pending"}


def test_reschedule_lets_a_job_wait(site: Site, horizon) -> None:
    (id,) = site.push(1)
    assert horizon("reschedule", id, "--at", "2h").output == "Rescheduled 1 job.\n"
    wait = site.backend().many([id])[0].available_at - site.backend().now()
    assert 7000 * SECOND < wait <= 7200 * SECOND
    assert horizon("reschedule", id).exit_code == 2
    assert horizon("reschedule", id, "--at", "whenever").exit_code == 2


# flush --------------------------------------------------------------------------------------------------------------------


def test_flush_forgets_every_failed_job_or_those_of_one_queue(site: Site, horizon) -> None:
    site.push(2, queue="mail")
    site.push(1, queue="reports")
    site.run(2, Kind.FAILED, queue="mail")
    (kept,) = site.run(1, Kind.FAILED, queue="reports")
    done = horizon("flush", "--queue", "mail")
    assert done.exit_code == 2
    assert "Forget 2 jobs?" in done.output
    assert horizon("flush", "--queue", "mail", "--yes").output == "Forgot 2 jobs.\n"
    assert [record.id for record in site.backend().find(JobQuery(states=(JobState.FAILED,))).items] == [kept]
    assert horizon("queue:flush", "--force").output == "Forgot 1 job.\n"
