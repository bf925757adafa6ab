from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from horizon.cli.inspecting import filesystem, imports
from horizon.core.clock import SECOND
from horizon.schedule.leader import LOCK
from tests.cli.conftest import Site, shop, typed


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
    # the machine's own, what servers of tests do without, and encrypted classes of other tests, which live in this process
    surroundings = ("memory", "disk", "server", "keys")
    wrong = [one for one in json.loads(done.output)["findings"] if one["severity"] != "note" and one["code"] not in surroundings]
    assert wrong == []


def test_a_store_in_memory_is_told(tmp_path: Path, url: str) -> None:
    assert codes(partial(typed, shop(tmp_path, url, "memory://"))).get("memory") == "warning"


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


def test_a_store_that_cannot_be_opened_is_a_finding_not_a_failure(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").write_text("this is no database " * 100)
    assert codes(partial(typed, shop(tmp_path, f"sqlite:///{tmp_path / 'jobs.db'}")))["store"] == "error"


def test_the_file_system_of_a_path_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/a / ext4 rw 0 0\nhost:/x /srv nfs4 rw 0 0\n/dev/b /srv/fast\\040disk xfs rw 0 0\n")
    assert filesystem("/srv/jobs.db", str(mounts)) == "nfs4"
    assert filesystem("/srv/fast disk/jobs.db", str(mounts)) == "xfs"
    assert filesystem("/srvx/jobs.db", str(mounts)) == "ext4"
    assert filesystem("/srv/jobs.db", str(tmp_path / "none")) == ""


# staged: what each finding of the field looks like, and that it goes when it is put right --------------------------------


def found(horizon, code: str) -> list[dict[str, str]]:
    return [one for one in json.loads(horizon("doctor", "--json").output)["findings"] if one["code"] == code]


def test_a_worker_of_older_code_is_named_with_the_way_to_new_code(app: Flask, well: Site, horizon, monkeypatch) -> None:
    state = app.extensions["horizon"]
    monkeypatch.setitem(state.settings.values, "HORIZON_CODE_VERSION", "v2")
    well.worker("w1", code_version="v1")
    (one,) = found(horizon, "old_code")
    assert "here:1 runs older code than the newest there is (v1)" in one["sentence"]
    assert "horizon restart here:1" in one["fix"]
    assert "environment" in one["fix"]


def test_code_that_cannot_be_compared_is_a_note_not_a_fault(app: Flask, well: Site, horizon, monkeypatch) -> None:
    well.worker("w1", code_version="v1")
    (one,) = found(horizon, "code_version")
    assert one["severity"] == "note"
    assert "here HORIZON_CODE_VERSION is not set" in one["sentence"]
    monkeypatch.setitem(app.extensions["horizon"].settings.values, "HORIZON_CODE_VERSION", "v2")
    well.worker("w1", code_version=None)
    (one,) = found(horizon, "code_version")
    assert "does not say which code it runs; here it is v2" in one["sentence"]


def test_clocks_that_are_apart_are_told(well: Site, horizon, monkeypatch) -> None:
    backend = well.backend()
    here = backend.now()
    monkeypatch.setattr(backend, "now", lambda: here + 90 * SECOND)
    (one,) = [one for one in found(horizon, "clock") if "store default" in one["sentence"]]
    assert "before this machine's" in one["sentence"]


def test_settings_that_contradict_each_other_are_told(app: Flask, well: Site, horizon, monkeypatch) -> None:
    for name, value in (("HORIZON_LEASE", 5.0), ("HORIZON_SQLITE_BUSY_TIMEOUT", 10.0), ("HORIZON_KEEP_FAILED", 60.0)):
        monkeypatch.setitem(app.extensions["horizon"].settings.values, name, value)
    told = [one["sentence"] for one in found(horizon, "settings")]
    assert any("HORIZON_SQLITE_BUSY_TIMEOUT (10 s) is not below HORIZON_LEASE (5 s)" in one for one in told)
    assert any("HORIZON_KEEP_FAILED (60 s) is shorter than HORIZON_UNDO" in one for one in told)


def test_a_missing_secret_key_is_an_error_as_soon_as_people_sign_in(app: Flask, well: Site, horizon) -> None:
    app.config["SECRET_KEY"] = None
    assert found(horizon, "secret_key")[0]["severity"] == "warning"
    app.config["HORIZON_AUTH"] = None
    horizon("users", "add", "ana", "--role", "admin", "--password-stdin", input="correct horse battery staple\n")
    assert found(horizon, "secret_key")[0]["severity"] == "error"


def test_a_worker_that_ends_leaves_nobody(well: Site, horizon) -> None:
    assert found(horizon, "no_worker") == []
    well.backend().sessions.close("w1")
    well.push(2)
    assert found(horizon, "no_worker")[0]["sentence"] == "No worker is running, and 2 jobs wait."
