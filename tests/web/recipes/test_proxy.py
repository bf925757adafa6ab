"""Behind a proxy: one that says who the visitor is, ProxyFix, a path of its own (SCRIPT_NAME)."""

from __future__ import annotations

import re

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

from tests.web.addresses import addresses
from tests.web.conftest import SAME, store_of
from tests.web.doors import add_user, form_of, quick_passwords
from tests.web.pages.stage import Stage
from tests.web.shop_jobs import SendMail

OPERATORS = {"ana@shop.it"}
ADDRESS = re.compile(r'(?:href|src|action|formaction|hx-get|hx-post|data-root|value)="(/[^"]*)"')


def who(request):
    name = request.headers.get("X-Forwarded-User")
    if name is None or request.environ.get("werkzeug.proxy_fix.orig", {}).get("REMOTE_ADDR") != "10.0.0.2":
        return None
    return {"name": name, "role": "operator" if name in OPERATORS else "viewer"}


PROXY = {
    "environ_base": {"REMOTE_ADDR": "10.0.0.2"},
    "headers": {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "jobs.shop.it",
        "X-Forwarded-Prefix": "/tools",
        "X-Forwarded-User": "ana@shop.it",
    },
}


def fixed(app):
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1)


@pytest.fixture
def app(make_app):
    return make_app(HORIZON_AUTH=who, before=fixed)


def test_the_proxys_word_is_taken_from_the_proxy_alone(app):
    client = app.test_client()
    assert "ana@shop.it, operator" in client.get("/horizon/", **PROXY).text
    stranger = {"headers": PROXY["headers"], "environ_base": {"REMOTE_ADDR": "10.9.9.9"}}
    assert client.get("/horizon/", **stranger).status_code == 403


def test_every_address_on_a_page_carries_the_path_of_the_proxy(app):
    with app.app_context():
        id = SendMail.dispatch("a@b.c")
    page = app.test_client().get(f"/horizon/jobs/{id}", **PROXY).text
    found = re.findall(r'(?:href|src|action|hx-get|hx-post|data-root)="(/[^"]*)"', page)
    assert len(found) > 20
    assert [address for address in found if not address.startswith("/tools/horizon")] == []


def test_no_page_file_redirect_or_cookie_leaves_the_path_of_the_proxy():
    stage = Stage().plenty()
    fixed(stage.app)
    strays, seen = [], 0
    for method, path, _ in addresses(stage.app, {"job.id": stage.tried, "id": stage.tried, "name": "emails"}):
        if method != "GET":
            continue
        answer = stage.client.get(path, **PROXY)
        told = [answer.headers.get(name, "/tools/horizon") for name in ("Location", "HX-Redirect", "HX-Push-Url")]
        kept = [line.partition("Path=")[2] for line in answer.headers.getlist("Set-Cookie")]
        found = ADDRESS.findall(answer.text) if answer.mimetype == "text/html" else []
        strays += [
            (path, one) for one in (*told, *kept, *found) if not one.removeprefix("https://jobs.shop.it").startswith("/tools/horizon")
        ]
        seen += len(found)
    assert seen > 1_000
    assert strays == []


def test_an_act_works_and_is_noted_with_the_visitors_own_address(app):
    with app.app_context():
        id = SendMail.dispatch("a@b.c")
    headers = {**PROXY["headers"], "Origin": "https://jobs.shop.it"}
    back = f"/tools/horizon/jobs/{id}"
    form = {"do": f"cancel:{id}", "sure": "1", "back": back}
    answer = app.test_client().post("/horizon/jobs/act", data=form, headers=headers, environ_base=PROXY["environ_base"])
    assert (answer.status_code, answer.headers["Location"]) == (303, back)
    assert "Path=/tools/horizon;" in answer.headers["Set-Cookie"]
    assert "Secure" in answer.headers["Set-Cookie"]
    entry = store_of(app).audit.list()[0]
    assert (entry.actor, entry.origin) == ("ana@shop.it", "web 203.0.113.9")


def test_the_log_in_page_works_below_a_path_of_its_own_over_https(make_app, monkeypatch):
    quick_passwords(monkeypatch)
    app = make_app(HORIZON_AUTH=..., SECRET_KEY="k" * 32, before=fixed)
    add_user(app)
    client = app.test_client()
    sent = client.get("/horizon/jobs?q=x", **PROXY)
    assert sent.headers["Location"] == "/tools/horizon/login?next=/tools/horizon/jobs?q%3Dx"
    page = client.get("/horizon/login?next=/tools/horizon/jobs?q%3Dx", **PROXY)
    kept = page.headers["Set-Cookie"].split(";")[0]
    fields = {**form_of(page), "name": "bea", "password": "correct horse battery"}
    headers = {**PROXY["headers"], **SAME, "Cookie": kept}
    landed = app.test_client(use_cookies=False).post("/horizon/login", data=fields, headers=headers, environ_base=PROXY["environ_base"])
    assert landed.headers["Location"] == "/tools/horizon/jobs?q=x"
    assert all("Secure" in line and "Path=/tools/horizon;" in line for line in landed.headers.getlist("Set-Cookie"))


def test_script_name_without_any_proxy(make_app):
    app = make_app()
    page = app.test_client().get("/horizon/jobs", base_url="http://localhost/shop").text
    assert 'href="/shop/horizon/failed"' in page
    assert 'href="/horizon/' not in page
