"""What pages tell of failures is counted again when something failed, or went, and else every few seconds."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from horizon.core.clock import SECOND
from horizon.web.lately import KEPT, MOST, Lately


class Store:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        def answer(*args: object) -> tuple[str, int]:
            self.asked[name] += 1
            return (name, self.asked[name])

        return answer


@pytest.fixture
def store() -> Any:
    return Store()


def test_an_answer_is_shared_while_as_many_jobs_stand_failed(store: Any) -> None:
    for at in (0, SECOND, KEPT - 1):
        lately = Lately(store, store, "24h", at, failed=[3])
        assert lately.causes(at - 9, 50) == ("causes", 1)
        assert lately.tally(("a", "b")) == ("tally", 1)
    assert lately.tally(("a",)) == ("tally", 2)  # others are another question


def test_one_more_failure_or_one_less_is_asked_about_at_once_but_for_trends(store: Any) -> None:
    for failed in ([3], [4], [3]):
        lately = Lately(store, store, "24h", 0, failed=failed)
        lately.causes(0, 50)
        lately.tally(("a",))
        lately.spread(0, 9, 20)
    assert store.asked == {"causes": 3, "tally": 3, "spread": 1}


@pytest.mark.parametrize("later", [KEPT, -1])
def test_after_a_few_seconds_or_where_the_clock_went_back_it_is_asked_again(store: Any, later: int) -> None:
    Lately(store, store, "24h", 100, failed=[3]).causes(0, 50)
    assert Lately(store, store, "24h", 100 + later, failed=[3]).causes(0, 50) == ("causes", 2)


def test_spans_and_stores_do_not_answer_for_each_other(store: Any) -> None:
    other: Any = Store()
    for one, within in ((store, "24h"), (store, "7d"), (other, "24h")):
        Lately(one, one, within, 0, failed=[3]).causes(0, 50)
    assert (store.asked["causes"], other.asked["causes"]) == (2, 1)


def test_however_many_questions_there_are_few_answers_are_kept(store: Any) -> None:
    for number in range(3 * MOST):
        Lately(store, store, "24h", 0, failed=[3]).tally((str(number),))
    assert len(Lately(store, store, "24h", 0, failed=[3])._answers) <= MOST
