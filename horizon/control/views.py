"""Saved views: searches that somebody gave a name. Own ones, or shared with everybody; each a note of kind `view`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from unicodedata import category
from urllib.parse import parse_qsl, urlencode

from horizon.backends.notes import Note, NoteChange
from horizon.control import differing
from horizon.control.acting import Stores, entry
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.errors import InvalidInput, InvalidTransition, NotFound, PermissionDenied
from horizon.core.ids import token
from horizon.security.permissions import Ability, Actor, require

KIND = "view"
PAGES = (
    "jobs",
    "failed",
    "audit",
    "batches",
    "chains",
    "workflows",
    "queues",
    "schedules",
    "workers",
    "metrics",
    "operations",
    "removed",
    "monitoring",
    "alerts",
)
"""Lists whose address can be kept."""
LONGEST_NAME, LONGEST_QUERY, MOST_OWN = 60, 2_000, 100
PASSING = ("cursor", "open", "page", "back")
"""Parameters that say where somebody was in a list, not what they looked at."""
AGAIN = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedView:
    """One of them."""

    id: str
    name: str
    page: str
    """The list it is about: the endpoint of a page."""
    query: str
    """Its parameters, as in an address."""
    owner: str
    shared: bool = False
    pinned: bool = False
    """Stands above its list: of everybody where it is shared, else of its owner."""
    at: Micros = 0
    version: int = 0

    def args(self) -> dict[str, str]:
        """Its parameters."""
        return dict(parse_qsl(self.query))


class InvalidName(InvalidInput):
    """A name that a view cannot have; raised by `save` and `change`."""


class NameTaken(InvalidTransition):
    """A view of this list has this name already; raised by `save` and `change`. `taken`: that view."""

    def __init__(self, message: str, taken: SavedView) -> None:
        super().__init__(message)
        self.taken = taken


class ViewControl:
    """The verbs on saved views of one app; they live on its default connection."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def seen_by(self, actor: Actor, page: str = "") -> list[SavedView]:
        """Those that this actor may open, of one list or of all, by name: own ones, and those shared."""
        found = (read(note) for note in self.stores.backend().notes.all(KIND))
        mine = [one for one in found if (one.shared or one.owner == actor.name) and page in ("", one.page)]
        return sorted(mine, key=lambda one: (one.name.casefold(), one.id))

    def get(self, actor: Actor, id: str) -> SavedView:
        """One of them. Raises NotFound, also for what is somebody else's own."""
        note = self.stores.backend().notes.get(KIND, id) if 0 < len(id) <= 60 else None
        found = None if note is None else read(note)
        if found is None or not (found.shared or found.owner == actor.name or actor.can(Ability.ADMIN)):
            raise NotFound(f"there is no view {id[:60]!r}; the page Views shows those there are")
        return found

    def save(self, actor: Actor, name: str, page: str, query: str, *, shared: bool = False, pinned: bool = False) -> SavedView:
        """Keep a search under a name. Raises PermissionDenied, InvalidInput, InvalidTransition for a name that is taken."""
        _may(actor, shared=shared)
        if page not in PAGES:
            raise InvalidInput(f"a view is about one of the lists {', '.join(PAGES)}; got {page[:40]!r}")
        made = SavedView(
            id=token()[:16], name=check_name(name), page=page, query=check_query(query), owner=actor.name, shared=shared, pinned=pinned
        )
        self._must_be_new(actor, made)
        if not self._write(made, 0, _entry(actor, "save view", made, f"{made.page}?{made.query}", None)):
            raise InvalidTransition("too many views are kept; remove some of them first")
        return replace(made, version=1)

    def replace(self, actor: Actor, id: str, query: str, *, shared: bool = False, pinned: bool = False) -> SavedView:
        """Another search under the name that a view has. Raises PermissionDenied, NotFound, InvalidInput, InvalidTransition."""
        return self.change(actor, id, {"query": check_query(query), "shared": shared, "pinned": pinned})

    def change(self, actor: Actor, id: str, changes: Mapping[str, object]) -> SavedView:
        """Another name, shared or not, pinned or not. Raises PermissionDenied, NotFound, InvalidInput, InvalidTransition."""
        for _ in range(AGAIN):
            kept = self.get(actor, id)
            made = replace(kept, **changes)  # type: ignore[arg-type]
            made = replace(made, name=check_name(made.name))
            _may_change(actor, kept, shared=made.shared)
            if made == kept:
                return kept
            if (made.name, made.shared) != (kept.name, kept.shared):
                self._must_be_new(actor, made)
            if self._write(made, kept.version, _entry(actor, "change view", made, ", ".join(sorted(changes)), kept)):
                return replace(made, version=kept.version + 1)
        raise InvalidTransition("the view was changed by others again and again; look at it, and try once more")

    def remove(self, actor: Actor, id: str) -> SavedView:
        """Forget one. Raises PermissionDenied, NotFound."""
        kept = self.get(actor, id)
        _may_change(actor, kept, shared=False)
        audit = entry(
            actor, "remove view", f"view:{kept.name}", detail=f"{kept.page}?{kept.query}", changes=differing.changes(_told(kept), {})
        )
        (done,) = self.stores.backend().notes.write([NoteChange(kind=KIND, name=id, body=None, audit=audit)])
        if not done:
            raise NotFound(f"there is no view {id[:60]!r} any more")
        return kept

    def _must_be_new(self, actor: Actor, made: SavedView) -> None:
        others = [one for one in map(read, self.stores.backend().notes.all(KIND)) if one.id != made.id]
        if sum(one.owner == actor.name for one in others) >= MOST_OWN:
            raise InvalidTransition(f"{actor.name} has {MOST_OWN} views already; remove one of them first")
        same = [one for one in others if one.name.casefold() == made.name.casefold() and one.page == made.page]
        taken = [one for one in same if one.owner == made.owner or (one.shared and made.shared)]
        if taken:
            first = min(taken, key=lambda one: one.owner != made.owner)  # one's own: that one can be replaced
            raise NameTaken(f"there is a view {made.name!r} of this list already; give this one another name", first)

    def _write(self, made: SavedView, version: int, audit: AuditEntry) -> bool:
        change = NoteChange(kind=KIND, name=made.id, body=_body(made), version=version, audit=audit)
        return bool(self.stores.backend().notes.write([change])[0])


def may_change(actor: Actor, view: SavedView) -> bool:
    """Whether this actor may rename or remove it: own ones, and an admin all."""
    return view.owner == actor.name or actor.can(Ability.ADMIN)


def _may(actor: Actor, *, shared: bool) -> None:
    require(actor, Ability.OPERATE if shared else Ability.VIEW)


def _may_change(actor: Actor, kept: SavedView, *, shared: bool) -> None:
    if not may_change(actor, kept):
        raise PermissionDenied(f"the view {kept.name!r} is {kept.owner}'s; only they and an admin may change or remove it")
    if shared and not kept.shared:
        require(actor, Ability.OPERATE)


def check_name(name: str) -> str:
    """A name without blanks around it. Raises InvalidName."""
    found = " ".join(name.split())
    if not 0 < len(found) <= LONGEST_NAME or any(category(letter) == "Cc" for letter in found):
        raise InvalidName(f"a view has a name of 1 to {LONGEST_NAME} characters; got {name[: LONGEST_NAME + 1]!r}")
    return found


def check_query(query: str, most: int | None = LONGEST_QUERY) -> str:
    """The parameters that say what somebody looked at. Raises InvalidInput where they are longer than `most`."""
    pairs = [(key, value) for key, value in parse_qsl(query.lstrip("?")) if key not in PASSING]
    found = urlencode(pairs)
    if most is not None and len(found) > most:
        raise InvalidInput(f"the address of a view has at most {most:,} characters behind its path; got {len(found):,}")
    return found


def pinned(views: Sequence[SavedView]) -> list[SavedView]:
    """Those that stand above their list."""
    return [one for one in views if one.pinned]


def _body(view: SavedView) -> str:
    kept = asdict(view)
    return json.dumps({key: kept[key] for key in ("name", "page", "query", "owner", "shared", "pinned")}, ensure_ascii=False)


def read(note: Note) -> SavedView:
    """What a note says."""
    kept = json.loads(note.body)
    return SavedView(
        id=note.name, name=str(kept["name"]), page=str(kept["page"]), query=str(kept["query"]), owner=str(kept["owner"]),
        shared=bool(kept["shared"]), pinned=bool(kept["pinned"]), at=note.at, version=note.version,
    )  # fmt: skip


def _entry(actor: Actor, verb: str, view: SavedView, detail: str, before: SavedView | None) -> AuditEntry:
    changed = differing.changes({} if before is None else _told(before), _told(view))
    return entry(actor, verb, f"view:{view.name}", detail=detail, changes=changed)


def _told(view: SavedView) -> Mapping[str, object]:
    return {name: getattr(view, name) for name in ("name", "page", "query", "shared", "pinned")}
