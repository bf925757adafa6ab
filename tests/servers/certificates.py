"""Certificates for servers that speak TLS: an authority of the test's own, and what it vouches for. Made by `openssl`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.servers.server import Missing

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Authority:
    """Vouches for whatever it is asked to, for two days. Raises Missing where there is no openssl."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.certificate = folder, folder / "ca.pem"
        self._run("req", "-x509", *KEY, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=An authority of the tests")

    def vouch(self, name: str, at: str = "IP:127.0.0.1,DNS:localhost") -> tuple[Path, Path]:
        """(certificate, key) of somebody at these places."""
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={at}\n")
        self._run("req", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        by = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext")
        self._run("x509", "-req", "-in", f"{name}.csr", *by, "-out", f"{name}.pem")
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def _run(self, *words: str) -> None:
        program = shutil.which("openssl")
        if program is None:
            raise Missing("install openssl")
        subprocess.run([program, *words], cwd=self.folder, check=True, capture_output=True)
