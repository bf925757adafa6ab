"""`BatchJobProcessor`: many items in one job, and many jobs for more items than one should hold.

```python
class ImportRows(BatchJobProcessor, queue="data"):
    def process_job_chunk(self, items: list) -> None: ...

ImportRows(rows, chunk=100).dispatch()                        # one job, which takes its rows a hundred at a time
ImportRows.split(every_row(), chunk=100).name("Import").dispatch()       # a batch: a job for each hundred, side by side
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from horizon.core.chunked import chunked
from horizon.core.errors import HorizonError, InvalidInput
from horizon.jobs.groups.batch import Batch
from horizon.jobs.job import Job

CHUNK = 100


class BatchJobProcessor(Job):
    """A job with a list of items. Override `process_job_chunk`."""

    _horizon_register = False

    def __init__(self, items: Sequence[Any], chunk: int = CHUNK) -> None:
        super().__init__()
        if isinstance(items, (str, bytes)) or not isinstance(items, Sequence):
            raise InvalidInput(
                f"{type(self).__name__} takes a list of items, which it is stored with; got {type(items).__name__}: "
                f"{type(self).__name__}.split(items) makes a batch of anything that yields items, without ever holding all of them"
            )
        chunked((), chunk)  # which says what is wrong with it
        self.items, self.chunk = items, chunk

    def process_job_chunk(self, items: list[Any]) -> Any:
        """Do the work for these, at most `chunk` of them."""
        raise HorizonError(f"{type(self).__name__} has no process_job_chunk(items) method; define one")

    def handle(self) -> int:
        """Chunk by chunk, with progress; stops between two where the job is cancelled. How many items it went through."""
        done = 0
        for items in chunked(self.items, self.chunk):
            if self.cancel_requested:
                self.delete()
                break
            self.process_job_chunk(items)
            done += len(items)
            self.progress(100 * done / len(self.items), f"{done:,} of {len(self.items):,}")
        return done

    @classmethod
    def split(cls, items: Iterable[Any], chunk: int = CHUNK, **more: Any) -> Batch:
        """A batch with a job for each `chunk` items; `more` is for its constructor. Of an iterator no more items are held than go into
        one push of a thousand jobs. To be ended with `.dispatch()`."""
        if isinstance(items, (str, bytes)) or not isinstance(items, Iterable):
            raise InvalidInput(f"split takes items, or anything that yields them; got {items!r}")
        pieces = chunked(items, chunk)
        made: Iterator[Job] = (cls(piece, chunk=chunk, **more) for piece in pieces)
        return Batch(list(made) if isinstance(items, Sequence) else made)
