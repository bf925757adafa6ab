"""Whether a job kept its deadline: by then it should have started."""

from __future__ import annotations

from horizon.core.clock import Micros
from horizon.core.record import Record


def missed(record: Record, now: Micros) -> bool:
    """Whether it had not started when its deadline passed; of several tries the first one counts, where it is known."""
    if record.deadline is None:
        return False
    starts = [attempt.started_at for attempt in record.history if attempt.started_at is not None]
    started = starts[0] if starts else record.started_at
    if started is not None:
        return started > record.deadline
    return (now if record.finished_at is None else record.finished_at) >= record.deadline
