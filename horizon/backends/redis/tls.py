"""TLS on the way to a Redis: who is trusted, who we are, and what went wrong in words."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from horizon.backends.redis.address import Address
from horizon.core.errors import ConfigurationError


def secured(plain: socket.socket, address: Address, host: str) -> socket.socket:
    """The same connection over TLS. Raises OSError that says what to do, ConfigurationError for a file that cannot be used."""
    try:
        return _context(address).wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        plain.close()
        raise ConnectionError(
            f"nobody we trust vouches for its certificate ({error.verify_message}); name the file of who does by ?ca=, "
            "or trust anybody by verify=no"
        ) from error
    except (ssl.SSLError, TimeoutError) as error:
        plain.close()
        raise ConnectionError(f"no TLS came about ({error}); redis:// is the address of a server without it") from error
    except BaseException:
        plain.close()
        raise


def _context(address: Address) -> ssl.SSLContext:
    """Where `ca` names somebody, nobody else is trusted."""
    with _usable(address, "ca", address.ca):
        context = ssl.create_default_context(cafile=address.ca)
    if address.cert:
        with _usable(address, "cert", address.cert):
            context.load_cert_chain(address.cert, address.key)
    if not address.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def _usable(address: Address, option: str, file: str | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"{address.location}: the file {file}, which {option}= names, cannot be used: {error.strerror or error}"
        ) from error
