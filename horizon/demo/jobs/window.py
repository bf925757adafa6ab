"""A look at the shop window from outside: several pages at the same time, on the worker's event loop."""

from __future__ import annotations

import asyncio
import json

from sqlalchemy import select

from horizon import Job
from horizon.demo import here, place
from horizon.demo.models import Product, db

WAIT = 5.0
"""Seconds that one page may take."""


class WrongPrice(Exception):
    """The window shows another price than the till."""


class CheckWindow(Job):
    """Ask the shop's own web process for some products and compare the prices with the database."""

    queue = "webhooks"
    tags = ["check"]
    timeout = 15

    def __init__(self, products: list[int]) -> None:
        self.products = products

    async def handle(self) -> dict[str, int]:
        rows = db.session.execute(select(Product.id, Product.price).where(Product.id.in_(self.products)))
        prices = {id: str(price) for id, price in rows}
        host, port = place.split(here.addresses().web)
        shown = await asyncio.gather(*(price_shown(host, port, id) for id in prices))
        wrong = [id for id, price in zip(prices, shown, strict=True) if price != prices[id]]
        if wrong:
            raise WrongPrice(f"the window shows another price than the till for the products {wrong}")
        return {"products": len(shown)}


async def price_shown(host: str, port: int, product_id: int) -> str:
    """The price on the page of a product."""
    async with asyncio.timeout(WAIT):
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(f"GET /products/{product_id}.json HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
            answer = await reader.read(-1)
        finally:
            writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise WrongPrice(f"the page of product {product_id} answered {head.splitlines()[0].decode(errors='replace')}")
    return str(json.loads(body)["price"])
