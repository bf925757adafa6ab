"""Which field of a schedule's form a refusal stands at."""

from __future__ import annotations

import pytest

from tests.schedule.office import Report  # noqa: F401 (a job that is registered)
from tests.web.pages.test_schedules import FORM


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("when", "0 0 31 2 *"), ("when", "now and then"), ("timezone", "Rome"), ("job", "shop:Nothing"), ("args", "[1]"), ("args", '{"colour": 1}'),
        ("queue", "two words"), ("priority", "urgent"), ("priority", "500"), ("timeout", "soon"), ("timeout", "-1"), ("max_tries", "0"),
        ("most", "1000"), ("jitter", "much"), ("jitter", "90000"), ("name", "two words"),
    ],
)  # fmt: skip
def test_a_refusal_stands_at_its_field_which_has_the_focus(act, field, typed):
    page = act("/new/schedule", **{**FORM, field: typed})
    assert page.status_code == 422
    at = page.text.index(' aria-invalid="true" autofocus')
    tag = page.text[page.text.rindex("<", 0, at) : at]
    assert f'name="{field}"' in tag
    assert f'aria-describedby="h-{field}"' in tag
    assert page.text.count("autofocus") == 1
    assert f'<p class="sub bad" id="h-{field}">' in page.text


def test_a_name_that_is_taken_stands_at_its_field(act):
    assert act("/new/schedule", **FORM).status_code == 303
    again = act("/new/schedule", **FORM)
    assert '<p class="sub bad" id="h-name">' in again.text


def test_a_jitter_longer_than_the_time_between_two_runs_stands_at_its_field(act):
    page = act("/new/schedule", **{**FORM, "when": "every 30s", "jitter": "45"})
    assert '<p class="sub bad" id="h-jitter">' in page.text
