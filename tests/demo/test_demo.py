"""The demo as somebody starts it: one command, one Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from horizon.demo.jobs.catalogue import ImportCatalogue
from tests.waiting import until

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "horizon.cli.main", "demo"]
PATIENCE = 180.0
"""Seconds within which what is waited for must happen: five processes of a shop start, and a machine may be busy with other tests."""
LONGEST = ImportCatalogue.timeout
"""Seconds that a job of the shop may take: so long a worker waits that was told to stop."""


def started(*words: str, log: Path, **environ: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environ}
    with log.open("w") as out:
        return subprocess.Popen([*COMMAND, *words], env=env, stdout=out, stderr=subprocess.STDOUT, text=True, start_new_session=True)


def relatives(folder: Path) -> list[int]:
    """Every process that was started for the demo in this folder, however deep."""
    mark, found = f"SHOP_FOLDER={folder}".encode(), []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (path / "environ").read_bytes().split(b"\0") and (path / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.append(int(path.name))
        except OSError:
            continue
    return found


@dataclass(frozen=True, kw_only=True)
class Demo:
    process: subprocess.Popen[str]
    folder: Path
    log: Path
    address: str

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.address + path, timeout=PATIENCE) as response:
            body = response.read().decode()
        return json.loads(body) if response.headers["Content-Type"].startswith("application/json") else body

    def jobs(self, search: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.get(f"/horizon/api/jobs?limit=200&q={quote(search)}")["items"]
        return items

    def status_of(self, tag: str) -> str:
        """Of the order with this tag. The shop's page shows the latest ones only, whose jobs may wait where a machine is busy."""
        with closing(sqlite3.connect(self.folder / "shop.sqlite3")) as shop:
            (status,) = shop.execute("SELECT status FROM orders WHERE id = ?", [int(tag.removeprefix("order:"))]).fetchone()
        return str(status)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    here = tmp_path_factory.mktemp("demo")
    folder, log = here / "shop", here / "log"
    process = started("--port", "0", "--folder", str(folder), log=log)
    try:
        told = str(
            until(
                lambda: [line for line in log.read_text().splitlines() if line.startswith("Stop with Ctrl-C")] and log.read_text(), PATIENCE
            )
        )
        (address,) = [line.split()[-1] for line in told.splitlines() if line.startswith("The dashboard:")]
        yield Demo(process=process, folder=folder, log=log, address=address.removesuffix("/horizon"))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)


def test_work_is_done_and_one_job_has_failed_for_good(demo: Demo) -> None:
    def counts() -> dict[str, int] | None:
        found: dict[str, int] = demo.get("/horizon/api/jobs/dashboard")["counts"]
        return found if found["completed"] >= 20 and found["failed"] >= 1 else None

    assert until(counts, PATIENCE)
    failed = demo.jobs("state:failed class:ImportCatalogue")
    assert [(job["max_tries"], job["error"]["type"]) for job in failed] == [(1, "horizon.demo.catalogue.BrokenLine")]


def test_letters_reach_the_catcher(demo: Demo) -> None:
    letter = until(lambda: sorted((demo.folder / "mail").glob("*.eml")), PATIENCE)[0].read_text()
    assert "Subject: Your order" in letter
    assert "orders@corner-shop.example" in letter


def test_a_refused_recipient_fails_with_the_word_of_the_mail_server(demo: Demo) -> None:
    (job, *_) = until(lambda: demo.jobs("state:failed class:OrderConfirmation"), PATIENCE)
    assert (job["attempts"], job["error"]["type"]) == (3, "smtplib.SMTPRecipientsRefused")
    assert "gmial.example" in job["error"]["message"]


def test_reports_thumbnails_and_web_hooks_are_real(demo: Demo) -> None:
    report = until(lambda: list((demo.folder / "reports").glob("sales-*.csv")), PATIENCE)[0].read_text()
    assert report.startswith("day,category,orders,items,revenue\n")
    (told, *_) = until(lambda: demo.jobs("state:completed class:TellWarehouse"), PATIENCE)
    assert [demo.status_of(tag) for tag in told["tags"] if tag.startswith("order:")] == ["at the warehouse"]
    assert until(lambda: list((demo.folder / "thumbnails").glob("*-96.jpg")), PATIENCE)


def test_a_computation_that_takes_too_long_ends_by_its_timeout(demo: Demo) -> None:
    (job, *_) = until(lambda: demo.jobs("state:failed class:BoughtTogether"), PATIENCE)
    assert job["error"]["type"].endswith("JobTimeout")


def test_the_shop_sells_and_its_jobs_share_the_fate_of_the_order(demo: Demo) -> None:
    sell = urllib.request.Request(demo.address + "/orders", data=b"", headers={"Origin": demo.address})
    with urllib.request.urlopen(sell, timeout=PATIENCE) as response:
        placed = response.url.rpartition("=")[2]
    jobs = until(lambda: [job["name"].rpartition(":")[2] for job in demo.jobs(f"tag:order:{placed}")])
    assert sorted(jobs) == ["AskForReview", "OrderConfirmation", "TellWarehouse"]


def test_another_site_cannot_sell(demo: Demo) -> None:
    sell = urllib.request.Request(demo.address + "/orders", data=b"", headers={"Origin": "http://evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(sell, timeout=PATIENCE)


def test_a_worker_that_was_stopped_is_started_again_as_a_service_manager_would(demo: Demo) -> None:
    def workers() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = demo.get("/horizon/api/workers")["items"]
        return [worker for worker in found if worker["state"] == "running"]

    (first,) = until(workers, PATIENCE)
    os.kill(first["pid"], signal.SIGTERM)  # as it ends where somebody clicks Stop: in order
    until(lambda: "is started again" in demo.log.read_text(), LONGEST + PATIENCE)
    (second,) = until(lambda: [worker for worker in workers() if worker["id"] != first["id"]], PATIENCE)
    assert second["pid"] != first["pid"]


def test_a_port_that_is_taken_is_told_and_nothing_is_started(demo: Demo, tmp_path: Path) -> None:
    port, other = demo.address.rpartition(":")[2], tmp_path / "other"
    process = started("--folder", str(other), log=tmp_path / "log", PORT=port)
    assert process.wait(PATIENCE) == 1
    told = (tmp_path / "log").read_text()
    assert told.startswith(f"Error: port {port} is in use already; take another one:")
    assert "Traceback" not in told
    assert not other.exists()


def test_one_ctrl_c_stops_every_process(demo: Demo) -> None:
    """The last one: it ends the demo of this module."""
    assert len(relatives(demo.folder)) >= 5
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(PATIENCE) == 0
    assert until(lambda: not relatives(demo.folder))
    assert "Traceback" not in demo.log.read_text()
    port = int(demo.address.rpartition(":")[2])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_demo_that_is_killed_leaves_nobody_behind(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    process = started("--port", "0", "--folder", str(folder), log=tmp_path / "log")
    until(lambda: len(relatives(folder)) >= 5, PATIENCE)
    process.kill()
    process.wait()
    assert until(lambda: not relatives(folder), PATIENCE)
