from __future__ import annotations

from pathlib import Path

import pytest

from horizon.web.i18n.units import keys, marks, translated

TEMPLATES = sorted((Path(__file__).parents[3] / "templates").rglob("*.html"))


def told(source: str, texts: dict[str, str]) -> str:
    return translated(source, texts.get)


def test_text_between_tags_is_one_unit_and_keeps_its_tags_in_whatever_order() -> None:
    source = '<p>\n  Write <a href="{{ url }}">a class</a> with <code>handle</code>.\n</p>'
    assert keys(source) == ["Write <a>a class</a> with <code>handle</code>."]
    other = told(source, {keys(source)[0]: "Mit <code>handle</code> schreibt man <a>eine Klasse</a>."})
    assert other == '<p>\n  Mit <code>handle</code> schreibt man <a href="{{ url }}">eine Klasse</a>.\n</p>'


def test_what_is_put_in_has_a_name_and_goes_through_told() -> None:
    source = "<p>{{ job.count | number }} jobs wait in {{ queue.name | line(40) }}</p>"
    assert keys(source) == ["{count} jobs wait in {name}"]
    other = told(source, {"{count} jobs wait in {name}": "In {name} warten {count}"})
    assert other == "<p>In {{ (queue.name | line(40)) | told }} warten {{ (job.count | number) | told }}</p>"


def test_two_of_one_name_and_two_tags_of_a_kind_are_told_apart() -> None:
    assert keys("<td>{{ a.name }} after {{ b.name }}: <b>x1</b> or <b>or else</b></td>") == [
        "{name} after {name2}: <b>x1</b> or <b2>or else</b2>"
    ]


def test_a_statement_and_a_block_end_a_unit_and_white_space_stays() -> None:
    source = "<div> Failed jobs {% if n %} of today{% endif %}<p>None yet</p></div>"
    assert keys(source) == ["Failed jobs", "of today", "None yet"]
    assert told(source, {"of today": "von heute"}) == "<div> Failed jobs {% if n %} von heute{% endif %}<p>None yet</p></div>"


def test_tags_and_icons_that_wrap_the_whole_are_not_part_of_it() -> None:
    assert keys('<li>{{ ui.icon("ok") }}<b class="x"><span>All is well</span></b></li>') == ["All is well"]
    assert keys('<button>{{ ui.icon("out") }}Sign out</button>') == ["Sign out"]


def test_attributes_that_people_read_are_told_and_others_left_alone() -> None:
    source = (
        '<a title="{{ n }} more" class="more small" href="{{ url_for(\'x.more\') }}" aria-label="{% if a %}Show {{ n }}{% endif %}">…</a>'
    )
    assert keys(source) == ["{n} more", "Show {n}"]
    assert told(source, {"{n} more": "noch {n}"}).startswith(
        '<a title="noch {{ (n) | told }}" class="more small" href="{{ url_for(\'x.more\') }}"'
    )


def test_strings_in_expressions_are_texts_where_they_look_like_it() -> None:
    source = '<b>{{ "Resume all" if queue.state == "Paused here" else \'Pause\' }}</b>{{ n | plural("of its jobs") }}'
    assert keys(source) == ["Resume all", "Pause"]
    assert "'Anhalten'" in told(source, {"Pause": "Anhalten"})


def test_classes_of_the_stylesheet_are_nobodys_text() -> None:
    source = "{% call ui.act_form('horizon.act_on_queue', 'body form') %}{{ legend(plot, \"legend body-top\") }}"
    assert keys(source + '<i class="beat {{ {"up": "s-completed live"}[state] }}"></i>') == []


def test_code_scripts_and_comments_are_nobodys_text() -> None:
    assert keys("<pre>Not this {{ one }}</pre><script>Nor this</script>{# Nor that #}<style>b{}</style>") == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_a_template_says_the_same_where_nothing_is_translated(path: Path) -> None:
    source = path.read_text("utf-8")
    assert without_told(translated(source, lambda key: None)) == without_told(source)


def without_told(source: str) -> str:
    """Without what every expression gets, and without white space."""
    return "".join(source.replace(") | told", "").replace("(", "").replace(")", "").split())


def test_marks_of_a_text_are_its_holes_and_tags() -> None:
    assert marks("{n} of <a>{name}</a>, <b>x</b>") == ["</a>", "</b>", "<a>", "<b>", "{name}", "{n}"]
