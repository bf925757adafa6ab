"""The demo's shop: a small Flask app with a database of its own, of which Horizon is one part.

Everything it keeps (database, reports, thumbnails, caught mail) lies in one folder.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

from horizon import Horizon
from horizon.demo import place, seed
from horizon.demo.models import db
from horizon.demo.pages import pages
from horizon.web.auth import DEMO

JOBS = tuple(
    f"horizon.demo.jobs.{name}" for name in ("mails", "reports", "images", "catalogue", "webhooks", "window", "season", "hours", "etl")
)


def create_app(folder: str | Path | None = None) -> Flask:
    """The shop in this folder (left out: `SHOP_FOLDER`, else `instance/shop` here), made and filled where there is none."""
    where = Path(folder).absolute() if folder else place.folder_from(os.environ)
    where.mkdir(parents=True, exist_ok=True)
    app = Flask("horizon.demo", instance_path=str(where), template_folder=str(Path(__file__).parent / "templates"))
    app.config.update(
        SHOP_FOLDER=where,
        SECRET_KEY=place.secret(where),
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{where / 'shop.sqlite3'}",
        SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"timeout": 15}},
        HORIZON_IMPORTS=list(JOBS),
        HORIZON_TITLE="Corner Shop",
    )
    db.init_app(app)
    seed.prepare(app, where)
    Horizon(app, db=db)
    app.extensions[DEMO] = True
    app.register_blueprint(pages)
    return app
