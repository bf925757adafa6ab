"""The OpenAPI document: whole, true, and with examples that fit."""

from __future__ import annotations

import copy
import re
from typing import Any

import jsonschema_rs
import pytest

from horizon.core.outcome import Kind
from horizon.web.api.doc.table import GROUPS, TOLD
from horizon.web.api.table import ROUTES
from tests.web.api.conftest import Api

JSON = "application/json"


@pytest.fixture
def document(make_app) -> dict[str, Any]:
    answer = Api(make_app()).get("/openapi.json")
    assert answer.status_code == 200
    return answer.json


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, told) for path, methods in document["paths"].items() for method, told in methods.items()]


def check(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """What of a value does not fit a schema of the document."""
    whole = {**schema, "components": document["components"]}
    found = jsonschema_rs.Draft202012Validator(whole, validate_formats=True).iter_errors(value)
    return [f"{error.instance_path}: {error.message}" for error in found]


def test_every_route_is_in_the_document_and_nothing_else(document):
    there = {(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.rule), method.lower()) for route in ROUTES for method in route.methods}
    told = {(path, method) for path, method, _ in operations(document)}
    assert told == there, "tell new routes in horizon/web/api/doc/table.py"
    assert set(TOLD) == {route.endpoint for route in ROUTES}
    assert {told.group for told in TOLD.values()} <= set(GROUPS)


def test_it_says_who_may_ask_and_that_probes_need_nobody(document):
    schemes = document["components"]["securitySchemes"]
    assert (schemes["bearer"]["scheme"], schemes["session"]["in"], schemes["session"]["name"]) == ("bearer", "cookie", "session")
    assert document["security"] == [{"bearer": []}, {"session": []}]
    assert {path for path, _, told in operations(document) if told.get("security") == []} == {"/healthz", "/readyz"}


def test_every_operation_has_a_name_of_its_own_a_summary_and_the_errors_it_may_answer(document):
    names = [told["operationId"] for _, _, told in operations(document)]
    assert len(names) == len(set(names))
    for path, _, told in operations(document):
        assert told["summary"], path
        if told.get("security") != []:
            assert {"401", "403", "503"} <= set(told["responses"]), path


def test_every_example_fits_its_schema(document):
    seen = 0
    for path, _, told in operations(document):
        contents = [answer["content"][JSON] for answer in told["responses"].values() if JSON in answer.get("content", {})]
        body = told.get("requestBody")
        values = [(content["schema"], content["example"]) for content in contents if "example" in content]
        if body:
            content = body["content"][JSON]
            values += [(content["schema"], example["value"]) for example in content["examples"].values()]
        for schema, value in values:
            assert check(document, schema, value) == [], path
            seen += 1
    for name, answer in document["components"]["responses"].items():
        content = answer["content"][JSON]
        assert check(document, content["schema"], content["example"]) == [], name
        seen += 1
    assert seen > 25


def test_references_lead_somewhere(document):
    known = {f"#/components/{kind}/{name}" for kind, all in document["components"].items() for name in all}
    used = set(re.findall(r"'\$ref': '([^']+)'", repr(document)))
    assert used <= known
    assert used >= {name for name in known if "/schemas/" in name} - {"#/components/schemas/Error"}


def closed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every object of its components closed: what is not told is then wrong."""
    strict = copy.deepcopy(document)

    def close(schema: Any) -> None:
        for value in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
            close(value)
        if isinstance(schema, dict) and "properties" in schema:
            schema.setdefault("additionalProperties", False)

    close(strict["components"]["schemas"])
    return strict


def test_answers_hold_what_is_told_and_nothing_else(api: Api):
    """Every GET that needs nothing, and one job and one operation, after something of everything has happened."""
    for _ in range(3):
        api.dispatch()
    api.worker("w1", queues=("mail",), code_version="v1")
    failed, done = api.run(Kind.FAILED), api.run()
    started = api.post("/jobs/control", {"action": "cancel", "filter": "queue:mail state:pending"}).json
    document = closed(api.get("/openapi.json").json)
    assert check(document, {"$ref": "#/components/schemas/Acted"}, started) == []
    looked = 0
    for path, method, told in operations(document):
        if method != "get" or path == "/api/openapi.json":
            continue
        answer = told["responses"]["200"]
        if "schema" not in answer["content"].get(JSON, {}):
            continue
        for id in (failed[0], done[0]) if "{id}" in path else ("",):
            found = api.client.get("/horizon" + path.replace("{id}", id).replace("{name}", "mail"))
            if found.status_code == 200:
                assert check(document, answer["content"][JSON]["schema"], found.json) == [], path
                looked += 1
    assert looked >= 9


def test_the_address_and_the_cookie_are_those_of_the_app(make_app):
    app = make_app(HORIZON_URL_PREFIX="/ops/jobs", SESSION_COOKIE_NAME="shop")
    document = app.test_client().get("/ops/jobs/api/openapi.json", base_url="http://localhost/shop").json
    assert document["servers"] == [{"url": "/shop/ops/jobs"}]
    assert document["components"]["securitySchemes"]["session"]["name"] == "shop"


def test_nothing_new_while_nothing_changed(make_app):
    client = make_app().test_client()
    tag = client.get("/horizon/api/openapi.json").headers["ETag"]
    assert client.get("/horizon/api/openapi.json", headers={"If-None-Match": tag}).status_code == 304


def test_it_is_not_shown_to_strangers(make_app):
    app = make_app(HORIZON_AUTH=lambda request: None)
    assert app.test_client().get("/horizon/api/openapi.json").status_code == 403
