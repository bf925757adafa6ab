from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from horizon.core.errors import ConfigurationError
from horizon.demo import catalogue, place, seed, shop
from horizon.demo.jobs.catalogue import ImportCatalogue
from horizon.demo.jobs.mails import OrderConfirmation
from horizon.demo.jobs.reports import SalesReport, best_customers
from horizon.demo.models import Customer, Order, Product, db
from tests.demo.opened import opened
from tests.web.doors import GOOD, ROOT, users


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with opened(tmp_path_factory.mktemp("shop")) as made:
        yield made


def test_every_shop_begins_with_the_same_stock(app: Flask, tmp_path: Path) -> None:
    asked = select(Customer.name, Customer.email), select(Product.name, Product.price), select(Order.customer_id).order_by(Order.id)
    with app.app_context():
        mine = [db.session.execute(one).all()[: seed.PRODUCTS] for one in asked]
    with opened(tmp_path) as other, other.app_context():
        assert [db.session.execute(one).all()[: seed.PRODUCTS] for one in asked] == mine


def test_a_folder_that_is_filled_already_is_left_as_it_is(tmp_path: Path) -> None:
    with opened(tmp_path) as made, made.app_context():
        shop.somebody_buys(random.Random(1))
    with opened(tmp_path) as again, again.app_context():
        assert db.session.scalar(select(func.count()).select_from(Order)) == seed.ORDERS + 1


def test_the_shop_has_schedules(app: Flask) -> None:
    found = app.test_client().get("/horizon/api/schedules").json
    shown = {one["name"]: (one["words"], one["source"], one["options"]) for one in found["items"]}
    assert shown["best-customers"] == ("At minute 0 past every sixth hour", "code", {"priority": 10, "timeout": 3600.0})
    assert shown["daily-report"][0] == "At 00:00 every day"
    assert found["problems"] == {}


def test_an_order_brings_its_jobs_in_the_same_transaction(app: Flask) -> None:
    with app.app_context():
        number = shop.place_order(3, {1: 2, 5: 1})
        store = app.extensions["horizon"].runtime.backend()
        store.tick()
        jobs = app.test_client().get(f"/horizon/api/jobs?q=tag:order:{number}").json["items"]
        assert {job["name"].rpartition(":")[2]: job["state"] for job in jobs} == {
            "OrderConfirmation": "pending",
            "TellWarehouse": "pending",
            "AskForReview": "blocked",
        }


def test_an_order_that_is_rolled_back_brings_none(app: Flask) -> None:
    store = app.extensions["horizon"].runtime.backend()
    with app.app_context():
        store.tick()
        before = store.remaining()
        db.session.add(Order(customer_id=1, placed_at=shop.now(), status="new"))
        db.session.flush()
        OrderConfirmation.dispatch(1)
        db.session.rollback()
        store.tick()
        assert store.remaining() == before


def test_a_report_is_computed_from_the_orders(app: Flask) -> None:
    with app.app_context():
        told = SalesReport.dispatch_now(30)
        assert told["rows"] > 50
        assert float(told["revenue"]) > 0
        assert best_customers(5)["rows"] == 5
        assert len((app.config["SHOP_FOLDER"] / "reports/best-customers.csv").read_text().splitlines()) == 6


def test_the_catalogue_is_taken_over_and_again_without_harm(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "likeness", lambda one, other: 0.0)  # comparing all with all is what takes its time
    with app.app_context():
        first = ImportCatalogue.dispatch_now("catalogue.csv")
        assert (first["lines"], first["new"]) == (1600, 1600 - seed.PRODUCTS)
        assert ImportCatalogue.dispatch_now("catalogue.csv")["new"] == 0
        assert db.session.scalar(select(func.count()).select_from(Product)) == 1600


def test_the_spring_catalogue_has_one_broken_line(app: Flask) -> None:
    with app.app_context(), pytest.raises(catalogue.BrokenLine, match="line 186: the price '12,9O' is not a number"):
        ImportCatalogue.dispatch_now("catalogue-spring.csv")


def test_a_wrong_check_digit_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("ean,name,category,price,stock,photo\n2000000012019,Mug,Kitchen,1.00,1,mug.jpg\n")
    with pytest.raises(catalogue.BrokenLine, match="line 2"):
        list(catalogue.read(tmp_path / "c.csv"))


def test_the_hook_of_the_warehouse_takes_only_signed_messages(app: Flask) -> None:
    from horizon.demo.jobs.webhooks import PATH, SIGNATURE, signature

    body, client = b'{"order": 3}', app.test_client()
    good = signature(place.secret(app.config["SHOP_FOLDER"]), body)
    assert client.post(PATH, data=body, content_type="application/json", headers={SIGNATURE: good}).status_code == 202
    for wrong in ("", good[:-1] + "x"):
        assert client.post(PATH, data=body, content_type="application/json", headers={SIGNATURE: wrong}).status_code == 403


def test_without_a_running_demo_a_letter_fails_and_says_how_to_start_one(app: Flask) -> None:
    with app.app_context(), pytest.raises(ConfigurationError, match="horizon demo --folder"):
        OrderConfirmation.dispatch_now(3)


def test_the_door_links_to_the_dashboard(app: Flask) -> None:
    page = app.test_client().get("/").text
    assert 'href="/horizon/"' in page
    assert "Place an order" in page


def test_who_adds_users_can_sign_in_to_the_demo_as_it_is(tmp_path: Path) -> None:
    with opened(tmp_path) as app:
        users(app).add(ROOT, "ana", "admin", GOOD)
        answer = app.test_client().get("/horizon/", follow_redirects=True)
    assert (answer.status_code, answer.request.path) == (200, "/horizon/login")


def test_processes_that_start_at_once_share_one_whole_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as many:
        said = set(many.map(lambda _: place.secret(tmp_path), range(32)))
    assert [len(one) for one in said] == [32]
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]
