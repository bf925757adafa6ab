"""What happens, as blinker signals: `from horizon.events import job_failed; job_failed.connect(tell_somebody)`.

The sender is the Flask app; the details are keywords (`job_id name queue` and, of an attempt, `job attempt worker runtime
exception delay reason`). A receiver that raises is logged: it touches neither the job nor the other receivers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from blinker import NamedSignal, Namespace

from horizon.core import events

_signals = Namespace()


def _bridged(name: str) -> NamedSignal:
    """A signal that is sent whenever the process announces `name`."""
    signal = _signals.signal(name)
    events.PROCESS.listen(name, _sender(signal))
    return signal


def _sender(signal: NamedSignal) -> Callable[..., None]:
    def send(*, sender: Any = None, **details: Any) -> None:
        for receiver in list(signal.receivers_for(sender)):
            try:
                receiver(sender, **details)
            except Exception:
                logging.getLogger("horizon.events").exception("a receiver of %s raised; the job is not touched by it", signal.name)

    send.heard = lambda: bool(signal.receivers)  # type: ignore[attr-defined]
    return send


job_queued = _bridged("job_queued")
"""Stored for good (with the host's transaction: committed). `job_id name queue connection`."""
job_processing = _bridged("job_processing")
"""An attempt begins."""
job_deadline_missed = _bridged("job_deadline_missed")
"""The first attempt begins, after the job's deadline; `deadline` is that moment, and `late` how many seconds ago it was."""
job_processed = _bridged("job_processed")
"""Completed."""
job_failed = _bridged("job_failed")
"""Failed for good; `exception`."""
job_retrying = _bridged("job_retrying")
"""Failed, and comes again after `delay` seconds; `exception`."""
job_cancelled = _bridged("job_cancelled")
"""Cancelled, or deleted by itself; `reason`."""
batch_finished = _bridged("batch_finished")
"""A batch has ended, whatever way, and once more each time a retry opened it again: `batch_id name state connection`, and `batch`, the
`JobBatch`. Sent by a worker, in a job that is pushed with the batch where somebody listens in the process that dispatches it."""
chain_finished = _bridged("chain_finished")
"""The same of a chain: `chain_id name state connection`, and `chain`, its `ChainMonitor`."""
workflow_finished = _bridged("workflow_finished")
"""The same of a workflow: `workflow_id name state connection`, and `workflow`, its `WorkflowMonitor`."""
worker_started = _bridged("worker_started")
worker_stopped = _bridged("worker_stopped")
alert_raised = _bridged("alert_raised")
alert_resolved = _bridged("alert_resolved")
