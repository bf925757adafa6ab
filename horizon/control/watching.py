"""Watched tags: what the page Monitoring counts. Each is a note of kind `watch`, by the tag itself."""

from __future__ import annotations

import json

from horizon.backends.notes import LONGEST_NAME, NoteChange
from horizon.backends.tags import MOST_COUNTED, Watched
from horizon.control.acting import Stores, entry
from horizon.core.errors import InvalidInput, InvalidTransition, NotFound
from horizon.security.permissions import Ability, Actor, require

KIND = "watch"
MOST = MOST_COUNTED


class WatchControl:
    """The verbs on watched tags of one app; they live on its default connection."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def list(self) -> list[Watched]:
        """All of them, by tag."""
        notes = self.stores.backend().notes.all(KIND)
        return [Watched(tag=note.name, by=str(json.loads(note.body).get("by", "")), at=note.at) for note in notes]

    def watch(self, actor: Actor, tag: str) -> bool:
        """Count the jobs of a tag from now on; False where that is done already. Raises PermissionDenied, InvalidInput, InvalidTransition."""
        require(actor, Ability.OPERATE)
        tag = check(tag)
        there = {one.tag for one in self.list()}
        if tag in there:
            return False
        if len(there) >= MOST:
            raise InvalidTransition(f"{MOST} tags are watched already; stop watching one of them first")
        change = NoteChange(
            kind=KIND,
            name=tag,
            body=json.dumps({"by": actor.name}),
            version=0,
            audit=entry(actor, "watch", f"tag:{tag}", changes=(("watched", "no", "yes"),)),
        )
        (done,) = self.stores.backend().notes.write([change])
        return bool(done)

    def stop(self, actor: Actor, tag: str) -> None:
        """Count them no longer; the jobs stay as they are. Raises PermissionDenied, NotFound."""
        require(actor, Ability.OPERATE)
        change = NoteChange(
            kind=KIND, name=check(tag), body=None, audit=entry(actor, "stop watching", f"tag:{tag}", changes=(("watched", "yes", "no"),))
        )
        (done,) = self.stores.backend().notes.write([change])
        if not done:
            raise NotFound(f"the tag {tag[:80]!r} is not watched; the page Monitoring shows those that are")


def check(tag: str) -> str:
    """A tag as it was given. Raises InvalidInput."""
    if not 0 < len(tag) <= LONGEST_NAME or "\0" in tag:
        raise InvalidInput(f"a tag to watch has 1 to {LONGEST_NAME} characters; got {len(tag)}")
    if tag.endswith("*"):
        raise InvalidInput(f"one tag is watched, not all that begin alike: leave out the * of {tag[:80]!r}")
    return tag
