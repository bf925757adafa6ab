"""Product photos in the sizes the shop window needs. Pillow is loaded by the first of them: an idle worker stays small."""

from __future__ import annotations

from horizon import Job
from horizon.demo import here
from horizon.demo.models import Product, db
from horizon.demo.place import DATA

SIZES = (960, 480, 240, 96)


class Thumbnails(Job):
    """The photo of one product, scaled down and saved in every size."""

    queue = "images"
    timeout = 30
    tags = ["image"]

    def __init__(self, product_id: int) -> None:
        self.product_id = product_id

    def handle(self) -> dict[str, int]:
        from PIL import Image

        product = db.session.get_one(Product, self.product_id)
        folder, sizes = here.folder("thumbnails"), {}
        with Image.open(DATA / "photos" / product.photo) as photo:
            for at, width in enumerate(SIZES):
                photo.thumbnail((width, width))  # in place, so each is made from the one before it
                path = folder / f"{product.id}-{width}.jpg"
                photo.save(path, "JPEG", quality=82)  # of the formats whose code Pillow always loads
                sizes[path.name] = path.stat().st_size
                self.progress((at + 1) * 100 / len(SIZES), f"{width} pixels")
        self.log(f"{product.name}: {sum(sizes.values())} bytes in {len(sizes)} sizes")
        return sizes
