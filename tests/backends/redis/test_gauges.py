"""The Lua of limits says what `backends/metering.py` says."""

from __future__ import annotations

import random

import pytest

from horizon.backends.metering import Gauge, as_new, encode, end, give_back, next_at, redefined, room, take, used
from horizon.backends.redis.backend import RedisBackend
from horizon.backends.redis.link import Link
from horizon.backends.redis.scripts import FOLDER
from horizon.backends.redis.store import encode as as_json
from horizon.core.clock import SECOND, Micros
from horizon.core.limit import Limit

STRATEGIES = ("sliding", "fixed", "bucket", "concurrent")
NOW: Micros = 1_700_000_040 * SECOND

STEPS = """
local l = {key = 'k', marks = {}, running = 0, waiting = 0}
local said = {}
local function marks_of(l)
    local marks = {}
    for at, mark in ipairs(l.marks) do marks[at] = digits(mark.at) .. ':' .. digits(mark.taken) end
    return table.concat(marks, ' ')
end
local deeds = {
    say = function(most, per, how) redefine(l, most, per, how) end,
    take = function() take_of(l) end,
    stop = function() l.running = math.max(0, l.running - 1) end,
    back = function(at) give_back_to(l, at) end,
}
for _, step in ipairs(cjson.decode(ARGV[2])) do
    NOW = step[1]
    deeds[step[2]](step[3], step[4], step[5])
    said[#said + 1] = {digits(used(l)), digits(free_in(l)), marks_of(l), grows_at(l) and digits(grows_at(l)) or false, is_as_new(l) and 1 or 0}
end
return said
"""


def told_by_lua(link: Link, steps: list[tuple[object, ...]]) -> list[list[object]]:
    """What the part makes of these steps."""
    text = "\n".join((FOLDER / "parts" / f"{name}.lua").read_text() for name in ("base", "gauges")) + STEPS
    return [
        [value.decode() if isinstance(value, bytes) else value for value in row]
        for row in link.call("EVAL", text, 1, link.key(""), str(NOW), as_json(steps))
    ]


def random_words(chance: random.Random) -> Limit:
    strategy = chance.choice(STRATEGIES)
    per = 0 if strategy == "concurrent" else chance.choice((1, 7, 999_999, SECOND, 61 * SECOND + 1))
    return Limit(key="k", most=chance.choice((1, 2, 3, 7, 1_000)), per=per, strategy=strategy)


@pytest.mark.parametrize("seed", range(8))
def test_step_by_step_both_say_the_same(store: RedisBackend, seed: int) -> None:
    chance, now = random.Random(seed), NOW
    gauge = Gauge(limit=random_words(chance))
    steps: list[tuple[object, ...]] = [(now, "say", gauge.limit.most, gauge.limit.per, gauge.limit.strategy)]
    expected = [gauge]
    times, taken = [now], [now]
    for _ in range(80):
        now += chance.choice((0, 0, 1, 100_000, SECOND, 8 * SECOND, -SECOND))
        deed = chance.choice(("take", "take", "take", "stop", "back", "say"))
        if deed == "take" and room(gauge, now):
            gauge, taken = take(gauge, now), [*taken, now]
            steps.append((now, "take"))
        elif deed == "stop":
            gauge = end(gauge)
            steps.append((now, "stop"))
        elif deed == "back":
            at = chance.choice(taken)
            gauge = give_back(gauge, at, now)
            steps.append((now, "back", at))
        else:
            words = random_words(chance) if chance.random() < 0.3 else gauge.limit
            gauge = redefined(gauge, words, now)
            steps.append((now, "say", words.most, words.per, words.strategy))
        expected.append(gauge)
        times.append(now)
    for row, one, at in zip(told_by_lua(store._link, steps), expected, times, strict=True):
        free = room(one, at)
        assert row[:3] == [str(used(one, at)), str(free), encode(one.marks)]
        assert free or row[3] == (None if one.limit.strategy == "concurrent" else str(next_at(one, at)))
        assert row[4] == as_new(one, at)
