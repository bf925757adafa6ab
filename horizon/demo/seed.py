"""What the shop starts with: the same customers, products and orders each time."""

from __future__ import annotations

import fcntl
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from flask import Flask
from sqlalchemy import insert, inspect

from horizon.demo import catalogue
from horizon.demo.here import now
from horizon.demo.models import Customer, Order, OrderLine, Product, db
from horizon.demo.place import DATA, MISTYPED, PROPER, SLOW

PRODUCTS, CUSTOMERS, ORDERS, DAYS = 160, 180, 1500, 90
_FIRST = [
    "Ada",
    "Ben",
    "Cleo",
    "Dario",
    "Edda",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kaya",
    "Liam",
    "Mina",
    "Noor",
    "Otto",
    "Priya",
    "Quinn",
    "Rosa",
    "Sami",
    "Tilda",
]
_LAST = [
    "Abel",
    "Brandt",
    "Costa",
    "Dietz",
    "Eklund",
    "Fisher",
    "Grau",
    "Hale",
    "Iversen",
    "Jansen",
    "Keller",
    "Lund",
    "Marsh",
    "Novak",
    "Olsen",
]


def prepare(app: Flask, folder: Path) -> None:
    """Make the tables and fill them, once per folder; of several processes that start together, one does it."""
    with _alone(folder), app.app_context():
        if inspect(db.engine).has_table(OrderLine.__tablename__):
            return
        db.create_all()
        _fill()
        db.session.commit()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "seed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fill() -> None:
    throw = random.Random(20_260_101)
    items = list(islice(catalogue.read(DATA / "catalogue.csv"), PRODUCTS))
    db.session.execute(
        insert(Product),
        [{"ean": i.ean, "name": i.name, "category": i.category, "price": i.price, "stock": i.stock, "photo": i.photo} for i in items],
    )
    db.session.execute(insert(Customer), [customer(number) for number in range(1, CUSTOMERS + 1)])
    orders, lines = _orders(throw, items, now().replace(hour=0, minute=0, second=0, microsecond=0))
    db.session.execute(insert(Order), orders)
    db.session.execute(insert(OrderLine), lines)


def customer(number: int) -> dict[str, str]:
    """The columns of the customer with this number; every 45th typed the address wrong, every 15th waits for slow post."""
    first, last = _FIRST[number % len(_FIRST)], _LAST[(number // len(_FIRST) + number) % len(_LAST)]
    domain = MISTYPED if number % 45 == 7 else SLOW if number % 15 == 4 else PROPER
    return {"name": f"{first} {last}", "email": f"{first}.{last}.{number}@{domain}".lower()}


def _orders(throw: random.Random, items: list[catalogue.Item], today: datetime) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    orders, lines = [], []
    for number in range(1, ORDERS + 1):
        placed = today - timedelta(days=throw.randrange(1, DAYS), minutes=throw.randrange(1440))
        buyer = throw.randrange(1, CUSTOMERS + 1)
        orders.append({"id": number, "customer_id": buyer, "placed_at": placed, "status": "at the warehouse"})
        for at in throw.sample(range(len(items)), throw.randrange(1, 6)):
            lines.append({"order_id": number, "product_id": at + 1, "quantity": throw.randrange(1, 4), "price": items[at].price})
    return orders, lines
