"""The bare program on Redis: a hash per job, sorted sets, and one script that settles 50 and reserves the next 50.

A push is one script too, and safe to send again. Reserved jobs have a lease and a token that fences their end; ends are
listed by time, and counted per minute and class. No history, no lists by anything, no retries. Plain redis-py.
`drain` drains.
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from benchmarks.programs.bare_job import encode, perform
from benchmarks.programs.verbs import Program, run, store

PUSH = """
-- KEYS: pending, sequence.  ARGV: now, then id and payload of each.  Returns how many were new.
local new = 0
local number = redis.call('INCRBY', KEYS[2], (#ARGV - 1) / 2)
for at = 2, #ARGV, 2 do
  local key = 'bare:job:' .. ARGV[at]
  if redis.call('EXISTS', key) == 0 then
    redis.call('HSET', key, 'queue', 'default', 'state', 0, 'priority', 0, 'attempts', 0, 'created', ARGV[1], 'payload', ARGV[at + 1])
    redis.call('ZADD', KEYS[1], number - #ARGV + at, ARGV[at])
    new = new + 1
  end
end
return new
"""
TURN = """
-- KEYS: pending, reserved, done, minute.  ARGV: now, lease's end, new token, old token, class, microseconds, ids that ended.
-- Returns id and payload of each.
local ended = 0
for at = 7, #ARGV do
  local key = 'bare:job:' .. ARGV[at]
  if redis.call('HGET', key, 'token') == ARGV[4] and redis.call('ZREM', KEYS[2], ARGV[at]) == 1 then
    redis.call('HSET', key, 'state', 2, 'finished', ARGV[1], 'token', '')
    redis.call('ZADD', KEYS[3], ARGV[1], ARGV[at])
    ended = ended + 1
  end
end
if ended > 0 then
  redis.call('HINCRBY', KEYS[4], ARGV[5] .. ':n', ended)
  redis.call('HINCRBY', KEYS[4], ARGV[5] .. ':us', ARGV[6])
end
local taken, leases, answer = redis.call('ZPOPMIN', KEYS[1], 50), {}, {}
for at = 1, #taken, 2 do
  local key = 'bare:job:' .. taken[at]
  redis.call('HSET', key, 'state', 1, 'token', ARGV[3])
  redis.call('HINCRBY', key, 'attempts', 1)
  leases[#leases + 1], leases[#leases + 2] = ARGV[2], taken[at]
  answer[#answer + 1], answer[#answer + 2] = taken[at], redis.call('HGET', key, 'payload')
end
if #leases > 0 then redis.call('ZADD', KEYS[2], unpack(leases)) end
return answer
"""


@contextmanager
def started() -> Iterator[Program]:
    """One script a push, one a group."""
    client = redis.Redis.from_url(store())
    script = client.register_script(PUSH)

    def push_all(payloads: list[str]) -> None:
        given = [time.time_ns() // 1000]
        for payload in payloads:
            given += [str(uuid.uuid4()), payload]
        script(keys=["bare:pending", "bare:sequence"], args=given)

    yield Program(
        push=lambda text, sent_ns: push_all([encode(text, sent_ns)]),
        push_many=lambda texts: push_all([encode(text) for text in texts]),
    )


def drain() -> None:
    """Until nothing is left."""
    turn = redis.Redis.from_url(store()).register_script(TURN)
    ended: list[bytes] = []
    old, spent = "", 0
    while True:
        token, now = os.urandom(12).hex(), time.time_ns() // 1000
        keys = ["bare:pending", "bare:reserved", "bare:done", f"bare:minute:{now // 60_000_000}"]
        taken = turn(keys=keys, args=[now, now + 15_000_000, token, old, "noop", spent, *ended])
        ended, old = taken[::2], token
        if not ended:
            return
        _, spent = perform(taken[1::2])


if __name__ == "__main__":
    if sys.argv[1] == "drain":
        drain()
    else:
        run(started)
