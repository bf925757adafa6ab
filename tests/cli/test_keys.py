from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from horizon import Horizon, Job, ShouldBeEncrypted
from horizon.backends.values import SessionInfo, SessionReport
from horizon.cli.group import cli
from horizon.core import current
from horizon.core.clock import SECOND
from horizon.runtime import Runtime
from horizon.security import keys
from horizon.security.keys import Key
from tests.cli.conftest import typed
from tests.jobs.hands import Hands

OLD, NEW, ELSE = keys.generate(), keys.generate(), keys.generate()
NAMES = {key: Key(key).fingerprint for key in (OLD, NEW, ELSE)}


class Hidden(Job, ShouldBeEncrypted):
    """An encrypted job."""

    name = "cli-keys:Hidden"

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word

    def handle(self) -> str:
        return f"made {self.word}"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """An app with these keys; all of them share one store."""
    made: list[Flask] = []

    def make(*given: str) -> Flask:
        app = Flask("shop", instance_path=str(tmp_path))
        app.config.update(
            HORIZON_URL=f"sqlite:///{tmp_path}/horizon.db", HORIZON_KEYS=",".join(given), HORIZON_SCHEDULER=False, SECRET_KEY="x"
        )
        Horizon(app)
        made.append(app)
        return app

    yield make
    for app in made:
        runtime_of(app).close()


def runtime_of(app: Flask) -> Runtime:
    found: Runtime = app.extensions["horizon"].runtime
    return found


def dispatched(app: Flask) -> str:
    with current.use(runtime_of(app)):
        return str(Hidden("marzipan").dispatch())


def uses(app: Flask) -> dict[str, tuple[bool, int, int]]:
    found = json.loads(typed(app, "keys", "check", "--json").output)["connections"]["default"]["keys"]
    return {one["key"]: (one["here"], one["waiting"], one["ended"]) for one in found}


def test_generate_needs_no_app_and_prints_the_new_key_alone_on_one_line() -> None:
    first, second = (CliRunner().invoke(cli, ["keys", "generate"]) for _ in range(2))
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout.count("\n") == 1
    assert Key(first.stdout.strip()).fingerprint != Key(second.stdout.strip()).fingerprint


def test_check_counts_what_waits_and_what_has_ended_by_the_keys_it_needs(shop: Callable[..., Flask]) -> None:
    app = shop(OLD)
    dispatched(app)
    with current.use(runtime_of(app)):
        Hands(runtime_of(app)).run()
    dispatched(app)
    assert uses(shop(NEW, OLD)) == {NAMES[NEW]: (True, 0, 0), NAMES[OLD]: (True, 1, 1)}


def test_check_ends_with_1_and_names_the_job_where_one_that_waits_cannot_be_read(shop: Callable[..., Flask]) -> None:
    id = dispatched(shop(OLD))
    done = typed(shop(NEW), "keys", "check")
    assert done.exit_code == 1
    assert f"{id} would fail here" in done.output
    assert "NOT HERE" in done.output


def test_check_ends_with_0_where_all_can_be_read(shop: Callable[..., Flask]) -> None:
    dispatched(shop(OLD))
    assert typed(shop(NEW, OLD), "keys", "check").exit_code == 0


def test_rotate_keeps_an_old_key_while_a_job_waits_for_it_and_lets_it_go_afterwards(shop: Callable[..., Flask]) -> None:
    dispatched(shop(OLD))
    app = shop(NEW, OLD)
    before = typed(app, "keys", "rotate")
    assert before.exit_code == 1
    assert f"{NAMES[OLD]}  keep it: 1 job yet to run needs it." in before.output
    with current.use(runtime_of(app)):
        Hands(runtime_of(app)).run()
    after = typed(app, "keys", "rotate")
    assert after.exit_code == 0
    assert f"{NAMES[OLD]}  may be dropped" in after.output


@pytest.mark.parametrize("words", [("keys", "check"), ("keys", "check", "--json"), ("keys", "rotate"), ("doctor",), ("doctor", "--json")])
def test_no_key_is_ever_printed(shop: Callable[..., Flask], words: tuple[str, ...]) -> None:
    dispatched(shop(OLD))
    said = typed(shop(NEW, OLD), *words).output
    assert [key for key in (OLD, NEW) if key in said] == []


def test_show_reveals_only_where_it_is_asked_to_and_the_audit_log_keeps_it(shop: Callable[..., Flask]) -> None:
    app = shop(NEW)
    id = dispatched(app)
    assert "marzipan" not in typed(app, "show", id).output
    assert runtime_of(app).backend().audit.list(verb="reveal") == []
    assert "marzipan" in typed(app, "show", id, "--reveal").output
    assert [entry.target for entry in runtime_of(app).backend().audit.list(verb="reveal")] == [id]


def findings(app: Flask) -> dict[str, str]:
    return {one["code"]: one["sentence"] for one in json.loads(typed(app, "doctor", "--json").output)["findings"]}


def test_the_doctor_warns_of_encrypted_classes_without_keys(shop: Callable[..., Flask]) -> None:
    assert "holds no key" in findings(shop())["keys"]
    assert "keys" not in findings(shop(NEW))


def says_its_keys(app: Flask, *given: str) -> None:
    """A worker whose executor has these."""
    sessions = runtime_of(app).backend().sessions
    sessions.open(SessionInfo(id="w1", kind="worker", host="here", pid=1), 3600 * SECOND)
    sessions.renew("w1", 3600 * SECOND, SessionReport(executors=({"pid": 1, "keys": [NAMES[key] for key in given]},)))


def test_the_doctor_compares_the_keys_of_workers_by_their_fingerprints(shop: Callable[..., Flask]) -> None:
    app = shop(NEW, OLD)
    says_its_keys(app, OLD, ELSE)
    told = findings(app)["other_keys"]
    assert f"lacks {NAMES[NEW]}" in told
    assert f"has {NAMES[ELSE]}" in told
    says_its_keys(app, OLD, NEW)
    assert "other_keys" not in findings(app)


def test_a_key_that_is_none_is_refused_without_being_shown(tmp_path: Path) -> None:
    from horizon.core.errors import ConfigurationError

    app = Flask("shop", instance_path=str(tmp_path))
    app.config.update(HORIZON_URL="memory://", HORIZON_KEYS=f"{NEW},{OLD[:-5]}")
    with pytest.raises(ConfigurationError, match="key 2 of 2 in HORIZON_KEYS is not one") as refused:
        Horizon(app)
    assert OLD[:20] not in str(refused.value)
