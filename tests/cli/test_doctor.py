from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from horizon.cli.inspecting import filesystem, imports
from horizon.core.clock import SECOND
from horizon.schedule.leader import LOCK
from tests.cli.conftest import Site


def codes(horizon) -> dict[str, str]:
    return {one["code"]: one["severity"] for one in json.loads(horizon("doctor", "--json").output)["findings"]}


@pytest.fixture
def well(app: Flask, site: Site) -> Site:
    """An app with a key, a worker, and somebody who keeps house."""
    app.config["SECRET_KEY"] = "x"
    site.worker("w1")
    site.backend().locks.acquire(LOCK, "here:1", 60 * SECOND)
    return site


def test_a_bare_app_is_told_what_is_missing_and_ends_with_1(horizon) -> None:
    done = horizon("doctor")
    assert done.exit_code == 1
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert all(len(line) == 4 for line in lines)
    assert ["error", "no_worker", "No worker is running.", "horizon work"] in lines
    assert {"no_worker", "secret_key"} <= {line[1] for line in lines}


def test_where_all_is_well_it_says_so_and_ends_with_0(well: Site, horizon) -> None:
    done = horizon("doctor", "--json")
    wrong = [one for one in json.loads(done.output)["findings"] if one["severity"] != "note" and one["code"] not in ("memory", "disk")]
    assert wrong == []


def test_only_a_store_in_memory_is_wrong_with_the_app_of_these_tests(well: Site, horizon) -> None:
    assert codes(horizon).get("memory") == "warning"


def test_a_queue_that_nobody_serves_is_named(well: Site, horizon) -> None:
    well.worker("w1", queues=("mail",))
    well.push(2, queue="slow")
    found = json.loads(horizon("doctor", "--json").output)["findings"]
    (one,) = [one for one in found if one["code"] == "unserved"]
    assert "the queue slow of default, where 2 jobs wait" in one["sentence"]
    assert "--queue slow" in one["fix"]


def test_a_paused_queue_needs_nobody(well: Site, horizon) -> None:
    well.worker("w1", queues=("mail",))
    well.push(1, queue="slow")
    horizon("pause", "slow")
    assert "unserved" not in codes(horizon)


def test_workers_of_another_version_are_named(well: Site, horizon) -> None:
    well.worker("w1", version="0.0.1")
    assert codes(horizon)["old_horizon"] == "warning"


def test_a_closed_dashboard_is_told_until_there_is_a_user(app: Flask, well: Site, horizon) -> None:
    app.config["HORIZON_AUTH"] = None
    assert codes(horizon)["closed"] == "warning"
    horizon("users", "add", "ana", "--role", "admin", "--password-stdin", input="correct horse battery staple\n")
    assert "closed" not in codes(horizon)


def test_modules_that_cannot_be_imported_are_told_why() -> None:
    ((module, why),) = imports(["json", "shop_that_is_not_there"])
    assert module == "shop_that_is_not_there"
    assert why.startswith("ModuleNotFoundError")


def test_a_store_that_cannot_be_opened_is_a_finding_not_a_failure(app: Flask, tmp_path: Path, horizon) -> None:
    (tmp_path / "jobs.db").write_text("this is no database " * 100)
    assert codes(horizon)["store"] == "error"


def test_the_file_system_of_a_path_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/a / ext4 rw 0 0\nhost:/x /srv nfs4 rw 0 0\n/dev/b /srv/fast\\040disk xfs rw 0 0\n")
    assert filesystem("/srv/jobs.db", str(mounts)) == "nfs4"
    assert filesystem("/srv/fast disk/jobs.db", str(mounts)) == "xfs"
    assert filesystem("/srvx/jobs.db", str(mounts)) == "ext4"
    assert filesystem("/srv/jobs.db", str(tmp_path / "none")) == ""
