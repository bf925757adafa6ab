"""The dashboard as a user starts it, and somebody who looks at it."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.measure import children, until
from benchmarks.processes import process
from benchmarks.systems import Running

PREFIX = "/horizon"


class Visitor:
    """Somebody who looks at the dashboard, over one connection while the server keeps it open."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, float, bytes]:
        """(status, milliseconds to the first byte, body)."""
        started = time.perf_counter()
        self.connection.request("GET", f"{PREFIX}{path}", headers=dict(headers or {}))
        answer = self.connection.getresponse()
        took = (time.perf_counter() - started) * 1000
        return answer.status, took, answer.read()

    def first(self, path: str) -> dict[str, object]:
        """The first item of a list of the API."""
        _, _, body = self.get(path)
        item: dict[str, object] = json.loads(body)["items"][0]
        return item


@dataclass(frozen=True, kw_only=True)
class Served:
    """A dashboard that answers at this port; `pid` of its first process."""

    port: int
    pid: int

    def family(self) -> list[int]:
        """All its processes."""
        return [self.pid, *children(self.pid)]


@contextlib.contextmanager
def served(at: Running) -> Iterator[Served]:
    """`horizon serve` on the store of a system, until the block ends."""
    port = _free_port()
    argv = [sys.executable, "-m", "horizon.cli.main", "--app", "benchmarks.programs.ours:create_app", "serve"]
    env = {**at.env, "PORT": str(port), "HOST": "127.0.0.1"}
    with process(argv, env, at.folder / "serve.log") as child:
        until(lambda: _answers(port), 30, f"the dashboard (see {at.folder}/serve.log)")
        yield Served(port=port, pid=child.pid)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        return Visitor(port).get("/healthz")[0] == 200
    except OSError:
        return False
