"""What is shipped with the pages."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

from horizon.web import resources

STATIC = Path(resources.static())
TEMPLATES = Path(resources.templates()) / "horizon"
SERVED = (
    "horizon.css",
    "ui.js",
    "rows.js",
    "keys.js",
    "find.js",
    "icons.svg",
    "favicon.svg",
    "vendor/htmx.min.js",
    "vendor/idiomorph-ext.min.js",
    "vendor/inter-latin.woff2",
)
"""On every page."""


def vendored() -> list[list[str]]:
    lines = (STATIC / "vendor" / "VENDORED.txt").read_text().splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line.count("|") == 5]


def test_what_others_wrote_is_recorded_and_unchanged():
    rows = vendored()
    for file, package, version, licence, digest, _ in rows:
        assert package
        assert version
        assert licence
        assert hashlib.sha256((STATIC / "vendor" / file).read_bytes()).hexdigest() == digest, file
    named = {row[0] for row in rows}
    assert {path.name for path in (STATIC / "vendor").iterdir() if path.suffix != ".txt"} <= named


def test_all_assets_together_are_small():
    assert sum(len(gzip.compress(path.read_bytes())) for path in STATIC.rglob("*.*") if path.suffix != ".txt") < 120_000
    assert sum(script.stat().st_size for script in STATIC.glob("*.js")) < 40_000


def test_every_asset_is_served_with_its_type_and_for_ever(stage):
    kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
    page = stage.client.get("/horizon/").text
    for name in SERVED:
        answer = stage.client.get(f"/horizon/static/{name}?v=1")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith(kinds[Path(name).suffix])
        assert "immutable" in answer.headers["Cache-Control"]
        assert f"/horizon/static/{name}" in page


def test_assets_come_compressed_to_whoever_unpacks_them_and_as_they_are_to_others(stage):
    plain = (STATIC / "horizon.css").read_bytes()
    for name, kinds, packed in (
        ("horizon.css", "gzip, br", True),
        ("horizon.css", "gzip;q=0, br", False),
        ("vendor/inter-latin.woff2", "gzip", False),
    ):
        answer = stage.client.get(f"/horizon/static/{name}", headers={"Accept-Encoding": kinds})
        assert (answer.headers.get("Content-Encoding") == "gzip") is packed
    packed = stage.client.get("/horizon/static/horizon.css?v=1", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain
    assert packed.content_length == len(packed.data)
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "immutable" in packed.headers["Cache-Control"]
    again = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    assert stage.client.get("/horizon/static/horizon.css", headers=again).status_code == 304
    whole = stage.client.get("/horizon/static/horizon.css")
    assert whole.data == plain
    assert whole.headers["ETag"] != packed.headers["ETag"]
    part = stage.client.get("/horizon/static/horizon.css", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, plain[:10])
    assert stage.client.get("/horizon/static/nowhere.css", headers={"Accept-Encoding": "gzip"}).status_code == 404


def test_every_icon_that_a_template_names_is_in_the_sprite():
    there = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    named = {name for path in TEMPLATES.rglob("*.html") for name in re.findall(r'icon\("([\w-]+)"\)', path.read_text())}
    from horizon.web.pages.buttons import BUTTONS
    from horizon.web.pages.table import PAGES

    named |= {button.icon for button in BUTTONS.values()} | {row.icon for row in PAGES if row.icon}
    assert named <= there


def test_nothing_is_fetched_from_elsewhere():
    for path in (*TEMPLATES.rglob("*.html"), STATIC / "horizon.css", *STATIC.glob("*.js")):
        links = re.findall(r"https?://[^\s\"')]+", path.read_text())
        assert [link for link in links if not link.startswith("http://www.w3.org/")] == [], path


def test_every_colour_is_a_token():
    rules = (STATIC / "horizon.css").read_text().partition("/* base")[2]
    plain = re.sub(r"url\([^)]*\)", "", rules)
    assert re.findall(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})\b", plain) == []
