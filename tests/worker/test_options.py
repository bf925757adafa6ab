from __future__ import annotations

import pytest

from horizon.worker import config
from horizon.worker.options import parse
from horizon.worker.orders import Orders, decode
from horizon.worker.plan import plan
from horizon.worker.told import Told, read

VALUES = {
    "url": "sqlite:////secret/x.db",
    "lease": 15.0,
    "grace": 2.0,
    "cancel_grace": 10.0,
    "boot_timeout": 60.0,
    "busy_timeout": 10.0,
    "processes": 2,
    "concurrency": 4,
    "memory": 300,
    "code_version": "r7",
}


def planned(*argv, **changes):
    told = Told(values={**VALUES, **changes}, location="here", warnings=(), problems=("a problem",))
    return plan(parse(list(argv)), told)


def test_without_flags_the_settings_decide():
    made = planned()
    assert (made.processes, made.concurrency, made.memory, made.queues, made.finite) == (2, 4, 300, (), False)
    assert (made.code_version, made.problems) == ("r7", ("a problem",))


def test_flags_win_over_settings():
    made = planned("--processes", "3", "--concurrency", "1", "--memory", "0", "--queue", "a, b,a")
    assert (made.processes, made.concurrency, made.memory, made.queues) == (3, 1, 0, ("a", "b"))


def test_one_job_needs_one_slot_only():
    made = planned("--once", "--processes", "3", "--concurrency", "5")
    assert (made.processes, made.concurrency, made.finite) == (1, 1, True)


def test_the_guardian_never_waits_long_for_a_lock():
    assert planned().store["busy_timeout"] == 1.0
    assert planned(lease=1.5).store["busy_timeout"] == 0.2
    assert planned(busy_timeout=0.1).store["busy_timeout"] == 0.1


def test_an_executor_is_told_its_part_and_nothing_secret():
    made = planned(
        "--queue", "a", "--fair", "--timeout", "1.5", "--tries", "7", "--max-jobs", "9", "--max-time", "8", "--stop-when-empty", "-v"
    )
    orders = made.orders("session", 3, 1)
    assert (orders.session, orders.number, orders.queues, orders.fair) == ("session", 3, ("a",), True)
    assert (orders.timeout, orders.tries, orders.max_jobs, orders.place) == (1.5, 7, 9, 1)
    assert (orders.stop_when_empty, orders.once, orders.verbose) == (True, False, True)
    assert b"secret" not in orders.encode()


def test_orders_survive_the_pipe():
    orders = Orders(session="s", number=1, worker="w", guardian=2, queues=("a", "b"), timeout=0.5)
    assert decode(orders.encode()) == orders
    assert orders.encode().count(b"\n") == 1


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--concurrency", "0"], "expected 1 to 1000 slots, got '0'"),
        (["--processes", "many"], "expected 1 to 256 processes, got 'many'"),
        (["--timeout", "-1"], "seconds, got '-1'"),
        (["--sleep", "nan"], "seconds, got 'nan'"),
        (["--queue", "a b"], "got 'a b'"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_a_wrong_flag_is_refused_with_what_came(argv, words, capsys):
    with pytest.raises(SystemExit) as ended:
        parse(argv)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_what_the_app_tells_is_read_back():
    told = read(b'{"location": "here", "warnings": ["w"], "problems": [], "lease": 15, "code_version": null}')
    assert (told.location, told.warnings, told.problems, told.number("lease")) == ("here", ("w",), (), 15)
    with pytest.raises(TypeError, match="code_version"):
        told.number("code_version")


@pytest.mark.parametrize("text", ["", " , "])
def test_an_empty_list_of_queues_is_refused_and_does_not_mean_every_queue(text, capsys):
    with pytest.raises(SystemExit) as ended:
        parse(["--queue", text])
    assert ended.value.code == 2
    assert "leave --queue out to serve every queue" in capsys.readouterr().err


def test_the_app_may_be_named_with_the_short_flag_as_for_every_verb():
    assert parse(["-A", "shop:app"]).app == "shop:app"


def test_the_environment_says_what_flags_leave_out():
    environ = {"QUEUE_WORKER_TIMEOUT": "90", "QUEUE_WORKER_MEMORY": "512", "QUEUE_WORKER_SLEEP": "3", "QUEUE_WORKER_TRIES": "3"}
    asked = parse(["--timeout", "5"], environ)
    assert (asked.timeout, asked.memory, asked.sleep, asked.tries) == (5.0, 512, 3.0, 3)
    assert (asked.flags, asked.environment) == ({"timeout"}, {"memory", "sleep", "tries"})
    assert parse([], {}).sleep == 1.0


def test_a_variable_that_is_no_number_is_named(capsys):
    with pytest.raises(SystemExit) as ended:
        parse([], {"QUEUE_WORKER_TRIES": "many"})
    assert ended.value.code == 2
    assert "QUEUE_WORKER_TRIES (from the environment): expected 1 to 10000 tries, got 'many'" in capsys.readouterr().err


def test_short_names_of_levels_serve_the_levels_of_the_default_queue_too():
    assert parse(["--queue", "high,emails_high,default,low"], {}).queues == (
        "high", "default_high", "emails_high", "default", "low", "default_low",
    )  # fmt: skip
    assert parse(["--queue", "default_high,high"], {}).queues == ("default_high", "high")


def test_what_a_worker_goes_by_is_told_with_where_it_comes_from():
    told = Told(values={**VALUES, "timeout": 60.0, "max_tries": 3}, location="here", warnings=(), problems=())
    made = plan(parse(["--processes", "3", "--queue", "a"], {"QUEUE_WORKER_SLEEP": "3"}), told)
    found = {line.name: (line.value, line.origin) for line in config.lines(made, told)}
    assert found["queues"] == ("a", "--queue")
    assert found["processes"] == ("3", "--processes")
    assert found["concurrency"] == ("4", "HORIZON_CONCURRENCY")
    assert found["sleep"] == ("3", "QUEUE_WORKER_SLEEP")
    assert (found["timeout"], found["tries"]) == (("60", "HORIZON_TIMEOUT"), ("3", "HORIZON_MAX_TRIES"))
    assert found["max_jobs"] == ("0", "default")
