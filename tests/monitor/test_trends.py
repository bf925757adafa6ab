from __future__ import annotations

from collections.abc import Sequence

import pytest

from horizon.core.clock import DAY, HOUR, MINUTE, SECOND, ManualClock
from horizon.monitor import trends
from horizon.monitor.chosen import Choice
from horizon.monitor.forecast import Expected
from horizon.monitor.history import RANGES
from horizon.monitor.span import KEPT, Span
from horizon.monitor.trends import Pasts, change, current, earlier
from tests.shop import Shop

NOW = 20_000 * DAY + 17 * HOUR + 23 * MINUTE


@pytest.mark.parametrize("key", [key for key in RANGES if key != "7d"])
def test_the_stretch_before_is_as_long_and_ends_where_the_range_begins(key):
    span = current(RANGES[key], NOW)
    before = earlier(RANGES[key], span, NOW, KEPT)
    assert (before.until, before.step) == (span.since, span.step)
    assert len(before.starts) == len(span.starts)


def test_where_only_days_were_kept_the_stretch_before_is_in_days():
    span = current(RANGES["7d"], NOW)
    before = earlier(RANGES["7d"], span, NOW, KEPT)
    assert (before.step, len(before.starts), before.until % DAY) == (DAY, 7, 0)
    assert 0 <= span.since - before.until < DAY


def test_a_figure_has_grown_by_a_share_of_what_it_was():
    assert change(3.0, 2.0) == 0.5
    assert change(1.0, 2.0) == -0.5
    assert change(None, 2.0) is change(1.0, None) is change(1.0, 0) is None


def test_what_happened_is_told_by_queue_and_by_class_and_against_before(shop: Shop, clock: ManualClock):
    shop.push(3), shop.run(3)
    clock.advance(3600)
    shop.push(2), shop.run(2)
    found = Pasts().trend(shop, RANGES["1h"])
    assert trends.whole(found.now).completed == 2
    assert trends.whole(found.before).completed == 3
    assert found.known_before
    (queue,) = trends.by_queue(found.now)
    assert Pasts().trend(shop, RANGES["1h"], choice=Choice(queue=queue)).now.pairs.keys() == found.now.pairs.keys()
    assert Pasts().trend(shop, RANGES["1h"], choice=Choice(queue="others")).now.pairs == {}
    assert not Pasts().trend(shop, RANGES["1h"], choice=Choice(queue="others")).known_before


def test_days_before_count_from_the_first_on_which_anything_happened_and_quiet_hours_count(shop: Shop, clock: ManualClock):
    shop.push(1), shop.run(1)
    clock.advance(90 * 60)
    assert Pasts().trend(shop, RANGES["1h"]).minutes_before == 60
    clock.advance(32 * 86_400)
    assert Pasts().trend(shop, RANGES["30d"]).minutes_before == 3 * 24 * 60


def test_what_was_to_be_expected_is_told_of_every_hour_and_the_next(shop: Shop, clock: ManualClock):
    clock.at += 12 * HOUR + 600 * SECOND - clock.at % DAY
    for _ in range(6):
        shop.push(3), shop.run(3)
        clock.advance(86_400)
    kept = Pasts()

    def foretold(over: str) -> Sequence[Expected | None]:
        period = kept.trend(shop, RANGES[over]).now
        return kept.expected(shop, period, period.span.until)

    found = foretold("24h")
    assert len(found) == 25
    told = [None if one is None else one.middle for one in found]
    assert told[-2:] == [3, 0]  # the hour that goes on, and the next
    assert foretold("1h") == ()
    shop.push(9), shop.run(9)
    assert [one and one.middle for one in foretold("24h")] == told


def test_of_a_stretch_that_is_over_its_last_step_is_known_and_the_next_one_is_told_from_it(shop: Shop, clock: ManualClock):
    clock.at += 12 * HOUR + 600 * SECOND - clock.at % DAY
    for jobs in (2, 2, 2, 9):
        shop.push(jobs), shop.run(jobs)
        clock.advance(86_400)
    kept, today = Pasts(), clock() - clock() % DAY
    over = Span(since=today - 4 * DAY, until=today - 12 * HOUR, step=HOUR, open=False)
    period = kept.stretch(shop, over, clock(), pairs=False)
    found = kept.expected(shop, period, clock())
    assert len(found) == len(over.starts) + 1
    assert found == kept.expected(shop, period, clock())
    assert found[-1] is None  # three noons are known only
    whole = kept.stretch(shop, Span(since=today - 4 * DAY, until=today + 12 * HOUR, step=HOUR, open=False), clock(), pairs=False)
    (noon,) = [one for one in kept.expected(shop, whole, clock())[-1:] if one is not None]
    assert (noon.middle, noon.of) == (2, 4)
