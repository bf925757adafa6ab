"""Whatever is killed or stopped, whenever: what was accepted ends in exactly one record, and the record tells the truth.

A run prints its seed. `CHAOS_SEED` repeats one (the faults come in the same order, though not at the same instants);
`CHAOS_SECONDS` says how long the slow form rages.
"""

from __future__ import annotations

import os
import random
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from tests.e2e import chaos_app
from tests.e2e.storm import Storm
from tests.e2e.worker_site import site

pytestmark = pytest.mark.e2e
LEASE = 2.0
SHORT = (("--processes", "2"), ("--concurrency", "3"))
LONG = (*SHORT, ("--processes", "2", "--concurrency", "2"), ("--max-jobs", "40"))


def weathered(folder, fleet, seconds):
    """A storm that is over."""
    seed = int(os.environ.get("CHAOS_SEED", random.randrange(10**6)))
    print(f"CHAOS_SEED={seed}")
    with site(folder, LEASE=LEASE, GRACE=0.3, CANCEL_GRACE=0.3) as made:
        storm = Storm(made, random.Random(seed), fleet, LEASE)
        storm.rage(seconds)
        storm.calm()
        print(f"{dict(storm.strikes)}, {len(storm.pushed)} jobs, {storm.unsure} pushes unanswered")
        judge(storm)
        every_key_is_free_again(storm)


def test_no_promise_is_broken_in_a_short_storm(tmp_path):
    weathered(tmp_path, SHORT, 8)


@pytest.mark.slow
def test_no_promise_is_broken_in_a_long_storm(tmp_path):
    weathered(tmp_path, LONG, float(os.environ.get("CHAOS_SECONDS", "60")))


def judge(storm):
    """All that must hold once everything has ended."""
    records, lines = storm.records(), storm.lines()
    nothing_is_lost_or_made_up(storm, records)
    starts = Counter(id for word, id, _ in lines if word == "S")
    effects = Counter(id for word, id, _ in lines if word == "E")
    for id, record in records.items():
        it_ended_as_it_had_to(record, storm.pushed.get(id))
        its_history_tells_of_every_start(record, starts[id], effects[id])
    nothing_ran_before_its_time(storm, lines)
    unique_jobs_never_overlapped(records)
    counters_agree_with_the_records(storm, records)


def nothing_is_lost_or_made_up(storm, records):
    assert set(storm.pushed) <= set(records)
    assert len(records) - len(storm.pushed) <= storm.unsure


def it_ended_as_it_had_to(record, pushed):
    assert record.state.terminal
    if pushed is None:
        return
    assert record.state == ("failed" if pushed.temper == "hopeless" else "completed"), (record, pushed)
    if pushed.temper == "flaky":
        assert record.attempts == 3, "only its own failures cost it tries"
    if pushed.temper == "hopeless":
        assert record.attempts == 1


def its_history_tells_of_every_start(record, starts, effects):
    outcomes = Counter(attempt.outcome for attempt in record.history)
    assert outcomes["completed"] == (record.state == "completed"), "one completion, told once"
    assert outcomes["failed"] == (record.state == "failed")
    assert outcomes["running"] == 0
    assert starts >= 1
    assert effects >= outcomes["completed"]
    assert starts <= len(record.history), (starts, record.history)


def nothing_ran_before_its_time(storm, lines):
    first_start, first_effect = {}, {}
    for line, (word, id, at) in enumerate(lines):
        (first_start if word == "S" else first_effect).setdefault(id, (line, at))
    for id, pushed in storm.pushed.items():
        assert first_start[id][1] >= pushed.due - 0.001
        if pushed.parent is not None:
            assert first_start[id][0] > first_effect[pushed.parent][0]


def unique_jobs_never_overlapped(records):
    by_key = defaultdict(list)
    for record in records.values():
        if record.unique_key is not None:
            by_key[record.unique_key].append((record.created_at, record.finished_at))
    for held in by_key.values():
        assert all(one[1] <= other[0] for one, other in pairwise(sorted(held)))


def counters_agree_with_the_records(storm, records):
    numbers = storm.site.backend.numbers
    assert numbers.recount() == {}
    counted = Counter()
    for queue in numbers.counts():
        counted.update({state: count for state, count in queue.counts.items() if count})
    assert counted == Counter(record.state for record in records.values())
    samples = numbers.samples(0)
    assert sum(sample.pushed for sample in samples) == len(records)
    for state in ("completed", "failed"):
        assert sum(getattr(sample, state) for sample in samples) == counted[state]


def every_key_is_free_again(storm):
    with storm.site.app.app_context():
        assert all(chaos_app.Only(key, 0.0).dispatch() is not None for key in range(4))
