"""`JobMetrics`: how jobs of one class, or one queue, have done."""

from __future__ import annotations

from horizon.core.clock import Micros
from horizon.monitor import report
from horizon.monitor.asking import Stores, backend_of, kept, stores
from horizon.monitor.chosen import Choice
from horizon.monitor.measures import Metrics, Sum
from horizon.monitor.naming import name_meant
from horizon.monitor.queue_stats import QueueStats, queue_stats
from horizon.monitor.span import Since, Span, moment, span
from horizon.monitor.trends import Pasts


class JobMetrics:
    """Figures of the app that is meant: of the current app context, else of the only app there is.

    Nothing needs to be created: `JobMetrics.get_job_metrics("SendEmail")`. Each call asks the stores anew.
    """

    @staticmethod
    def get_job_metrics(
        job: object, *, since: Since = None, until: Since = None, queue: str | None = None, connection: str | None = None
    ) -> Metrics:
        """What happened to the jobs of one class.

        `job`: the class, the `@job` function, or its name (registered, former, or that of the class alone). `since` and
        `until`: aware datetimes, or how long ago (seconds or a timedelta); left out, the past 24 hours. `queue` and
        `connection` narrow it. A class that is known and has not run yet has zeros, and None for what cannot be reckoned.

        Raises NotFound for a name that nobody knows (with the nearest ones), InvalidOption for one that several classes
        have and for times that make no stretch, NoApp, BackendUnavailable.
        """
        asked = stores()
        store = backend_of(asked, connection)
        names = report.names_of(asked, store)
        name = name_meant(job, asked.registry, names)
        now = store.now()
        over = span_of(asked, now, since, until)
        choice = Choice(queue=queue, names=tuple(names.stored_as[name]))
        return total_of(asked, over, now, choice, connection).metrics(name, over.since, over.until)

    @staticmethod
    def get_queue_stats(queue: str, *, connection: str | None = None) -> QueueStats:
        """How a queue does now: jobs by state, the age of the oldest, its pace, and who serves it.

        Over every connection that has it, or over one. Raises NotFound for a queue that nobody knows (with the nearest
        names), NoApp, BackendUnavailable.
        """
        return queue_stats(stores(), queue, connection)


def total_of(asked: Stores, over: Span, now: Micros, choice: Choice, connection: str | None) -> Sum:
    """What happened to them, from sums that the stores keep. Raises BackendUnavailable."""
    return Pasts().total(asked, over, now, connection=connection, choice=choice)


def span_of(asked: Stores, now: Micros, since: Since, until: Since = None) -> Span:
    """The stretch that somebody means. Raises InvalidOption."""
    begin = None if since is None else moment(since, now)
    end = None if until is None else moment(until, now, "until")
    return span(now, begin, end, kept=kept(asked))
