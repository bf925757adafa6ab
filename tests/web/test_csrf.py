from __future__ import annotations

import re

import pytest
from flask_wtf.csrf import CSRFProtect

from tests.web.conftest import SAME, store_of
from tests.web.shop_jobs import SendMail


def protected(app):
    app.secret_key = "k"
    CSRFProtect(app)


def dispatched(app) -> str:
    with app.app_context():
        return SendMail.dispatch("a@b.c")


FORM = {"do": "cancel", "sure": "1"}


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {}])
@pytest.mark.parametrize("path", ["/horizon/api/jobs", "/horizon/api/jobs/control", "/horizon/jobs/act", "/horizon/queues/act"])
def test_a_form_that_another_site_sends_changes_nothing(app, path, headers):
    id = dispatched(app)
    answer = app.test_client().post(path, data={"do": f"cancel:{id}", "action": "cancel", "job_id": id}, headers=headers)
    assert answer.status_code == 403
    assert store_of(app).get(id).state == "pending"
    assert store_of(app).audit.list() == []


def test_the_refusal_says_why(client):
    answer = client.post("/horizon/api/jobs/control", json={"action": "pause"}, headers={"Origin": "http://evil.example"})
    assert answer.json["error"]["code"] == "cross_site"
    assert "evil.example" in answer.json["error"]["message"]


def test_no_get_request_changes_anything(app):
    id = dispatched(app)
    before = store_of(app).version()
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("horizon.") and "GET" in rule.methods and "path" not in rule.rule:
            client.get(rule.rule.replace("<id>", id), query_string={"action": "cancel", "job_id": id, "do": f"cancel:{id}", "sure": "1"})
    assert store_of(app).version() == before


def test_a_program_that_sends_json_and_no_origin_is_let_through(client):
    assert client.post("/horizon/api/jobs/control", json={"action": "pause", "queue": "mail"}).status_code == 200


# with the host's own protection ---------------------------------------------------------------------------


@pytest.fixture(params=["before", "after"])
def guarded(make_app, request):
    """An app with Flask-WTF's CSRFProtect, set up before Horizon or after it."""
    if request.param == "before":
        return make_app(before=protected)
    app = make_app()
    protected(app)
    return app


def test_the_api_works_beside_the_hosts_protection_and_is_guarded_by_ours(guarded):
    client = guarded.test_client()
    body = {"action": "pause", "queue": "mail"}
    assert client.post("/horizon/api/jobs/control", json=body, headers=SAME).status_code == 200
    assert client.post("/horizon/api/jobs/control", json=body, headers={"Authorization": "Bearer t"}).status_code == 200
    assert client.post("/horizon/api/jobs/control", json=body, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_page_carries_the_hosts_token_and_its_forms_are_taken_with_it(guarded):
    id = dispatched(guarded)
    client = guarded.test_client()
    page = client.get(f"/horizon/jobs/{id}")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token, page.text[:500]
    form = {"do": f"cancel:{id}", "sure": "1"}
    assert client.post("/horizon/jobs/act", data=form, headers=SAME).status_code == 400
    assert store_of(guarded).get(id).state == "pending"
    assert client.post("/horizon/jobs/act", data={**form, "csrf_token": token[1]}, headers=SAME).status_code == 303
    assert store_of(guarded).get(id).state == "cancelled"


def test_the_hosts_own_forms_stay_protected(guarded):
    guarded.add_url_rule("/order", "order", lambda: "ordered", methods=["POST"])
    assert guarded.test_client().post("/order", headers=SAME).status_code == 400


def test_the_hosts_refusal_of_a_token_is_our_page_and_not_a_trace(guarded):
    answer = guarded.test_client().post("/horizon/jobs/act", data={"do": "cancel:x"}, headers=SAME)
    assert answer.status_code == 400
    assert "CSRF" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
