"""Batches, chains and workflows on a stage, brought into being by the acts of the store itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.core.clock import MINUTE
from horizon.core.envelope import Edge, Envelope, On
from horizon.core.group import GroupKind, NewGroup
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.jobs.codec import encode
from tests.web.pages.stage import Stage, failure

Waits = Mapping[str, Sequence[tuple[str, On]]]


def job(name: str = "shop.jobs:SendEmail", **more: object) -> Envelope:
    given = {"queue": "flows", "priority": 100, "max_tries": 1, "id": uuid7(), "payload": encode({"to_email": "ana@example.com"}), **more}
    return Envelope(name=name, **given)  # type: ignore[arg-type]


def after(group: str, on: On, name: str = "horizon.jobs.groups.calling:Then", call: str = "shop.jobs:tell_the_editor") -> Envelope:
    """A callback of a group."""
    return job(name, edges=(Edge(job_id=group, on=on, of_group=True),), tags=("callback", f"callback:{call}"))


def batch(stage: Stage, count: int = 6, *, name: str = "Newsletter", parent: str | None = None, **more: object) -> tuple[str, list[str]]:
    """(its id, its jobs), followed by a `then`, a `catch` and a `finally`."""
    group = NewGroup(id=uuid7(), kind=GroupKind.BATCH, name=name, parent=parent, **more)  # type: ignore[arg-type]
    own = [job(group=group.id) for _ in range(count)]
    follow = [
        after(group.id, On.COMPLETED),
        after(group.id, On.FAILED, "horizon.jobs.groups.calling:Catch", "shop.jobs:tell_the_team"),
        job("shop.jobs:CleanUp", edges=(Edge(job_id=group.id, on=On.ANY, of_group=True),)),
    ]
    stage.store.push([*own, *follow], groups=[group], seal=[group.id])
    return group.id, [one.id for one in own]


def graph(
    stage: Stage, waits: Waits, *, name: str = "Nightly", kind: GroupKind = GroupKind.WORKFLOW, nested: Sequence[str] = ()
) -> tuple[str, dict[str, str]]:
    """(its id, ids by name): jobs called by the keys; those among `nested` are batches of two jobs."""
    group = NewGroup(id=uuid7(), kind=kind, name=name)
    ids = {key: uuid7() for key in waits}
    inner = [NewGroup(id=ids[key], kind=GroupKind.BATCH, name=key, parent=group.id) for key in nested]
    own = []
    for key, edges in waits.items():
        given = tuple(Edge(job_id=ids[other], on=on, of_group=other in nested) for other, on in edges)
        if key in nested:
            own += [job(f"shop.jobs:{key}Part", group=ids[key], edges=given) for _ in range(2)]
        else:
            own.append(job(f"shop.jobs:{key}", id=ids[key], group=group.id, edges=given))
    stage.store.push(own, groups=[group, *inner], seal=[group.id, *ids_of(inner)])
    return group.id, ids


def ids_of(groups: Sequence[NewGroup]) -> list[str]:
    return [group.id for group in groups]


def chain(stage: Stage, *names: str, name: str = "ETL") -> tuple[str, dict[str, str]]:
    """Steps one after the other."""
    waits = {key: [(names[at - 1], On.COMPLETED)] if at else [] for at, key in enumerate(names)}
    return graph(stage, waits, name=name, kind=GroupKind.CHAIN)


def nightly(stage: Stage, name: str = "Nightly") -> tuple[str, dict[str, str]]:
    """A workflow with everything a graph can have: sides, a nested batch, conditions, a line over several layers."""
    done, failed, either = On.COMPLETED, On.FAILED, On.ANY
    return graph(stage, {
        "Orders": [], "Stock": [], "Clean": [("Orders", done)], "Prices": [("Stock", done)],
        "Letters": [("Clean", done)], "Join": [("Clean", done), ("Prices", done), ("Orders", done)],
        "Report": [("Join", done), ("Letters", done)], "Alarm": [("Prices", failed)], "Sweep": [("Report", either)],
    }, name=name, nested=("Letters",))  # fmt: skip


def done(stage: Stage, *ids: str) -> None:
    """These jobs run and complete."""
    for id in ids:
        stage.run(id, result=encode({"rows": 18204}).replace(b'"args"', b'"result"'))


def failed(stage: Stage, id: str) -> None:
    """This job fails for good."""
    stage.run(id, Kind.FAILED, error=failure())


NAMES = ("Newsletter", "ETL", "Nightly")


def all_sorts(stage: Stage, names: Sequence[str] = NAMES) -> dict[str, str]:
    """One group of each kind under way, and some that are over; by endpoint of its page, its id.

    It happens two minutes before: what runs has run for a while, and its figures have found their width.
    """
    end = stage.clock.at
    stage.clock.at = end - 2 * MINUTE
    found = _all_sorts(stage, names)
    stage.clock.at = end
    return found


def _all_sorts(stage: Stage, names: Sequence[str]) -> dict[str, str]:
    old, own = batch(stage, 2, name=names[0])
    done(stage, *own)
    mails, own = batch(stage, 12, name=names[0], allow=3)
    done(stage, *own[:6])
    failed(stage, own[6])
    stage.start(own[7])
    broken, steps = chain(stage, "Extract", "Transform", "Load", "Notify", name=names[1])
    done(stage, steps["Extract"])
    failed(stage, steps["Transform"])
    etl, steps = chain(stage, "Extract", "Transform", "Load", "Notify", name=names[1])
    done(stage, steps["Extract"], steps["Transform"])
    stage.progress(stage.start(steps["Load"]), 41, "rows 7,463 of 18,204")
    flow, steps = nightly(stage, names[2])
    done(stage, steps["Orders"], steps["Stock"], steps["Clean"], steps["Prices"])
    stage.start(steps["Join"])
    stage.store.groups.cancel(batch(stage, 3, name=names[0])[0], reason="the sale is over")
    return {"batch.id": mails, "chain.id": etl, "workflow.id": flow, "broken": broken, "over": old}
