"""`QueueFake`: catches what is dispatched, so that a test can say what should have been.

```python
with QueueFake() as fake:
    register(user)
    fake.assert_pushed(SendWelcome, lambda job: job.to == user.email)
```

1. From its making on, whatever this process dispatches is kept here and goes to no store; nothing runs.
2. All that `dispatch` refuses is refused as ever, and of two jobs with one unique key the second is none.
3. It ends with the `with` block, with `stop()`, with the test (under pytest), or when nobody keeps it any more.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from horizon.core.clock import now
from horizon.core.envelope import Envelope
from horizon.jobs import capture
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.groups.form import Form
from horizon.jobs.groups.laying import Around, lay
from horizon.jobs.groups.pushing import Packer
from horizon.jobs.jobid import Fate, JobId
from horizon.jobs.registry import REGISTRY
from horizon.jobs.shape import Shape
from horizon.testing.asserting import Asserting
from horizon.testing.asserting_groups import AssertingGroups
from horizon.testing.dispatched import Dispatched
from horizon.testing.grouped import Grouped, grouped
from horizon.testing.naming import class_of
from horizon.testing.standin import meant


class QueueFake(Asserting, AssertingGroups):
    """See the module. `only`: catch these jobs and let all others through."""

    def __init__(self, *only: Any) -> None:
        self._only = tuple(class_of(one, REGISTRY) for one in only)
        self._runtime = meant()
        """Kept here: without an app it lives as long as this."""
        self._keys: set[tuple[str, str]] = set()
        self._dispatched: list[Dispatched] = []
        self._groups: list[Grouped] = []
        self.loose = True
        """Not inside a `with` block, so that nothing says when it ends."""
        capture.spread(self)

    def stop(self) -> None:
        """Let dispatches through again; what was caught can still be asked about."""
        capture.take_in(self)

    def clear(self) -> None:
        """Forget what was caught so far."""
        self._dispatched.clear()
        self._groups.clear()
        self._keys.clear()

    def __enter__(self) -> Self:
        self.loose = False
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    # as a net ---------------------------------------------------------------------------------------

    def takes(self, cls: type[Shape]) -> bool:
        """See `Net.takes`."""
        return not self._only or issubclass(cls, self._only)

    def keep(self, runtime: RuntimeLike, connection: str, job: Shape, envelope: Envelope) -> JobId | None:
        """See `Net.keep`."""
        if envelope.unique_key is not None:
            key = (connection, envelope.unique_key)
            if key in self._keys:
                return None
            self._keys.add(key)
        self._keep(connection, job, envelope)
        return JobId(envelope.id, runtime, connection, Fate.CAUGHT)

    def keep_group(self, runtime: RuntimeLike, group: Form, id: str) -> None:
        """See `Net.keep_group`. It is laid out as for a store, so that what cannot be dispatched is refused, and its jobs count as
        pushed, which they are."""
        steps = list(lay(group, Around(id)))
        packer = Packer(runtime, group.kind)
        chunks = list(packer.chunks(steps))
        outermost, *_ = grouped(steps)
        self._groups.append(outermost)
        connection = packer.connection or runtime.default
        for chunk in chunks:
            for job, envelope in zip(chunk.jobs, chunk.envelopes, strict=True):
                job._horizon.id = JobId(envelope.id, runtime, connection, Fate.CAUGHT)
                if envelope.group is not None:
                    self._keep(connection, job, envelope, outermost)

    def _keep(self, connection: str, job: Shape, envelope: Envelope, group: Grouped | None = None) -> None:
        self._dispatched.append(Dispatched(job=job, connection=connection, envelope=envelope, group=group, at=now()))


def stop_loose() -> None:
    """End every fake that is in no `with` block: what the pytest plugin does after each test."""
    for net in capture.spread_now():
        if isinstance(net, QueueFake) and net.loose:
            net.stop()
