"""Several jobs as one: the photos of an evening as a batch, the weekly accounts as a chain, a night in the shop as a workflow."""

from __future__ import annotations

import logging
import random
from typing import Any

from horizon import ChainableJob, Job, JobBatch, batch, chain, workflow
from horizon.demo.jobs.catalogue import ImportCatalogue
from horizon.demo.jobs.images import Thumbnails
from horizon.demo.jobs.reports import SalesReport, best_customers
from horizon.demo.jobs.window import CheckWindow
from horizon.demo.seed import PRODUCTS

PHOTOS = 12
"""In one evening."""
log = logging.getLogger("shop.season")


class Compare(ChainableJob):
    """Hold the week against the month, with what the report before returned."""

    queue = "reports"
    tags = ["report"]

    def __init__(self, days: int) -> None:
        self.days = days

    def _handle(self) -> dict[str, Any]:
        week = self.get_previous_result()
        month = SalesReport(self.days).handle()
        share = 100 * float(week["revenue"]) / max(1.0, float(str(month["revenue"])))
        self.log(f"the week made {share:.0f} % of what {self.days} days did")
        return {"week": week["revenue"], "share": round(share)}


class TellStaff(Job):
    """Say in the staff room what became of a night."""

    queue = "reports"

    def __init__(self, what: str) -> None:
        self.what = what

    def handle(self) -> str:
        self.log(f"{self.what}: {self.get_previous_results()}")
        return self.what


def photos_are_ready(photos: JobBatch) -> None:
    """What follows the batch."""
    log.info("%s: %d of %d are in the window", photos.name, photos.completed_jobs, photos.total_jobs)


def season_is_late(exception: Exception) -> None:
    """What follows a chain that broke."""
    log.warning("the new season has to wait: %s", exception)


def photos_of_the_evening(throw: random.Random) -> object:
    """A batch; one or two photos may be missing."""
    products = throw.sample(range(1, PRODUCTS + 1), PHOTOS)
    return batch(Thumbnails(id) for id in products).name("Photos of the evening").allow_failures(2).then(photos_are_ready).dispatch()


def weekly_accounts(throw: random.Random) -> object:
    """A chain; each step has what the one before it returned."""
    return chain([SalesReport(7), Compare(30), best_customers.job(10)]).name("Weekly accounts").on_queue("reports").dispatch()


def new_season(throw: random.Random) -> object:
    """A chain whose first step fails: the supplier's file is broken."""
    return chain([ImportCatalogue("catalogue-spring.csv"), SalesReport(1)]).name("Spring season").catch(season_is_late).dispatch()


def night_in_the_shop(throw: random.Random) -> object:
    """A workflow: the catalogue is taken over, then looked at from several sides, and somebody is told either way."""
    products = throw.sample(range(1, PRODUCTS + 1), 8)
    with workflow("Night in the shop") as night:
        catalogue = night.add(ImportCatalogue("catalogue.csv"))
        window = night.add(batch([CheckWindow(products[:4]), CheckWindow(products[4:])]).name("Shop window"), after=[catalogue])
        sales = night.add(SalesReport(14), after=[catalogue])
        night.add(TellStaff("the night went well"), after=[window, sales])
        night.add(TellStaff("the catalogue is missing"), after=[catalogue], on="failed")
    return night.id
