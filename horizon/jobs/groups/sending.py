"""Where a group goes: to the store at once, or there after the commit.

Groups do not join a transaction of the host: what they are made of (rows of groups, edges, many jobs) is more than a row in the
inbox. While the host's session holds writes, somebody has to say which it shall be: `.after_commit()`, `.immediately()`, or one
ordinary job, which does join, that dispatches the group when it runs.
"""

from __future__ import annotations

import logging
from itertools import chain

from horizon.core.errors import InvalidInput
from horizon.jobs import capture, transaction
from horizon.jobs.ambient import HostTransaction, RuntimeLike, runtime
from horizon.jobs.groups import storing
from horizon.jobs.groups.chunk import Chunk
from horizon.jobs.groups.form import Form
from horizon.jobs.groups.groupid import GroupId
from horizon.jobs.groups.laying import Around, lay, random_id
from horizon.jobs.groups.pushing import Packer
from horizon.jobs.jobid import Fate

log = logging.getLogger("horizon.jobs")


def send(form: Form) -> GroupId:
    """Store a group with all that is in it; its id. Raises InvalidInput and its children, BackendUnavailable, NoApp."""
    here, id = runtime(), random_id(form)
    if (net := capture.net()) is not None:
        net.keep_group(here, form, id)
        return GroupId(id, here, form.kind, Fate.CAUGHT)
    packer = Packer(here, form.kind)
    chunks = packer.chunks(lay(form, Around(id)))
    first = next(chunks)
    connection = packer.connection or here.default
    _refuse_here(here, connection, form)
    store, every = here.way(connection)[0], chain((first,), chunks)
    waits_for = _follows(here, store, form)
    if waits_for is not None:
        return _after(here, store, form, id, list(every), waits_for)
    storing.push(here, store, every, begun=id)
    return GroupId(id, here, form.kind)


def _refuse_here(here: RuntimeLike, connection: str, form: Form) -> None:
    if here.runs_here(connection):
        raise InvalidInput(
            f"the connection {connection!r} runs jobs where they are dispatched and keeps nothing, so it has no {form.kind}: what follows "
            "what is kept in a store. Name another connection with .on_connection(...), in tests one at memory://"
        )


def _follows(here: RuntimeLike, store: str, form: Form) -> HostTransaction | None:
    """The transaction after which to push; None: now. Raises InvalidInput where a join would be expected."""
    said = form._said
    if said is not None and said.immediately:
        return None
    if said is not None and said.after_commit:
        return transaction.follows(here, None)
    if here.host is not None and here.host.writing(here.url(store)) is not None:
        raise InvalidInput(
            f"the session holds writes that are not committed, and a {form.kind} cannot join its transaction; say .after_commit() to push it "
            "right after the commit, .immediately() to push it now whatever becomes of the transaction, or dispatch one job, which does "
            f"join, that dispatches the {form.kind} when it runs"
        )
    return None


def _after(here: RuntimeLike, store: str, form: Form, id: str, chunks: list[Chunk], host: HostTransaction) -> GroupId:
    """Push when the host's transaction has been committed; what is pushed was made and checked before."""
    made = GroupId(id, here, form.kind, Fate.WAITING)

    def committed() -> None:
        try:
            storing.push(here, store, iter(chunks), begun=id)
            made._fate = Fate.STORED
        except Exception:
            made._fate = Fate.LOST
            log.exception("the transaction was committed, but %s %s could not be pushed after it and is lost; dispatch it again", form, id)

    def rolled_back() -> None:
        made._fate = Fate.ROLLED_BACK

    host.follow(committed, rolled_back)
    return made
