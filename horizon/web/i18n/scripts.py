"""What the scripts of the dashboard say by themselves: a page in another language brings their words along."""

from __future__ import annotations

from horizon.web.i18n.language import Language

TEXTS = (
    "Resume live updates", "Pause live updates", "These figures are from {time}; trying again.", "You are signed out; reload.",
    "The store does not answer.", "The server has a problem.", "The server does not answer.", "The server does not answer; try again.",
    "You are signed out; reload the page.", "The store does not answer, so nothing was changed; try again.",
    "That was refused (error {status}).", "This browser does not allow copying.", "just now", "now", "{span} ago", "in {span}",
    "Theme: {theme}", "auto", "light", "dark", "All that match", "{n} selected",
    "{n} suggestions", "1 suggestion", "No suggestion", "Suggestions", "searched lately", "Forget recent searches and views",
    "A page, queue, class, tag, batch, view or id", "Find anything", "Found", )  # fmt: skip


def words(language: Language) -> dict[str, str]:
    """Their texts in this language."""
    return {text: told for text in TEXTS if (told := language.catalogue.text(text)) is not None}
