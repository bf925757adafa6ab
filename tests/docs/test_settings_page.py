"""Every setting is documented, as it is in the code."""

from __future__ import annotations

from tests.docs.settings_page import PAGE, render


def test_the_settings_reference_says_what_the_code_says() -> None:
    assert PAGE.read_text() == render(), "write it anew: python -m tests.docs.settings_page"
