from __future__ import annotations

import pytest

from horizon.security import secrets
from horizon.security.redaction import MASK, mask_text


def test_a_token_is_found_by_its_public_part_and_fits_what_is_kept_of_the_secret_one() -> None:
    id, text, digest = secrets.new()
    assert secrets.parse(text) == (id, text.removeprefix(f"hz_{id}_"))
    assert digest not in text
    assert len(digest) == 64
    assert secrets.fits(digest, text.removeprefix(f"hz_{id}_"))


def test_another_secret_or_no_token_does_not_fit() -> None:
    _, _, digest = secrets.new()
    assert not secrets.fits(digest, "x" * 43)
    assert not secrets.fits(None, "x" * 43)
    assert not secrets.fits(None, "")


@pytest.mark.parametrize("text", ["", "hz_", "hz_0123456789ab_short", "HZ_0123456789ab_" + "x" * 43, "hz_0123456789ab_" + "x" * 44, "hz_0123456789ab_" + "x" * 42 + "\n"])  # fmt: skip
def test_anything_else_is_no_token(text: str) -> None:
    assert secrets.parse(text) is None


def test_every_token_and_stamp_is_another() -> None:
    assert len({secrets.new()[1] for _ in range(100)} | {secrets.stamp() for _ in range(100)}) == 200


def test_a_token_in_a_text_is_masked_but_for_its_public_part() -> None:
    id, text, _ = secrets.new()
    assert mask_text(f"curl -H 'Authorization: Bearer {text}' x") == f"curl -H 'Authorization: Bearer hz_{id}_{MASK}' x"
