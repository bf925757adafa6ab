"""What the shop does by the clock."""

from __future__ import annotations

from horizon import JobScheduler
from horizon.demo.jobs.reports import SalesReport, best_customers

JobScheduler.schedule(SalesReport, "@daily", {"days": 1}, name="daily-report")
JobScheduler.schedule(SalesReport, "0 2 * * 1", {"days": 7}, name="weekly-report", timezone="Europe/Rome")
JobScheduler.schedule(best_customers, "0 */6 * * *", {"priority": "high", "timeout": 3600}, name="best-customers")
JobScheduler.schedule(best_customers, "every 1 min", {"first": 5}, name="top-five", overlap="skip", jitter=10)
