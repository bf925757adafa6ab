"""Dispatching."""

# ruff: noqa
# fmt: off
from pathlib import Path

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from horizon import Horizon, Job, Priority, dispatch, on


class SendEmail(Job):
    queue = "emails"

    def __init__(self, to_email: str, subject: str, body: str):
        self.to_email, self.subject, self.body = to_email, subject, body

    def handle(self) -> None: ...


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{Path.cwd()}/dispatching.db"
db = SQLAlchemy(app)
Horizon(app, db=db)
context = app.app_context()
context.push()
cond, to, s, b = True, "user@example.com", "Hi", "..."
args = (to, s, b)

# --- as on the page (the dots of a call stand for `*args`) ---
job_id = SendEmail.dispatch("user@example.com", "Welcome", "Hello!")
job_id = SendEmail("user@example.com", "Welcome", "Hello!").on_queue("high-priority").delay_until(60).with_priority(10).dispatch()
SendEmail.dispatch_if(cond, *args);  SendEmail.dispatch_unless(cond, *args)
SendEmail.dispatch_now(*args)                            # here and now, through the middleware; returns handle()'s value
SendEmail.dispatch_after_response(*args);  SendEmail(*args).after_commit().dispatch();  SendEmail(*args).dispatch(session=db.session);  db.session.commit();  SendEmail(*args).immediately().dispatch()
dispatch(SendEmail(*args));  SendEmail.dispatch_many([(to, s, b), (to, s, b)])    # one round trip
on("emails").delay_until(60).dispatch(SendEmail("user@example.com", "Hi", "..."))     # a fluent start for any job
# --- more fluent words ---
from datetime import UTC, datetime, timedelta

when = datetime.now(UTC) + timedelta(hours=1)
db.session.commit()
first = SendEmail(*args)
first.dispatch()
words = (SendEmail(*args).on_connection("default").later(when).with_deadline(when).tagged("a", "b").for_user(7).for_tenant("acme").unique_by("key", 60)
         .depends_on(first, first.job_id).with_tries(5).with_backoff([1, 2]).with_timeout(30).with_priority(Priority.CRITICAL).dispatch())
record = words.record(); words.cancel()
