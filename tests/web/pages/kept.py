"""What people keep: watched tags and saved views."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.control.views import ViewControl
from horizon.control.watching import WatchControl
from horizon.security.permissions import Actor
from tests.web.pages.stage import Stage

ANA, OTTO = Actor(name="ana", role="admin", origin="web"), Actor(name="otto", role="operator", origin="web")


def keep(stage: Stage, tags: Sequence[str], names: Sequence[str]) -> str:
    """Watch these tags, and save a view under each name: one's own, somebody else's. The id of the last, empty where there is none."""
    for tag in tags:
        WatchControl(stage.runtime).watch(ANA, tag[:200].replace("\x00", ""))
    views, last = ViewControl(stage.runtime), ""
    for index, name in enumerate(names):
        shown = "".join(letter if letter.isprintable() else " " for letter in name)[:60]
        query = f"q={'tag:' if index % 2 else ''}{shown[:20]}&state=failed"
        last = views.save(ANA if index % 2 else OTTO, shown, "jobs", query, shared=index % 2 == 0, pinned=index < 2).id
    return last
