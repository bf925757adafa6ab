from __future__ import annotations

import pytest

from horizon.jobs.folding import folded, kind


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("no row 17 in '/srv/a.csv'", "no row # in *"),
        ("user anna@example.com not found", "user * not found"),
        ("Connection to redis://a:6379/2 refused", "Connection to * refused"),
        ("[Errno 2] No such file or directory: '/tmp/x y'", "* No such file or directory: *"),
        ("order-17 was not found at 0x7fd033", "# was not found at #"),
        ("job 0190f3a0-0000-7000-8000-00000000000a is gone", "job # is gone"),
        ("commit deadbeefcafe is not here", "commit # is not here"),
        ("timed out after 3.5 s, 12 ms", "timed out after # s, # ms"),
        ("expected 3, 4, 5 got [1, 2, 3]", "expected # got *"),
        ("2026-11-22 14:03:22 is too late", "# is too late"),
        ("C:\\a\\b.txt is missing, so is /etc/horizon/x.toml", "* is missing, so is *"),
        ("can't open it", "can't open it"),
        ("<Order 17> is not JSON serializable", "* is not JSON serializable"),
        ("\n\n  Größe   5 zu groß\nDETAIL: 7", "Größe # zu groß"),
        ("", ""),
    ],
)
def test_what_differs_from_job_to_job_is_folded(message: str, says: str) -> None:
    assert folded(message) == says


def test_the_same_kind_has_the_same_letters_and_another_kind_others() -> None:
    assert kind("no user 17") == kind("no user 4") != kind("no order 17")


@pytest.mark.parametrize("message", ["", "'sku-17'", "17", "#", "\x00\x07", "…"])
def test_a_message_that_is_only_a_value_has_no_kind(message: str) -> None:
    assert kind(message) == ""


@pytest.mark.parametrize("message", ["'" * 5_000, "-a" * 5_000, "/a" * 5_000, "[" * 5_000, "a1" * 5_000, "\ud800" * 50])
def test_whatever_it_is_given_it_answers(message: str) -> None:
    assert len(kind(message)) in (0, 8)
