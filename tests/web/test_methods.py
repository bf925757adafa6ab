from __future__ import annotations

import pytest

from tests.web.conftest import SAME


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/horizon/", ["GET"]),
        ("POST", "/horizon/", ["GET"]),
        ("DELETE", "/horizon/jobs", ["GET"]),
        ("PATCH", "/horizon/api/jobs", ["GET", "POST"]),
        ("POST", "/horizon/api/jobs/dashboard", ["GET"]),
        ("POST", "/horizon/healthz", ["GET"]),
        ("POST", "/horizon/static/horizon.css", ["GET"]),
    ],
)
def test_a_method_that_an_address_does_not_take_is_a_405_of_our_own_that_names_those_it_takes(client, method, path, allowed):
    answer = client.open(path, method=method, headers=SAME)
    assert answer.status_code == 405
    assert answer.headers["Allow"].split(", ") == allowed
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert path in answer.text


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/horizon/nowhere", "/horizon/api/nowhere"])
def test_where_there_is_nothing_every_method_is_a_404(client, method, path):
    answer = client.open(path, method=method, headers=SAME)
    assert answer.status_code == 404
    assert answer.is_json == path.startswith("/horizon/api/")


def test_somebody_who_is_not_let_in_is_not_told_what_an_address_takes(make_app):
    answer = make_app(HORIZON_AUTH=...).test_client().put("/horizon/api/jobs", headers=SAME)
    assert answer.status_code == 403
    assert "Allow" not in answer.headers


def test_the_hosts_own_405_stays_its_own(make_app):
    app = make_app()
    app.add_url_rule("/shop", "shop", lambda: "shop")
    app.register_error_handler(405, lambda error: ("host", 405))
    assert app.test_client().post("/shop").text == "host"
    assert app.test_client().post("/horizon/", headers=SAME).text != "host"
