"""A worker whose line to the store is cut in the middle of replies, goes mute and slows down: it comes back by itself, every job
completes and is counted once, and what ran twice says why."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.e2e import worker_app
from tests.e2e.worker_site import Site, site, soon
from tests.servers.proxy import Proxy
from tests.stores.lending import fresh_of, kinds

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
ROUNDS = int(os.environ.get("LINE_ROUNDS", "40"))
SERVED = tuple(kind for kind in kinds("redis", "postgres", "mariadb") if kind not in ("memory", "sqlite"))
OPTIONS = {"redis": "timeout=1", "postgres": "connect_timeout=2", "mariadb": "connect_timeout=2"}


@pytest.mark.parametrize("served", SERVED)
@pytest.mark.parametrize("flags", [(), ("--processes", "2", "--concurrency", "2")], ids=["one slot", "two by two"])
def test_whatever_happens_to_the_line_every_job_completes_and_counts_once(served: str, flags: tuple[str, ...], tmp_path) -> None:
    seed = int(os.environ.get("LINE_SEED", random.randrange(10**6)))
    print(f"LINE_SEED={seed}")
    address = fresh_of(served)
    proxy = Proxy(urlsplit(address).port or 0)
    with site(tmp_path, URL=address, LEASE=5, GRACE=0.3, SQLITE_BUSY_TIMEOUT=1) as made:
        worker = made.work(*flags, HORIZON_URL=through(address, proxy, OPTIONS[served]))
        made.ready(worker)
        ids = disturb(made, proxy, random.Random(seed))
        soon(lambda: made.backend.remaining() == 0)
        assert worker.process.poll() is None, worker.said
        judge(made, ids)
    proxy.close()


def through(address: str, proxy: Proxy, options: str) -> str:
    """The same store, by way of the proxy."""
    at = urlsplit(address)
    user = f"{at.netloc.rpartition('@')[0]}@" if "@" in at.netloc else ""
    return urlunsplit(at._replace(netloc=f"{user}127.0.0.1:{proxy.port}", query=options))


def disturb(made: Site, proxy: Proxy, dice: random.Random) -> list[str]:
    """Push jobs, and do something to the line each time; at last it is well again."""
    ids: list[str] = []
    for _ in range(ROUNDS):
        ids += made.push_many(worker_app.brave, [(n,) for n in range(len(ids), len(ids) + dice.randint(1, 9))])
        what = dice.choice(("cut", "cut a reply", "cut a reply", "mute", "slow", "nothing"))
        proxy.delay = 0.02 if what == "slow" else 0.0
        proxy.mute = what == "mute"
        if what == "cut":
            proxy.cut()
        elif what == "cut a reply":
            proxy.cut_at = dice.randrange(12)
        time.sleep(dice.uniform(0.02, 0.25))
    proxy.delay, proxy.mute, proxy.cut_at = 0.0, False, None
    proxy.cut()
    return ids


def judge(made: Site, ids: list[str]) -> None:
    records = [made.job(id) for id in ids]
    assert Counter(record.state for record in records) == {"completed": len(ids)}
    ends = Counter(tuple(attempt.outcome for attempt in record.history).count("completed") for record in records)
    assert ends == {1: len(ids)}, "one completion, told once"
    ran = Counter(int(n) for (n,) in made.effects("brave"))
    assert all(1 <= ran[n] <= len(record.history) for n, record in enumerate(records)), "what ran twice has a history that says so"
    assert {record.attempts for record in records} == {1}, "no try was charged for the line"
    assert dict(made.backend.numbers.recount()) == {}
    assert sum(sample.completed for sample in made.backend.numbers.samples(0)) == len(ids)
