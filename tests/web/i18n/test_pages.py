"""Every page in a language of ours that says everything in brackets: nothing breaks, and what is said goes through the catalogue."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from horizon import Horizon
from horizon.core.errors import ConfigurationError
from horizon.web.i18n import catalogue, language, speech
from horizon.web.i18n.catalogue import Catalogue
from horizon.web.i18n.units import marks
from tests.web.addresses import addresses
from tests.web.i18n import harvest
from tests.web.pages.conftest import SAME

LANGUAGES = sorted(path.stem for path in catalogue.FOLDER.glob("*.json"))


@pytest.fixture
def in_brackets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue for `de` in which everything is there, as itself in brackets."""
    wanted = harvest.everything()
    texts: dict[str, Any] = {key: [f"⟦{one}⟧" for one in key.split("|")] if "|" in key else f"⟦{key}⟧" for key in wanted}
    made = Catalogue(texts)
    monkeypatch.setattr(catalogue, "of", lambda code: made if code == "de" else catalogue.EMPTY)
    monkeypatch.setattr(catalogue, "codes", lambda: ("de", "en"))
    caches = (speech._found, speech._patterns, language.available)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def test_every_page_can_be_drawn_in_another_language(in_brackets: None, app: Flask) -> None:
    client = app.test_client()
    for method, path, endpoint in addresses(app, {}):
        if method == "GET" and "/api/" not in path and endpoint != "static":
            answer = client.get(path, headers={"Accept-Language": "de"})
            assert answer.status_code < 500 or answer.mimetype != "text/html", path
            if answer.mimetype == "text/html" and answer.status_code == 200:
                assert '<html lang="de" dir="ltr"' in answer.text, path
                assert "⟦" in answer.text, path


@pytest.mark.parametrize(("path", "cancelled"), [("batches", "Annullati"), ("chains", "Annullate<span"), ("workflows", "Annullati")])
def test_states_above_a_list_agree_with_what_is_listed(client: Any, path: str, cancelled: str) -> None:
    assert f">{cancelled}" in client.get(f"/horizon/{path}", headers={"Accept-Language": "it"}).text


def test_whoever_chose_a_language_keeps_it_and_a_page_in_english_is_not_shown_for_it(in_brackets: None, app: Flask) -> None:
    client = app.test_client()
    english = client.get("/horizon/queues")
    assert "⟦" not in english.text
    client.post("/horizon/look", data={"language": "de", "back": "/horizon/queues"}, headers=SAME)
    german = client.get("/horizon/queues", headers={"If-None-Match": english.headers["ETag"]})
    assert (german.status_code, "⟦Queues⟧" in german.text) == (200, True)
    client.post("/horizon/look", data={"language": "xx", "back": "/horizon/queues"}, headers=SAME)
    assert "⟦" not in client.get("/horizon/queues").text


def test_scripts_are_given_their_words_by_a_script_that_browsers_keep(in_brackets: None, app: Flask) -> None:
    client = app.test_client()
    page = client.get("/horizon/", headers={"Accept-Language": "de"}).text
    found = re.search(r'<script src="(/horizon/words/de[.]js[?]v=[0-9a-f]{8})" defer>', page)
    assert found is not None
    assert page.index("/words/de.js") < page.index("/ui.js")
    answer = client.get(found[1])
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in answer.headers["Cache-Control"]
    said = re.fullmatch(r"window[.]horizonWords = ([{].*[}]);\n", answer.text)
    assert said is not None
    assert json.loads(said[1])["Pause live updates"] == "⟦Pause live updates⟧"


def test_in_english_scripts_need_no_words(app: Flask) -> None:
    client = app.test_client()
    assert "/words/" not in client.get("/horizon/").text
    for code in ("en", "tlh"):
        answer = client.get(f"/horizon/words/{code}.js")
        assert (answer.status_code, answer.text) == (200, "")


def test_what_scripts_say_stands_in_their_files() -> None:
    from horizon.web.i18n.scripts import TEXTS

    code = "".join(path.read_text("utf-8") for path in (Path(__file__).parents[3] / "static").glob("*.js"))
    assert [text for text in TEXTS if f'"{text}"' not in code and text not in ("auto", "light", "dark")] == []


def test_a_language_that_nobody_knows_is_refused_where_the_app_is_made() -> None:
    app = Flask("shop")
    app.config.update(HORIZON_LANGUAGE="tlh", HORIZON_URL="memory://", TESTING=True)
    with pytest.raises(ConfigurationError, match="HORIZON_LANGUAGE is auto or one of de, en, fr, it; got 'tlh'"):
        Horizon(app)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_translation_holds_what_its_english_text_holds(code: str) -> None:
    for key, text in json.loads((catalogue.FOLDER / f"{code}.json").read_text("utf-8")).items():
        if "|" in key and isinstance(text, list):
            assert len(text) == len(key.split("|")) == 2, key
        elif text is not None and key:
            assert marks(text) == marks(key), f"{key!r}: {text!r}"
            assert text.strip(), key
