"""What the OpenAPI document promises, tried out: requests made from it at random, good and bad, answered as it says."""

from __future__ import annotations

import re
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as more

from horizon import Horizon
from horizon.web.api.table import ROUTES
from tests.stores.lending import fresh
from tests.web.api.conftest import Api

EXAMPLES = 12
_HOLE = re.compile(r"<(?:\w+:)?(\w+)>")
TOKEN = {"Authorization": "Bearer let-me-in"}
CHECKS = (
    checks.not_a_server_error,
    more.status_code_conformance,
    more.content_type_conformance,
    more.response_headers_conformance,
    more.response_schema_conformance,
    more.unsupported_method,
    more.ignored_auth,
)


def known(request: Any) -> dict[str, str] | None:
    """Lets whoever has the token in."""
    return {"name": "ana", "role": "admin"} if request.headers.get("Authorization") == TOKEN["Authorization"] else None


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("site")
    made = Flask("site", instance_path=str(folder))
    made.config.update(HORIZON_URL=fresh("sqlite"), HORIZON_AUTH=known, HORIZON_SCHEDULER=False)
    Horizon(made)
    api = Api(made)
    for _ in range(3):
        api.dispatch()
    api.run()
    return made


@pytest.fixture(scope="module")
def document(app: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/horizon/api/openapi.json", app, headers=TOKEN)


WAYS = [(_HOLE.sub(r"{\1}", route.rule), method) for route in ROUTES for method in route.methods]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as told", "otherwise"])
@pytest.mark.parametrize(("path", "method"), WAYS, ids=[f"{method} {path}" for path, method in WAYS])
def test_the_api_does_what_its_document_says(document: Any, path: str, method: str, mode: GenerationMode) -> None:
    operation = document[path][method.lower()]
    if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
        return  # nothing could be asked otherwise

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def ask(case: Any) -> None:
        case.call_and_validate(headers=TOKEN, checks=CHECKS)

    ask()
