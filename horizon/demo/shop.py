"""What happens in the shop when somebody buys: rows and jobs, in one transaction."""

from __future__ import annotations

import random

from sqlalchemy import func, select

from horizon import Priority
from horizon.demo.here import now
from horizon.demo.jobs.mails import AskForReview, OrderConfirmation
from horizon.demo.jobs.webhooks import TellWarehouse
from horizon.demo.models import Customer, Order, OrderLine, Product, db

REVIEW_AFTER = 150.0
"""Seconds until the customer is asked how it was; a real shop would wait a week."""


def place_order(customer_id: int, basket: dict[int, int]) -> int:
    """Sell so many (values) of these products (keys); returns the order's number.

    The jobs are dispatched beside the order's rows, so they exist exactly if the order does.
    """
    order = Order(customer_id=customer_id, placed_at=now(), status="new")
    products = db.session.scalars(select(Product).where(Product.id.in_(basket)))
    order.lines = [OrderLine(product=product, quantity=basket[product.id], price=product.price) for product in products]
    db.session.add(order)
    db.session.flush()
    tag = f"order:{order.id}"
    confirmed = OrderConfirmation(order.id).for_user(customer_id).tagged(tag).with_priority(Priority.HIGH).dispatch()
    TellWarehouse(order.id).for_user(customer_id).tagged(tag).dispatch()
    later = AskForReview(order.id).for_user(customer_id).tagged(tag).with_priority(Priority.LOW).delay_until(REVIEW_AFTER)
    later.depends_on(confirmed).dispatch()  # nobody is asked how an order was whose confirmation never arrived
    db.session.commit()
    return order.id


def somebody_buys(throw: random.Random) -> int:
    """An order of a random customer; returns its number."""
    customers = db.session.scalar(select(func.count()).select_from(Customer)) or 0
    products = db.session.scalar(select(func.count()).select_from(Product)) or 0
    wanted = throw.sample(range(1, products + 1), throw.randrange(1, 5))
    return place_order(throw.randrange(1, customers + 1), {id: throw.randrange(1, 4) for id in wanted})
