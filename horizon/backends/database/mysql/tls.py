"""TLS on the way to a MySQL or a MariaDB, as an address asks for it; nothing where it says nothing.

Who is named by `ssl_ca`, or else whoever the system trusts, has to vouch for the server. With `ssl_verify_identity=false` its name
is not compared, and without `ssl_ca` either nobody has to vouch for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from horizon.backends.database.mysql.place import TLS, Place
from horizon.core.errors import ConfigurationError

if TYPE_CHECKING:
    from ssl import SSLContext


def secured(place: Place) -> dict[str, Any]:
    """What each driver wants to hear about it. Raises ConfigurationError for a file that cannot be used."""
    tls = {name.removeprefix("ssl_"): place.options[name] for name in TLS if name in place.options}
    if not tls and "ssl_verify_identity" not in place.options:
        return {}
    verify = place.options.get("ssl_verify_identity", "true").lower() not in ("false", "0")
    if place.driver == "pymysql":
        return {"ssl": _context(place, tls, verify)}
    for name in tls.values():
        _look(place, tls, name)
    return {"ssl": tls, "ssl_mode": "VERIFY_IDENTITY" if verify else "VERIFY_CA" if "ca" in tls else "REQUIRED"}


def _context(place: Place, tls: dict[str, str], verify: bool) -> SSLContext:
    """PyMySQL's own trusts anybody where no `ssl_ca` is named, whatever else is asked."""
    import ssl

    try:
        context = ssl.create_default_context(cafile=tls.get("ca"))
        if "cert" in tls:
            context.load_cert_chain(tls["cert"], tls.get("key"))
    except OSError as error:
        raise _unusable(place, tls, error) from error
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # certificates that servers make for themselves do not pass it
    context.check_hostname = verify
    if not verify and "ca" not in tls:
        context.verify_mode = ssl.CERT_NONE
    return context


def _look(place: Place, tls: dict[str, str], name: str) -> None:
    """Whether a file can be read: mysqlclient would say that some file is not there, and not which."""
    try:
        with open(name, "rb"):
            pass
    except OSError as error:
        raise _unusable(place, tls, error) from error


def _unusable(place: Place, tls: dict[str, str], error: OSError) -> ConfigurationError:
    files = ", ".join(tls.values())
    return ConfigurationError(
        f"{place.location}: of the files that its address names ({files}) one cannot be used: {error.strerror or error}"
    )
