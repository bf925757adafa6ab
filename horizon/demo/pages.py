"""The shop's own few pages: the door, the till, what the window shows, and the warehouse's web hook."""

from __future__ import annotations

import hmac
import random

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from horizon.demo import here, place, shop
from horizon.demo.jobs.webhooks import PATH, SIGNATURE, signature
from horizon.demo.models import Order, Product, db
from horizon.web.security import cross_site

pages = Blueprint("shop", __name__)
_throw = random.Random()


@pages.get("/")
def door() -> str:
    """What the shop is, a button, and the way to the dashboard."""
    orders = db.session.scalar(select(func.count()).select_from(Order))
    latest = list(db.session.scalars(select(Order).order_by(Order.id.desc()).limit(5)))
    return render_template("shop.html", orders=orders, latest=latest, placed=request.args.get("placed", type=int))


@pages.post("/orders")
def order() -> Response:
    """Somebody buys something: rows and jobs in one transaction."""
    if why := cross_site(request.method, request.headers, request.host):  # type: ignore[arg-type]
        abort(403, why)
    return redirect(url_for("shop.door", placed=shop.somebody_buys(_throw)), 303)


@pages.get("/products/<int:id>.json")
def product(id: int) -> Response:
    """A product as the window shows it."""
    found = db.session.get(Product, id)
    if found is None:
        abort(404, f"there is no product {id}")
    return jsonify(id=found.id, name=found.name, price=str(found.price))


@pages.post(PATH)
def warehouse() -> tuple[Response, int]:
    """The other end of the web hook: checks the signature and notes that the order has arrived."""
    body = request.get_data()
    if not hmac.compare_digest(signature(place.secret(here.folder()), body), request.headers.get(SIGNATURE, "")):
        abort(403, "the signature does not fit the message")
    found = db.session.get(Order, request.get_json()["order"])
    if found is None:
        abort(404, "there is no such order")
    found.status = "at the warehouse"
    db.session.commit()
    return jsonify(status=found.status), 202
