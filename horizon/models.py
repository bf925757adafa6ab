"""`from horizon.models import JobBatch`: what is stored, by the names under which people look for it."""

from __future__ import annotations

from horizon.jobs.groups.job_batch import JobBatch as JobBatch
