"""A host app with databases of its own, for tests of jobs that share the fate of its writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from horizon.core.events import Events
from horizon.core.settings import Settings
from horizon.jobs.jobid import JobId
from horizon.runtime import Runtime


class Place:
    """A host app with a database (and a second one under the bind `other`), and Horizon living in the first."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.app = Flask("host")
        self.main, self.other = f"sqlite:///{folder}/main.db", f"sqlite:///{folder}/other.db"
        self.app.config.update(SQLALCHEMY_DATABASE_URI=self.main, SQLALCHEMY_BINDS={"other": self.other})
        self.db = db = SQLAlchemy()
        db.init_app(self.app)

        class User(db.Model):  # type: ignore[name-defined, misc]
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.Text, nullable=False)

        class Note(db.Model):  # type: ignore[name-defined, misc]
            __bind_key__ = "other"
            id = sa.Column(sa.Integer, primary_key=True)
            text = sa.Column(sa.Text)

        self.User: Any = User
        self.Note: Any = Note
        settings = Settings({"HORIZON_SQLITE_BUSY_TIMEOUT": 0.3, "HORIZON_CONNECTIONS": {"elsewhere": "memory://"}}, environ={})
        self.runtime = Runtime.build(settings, url=url or self.main, host_db=db)
        self.runtime.events = Events()
        self.queued: list[str] = []
        self.runtime.events.listen("job_queued", lambda **details: self.queued.append(details["job_id"]))

    @property
    def session(self) -> Any:
        return self.db.session

    def stored(self) -> int:
        return self.runtime.backend().remaining()


def sent(id: JobId | None) -> JobId:
    assert id is not None
    return id
