"""Jobs, dispatching, unique, encrypted and secured jobs and metrics: as the guide has them, its imports changed."""

# ruff: noqa
# fmt: off
import logging
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Dict

from horizon import Job, JobMetrics, SecureJob, ShouldBeEncrypted, ShouldBeUnique

sent, seen = [], []
EmailService = SimpleNamespace(send=lambda *words: sent.append(words))
user = SimpleNamespace(wants_emails=True, unsubscribed=True)

# --- as on the page ---
class SendEmailJob(Job):
    def __init__(self, to_email: str, subject: str, body: str):
        super().__init__()
        self.to_email = to_email
        self.subject = subject
        self.body = body
        self.queue = "emails"  # Specify queue
        self.delay = 0  # Delay in seconds
        self.max_tries = 3  # Retry attempts

    def handle(self) -> None:
        """Execute the job"""
        # Send email logic
        EmailService.send(self.to_email, self.subject, self.body)

    def failed(self, exception: Exception) -> None:
        """Handle job failure"""
        logging.error(f"Failed to send email to {self.to_email}: {exception}")

# Basic dispatch
job_id = SendEmailJob.dispatch("user@example.com", "Welcome", "Hello!")

# Dispatch with options
job_id = SendEmailJob("user@example.com", "Welcome", "Hello!") \
    .on_queue("high-priority") \
    .delay_until(60) \
    .with_priority(10) \
    .dispatch()

# Conditional dispatch
SendEmailJob.dispatch_if(user.wants_emails, "user@example.com", "News", "...")
SendEmailJob.dispatch_unless(user.unsubscribed, "user@example.com", "News", "...")

# Immediate execution (bypass queue)
SendEmailJob.dispatch_now("user@example.com", "Welcome", "Hello!")

class ProcessUserDataJob(Job, ShouldBeUnique):
    def __init__(self, user_id: int):
        super().__init__()
        self.user_id = user_id

    def unique_id(self) -> str:
        return f"process_user_{self.user_id}"

    def unique_for(self) -> timedelta:
        return timedelta(hours=1)  # Stay unique for 1 hour
# --- what the page leaves out ---
    def handle(self) -> None: ...

# --- as on the page ---
class ProcessSensitiveDataJob(Job, ShouldBeEncrypted):
    def __init__(self, sensitive_data: str):
        super().__init__()
        self.sensitive_data = sensitive_data

    def handle(self) -> None:
        # Job data is automatically encrypted/decrypted
        processed = self.process_data(self.sensitive_data)
# --- what the page leaves out ---
    def process_data(self, data: str) -> None: seen.append(data)

# --- as on the page ---
class ProcessPaymentJob(SecureJob):
    def __init__(self, payment_data: Dict[str, Any]):
        super().__init__()
        self.payment_data = payment_data
        self.set_sensitive_fields(["payment_data"])
        self.set_required_permissions(["process_payments"])

    def handle(self):
        # Payment data is automatically decrypted
        self.process_payment(self.payment_data)
# --- what the page leaves out ---
    def process_payment(self, data: Dict[str, Any]) -> None: seen.append(data)


def look() -> None:
# --- as on the page ---
    # Get job metrics
    metrics = JobMetrics.get_job_metrics("SendEmailJob")
    print(f"Average execution time: {metrics.avg_execution_time}")
    print(f"Success rate: {metrics.success_rate}")

    # Get queue metrics
    queue_stats = JobMetrics.get_queue_stats("emails")
    print(f"Jobs in queue: {queue_stats.pending}")
    print(f"Failed jobs: {queue_stats.failed}")
