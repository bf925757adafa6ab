"""A stage for pages: one app on a fresh store whose clock stands still, and jobs brought into any state by the acts
of the store itself, as a worker would."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from flask import Flask

from horizon import Horizon
from horizon.backends.connect import connect
from horizon.backends.values import ProgressReport, Renewed, Reservation, SessionInfo, SessionReport, StoreOptions, Want
from horizon.core.clock import HOUR, MINUTE, SECOND, ManualClock, Micros, now
from horizon.core.envelope import Envelope
from horizon.core.ids import uuid7
from horizon.core.outcome import Failure, Kind, LogLine, Outcome
from horizon.jobs.codec import encode
from tests.stores import lending

LEASE = 365 * 86_400 * SECOND
TRACE = """Traceback (most recent call last):
  File "/usr/lib/python3.11/concurrent/futures/thread.py", line 58, in run
    result = self.fn(*self.args, **self.kwargs)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/srv/shop/jobs/send_email.py", line 24, in handle
    mailer.deliver(message, to=self.to_email)
  File "/srv/shop/mailer.py", line 88, in deliver
    smtp.send_message(message)
    ~~~~~~~~~~~~~~~~~^^^^^^^^^
  File "/usr/lib/python3.11/smtplib.py", line 986, in send_message
    return self.sendmail(from_addr, to_addrs, flatmsg, mail_options,
                         rcpt_options)
  File "/usr/lib/python3.11/smtplib.py", line 908, in sendmail
    raise SMTPServerDisconnected("Connection unexpectedly closed")
smtplib.SMTPServerDisconnected: Connection unexpectedly closed
"""
NASTY = {
    "html": "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&amp;",
    "rtl": "مرحبا \u202eevil\u202c שלום",
    "emoji": "🎉 👩‍👩‍👧‍👦 🇮🇹 café",
    "control": "a\x00b\x07\x1b[31mred\x1b[0m\r\nnew\tline\x7f\u200b",
    "long": "Extraordinarily" * 140,
}


def failure(
    type: str = "smtplib.SMTPServerDisconnected", message: str = "Connection unexpectedly closed", cause: str = "c0ffee", **more: str
) -> Failure:
    return Failure(type=type, message=message, cause=cause, traceback=more.get("traceback", TRACE))


def executor(pid: int, jobs: int, runs: list[str], since: Micros, memory_kb: int, *, last: str = "", **more: Any) -> dict[str, object]:
    """As a guardian reports one of its processes."""
    took = last or (runs[0] if runs else "")
    return {
        "pid": pid, "phase": "ready", "jobs": jobs, "memory_kb": memory_kb, "cpu": 7 + 30 * len(runs), "started_at": since - 40 * MINUTE,
        "slots": [{"job": id, "since": since} for id in runs], "last": {"job": took, "at": since} if took else None,
        "memory": [memory_kb * (70 + 2 * index % 31) // 100 for index in range(16)] + [memory_kb], "memory_step": 160, **more,
    }  # fmt: skip


class Stage:
    """An app and its store, with words for what happens in them."""

    def __init__(self, at: Micros | None = None, *, role: str = "admin", url: str | None = None, **config: Any) -> None:
        self.clock = ManualClock(now() if at is None else at)
        self.role = role
        self.app = Flask("acme-shop")
        url = lending.fresh() if url is None else url
        self.app.config.update(HORIZON_URL=url, HORIZON_SCHEDULER=False, HORIZON_AUTH=self._who, **config)
        Horizon(self.app)
        self.runtime = self.app.extensions["horizon"].runtime
        self.store = connect(url, StoreOptions(lease=LEASE, clock=self._time))
        self.store.ready()
        self.runtime._backends["default"], self.runtime._defined["default"] = self.store, self.runtime.routing.version
        self.client = self.app.test_client()
        self.real = False
        self.watched: list[Any] = []
        """Those who look at it over HTTP; they leave before its stores do."""
        lending.afterwards(self.close)

    def close(self) -> None:
        """At the end of the test or fixture that made it."""
        for one in self.watched:
            one.close()
        self.runtime.close()

    def _who(self, request: Any) -> Mapping[str, str]:
        return {"name": "ana", "role": self.role}

    def _time(self) -> Micros:
        # never backwards: what ran before the stage was served has moved its clock beyond the real one
        return max(now(), self.clock()) if self.real else self.clock()

    # what happens

    def worker(self, id: str = "w1", **more: Any) -> str:
        info = {"host": "web-2", "pid": 4471, "processes": 2, "concurrency": 4, "code_version": "a41f9c2", "version": "0.1.0", **more}
        self.store.sessions.open(SessionInfo(id=id, kind="worker", **info), LEASE)
        self.report(id)
        return id

    def report(self, id: str = "w1", **more: Any) -> Renewed:
        return self.store.sessions.renew(id, LEASE, SessionReport(**{"memory_kb": 128_400, **more}))

    def push(self, name: str = "shop.jobs:SendEmail", *, args: Mapping[str, object] | None = None, **more: Any) -> str:
        given = {"queue": "emails", "max_tries": 3, "timeout": 60 * SECOND, **more}
        envelope = Envelope(id=uuid7(), name=name, payload=encode(args if args is not None else {"to_email": "ana@example.com"}), **given)
        self.store.push([envelope])
        return envelope.id

    def start(self, id: str, session: str = "w1") -> Reservation:
        """Reserve until this job comes; the others go back unstarted."""
        others = []
        while True:
            turned = self.store.turn((), Want(session=session, executor=0, count=1, default_max_tries=3))
            if not turned.reservations:
                raise LookupError(f"{id} is not to be had")
            (found,) = turned.reservations
            if found.id == id:
                self.store.turn([self._outcome(other, Kind.RETURNED, started=False) for other in others])
                return found
            others.append(found)

    def end(self, taken: Reservation, kind: Kind = Kind.COMPLETED, *, runtime: Micros = 800_000, **more: Any) -> None:
        self.clock.advance(runtime / SECOND)
        self.store.turn([self._outcome(taken, kind, runtime=runtime, memory_kb=61_000, **more)])

    def _outcome(self, taken: Reservation, kind: Kind, **more: Any) -> Outcome:
        return Outcome(id=taken.id, ref=taken.ref, token=taken.token, kind=kind, **more)

    def run(self, id: str, kind: Kind = Kind.COMPLETED, *, session: str = "w1", **more: Any) -> str:
        self.end(self.start(id, session), kind, **more)
        return id

    def done(self, name: str = "shop.jobs:SendEmail", **more: Any) -> str:
        return self.run(self.push(name, **more), result=b'{"result":{"sent":1}}')

    def fail(self, name: str = "shop.jobs:SendEmail", error: Failure | None = None, **more: Any) -> str:
        return self.run(self.push(name, **{"max_tries": 1, **more}), Kind.FAILED, error=error or failure())

    def progress(self, taken: Reservation, percent: int, note: str = "", lines: tuple[LogLine, ...] = ()) -> None:
        self.store.progress.report([ProgressReport(ref=taken.ref, token=taken.token, percent=percent, note=note or None, logs=lines)])

    def log(self, *lines: tuple[str, str]) -> tuple[LogLine, ...]:
        at = self.clock()
        return tuple(LogLine(at + index * 40_000, level, message) for index, (level, message) in enumerate(lines))

    # whole scenes

    def empty(self) -> Stage:
        return self

    def plenty(self) -> Stage:
        """An hour in the life of a shop; ends at the moment the stage was set up for."""
        end = self.clock.at
        self.clock.at = end - HOUR
        self.worker()
        self.worker("w2", host="web-3", pid=812, processes=1, concurrency=2, queues=("emails", "reports"))
        for minute in range(60):
            self.clock.at = end - HOUR + minute * MINUTE
            for index in range(int(7 + 5 * math.sin(minute / 9.5))):
                self.done(
                    ("shop.jobs:SendEmail", "shop.jobs:Thumbnail", "shop.jobs:Webhook")[index % 3],
                    queue=("emails", "images", "default")[index % 3],
                )
            if 40 < minute < 48 or minute % 17 == 3:
                self.fail(tags=("user:4127", "order_confirmation"), queue="emails")
            if minute % 23 == 5:
                self.fail("shop.jobs:SalesReport", failure("KeyError", "'branch_id'", "beef01"), queue="reports", tags=("report:sales",))
        self.clock.at = end - 40 * SECOND
        self._three_tries()
        self._under_way()
        self.clock.at = end
        self.report(
            "w1",
            executors=(
                executor(4472, 812, [self.running], end - 12 * SECOND, 61_000),
                executor(4473, 790, [], end - 40 * SECOND, 58_000, last=self.tried),
            ),
            limits={"reserve": [20, 20, 10], "memory": 512},
        )
        self.report("w2", state="draining", executors=({"pid": 813, "jobs": 88, "slots": []},))
        self.store.queues.pause("data", reason="the supplier's API is down")
        return self

    def _three_tries(self) -> None:
        self.tried = self.push(tags=("user:4127", "order_confirmation"), priority=10, args={
            "to_email": "ana@example.com", "subject": "Your order 4127", "order": {"id": 4127, "lines": [{"sku": "A-1", "count": 2}, {"sku": "B-7", "count": 1}], "paid": True, "note": None},
        })  # fmt: skip
        self.clock.advance(1.2)
        for delay in (10, 20, None):
            lines = self.log(
                ("INFO", "rendering order_confirmation for order 4127"),
                ("WARNING", "smtp.example.com answers slowly"),
                ("ERROR", "connection lost"),
            )
            kind = Kind.RETRY if delay else Kind.FAILED
            self.run(self.tried, kind, error=failure(), delay=(delay or 0) * SECOND, logs=lines)
            self.clock.advance(delay or 0)
            self.store.tick()

    def _under_way(self) -> None:
        long = self.push("shop.jobs:ImportCatalogue", queue="data", tags=("catalogue",), args={"path": "spring.csv"})
        self.running = long
        taken = self.start(long)
        self.progress(taken, 41, "rows 7,463 of 18,204", self.log(("INFO", "opened spring.csv"), ("INFO", "7,463 rows so far")))
        for index in range(12):
            self.push("shop.jobs:SalesReport", queue="reports", args={"year": 2026, "branch": index})
        for index in range(31):
            self.push(queue="emails", priority=10 * (index % 3), tags=(f"user:{index}",))
        for index in range(9):
            self.push("shop.jobs:Newsletter", queue="emails", delay=(index + 1) * 7 * MINUTE)
        self.run(
            self.push("shop.jobs:Webhook", queue="default", priority=50),
            Kind.RETRY,
            error=failure("requests.Timeout", "no answer within 5 s", "abba02"),
            delay=45 * SECOND,
        )
        for _ in range(4):
            self.push("shop.jobs:SyncStock", queue="data")

    def nasty(self) -> Stage:
        """Names, arguments, tags, errors and log lines that try to break out."""
        self.worker(host=NASTY["html"][:60], code_version=NASTY["rtl"])
        for kind, text in NASTY.items():
            name, tag = f"shop.jobs:{text}", text[:200].replace("\x00", "")
            error = failure(
                text,
                text,
                f"bad-{kind}",
                traceback=f'Traceback (most recent call last):\n  File "{text}", line 3, in {text}\n    {text}\n{text}\n',
            )
            args = {text: text, "nested": {"list": [text, {text: [1, 2.5, None, True, []]}], "deep": [[[[[[[[[[[[[[text]]]]]]]]]]]]]]}}
            self.hurt = self.run(
                self.push(name, args=args, tags=(tag, "plain"), queue="emails", max_tries=1),
                Kind.FAILED, error=error, logs=self.log(("INFO", text), (text[:20], text)), reason=text[:400],
            )  # fmt: skip
            self.run(self.push(name, tags=(tag,)), result=encode({"value": text}).replace(b'"args"', b'"result"'))
        self.report(problems=(f"cannot import {NASTY['html']}: {NASTY['control']}",), state="running")
        return self
