"""Which server is the primary now, by the word of its sentinels."""

from __future__ import annotations

from dataclasses import replace

from horizon.backends.redis.address import Address
from horizon.backends.redis.parser import ReplyError
from horizon.backends.redis.wire import Lost, Wire


def primary(address: Address) -> tuple[str, int]:
    """Ask one sentinel after the other. Raises Lost where none of them knows."""
    problems = []
    for host in address.hosts:
        asked = replace(address, service=None, database=0, user=None, password=address.sentinel_password, tls=address.tls)
        try:
            wire = Wire(asked, host)
        except (Lost, ReplyError) as error:
            problems.append(f"{host[0]}:{host[1]}: {error}")
            continue
        try:
            found = wire.call("SENTINEL", "get-master-addr-by-name", address.service or "")
        except (Lost, ReplyError) as error:
            problems.append(f"{host[0]}:{host[1]}: {error}")
            continue
        finally:
            wire.close()
        if found:
            return found[0].decode(), int(found[1])
        problems.append(f"{host[0]}:{host[1]} knows no service {address.service!r}")
    raise Lost(f"no sentinel knows the primary ({'; '.join(problems)})", sent=False)
