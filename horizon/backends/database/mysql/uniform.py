"""A push of plain jobs that are alike, in one statement: see `alike.py`.

What the kernel says of a new job stands here once more, for the sake of speed; a test looks that both ways leave the same. The text
depends on the shape of the push alone, so that it is written once for each, and prepared once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from horizon.backends.database.alike import USUAL, Own, odd, own, rare
from horizon.backends.database.kernel.birth import available_at
from horizon.backends.database.kernel.ledger import STATES, SUMS
from horizon.backends.database.kernel.rows import PENDING, SCHEDULED
from horizon.backends.database.mysql.apart import APART
from horizon.backends.database.mysql.belongs import BELONGS
from horizon.backends.database.mysql.block import Statement
from horizon.backends.database.mysql.numbering import FIRST, NEW, NUMBER
from horizon.backends.database.mysql.text import translated
from horizon.backends.database.mysql.values import literal
from horizon.backends.values import TOMBSTONE
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.place import DEFAULT_PATIENCE, place

HOLE = b"%b"
Column = tuple[bytes, bytes]
"""Its name, and what stands in it: a hole, or what is always the same."""
TAKE = NEW + b"(NULL)"
GONE = b"SELECT 1 FROM horizon_tombstone WHERE id=%b AND removed_at>%b"
ANY_GONE = (
    b"SELECT 1 FROM horizon_job k STRAIGHT_JOIN horizon_tombstone t ON t.id=k.id AND t.removed_at>%%b WHERE k.n BETWEEN %b AND %%b" % FIRST
)
"""Which of the jobs that were just inserted had been removed a moment ago."""
COPY = b"INSERT INTO horizon_live (n,size,%%b) SELECT n,length(payload),%%b FROM horizon_job WHERE n BETWEEN %b AND %%b" % FIRST
"""Rows for jobs that were just inserted: their numbers and sizes are read there, and need not be sent again."""
NAMES = tuple(name.encode() for name, _ in USUAL)
ZEROS = tuple((name, b"0") for name in (b"tries", b"runs", b"suspect", b"alone", b"key_spent"))
PIECE = 100
"""Jobs that go to the server at a time."""
LIMITS = (b"max_tries", b"timeout", b"deadline")
"""Columns of `live` that are there only where they hold something."""


class Shape(NamedTuple):
    """What a text depends on."""

    scheduled: bool
    tags: int
    """How many the one job has."""
    odd: tuple[bool, ...]
    """Per column of `USUAL`: it holds something else."""
    again: bool
    """Round or crashes are not 0."""
    fresh: bool
    """None of them can have been removed."""

    def has(self, column: bytes) -> bool:
        """Whether this column of `USUAL` holds something else."""
        return self.odd[NAMES.index(column)]


class Birth(NamedTuple):
    """What jobs of one push agree in."""

    shape: Shape
    job: Sequence[bytes]
    """What goes into the holes of the columns of `job`, behind those that each has of its own."""
    live: Sequence[bytes]
    """The same of `live`."""
    delta: Sequence[bytes]


def written(envelopes: Sequence[Envelope], now: Micros, patience: Mapping[str, Micros], *, fresh: bool = False) -> Statement:
    """What stores these, and fails where one is known, or was removed a moment ago, which none of them can be where they are `fresh`.
    Raises TypeError, UnicodeError for values that no column holds."""
    first = envelopes[0]
    birth = _birth(first, now, patience, fresh=fresh)
    return _one(first, birth, now) if len(envelopes) == 1 else _many(envelopes, birth, now)


def _birth(job: Envelope, now: Micros, patience: Mapping[str, Micros], *, fresh: bool) -> Birth:
    at = available_at(job, now)
    scheduled, told = at > now, rare(job)
    different = odd(told)
    shape = Shape(scheduled, len(set(job.tags)) if job.tags else 0, different, (job.round, job.crashes) != (0, 0), fresh)
    name, queue, moment = literal(job.name), literal(job.queue), b"%d" % now
    stands = [b"%d" % at] * 2 if scheduled else [_place(job, now, patience), moment]
    again = [b"%d" % job.round, b"%d" % job.crashes] if shape.again else []
    if True not in different:  # nearly always
        return Birth(shape, [name, queue, moment], [name, queue, *stands, *again], [moment, name, queue])
    rank = [b"%d" % -job.priority] if job.priority else []
    limits = [literal(value) for value in (job.max_tries, job.timeout, job.deadline) if value is not None]
    strange = [literal(value) for value, is_odd in zip(told, different, strict=True) if is_odd]
    return Birth(shape, [name, queue, moment, *strange], [name, queue, *stands, *again, *rank, *limits], [moment, name, queue])


def _place(job: Envelope, now: Micros, patience: Mapping[str, Micros]) -> bytes:
    return b"%d" % place(now, deadline=job.deadline, patience=patience.get(job.queue, DEFAULT_PATIENCE))


# one ------------------------------------------------------------------------------------------------


def _one(job: Envelope, birth: Birth, now: Micros) -> Statement:
    id, tags = literal(job.id), [literal(tag) for tag in sorted(set(job.tags))]
    at = now if job.created_at is None else job.created_at
    its = [id, literal(job.payload), b"%d" % at, *([literal(_tags(job.tags))] if tags else [])]
    gone = [] if birth.shape.fresh else [id, b"%d" % (now - TOMBSTONE)]
    return Statement(_text(birth.shape), (*its, *birth.job, *tags, b"%d" % len(job.payload), *birth.live, *gone, *birth.delta))


@cache
def _text(shape: Shape) -> bytes:
    """The whole push of one job."""
    job = [(b"n", FIRST), (b"id", HOLE), (b"payload", HOLE), (b"created_at", HOLE), *([(b"tags", HOLE)] if shape.tags else [])]
    tags = [b"INSERT INTO horizon_tag (tag,n) VALUES " + b",".join([b"(%%b,%b)" % FIRST] * shape.tags)] if shape.tags else []
    live = [(b"n", FIRST), (b"size", HOLE), *_live_columns(shape)]
    rows = [_row(b"horizon_job", [*job, *_job_columns(shape)]), *tags, _row(b"horizon_live", live), *_second_rows(shape, FIRST)]
    return b";".join([TAKE, *rows, _counting(shape.scheduled, 1, b"" if shape.fresh else GONE)])


def _row(table: bytes, columns: Sequence[Column]) -> bytes:
    return b"INSERT INTO %b (%b) VALUES (%b)" % (table, _first(columns), _second(columns))


# many -----------------------------------------------------------------------------------------------


def _many(envelopes: Sequence[Envelope], birth: Birth, now: Micros) -> Statement:
    """Its text is another one each time."""
    last, shape = NUMBER % (len(envelopes) - 1), birth.shape
    gone = () if shape.fresh else (b"%d" % (now - TOMBSTONE), last)
    theirs = own(envelopes)
    tags = [(literal(tag), NUMBER % index) for index, some in enumerate(theirs.tags) for tag in sorted(set(some))]
    live = _live_columns(shape)
    jobs = _jobs(theirs, birth, now)
    statements = [
        *(jobs if len(envelopes) <= PIECE else ()),
        *([b"INSERT INTO horizon_tag (tag,n) VALUES " + b",".join([b"(%b,%b)" % tag for tag in tags])] if tags else []),
        COPY % (_first(live), _second(live) % tuple(birth.live), last),
        *_second_rows(shape, last),
        _counting(shape.scheduled, len(envelopes), b"" if shape.fresh else ANY_GONE) % (*gone, *birth.delta),
    ]
    return Statement(HOLE, (b";".join(statements),), ahead=jobs)


def _jobs(theirs: Own, birth: Birth, now: Micros) -> Iterator[bytes]:
    """Takes numbers, and inserts so many at a time that the server has something to do while the next ones are written down."""
    shared = _job_columns(birth.shape)
    tail = (_second(shared) % tuple(birth.job)).replace(b"%", b"%%")
    tagged = bool(theirs.tags)
    row = b"(%b,%%b,%%b,%%d,%b%b)" % (NUMBER, b"%b," if tagged else b"", tail)
    names = b"n,id,payload,created_at,%b%b" % (b"tags," if tagged else b"", _first(shared))
    for start in range(0, len(theirs.ids), PIECE):
        rows = b",".join([row % values for values in _rows(theirs, start, now)])
        yield b"%bINSERT INTO horizon_job (%b) VALUES %b" % (b"" if start else TAKE + b";", names, rows)


def _rows(theirs: Own, start: int, now: Micros) -> Iterable[tuple[object, ...]]:
    """What those of one piece have of their own."""
    some = slice(start, start + PIECE)
    ids = list(map(literal, theirs.ids[some]))
    payloads = map(literal, theirs.payloads[some])
    created = [now if at is None else at for at in theirs.created[some]]
    tags = [map(literal, map(_tags, theirs.tags[some]))] if theirs.tags else []
    return zip(range(start, start + len(ids)), ids, payloads, created, *tags, strict=True)


# columns --------------------------------------------------------------------------------------------


@cache
def _job_columns(shape: Shape) -> Sequence[Column]:
    columns = [(name, HOLE if is_odd else usual.encode()) for name, (_, usual), is_odd in zip(NAMES, USUAL, shape.odd, strict=True)]
    holding = sorted((column for column in columns if column[1] != b"NULL"), key=lambda column: column[1] != HOLE)
    return [(b"name", HOLE), (b"queue", HOLE), (b"pushed_at", HOLE), *holding]


@cache
def _live_columns(shape: Shape) -> Sequence[Column]:
    stands = [(b"due", HOLE), (b"available_at", HOLE), (b"place", b"0")] if shape.scheduled else [(b"place", HOLE), (b"available_at", HOLE)]
    again = HOLE if shape.again else b"0"
    return [
        (b"name", HOLE), (b"queue", HOLE), *stands, (b"round", again), (b"crashes", again),
        (b"`rank`", HOLE if shape.has(b"priority") else b"0"), *((name, HOLE) for name in LIMITS if shape.has(name)),
        *ZEROS, (b"state", b"%d" % _code(shape.scheduled)),
    ]  # fmt: skip


@cache
def _counting(scheduled: bool, count: int, gone: bytes) -> bytes:
    """What the kernel's ledger would write, with a time that is none where `gone`, if anything has to be looked for, finds something."""
    states = [(name.encode(), b"%d" % (count * (code == _code(scheduled)))) for code, name in enumerate(STATES, 1)]
    sums = [(name.encode(), b"%d" % (count * (name == "pushed"))) for name in SUMS]
    at = b"if(exists(%b),'none',%b)" % (gone, HOLE) if gone else HOLE
    return _row(b"horizon_delta", [(b"at", at), (b"name", HOLE), (b"queue", HOLE), *states, *sums])


def _code(scheduled: bool) -> int:
    return SCHEDULED if scheduled else PENDING


def _second_rows(shape: Shape, last: bytes) -> list[bytes]:
    """Of jobs that wait for a time, or belong to somebody; see `second.py`."""
    some = [APART] * shape.scheduled + [BELONGS] * shape.has(b"owner")
    return [translated(second.into_in_a_row).template % (FIRST, last) for second in some]


def _first(columns: Sequence[Column]) -> bytes:
    return b",".join([name for name, _ in columns])


def _second(columns: Sequence[Column]) -> bytes:
    return b",".join([value for _, value in columns])


def _tags(tags: Sequence[str]) -> str | None:
    return json.dumps(tags, ensure_ascii=False) if tags else None
