from __future__ import annotations

import json

from horizon.backends import circuits
from horizon.backends.circuits import Circuit
from horizon.core.clock import HOUR, MINUTE, SECOND
from horizon.core.limit import Limit
from tests.cli.conftest import Site

SMTP = Circuit(service="smtp", fail_max=5, within=MINUTE, reset=30 * SECOND)


def rows(output: str) -> list[dict[str, str]]:
    head, *lines = output.splitlines()
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


def test_where_nothing_holds_anything_back_that_is_said_on_the_other_channel(horizon) -> None:
    for verb in ("limits", "circuits"):
        done = horizon(verb)
        assert (done.exit_code, done.stdout) == (0, "")


def test_limits_are_listed_with_who_waits(site: Site, horizon) -> None:
    site.push(5, queue="mail", limits=(Limit(key="queue mail", most=2, per=HOUR),))
    site.push(2, queue="video", limits=(Limit(key="queue video, at once", most=1, strategy="concurrent"),))
    mail, video = rows(horizon("limits").output)
    assert (mail["limit"], mail["allows"], mail["used"], mail["waiting"]) == ("queue mail", "2 times in 1 h", "0", "3")
    assert (video["limit"], video["allows"], video["waiting"]) == ("queue video, at once", "1 at a time", "1")
    (first, _) = json.loads(horizon("limits", "--json").output)["items"]
    assert (first["key"], first["most"], first["per_seconds"], first["waiting"]) == ("queue mail", 2, 3600, 3)
    assert len(rows(horizon("limits", "--limit", "1").output)) == 1


def test_a_circuit_is_listed_and_closed(site: Site, horizon) -> None:
    circuits.enlist(site.backend(), SMTP)
    circuits.open_it(site.backend(), SMTP, circuits.OPEN)
    (line,) = rows(horizon("circuits").output)
    assert (line["service"], line["state"], line["opens after"]) == ("smtp", "open", "5 failures within 1 min")
    assert line["next try"].startswith("in ")
    (one,) = json.loads(horizon("circuits", "--json").output)["items"]
    assert (one["service"], one["state"], one["fail_max"]) == ("smtp", "open", 5)
    assert horizon("circuits", "close", "smtp").output.startswith("Closed the circuit smtp: jobs use it again")
    assert circuits.state(site.backend(), "smtp") is circuits.State.CLOSED
    assert site.backend().audit.list()[0].verb == "close circuit"
    again = horizon("circuits", "close", "smtp")
    assert again.exit_code == 1
    assert "the circuit smtp is closed" in again.output + again.stderr
