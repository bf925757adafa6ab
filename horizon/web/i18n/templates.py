"""Templates in another language: their source is translated as it is read, once, and costs nothing when it is drawn."""

from __future__ import annotations

from jinja2 import Environment
from jinja2.ext import Extension

from horizon.web.i18n.language import ENGLISH, Language
from horizon.web.i18n.units import translated

OURS = "horizon/"
"""What the names of our templates begin with; those of the host are its own affair."""

STAYS = ("horizon/reference/",)
"""What stays in English, as the API does that it explains."""


class Translated(Extension):
    """For an environment of one language, which stands in its attribute `horizon_language`."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source that is compiled."""
        language: Language = getattr(self.environment, "horizon_language", ENGLISH)
        if language.code == ENGLISH.code or not is_told(name or ""):
            return source
        return translated(source, language.catalogue.text)


def is_told(name: str) -> bool:
    """Whether a template is translated."""
    return name.startswith(OURS) and not name.startswith(STAYS)


def speaking(environment: Environment, language: Language) -> Environment:
    """A copy of an environment whose templates are in this language; in English, the same."""
    if language == ENGLISH:
        return environment
    made = environment.overlay(extensions=[Translated])
    made.bytecode_cache = None  # it knows templates by their English source
    made.horizon_language = language  # type: ignore[attr-defined]
    return made
