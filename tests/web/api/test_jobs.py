from __future__ import annotations

import sys

import pytest

from horizon.core.outcome import Kind
from tests.stores.lending import fresh
from tests.web.api.conftest import NOBODY, Api, problem

JOB = {
    "id", "name", "queue", "connection", "state", "priority", "attempts", "max_tries", "tags", "created_at", "available_at", "started_at",
    "finished_at", "wait", "runtime", "progress", "batch_id", "chain_id", "error",
}  # fmt: skip

# the list -------------------------------------------------------------------------------------------------


def test_the_list_has_the_promised_shape(api: Api):
    id = api.dispatch()
    answer = api.get("/jobs")
    assert answer.status_code == 200
    assert set(answer.json) == {"items", "next", "total", "total_at_least"}
    (job,) = answer.json["items"]
    assert set(job) == JOB
    assert (job["id"], job["name"], job["queue"], job["state"], job["connection"]) == (
        id,
        "web-tests:send-mail",
        "mail",
        "pending",
        "default",
    )
    assert (job["priority"], job["attempts"], job["tags"], job["error"], job["batch_id"]) == (0, 0, ["shop"], None, None)
    assert job["created_at"].endswith("Z")
    assert job["started_at"] is None


def test_times_are_iso_in_utc_and_durations_seconds(api: Api):
    api.dispatch()
    api.run()
    (job,) = api.get("/jobs").json["items"]
    assert job["runtime"] == 0.25
    assert job["wait"] >= 0
    for key in ("created_at", "available_at", "started_at", "finished_at"):
        assert job[key][10] == "T"
        assert job[key][-1] == "Z"


def test_it_takes_the_filters_of_the_page(api: Api):
    api.dispatch()
    other = api.dispatch(queue="reports")
    assert [job["id"] for job in api.get("/jobs?queue=reports").json["items"]] == [other]
    assert [job["id"] for job in api.get("/jobs?q=queue:reports+state:pending").json["items"]] == [other]
    assert api.get("/jobs?state=failed").json["items"] == []
    assert len(api.get("/jobs?state=pending,failed").json["items"]) == 2


def test_pages_follow_each_other_by_the_cursor_without_gap_or_repetition(api: Api):
    ids = [api.dispatch() for _ in range(7)]
    seen, cursor = [], ""
    for _ in range(4):
        page = api.get("/jobs", query_string={"limit": 2, **({"cursor": cursor} if cursor else {})}).json
        seen += [job["id"] for job in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == ids[::-1]
    assert cursor is None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "invalid_filter"),
        ("limit=201", "invalid_filter"),
        ("limit=ten", "invalid_filter"),
        ("limit=-1", "invalid_filter"),
        ("limit=99999999999999999999999", "invalid_filter"),
        ("limit=" + "9" * 5000, "invalid_filter"),
        ("limit=٥", "invalid_filter"),
        ("limit=1_0", "invalid_filter"),
        ("state=" + "x" * 10_000, "invalid_filter"),
        ("queue=" + "x" * 10_000, "invalid_filter"),
        ("cursor=" + "x" * 10_000, "invalid_filter"),
        ("state=exploded", "invalid_filter"),
        ("q=colour:red", "invalid_filter"),
        ('q="never closed', "invalid_filter"),
        ("q=took:fast", "invalid_filter"),
        ("q=-queue:mail", "invalid_filter"),
        ("q=" + "x" * 1001, "invalid_filter"),
        ("cursor=nonsense", "invalid_cursor"),
        ("cursor=%00%ff", "invalid_cursor"),
        ("cursor=" + "9" * 400, "invalid_cursor"),
        ("cursor=' OR 1=1 --", "invalid_cursor"),
    ],
)
def test_a_malformed_filter_or_cursor_is_a_400_that_says_so(api: Api, query, code):
    api.dispatch()
    assert len(problem(api.get(f"/jobs?{query}"), 400, code)["message"]) <= 600


@pytest.mark.parametrize(
    "q",
    [
        "(a+)+$", "'", "';DROP TABLE horizon_live;--", "\0", "\x01\x1b[31m", "²³", "١٢", "%", "_", "\\", "arg:%", "error:(a+)+$",
        "after:9999-12-31T23:59:59Z", "before:0001-01-01T00:00+23:59", "before:999999999w", "took:>999999999w",
    ],
    ids=ascii,
)  # fmt: skip
def test_signs_that_mean_something_elsewhere_are_only_looked_for(api: Api, q):
    api.dispatch()
    answer = api.get("/jobs", query_string={"q": q})
    assert (answer.status_code, answer.json.get("items")) == (200, [])


@pytest.mark.parametrize("q", ["after:0001-01-01", "after:999999999w", "after:0001-01-01T00:00+23:59"])
def test_a_moment_before_all_jobs_lets_every_job_through(api: Api, q):
    api.dispatch()
    assert len(api.get("/jobs", query_string={"q": q}).json["items"]) == 1


def test_a_cursor_of_another_list_is_refused_or_harmless(api: Api):
    for _ in range(3):
        api.dispatch()
    api.run(count=3)
    cursor = api.get("/jobs?limit=1").json["next"]
    answer = api.get("/jobs", query_string={"cursor": cursor, "state": "completed"})
    assert answer.status_code in (200, 400)


def test_a_connection_that_does_not_exist_is_a_404(api: Api):
    problem(api.get("/jobs?connection=nowhere"), 404, "not_found")


# nothing new -------------------------------------------------------------------------------------------------


def test_a_list_that_has_not_changed_is_answered_with_304_and_no_body(api: Api):
    api.dispatch()
    tag = api.get("/jobs").headers["ETag"]
    again = api.get("/jobs", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    api.dispatch()
    assert api.get("/jobs", headers={"If-None-Match": tag}).status_code == 200


def test_a_tag_says_what_was_asked_for(api: Api):
    api.dispatch()
    tag = api.get("/jobs").headers["ETag"]
    assert api.get("/jobs?state=failed", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("path", ["/jobs/dashboard", "/jobs/ID", "/jobs/control", "/me"])
def test_a_single_thing_that_has_not_changed_is_a_304_too(api: Api, path):
    path = path.replace("ID", api.dispatch(delay=1000))
    tag = api.get(path).headers["ETag"]
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert api.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


# one job ---------------------------------------------------------------------------------------------------------


def test_one_job_has_its_payload_result_and_history_too(api: Api):
    id = api.dispatch("Ana <a@b.c>")
    api.run(result=b'{"result":{"sent":1}}')
    job = api.get(f"/jobs/{id}").json
    turn = {"deadline", "deadline_missed", "expires", "fair"}
    assert set(job) == JOB | turn | {"payload", "result", "history", "encrypted", "limits", "waits_for_limit", "cancellation"}
    assert job["payload"] == {"to": "Ana <a@b.c>"}
    assert job["result"] == {"sent": 1}
    (attempt,) = job["history"]
    assert set(attempt) == {"attempt", "started_at", "finished_at", "worker", "outcome", "error", "memory_mb", "log"}
    assert (attempt["attempt"], attempt["outcome"], attempt["memory_mb"], attempt["error"]) == (1, "completed", 2.0, None)
    assert attempt["log"][0]["level"] == "INFO"
    assert attempt["log"][0]["message"] == "sending"
    assert attempt["log"][0]["at"].endswith("Z")


def test_a_failed_job_shows_its_error_and_the_attempt_its_traceback(api: Api):
    id = api.dispatch()
    api.run(Kind.FAILED)
    job = api.get(f"/jobs/{id}").json
    assert job["error"] == {"type": "SMTPError", "message": "refused <b>"}
    assert job["history"][0]["error"] == {"type": "SMTPError", "message": "refused <b>", "traceback": "Traceback ..."}


@pytest.mark.parametrize("id", [NOBODY, "x", "0", "%00", "' OR 1=1 --", "x" * 3000, "☃", "..%2f..%2fetc"])
def test_a_job_that_does_not_exist_is_a_404(api: Api, id):
    problem(api.get(f"/jobs/{id}"), 404, "not_found")


def test_a_job_is_found_on_whichever_connection_it_lives(make_app):
    api = Api(make_app(HORIZON_CONNECTIONS={"archive": fresh()}))
    made = api.post("/jobs", {"name": "web-tests:send-mail", "args": {"to": "a@b.c"}, "connection": "archive"})
    assert made.json["connection"] == "archive"
    assert api.get(f"/jobs/{made.json['id']}").json["connection"] == "archive"
    for path, found in (("/jobs", 1), ("/jobs?connection=archive", 1), ("/jobs?connection=default", 0)):
        assert len(api.get(path).json["items"]) == found, path


# a new job ---------------------------------------------------------------------------------------------------------


def test_a_registered_job_is_dispatched_by_name_and_answered_with_201(api: Api):
    body = {
        "name": "web-tests:send-mail",
        "args": {"to": "a@b.c", "copies": 2},
        "queue": "fast",
        "delay": 60,
        "priority": 5,
        "tags": ["x", "y"],
    }
    answer = api.post("/jobs", body)
    assert answer.status_code == 201
    job = answer.json
    assert set(job) == JOB
    assert (job["queue"], job["state"], job["priority"], job["tags"]) == ("fast", "scheduled", 5, ["shop", "x", "y"])
    assert answer.headers["Location"].endswith(f"/horizon/api/jobs/{job['id']}")
    assert api.get(f"/jobs/{job['id']}").json["payload"] == {"to": "a@b.c", "copies": 2}


def test_it_leaves_an_entry_in_the_audit_log(api: Api):
    id = api.post("/jobs", {"name": "web-tests:send-mail", "args": {"to": "a@b.c"}}).json["id"]
    (entry,) = api.store.audit.list()
    assert (entry.actor, entry.verb, entry.target, entry.detail) == ("ana", "dispatch", id, "web-tests:send-mail on mail")


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "builtins:eval",
        "subprocess:Popen",
        "tests.web.shop_jobs:SendMail",
        "SendMail",
        "web-tests:send-mail ",
        "../x",
        "x" * 5000,
        "☃",
    ],
)
def test_a_name_that_is_not_registered_is_refused_and_imports_nothing(api: Api, name):
    problem(api.post("/jobs", {"name": name, "args": {}}), 422, "unknown_job_name")
    assert nothing_written(api)


def test_modules_of_the_setting_are_imported_when_a_job_is_first_asked_for_by_name(make_app, tmp_path, monkeypatch, caplog):
    module = f"late_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{module}.py").write_text(f"from horizon import job\n@job(name={module!r})\ndef late(): ...\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    api = Api(make_app(HORIZON_IMPORTS=[module, "no_such_module"]))
    assert module not in sys.modules
    assert api.post("/jobs", {"name": module}).status_code == 201
    assert "no_such_module" in caplog.text


GOOD = {"name": "web-tests:send-mail", "args": {"to": "a@b.c"}}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": None}, "invalid_option"),
        ({"name": 3}, "invalid_option"),
        ({"name": ["x"]}, "invalid_option"),
        ({"args": []}, "invalid_option"),
        ({"args": "to"}, "invalid_option"),
        ({"args": {}}, "invalid"),
        ({"args": {"to": "a", "colour": 1}}, "invalid"),
        ({"args": {"to": "a", "copies": -1}}, "invalid"),
        ({"args": {"to": "a", "copies": "many"}}, "invalid"),
        ({"priority": 1000}, "invalid_option"),
        ({"priority": "high"}, "invalid_option"),
        ({"priority": 1.5}, "invalid_option"),
        ({"priority": True}, "invalid_option"),
        ({"delay": -1}, "invalid_option"),
        ({"delay": "soon"}, "invalid_option"),
        ({"delay": 1e300}, "invalid_option"),
        ({"delay": 1e308}, "invalid_option"),
        ({"delay": 10**400}, "invalid_option"),
        ({"name": "x" * 100_000}, "unknown_job_name"),
        ({"queue": "no spaces"}, "invalid_option"),
        ({"queue": ""}, "invalid_option"),
        ({"queue": 5}, "invalid_option"),
        ({"tags": "x"}, "invalid_option"),
        ({"tags": [1]}, "invalid_option"),
        ({"tags": ["x" * 201]}, "invalid_option"),
        ({"tags": [str(n) for n in range(51)]}, "invalid_option"),
        ({"colour": "red"}, "invalid_option"),
        ({"priorty": 3}, "invalid_option"),
    ],
)
def test_an_improper_wish_is_a_422_and_nothing_is_written(api: Api, change, code):
    assert len(problem(api.post("/jobs", {**GOOD, **change}), 422, code)["message"]) <= 600
    assert nothing_written(api)


def test_a_connection_that_does_not_exist_is_refused_for_a_new_job_too(api: Api):
    problem(api.post("/jobs", {**GOOD, "connection": "nowhere"}), 404, "not_found")
    assert nothing_written(api)


def test_a_misspelt_field_is_answered_with_the_nearest(api: Api):
    assert "did you mean 'priority'?" in problem(api.post("/jobs", {**GOOD, "priorty": 3}), 422, "invalid_option")["message"]


def test_arguments_over_the_limit_are_a_413(make_app):
    api = Api(make_app(HORIZON_MAX_PAYLOAD=1000))
    problem(api.post("/jobs", {"name": "web-tests:send-mail", "args": {"to": "x" * 2000}}), 413, "payload_too_large")
    assert nothing_written(api)


@pytest.mark.parametrize("path", ["/jobs", "/jobs/control"])
@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"nonsense", b"[]", b'"x"', b"null", b"3", b"\xff\xfe", b'{"name": NaN}', b'{"name": "\\ud800"}', b"[" * 100_000,
        b'{"name": "\xed\xa0\x80"}', '{"name": "x"}'.encode("utf-16"),
        b'{"priority": ' + b"9" * 10_000 + b"}", b'{"name": "x"} trailing',
    ],
    ids=lambda data: repr(data[:16]),
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_a_400(api: Api, path, data):
    problem(api.post(path, data=data, content_type="application/json"), 400, "malformed")
    assert nothing_written(api)


def test_a_body_with_a_word_that_json_lacks_is_told_which(api: Api):
    answer = api.post("/jobs", data=b'{"delay": NaN}', content_type="application/json")
    assert "NaN is not a JSON number" in problem(answer, 400, "malformed")["message"]


def test_a_huge_body_is_a_413_before_it_is_read(api: Api):
    problem(api.post("/jobs", data=b"x" * 2_000_000, content_type="application/json"), 413, "too_large")


def test_a_huge_body_without_a_length_is_refused_too(api: Api):
    import io

    answer = api.client.post(
        "/horizon/api/jobs",
        input_stream=io.BytesIO(b"[" + b"1," * 2_000_000),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    if answer.status_code == 411:  # Flask 3.0 cannot cut it off on the way
        return
    problem(answer, 413, "too_large")


def nothing_written(api: Api) -> bool:
    return api.get("/jobs").json["items"] == [] and api.store.audit.list() == [] and api.store.remaining() == 0


# how often it may run -----------------------------------------------------------------------------------------


def test_a_job_whose_class_says_nothing_of_tries_shows_what_will_hold(make_app):
    app = make_app(HORIZON_MAX_TRIES=7, HORIZON_CONNECTIONS={"archive": {"url": fresh(), "max_tries": 2}})
    api = Api(app)
    made = api.post("/jobs", {"name": "web-tests:send-mail", "args": {"to": "a@b.c"}}).json
    assert made["max_tries"] == 7
    assert api.get(f"/jobs/{made['id']}").json["max_tries"] == 7
    assert api.get("/jobs").json["items"][0]["max_tries"] == 7
    there = api.post("/jobs", {"name": "web-tests:send-mail", "args": {"to": "a@b.c"}, "connection": "archive"}).json
    assert there["max_tries"] == 2
    assert api.get("/jobs?connection=archive").json["items"][0]["max_tries"] == 2
