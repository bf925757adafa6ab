from __future__ import annotations

import pytest

from horizon.control.watching import MOST, WatchControl
from horizon.core.errors import InvalidInput, InvalidTransition, NotFound, PermissionDenied
from tests.shop import OTTO, VERA, Shop


@pytest.fixture
def watching(shop: Shop) -> WatchControl:
    return WatchControl(shop)


def test_a_tag_is_watched_until_somebody_stops(watching: WatchControl, shop: Shop) -> None:
    assert watching.watch(OTTO, "tenant:7")
    assert not watching.watch(OTTO, "tenant:7")
    assert [(one.tag, one.by) for one in watching.list()] == [("tenant:7", "otto")]
    watching.stop(OTTO, "tenant:7")
    assert watching.list() == []
    with pytest.raises(NotFound, match="not watched"):
        watching.stop(OTTO, "tenant:7")
    assert [entry.verb for entry in shop.backend().audit.list()] == ["stop watching", "watch"]


def test_a_viewer_watches_nothing(watching: WatchControl) -> None:
    with pytest.raises(PermissionDenied, match="operate"):
        watching.watch(VERA, "mail")
    watching.watch(OTTO, "mail")
    with pytest.raises(PermissionDenied, match="operate"):
        watching.stop(VERA, "mail")


@pytest.mark.parametrize("tag", ["", "x" * 251, "a\0b", "user:*"])
def test_what_is_no_tag_is_refused(watching: WatchControl, tag: str) -> None:
    with pytest.raises(InvalidInput):
        watching.watch(OTTO, tag)


def test_no_more_than_so_many_are_watched(watching: WatchControl) -> None:
    for index in range(MOST):
        watching.watch(OTTO, f"t{index}")
    with pytest.raises(InvalidTransition, match="50 tags"):
        watching.watch(OTTO, "one more")
