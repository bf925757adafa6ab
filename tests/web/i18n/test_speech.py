from __future__ import annotations

import re

import pytest

from horizon.core.states import JobState
from horizon.web import formats
from horizon.web.i18n import catalogue, filters, speech
from horizon.web.i18n.catalogue import Catalogue
from horizon.web.i18n.language import ENGLISH, KNOWN, Language, choose, find

GERMAN = KNOWN["de"]
HEBREW = Language("he", "עברית", direction="rtl")
TEXTS = Catalogue(
    {
        "Every queue is paused.": "Jede Queue ist angehalten.",
        "{many} wait until one is started:": "{many} warten, bis einer startet:",
        "{many} wait": "{many} warten",
        "Nobody works on {name}.": "Niemand arbeitet an {name}.",
        "of {name}": "von {name}",
        "{one} of {other}": "{one} von {other}",
        "Paused {queue}{when}{running}": "{queue} angehalten{when}{running}",
        "all {counted}": "alle {counted}",
        "Stop {who}?": "{who} stoppen?",
        "job|jobs": ["Auftrag", "Aufträge"],
        "{span} ago": "vor {span}",
        "in {span}": "in {span}",
        "just now": "gerade eben",
        "failed": "gescheitert",
        "May": "Mai",
        "Sun": "So",
        "Horizon": None,
    }
)


@pytest.fixture(autouse=True)
def _texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "of", lambda code: TEXTS if code == "de" else catalogue.EMPTY)
    for cached in (speech._found, speech._patterns):
        cached.cache_clear()


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Every queue is paused.", "Jede Queue ist angehalten."),
        ("Nobody works on e-mails v2.0.", "Niemand arbeitet an e-mails v2.0."),
        ("1,204 jobs wait until one is started:", "1.204 Aufträge warten, bis einer startet:"),
        ("1 job", "1 Auftrag"),
        ("It is seen of no other one at all", "It is seen of no other one at all"),
        ("Paused emails", "emails angehalten"),
        ("12 s ago", "vor 12 s"),
        ("in 4 min", "in 4 min"),
        ("Nobody has translated this", "Nobody has translated this"),
        ("12,408.5 of 1,000", "12.408,5 von 1.000"),
        ("0.034 of 0.5", "0,034 von 0,5"),
        ("1.2k", "1,2k"),
        ("Sun 14:00", "So 14:00"),
        ("Sun Microsystems", "Sun Microsystems"),
        ("at 127.0.0.1 in 1.2.3", "at 127.0.0.1 in 1.2.3"),
        ("Horizon", "Horizon"),
        ("", ""),
    ],
)
def test_a_sentence_is_found_by_its_pattern_and_what_is_put_in_is_told_too(english: str, german: str) -> None:
    assert speech.told(english, GERMAN) == german
    assert speech.told(english, ENGLISH) == english


def test_a_sentence_begins_with_a_capital_wherever_its_first_word_stood_and_a_name_as_it_is_written() -> None:
    assert speech.told("Stop all 6 jobs?", GERMAN) == "Alle 6 Aufträge stoppen?"
    assert speech.told("Stop web-2:4471?", GERMAN) == "web-2:4471 stoppen?"


def test_a_figure_keeps_its_order_where_lines_run_from_right_to_left() -> None:
    assert [speech.told(figure, HEBREW) for figure in ("792 ms", "60 MB", "4.8 %")] == [
        HEBREW.figure(one) for one in ("792 ms", "60 MB", "4.8 %")
    ]


def test_the_surest_pattern_is_taken() -> None:
    assert speech.told("3 jobs wait", GERMAN) == "3 Aufträge warten"


def test_a_text_without_end_is_not_looked_for() -> None:
    assert speech.told("Nobody works on " + "x" * 700 + ".", GERMAN).startswith("Nobody works on")


def test_filters_write_figures_as_the_language_does_and_leave_names_alone() -> None:
    made = filters.of(GERMAN, formats.FILTERS)
    assert made["number"](1204.0) == "1.204"
    assert made["percent"](0.0123) == "1,2\u00a0%"
    assert made["plural"](12_408, "job") == "12.408 Aufträge"
    assert made["told"](made["plural"](10, "case", "May")) == "10 May"  # what it says is no English any more
    assert made["told"](JobState.FAILED) == "gescheitert"
    assert made["told"](formats.FILTERS["line"]("failed")) == "failed"  # the name of a queue
    assert made["told"](b"failed") == b"failed"
    assert filters.of(ENGLISH, formats.FILTERS)["told"](JobState.FAILED) is JobState.FAILED


def test_no_line_of_a_page_ends_between_a_figure_and_its_unit_in_any_language() -> None:
    figures = {"duration": 132 * 60 * 10**6, "seconds": 1.25, "memory": 62_000, "bytes": 5_242_880, "percent": 0.125, "attained": 0.5}
    for language in (ENGLISH, GERMAN, HEBREW):
        made = filters.of(language, formats.FILTERS)
        told = " ".join(str(made[name](value)) for name, value in figures.items())
        assert re.findall(r"\d (?!\d)\S+", told) == [], language.code
        assert len(re.findall(r"\d\u00a0[a-zA-Z%]", told)) == len(figures) + 1
    assert formats.FILTERS["duration"](132 * 60 * 10**6) == "2\u00a0h 12\u00a0min"
    assert formats.FILTERS["bytes"](95) == "95 bytes"


@pytest.mark.parametrize("code", ["de", "it", "fr"])
@pytest.mark.parametrize("count", [1_204, 999_999, 1_204_567])
def test_a_figure_that_a_filter_has_told_is_not_taken_for_an_english_one(code: str, count: int) -> None:
    language = KNOWN[code]
    made = filters.of(language, formats.FILTERS)
    told = made["number"](count)
    assert made["told"](told) == told == language.number(f"{count:,}")
    assert made["told"](f"{told} came in").startswith(told)  # as templates join them


def test_french_counts_nothing_as_one() -> None:
    french = KNOWN["fr"]
    assert (french.form(0), french.form(2), GERMAN.form(0)) == (0, 1, 1)
    assert french.number("12,408.5") == "12\u202f408,5"


@pytest.mark.parametrize(
    ("kept", "settled", "accepted", "code"),
    [
        ("de", "it", "fr", "de"),
        ("", "it", "fr", "it"),
        ("", "auto", "nl, fr;q=0.4, de-AT;q=0.8", "de"),
        ("xx", "auto", "nl, de;q=0", "en"),
        ("", "auto", "de;q=x,*", "en"),
        ("", "auto", "", "en"),
        ("../../etc", "auto", "en-US,de;q=0.9", "en"),
    ],
)
def test_a_person_chooses_then_the_app_then_the_browser(
    monkeypatch: pytest.MonkeyPatch, kept: str, settled: str, accepted: str, code: str
) -> None:
    monkeypatch.setattr(catalogue, "codes", lambda: ("de", "en", "fr", "it"))
    find.__globals__["available"].cache_clear()
    assert choose(kept, settled, accepted).code == code
    find.__globals__["available"].cache_clear()
