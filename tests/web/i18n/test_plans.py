"""Whatever a cron expression says is said in every language that we ship."""

from __future__ import annotations

import re

import pytest

from horizon.timetable.cron import _in_words
from horizon.web.i18n import catalogue, plans, speech
from horizon.web.i18n.language import KNOWN

RARE = (
    "0 9 1,15 * *", "0 9 LW * *", "0 9 LW 1-3 *", "0 9 L 2 *", "0 */2 * * *", "5,10 */2 * * *", "0 0 1 1 *", "30 4 1,15 * 5", "0 0 */2 * *",
    "10 9-17 * * *", "*/10 9-17/2 * * *", "0 1,2,3,4,5 * * *", "0 9 1-7 * 1", "0 9 * 1-3 *", "0 9 * */3 *", "0 0 1 */3 *", "0 0 1 1,7 *", "5-20/5 * * * *",
    "0 9 * * 1-5/2", "0 9 15 * 1-5", "0 9 */2 * 1", "*/5 * * * * *", "5 * * * * *", "10,20 * * * * *", "*/15 */10 * * * *", "0 9 * * 1#2,3#4", "0-5,10 * * * *",
    "0 0 2-10/2 * *", "0 9 * 1-6/2 1", "1 2 3 4,5 6 7",
)  # fmt: skip
USUAL = (
    "*/5 9-17 * * 1-5",
    "0 9 * * 1,3",
    "0 9 * * *",
    "30 0 9 * * *",
    "* * * * *",
    "0 * * * *",
    "*/5 * * * *",
    "0 9 L * *",
    "0 9 * 1,6 *",
)
ENGLISH = re.compile(r"\b(?:every|through|past|of|on|and|the|weekday|hours?|days?|months?)\b")


@pytest.mark.parametrize("code", ["de", "it", "fr"])
@pytest.mark.parametrize("cron", RARE + USUAL)
def test_a_plan_is_told_without_a_word_of_english(cron: str, code: str) -> None:
    said = speech.told(_in_words(cron), KNOWN[code])
    assert said != _in_words(cron)
    assert not ENGLISH.search(said), said


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("0 9 1,15 * *", "Um 09:00, Tag 1 und 15 des Monats"),
        ("10 9-17 * * *", "Minute 10, jede Stunde von 9 bis 17"),
        ("30 4 1 * 5", "Um 04:30, Tag 1 des Monats und außerdem Freitag"),
        ("0 9 */2 * 1", "Um 09:00, alle 2 Tage, falls Montag"),
        ("0 0 2-10/2 * *", "Um 00:00, alle 2 Tage vom 2. bis zum 10."),
        ("0 9 * * 1#2,3#4", "Um 09:00, 2. Montag des Monats und 4. Mittwoch des Monats"),
        ("0 0 24 12 *", "Um 00:00, 24. Dezember"),
    ],
)
def test_its_clauses_say_when_it_comes(cron: str, said: str) -> None:
    assert speech.told(_in_words(cron), KNOWN["de"]) == said


def test_hours_are_counted_where_an_ordinal_would_need_their_gender() -> None:
    for cron, said in (("0 */6 * * *", "Al minuto 0, ogni 6 ore"), ("0 */2 * * 1", "Al minuto 0, ogni 2 ore, lunedì")):
        assert speech.told(_in_words(cron), KNOWN["it"]) == said


@pytest.mark.parametrize("text", ["At rest", "Every cloud has a silver lining", "At 09:00 on the moon", "Every second counts", "At 09:00"])
def test_what_is_no_rare_plan_is_left_to_others(text: str) -> None:
    assert plans.told(text, catalogue.of("de").text) is None
