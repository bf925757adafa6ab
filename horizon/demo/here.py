"""What the shop's own code asks of its surroundings: the folder of the app that runs, and the time as its tables keep it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flask import current_app

from horizon.core import clock
from horizon.demo import place


def folder(inside: str = "") -> Path:
    """Where this shop keeps its files, or a folder in there, made where it is missing."""
    where: Path = current_app.config["SHOP_FOLDER"] / inside
    where.mkdir(exist_ok=True)
    return where


def addresses() -> place.Addresses:
    """Where the demo's other processes listen. Raises ConfigurationError where none runs."""
    return place.addresses(folder())


def now() -> datetime:
    """UTC, without a zone."""
    moment = clock.to_datetime(clock.now())
    assert moment is not None
    return moment.replace(tzinfo=None)
