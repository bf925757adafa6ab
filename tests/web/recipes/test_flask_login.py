"""The recipe of `docs/how-to/sign-in.md` for Flask-Login."""

from __future__ import annotations

import pytest
from flask import redirect, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user


class Person(UserMixin):
    def __init__(self, id: str, is_admin: bool) -> None:
        self.id, self.is_admin = id, is_admin


PEOPLE = {"ana": Person("ana", True), "vera": Person("vera", False)}


def who(request):
    if not current_user.is_authenticated:
        return None if request.path.startswith("/horizon/api") else redirect(url_for("enter", name="?"))
    return {"name": current_user.get_id(), "role": "admin" if current_user.is_admin else "viewer"}


@pytest.fixture
def client(make_app):
    app = make_app(HORIZON_AUTH=who, SECRET_KEY="k")
    LoginManager(app).user_loader(PEOPLE.get)

    @app.get("/enter/<name>")
    def enter(name):
        return str(login_user(PEOPLE[name])) if name in PEOPLE else "who are you?"

    @app.get("/leave")
    def leave():
        return str(logout_user())

    return app.test_client()


@pytest.mark.parametrize(("name", "acts"), [("ana", 200), ("vera", 403)])
def test_whoever_is_signed_in_to_the_app_is_let_in_with_their_role(client, name, acts):
    client.get(f"/enter/{name}")
    assert f"{name}, " in client.get("/horizon/").text
    answer = client.post("/horizon/api/jobs/control", json={"action": "pause", "queue": "mail"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == acts


def test_a_stranger_is_sent_to_the_apps_own_log_in(client):
    answer = client.get("/horizon/jobs")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/enter/%3F")
    assert client.get("/horizon/api/jobs").status_code == 403


def test_signing_out_of_the_app_closes_the_dashboard(client):
    client.get("/enter/ana")
    client.get("/leave")
    assert client.get("/horizon/").status_code == 302
