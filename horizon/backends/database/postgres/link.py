"""Opening connections, and set up how."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict

from horizon.backends.database.postgres.faults import translate
from horizon.backends.database.postgres.place import Place
from horizon.backends.database.postgres.values import adapt
from horizon.core.clock import monotonic
from horizon.core.errors import ConfigurationError

T = TypeVar("T")
LIBPQ = 140_000
"""The first libpq that sends several statements in one go."""
SETTINGS = (
    "-c idle_in_transaction_session_timeout=60000 -c jit=off -c client_min_messages=warning "
    "-c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c random_page_cost=1.1 "
    "-c max_parallel_workers_per_gather=0"
)
"""Every statement of ours finds its rows by an index and stops where it has enough. The planner, which can estimate no
condition on two tables at once, would now and then rather read both from end to end, or start processes for fifty rows."""
DEFAULTS = {
    "connect_timeout": "10", "application_name": "horizon", "client_encoding": "utf8", "keepalives_idle": "15",
    "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "20000",
}  # fmt: skip
"""Of libpq, unless the address says otherwise."""


class Answering(psycopg.Connection[Any]):
    """Counts as dead where the server says nothing for too long: libpq would wait for ever for one that stands still."""

    patience = float("inf")
    """Seconds that one statement may take; a lock that is not given ends it before."""

    def wait(self, gen: Any, *args: Any, **named: Any) -> Any:
        """See `psycopg.Connection.wait`."""
        return super().wait(_answered(gen, self.patience), *args, **named)


def _answered(steps: Generator[Any, Any, T], seconds: float) -> Generator[Any, Any, T]:
    """The same steps of talking to the server, given up where it is silent for so long. Raises psycopg.OperationalError."""
    try:
        wanted, ends = next(steps), monotonic() + seconds
        while True:
            ready = yield wanted
            if not ready and monotonic() > ends:
                raise psycopg.OperationalError(f"no answer within {seconds:g} s")
            wanted = steps.send(ready)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]


def open_connection(place: Place, *, patient: bool = False) -> psycopg.Connection[Any]:
    """A connection set up for this store. `patient` ones wait for an answer for ever: changing tables takes its time.

    Raises BackendUnavailable, ConfigurationError.
    """
    if psycopg.pq.version() < LIBPQ:
        raise ConfigurationError(
            f"{place.location} needs libpq 14 or newer, psycopg has {psycopg.pq.version_pretty(psycopg.pq.version())}; "
            "run: pip install 'flask-horizon[postgres]', which brings its own"
        )
    waits = round(place.busy_timeout * 1000)
    ours = f"-c lock_timeout={waits} {SETTINGS}"
    try:
        given = conninfo_to_dict(place.url)
        options = {**DEFAULTS, **given, "options": f"{given.get('options') or ''} {ours}".strip()}
        connection = Answering.connect(**options, autocommit=True, prepare_threshold=None)  # type: ignore[arg-type]
    except psycopg.Error as error:
        raise translate(error, place.location) from error
    if not patient:
        connection.patience = max(2.0, 2 * place.busy_timeout)
    adapt(connection)
    return connection
