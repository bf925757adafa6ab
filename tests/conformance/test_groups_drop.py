"""Members that are taken out of their group while they wait."""

from __future__ import annotations

from horizon.core.audit import AuditQuery
from horizon.core.envelope import On
from horizon.core.group import GroupKind
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from tests.conformance.driver import Driver, after, audit
from tests.conformance.grouping import chained, new, on, push_batch, run, take


def test_what_waited_for_it_waits_for_what_it_waited_for(grouped: Driver) -> None:
    chain = push_batch(grouped, chained(group := new(GroupKind.CHAIN), 4), group=group)
    assert grouped.backend.groups.drop(chain.jobs[2], reason="removed", audit=audit("remove step", group.id))
    record = grouped.get(chain.jobs[2])
    assert (record.state, record.reason) == ("cancelled", "removed")
    for id in (chain.jobs[0], chain.jobs[1]):
        assert grouped.states(chain.jobs[3]) == ["blocked"]
        run(grouped, id)
    run(grouped, chain.jobs[3])
    assert (chain.now.state, chain.now.completed, chain.now.failed) == ("completed", 3, 0)
    assert [entry.verb for entry in grouped.backend.audit.find(AuditQuery()).items] == ["remove step"]


def test_the_last_one_can_go_and_the_group_ends_without_it(grouped: Driver) -> None:
    chain = push_batch(grouped, chained(group := new(GroupKind.CHAIN), 2), group=group)
    assert grouped.backend.groups.drop(chain.jobs[1], reason="removed")
    run(grouped, chain.jobs[0])
    assert (chain.now.state, chain.now.total, chain.now.cancelled) == ("completed", 2, 1)


def test_several_behind_each_other_can_go(grouped: Driver) -> None:
    chain = push_batch(grouped, chained(group := new(GroupKind.CHAIN), 4), group=group)
    for at in (1, 2):
        assert grouped.backend.groups.drop(chain.jobs[at], reason="removed")
    run(grouped, chain.jobs[0])
    assert grouped.state(chain.jobs[3]) == "pending"


def test_what_comes_of_its_cause_is_that_of_those_behind_it(grouped: Driver) -> None:
    chain = push_batch(grouped, chained(group := new(GroupKind.CHAIN), 3), group=group)
    grouped.backend.groups.drop(chain.jobs[1], reason="removed")
    run(grouped, chain.jobs[0], Kind.FAILED)
    assert grouped.states(*chain.jobs) == ["failed", "cancelled", "cancelled"]
    assert chain.now.state == "failed"


def test_between_groups_too(grouped: Driver) -> None:
    inner = push_batch(grouped, 1)
    middle = grouped.push(edges=on(inner.id, On.COMPLETED))
    last = grouped.push(edges=(*after(middle), *on(inner.id, On.COMPLETED)))
    assert grouped.backend.groups.drop(middle, reason="removed")
    assert grouped.state(last) == "blocked"
    run(grouped, inner.jobs[0])
    assert grouped.state(last) == "pending"


def test_what_waited_for_nothing_else_that_is_open_goes_on_at_once(grouped: Driver) -> None:
    first, other = grouped.push(), grouped.push()
    middle = grouped.push(edges=after(first, other))
    run(grouped, first)
    last = grouped.push(edges=after(middle))
    assert grouped.backend.groups.drop(middle, reason="removed")
    assert grouped.state(last) == "blocked"
    run(grouped, other)
    assert grouped.state(last) == "pending"


def test_only_what_is_blocked_can_go(grouped: Driver) -> None:
    chain = push_batch(grouped, chained(group := new(GroupKind.CHAIN), 2), group=group)
    assert not grouped.backend.groups.drop(chain.jobs[0], reason="removed", audit=audit())
    take(grouped, chain.jobs[0])
    assert not grouped.backend.groups.drop(chain.jobs[0], reason="removed")
    assert not grouped.backend.groups.drop(uuid7(), reason="removed")
    assert list(grouped.backend.audit.find(AuditQuery()).items) == []
