"""What a search means for the indexes: which lists are walked, which labels a job must carry, where to begin."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from horizon.backends.redis.match import is_named
from horizon.backends.redis.store import Store
from horizon.core.errors import InvalidCursor, InvalidFilter
from horizon.core.query import JobQuery

MOST_TAGS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """One way through the lists."""

    orders: tuple[str, ...]
    fields: tuple[tuple[str, ...], ...]
    by_finish: bool
    """In the order of ends, else of pushes."""
    nothing: bool = False
    """Some condition names what is not there at all."""

    def ask(self, query: JobQuery, *, payload: bool) -> dict[str, object]:
        """As find.lua takes it, but for where to begin and how much."""
        return {
            "orders": self.orders, "fields": self.fields, "up": query.backwards, "after": query.after if query.after is not None else False,
            "before": query.before if query.before is not None else False, "time": "F" if self.by_finish else "P", "payload": payload,
            "bare": False,
        }  # fmt: skip


def is_by_finish(query: JobQuery) -> bool:
    """Whether its list is in the order of ends."""
    return len(query.states) == 1 and query.states[0].terminal


def check_query(store: Store, query: JobQuery) -> None:
    """Refuse what no index could answer. Raises InvalidFilter."""
    asks = (
        query.ids, query.states, query.queue, query.name, query.tag, query.user, query.group, query.cause, query.error, query.arg, query.text,
    )  # fmt: skip
    ranged = any(value is not None for value in (query.after, query.before, query.took_over, query.took_under))
    if (query.not_queue or query.not_name or query.not_tag) and not any(asks) and not ranged:
        raise InvalidFilter("a search that only leaves things out would look at everything; name a state, queue, class or tag as well")
    if query.tag is not None and len(tags_of(store, query.tag)) > MOST_TAGS:
        raise InvalidFilter(f"{query.tag} matches more than {MOST_TAGS} different tags; write more of the tag")


def tags_of(store: Store, wanted: str) -> list[str]:
    """The stored tags that are meant, at most one more than may be."""
    if not wanted.endswith("*"):
        return [wanted]
    prefix = wanted[:-1].encode()
    found = store.link.call(
        "ZRANGEBYLEX",
        store.link.key("tg"),
        b"[" + prefix if prefix else "-",
        b"[" + prefix + b"\xff" if prefix else "+",
        "LIMIT",
        0,
        MOST_TAGS + 1,
    )
    return [tag.decode() for tag in found]


def plan(store: Store, query: JobQuery, *, by_finish: bool) -> Plan:
    """The way of a search."""
    fields: list[tuple[str, ...]] = []
    if by_finish:
        code = query.states[0].code
        orders: tuple[str, ...] = (f"f{code}", f"F{code}") if query.include_forgotten else (f"f{code}",)
    else:
        orders = ("n", "N") if query.include_forgotten else ("n",)
        if query.states:
            fields.append(tuple(f"s{state.code}" for state in query.states))
    if query.queue is not None:
        fields.append(tuple(f"q{code}" for code in codes_of(store.queues.all(), {query.queue})))
    if query.name is not None:
        fields.append(tuple(f"c{code}" for code in named(store, query.name)))
    if query.tag is not None:
        fields.append(tuple(f"t{tag}" for tag in tags_of(store, query.tag)))
    if query.user is not None:
        fields.append((f"u{query.user}",))
    if query.group is not None:
        fields.append((f"b{query.group}",))
    if query.cause is not None:
        fields.append((f"k{query.cause}",))
    return Plan(orders=orders, fields=tuple(fields), by_finish=by_finish, nothing=() in fields)


def named(store: Store, name: str) -> list[int]:
    """Codes of the classes that a name means."""
    return [code for code, known in enumerate(store.classes.all(), 1) if is_named(known, name)]


def codes_of(names: object, wanted: set[str]) -> list[int]:
    """Codes of names."""
    return [code for code, known in enumerate(list(names), 1) if known in wanted]  # type: ignore[call-overload]


# cursors --------------------------------------------------------------------------------------------


def write_cursor(number: int, by_finish: bool) -> str:
    """A place in a list, as people carry it from page to page."""
    return base64.urlsafe_b64encode(f"{'f' if by_finish else 'p'}.{number}".encode()).decode().rstrip("=")


def read_cursor(cursor: str, by_finish: bool) -> int:
    """What `write_cursor` wrote. Raises InvalidCursor."""
    try:
        order, text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode().split(".")
        number = int(text)
        if number < 0 or number > 2**53:
            raise ValueError(number)
    except (ValueError, binascii.Error):
        raise InvalidCursor(f"{cursor!r} is not a cursor of this list; start from its first page") from None
    if order != ("f" if by_finish else "p"):
        raise InvalidCursor("this cursor belongs to a list in another order; start from the first page")
    return number
