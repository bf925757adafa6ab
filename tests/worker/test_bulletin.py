from __future__ import annotations

import threading

import pytest

from horizon.backends.values import ProgressReport
from horizon.core.errors import BackendUnavailable
from horizon.core.outcome import Kind, LogLine
from horizon.worker.bulletin import Bulletin
from tests.waiting import until
from tests.worker.fakes import FakePrepared, reservation


def said(*words: str, n: int = 1, dropped: int = 0) -> ProgressReport:
    return ProgressReport(ref=n, token=f"t{n}", percent=None, note=None, logs=lines(*words), logs_dropped=dropped)


def lines(*words: str) -> tuple[LogLine, ...]:
    return tuple(LogLine(at=1, level="INFO", message=word) for word in words)


def job(n: int = 1, news: object = None) -> FakePrepared:
    prepared = FakePrepared(reservation(n), lambda _: None)
    prepared.to_tell = news
    return prepared


def ended(prepared: FakePrepared, *words: str):
    return prepared.outcome(Kind.COMPLETED, logs=lines(*words))


def away(reports: object) -> None:
    raise BackendUnavailable("away")


class Patience(threading.Condition):
    """Notes who waits."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.set()
        return super().wait(timeout)


def test_an_outcome_waits_for_the_report_of_its_own_attempt_that_is_under_way():
    order: list[object] = []
    one = job(news=said("half way"))

    def end() -> None:
        bulletin.complete(outcome)
        order.append("ended")

    def report(reports: object) -> None:
        thread.start()
        until(bulletin._told.waited.is_set)
        order.append(reports)

    bulletin, outcome = Bulletin(report), ended(one, "done")
    bulletin._told = Patience()
    thread = threading.Thread(target=end, daemon=True)
    bulletin.send([one])
    thread.join(30)
    assert order == [[said("half way")], "ended"]
    assert outcome.logs == lines("done")


def test_an_outcome_waits_for_nobody_elses_report():
    other = ended(job(2), "done")
    bulletin = Bulletin(lambda reports: bulletin.complete(other))
    bulletin.send([job(1, said("half way"))])
    assert other.logs == lines("done")


def test_what_the_store_did_not_take_goes_with_the_outcome_before_the_rest_and_is_not_sent_again():
    told: list[object] = []
    one, two = job(1), job(2, said("b", n=2))
    bulletin = Bulletin(away)
    for word, dropped in (("first", 3), ("second", 0)):
        one.to_tell = said(word, dropped=dropped)
        bulletin.send([one, two])
        two.to_tell = None
    outcome = ended(one, "done")
    bulletin.complete(outcome)
    assert (outcome.logs, outcome.logs_dropped) == (lines("first", "second", "done"), 3)
    bulletin._report = told.extend
    bulletin.send([two])
    bulletin.send([two])
    assert told == [said("b", n=2)]


def test_who_ends_with_nothing_owed_to_the_store_does_not_even_take_the_lock():
    bulletin = Bulletin(away)
    bulletin.send([job()])
    with bulletin._told:
        bulletin.complete(ended(job()))


def test_news_that_cannot_be_told_cost_nobody_elses():
    told: list[object] = []
    good, bad = job(1, said("a")), job(2)
    bad.news = lambda: 1 / 0  # type: ignore[method-assign]
    bulletin = Bulletin(told.extend)
    with pytest.raises(ZeroDivisionError):
        bulletin.send([good, bad])
    good.to_tell = None
    bulletin.complete(ended(bad))
    bulletin.send([good])
    assert told == [said("a")]
