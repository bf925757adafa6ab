from __future__ import annotations

import signal

import pytest

from horizon.worker import crowd
from horizon.worker.options import parse
from horizon.worker.signals import WATCHED, Signals
from horizon.worker.told import Told


def told(**values: object) -> Told:
    known = {"connections": ["default", "redis", "far"], "homes": {"": ["default"], "mails": ["redis", "default"], "inline": []}}
    return Told(values={**known, **values}, location="here", warnings=(), problems=())


@pytest.mark.parametrize(
    ("flags", "serves"),
    [
        ([], ("default", "redis", "far")),
        (["--connection", "far"], ("far",)),
        (["--queue", "reports"], ("default",)),
        (["--queue", "mails,reports"], ("default", "redis")),
        (["--queue", "inline"], ()),
    ],
)
def test_a_worker_serves_the_connections_in_which_its_queues_may_have_jobs(flags: list[str], serves: tuple[str, ...]) -> None:
    assert crowd.serving(parse(flags), told()) == serves


def test_what_is_passed_on_to_a_guardian_that_is_only_starting_waits_until_it_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    masks = []
    monkeypatch.setattr(crowd.subprocess, "Popen", lambda *command, **how: masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, ())))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    crowd.Member("default", [], finite=False).look(stopping=False)
    assert masks == [before | set(WATCHED)]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_an_app_of_one_store_needs_no_crowd() -> None:
    assert crowd.serving(parse([]), Told(values={"connections": ["default"]}, location="", warnings=(), problems=())) == ("default",)


@pytest.mark.parametrize("flags", [["--once"], ["--max-jobs", "3"]])
def test_what_counts_jobs_asks_for_one_connection(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    ears = Signals()
    assert crowd.run(parse(flags), ("default", "redis"), flags, ears) == 2
    ears.close()
    assert "--connection" in capsys.readouterr().err
