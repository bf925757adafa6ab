"""Encrypted jobs through real processes: they do their work, and what is secret stands nowhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from horizon.core.record import Record
from horizon.runtime import Runtime
from horizon.security import keys
from tests.e2e import secrets_app
from tests.e2e.worker_site import Site, site

pytestmark = pytest.mark.e2e
APP = "tests.e2e.secrets_app:create_app"
CARD, WORDS = "4111-1111-1111-1111", "my dog is called rex"
KEY = keys.generate()


class Place:
    """A site whose own process has the app with its keys, too."""

    def __init__(self, site: Site, app: Flask) -> None:
        self.site, self.app = site, app
        self.runtime: Runtime = app.extensions["horizon"].runtime

    def dispatch(self, job: object) -> str:
        with self.app.app_context():
            return str(job.dispatch())  # type: ignore[attr-defined]

    def looked_at(self, id: str) -> str:
        """Whatever the dashboard, its files and the API show of a job."""
        client = self.app.test_client()
        paths = (f"/jobs/{id}", f"/jobs?open={id}", "/failed", f"/jobs/{id}/log", f"/api/jobs/{id}", "/jobs/export?format=json", "/audit")
        return "\n".join(client.get(f"/horizon{path}").text for path in paths)

    def files(self) -> str:
        """Every file of the folder: the store with its log, and what the worker has said on its screen."""
        return "\n".join(path.read_bytes().decode("latin-1") for path in self.site.folder.rglob("*") if path.is_file())

    def store(self) -> Path:
        return Path(self.runtime.url().removeprefix("sqlite:///"))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("HORIZON_KEYS", KEY)
    monkeypatch.setenv("EFFECTS", str(tmp_path / "effects"))
    monkeypatch.setenv("HORIZON_URL", f"sqlite:///{tmp_path}/horizon.db")
    with site(tmp_path, URL=f"sqlite:///{tmp_path}/horizon.db") as made:
        app = secrets_app.create_app()
        yield Place(made, app)
        app.extensions["horizon"].runtime.close()


def ended(place: Place, *ids: str) -> list[Record]:
    return [place.site.wait(id) for id in ids]


def test_payments_are_made_and_nothing_of_the_card_stands_in_store_screen_or_dashboard(place: Place) -> None:
    ids = [
        place.dispatch(secrets_app.ProcessPaymentJob({"number": CARD, "amount": 5}).for_user("ana")),
        place.dispatch(secrets_app.ProcessPaymentJob({"number": CARD, "amount": 500}).for_user("ana")),
        place.dispatch(secrets_app.ProcessSensitiveDataJob(WORDS)),
    ]
    worker = place.site.ready(place.site.work("--verbose", app=APP))
    states = [record.state.value for record in ended(place, *ids)]
    assert states == ["completed", "failed", "completed"]
    assert sorted(place.site.effects("paid")) == [["19", "5"], ["19", "500"]]
    assert place.site.effects("failed") == [["ValueError"]]
    assert place.site.effects("processed") == [[str(len(WORDS))]]
    everywhere = place.files() + "\n".join(place.looked_at(id) for id in ids)
    assert [word for word in (CARD, WORDS, WORDS.upper(), KEY) if word in everywhere] == []
    assert "failed() of" in worker.said  # it was told, without what it quoted
    assert KEY not in Path(f"/proc/{worker.pid}/cmdline").read_text()
    (report,) = [one.report for one in place.site.backend.sessions.list(kind="worker")]
    assert report.executors[0]["keys"] == list(place.runtime.keyring.fingerprints)


def test_a_byte_changed_in_the_store_is_found_out_before_anything_is_run(place: Place) -> None:
    id = place.dispatch(secrets_app.ProcessPaymentJob({"number": CARD, "amount": 5}).for_user("ana"))
    with sqlite3.connect(place.store()) as store:
        (payload,) = store.execute("SELECT payload FROM horizon_job WHERE id = ?", (id,)).fetchone()
        changed = bytearray(bytes(payload))
        changed[-9] ^= 1
        store.execute("UPDATE horizon_job SET payload = ? WHERE id = ?", (bytes(changed), id))
    place.site.ready(place.site.work(app=APP))
    (record,) = ended(place, id)
    assert record.state.value == "failed"
    assert record.error is not None
    assert record.error.type.endswith("InvalidSignature")
    assert place.site.effects_file.read_text() == ""


def test_a_permission_that_the_user_has_lost_is_refused_by_the_worker_and_audited(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(secrets_app.PERMISSIONS, "bob", {"process_payments"})  # here, and not in the worker
    id = place.dispatch(secrets_app.ProcessPaymentJob({"number": CARD, "amount": 5}).for_user("bob"))
    place.site.ready(place.site.work(app=APP))
    (record,) = ended(place, id)
    assert record.error is not None
    assert record.error.type.endswith("PermissionDenied")
    assert [(entry.actor, entry.target) for entry in place.site.backend.audit.list(verb="denied")] == [("bob", id)]
    assert place.site.effects_file.read_text() == ""
