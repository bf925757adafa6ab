"""How much a page weighs, wherever one looks in a shop in the middle of its day, and where everything has a name that never ends."""

from __future__ import annotations

from itertools import product

import pytest

from tests.web import sights

MOST = 40_000
"""Bytes of HTML."""
LANGUAGES = ("en", "fr")
"""The shortest and the longest of those that we ship."""


@pytest.mark.parametrize("name", ["full", "nasty"])
def test_every_page_form_and_question_is_light(name: str) -> None:
    scene = sights.SCENES[name]()
    client, heavy = scene.stage.client, []
    for sight, code in product(scene.sights, LANGUAGES):
        path, asked = f"/horizon{sight.path}", {**sights.SAME, "Accept-Language": code}
        answer = client.post(path, data=dict(sight.form), headers=asked) if sight.form else client.get(path, headers=asked)
        if len(answer.data) > MOST:
            heavy.append((sight.name, code, len(answer.data)))
    assert heavy == []
