"""Everything that can be seen in the dashboard, scene by scene: every page of the page table, and the questions, mistakes
and forms in between. For pictures (`make screenshots`) and for what must hold wherever one looks (`test_look.py`)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from horizon.backends.schedules import Schedule, ScheduleChange, ScheduleRun
from horizon.backends.values import ActParams, Verb
from horizon.core.audit import AuditEntry
from horizon.core.clock import HOUR, MINUTE
from horizon.core.envelope import Envelope
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind, LogLine
from horizon.core.query import JobQuery, Selection
from horizon.core.scaling import Scale
from horizon.core.states import JobState
from horizon.jobs.codec import encode
from horizon.jobs.sealing import Cover, protect
from horizon.security import keys
from horizon.timetable import planning
from tests.web import sights_of_jobs
from tests.web.addresses import addresses
from tests.web.pages import flows, holding
from tests.web.pages.kept import keep
from tests.web.pages.stage import NASTY, Stage, executor, failure
from tests.web.pages.warned import warn

SAME = {"Sec-Fetch-Site": "same-origin"}
NO_PAGES = ("static", "nowhere")
FURTHER = {
    "jobs": ("?state=failed", "?q=queue:emails+after:1h", "?q=tag:nobody+after:1h", "?q=took:sometimes"),
    "failed": ("?view=causes", "?view=causes&state=all&sort=last"),
    "queue": ("?range=24h",),
    "alerts": ("?view=past", "?severity=high"),
    "audit": ("?actor=ana&after=24h", "?after=never"),
    "queues": ("?sort=-pending", "?q=e&state=waiting"),
    "metrics": ("?view=charts&range=24h", "?view=queues&sort=-p95", "?view=table"),
    "schedules": ("?view=calendar", "?q=e&state=paused"),
    "workers": ("?q=host:web", "?q=nobody"),
    "find": ("?q=e", "?q=nothing+is+called+so"),
    "batches": ("?nested=1&state=failed", "?state=soon", "?q=nothing+after:7d"),
    "workflow": ("?zoom=fit", "?zoom=half"),
}
"""Further states of a page, by endpoint."""
ASKED = {"new_view": "?page=jobs&q=state:failed", "tag_jobs": "?tag=order_confirmation"}
"""What a page has to be asked for: it answers nobody who asks for nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """One thing to look at: a path below the mount point, or the answer to a form posted there."""

    name: str
    path: str
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A stage, and what is to be seen on it."""

    name: str
    stage: Stage
    sights: tuple[Sight, ...]


def empty() -> Scene:
    """A shop before its first job."""
    stage = Stage().empty()
    return Scene(
        name="empty", stage=stage, sights=(*pages(stage, {}), Sight(name="lost", path="/jobs/0190f3a0-0000-7000-8000-000000000000"))
    )


def full() -> Scene:
    """A shop in the middle of its day."""
    stage = Stage().plenty()
    fill = _lived_in(stage, ("the supplier asked for it", "a duplicate"))
    pending, scheduled = _one(stage, "pending"), _one(stage, "scheduled")
    view = keep(stage, ("order_confirmation", "catalogue", "user:4127", "nobody"), ("Failed mails", "Slow ones", "Tenant 7"))
    return Scene(name="full", stage=stage, sights=(
        *pages(stage, {**fill, "id": stage.tried, "view_edit.id": view}),
        *(Sight(name=f"job-{name}", path=f"/jobs/{id}") for name, id in (("running", stage.running), ("scheduled", scheduled), ("held", fill["held"]))),
        Sight(name="job-opened", path=f"/jobs?state=failed&open={stage.tried}"), Sight(name="worker-gone", path="/workers/gone"), Sight(name="worker-set", path="/workers/set"),
        *(Sight(name=name, path=path) for name, path in sights_of_jobs.paths(stage, ("a duplicate", "shop.jobs:Report"))),
        *questions(stage, stage.tried, pending), Sight(name="chain-broken", path=f"/chains/{fill['broken']}"),
        *(Sight(name=f"ask-{verb}-group", path="/groups/act", form={"do": f"{verb}:{fill['batch.id']}"}) for verb in ("cancel", "retry")),
    ))  # fmt: skip


def nasty() -> Scene:
    """Names, arguments and reasons that try to break out."""
    stage = Stage().nasty()
    fill = _lived_in(stage, tuple(NASTY.values()))
    view = keep(stage, tuple(NASTY.values()), tuple(NASTY.values()))
    return Scene(
        name="nasty",
        stage=stage,
        sights=(
            Sight(name="tag", path="/monitoring/jobs?tag=plain"),
            *pages(stage, {**fill, "id": stage.hurt, "view_edit.id": view}),
            *questions(stage, stage.hurt, stage.hurt),
            *(Sight(name=name, path=path) for name, path in sights_of_jobs.paths(stage, tuple(NASTY.values()))),
        ),
    )


def doors() -> Scene:
    """What somebody sees who is not signed in. The shop has users, and no HORIZON_AUTH of its own."""
    from tests.web.doors import add_user

    stage = Stage()
    stage.app.config.update(HORIZON_AUTH=None, SECRET_KEY="k" * 32)
    add_user(stage.app)
    return Scene(name="doors", stage=stage, sights=(
        Sight(name="login", path="/login"), Sight(name="login-left", path="/login?out=1"),
        Sight(name="login-wrong", path="/login", form={"name": "bea", "password": "wrong"}),
    ))  # fmt: skip


def locked() -> Scene:
    """A job that is encrypted, and what somebody is shown who reveals it."""
    stage = Stage(HORIZON_KEYS=[keys.generate()])
    stage.worker("w1")
    job = Envelope(id=uuid7(), name="shop.jobs:Pay", queue="emails", max_tries=1, payload=encode({"payment_data": "4111", "order": "A-17"}))
    stage.store.push([protect(job, stage.runtime.keyring, sealed=True, sensitive=("payment_data",))])
    cover = Cover(stage.runtime.keyring, job.id)
    lines = cover.lines((LogLine(stage.clock(), "INFO", "asked the bank"),))
    stage.run(job.id, Kind.FAILED, error=cover.failure(failure(message="it said no")), logs=lines)
    return Scene(name="locked", stage=stage, sights=(
        Sight(name="job-encrypted", path=f"/jobs/{job.id}"), Sight(name="job-revealed", path=f"/jobs/{job.id}/reveal", form={"sure": "1"}),
    ))  # fmt: skip


SCENES: dict[str, Callable[[], Scene]] = {"empty": empty, "full": full, "nasty": nasty, "doors": doors, "locked": locked}


def pages(stage: Stage, fill: Mapping[str, str]) -> Iterator[Sight]:
    """Every page that answers, and further states of it."""
    for method, path, endpoint in addresses(stage.app, fill, default=""):
        if method != "GET" or endpoint.startswith("api_") or endpoint in NO_PAGES or "//" in path or path.endswith("/jobs/"):
            continue
        path += ASKED.get(endpoint, "")
        answer = stage.client.get(path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        below = path.removeprefix("/horizon")
        yield Sight(name=endpoint, path=below)
        for number, query in enumerate(FURTHER.get(endpoint, ()), 2):
            yield Sight(name=f"{endpoint}-{number}", path=f"{below}{query}")


def questions(stage: Stage, failed: str, pending: str) -> Iterator[Sight]:
    """What is asked before something is done, and what is said about a form that will not do."""
    jobs = {
        "forget-all": {"do": "forget", "match": "state:failed"}, "retry-all": {"do": "retry", "match": "state:failed"}, "cancel-all": {"do": "cancel", "match": "state:pending"},
        "move-all": {"do": "move", "match": "state:pending"}, "prioritize": {"do": "prioritize", "id": pending},
        "reschedule-all": {"do": "reschedule", "match": "state:scheduled"},
    }  # fmt: skip
    for name, form in jobs.items():
        yield Sight(name=f"ask-{name}", path="/jobs/act", form={**form, "back": "/horizon/jobs"})
    for verb in ("stop", "restart"):
        yield Sight(name=f"ask-{verb}", path="/workers/act", form={"do": f"{verb}:all", "back": "/horizon/workers"})
    shape = re.findall(r'name="shape" value="([^"]*)"', stage.client.get(f"/horizon/jobs/{failed}/edit").text)[0]
    for name, given in (("difference", '{"to_email": "bo@example.com"}'), ("wrong", "[")):
        yield Sight(name=f"edit-{name}", path=f"/jobs/{failed}/edit", form={"shape": shape, "a0": given, "a0.is": "value"})
    yield Sight(name="reschedule-wrong", path=f"/jobs/{failed}/reschedule", form={"at": "2020-01-01T10:00", "zone": "UTC"})
    canary = next((one.id for one in stage.store.operations.list() if "canary" in one.params), None)
    if canary is not None:
        yield Sight(name="operation-canary", path=f"/operations/{canary}")
    yield Sight(name="act-wrong", path="/jobs/act", form={"do": "juggle"})


def _lived_in(stage: Stage, reasons: tuple[str, ...]) -> dict[str, str]:
    """Leave traces on the pages of workers, audit, operations and what was removed; what to put into the holes of addresses."""
    stage.worker("gone", pid=9)
    stage.store.sessions.close("gone")
    stage.worker("new", pid=10, code_version="b52e0d1")
    stage.report("new", state="paused", problems=("cannot import shop.images",))
    scale = Scale(to=3, by=reasons[0], until=stage.clock() + 2 * HOUR)
    stage.worker("set", pid=12, host="web-4")
    stage.report(
        "set",
        limits={"max_processes": 8, "scaled": dict(scale.told)},
        executors=(executor(5100, 9, [], stage.clock(), 41_000, last=stage.done()),),
    )
    for reason in reasons:
        changed = (("paused", "no", "yes"), ("reason", None, reason[:300]), ("until", None, "2026-11-23T08:00:00.000Z"))
        stage.store.audit.append(
            AuditEntry(actor=reason, verb="pause", target="queue:emails", detail=reason, origin="cli", changes=changed)
        )
        stage.client.post("/horizon/jobs/act", data={"do": f"cancel:{stage.push()}", "reason": reason[:400]}, headers=SAME)
        stage.store.act(Selection(ids=(stage.done(),)), Verb.FORGET, ActParams(reason=reason[:500]))
    _canary(stage, reasons[0])
    for _ in range(510):
        stage.push("shop.jobs:Newsletter", queue="letters")
    for form in ({"do": f"forget:{stage.done()}", "sure": "1"}, {"do": "cancel", "match": "queue:letters state:pending", "sure": "1"}):
        stage.client.post("/horizon/jobs/act", data=form, headers=SAME)
    stage.store.operations.step()
    stage.client.post("/horizon/queues/act", data={"do": "pause:images", "reason": reasons[0][:500]}, headers=SAME)
    scheduled(stage, reasons)
    operation = stage.store.operations.list(1)[0].id
    groups = flows.all_sorts(stage, tuple(text[:100].replace("\x00", "") for text in (reasons * 3)[:3]))
    held = holding.all_sorts(stage, tuple(text.replace("\x00", "").replace("\n", " ") for text in reasons[:5]))
    warned = warn(stage, tuple(text.replace("\x00", "") for text in reasons))
    return {
        "name": "emails",
        "cause": stage.store.causes(0)[0].cause,
        "metrics_job.name": "shop.jobs:SendEmail",
        "worker.id": "w1",
        "operation.id": operation,
        "held": held,
        **groups,
        **warned,
    }


def _canary(stage: Stage, reason: str) -> None:
    """Retry some cancelled jobs with a canary, of which some have failed again."""
    stage.store.act(Selection(ids=tuple(stage.push("shop.jobs:Invoice", queue="invoices") for _ in range(14))), Verb.CANCEL, ActParams())
    care = {"canary": 10, "stop_at": 20, "note": reason[:500]}
    stage.store.operations.start("retry", JobQuery(queue="invoices", states=(JobState.CANCELLED,)), care, actor="ana")
    stage.store.operations.step()
    for id in [one.id for one in stage.store.find(JobQuery(queue="invoices", states=(JobState.PENDING,), limit=3)).items]:
        stage.run(id, Kind.FAILED, error=failure())
    stage.store.operations.step()


def scheduled(stage: Stage, texts: tuple[str, ...]) -> None:
    """Schedules in every state, one of them with a history."""
    now, done = stage.store.now(), stage.done()
    known = {"target": "shop.jobs:SendEmail", "when": "0 2 * * 1-5", "timezone": "Europe/Rome", "created_at": now, "source": "stored"}
    args = json.dumps({"to_email": texts[-1], "subject": texts[0]})
    told = [ScheduleRun(at=now - n * MINUTE, due_at=now - n * MINUTE, kind=kind, count=n, detail=texts[n % len(texts)][:500], job=done)
            for n, kind in enumerate(("pushed", "by hand", "skipped", "missed", "refused"), 1)]  # fmt: skip
    for name, more in {
        "emails": {"args": args, "options": {"queue": "emails", "priority": 10, "tags": ["night"]}, "missed": 4, "last_at": now - MINUTE, "last_job": done, "jitter": MINUTE},
        "nightly-report": {"source": "code", "target": "shop.jobs:NightlyReport"},
        "clean-up": {"when": "every 30s", "paused": True, "paused_reason": texts[0][:500]},
        "old-import": {"source": "code", "gone": True},
        "late": {"when": "@hourly", "due_at": now - HOUR, "next_at": now - HOUR},
        "n" * 100: {"last_at": now - HOUR, "last_job": "0190f3a0-0000-7000-8000-000000000000"},
    }.items():  # fmt: skip
        made = planning.from_now(Schedule(**{"name": name, **known, **more}), now)
        made = replace(made, **{key: more[key] for key in ("due_at", "next_at") if key in more})
        stage.store.schedules.write([ScheduleChange(name=name, version=0, schedule=made, runs=tuple(told) if name == "emails" else ())])


def _one(stage: Stage, state: str) -> str:
    """A job in this state."""
    return stage.store.find(JobQuery(states=(JobState(state),), limit=1)).items[0].id
