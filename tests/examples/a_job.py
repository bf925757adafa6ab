"""A job."""

# ruff: noqa
# fmt: off
from horizon import Job, current_job, job

# --- as on the page ---
class SendEmail(Job):
    queue = "emails"; max_tries = 3; timeout = 60; backoff = [5, 30, 120]; tags = ["mail"]      # class-level defaults

    def __init__(self, to_email: str, subject: str, body: str):
        super().__init__()
        self.to_email, self.subject, self.body = to_email, subject, body
        self.queue = "emails"                            # set here, it wins over the class
        self.max_tries = 3
        self.delay = 0                                   # seconds

    def handle(self) -> None: ...
    def failed(self, exception: Exception) -> None: ...  # once, after the last attempt

@job(queue="reports", max_tries=5)                       # a plain function is a job too
def make_report(year: int) -> dict: ...
make_report.dispatch(2026)

make_report(2026)                                        # calling it runs it here; .job(2026) gives the fluent words; current_job() inside

class Poll(Job):
    async def handle(self): ...                          # awaited on the worker's event loop
