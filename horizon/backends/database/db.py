"""The small language every act of this wing speaks: SQL text with `?`, tuples in, tuples out.

Every dialect has a `Db` of its own behind it, which hands text and values to its driver. No act knows which. The texts
are written for SQLite, which runs them as they are; another dialect translates each of them once. What it has to look
for there:

- `?` is a parameter; `IN ({in})` takes any number of values, `v(a, b) AS (VALUES {rows})` any number of rows;
- `INDEXED BY`, `NOT INDEXED` and `CROSS JOIN ... ON` tell SQLite where to begin; others leave that to their planner;
- `/*hold*/`, `/*hold n*/` (in the order of that column), `/*skip*/` and `/*end*/` stand where a store with many writers
  locks rows. SQLite has one writer at a time and takes them for the comments they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, NamedTuple, Protocol, TypeVar

from horizon.core.errors import BackendUnavailable

T = TypeVar("T")
Row = Any
"""A tuple of column values in the order of the SELECT."""
Params = Sequence[object]

CHUNK = 500
"""Most values in one IN list: far below every store's bound."""
ROWS = 128
"""Most rows of values in one statement."""
_SIZES = (1, 4, 16, 50, 128, CHUNK)


class Refused(Exception):
    """The store cannot keep one of these values: wrong type, out of range, too large."""


class Busy(Exception):
    """Somebody else is in the way: the whole act is done again, a bounded number of times."""


class Taken(Busy):
    """A key that is meant to be there once is there: somebody else took it at the same moment, and the act will see it."""


class Question(NamedTuple):
    """Something that is going to be asked: `all` (or `walk`: `ordered`), or `fetch` where values are given."""

    sql: str
    params: Params = ()
    values: Sequence[object] | None = None
    ordered: bool = False


class Db(Protocol):
    """An open connection. Every method may raise Refused, Busy, StoreFull, SchemaMismatch, BackendUnavailable."""

    disorder: int
    """Microseconds by which a job may have been pushed later than one with a higher number."""
    answered: bool
    """False while nothing has been answered in this transaction: then nothing of it was done."""

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        """Every row."""

    def walk(self, sql: str, params: Params = ()) -> list[Row]:
        """`all`, never by sorting: the rows are there in order, along an index."""

    def one(self, sql: str, params: Params = ()) -> Row | None:
        """The first row, None where there is none."""

    def run(self, sql: str, params: Params = ()) -> int:
        """Change something; returns how many rows."""

    def many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> int:
        """The same statement for each of these; nothing at all where there are none. Returns how many rows changed."""

    def later(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        """`many`, of which nobody needs to hear: with the next statement, or the commit. For what says nothing about jobs; see `foresee`."""

    def foresee(self, questions: Sequence[Question]) -> None:
        """These are going to be asked: they may be sent along with the next statement, behind it. The answers hold until something is
        written in another way than by `later`."""

    def foreseen(self, question: Question) -> list[Row] | None:
        """The answer to this, where it is there already."""

    def fetch(self, sql: str, values: Sequence[object], head: Params = (), tail: Params = ()) -> list[Row]:
        """Rows of a SELECT that contains `{in}`, for any number of values; other parameters come before and after it."""

    def change(self, sql: str, values: Sequence[object], head: Params = (), tail: Params = ()) -> int:
        """Run a statement that contains `{in}` for any number of values; returns how many rows changed."""

    def pour(self, sql: str, rows: Sequence[tuple[object, ...]], tail: Params = ()) -> None:
        """Run a statement that contains `{rows}` for any number of rows; other parameters come after them."""

    def move(self, insert: str, delete: str, follow: str, rows: Sequence[tuple[object, ...]], tail: Params = ()) -> bool:
        """`pour` into one table and delete, by their first values, from the one that it reads from.

        False where nothing fits the condition `follow` on `horizon_edge` for any of them; True where that is not known.
        """

    def take(self, update: str, read: str, values: Sequence[object], head: Params) -> list[Row]:
        """`change` rows, and `fetch` what they are now."""

    def glance(self) -> tuple[bool, int | None]:
        """(whether the inbox may hold anything, when the next waiting job of any queue is due)."""

    def hold(self, sql: str, values: Sequence[object]) -> None:
        """Lock the rows of a SELECT that contains `{in}`; nothing where nobody else can write anyhow."""

    def numbers(self, count: int) -> Sequence[int]:
        """Numbers for so many new jobs, growing; nobody else gets them."""

    def alone(self, duty: str) -> bool:
        """Whether this transaction may do this now: False while another one does."""

    def queue_up(self, duty: str) -> None:
        """Wait until no other transaction does this; what is read from now on is as they left it."""

    def folded(self, count: int) -> None:
        """Note that so many deltas are about to be deleted: `version` goes on growing without them."""

    def version(self) -> int:
        """See `Backend.version`; grows with every delta that is committed, in whatever order."""

    def attend(self, session: str, executor: int) -> None:
        """Say that this transaction acts for an executor: who ends its session, or buries it, waits until it is over."""

    def bury(self, session: str, executor: int | None) -> None:
        """Wait for what an executor (None: any of this session) has under way; nothing more of it comes after that."""

    def begin(self, *, write: bool) -> None:
        """Start a transaction: one that may write (and has the right to, from now on), or a steady view for reading."""

    def commit(self) -> None:
        """Keep it."""

    def rollback(self) -> None:
        """Undo it; never raises."""

    def close(self) -> None:
        """Let the connection go; never raises."""


INBOX = "SELECT 1 FROM horizon_inbox LIMIT 1"
GLANCE = "SELECT EXISTS (SELECT 1 FROM horizon_inbox), (SELECT min(due) FROM horizon_live WHERE due IS NOT NULL)"
"""What `Db.glance` asks where one statement does, see `Db.foresee`."""
ANY_DUE = "SELECT min(due) FROM horizon_live WHERE due IS NOT NULL"


class StepByStep:
    """What some databases do in one statement, for those that do it in two."""

    answered = True

    def later(self: Db, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        """See `Db.later`."""
        self.many(sql, rows)

    def foresee(self: Db, questions: Sequence[Question]) -> None:
        """See `Db.foresee`."""

    def foreseen(self: Db, question: Question) -> list[Row] | None:
        """See `Db.foreseen`."""
        return None

    def walk(self: Db, sql: str, params: Params = ()) -> list[Row]:
        """See `Db.walk`."""
        return self.all(sql, params)

    def move(self: Db, insert: str, delete: str, follow: str, rows: Sequence[tuple[object, ...]], tail: Params = ()) -> bool:
        """See `Db.move`."""
        self.pour(insert, rows, tail)
        self.change(delete, [row[0] for row in rows])
        return True

    def take(self: Db, update: str, read: str, values: Sequence[object], head: Params) -> list[Row]:
        """See `Db.take`."""
        self.change(update, values, head)
        return self.fetch(read, values)

    def glance(self: Db) -> tuple[bool, int | None]:
        """See `Db.glance`."""
        return bool(self.all(INBOX)), self.all(ANY_DUE)[0][0]


class Access(Protocol):
    """The way from this process to its store."""

    def write(self, act: Callable[[Db], T]) -> T:
        """Run `act` in one transaction; run again as a whole while somebody is in the way."""

    def read(self, act: Callable[[Db], T]) -> T:
        """Run `act` on one steady view of the store."""

    def close(self) -> None:
        """Let go of every connection; the next act opens new ones."""


def spread(values: Sequence[object]) -> Iterator[tuple[str, tuple[object, ...]]]:
    """IN lists for any number of values, for drivers without arrays: pieces of (`?,?,...`, parameters).

    Each is filled up to one of a few lengths by repeating its last value, so that the drivers' caches of prepared
    statements see few different texts.
    """
    for start in range(0, len(values), CHUNK):
        piece = tuple(values[start : start + CHUNK])
        size = next(size for size in _SIZES if size >= len(piece))
        yield ",".join("?" * size), piece + piece[-1:] * (size - len(piece))


def spread_rows(rows: Sequence[tuple[object, ...]], blank: tuple[object, ...]) -> Iterator[tuple[str, tuple[object, ...]]]:
    """The same for whole rows: pieces of (`(?,?),(?,?)...`, parameters), filled up with a row that meets nothing."""
    one = f"({','.join('?' * len(blank))})"
    for start in range(0, len(rows), ROWS):
        piece = rows[start : start + ROWS]
        size = next(size for size in _SIZES if size >= len(piece))
        yield ",".join([one] * size), (*chain.from_iterable(piece), *(blank * (size - len(piece))))


def fetch(db: Db, sql: str, values: Sequence[object], before: Iterable[object] = (), after: Iterable[object] = ()) -> list[Row]:
    """See `Db.fetch`."""
    return db.fetch(sql, values, tuple(before), tuple(after))


def change(db: Db, sql: str, values: Sequence[object], before: Iterable[object] = (), after: Iterable[object] = ()) -> int:
    """See `Db.change`."""
    return db.change(sql, values, tuple(before), tuple(after))


@contextmanager
def undone_on_failure(db: Db) -> Iterator[None]:
    """Undo what is done in the block, and nothing else of the transaction, where it raises."""
    db.run("SAVEPOINT part")
    try:
        yield
    except (BackendUnavailable, Busy):
        raise  # the store itself is in trouble, and the whole act with it
    except Exception:
        db.run("ROLLBACK TO part")
        db.run("RELEASE part")
        raise
    db.run("RELEASE part")


def insert(table: str, columns: str) -> str:
    """`INSERT INTO table (a, b) VALUES (?, ?)` for columns named in one string."""
    names = columns.replace(",", " ").split()
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
