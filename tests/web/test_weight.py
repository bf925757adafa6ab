"""How much a page weighs, wherever one looks in a shop in the middle of its day, and where everything has a name that never ends."""

from __future__ import annotations

import pytest

from tests.web import sights

MOST = 40_000
"""Bytes of HTML."""


@pytest.mark.parametrize("name", ["full", "nasty"])
def test_every_page_form_and_question_is_light(name: str) -> None:
    scene = sights.SCENES[name]()
    client, heavy = scene.stage.client, []
    for sight in scene.sights:
        path = f"/horizon{sight.path}"
        answer = client.post(path, data=dict(sight.form), headers=sights.SAME) if sight.form else client.get(path)
        if len(answer.data) > MOST:
            heavy.append((sight.name, len(answer.data)))
    assert heavy == []
