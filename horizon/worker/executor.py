"""An executor: the process that has the app and runs the jobs.

It says over the pipe that it is ready, runs until told or until it has done its share, hands back what it has not
started, and leaves. What it may not do by itself (renew the lease, judge who died) is its guardian's.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from horizon.core.errors import JobInterrupted
from horizon.core.outcome import Outcome
from horizon.worker.awaiting import EventLoop
from horizon.worker.bell import Bell
from horizon.worker.crew import Crew
from horizon.worker.loop import Loop
from horizon.worker.orders import Orders, decode
from horizon.worker.page import DOOMED, ENDING, PHASE, Ending, Page, Phase
from horizon.worker.post import Post, tell
from horizon.worker.run import EXIT_DOOMED, Runner
from horizon.worker.screen import is_terminal
from horizon.worker.slot import MainStriker, Slot
from horizon.worker.tally import Tally
from horizon.worker.teller import Teller
from horizon.worker.watch import Watch

if TYPE_CHECKING:
    from horizon.core.settings import Settings
    from horizon.jobs.attempt import AttemptDefaults, Attempts
    from horizon.jobs.prepared import Prepared
    from horizon.runtime import Runtime

ORDERS_BYTES = 65_536


def open_line(pipe_fd: int) -> tuple[socket.socket, Orders]:
    """The pipe to the guardian, and the orders that wait in it."""
    pipe = socket.socket(fileno=pipe_fd)
    pipe.set_inheritable(False)
    line = b""
    while b"\n" not in line:
        piece = pipe.recv(ORDERS_BYTES)
        if not piece:
            raise SystemExit(1)
        line += piece
    return pipe, decode(line.partition(b"\n")[0])  # what may follow are rings: the page is looked at anyway


def serve(
    runtime: Runtime,
    *,
    page: Page,
    pipe: socket.socket,
    orders: Orders,
    tally: Tally | None = None,
    problems: Sequence[str] = (),
    stacks: Sequence[int] | None = None,
) -> None:
    """Run jobs until there is a reason to end; everything is settled or handed back when it returns."""
    from horizon.jobs import logcapture, vocabulary
    from horizon.jobs.attempt import AttemptDefaults, Attempts

    logcapture.install(runtime.settings.LOG_LEVEL)
    said = {
        **runtime.options_of(orders.connection),
        **{name: value for name, value in (("max_tries", orders.tries), ("timeout", orders.timeout)) if value},
    }
    defaults = AttemptDefaults.of(runtime.settings, tries=said.get("max_tries"), timeout=said.get("timeout"))
    attempts = Attempts(runtime, worker=f"{orders.worker}#{orders.number}", defaults=defaults, connection=orders.connection)
    _say_limits(runtime, orders.connection)
    post = _post(runtime, defaults, page, pipe, orders, tally)
    run = _prepare(post, attempts, runtime.settings)
    if stacks is not None:
        Teller(post, socket.socket(fileno=stacks[0]), stacks[1]).start()
    pipe.setblocking(True)
    said_of = {
        "problems": list(problems),
        "code_version": runtime.settings.CODE_VERSION,
        "keys": list(runtime.keyring.fingerprints),
        "classes": vocabulary.tell(post.backend),
    }
    pipe.sendall(json.dumps(said_of).encode() + b"\n")
    pipe.setblocking(False)
    page.words[PHASE] = Phase.READY
    _announce(runtime, "worker_started", orders)
    ending = run()
    _announce(runtime, "worker_stopped", orders)
    page.words[ENDING] = ending
    page.words[PHASE] = Phase.ENDED


def _post(runtime: Runtime, defaults: AttemptDefaults, page: Page, pipe: socket.socket, orders: Orders, tally: Tally | None) -> Post:
    shown = orders.verbose or is_terminal()
    return Post(
        backend=runtime.backend(orders.connection),
        page=page,
        orders=orders,
        defaults=defaults,
        bell=Bell(pipe),
        tally=tally,
        on_outcome=tell if shown else None,
    )


def _prepare(post: Post, attempts: Attempts, settings: Settings) -> Callable[[], Ending]:
    """One slot in the main thread, or a crew of threads."""
    watch = Watch(post, cancel_grace=settings.CANCEL_GRACE)
    if post.orders.concurrency == 1:
        striker = MainStriker()
        slot = Slot(0, striker)
        slot.thread = threading.get_ident()
        post.page.works_in(0, threading.get_native_id())
        post.slots.append(slot)
        post.runner = Runner(attempts, post.page, _call_here)
        _mind_signals(post.page, slot)
        striker.install()
        return Loop(post, slot, watch).run
    post.runner = Runner(attempts, post.page, EventLoop(post.page).call)
    _mind_signals(post.page, None)
    return Crew(post, watch).run


def _say_limits(runtime: Runtime, connection: str | None) -> None:
    """Tell the store what the code allows now, so that a changed figure counts for jobs that wait already."""
    from horizon.jobs import limiting

    limits = limiting.defined(runtime, connection)
    if limits:
        runtime.backend(connection).limits.define(limits)


def _call_here(slot: Slot, prepared: Prepared) -> Outcome:
    return prepared.run()


def _mind_signals(page: Page, slot: Slot | None) -> None:
    """Only the guardian's word counts; a signal by itself (a terminal's, a service manager's to all processes) does not.

    With the guardian's mark on the page a TERM means that this process is lost: the job in the main thread may still
    clean up behind itself, and then, or at once, it is over.
    """

    def term(number: int, frame: object) -> None:
        if not page.words[DOOMED]:
            return
        prepared = None if slot is None else slot.prepared
        if slot is None or prepared is None or not prepared.in_user_code or slot.struck is JobInterrupted:
            os._exit(EXIT_DOOMED)
        slot.struck = JobInterrupted
        raise JobInterrupted("the worker ends this process")

    signal.signal(signal.SIGTERM, term)
    signal.signal(signal.SIGINT, _heard)


def _heard(number: int, frame: object) -> None:
    """Nothing: the guardian has heard it as well, and knows what to do."""


def _announce(runtime: Runtime, name: str, orders: Orders) -> None:
    runtime.events.send(name, sender=runtime.sender, worker=orders.worker, executor=orders.number, queues=orders.queues)
