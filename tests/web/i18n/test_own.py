"""Languages that a host brings along: a folder of files, one of them from right to left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from horizon import Horizon
from horizon.core.errors import ConfigurationError
from horizon.web import formats
from horizon.web.i18n import catalogue, filters, language, plurals, speech

HEBREW = {
    "": {"name": "עברית", "direction": "rtl"},
    "Queues": "תורים",
    "Nobody works on {name}.": "אף אחד לא עובד על {name}.",
    "job|jobs": ["משימה", "משימות", "משימות רבות"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of the host's; what this process knew before is what it knows afterwards."""
    kept = list(catalogue._folders)
    (tmp_path / "he.json").write_text(json.dumps(HEBREW), "utf-8")
    (tmp_path / "de.json").write_text(json.dumps({"Queues": "Schlangen"}), "utf-8")
    _forget()
    yield tmp_path
    catalogue._folders[:] = kept
    _forget()


def _forget() -> None:
    for cached in (catalogue.of, catalogue.codes, language.available, speech._found, speech._patterns):
        cached.cache_clear()


def _app(folder: Path | str, **more: object) -> Flask:
    app = Flask("shop")
    app.config.update(
        HORIZON_URL="memory://", HORIZON_CATALOGUES=str(folder), HORIZON_AUTH=lambda request: {"name": "ana", "role": "admin"},
        TESTING=True, **more,
    )  # fmt: skip
    Horizon(app)
    return app


def test_a_language_of_the_host_runs_as_its_file_says_and_its_texts_go_before_ours(folder: Path) -> None:
    client = _app(folder).test_client()
    hebrew = client.get("/horizon/queues", headers={"Accept-Language": "he"}).text
    assert '<html lang="he" dir="rtl"' in hebrew
    assert "<h1>תורים</h1>" in hebrew
    german = client.get("/horizon/queues", headers={"Accept-Language": "de"}).text
    assert "<h1>Schlangen</h1>" in german
    assert "Metriken" in german


def test_it_may_be_that_of_the_whole_app_and_names_are_kept_to_their_own_direction(folder: Path) -> None:
    client = _app(folder, HORIZON_LANGUAGE="he").test_client()
    assert 'lang="he" dir="rtl"' in client.get("/horizon/queues").text
    found = language.find("he")
    assert found is not None
    assert speech.told("Nobody works on e-mails.", found) == "אף אחד לא עובד על \u2068e-mails\u2069."
    assert filters.of(found, formats.FILTERS)["line"]("C++") == "<bdi>C++</bdi>"
    assert [filters.of(found, formats.FILTERS)["plural"](n, "job") for n in (1, 2, 5)] == ["1 משימה", "2 משימות", "5 משימות רבות"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "a JSON object"),
        ("{", "JSON in UTF-8"),
        ('{"Queues": 3}', "'Queues' is a text"),
        ('{"job|jobs": ["a", 3]}', "the forms of a noun"),
    ],
)
def test_a_file_that_is_not_usable_stops_the_app_at_its_start(folder: Path, text: str, said: str) -> None:
    (folder / "nl.json").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=said):
        _app(folder)


def test_a_folder_that_is_not_there_stops_the_app_at_its_start(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="HORIZON_CATALOGUES names a folder"):
        _app(folder / "nowhere")


@pytest.mark.parametrize(
    ("code", "forms"),
    [
        ("en", [1, 0, 1, 1, 1, 1, 1]),
        ("fr", [0, 0, 1, 1, 1, 1, 1]),
        ("ja", [0, 0, 0, 0, 0, 0, 0]),
        ("he", [2, 0, 1, 2, 2, 2, 2]),
        ("cs", [2, 0, 1, 1, 2, 2, 2]),
        ("pl", [2, 0, 1, 1, 2, 2, 1]),
        ("ru", [2, 0, 1, 1, 2, 0, 1]),
        ("ar", [0, 1, 2, 3, 4, 4, 4]),
    ],
)
def test_the_form_after_a_number_is_that_of_the_language(code: str, forms: list[int]) -> None:
    assert [plurals.form(code, count) for count in (0, 1, 2, 3, 11, 21, 22)] == forms
    assert plurals.form("ar", 100) == 5
