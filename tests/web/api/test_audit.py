from __future__ import annotations

from horizon.core.audit import AuditEntry


def test_the_log_is_looked_at_and_what_was_found_can_be_read_later(api):
    assert api.get("/audit/chain").json == {"items": []}
    api.store.audit.append(AuditEntry(actor="ana", verb="retry", target="t", changes=(("weight", "1", None),)))
    told = api.post("/audit/verify", {}).json
    (found,) = told["items"]
    assert (told["holds"], found["checked"], found["head"]["link"], found["fault"]) == (True, 1, 1, None)
    (entry,) = api.get("/audit").json["items"]
    assert (entry["link"], entry["hash"]) == (1, found["head"]["hash"])
    assert entry["changes"] == [{"name": "weight", "before": "1", "after": None}]
    assert api.get("/audit/chain").json["items"] == [found]
    assert api.post("/audit/verify", {"expect": entry["hash"]}).json["items"][0]["found_at"] == 1
    assert not api.post("/audit/verify", {"expect": "f" * 64}).json["holds"]
    assert api.post("/audit/verify", {"expect": "no"}).status_code == 422
    assert api.get("/audit/chain?connection=none").status_code == 404
