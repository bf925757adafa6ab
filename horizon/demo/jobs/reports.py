"""Figures for the people who run the shop, computed from its database and kept as CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import combinations

from sqlalchemy import func, select

from horizon import Job, current_job, job
from horizon.demo import here
from horizon.demo.models import Order, OrderLine, Product, db


class SalesReport(Job):
    """What was sold in the past days, by day and category."""

    queue = "reports"
    timeout = 30
    tags = ["report"]

    def __init__(self, days: int) -> None:
        self.days = days

    def handle(self) -> dict[str, object]:
        day = func.date(Order.placed_at)
        revenue = func.sum(OrderLine.price * OrderLine.quantity)
        asked = (
            select(day, Product.category, func.count(Order.id.distinct()), func.sum(OrderLine.quantity), revenue)
            .join(OrderLine.order)
            .join(OrderLine.product)
            .where(Order.placed_at >= here.now() - timedelta(days=self.days))
            .group_by(day, Product.category)
            .order_by(day, Product.category)
        )
        rows = [(*row[:4], f"{row[4]:.2f}") for row in db.session.execute(asked)]
        self.log(f"{len(rows)} rows")
        name = keep(f"sales-{self.days}-days.csv", ("day", "category", "orders", "items", "revenue"), rows)
        return {"file": name, "rows": len(rows), "revenue": f"{sum(float(row[4]) for row in rows):.2f}"}


@job(queue="reports", tags=["report"])
def best_customers(first: int = 20) -> dict[str, object]:
    """Who bought most."""
    revenue = func.sum(OrderLine.price * OrderLine.quantity)
    asked = (
        select(Order.customer_id, func.count(Order.id.distinct()), revenue)
        .join(OrderLine.order)
        .group_by(Order.customer_id)
        .order_by(revenue.desc())
        .limit(first)
    )
    rows = [(id, orders, f"{spent:.2f}") for id, orders, spent in db.session.execute(asked)]
    running = current_job()
    if running is not None:
        running.log(f"the best has spent {rows[0][2]}")
    return {"file": keep("best-customers.csv", ("customer", "orders", "spent"), rows), "rows": len(rows)}


class BoughtTogether(Job):
    """Which products go together, by looking at every pair in every order, again and again.

    It is written the naive way and takes far longer than it may, so it ends by its timeout: this is what one looks like.
    """

    queue = "reports"
    max_tries = 1
    timeout = 2
    tags = ["report", "slow"]

    def __init__(self, least: int = 2) -> None:
        self.least = least

    def handle(self) -> dict[str, int]:
        baskets = _baskets()
        products = sorted(set().union(*baskets))
        pairs = len(products) * (len(products) - 1) // 2
        found = 0
        for at, (one, other) in enumerate(combinations(products, 2)):
            together = sum(1 for basket in baskets for a in basket for b in basket if (a, b) == (one, other))
            found += together >= self.least
            if at % 20 == 0:
                self.progress(at * 100 / pairs, f"pair {at} of {pairs}")
        return {"pairs": found}


def _baskets() -> list[set[int]]:
    baskets: dict[int, set[int]] = {}
    for order, product in db.session.execute(select(OrderLine.order_id, OrderLine.product_id)):
        baskets.setdefault(order, set()).add(product)
    return list(baskets.values())


def keep(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a report; somebody who reads it meanwhile sees the old one or the new one, never half of it."""
    path = here.folder("reports") / name
    job = current_job()
    draft = path.with_suffix(f".{job.job_id if job else 'draft'}")
    with draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
    draft.replace(path)
    return f"reports/{name}"
