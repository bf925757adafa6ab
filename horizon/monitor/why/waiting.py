"""Why a job that has not ended does not run, or not yet: a list of questions, each answered by one small function. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from horizon.backends.base import AHEAD
from horizon.core.clock import MINUTE
from horizon.core.lanes import is_lane
from horizon.core.limit import told
from horizon.core.states import JobState
from horizon.monitor.queues import serves
from horizon.monitor.why.facts import Facts, Link, Mark, Point
from horizon.monitor.why.turns import last_taken, turn
from horizon.monitor.workers import Worker

LATE = MINUTE
"""What is due for longer and still not pending has been forgotten by everybody who could see to it."""
NAMED = 5
Question = Callable[[Facts], Iterator[Point]]


def points(of: Facts) -> list[Point]:
    """Every question that this job raises, answered."""
    asked = RUNNING if of.record.state is JobState.PROCESSING else WAITING
    return [point for question in asked for point in question(of)]


# running --------------------------------------------------------------------------------------------


def runs(of: Facts) -> Iterator[Point]:
    """Who runs it, and whether that worker is still there."""
    record, session = of.record, of.record.session
    alive = any(one.id == session for one in of.workers)
    if session is not None and not alive:
        text = (
            f"Its worker {record.worker or session} is out of touch since it began: the job goes back to its queue when the lease is over."
        )
        yield Point(key="runs", mark=Mark.WRONG, text=text, link=Link(kind="workers", name=session))
    else:
        yield Point(key="runs", mark=Mark.OK, text="It began {when}.", at=record.started_at)
    if record.cancel_requested:
        reason = (record.reason or "").strip()
        text = f"It was asked to stop, and has not yet: {reason}." if reason else "It was asked to stop, and has not yet."
        yield Point(key="stop", mark=Mark.WAITS, text=text)


# waiting --------------------------------------------------------------------------------------------


def inbox(of: Facts) -> Iterator[Point]:
    """Whether its store has it yet."""
    if of.record.in_inbox:
        yield Point(
            key="inbox", mark=Mark.WAITS, text="It was dispatched in a transaction of the app, and waits to be admitted to its queue."
        )


def dependencies(of: Facts) -> Iterator[Point]:
    """Whether what it waits for has ended."""
    record = of.record
    known = {one.id: one for one in of.parents}
    for id in record.waits_for[:NAMED]:
        yield _parent(id, known[id].state.value if id in known else None)
    if len(record.waits_for) > NAMED:
        yield Point(key="parents", mark=Mark.WAITS, text=f"It waits for {len(record.waits_for) - NAMED:,} more jobs.")
    open_groups = [group for group in of.groups if not group.ended] if record.state is JobState.BLOCKED else []
    for group in open_groups:
        text = f"It waits for the {group.kind} {group.name or group.id[:8]}, in which {_count(group.unfinished, 'job')} {'has' if group.unfinished == 1 else 'have'} not ended."
        yield Point(key=f"group-{group.id}", mark=Mark.WAITS, text=text, link=Link(kind=group.kind.value, name=group.id))
    if record.state is JobState.BLOCKED and not record.waits_for and not open_groups:
        yield Point(key="parents", mark=Mark.UNKNOWN, text="It is blocked, and what it waits for is not stored any more.")
    elif record.depends_on and not record.waits_for and record.state is not JobState.BLOCKED:
        yield Point(key="parents", mark=Mark.OK, text="Everything that it depends on has ended.")


def _parent(id: str, state: str | None) -> Point:
    link = Link(kind="job", name=id)
    if state is None:
        return Point(key=f"parent-{id}", mark=Mark.WRONG, text=f"It waits for the job {id}, which is not stored here any more.", link=link)
    return Point(key=f"parent-{id}", mark=Mark.WAITS, text=f"It waits for the job {id}, which is {state}.", link=link)


def due(of: Facts) -> Iterator[Point]:
    """Whether its time has come."""
    record, at = of.record, of.record.available_at
    if at is None or record.waits_for_limit or record.state is JobState.BLOCKED:
        return
    if record.state is JobState.PENDING:
        yield Point(key="due", mark=Mark.OK, text="It became due {when}.", at=at)
    elif at > of.now and record.state is JobState.RETRYING:
        text = f"Attempt {len(record.history) or record.attempts} failed; the next one is due {{when}}."
        yield Point(key="due", mark=Mark.WAITS, text=text, at=at)
    elif at > of.now:
        yield Point(key="due", mark=Mark.WAITS, text="It is not due before {then}, which is {when}.", at=at)
    elif of.now - at < LATE:
        yield Point(key="due", mark=Mark.WAITS, text="It became due {when}, and is put in its queue any moment.", at=at)
    else:
        text = (
            "It became due {when}, and nobody put it in its queue: neither a worker of this store nor the scheduler of a web process runs."
        )
        yield Point(key="due", mark=Mark.WRONG, text=text, at=at, link=Link(kind="workers", name=""))


def circuit(of: Facts) -> Iterator[Point]:
    """Whether the service it needs is left alone."""
    for one in of.circuits:
        service = one.circuit.service
        if (of.record.reason or "").startswith(f"waits for {service}:"):
            text = (
                f"The service {service} fails, so its jobs leave it alone; it is tried again {{when}}."
                if one.probe_at
                else f"The service {service} fails, so its jobs leave it alone until one has worked."
            )
            yield Point(key="circuit", mark=Mark.WAITS, text=text, at=one.probe_at, link=Link(kind="circuit", name=service))


def room(of: Facts) -> Iterator[Point]:
    """Whether its limits have room."""
    record, limit = of.record, of.limit
    if record.waits_for_limit is None:
        if record.limits:
            yield Point(key="limit", mark=Mark.OK, text="Its limits have room.")
        return
    link = Link(kind="limit", name=record.waits_for_limit)
    allows = f" ({told(limit.most, limit.per)})" if limit is not None else ""
    yield Point(
        key="limit", mark=Mark.WAITS, text=f"Its limit {record.waits_for_limit}{allows} has no room. It loses no try by it.", link=link
    )
    if limit is not None and limit.opens_at is not None and limit.opens_at > of.now:
        yield Point(key="limit-opens", mark=Mark.WAITS, text="The limit has room again {when}.", at=limit.opens_at, link=link)
    elif limit is not None and limit.running:
        text = f"{_count(limit.running, 'job')} {'holds' if limit.running == 1 else 'hold'} the limit now; one more may start whenever one of them has ended."
        yield Point(key="limit-opens", mark=Mark.WAITS, text=text, link=link)
    if of.ahead is not None:
        before = "No parked job stands before it." if not of.ahead else f"{_many(of.ahead)} stand before it in the line of this limit."
        if of.ahead == 1:
            before = "1 job stands before it in the line of this limit."
        yield Point(key="limit-line", mark=Mark.WAITS if of.ahead else Mark.OK, text=before)


def unique(of: Facts) -> Iterator[Point]:
    """Whether another job has its unique key."""
    if of.record.key_holder is not None:
        link = Link(kind="job", name=of.record.key_holder)
        yield Point(key="unique", mark=Mark.WAITS, text=f"The job {of.record.key_holder} has its unique key.", link=link)


def paused(of: Facts) -> Iterator[Point]:
    """Whether somebody paused its queue."""
    name, row = of.record.queue, of.queue
    link = Link(kind="queue", name=name)
    if is_lane(name):
        yield Point(
            key="lane", mark=Mark.WAITS, text="It is on its way to another connection, and no worker takes it until it is there.", link=link
        )
        return
    if row is None or not row.paused:
        yield Point(key="paused", mark=Mark.OK, text=f"Its queue {name} is not paused.", link=link)
        return
    by = f" by {of.pauses[0].by}" if of.pauses else ""
    until = " until {then}" if row.paused_until else " until somebody resumes it"
    text = _with(f"Its queue {name} was paused{by}{until}.", row.paused_reason)
    yield Point(key="paused", mark=Mark.WAITS, text=text, at=row.paused_until, link=link)


def listened(of: Facts) -> Iterator[Point]:
    """Whether a living worker takes from its queue."""
    if is_lane(of.record.queue):
        return
    name, link = of.record.queue, Link(kind="workers", name="")
    if not of.workers:
        yield Point(key="worker", mark=Mark.WRONG, text="No worker runs on this connection.", link=link, command="horizon work")
        return
    serving = serving_of(of)
    if not serving:
        text = f"{_count(len(of.workers), 'worker')} run{'s' if len(of.workers) == 1 else ''}, and none takes from the queue {name}."
        yield Point(key="worker", mark=Mark.WRONG, text=text, link=link, command=f"horizon work --queue {name}")
        return
    at = last_taken(serving)
    many = f"{_count(len(serving), 'worker')} {'takes' if len(serving) == 1 else 'take'} from its queue"
    said = f"{many}; a job was taken last {{when}}." if at is not None else f"{many}."
    yield Point(key="worker", mark=Mark.OK, text=said, at=at, link=link)
    yield from _at_work(serving, link)


def _at_work(serving: list[Worker], link: Link) -> Iterator[Point]:
    """Whether any of them would take it now."""
    running = [one for one in serving if one.state == "running"]
    if not running:
        states = " or ".join(sorted({one.state for one in serving}))
        yield Point(key="slots", mark=Mark.WAITS, text=f"None of these workers takes jobs now: they are {states}.", link=link)
        return
    places, busy = sum(one.places for one in running), sum(one.busy for one in running)
    if busy >= places:
        yield Point(key="slots", mark=Mark.WAITS, text=f"All {_count(places, 'slot')} of these workers are busy.", link=link)
    else:
        yield Point(key="slots", mark=Mark.OK, text=f"{places - busy:,} of {_count(places, 'slot')} of these workers are free.", link=link)


def known(of: Facts) -> Iterator[Point]:
    """Whether the workers know its class."""
    serving = serving_of(of)
    if not serving:
        return
    said = [of.classes.get(one.id) for one in serving]
    told = [names for names in said if names is not None]
    name, link = of.record.name, Link(kind="workers", name="")
    if not told:
        yield Point(key="class", mark=Mark.UNKNOWN, text="These workers do not say which classes they know.", link=link)
        return
    able = sum(name in names for names in told)
    if not able:
        text = f"None of these workers knows the class {name}: is its module in HORIZON_IMPORTS, and were they restarted since?"
        yield Point(key="class", mark=Mark.WRONG, text=text, link=link, command="horizon restart")
    elif able < len(told):
        text = f"Only {able:,} of {len(told):,} workers know the class {name}: it fails if one of the others takes it."
        yield Point(key="class", mark=Mark.WRONG, text=text, link=link, command="horizon restart")
    else:
        yield Point(key="class", mark=Mark.OK, text="The workers know its class.")


def its_turn(of: Facts) -> Iterator[Point]:
    """How many stand before it, and when its turn is about."""
    if of.record.state is JobState.PENDING and of.ahead is not None and not of.record.waits_for_limit:
        yield turn(of.ahead, of.queue)


def deadline(of: Facts) -> Iterator[Point]:
    """Whether it has to start before a time."""
    at = of.record.deadline
    if at is None or of.record.started_at is not None:
        return
    if at > of.now:
        text = "It fails unless it starts before {then}." if of.record.expires else "It should start before {then}."
        yield Point(key="deadline", mark=Mark.OK, text=text, at=at)
    else:
        text = (
            "It has expired {when}, and fails when a worker or the scheduler comes by."
            if of.record.expires
            else "Its deadline passed {when}."
        )
        yield Point(key="deadline", mark=Mark.WRONG, text=text, at=at)


RUNNING: tuple[Question, ...] = (runs,)
WAITING: tuple[Question, ...] = (inbox, dependencies, due, circuit, room, unique, paused, listened, known, its_turn, deadline)


# words ----------------------------------------------------------------------------------------------


def serving_of(of: Facts) -> list[Worker]:
    """The living workers that take from its queue."""
    return [one for one in of.workers if serves(one.session, of.record.queue)]


def _with(text: str, reason: str | None) -> str:
    return f"{text} {reason.strip()}" if reason and reason.strip() else text


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _many(n: int) -> str:
    return f"{n:,} jobs" if n < AHEAD else f"At least {AHEAD:,} jobs"
