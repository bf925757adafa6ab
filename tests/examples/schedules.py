"""Schedules in code."""

# ruff: noqa
# fmt: off
from horizon import Job, JobScheduler

class DailyReport(Job):
    name = "app.jobs:DailyReport"
    def handle(self) -> None: ...

class WeeklyCleanup(Job):
    def handle(self) -> None: ...

class ProcessData(Job):
    name = "process-data"
    def handle(self) -> None: ...

# --- as on the page ---
JobScheduler.schedule("app.jobs:DailyReport", "0 0 * * *");  JobScheduler.schedule(WeeklyCleanup, "0 2 * * 1")     # 1 = Monday, as in cron
JobScheduler.schedule("process-data", "0 */6 * * *", {"priority": "high", "timeout": 3600}, timezone="Europe/Rome")
