"""Queues and middleware."""

# ruff: noqa
# fmt: off
from horizon import Job, define_queue
from horizon.middleware import LoggingMiddleware, MiddlewareStack, TimingMiddleware

# --- as on the page ---
define_queue("high-priority", connection="redis", max_jobs=1000, priority_weight=10, rate_limit_enabled=True, rate_limit_max=100, rate_limit_window=60, max_concurrent=None, fair_by="user")
define_queue("emails", connection="database", max_attempts=5, retry_after=300, encryption_enabled=True)

class Timed(Job):
    def __init__(self) -> None:
        self.middleware = MiddlewareStack(); self.middleware.add(LoggingMiddleware()); self.middleware.add(TimingMiddleware())
# --- what the page leaves out ---
    def handle(self) -> str: return "done"

result = Timed.dispatch_now()
