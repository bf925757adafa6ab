"""Batches: as the guide has it; its lambdas are functions of a module here, and `finally` is `finally_`."""

# ruff: noqa
# fmt: off
from horizon import batch
from horizon.models import JobBatch
from tests.examples.group_jobs import ProcessDataJob, batch_completed, batch_failed, batch_finished

chunk1, chunk2, chunk3 = ["g1"], ["bad"], ["bad"]

# --- as on the page ---
# Create and dispatch batch
batch_id = batch([
    ProcessDataJob(chunk1),
    ProcessDataJob(chunk2),
    ProcessDataJob(chunk3)
]).name("Data Processing Batch") \
  .allow_failures(1) \
  .then(batch_completed) \
  .catch(batch_failed) \
  .finally_(batch_finished) \
  .dispatch()

# Get batch status
batch = JobBatch.find(batch_id)
print(f"Progress: {batch.progress()}%")
print(f"Pending: {batch.pending_jobs}")
print(f"Failed: {batch.failed_jobs}")
print(f"Processed: {batch.processed_jobs}")

# Check batch state
if batch.finished():
    print("Batch completed")
elif batch.cancelled():
    print("Batch was cancelled")
