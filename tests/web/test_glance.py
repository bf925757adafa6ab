"""What viewers share, and what they do not: reads of the store are counted."""

from __future__ import annotations

import re
from collections import Counter
from copy import copy
from html import unescape
from threading import Thread
from typing import Any

import pytest

from horizon.backends import outages
from horizon.backends.values import ActParams, Verb
from horizon.core.clock import MINUTE, monotonic
from horizon.core.errors import BackendUnavailable
from horizon.core.query import Selection
from horizon.monitor import dear, stats, tags, tail
from horizon.web import glance
from horizon.web.glance import Glances
from tests.web.pages.conftest import HTMX, Page
from tests.web.pages.stage import Stage
from tests.web.sights import scheduled

VIEWERS = 50
BASE = ("get", "many", "find", "hidden", "causes", "spread", "oldest", "remaining", "version")
NOUNS = ("sessions", "numbers", "audit", "queues", "operations", "locks", "inbox", "accounts", "notes", "tags")


class Counted:
    """A store, or one of its nouns, that counts what it is asked."""

    def __init__(self, store: Any, asked: Counter[str], noun: str = "") -> None:
        self.__dict__.update(store=store, asked=asked, noun=noun)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.store, name)
        if not self.noun and name in NOUNS:
            return Counted(found, self.asked, f"{name}.")
        if not self.noun and name not in BASE:
            return found

        def ask(*args: Any, **named: Any) -> Any:
            self.asked[self.noun + name] += 1
            return found(*args, **named)

        return ask


@pytest.fixture
def still(monkeypatch) -> list[float]:
    """A clock that only the test moves, for everything that is shared for a while: `[seconds]`."""
    at = [monotonic()]
    for shares in (glance, stats, tags, dear, tail, outages):
        monkeypatch.setattr(shares, "monotonic", lambda: at[0])
    return at


@pytest.fixture
def stage():
    made = Stage().plenty()
    scheduled(made, ("a duplicate",))
    made.clock.at += MINUTE - made.clock.at % MINUTE  # no minute turns over within a test: what is over then is read once more
    made.asked = Counter()
    made.runtime._backends["default"] = Counted(made.store, made.asked)
    made.names = iter(f"viewer{number}" for number in range(10_000))
    yield made
    made.runtime.close()


def paths(stage) -> dict[str, str]:
    return {
        "overview": "/", "jobs": "/jobs", "search": "/jobs?q=error:SMTP&after=24h", "open row": f"/jobs?open={stage.tried}",
        "failed": "/failed", "causes": "/failed?view=causes", "queues": "/queues", "queue": "/queues/emails", "schedules": "/schedules", "schedule": "/schedules/emails", "workers": "/workers",
        "worker": "/workers/w1", "job": f"/jobs/{stage.tried}", "audit": "/audit", "removed": "/removed", "operations": "/operations",
        "monitoring": "/monitoring", "tag": "/monitoring/jobs?tag=order_confirmation", "views": "/views",
        "metrics": "/metrics", "metrics of 90 days": "/metrics?range=90d&view=charts", "metrics of a queue": "/metrics/queues/emails",
    }  # fmt: skip


PAGES = list(paths(type("Stage", (), {"tried": ""})))


class Viewer:
    """Somebody with a page open, which asks for news as our script does."""

    def __init__(self, stage: Stage, path: str) -> None:
        self.stage, self.path = stage, path
        self.learn(stage.client.get(f"/horizon{path}").text)

    def learn(self, html: str) -> None:
        (given,) = Page(html).all("div", id="live")
        self.headers = dict(re.findall(r'"([A-Za-z-]+)": "((?:[^"\\]|\\.)*)"', unescape(given["hx-headers"])))
        self.headers["If-None-Match"] = self.headers["If-None-Match"].replace('\\"', '"')

    def times(self, count: int) -> list[Viewer]:
        """As many who opened the page at the same moment."""
        return [self, *(copy(self) for _ in range(count - 1))]

    def ask(self, **headers: str) -> Any:
        answer = self.stage.client.get(f"/horizon{self.path}", headers={**HTMX, "HX-Target": "live", **self.headers, **headers})
        if answer.status_code == 200:
            self.learn(answer.text)
        return answer


@pytest.mark.parametrize("page", PAGES)
def test_fifty_viewers_cost_the_store_what_one_does_though_everything_changes_between_them(stage, still, page):
    stage.app.config["HORIZON_AUTH"] = lambda request: {"name": next(stage.names), "role": "admin"}
    viewers = Viewer(stage, paths(stage)[page]).times(VIEWERS)
    costs = []
    for asking in (viewers[:1], viewers):
        still[0] += 2
        stage.fail()
        stage.asked.clear()
        answers = []
        for viewer in asking:
            answers.append(viewer.ask().status_code)
            stage.fail(queue="reports")
        assert set(answers) == {200}
        costs.append(stage.asked.total())
    assert costs[0] > 1
    assert costs[1] <= costs[0], (costs, stage.asked)


@pytest.mark.parametrize("takes", [0.02, 0.3])
def test_on_a_slow_machine_too_many_viewers_read_no_more_often_than_one(stage, still, takes):
    """Each asks every two seconds, one after another, and waits `takes` seconds for an answer."""
    read, first = [], Viewer(stage, "/workers")
    for viewers in (first.times(1), first.times(10)):
        stage.asked.clear()
        begun, due = still[0], [still[0] + 2 + number / len(viewers) for number in range(len(viewers))]
        while (turn := min(due)) < begun + 10:
            number = due.index(turn)
            still[0] = max(still[0], turn)
            stage.fail()
            assert viewers[number].ask().status_code == 200
            still[0] += takes
            due[number] = max(turn + 2, still[0])
        read.append(stage.asked["numbers.counts"] / (still[0] - begun))
    assert read[1] <= read[0] * 1.3, read


@pytest.mark.parametrize("page", ["metrics", "metrics of a queue", "queue"])
def test_the_latest_minutes_are_read_once_for_the_figures_around_a_page_and_for_the_page(stage, still, page):
    viewer = Viewer(stage, paths(stage)[page])
    still[0] += 2
    stage.fail()
    stage.asked.clear()
    assert viewer.ask().status_code == 200
    assert (stage.asked["numbers.latest"], stage.asked["numbers.samples"]) == (1, 0)


def test_with_nothing_new_fifty_viewers_ask_for_the_version_and_get_nothing(stage, still):
    viewers = Viewer(stage, "/jobs").times(VIEWERS)
    still[0] += 2
    stage.asked.clear()
    assert {viewer.ask().status_code for viewer in viewers} == {204}
    assert set(stage.asked) == {"version"}
    assert stage.asked.total() <= 4


def test_a_store_that_is_away_is_asked_by_one_of_fifty_viewers_and_the_others_do_not_wait(stage, still, monkeypatch):
    viewers = Viewer(stage, "/jobs").times(VIEWERS)
    asked: list[float] = []
    meanwhile: list[int] = []

    def away() -> int:
        asked.append(still[0])
        if len(asked) == 2:
            other = Thread(target=lambda: meanwhile.append(viewers[1].ask().status_code))
            other.start()
            other.join(30)
        still[0] += 2  # which is longer than a glance lasts
        raise BackendUnavailable("the store is away")

    with monkeypatch.context() as gone:
        gone.setattr(stage.store, "version", away)
        for times in (1, 2):
            assert {viewer.ask().status_code for viewer in viewers} == {503}
            assert len(asked) == times
            still[0] += outages.RETRY
    assert meanwhile == [503]
    assert {viewer.ask().status_code for viewer in viewers} <= {200, 204}


def test_each_sees_what_they_may_though_the_reading_is_shared(stage, still):
    secret = stage.push(args={"to_email": "ana@secret.example"})
    stage.app.config["HORIZON_AUTH"] = lambda request: {"name": "x", "role": request.headers["Role"]}
    path = f"/horizon/jobs/{secret}"
    seen = {}
    for role in ("admin", "viewer", "operator"):
        answer = stage.client.get(path, headers={**HTMX, "HX-Target": "live", "Horizon-Seen": "0", "Role": role})
        seen[role] = ("ana@secret.example" in answer.text, "Cancel" in answer.text)
    assert seen == {"admin": (True, True), "viewer": (False, False), "operator": (True, True)}


def test_after_an_act_its_own_page_is_read_anew_and_so_are_the_others_from_then_on(stage, still):
    id = stage.push()
    one, other = Viewer(stage, f"/jobs/{id}"), Viewer(stage, f"/jobs/{id}")
    still[0] += 2
    one.ask(), other.ask()
    stage.store.act(Selection(ids=(id,)), Verb.CANCEL)  # by another process
    assert "cancelled" not in other.ask().text
    assert "cancelled" in one.ask(**{"Horizon-Afresh": "1"}).text
    assert "cancelled" in other.ask().text


def test_a_page_never_goes_back_to_what_was_before_it(stage, still):
    id = stage.push()
    Viewer(stage, f"/jobs/{id}").ask()
    stage.store.act(Selection(ids=(id,)), Verb.PRIORITIZE, ActParams(priority=20))
    later = Viewer(stage, f"/jobs/{id}")
    stage.store.act(Selection(ids=(id,)), Verb.CANCEL)
    assert "cancelled" in later.ask().text, "the shared glance was older than this page"


def test_a_glance_ends_before_the_same_page_asks_again(stage, still):
    id = stage.push()
    viewer = Viewer(stage, f"/jobs/{id}")
    still[0] += 2
    viewer.ask()
    stage.store.act(Selection(ids=(id,)), Verb.CANCEL)
    still[0] += float(stage.app.extensions["horizon"].settings.LIVE_SECONDS)
    assert "cancelled" in viewer.ask().text


def test_rows_that_differ_are_read_once_each(stage, still):
    first, second = [stage.push() for _ in range(3)], stage.push()
    asked: list[list[str]] = []
    store = stage.store

    class Many:
        many = staticmethod(lambda ids: asked.append(list(ids)) or store.many(ids))

    one = Glances(stage.runtime, stage.app.extensions["horizon"].stats, 2.0).own()
    assert [record.id for record in one.many("default", Many, first)] == first
    assert [record.id for record in one.many("default", Many, [second, first[1], "gone"])] == [second, first[1]]
    assert asked == [first, [second, "gone"]]


def test_a_store_that_does_not_answer_is_asked_by_one_of_them_and_again_by_the_next_glance(stage, still, monkeypatch):
    viewers = Viewer(stage, "/jobs").times(VIEWERS)
    still[0] += 2
    asked = []

    def dead() -> int:
        asked.append(1)
        raise BackendUnavailable("the store is away")

    with monkeypatch.context() as away:
        away.setattr(stage.store, "version", dead)
        assert {viewer.ask().status_code for viewer in viewers} == {503}
        assert len(asked) == 1
    still[0] += 2
    stage.push()
    assert {viewer.ask().status_code for viewer in viewers} == {200}


@pytest.mark.parametrize("seen", ["", "-1", "1e9", "²", "9" * 400, "many"])
def test_a_version_that_is_none_is_as_good_as_nothing(stage, seen):
    assert stage.client.get("/horizon/jobs", headers={**HTMX, "HX-Target": "live", "Horizon-Seen": seen}).status_code == 200
