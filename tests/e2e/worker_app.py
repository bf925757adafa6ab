"""An app whose jobs do the things that workers have to survive. Its processes learn from the environment where they are."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from flask import Flask, current_app

from horizon import Horizon, Job, current_job, job


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "tests only"
    Horizon(app)
    return app


def note(*words: object) -> None:
    """One line into the shared file of effects; whole, whoever is killed."""
    fd = os.open(os.environ["EFFECTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(fd, (" ".join(map(str, words)) + "\n").encode())
    os.close(fd)


def wait_for(name: str) -> None:
    """Until a file of this name lies beside the effects."""
    while not os.path.exists(f"{os.environ['EFFECTS']}.{name}"):
        time.sleep(0.01)


@job(max_tries=3, backoff=0)
def effect(n: int, seconds: float = 0.0) -> int:
    note("effect", n, os.getpid())
    time.sleep(seconds)
    return n


@job(max_tries=3, backoff=0, timeout=30)
def hold(key: str) -> None:
    """Runs until the test lets it go."""
    note("hold", key, os.getpid())
    wait_for(key)
    note("let-go", key, os.getpid())


@job(max_tries=3, max_crashes=3)
def crash() -> None:
    note("crash", os.getpid())
    os.kill(os.getpid(), signal.SIGKILL)


@job(max_tries=1, timeout=0.5)
def compute() -> None:
    """Minutes inside one call of C code, where no exception gets in."""
    note("compute", os.getpid())
    hashlib.pbkdf2_hmac("sha256", b"x", b"y", 2_000_000_000)


@job(max_tries=1, timeout=0.5)
def stubborn() -> None:
    """Ignores TERM, swallows everything, and leaves a process behind."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    note("stubborn", os.getpid(), left.pid)
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(600)


@job(max_tries=2, timeout=0.3, backoff=0)
def sleepy() -> None:
    """Stops where it is asked to."""
    note("sleepy", os.getpid())
    time.sleep(600)


class Patient(Job):
    """Looks whether it should go on."""

    timeout = 60

    def handle(self) -> None:
        note("patient", os.getpid())
        while not self.cancel_requested:
            time.sleep(0.01)
        note("gave-in", os.getpid())
        self.delete()


class Deaf(Job):
    """Does not look."""

    timeout = 60

    def handle(self) -> None:
        note("deaf", os.getpid())
        time.sleep(600)


class Together(Job):
    """Waits on the event loop until `size` of its kind are there."""

    timeout = 30
    here = 0

    def __init__(self, size: int) -> None:
        self.size = size

    async def handle(self) -> int:
        Together.here += 1
        note("together", os.getpid())
        while Together.here < self.size:
            await asyncio.sleep(0.01)
        return Together.here


@job(timeout=30)
def side_by_side(n: int, size: int) -> None:
    """Waits in its thread until `size` of its kind are there."""
    note("side", n, os.getpid())
    while Path(os.environ["EFFECTS"]).read_text().count("side ") < size:
        time.sleep(0.01)


@job()
def surroundings() -> str:
    """What a job finds around it."""
    logging.getLogger("shop").info("said in passing")
    current_job().progress(40, "on the way")
    return current_app.name


@job()
def swell() -> None:
    note("swell", os.getpid())
    swell.kept = bytearray(os.urandom(1)) * 120_000_000  # type: ignore[attr-defined]


@job(max_tries=3, backoff=0, max_crashes=100)
def brave(n: int) -> int:
    note("brave", n)
    time.sleep(0.01)
    return n


@job(timeout=60)
def greedy() -> int:
    """Holds the interpreter's lock in C code, so that no other thread of its process gets to do anything."""
    note("greedy", os.getpid())
    return sum(range(160_000_000))


@job(max_tries=1)
def leave(how: str) -> None:
    """Ends in a way that is not an ordinary exception."""
    note("leave", how, os.getpid())
    if how == "os._exit":
        os._exit(0)
    if how == "sys.exit":
        sys.exit(3)
    if how == "interrupt":
        raise KeyboardInterrupt
    if how == "cancelled":
        raise asyncio.CancelledError
    if how == "group":
        raise BaseExceptionGroup("several", [ValueError("one"), SystemExit(2)])
    if how == "depth":
        deeper()
    raise Mute


def deeper() -> None:
    deeper()


class Mute(Exception):
    """Cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


@job(max_tries=1)
def shout() -> None:
    raise ValueError("x" * 5_000_000)


@job(max_tries=1)
def answer(how: str) -> object:
    """Returns what cannot be kept."""
    return Mute() if how == "mute" else "y" * 5_000_000


@job(max_tries=1, timeout=30)
def chat() -> None:
    """Floods log and screen, with lines that cannot be written among them."""
    log = logging.getLogger("shop")
    for n in range(100_000):
        log.info("line %d", n)
    log.info("cannot be written: %s", Mute())
    log.info(Mute())
    print("z" * 1_000_000)


@job(max_tries=1)
def speak() -> None:
    print("said by a job")


@job(max_tries=1)
def split() -> None:
    """Forks, and both come back."""
    note("split", os.fork(), os.getpid())


@job(max_tries=1)
def grab() -> None:
    """Takes the signals that stop jobs, and does not give them back."""
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    note("grab", os.getpid())


@job(max_tries=1, max_crashes=1)
def cut_off() -> None:
    """Closes everything that its process has open."""
    note("cut-off", os.getpid())
    os.closerange(0, 256)


@job(max_tries=1)
def run_on() -> None:
    """Leaves a thread behind that does not end."""
    note("run-on", os.getpid())
    threading.Thread(target=time.sleep, args=(600,)).start()


@job(max_tries=1)
def saw() -> str:
    """Saws off the branch it sits on."""
    folder = f"{os.environ['EFFECTS']}.branch"
    os.mkdir(folder)
    os.chdir(folder)
    os.rmdir(folder)
    note("saw", os.getpid())
    return folder


class Blocking(Job):
    """Blocks the event loop that it shares, for longer than its timeout."""

    timeout, max_tries = 0.3, 1

    async def handle(self) -> None:
        note("blocking", os.getpid())
        time.sleep(600)


class Swallow(Job):
    """Awaits a task that it has cancelled itself."""

    max_tries = 1

    async def handle(self) -> None:
        task = asyncio.ensure_future(asyncio.sleep(60))
        await asyncio.sleep(0)
        task.cancel()
        await task
