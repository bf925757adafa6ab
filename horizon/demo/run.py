"""All of the demo, started and stopped as one: web, worker, traffic and a mail catcher.

This process only starts the others and waits; it loads no app.
"""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from horizon.core import clock
from horizon.core.errors import ConfigurationError, HorizonError
from horizon.demo import place
from horizon.demo.family import Family, Member
from horizon.demo.place import Addresses
from horizon.worker.signals import STOPS, Signals

APP = "horizon.demo.app:create_app"
HOST = "127.0.0.1"
DRAIN, LIMIT = 3.0, 8.0
"""Seconds after the Ctrl-C at which running jobs are interrupted, and at which whoever is left is killed."""
BOOT = 60.0
"""Seconds until the first answer, before the demo gives up."""
SLOTS = 4
"""Jobs the worker runs at a time: most of them wait for mail and web servers."""

FRUGAL = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}
"""For the worker: without these, glibc keeps the memory of an image that was scaled, in each thread, for the next one."""

Say = Callable[[str], None]


class DemoFailed(HorizonError):
    """A part of the demo ended or never answered."""


def run(*, port: int, folder: Path | None, say: Say, verbose: bool = False, see: str = "") -> None:
    """Run until Ctrl-C, TERM or HUP; then nothing is left, but for the folder where one was named. `see`: a page to point at.

    Raises ConfigurationError for a port that is taken, DemoFailed where a part ends by itself.
    """
    ears = Signals()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background job; here a signal is always meant
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    with listening(port, "PORT=8001 make run, or horizon demo --port 8001") as web, listening(0) as smtp, place_for(folder) as where:
        ears.watch()
        family = Family((lambda name, line: say(f"{name:7} | {line}")) if verbose else _unheard)
        family.listen_to(ears.fileno())
        try:
            _start(family, where, web, smtp)
            if _wait_for_web(family, ears, web):
                _greet(say, where, web, see)
                _watch(family, ears, say)
        finally:
            with contextlib.suppress(OSError):  # the terminal may be gone
                say("stopping ...")
            stop(family, ears)
            place.withdraw(where)
            ears.close()


def _unheard(name: str, line: str) -> None:
    """Nobody wants to read along; the last lines are kept all the same."""


@contextmanager
def listening(port: int, otherwise: str = "") -> Iterator[socket.socket]:
    """A listening socket of this machine; connections wait in it until the process that serves them is there."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        why = "is in use already" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise ConfigurationError(f"port {port} {why}; take another one: {otherwise}") from None
    with listener:
        yield listener


@contextmanager
def place_for(folder: Path | None) -> Iterator[Path]:
    """The folder named, kept; or a temporary one, removed at the end."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.absolute()
        return
    made = Path(tempfile.mkdtemp(prefix="horizon-demo-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _start(family: Family, where: Path, web: socket.socket, smtp: socket.socket) -> None:
    place.announce(where, Addresses(web=_address(web), smtp=_address(smtp)))
    environ = {**os.environ, place.FOLDER_VARIABLE: str(where), "PYTHONUNBUFFERED": "1"}
    for name in ("PORT", "WEB_CONCURRENCY", "FLASK_APP", "FLASK_DEBUG"):
        environ.pop(name, None)
    horizon = [sys.executable, "-m", "horizon.cli.main"]
    family.start("mail", [sys.executable, "-m", "horizon.demo.smtp", "--fd", str(smtp.fileno()), "--folder", str(where / "mail")],
                 fds=[smtp.fileno()], environ=environ)  # fmt: skip
    family.start("web", [*horizon, "serve", "--app", APP, "--bind", f"fd://{web.fileno()}", "--threads", "8"],
                 fds=[web.fileno()], environ=environ)  # fmt: skip
    family.start("worker", [*horizon, "work", "--app", APP, "--concurrency", str(SLOTS), "--verbose"], environ={**FRUGAL, **environ})
    family.start("traffic", [sys.executable, "-m", "horizon.demo.traffic"], environ=environ)


def _address(listener: socket.socket) -> str:
    return "{}:{}".format(*listener.getsockname())


def _wait_for_web(family: Family, ears: Signals, web: socket.socket) -> bool:
    """True once the web process answers; False where somebody stopped the demo before. Raises DemoFailed."""
    until = clock.monotonic() + BOOT
    while not _answers(_address(web)):
        family.relay(0.1)
        if STOPS.intersection(ears.read()):
            return False
        if (member := family.ended()) is not None:
            raise DemoFailed(_last_words(member))
        if clock.monotonic() > until:
            raise DemoFailed(f"the web process did not answer within {BOOT:g} s:\n" + _said(family.members["web"]))
    return True


def _answers(address: str) -> bool:
    connection = HTTPConnection(*place.split(address), timeout=1)
    try:
        connection.request("GET", "/horizon/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _greet(say: Say, where: Path, web: socket.socket, see: str) -> None:
    say(f"The dashboard:  http://{_address(web)}/horizon")
    if see:
        say(f"The pipeline:   http://{_address(web)}/horizon{see}")
    say(f"The shop:       http://{_address(web)}/")
    say(f"Its files:      {where}")
    if importlib.util.find_spec("PIL") is None:
        say("Pillow is not installed, so there are no thumbnails; to have them: pip install 'flask-horizon[demo]'")
    say("Stop with Ctrl-C.")


def _watch(family: Family, ears: Signals, say: Say) -> None:
    """Until somebody stops it. Raises DemoFailed where a part ends by itself."""
    while not STOPS.intersection(ears.read()):
        member = family.ended()
        if member is not None and was_stopped(member):
            say("The worker was stopped, and is started again, as a service manager would do it.")
            family.again(member)
        elif member is not None:
            raise DemoFailed(_last_words(member))
        family.relay(1.0)


def was_stopped(member: Member) -> bool:
    """Whether it is the worker, and ended in order: somebody clicked Stop on its page."""
    return member.name == "worker" and member.process.returncode == 0


def stop(family: Family, ears: Signals) -> None:
    """In order, and within ten seconds: who makes work and who does it, then whom the work needs. A second Ctrl-C hurries."""
    family.tell(signal.SIGTERM, "traffic", "worker")
    _await_end(family, ears, DRAIN, "traffic", "worker")
    family.tell(signal.SIGTERM)  # for a worker that still drains it is the second one: what runs goes back to its queue
    _await_end(family, ears, LIMIT - DRAIN)
    family.kill()
    family.close()


def _await_end(family: Family, ears: Signals, timeout: float, *names: str) -> None:
    until = clock.monotonic() + timeout
    while family.alive(*names) and clock.monotonic() < until and not STOPS.intersection(ears.read()):
        with contextlib.suppress(OSError):
            family.relay(0.1)


def _last_words(member: Member) -> str:
    return f"the {member.name} process of the demo ended with {member.process.returncode}. It said last:\n{_said(member)}"


def _said(member: Member) -> str:
    member.hear()
    return "\n".join(f"  {line}" for line in member.lines) or "  (nothing)"
