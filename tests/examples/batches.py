"""Batches: as `api.md` has it."""

# ruff: noqa
# fmt: off
from horizon import JobBatch, batch, chain
from tests.examples.group_jobs import A, B, ProcessData, on_done, on_end, on_first_failure, tell

c1, c2 = ["one", "held"], ["bad", "two"]  # the first is held until the page is at its end, or the batch could have ended before `add`

# --- as on the page ---
batch_id = (batch([ProcessData(c1), ProcessData(c2), chain([A(), B()])])
    .name("Data Processing Batch").allow_failures(1)
    .then(on_done).catch(on_first_failure).finally_(on_end).on_progress(tell).dispatch())
b = JobBatch.find(batch_id); b.progress(); b.pending_jobs; b.failed_jobs; b.processed_jobs; b.finished(); b.cancelled(); b.add([ProcessData(["added"])])
