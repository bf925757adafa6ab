"""Hosts with protections of their own: the dashboard works beside them unchanged, and so do they."""

from __future__ import annotations

import re

import pytest
from flask import request
from flask_wtf.csrf import CSRFProtect

from tests.web.conftest import SAME, store_of
from tests.web.doors import add_user, quick_passwords, sign_in
from tests.web.shop_jobs import SendMail

HOST_CSP = "default-src 'self' https://cdn.shop.example; script-src 'self' 'nonce-abc'"


def talisman_like(app):
    """Security headers over every answer of the app, as Flask-Talisman sets them."""

    @app.after_request
    def seal(response):
        response.headers["Content-Security-Policy"] = HOST_CSP
        response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        response.headers["Strict-Transport-Security"] = "max-age=31556926"
        return response

    @app.get("/shop")
    def shop():
        return "goods"


def nosy(app):
    """A host whose hooks look at every request, and whose error pages are its own."""

    @app.before_request
    def look():
        request.form.to_dict()

    @app.errorhandler(404)
    def lost(error):
        return "the shop has no such page", 404


def test_under_a_hosts_csp_of_its_own_the_page_asks_for_nothing_that_it_forbids(make_app):
    app = make_app(before=talisman_like)
    page = app.test_client().get("/horizon/")
    assert "<style" not in page.text
    assert " style=" not in page.text
    assert not re.search(r"<script(?![^>]*\bsrc=)", page.text)
    assert not re.search(r"\son\w+=", page.text)
    assert not re.search(r'(?:src|href)="https?://', page.text)
    assert app.test_client().get("/shop").headers["Content-Security-Policy"] == HOST_CSP


def test_without_a_csp_of_the_host_ours_is_on_our_pages_and_on_no_page_of_the_host(make_app):
    def plain(app):
        app.add_url_rule("/shop", view_func=lambda: "goods", endpoint="shop")

    client = make_app(before=plain).test_client()
    assert "default-src 'none'" in client.get("/horizon/").headers["Content-Security-Policy"]
    assert "Content-Security-Policy" not in client.get("/shop").headers


@pytest.mark.parametrize("first", [True, False])
def test_with_csrf_protect_every_form_of_a_page_is_taken(make_app, first, monkeypatch):
    quick_passwords(monkeypatch)

    def protected(app):
        if first:
            CSRFProtect(app)

    app = make_app(HORIZON_AUTH=..., SECRET_KEY="k" * 32, before=protected)
    if not first:
        CSRFProtect(app)
    add_user(app, role="admin")
    with app.app_context():
        id = SendMail.dispatch("a@b.c")
    client = app.test_client()
    assert sign_in(client).status_code == 303
    page = client.get(f"/horizon/jobs/{id}").text
    forms = re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL)
    assert forms
    assert all('name="csrf_token"' in form for form in forms)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    act = {"do": f"cancel:{id}", "sure": "1"}
    assert client.post("/horizon/jobs/act", data=act, headers=SAME).status_code == 400
    assert client.post("/horizon/jobs/act", data={**act, "csrf_token": token}, headers=SAME).status_code == 303
    assert store_of(app).get(id).state == "cancelled"
    assert client.post("/horizon/logout", data={"csrf_token": token}, headers=SAME).status_code == 303


def test_a_nosy_hosts_hooks_and_error_pages_change_nothing_here(make_app):
    client = make_app(before=nosy).test_client()
    assert client.get("/horizon/").status_code == 200
    assert "the shop" not in client.get("/horizon/nowhere").text
    assert client.get("/nowhere").text == "the shop has no such page"
    answer = client.post("/horizon/api/jobs/control", json={"action": "pause", "queue": "mail"}, headers=SAME)
    assert answer.status_code == 200
