"""The supplier's catalogue, taken over into the shop: a long job that shows how far it is."""

from __future__ import annotations

from sqlalchemy import select

from horizon import Job
from horizon.demo import catalogue
from horizon.demo.catalogue import Item
from horizon.demo.models import Product, db
from horizon.demo.place import DATA

CHUNK = 50
"""Lines per transaction: a long one would keep everybody else from writing."""


class ImportCatalogue(Job):
    """Read a file, check each line, look for products with nearly the same name, add what is new, update the rest.

    One broken line fails it, with the line's number; what was committed before stays, and importing again is harmless.
    """

    queue = "catalogue"
    max_tries = 1
    timeout = 120
    tags = ["import"]

    def __init__(self, file: str) -> None:
        self.file = file

    def handle(self) -> dict[str, int] | None:
        path = DATA / self.file
        total, done = catalogue.size(path), {"new": 0, "updated": 0, "lookalikes": 0}
        known = {product.ean: product for product in db.session.scalars(select(Product))}
        names = Names(known)
        for count, item in enumerate(catalogue.read(path), start=1):
            done["lookalikes"] += names.add(item)
            done["updated" if _take_over(item, known) else "new"] += 1
            if count % CHUNK == 0:
                db.session.commit()
                self.progress(count * 100 / total, f"line {count} of {total}")
                if self.cancel_requested:
                    return None
        db.session.commit()
        self.log(f"{done['new']} new, {done['updated']} updated, {done['lookalikes']} names that are nearly the same")
        return done


class Names:
    """The names of all products, to find those that look alike."""

    def __init__(self, known: dict[str, Product]) -> None:
        self.names = {ean: (product.name, catalogue.trigrams(product.name)) for ean, product in known.items()}

    def add(self, item: Item) -> int:
        """Note one; returns how many others have nearly this name, which a person should look at."""
        mine = catalogue.trigrams(item.name)
        self.names[item.ean] = item.name, mine
        return sum(
            1
            for ean, (name, theirs) in self.names.items()
            if ean != item.ean and catalogue.likeness(mine, theirs) > catalogue.WORTH_A_LOOK and catalogue.nearly_the_same(item.name, name)
        )


def _take_over(item: Item, known: dict[str, Product]) -> bool:
    """Write one item into the shop; True where the product was there already."""
    product = known.get(item.ean)
    if product is None:
        product = known[item.ean] = Product(ean=item.ean, photo=item.photo)
        db.session.add(product)
        there = False
    else:
        there = True
    product.name, product.category, product.price, product.stock = item.name, item.category, item.price, item.stock
    return there
