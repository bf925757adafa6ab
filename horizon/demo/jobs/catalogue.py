"""The supplier's catalogue, taken over into the shop: a long job that shows how far it is."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

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
        total, lookalikes, chunk = catalogue.size(path), 0, []
        names = Names({ean: name for ean, name in db.session.execute(select(Product.ean, Product.name))})  # noqa: C416
        before = len(names)
        for count, item in enumerate(catalogue.read(path), start=1):
            lookalikes += names.add(item)
            chunk.append(item)
            if len(chunk) == CHUNK or count == total:
                take_over(chunk)
                chunk = []
                self.progress(count * 100 / total, f"line {count} of {total}")
                if self.cancel_requested:
                    return None
        done = {"lines": total, "new": len(names) - before, "lookalikes": lookalikes}
        self.log("{new} of {lines} are new, {lookalikes} names are nearly the same".format_map(done))
        return done


class Names:
    """The names of all products, to find those that look alike."""

    def __init__(self, known: dict[str, str]) -> None:
        """`known`: names by article number."""
        self.names = {ean: (name, catalogue.trigrams(name)) for ean, name in known.items()}

    def __len__(self) -> int:
        return len(self.names)

    def add(self, item: Item) -> int:
        """Note one; returns how many others have nearly this name, which a person should look at."""
        mine = catalogue.trigrams(item.name)
        self.names[item.ean] = item.name, mine
        return sum(
            1
            for ean, (name, theirs) in self.names.items()
            if ean != item.ean and catalogue.likeness(mine, theirs) > catalogue.WORTH_A_LOOK and catalogue.nearly_the_same(item.name, name)
        )


def take_over(items: list[Item]) -> None:
    """Write these into the shop, in one transaction of their own; one that is there already gets the new price and stock."""
    rows = [{"ean": i.ean, "name": i.name, "category": i.category, "price": i.price, "stock": i.stock, "photo": i.photo} for i in items]
    insert = upsert(Product)
    news = {column: insert.excluded[column] for column in ("name", "category", "price", "stock")}
    db.session.execute(insert.on_conflict_do_update(index_elements=[Product.ean], set_=news), rows)
    db.session.commit()
