"""The proxy of the tests; see `tests/servers/proxy.py`."""

from tests.servers.proxy import Proxy as Proxy
