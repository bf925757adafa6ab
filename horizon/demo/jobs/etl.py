"""The sample pipeline: orders are taken out of the shop's database, summed up, and written for the accountant; then she is told.

Each step is given what the one before it returned.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from horizon import ChainableJob, chain
from horizon.demo import here
from horizon.demo.jobs.reports import keep
from horizon.demo.models import Order, OrderLine, Product, db

NAME = "ETL pipeline"
DAYS = 30


class ExtractData(ChainableJob):
    """What was sold in the past days, by category and day."""

    queue = "reports"
    tags = ["etl"]

    def __init__(self, days: int) -> None:
        self.days = days

    def _handle(self) -> dict[str, Any]:
        day = func.date(Order.placed_at)
        asked = (
            select(Product.category, day, func.sum(OrderLine.price * OrderLine.quantity))
            .join(OrderLine.order)
            .join(OrderLine.product)
            .where(Order.placed_at >= here.now() - timedelta(days=self.days))
            .group_by(Product.category, day)
        )
        return {"rows": [[category, str(date), f"{sold:.2f}"] for category, date, sold in db.session.execute(asked)]}


class TransformData(ChainableJob):
    """Sum up each category, the best first."""

    queue = "reports"
    tags = ["etl"]

    def _handle(self) -> dict[str, Any]:
        sums: dict[str, float] = {}
        rows = self.get_previous_result()["rows"]
        for at, (category, _, sold) in enumerate(rows, 1):
            sums[category] = sums.get(category, 0.0) + float(sold)
            self.progress(at * 100 / len(rows))
        return {"totals": sorted(([category, f"{sold:.2f}"] for category, sold in sums.items()), key=lambda row: -float(row[1]))}


class LoadData(ChainableJob):
    """Write them where the accountant finds them."""

    queue = "reports"
    tags = ["etl"]

    def _handle(self) -> dict[str, Any]:
        totals = self.get_previous_result()["totals"]
        return {"file": keep("by-category.csv", ("category", "revenue"), totals), "categories": len(totals)}


class NotifyCompletion(ChainableJob):
    """Say that it is there."""

    queue = "reports"
    tags = ["etl"]

    def _handle(self) -> dict[str, Any]:
        done = self.get_previous_result()
        self.log(f"{done['file']} holds {done['categories']} categories")
        return {"told": "the accountant", **done}


def etl(throw: random.Random) -> object:
    """Extract, transform, load, notify."""
    return chain([ExtractData(DAYS), TransformData(), LoadData(), NotifyCompletion()]).name(NAME).dispatch()
