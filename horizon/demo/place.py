"""Where a running demo lives: its folder, and in it the addresses and the secret that its processes share.

Files rather than environment variables, so that a worker started by hand beside `horizon demo` finds them too.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from horizon.core.errors import ConfigurationError

FOLDER_VARIABLE = "SHOP_FOLDER"
DEFAULT_FOLDER = Path("instance/shop")
DATA = Path(__file__).resolve().parent / "data"
"""Files that are shipped: catalogues and photos."""
MISTYPED, SLOW, PROPER = "gmial.example", "slow-post.example", "post.example"
"""Domains of customers: the catcher refuses the first for good, and asks for letters to the second twice."""
_RUNNING, _SECRET = "running.json", "secret"


@dataclass(frozen=True, kw_only=True, slots=True)
class Addresses:
    """Where the other processes of a running demo listen, as `host:port`."""

    web: str
    smtp: str


def folder_from(environ: dict[str, str] | os._Environ[str]) -> Path:
    """The folder meant: what the environment says, else `instance/shop` here."""
    return Path(environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER).absolute()


def announce(folder: Path, addresses: Addresses) -> None:
    """Tell the other processes where things are."""
    (folder / _RUNNING).write_text(json.dumps(asdict(addresses)))


def withdraw(folder: Path) -> None:
    """The demo stops: nobody listens there any more."""
    (folder / _RUNNING).unlink(missing_ok=True)


def addresses(folder: Path) -> Addresses:
    """Where things are. Raises ConfigurationError where no demo runs in this folder."""
    try:
        return Addresses(**json.loads((folder / _RUNNING).read_text()))
    except FileNotFoundError:
        raise ConfigurationError(
            f"no demo is running in {folder}, so there is nobody to send this to; start one with: horizon demo --folder {folder}"
        ) from None


def split(address: str) -> tuple[str, int]:
    """Host and port of a `host:port`."""
    host, _, port = address.rpartition(":")
    return host, int(port)


def secret(folder: Path) -> bytes:
    """The key that signs web hooks and, for who adds users, sign-ins: made when first asked for, readable by nobody else."""
    path = folder / _SECRET
    if not path.exists():
        _make_secret(path)
    return path.read_bytes()


def _make_secret(path: Path) -> None:
    """Written beside and then linked, for the demo's processes start at once, and none may read half of it."""
    with tempfile.NamedTemporaryFile(dir=path.parent) as beside:  # readable by us alone
        beside.write(secrets.token_hex(16).encode())
        beside.flush()
        with contextlib.suppress(FileExistsError):  # another one was quicker: its key it is
            os.link(beside.name, path)
