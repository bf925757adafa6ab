"""`python -m horizon.demo.traffic`: the customers and the staff of the demo's shop, who cause its jobs.

It opens with a little of everything, so that there is something to see at once, then goes on gently, in waves.
"""

from __future__ import annotations

import importlib.util
import logging
import math
import random
import signal
from collections.abc import Callable, Iterator
from threading import Event

from sqlalchemy.exc import SQLAlchemyError

from horizon.core import clock
from horizon.core.errors import HorizonError
from horizon.demo import shop
from horizon.demo.app import create_app
from horizon.demo.jobs.catalogue import ImportCatalogue
from horizon.demo.jobs.etl import etl
from horizon.demo.jobs.images import Thumbnails
from horizon.demo.jobs.reports import BoughtTogether, SalesReport, best_customers
from horizon.demo.jobs.season import new_season, night_in_the_shop, photos_of_the_evening, weekly_accounts
from horizon.demo.jobs.window import CheckWindow
from horizon.demo.models import db
from horizon.demo.place import MISTYPED
from horizon.demo.seed import CUSTOMERS, PRODUCTS, customer

WAVE = 60.0
"""Seconds from one crest to the next."""
SLOWEST, FASTEST = 0.25, 0.9
"""Events per second in a trough and on a crest; an order is two jobs at once and one later."""
SPRING, ALL = "catalogue-spring.csv", "catalogue.csv"
log = logging.getLogger("shop.traffic")

Act = Callable[[random.Random], object]


def _order(throw: random.Random) -> object:
    return shop.somebody_buys(throw)


def _thumbnails(throw: random.Random) -> object:
    return Thumbnails(throw.randrange(1, PRODUCTS + 1)).dispatch()


def _window(throw: random.Random) -> object:
    return CheckWindow(throw.sample(range(1, PRODUCTS + 1), 5)).dispatch()


def _report(throw: random.Random) -> object:
    return SalesReport(throw.choice((7, 14, 30, 90))).dispatch()


def _best(throw: random.Random) -> object:
    return best_customers.dispatch(throw.randrange(10, 40))


def _mistyped(throw: random.Random) -> object:
    """An order of somebody whose address was mistyped, so that its letter is refused."""
    ids = [id for id in range(1, CUSTOMERS + 1) if customer(id)["email"].endswith(MISTYPED)]
    return shop.place_order(throw.choice(ids), {throw.randrange(1, PRODUCTS + 1): 1})


CASUAL: tuple[tuple[int, Act], ...] = ((50, _order), (25, _thumbnails), (12, _window), (9, _report), (4, _best))
"""What happens at any time, with how often."""
REGULAR: tuple[tuple[float, float, Act], ...] = (
    (40, 120, _mistyped),
    (70, 150, lambda throw: BoughtTogether().dispatch()),
    (60, 180, lambda throw: ImportCatalogue(ALL).dispatch()),
    (100, 300, lambda throw: ImportCatalogue(SPRING).dispatch()),
    (50, 180, weekly_accounts),
    (80, 240, etl),
    (90, 240, night_in_the_shop),
    (130, 420, new_season),
)
"""First after so many seconds, then every so many."""


def opening(photos: bool) -> Iterator[Act]:
    """What there is to do when the shop opens. The spring catalogue is broken and is tried once: it fails for good."""
    yield lambda throw: ImportCatalogue(SPRING).on_queue("catalogue").with_priority(20).dispatch()
    yield _mistyped
    yield from [_order] * 14
    yield from [_report, _report, _best, _window]
    yield from [_thumbnails] * (6 if photos else 0)
    yield from [photos_of_the_evening] * photos
    yield etl
    yield weekly_accounts
    yield night_in_the_shop
    yield lambda throw: ImportCatalogue(ALL).dispatch()
    yield lambda throw: SalesReport(365).tagged("yearly").delay_until(600).dispatch()
    yield lambda throw: BoughtTogether().dispatch()


def pause(throw: random.Random, elapsed: float) -> float:
    """Seconds until the next casual event, given how long the shop has been open."""
    height = (1 + math.sin(elapsed * 2 * math.pi / WAVE)) / 2
    return throw.expovariate(SLOWEST + (FASTEST - SLOWEST) * height)


class Traffic:
    """One day that never ends."""

    def __init__(self, throw: random.Random, stop: Event, *, photos: bool) -> None:
        self.throw, self.stop, self.photos = throw, stop, photos
        self.casual = [pair for pair in CASUAL if photos or pair[1] is not _thumbnails]

    def run(self) -> None:
        """Open the shop and keep it open until told to stop."""
        for act in opening(self.photos):
            self.do(act)
        began = clock.monotonic()
        due = [first for first, _, _ in REGULAR]
        while not self.stop.wait(min(3.0, pause(self.throw, clock.monotonic() - began))):
            elapsed = clock.monotonic() - began
            for at, (_, every, act) in enumerate(REGULAR):
                if elapsed >= due[at]:
                    due[at] += every
                    self.do(act)
            self.do(self.throw.choices([act for _, act in self.casual], [often for often, _ in self.casual])[0])

    def do(self, act: Act) -> None:
        """One event; a store that does not answer is told, and the next event tries again."""
        if self.stop.is_set():
            return
        try:
            act(self.throw)
        except (HorizonError, SQLAlchemyError) as error:
            log.warning("%s", error)
        finally:
            db.session.remove()


def main() -> None:
    """Until TERM or INT."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with create_app().app_context():
        Traffic(random.Random(), stop, photos=importlib.util.find_spec("PIL") is not None).run()


if __name__ == "__main__":
    main()
