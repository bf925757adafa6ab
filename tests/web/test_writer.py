"""What `{{ }}` writes is what Jinja writes, whatever it is given."""

from __future__ import annotations

import pytest
from jinja2 import Environment
from markupsafe import Markup

from horizon.core.states import JobState
from horizon.web.i18n.filters import Name, Told
from horizon.web.writer import Writer, written


class Html:
    def __html__(self) -> str:
        return "<b>mine</b>"


VALUES = (
    "plain", "", "<b> & \"it\" 'is'", Markup("<b>&amp;</b>"), 5, 1.5, True, None, JobState.FAILED, Told("a < b"), Name("a&b"), Html(), ["<"],
)  # fmt: skip


def ours() -> Environment:
    made = Environment(autoescape=True)
    made.code_generator_class, made.written = Writer, written  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    "source",
    [
        "{{ value }}", "a{{ value }}b{{ value if value }}", "{% macro one() %}<i>{{ value }}{% endmacro %}{{ one() }}{{ one() | length }}",
        "{% set kept %}{{ value }}{% endset %}{{ kept }}", "{% autoescape false %}{{ value }}{% endautoescape %}", "{{ value ~ '<' }}",
        "{% for one in [value] %}{{ one }}{{ loop.index }}{% endfor %}", "{{ nothing }}{{ nothing if value }}{{ '<' if not value }}",
        "{% set some = '<' if not value %}{{ some is defined }}{{ [some] | join }}",
    ],
)  # fmt: skip
def test_a_template_of_ours_says_what_it_says_in_jinja(source: str, value: object):
    assert ours().from_string(source).render(value=value) == Environment(autoescape=True).from_string(source).render(value=value)


def test_what_the_host_wants_done_to_every_value_is_done():
    made = ours().overlay(finalize=lambda value: "–" if value is None else value)
    assert made.from_string("{{ a }} {{ b }}").render(a=None, b="<") == "– &lt;"
