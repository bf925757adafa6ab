"""Whether the audit log of a store hangs together, entry by entry, and what was found when it was looked at last."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from horizon.backends.audit import SEALED_AT_ONCE, Audit
from horizon.backends.base import Backend
from horizon.backends.notes import NoteChange
from horizon.core.chain import Chain, Fault, Mark, first_fault
from horizon.core.clock import Micros

KIND, NAME = "audit check", "last"
ROUNDS = 1_000
"""Acts in which entries that wait are put into the chain before it is looked at: half a million of them."""
AGAIN = 3
"""How often one begins anew because old entries went meanwhile."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What was found."""

    connection: str
    at: Micros
    checked: int
    """Entries that fit, one after the other."""
    anchor: Mark
    head: Mark
    """Of the last that fits."""
    fault: Fault | None = None
    expected: str | None = None
    """A hash that somebody kept elsewhere."""
    found: int | None = None
    """Where it stands in the chain, None where it does not."""

    @property
    def holds(self) -> bool:
        """Whether all is as it was written."""
        return self.fault is None and (self.expected is None or self.found is not None)


def check(store: Backend, connection: str, *, expect: str | None = None) -> Checked:
    """Put what waits into the chain, then look at every entry from the oldest on that is kept."""
    for _ in range(ROUNDS):
        if not store.audit.seal():
            break
    for _ in range(AGAIN):
        chain = store.audit.chain()
        found = _walk(
            store.audit, Checked(connection=connection, at=store.now(), checked=0, anchor=chain.anchor, head=chain.anchor), chain, expect
        )
        if found.fault is None or store.audit.chain().anchor == chain.anchor:
            break
    return found


def _walk(audit: Audit, so_far: Checked, chain: Chain, expect: str | None) -> Checked:
    mark, count, fault = chain.anchor, 0, None
    at = mark.link if expect == mark.hash else None
    while fault is None and mark.link < chain.head.link:
        entries = audit.links(mark.link, SEALED_AT_ONCE)
        entries = [entry for entry in entries if (entry.link or 0) <= chain.head.link]
        before, (mark, fault) = mark, first_fault(mark, entries)
        count += mark.link - before.link
        at = next((entry.link for entry in entries if expect is not None and entry.hash == expect and (entry.link or 0) <= mark.link), at)
        if not entries:
            fault = Fault(link=mark.link + 1, reason=f"it is missing, and so is all that follows, up to number {chain.head.link:,}")
    if fault is None and mark.hash != chain.head.hash:
        fault = Fault(link=mark.link, reason="it is not the one that was written last")
    return replace(so_far, checked=count, head=mark, fault=fault, expected=expect, found=at)


def remember(store: Backend, checked: Checked) -> None:
    """Keep what was found, for whoever looks at the page."""
    fault = checked.fault
    body = {
        "at": checked.at, "checked": checked.checked, "anchor": [checked.anchor.link, checked.anchor.hash],
        "head": [checked.head.link, checked.head.hash], "fault": None if fault is None else [fault.link, fault.reason],
    }  # fmt: skip
    store.notes.write([NoteChange(kind=KIND, name=NAME, body=json.dumps(body))])


def last(store: Backend, connection: str) -> Checked | None:
    """What was found last, None where nobody has looked."""
    note = store.notes.get(KIND, NAME)
    if note is None:
        return None
    kept = json.loads(note.body)
    anchor, head = (Mark(link=kept[name][0], hash=kept[name][1]) for name in ("anchor", "head"))
    fault = None if kept["fault"] is None else Fault(link=kept["fault"][0], reason=kept["fault"][1])
    return Checked(connection=connection, at=kept["at"], checked=kept["checked"], anchor=anchor, head=head, fault=fault)
