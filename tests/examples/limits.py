"""Limits, queues and middleware."""

# ruff: noqa
# fmt: off
from typing import List

from horizon import Job, QueueManager, RateLimit, RateLimited, define_queue
from horizon.middleware import LoggingMiddleware, MiddlewareStack, TimingMiddleware

sent = []

# --- as on the page ---
class EmailJob(Job, RateLimited):
    def __init__(self, recipient: str):
        super().__init__()
        self.recipient = recipient

    def get_rate_limits(self) -> List[RateLimit]:
        return [
            RateLimit(max_attempts=100, per_seconds=3600),  # 100 emails per hour
            RateLimit(max_attempts=10, per_seconds=60, key=f"user:{self.recipient}")  # 10 per user per minute
        ]
# --- what the page leaves out ---
    def handle(self) -> None: sent.append(self.recipient)

# --- as on the page ---
# Rate limit entire queue
QueueManager.rate_limit("emails", max_jobs=1000, per_seconds=3600)

# High priority queue
define_queue("high-priority",
    connection="redis",
    max_jobs=1000,
    priority_weight=10,
    rate_limit_enabled=True,
    rate_limit_max=100,
    rate_limit_window=60)

# Email queue with specific settings
define_queue("emails",
    connection="database",
    max_attempts=5,
    retry_after=300,
    encryption_enabled=True)

class ProcessDataJob(Job):
    def __init__(self):
        super().__init__()
        self.middleware = MiddlewareStack()
        self.middleware.add(LoggingMiddleware())
        self.middleware.add(TimingMiddleware())
# --- what the page leaves out ---
    def handle(self) -> str: return "processed"


class QueueStatsCommand:
    def option(self, name: str) -> str: return "default"
    def info(self, line: str) -> None: told.append(line)
# --- as on the page ---
    def handle(self):
        queue_name = self.option("queue")
        stats = QueueManager.get_stats(queue_name)
        self.info(f"Queue: {queue_name}")
        self.info(f"Pending: {stats.pending}")
        self.info(f"Processing: {stats.processing}")
        self.info(f"Failed: {stats.failed}")

told = []
