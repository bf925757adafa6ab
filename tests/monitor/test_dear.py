from __future__ import annotations

import threading

import pytest

from horizon.monitor import dear
from horizon.monitor.dear import MOST, Dear, shared_for


class Clocks:
    """Both clocks; what is worked out takes `cost`."""

    def __init__(self) -> None:
        self.at = self.cpu = 100.0
        self.cost = 0.0
        self.made = 0

    def make(self) -> int:
        self.made += 1
        self.cpu += self.cost
        self.at += self.cost
        return self.made


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    made = Clocks()
    monkeypatch.setattr(dear, "monotonic", lambda: made.at)
    monkeypatch.setattr(dear, "cpu", lambda: made.cpu)
    return made


def test_a_cheap_answer_is_worked_out_each_time(clocks: Clocks):
    kept, answers = Dear(), []
    for _ in range(3):
        clocks.at += 0.001
        answers.append(kept.get("a", clocks.make))
    assert answers == [1, 2, 3]


def test_a_dear_one_is_shared_for_as_long_as_its_price_is_worth(clocks: Clocks):
    kept, clocks.cost = Dear(), 0.5
    assert kept.get("a", clocks.make) == 1
    clocks.at += shared_for(0.5) - 0.6
    assert kept.get("a", clocks.make) == 1
    assert kept.get("b", clocks.make) == 2
    clocks.at += 0.6
    assert kept.get("a", clocks.make) == 3


def test_nothing_is_shared_for_long():
    assert (shared_for(0.0), shared_for(dear.CHEAP), shared_for(1_000)) == (0.0, 0.0, dear.LONGEST)


def test_an_error_passes_and_is_not_kept(clocks: Clocks):
    kept = Dear()
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 / 0)
    assert kept.get("a", clocks.make) == 1


def test_answers_nobody_asks_for_are_forgotten(clocks: Clocks):
    kept = Dear()
    for number in range(MOST + 50):
        kept.get(number, clocks.make)
    assert len(kept._entries) == MOST


def test_those_who_ask_at_the_same_time_share_one_answer():
    kept, inside, go, made = Dear(), threading.Event(), threading.Event(), []

    def slow() -> int:
        made.append(1)
        inside.set()
        assert go.wait(30)
        return len(made)

    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(kept.get("a", slow))) for _ in range(10)]
    threads[0].start()
    assert inside.wait(30)
    for thread in threads[1:]:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 10
    assert len(made) <= 2
