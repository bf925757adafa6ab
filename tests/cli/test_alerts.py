from __future__ import annotations

import json

import pytest

from horizon.control.alerts import AlertControl
from horizon.core.alert import Alert, Severity, Sighting
from horizon.monitor import alerts
from tests.cli.conftest import Site


@pytest.fixture
def one(site: Site) -> Alert:
    seen = Sighting(key="no-worker", severity=Severity.CRITICAL, title="No \x1b[31mworker is running", todo="Start a worker.")
    return AlertControl(site.app.extensions["horizon"].runtime).raise_(seen).alert


def test_they_are_listed_with_what_to_do_and_nothing_paints_the_terminal(one: Alert, horizon) -> None:
    told = horizon("alerts").stdout
    assert f"{one.id}\tcritical\tactive" in told
    assert "Start a worker." in told
    assert "\x1b" not in told
    assert json.loads(horizon("alerts", "list", "--severity", "critical", "--json").stdout)["items"][0]["key"] == "no-worker"
    assert horizon("alerts", "list", "--severity", "low").stderr == "Nothing calls for you.\n"


def test_one_is_acknowledged_snoozed_and_resolved_by_id_or_key(site: Site, one: Alert, horizon) -> None:
    assert horizon("alerts", "ack", one.id, "--note", "I look").stdout.startswith("Acknowledged: No ")
    assert "Snoozed until" in horizon("alerts", "snooze", "no-worker", "--until", "15m").stdout
    assert alerts.active(site.backend())[0].note == "I look"
    assert horizon("alerts", "resolve", one.id).exit_code == 0
    assert "resolved" in horizon("alerts", "list", "--past").stdout
    assert horizon("alerts", "resolve", one.id).exit_code == 1
