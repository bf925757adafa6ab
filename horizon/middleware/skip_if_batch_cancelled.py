"""Leaves out jobs whose batch has been cancelled since they were handed out."""

from __future__ import annotations

from typing import Any

from horizon.middleware.base import Middleware, Next


class SkipIfBatchCancelled(Middleware):
    """Ends the job as cancelled, unrun, where its batch has been cancelled. It looks at the batch before each job."""

    def handle(self, job: Any, next: Next) -> Any:
        batch = job.batch()
        if batch is not None and batch.cancelled():
            job.delete()
            return None
        return next(job)
