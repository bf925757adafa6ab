"""Metrics."""

# ruff: noqa
# fmt: off
from horizon import JobMetrics, JobMonitor

# --- as on the page ---
m = JobMetrics.get_job_metrics("SendEmail"); m.avg_execution_time; m.success_rate; m.p95
q = JobMetrics.get_queue_stats("emails"); q.pending; q.failed
JobMonitor.get_queue_stats(); JobMonitor.get_failed_jobs_count(); JobMonitor.get_pending_jobs_count(); JobMonitor.get_average_processing_time()
