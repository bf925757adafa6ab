"""Testing."""

# ruff: noqa
# fmt: off
from horizon import Job, batch, chain


class SendEmail(Job):
    queue = "emails"
    def __init__(self, to_email: str, subject: str, body: str): ...
    def handle(self) -> None: ...

class SendSMS(Job):
    def handle(self) -> None: ...

class A(Job):
    def handle(self) -> None: ...

class B(Job):
    def handle(self) -> None: ...

SendEmailJob, SendSMSJob = SendEmail, SendSMS

# --- as on the page ---
from horizon import QueueFake

def test_job_dispatching():
    queue_fake = QueueFake()

    # Dispatch job
    SendEmailJob.dispatch("user@example.com", "Test", "Body")

    # Assertions
    queue_fake.assert_pushed(SendEmailJob)
    queue_fake.assert_pushed_on("emails", SendEmailJob)
    queue_fake.assert_not_pushed(SendSMSJob)

def test_the_other_way():
    with QueueFake() as fake:
        batch([A()]).name("Imports").dispatch(); chain([A(), B()]).dispatch()
        SendEmail.dispatch("user@example.com", "Test", "Body")
        fake.assert_pushed(SendEmail); fake.assert_pushed_on("emails", SendEmail); fake.assert_not_pushed(SendSMS)
        fake.assert_batched(lambda b: b.name == "Imports"); fake.assert_chained([A, B]); fake.assert_pushed_times(SendEmail, 1)
