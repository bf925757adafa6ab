"""Inside handle."""

# ruff: noqa
# fmt: off
from horizon import Job

seen = []

class Inside(Job):
    def handle(self):
        # --- as on the page ---
        self.attempts, self.job_id, self.cancel_requested
        self.progress(40, "rows 400/1000"); self.log("..."); self.heartbeat()
        seen.append((self.attempts, self.job_id, self.cancel_requested))
        return {"rows": 400}

class Releases(Job):
    def handle(self): self.release(10)

class Fails(Job):
    def handle(self): self.fail(ValueError("no"))

class Deletes(Job):
    def handle(self): self.delete()

ids = [cls.dispatch() for cls in (Inside, Releases, Fails, Deletes)]
