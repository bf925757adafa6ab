"""Rows of the host's database as arguments: stored as class and primary key, loaded afresh where the job runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from horizon.core import current
from horizon.core.errors import InvalidInput, InvalidPayload
from horizon.core.outcome import Kind
from horizon.core.settings import Settings
from horizon.jobs import codec
from horizon.runtime import Runtime
from tests.jobs.hands import Hands, runtime
from tests.jobs.sample import Call, Take

db = SQLAlchemy()


class User(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "model_user"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.Text)


class Place(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "model_place"
    row = sa.Column(sa.Integer, primary_key=True)
    seat = sa.Column(sa.Text, primary_key=True)


@dataclass
class Ticket:
    user: Any
    price: int


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Hands]:
    app = Flask("models")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/host.db"
    if "sqlalchemy" not in app.extensions:
        db.init_app(app)
    here = Runtime.build(Settings({}, environ={}), url="memory://", host_db=db)
    with app.app_context(), current.use(here):
        db.create_all()
        db.session.add_all([User(id=1, name="Ana"), User(id=2, name="Otto"), Place(row=3, seat="b")])
        db.session.commit()
        here.around = app.app_context
        yield Hands(here)
        db.session.remove()
    Call.acts.clear()


def seen_by_the_job(host: Hands, value: Any, look: Any) -> Any:
    """Dispatch with `value`; what `look` makes of it in the job."""
    Take.dispatch(value)
    made: list[Any] = []
    original = Take.handle
    Take.handle = lambda self: made.append(look(self.value))  # type: ignore[method-assign]
    try:
        host.run()
    finally:
        Take.handle = original  # type: ignore[method-assign]
    return made[0]


def test_only_class_and_key_are_stored(host: Hands) -> None:
    id = Take.dispatch(db.session.get(User, 1))
    assert id is not None
    record = id.record()
    assert record is not None
    assert record.payload == b'{"args":{"value":{"~":"model","c":"tests.jobs.test_models:User","v":[1]}}}'
    assert codec.readable(record.payload) == {"value": "User 1"}


def test_the_job_sees_the_row_as_it_is_when_it_runs(host: Hands) -> None:
    Take.dispatch(db.session.get(User, 1))
    db.session.execute(sa.update(User).where(User.id == 1).values(name="Anna"))
    db.session.commit()
    names: list[str] = []
    host.runtime.events.listen("job_processing", lambda **details: names.append(details["job"].value.name))
    host.run()
    host.runtime.events._listeners.pop("job_processing")
    assert names == ["Anna"]


def test_composite_keys_and_rows_inside_other_values_are_loaded_too(host: Hands) -> None:
    place, ana, otto = db.session.get(Place, (3, "b")), db.session.get(User, 1), db.session.get(User, 2)
    assert seen_by_the_job(host, place, lambda found: (found.row, found.seat)) == (3, "b")
    look = lambda found: (found["users"][0].name, found["pair"][1].name, found["ticket"].user.name)  # noqa: E731
    assert seen_by_the_job(host, {"users": [ana], "pair": (1, otto), "ticket": Ticket(ana, 5)}, look) == ("Ana", "Otto", "Ana")


def test_a_row_without_a_key_yet_is_refused_with_what_to_do(host: Hands) -> None:
    with pytest.raises(InvalidPayload, match=r"'value' is a User without a primary key yet; flush it first"):
        Take.dispatch(User(name="new"))


def test_a_row_that_is_gone_is_a_failure_that_names_it(host: Hands) -> None:
    Take.dispatch(db.session.get(User, 1))
    db.session.execute(sa.delete(User))
    db.session.commit()
    outcome = host.run_one()
    assert outcome.kind is Kind.RETRY
    assert "User 1, an argument of this job, is not in the database" in outcome.error.message  # type: ignore[union-attr]


def test_without_a_database_it_is_refused_at_dispatch(host: Hands) -> None:
    ana = db.session.get(User, 1)
    with current.use(runtime()), pytest.raises(InvalidInput, match=r"Horizon\(app, db=db\)"):
        Take.dispatch(ana)


@pytest.mark.parametrize(
    "name", ["os:system", "tests.jobs.sample:Colour", "antigravity:fly", "subprocess:Popen", "tests.jobs.test_models:Gone"]
)
def test_a_payload_can_name_no_class_but_a_mapped_one(host: Hands, name: str) -> None:
    import json
    import sys

    from horizon.core.envelope import Envelope
    from horizon.core.ids import uuid7

    payload = json.dumps({"args": {"value": {"~": "model", "c": name, "v": [1]}}}).encode()
    host.backend.push([Envelope(id=uuid7(), name="tests.jobs.sample:Take", queue="default", payload=payload)])
    outcome = host.run_one()
    assert outcome.kind is Kind.RETRY
    assert f"no mapped class {name}" in outcome.error.message  # type: ignore[union-attr]
    assert "antigravity" not in sys.modules


def test_a_worker_without_a_database_says_so(host: Hands) -> None:
    Take.dispatch(db.session.get(User, 1))
    (reservation,) = host.reserve()
    host.runtime.host = None
    outcome = host.attempts.prepare(reservation).run()
    assert "knows no database" in outcome.error.message  # type: ignore[union-attr]


def test_the_word_model_in_an_argument_is_just_a_word(host: Hands) -> None:
    host.runtime.host = None
    Take.dispatch(["model", {"~": "model", "c": "x", "v": [1]}, '"~":"model"'])
    assert codec.decode_result(host.run_one().result) == ["model", {"~": "model", "c": "x", "v": [1]}, '"~":"model"']
