"""What the pages about batches, chains and workflows leave out: jobs and functions, where workers find them."""

# ruff: noqa
# fmt: off
from typing import Any

from horizon import BatchableJob, ChainableJob, Job
from tests.e2e.worker_app import note, wait_for


class ProcessDataJob(BatchableJob):
    def __init__(self, data_chunk: list[Any]):
        super().__init__()
        self.data_chunk = data_chunk

    def _handle(self):  # Use _handle for batchable jobs
        for item in self.data_chunk:
            self.process_item(item)

    def process_item(self, item):
        note("item", item)
        if item == "bad": self.fail(ValueError("bad item"))
        if item == "held": wait_for("held-item")

class ExtractDataJob(ChainableJob):
    def _handle(self):
        return {"extracted_data": "..."}

class TransformDataJob(ChainableJob):
    def _handle(self):
        # Get data from previous job
        previous_result = self.get_previous_result()
        note("previous", previous_result["extracted_data"])
        return {"transformed_data": "..."}

class LoadDataJob(ChainableJob):
    def _handle(self):
        note("loads", self.get_previous_result()["transformed_data"])

class NotifyCompletionJob(Job):
    def handle(self): note("notified")


class ProcessData(ProcessDataJob): ...

class A(ChainableJob):
    def _handle(self): return "a"

class B(ChainableJob):
    def _handle(self): note("b-after", self.get_previous_result())

class Extract(Job):
    def handle(self): return 1

class Clean(ChainableJob):
    def _handle(self): return self.get_previous_result() + 1

class Enrich(ChainableJob):
    def _handle(self): return self.get_previous_result() * 10

class Load(Job):
    def handle(self): note("load", *self.get_previous_results())

class Grows(BatchableJob):
    """Adds to its own batch, once, however often it runs."""
    max_tries, backoff = 2, 0
    def _handle(self):
        self.batch().add([ProcessData(["added"])])
        if self.attempts == 1: raise RuntimeError("again")


def batch_completed(): note("then", "completed")
def batch_failed(e): note("catch", type(e).__name__, e)
def batch_finished(): note("finally", "finished")
def chain_failed(e): note("chain-failed", e)

def on_done(batch): note("done", batch.name.replace(" ", "-"), batch.progress())
def on_first_failure(batch, e): note("first-failure", batch.failed_jobs, type(e).__name__)
def on_end(): note("end")
def tell(batch): note("progress", batch.progress())
def on_fail(e): note("failed", e)
