"""Chains: as the guide and `api.md` have them."""

# ruff: noqa
# fmt: off
from horizon import ChainMonitor, chain
from tests.examples.group_jobs import ExtractDataJob, LoadDataJob, NotifyCompletionJob, TransformDataJob, chain_failed

# --- as on the page ---
# Create chain
chain_id = chain([
    ExtractDataJob(),
    TransformDataJob(),
    LoadDataJob(),
    NotifyCompletionJob()
]).name("ETL Pipeline") \
  .catch(chain_failed) \
  .dispatch()

monitor = ChainMonitor(chain_id)
status = monitor.get_status()
print(f"Current step: {status.current_step}")
print(f"Progress: {status.progress}%")
