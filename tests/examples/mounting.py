"""Mounting it."""

# ruff: noqa
# fmt: off
from pathlib import Path

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from horizon import Horizon

# --- as on the page ---
app = Flask(__name__)
app.config["HORIZON_URL"] = "redis://localhost:6379/0"    # left out: sqlite in the instance folder
horizon = Horizon(app)                                    # or Horizon().init_app(app); mounts at /horizon
# --- the other way, on an app of its own ---
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{Path.cwd()}/host.db"
db = SQLAlchemy(app)
horizon = Horizon(app, db=db)                             # live in the host's database: a dispatch shares the fate of the session's pending writes
