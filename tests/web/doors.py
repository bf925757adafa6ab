"""Hands for tests of the doors: users and tokens of an app, and a browser that signs in."""

from __future__ import annotations

import re
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from horizon.control.tokens import TokenControl
from horizon.control.users import UserControl
from horizon.security import passwords
from horizon.security.permissions import Actor
from tests.web.conftest import SAME

GOOD = "correct horse battery"
ROOT = Actor(name="root", role="admin", origin="cli")


def users(app: Flask) -> UserControl:
    return UserControl(app.extensions["horizon"].runtime)


def tokens(app: Flask) -> TokenControl:
    return TokenControl(app.extensions["horizon"].runtime)


def add_user(app: Flask, name: str = "bea", role: str = "operator") -> None:
    users(app).add(ROOT, name, role, GOOD)


def add_token(app: Flask, role: str = "operator", **more: object) -> dict[str, str]:
    """A new token, as the headers that carry it."""
    return {"Authorization": f"Bearer {tokens(app).add(ROOT, 'deploy', role, **more)[1]}"}


def form_of(page: TestResponse) -> dict[str, str]:
    """The hidden fields of the log-in form."""
    return {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)}


def sign_in(client: FlaskClient, name: str = "bea", password: str = GOOD, *, at: str = "/horizon/login", **more: object) -> TestResponse:
    """Fill in the form as a browser does."""
    page = client.get(at, **more)
    return client.post("/horizon/login", data={**form_of(page), "name": name, "password": password}, headers=SAME, **more)


def quick_passwords(monkeypatch: object) -> None:
    """Hash with next to no effort: how hard it is in truth is tested where passwords live."""
    monkeypatch.setattr(passwords, "METHOD", "pbkdf2:sha256:1")  # type: ignore[attr-defined]
    monkeypatch.setattr(passwords, "NOBODY", "pbkdf2:sha256:1$V2yVJrQTSTVJRuwb$" + "0" * 64)  # type: ignore[attr-defined]
