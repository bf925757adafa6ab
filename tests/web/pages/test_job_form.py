from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum

import pytest

from horizon import Job
from horizon.core.envelope import Envelope
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.jobs.codec import decode
from tests.stores.lending import fresh
from tests.web.pages.conftest import AT, SAME, Page
from tests.web.pages.stage import NASTY, Stage, failure


class Paper(Enum):
    A4 = "a4"
    LETTER = "letter"


class PrintReport(Job):
    name = "form-tests:print-report"
    queue = "reports"

    def __init__(
        self, title: str, copies: int = 1, *, paper: Paper = Paper.A4, day: date | None = None, at: datetime | None = None, draft: bool = False,
        price: Decimal = Decimal("0.10"), wait: timedelta | None = None, password: str | None = None, more: dict | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if copies > 99:
            raise ValueError("the printer takes 99 copies at most")

    def handle(self) -> None: ...


ARGS = {
    "title": "Sales", "copies": 3, "paper": Paper.LETTER, "day": date(2026, 11, 22), "at": datetime(2026, 11, 22, 14, 0, tzinfo=UTC),
    "draft": True, "price": Decimal("1.50"), "wait": timedelta(minutes=2), "password": "hunter2", "more": {"a": [1, 2], "token": "t0p"},
}  # fmt: skip


@pytest.fixture
def failed(stage: Stage) -> str:
    stage.worker()
    return stage.fail("form-tests:print-report", args=ARGS, queue="reports", priority=7, tags=("sales",))


def fields(page: Page) -> dict[str, str]:
    """What a browser would send of the form that is shown."""
    found, select = {}, None
    for tag, attrs in page.elements:
        if tag == "input" and attrs.get("name") and attrs["name"] not in ("q", "back"):
            found[attrs["name"]] = attrs.get("value", "")
        if tag == "select":
            select = attrs["name"]
        if tag == "option" and "selected" in attrs and select:
            found[select] = attrs["value"]
    found.update(page.areas)
    return found


@pytest.fixture
def open_form(stage: Stage):
    def at(path: str) -> dict[str, str]:
        return fields(FormPage(stage.client.get(f"/horizon{path}").text))

    return at


class FormPage(Page):
    """A page that also keeps what stands in its textareas."""

    def __init__(self, html: str) -> None:
        self.areas: dict[str, str] = {}
        self._in: str | None = None
        super().__init__(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag == "textarea":
            self._in = dict(attrs)["name"]
            self.areas[self._in] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.areas[self._in] = self.areas[self._in].removeprefix("\n")
            self._in = None

    def handle_data(self, data: str) -> None:
        super().handle_data(data)
        if self._in:
            self.areas[self._in] += data


def index(name: str) -> str:
    return f"a{list(ARGS).index(name)}"


def newest(stage: Stage):
    found = stage.store.find(JobQuery(name="form-tests:print-report", limit=1)).items[0]
    return stage.store.get(found.id)


def test_the_form_shows_every_argument_in_a_field_of_its_kind(stage, failed, look):
    page = look(f"/jobs/{failed}/edit")
    assert page.all("input", name="a0", value="Sales")
    assert page.all("input", name="a1", value="3", inputmode="numeric")
    assert page.all("input", name="a3", type="date", value="2026-11-22")
    assert page.all("input", name="a4", type="datetime-local", value="2026-11-22T14:00:00")
    assert page.all("input", name="a4.zone", value="UTC")
    assert page.all("input", name="a7", value="120")
    assert "LETTER ('letter')" in page.text


def test_a_secret_is_never_written_into_the_form_and_stays_what_it_is(stage, failed, open_form, act):
    html = stage.client.get(f"/horizon/jobs/{failed}/edit").text
    assert "hunter2" not in html
    assert "t0p" not in html
    sent = open_form(f"/jobs/{failed}/edit")
    act(f"/jobs/{failed}/edit", **{**sent, "a0": "Sales, corrected", "sure": "1"})
    assert decode(newest(stage).payload) == {**ARGS, "title": "Sales, corrected"}


def test_the_difference_is_shown_before_anything_is_pushed(stage, failed, open_form, act):
    sent = open_form(f"/jobs/{failed}/edit")
    answer = act(f"/jobs/{failed}/edit", **{**sent, "a1": "5", "a2": "0", "a8": "correct horse", "a8.is": "keep"})
    page = FormPage(answer.text)
    assert "3 arguments changed, 7 kept" in page.text
    for shown in ("Paper.LETTER", "Paper.A4", "copies", "••••••"):
        assert shown in page.text
    assert newest(stage).id == failed
    pushed = act(f"/jobs/{failed}/edit", **{**fields(page), "sure": "1"})
    assert pushed.status_code == 303
    made = newest(stage)
    assert pushed.location.endswith(made.id)
    assert decode(made.payload) == {**ARGS, "copies": 5, "paper": Paper.A4, "password": "correct horse"}


def test_the_new_job_goes_the_way_of_the_old_one_and_each_names_the_other(stage, failed, open_form, act, look):
    act(f"/jobs/{failed}/edit", **{**open_form(f"/jobs/{failed}/edit"), "a1": "4", "sure": "1"})
    made = newest(stage)
    assert (made.queue, made.priority, made.state) == ("reports", 7, JobState.PENDING)
    assert made.tags == ("sales", f"from:{failed}")
    assert stage.store.get(failed).state is JobState.FAILED
    assert "Made from this one" in look(f"/jobs/{failed}").text
    assert look(f"/jobs/{made.id}").all("a", href=f"/horizon/jobs/{failed}")
    entry = stage.store.audit.list(limit=1)[0]
    assert (entry.actor, entry.verb, entry.target, entry.detail) == ("ana", "edit", failed, f"as {made.id}; changed copies")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"a1": "many"}, "a whole number is needed here"),
        ({"a1": ""}, "a value is needed here"),
        ({"a2": "9"}, "choose one of the list"),
        ({"a3": "tomorrow"}, "a date is needed here"),
        ({"a4.zone": "Mars/Base"}, "no time zone"),
        ({"a5": "perhaps"}, "choose true or false"),
        ({"a6": "1,5"}, "a decimal number is needed here"),
        ({"a9": "{'a': 1}"}, "this is not JSON"),
        ({"a9": "[NaN]"}, "NaN is not JSON"),
        ({"a9": "[" * 900 + "]" * 900}, "nested too deeply"),
        ({"a9": '{"b": "••••••"}'}, "stands for a secret"),
        ({"a1": "100"}, "the printer takes 99 copies at most"),
        ({"a9": '{"~": "enum", "c": "no:Such", "v": "A"}'}, "not loaded in this process"),
        ({}, "Nothing was changed"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_pushed(stage, failed, open_form, act, given, says):
    answer = act(f"/jobs/{failed}/edit", **{**open_form(f"/jobs/{failed}/edit"), **given, "sure": "1"})
    assert answer.status_code == 422
    assert says in Page(answer.text).text
    assert newest(stage).id == failed


def test_an_argument_can_be_set_to_none_or_left_to_its_default(stage, failed, open_form, act):
    sent = open_form(f"/jobs/{failed}/edit")
    act(f"/jobs/{failed}/edit", **{**sent, "a3.is": "none", "a1.is": "default", "a2": "default", "sure": "1"})
    left = {name: value for name, value in ARGS.items() if name not in ("copies", "paper")}
    assert decode(newest(stage).payload) == {**left, "day": None}


def test_a_duplicate_needs_no_change(stage, failed, open_form, act):
    sent = open_form(f"/jobs/{failed}/duplicate")
    assert "Nothing is changed" in act(f"/jobs/{failed}/duplicate", **sent).text
    act(f"/jobs/{failed}/duplicate", **sent, sure="1")
    assert decode(newest(stage).payload) == ARGS
    assert stage.store.audit.list(limit=1)[0].verb == "duplicate"


def test_of_a_class_that_is_not_known_here_the_arguments_are_edited_as_json(stage, open_form, act, look):
    stage.worker()
    id = stage.fail("elsewhere:Unknown", args={"n": 1, "day": date(2026, 1, 2)}, timeout=30_000_000)
    page = look(f"/jobs/{id}/edit")
    assert "does not know the class" in page.text
    sent = open_form(f"/jobs/{id}/edit")
    assert "a JSON object is needed" in Page(act(f"/jobs/{id}/edit", **{**sent, "a0": "[1]"}).text).text
    act(f"/jobs/{id}/edit", **{**sent, "a0": sent["a0"].replace("1,", "2,", 1), "sure": "1"})
    made = stage.store.get(stage.store.find(JobQuery(name="elsewhere:Unknown", limit=1)).items[0].id)
    assert decode(made.payload) == {"n": 2, "day": date(2026, 1, 2)}
    assert made.timeout == 30_000_000


def test_going_back_to_the_form_keeps_what_was_written(stage, failed, open_form, act):
    sent = open_form(f"/jobs/{failed}/edit")
    again = FormPage(act(f"/jobs/{failed}/edit", **{**sent, "a0": "Half done", "change": "1"}).text)
    assert fields(again)["a0"] == "Half done"


def test_a_form_of_before_a_deploy_is_not_mistaken_for_the_one_of_now(failed, open_form, act):
    sent = open_form(f"/jobs/{failed}/edit")
    assert act(f"/jobs/{failed}/edit", **{**sent, "shape": "other", "sure": "1"}).status_code == 409


@pytest.mark.parametrize("role", ["viewer"])
def test_who_may_not_sees_neither_link_nor_form(stage, failed, look, act, role):
    stage.role = role
    page = look(f"/jobs/{failed}")
    assert not [link for link in page.all("a") if link["href"].endswith(("/edit", "/duplicate", "/move", "/reschedule"))]
    for path in ("edit", "duplicate", "reschedule", "move"):
        assert stage.client.get(f"/horizon/jobs/{failed}/{path}").status_code == 403
        assert act(f"/jobs/{failed}/{path}", at="2030-01-01T00:00", queue="x", shape="x").status_code == 403


def test_arguments_that_cannot_be_read_or_are_too_large_are_not_edited(stage, look):
    stage.worker()
    large = stage.fail(args={"text": "x" * 300_000})
    assert "larger than" in look(f"/jobs/{large}/edit", 422).text


def test_a_job_that_is_unique_is_refused_while_another_holds_its_key(stage, open_form, act):
    stage.worker()
    id = stage.run(stage.push("elsewhere:Unknown", unique_key="k"), Kind.FAILED, error=failure())
    holder = stage.push("elsewhere:Unknown", unique_key="k")
    answer = act(f"/jobs/{id}/duplicate", **open_form(f"/jobs/{id}/duplicate"), sure="1")
    assert f"job {holder} holds the unique key" in Page(answer.text).text


def test_a_job_of_another_connection_is_edited_and_moved_there():
    stage = Stage(AT, HORIZON_CONNECTIONS={"slow": fresh()})
    slow = stage.runtime.backend("slow")
    old = Envelope(id=uuid7(), name="elsewhere:Unknown", queue="emails", payload=b'{"args":{"n":1}}')
    slow.push([old])
    page = FormPage(stage.client.get(f"/horizon/jobs/{old.id}/duplicate?connection=slow").text)
    (form,) = page.all("form", **{"class": "sheet"})
    assert form["action"] == f"/horizon/jobs/{old.id}/duplicate?connection=slow"
    made = stage.client.post(form["action"], data={**fields(page), "sure": "1"}, headers=SAME)
    assert made.location.endswith("?connection=slow")
    assert len(slow.find(JobQuery(name="Unknown")).items) == 2
    stage.client.post(f"/horizon/jobs/{old.id}/move?connection=slow", data={"queue": "other"}, headers=SAME)
    assert slow.get(old.id).queue == "other"
    stage.runtime.close()


def test_whoever_may_operate_but_not_see_payloads_moves_but_does_not_edit():
    stage = Stage(AT, role="operator", HORIZON_PAYLOADS="admin")
    stage.worker()
    id = stage.fail(args={"to": "ana@example.com"})
    links = {link["href"].rpartition("/")[2] for link in Page(stage.client.get(f"/horizon/jobs/{id}").text).all("a")}
    assert {"move", "reschedule"} <= links
    assert not links & {"edit", "duplicate", "python", "curl"}
    for path in ("edit", "duplicate", "python", "curl"):
        assert stage.client.get(f"/horizon/jobs/{id}/{path}").status_code == 403
    stage.runtime.close()


GARBAGE = [
    "\x00", "-1", "9" * 400, "NaN", "Infinity", "'\"><script>", "../../etc/passwd", "🎉" * 300, "[]", "{}", "null", NASTY["rtl"], NASTY["control"], "1e9999",
    "9999-12-31T23:59:59", "0001-01-01T00:00", "0001-01-01", "+99:99", "keep", "none", "default", "value", '{"~": "dict", "v": 3}', '{"~": []}', "\ud800",
    '"\\ud800"', '{"~": "datetime", "v": "x", "zone": 7}', '{"~": "model", "c": "os:system", "v": [1]}', '{"~": "dataclass", "c": "os:system", "v": {}}',
]  # fmt: skip


@pytest.mark.parametrize("part", ["", ".is", ".zone"])
def test_garbage_in_any_field_is_answered_and_pushes_nothing_that_cannot_run(stage, failed, open_form, act, part):
    sent = open_form(f"/jobs/{failed}/edit")
    bad = []
    for index in range(len(ARGS)):
        for value in GARBAGE:
            given = value.encode("utf-8", "surrogatepass")
            answer = act(f"/jobs/{failed}/edit", **{**sent, f"a{index}{part}": given})
            if answer.status_code not in (200, 422):
                bad.append((index, value[:20], answer.status_code))
    assert bad == []
    assert newest(stage).id == failed


def test_garbage_about_when_and_where_is_answered(stage, act):
    id = stage.push()
    for path in ("reschedule", "move"):
        for value in GARBAGE:
            given = value.encode("utf-8", "surrogatepass")
            for fields in ({"at": given, "zone": "UTC", "queue": given}, {"at": "2026-12-01T00:00", "zone": given, "queue": given}):
                assert act(f"/jobs/{id}/{path}", **fields).status_code in (200, 303)
