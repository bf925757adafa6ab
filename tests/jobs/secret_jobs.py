"""Jobs with something to hide, and what became of them."""

from __future__ import annotations

import logging

from horizon import Job, SecureJob, ShouldBeEncrypted, ShouldBeUnique
from horizon.backends.values import Reservation
from horizon.core.errors import JobCancelled
from horizon.core.outcome import Kind, Outcome
from horizon.security import keys
from tests.jobs.hands import Hands

OLD, NEW = keys.generate(), keys.generate()


SECRET = "4111-1111-1111-1111"


seen: list[str] = []


class Private(Job, ShouldBeEncrypted):
    """Tells its secret to whoever listens."""

    name = "encrypted:Private"

    def __init__(self, word: str, end: str = "well") -> None:
        super().__init__()
        self.word, self.end = word, end

    def handle(self) -> str:
        seen.append(self.word)
        self.progress(10, f"with {self.word}")
        logging.getLogger("shop").warning("now %s", self.word)
        if self.end == "badly":
            raise ValueError(f"not {self.word}")
        if self.end == "cancelled":
            raise JobCancelled(f"because of {self.word}")
        return f"did {self.word}"

    def failed(self, exception: Exception) -> None:
        seen.append(f"failed with {exception}")


class Plain(Job):
    """Nothing special."""

    name = "encrypted:Plain"

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word

    def handle(self) -> str:
        seen.append(self.word)
        return self.word


class Once(Private, ShouldBeUnique):
    """Unique by its arguments."""

    name = "encrypted:Once"


class Pay(SecureJob):
    """What a shop has."""

    name = "encrypted:Pay"

    def __init__(self, payment_data: dict[str, str]) -> None:
        super().__init__()
        self.payment_data = payment_data
        self.set_sensitive_fields(["payment_data"])
        self.set_required_permissions(["process_payments"])

    def handle(self) -> None:
        seen.append(self.payment_data["number"])
        raise ValueError(f"refused {self.payment_data['number']}")


def one(hands: Hands) -> Reservation:
    (reservation,) = hands.reserve()
    return reservation


def run(hands: Hands, reservation: Reservation) -> Outcome:
    """Run it, and settle it."""
    outcome = hands.attempts.prepare(reservation).run()
    hands.backend.turn([outcome])
    return outcome


def everything(outcome: Outcome) -> str:
    """All that the store is given of an end."""
    error = outcome.error
    return "\n".join(
        [
            (outcome.result or b"").decode(), outcome.reason or "", *(line.message for line in outcome.logs),
            *((error.message, error.traceback) if error else ()),
        ]
    )  # fmt: skip


def refused(outcome: Outcome) -> str:
    """The type of the error with which a job ended that was not run, for good."""
    assert (outcome.kind, outcome.started) == (Kind.FAILED, False)
    assert outcome.error is not None
    assert seen == []
    return outcome.error.type.rpartition(".")[2]
