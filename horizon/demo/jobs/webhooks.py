"""Telling the warehouse about an order: a signed POST over HTTP, here to the shop's own web process."""

from __future__ import annotations

import hashlib
import hmac
import json

from horizon import Job
from horizon.demo import here, place
from horizon.demo.models import Order, db

SIGNATURE = "X-Shop-Signature"
PATH = "/hooks/warehouse"


class Refused(Exception):
    """The other side did not accept the message."""


class TellWarehouse(Job):
    """One order, as JSON, with a signature that the warehouse checks."""

    queue = "webhooks"
    max_tries = 5
    backoff = [1, 5, 15, 30]
    timeout = 15
    tags = ["webhook"]

    def __init__(self, order_id: int) -> None:
        self.order_id = order_id

    def handle(self) -> dict[str, object]:
        order = db.session.get_one(Order, self.order_id)
        body = json.dumps({"order": order.id, "items": {line.product.ean: line.quantity for line in order.lines}}).encode()
        db.session.remove()  # the answer may take a while, and the web process writes to this database meanwhile
        status, answer = post(here.addresses().web, PATH, body, signature(place.secret(here.folder()), body))
        if status != 202:
            raise Refused(f"the warehouse answered {status}: {answer[:200]}")
        return {"status": status}


def signature(secret: bytes, body: bytes) -> str:
    """Proof that somebody who knows the secret wrote this body."""
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


def post(address: str, path: str, body: bytes, signed: str) -> tuple[int, str]:
    """Send it; returns the status and the text of the answer."""
    from http.client import HTTPConnection  # loaded by the first message: an idle worker stays small

    host, port = place.split(address)
    connection = HTTPConnection(host, port, timeout=10)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json", SIGNATURE: signed})
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    finally:
        connection.close()
