from __future__ import annotations

from horizon.control.alerts import AlertControl
from horizon.core.alert import Severity, Sighting


def test_alerts_are_listed_acted_on_and_found_among_those_that_are_over(api):
    control = AlertControl(api.app.extensions["horizon"].runtime)
    one = control.raise_(Sighting(key="k", severity=Severity.HIGH, title="t", subject=("queue", "mails"))).alert
    control.raise_(Sighting(key="other", severity=Severity.LOW, title="o"))
    items = api.get("/alerts").json["items"]
    assert [(item["severity"], item["state"]) for item in items] == [("high", "active"), ("low", "active")]
    assert items[0]["subject"] == {"kind": "queue", "name": "mails"}
    assert [item["key"] for item in api.get("/alerts?severity=low").json["items"]] == ["other"]
    told = api.post("/alerts/control", {"action": "acknowledge", "id": one.id, "note": "mine"}).json
    assert (told["state"], told["note"]) == ("acknowledged", "mine")
    assert api.post("/alerts/control", {"action": "snooze", "id": one.id}).status_code == 422
    assert api.post("/alerts/control", {"action": "resolve", "id": one.id}).json["state"] == "resolved"
    assert [item["id"] for item in api.get("/alerts?state=past").json["items"]] == [one.id]
    assert api.post("/alerts/control", {"action": "resolve", "id": one.id}).status_code == 404


def test_alerts_are_narrowed_by_words_and_time(api):
    control = AlertControl(api.app.extensions["horizon"].runtime)
    control.raise_(Sighting(key="k", severity=Severity.HIGH, title="The relay is away", subject=("queue", "mails")))
    control.raise_(Sighting(key="other", severity=Severity.LOW, title="o"))
    assert [item["key"] for item in api.get("/alerts?q=about:mails&after=1h").json["items"]] == ["k"]
    assert api.get("/alerts?q=relay&before=1h").json["items"] == []
    assert api.get("/alerts?q=queue:x").status_code == 400


def test_what_is_not_understood_is_said(api):
    assert api.get("/alerts?state=loud").status_code == 400
    assert api.get("/alerts?severity=loud").status_code == 400
    assert api.post("/alerts/control", {"action": "shout", "id": "x"}).status_code in (400, 422)
    assert api.post("/alerts/control", {"action": "resolve"}).status_code == 422
