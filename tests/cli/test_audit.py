from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from horizon.core.audit import AuditEntry
from tests.cli.conftest import Site
from tests.conformance.test_audit_chain import tamper


@pytest.fixture
def log(site: Site) -> Site:
    for actor, verb, target in (("ana", "retry", "queue:emails"), ("bob", "pause", "queue:images"), ("ana", "pause", "queue:\x1b[31mred")):
        site.backend().audit.append(AuditEntry(actor=actor, verb=verb, target=target, detail="why", origin="web"))
    return site


def test_entries_are_listed_and_filtered_and_nothing_in_them_paints_the_terminal(log: Site, horizon) -> None:
    told = horizon("audit", "list", "--verb", "pause").stdout
    assert "queue:images: why" in told
    assert "retry" not in told
    assert "\x1b" not in told
    items = json.loads(horizon("audit", "list", "--actor", "ana", "--after", "1h", "--limit", "1", "--json").stdout)["items"]
    assert [(item["actor"], item["verb"]) for item in items] == [("ana", "pause")]
    assert horizon("audit", "list", "--actor", "eve").stderr == "Nobody has done anything like that.\n"


def test_a_whole_log_is_told_with_the_hash_that_one_can_keep_and_ask_for_later(log: Site, horizon) -> None:
    told = horizon("audit", "verify", "--connection", "default").stdout
    assert told.startswith("Connection default: 3 entries, each as it was written. The last is number 3, hash\n")
    hash = told.split()[-1]
    assert "that of number 3.\n" in horizon("audit", "verify", "--connection", "default", "--expect", hash).stdout
    refused = horizon("audit", "verify", "--connection", "default", "--expect", "f" * 64)
    assert (refused.exit_code, "is nowhere in it" in refused.stdout) == (1, True)
    assert horizon("audit", "verify", "--connection", "default", "--expect", "abc").exit_code == 2


def test_a_changed_entry_makes_it_fail_and_is_named_with_what_it_says_now(log: Site, horizon) -> None:
    horizon("audit", "verify", "--connection", "default")
    tamper(SimpleNamespace(backend=log.backend()), "edit", 2)
    told = horizon("audit", "verify", "--connection", "default")
    assert told.exit_code == 1
    assert "does not hold at number 2" in told.stdout
    assert "eve  pause" in told.stdout
    assert "1 entry before it fit." in told.stdout
    (found,) = json.loads(horizon("audit", "verify", "--connection", "default", "--json").stdout)["items"]
    assert (found["holds"], found["fault"]["link"]) == (False, 2)
