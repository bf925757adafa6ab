from __future__ import annotations

import json

from horizon.backends.values import Want
from horizon.core.audit import AuditQuery
from horizon.core.effect import Noted
from horizon.core.outcome import Kind, Outcome
from horizon.jobs.idempotent import named
from tests.cli.conftest import Site


def took_place(site: Site, *names: str) -> str:
    """A job of which these are the effects; its id."""
    (id,) = site.push()
    (got,) = site.backend().turn([], Want(session=site.worker(), executor=0, count=1)).reservations
    end = Outcome(id=got.id, ref=got.ref, token=got.token, kind=Kind.COMPLETED, effects=tuple(Noted(name, None) for name in names))
    site.backend().turn([end])
    return id


def test_what_took_place_is_told_with_its_job(site: Site, horizon) -> None:
    id = took_place(site, "charge:42", named("shop:Mail", "order-7"))
    told = horizon("effects", "show", "charge:42").stdout
    assert told.startswith("charge:42 took effect ")
    assert told.endswith(f", in job {id}.\n")
    assert json.loads(horizon("effects", "show", "order-7", "--job", "shop:Mail", "--json").stdout)["job_id"] == id


def test_what_did_not_is_no_success(horizon) -> None:
    told = horizon("effects", "show", "charge:43")
    assert (told.exit_code, "no effect 'charge:43' is known: it has not taken place" in told.stderr) == (1, True)
    assert "of 'shop:Mail'" in horizon("effects", "show", "charge:43", "--job", "shop:Mail").stderr


def test_what_is_forgotten_can_take_place_again_and_the_audit_log_knows_who_did_it(site: Site, horizon) -> None:
    took_place(site, "charge:42")
    assert horizon("effects", "forget", "charge:42", "--yes").stdout == "Forgotten: charge:42 can take place again.\n"
    assert site.backend().effects.get(["charge:42"]) == {}
    entry = site.backend().audit.find(AuditQuery()).items[0]
    assert (entry.verb, entry.target, entry.origin) == ("forget effect", "charge:42", "cli")
    again = horizon("effects", "forget", "charge:42", "--yes")
    assert (again.exit_code, "there is nothing to forget" in again.stderr) == (1, True)


def test_of_a_connection_that_is_not_there_it_says_which_there_are(horizon) -> None:
    assert "there are: default, archive" in horizon("effects", "show", "a", "--connection", "backup").stderr
