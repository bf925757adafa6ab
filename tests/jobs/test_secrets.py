"""Secrets among the arguments do not come out in what a job says."""

from __future__ import annotations

import logging

import pytest

from horizon import Job
from horizon.core import current
from horizon.core.outcome import Outcome
from horizon.security.redaction import MASK
from tests.jobs.capturing import capturing
from tests.jobs.hands import Hands, runtime

CARD, KEY, NOTE = "4111 1111 1111 1111", 'it\'s "q"\n7', "phone 555-0100"


class Charge(Job):
    """A job that quotes all it was given wherever it can."""

    name = "secrets:Charge"
    redact = ("holder",)
    max_tries = 1

    def __init__(self, holder: str, payment_card: dict[str, object], api_key: str, phone: str = "555-0100") -> None:
        super().__init__()
        self.given = (holder, payment_card, api_key, phone)

    def handle(self) -> None:
        holder, payment_card, api_key, phone = self.given
        self.progress(10, f"charging {holder}")
        self.log(f"card {payment_card['number']} of {holder}")
        logging.getLogger("shop").warning("key %r, phone %s", api_key, phone)
        error = ValueError(f"{payment_card} refused for {holder} with {api_key!r}; call {phone}")
        error.add_note(f"the key was {api_key}")
        raise RuntimeError("no payment") from error


class Leave(Charge):
    """It says so in the reason of its end."""

    name = "secrets:Leave"

    def handle(self) -> None:
        self.fail(f"nobody called {self.given[0]} at {self.given[3]}")


def ran(cls: type[Charge], **settings: object) -> tuple[Outcome, str]:
    """The outcome, and everything that is stored of what the job said."""
    hands = Hands(runtime(**settings))
    with capturing(), current.use(hands.runtime):
        cls("Ana Rossi", {"number": CARD, "cvv": 123}, KEY, "555-0100").dispatch()
        (prepared,) = hands.prepared()
        outcome = prepared.run()
    error = outcome.error
    assert error is not None
    return outcome, "\n".join([error.message, error.traceback, outcome.reason or "", *(line.message for line in outcome.logs)])


@pytest.mark.parametrize("secret", ["Ana Rossi", CARD, KEY, repr(KEY)[1:-1]])
def test_exceptions_notes_and_log_lines_are_stored_without_them(secret: str) -> None:
    outcome, said = ran(Charge)
    assert secret not in said
    assert f"refused for {MASK} with" in said
    assert f"card {MASK} of {MASK}" in said
    assert NOTE in said
    assert outcome.error is not None
    assert outcome.error.type == "RuntimeError"


def test_the_settings_add_to_what_is_kept_out() -> None:
    _, said = ran(Charge, REDACT=["phone"])
    assert "555-0100" not in said


def test_the_words_a_job_fails_itself_with_are_looked_at_too() -> None:
    _, said = ran(Leave)
    assert f"nobody called {MASK} at 555-0100" in said
    assert "Ana Rossi" not in said


def test_progress_that_is_told_on_the_way_is_without_them() -> None:
    hands = Hands(runtime())
    with current.use(hands.runtime):
        Charge("Ana Rossi", {"number": CARD}, KEY).dispatch()
        (prepared,) = hands.prepared()
        prepared._running.report(5, "for Ana Rossi")
        prepared._running.line("INFO", f"card {CARD}")
        news = prepared.news()
    assert news is not None
    assert (news.note, [line.message for line in news.logs]) == (f"for {MASK}", [f"card {MASK}"])


def test_a_payload_that_cannot_be_read_hides_nothing_and_breaks_nothing() -> None:
    from horizon.jobs.secrets import Secrets

    assert Secrets(b"\xff{", ()).hide("as it is") == "as it is"
