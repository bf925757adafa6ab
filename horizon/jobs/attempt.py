"""From a reservation to something that can be run: the class found, the arguments decoded, limits worked out.

One `Attempts` per executor. Nothing here raises: what cannot be run becomes a `Prepared` whose outcome is decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import random

from horizon.backends.values import Reservation
from horizon.core import backoff as backoffs
from horizon.core.backoff import Backoff
from horizon.core.clock import SECOND, Micros, now, perf_ns
from horizon.core.envelope import FOLLOW_UP, VERSION
from horizon.core.errors import InvalidOption, InvalidPayload, InvalidSignature, JobTimeout, UnknownJobName, UnknownKey
from horizon.core.outcome import Failure, Kind, Outcome
from horizon.core.settings import Settings
from horizon.jobs import codec, decide, failure, options, sealing
from horizon.jobs import followup as followup  # so that the follow-up job is known wherever jobs are run
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.classes import UnknownClass
from horizon.jobs.ending import Limits
from horizon.jobs.groups import calling as calling  # likewise the jobs that call the callbacks of groups
from horizon.jobs.groups import closures as closures
from horizon.jobs.groups.inside import Inside
from horizon.jobs.handling import retry_lists
from horizon.jobs.plan import Plan, plan_of
from horizon.jobs.prepared import Prepared
from horizon.jobs.room import Room
from horizon.jobs.sealing import Cover
from horizon.jobs.shape import Shape
from horizon.security.sealed import is_sealed

_REFUSED = {InvalidSignature: "its signature is not valid", UnknownKey: "its key is not known here"}
MAX_NAMES = 10_000
"""Unknown names remembered; more than that is no rolling deploy any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptDefaults:
    """What holds where nothing above the worker's flag said anything: flag, connection, setting, in this order."""

    max_tries: int
    timeout: Micros
    backoff: Backoff

    @classmethod
    def of(
        cls, settings: Settings, *, tries: int | None = None, timeout: float | None = None, connection: Mapping[str, object] | None = None
    ) -> AttemptDefaults:
        """From the flags of a worker (None: not given), over the options of its connection, over the settings.

        Raises InvalidOption.
        """
        levels: dict[str, object] = {"max_tries": settings.MAX_TRIES, "timeout": settings.TIMEOUT, "backoff": settings.BACKOFF}
        levels.update(connection or {})
        backoff = levels["backoff"]
        return cls(
            max_tries=options.max_tries(levels["max_tries"] if tries is None else tries),
            timeout=options.timeout(levels["timeout"] if timeout is None else timeout),
            backoff=backoffs.DEFAULT if backoff is None else backoffs.check(backoff),
        )


class Attempts:
    """Prepares what one executor reserves."""

    def __init__(self, runtime: RuntimeLike, *, worker: str, defaults: AttemptDefaults, connection: str | None = None) -> None:
        settings = runtime.settings
        self._runtime = runtime
        self._defaults = defaults
        self._strict: bool = settings.SIGNED_ONLY
        self._patience = round(settings.UNKNOWN_JOB * SECOND)
        self._unknown: dict[str, Micros] = {}
        self._backoffs: dict[str, Backoff] = {}
        self._latest: tuple[object, Limits | None] = (None, None)
        self._room = Room(
            runtime=runtime,
            worker=worker,
            connection=connection,
            most_lines=settings.LOG_LINES,
            max_error=settings.MAX_ERROR,
            max_result=settings.MAX_RESULT,
            inside=lambda running: Inside(runtime, running),
        )

    def prepare(self, reservation: Reservation, received_ns: int | None = None) -> Prepared:
        """Make a reservation runnable. `received_ns`: when the executor got it (`perf_ns`), now where None."""
        prepared = Prepared(self._room, reservation, perf_ns() if received_ns is None else received_ns)
        cls = self._runtime.registry.find(reservation.name)
        try:
            if cls is None or reservation.version > VERSION:
                prepared.ready = self._not_known(reservation, self._why_unknown(reservation, cls))
            elif reservation.retry_until is not None and reservation.attempt > 1 and now() > reservation.retry_until:
                prepared.ready = self._over(reservation, "its time for retries is over")
            else:
                self._fill(prepared, cls, reservation)
        except UnknownClass as error:
            prepared.ready = self._not_known(reservation, str(error))
        except (InvalidSignature, UnknownKey) as error:
            prepared.ready = _failed(reservation, failure.describe(error, self._room.max_error, reservation.name), _REFUSED[type(error)])
        except InvalidPayload as error:
            prepared.ready = _failed(reservation, self._described(error, prepared), "bad payload")
        except Exception as error:
            prepared.ready = _failed(reservation, self._described(error, prepared), "it could not be prepared")
        return prepared

    def _described(self, error: Exception, prepared: Prepared) -> Failure:
        made = failure.describe(error, self._room.max_error, prepared.reservation.name)
        return made if prepared.cover is None else prepared.cover.failure(made)

    def _fill(self, prepared: Prepared, cls: type[Shape], reservation: Reservation) -> None:
        plan, keyring = plan_of(cls), self._runtime.keyring
        if keyring or plan.sealed or self._strict or is_sealed(reservation.payload):
            self._open(prepared, plan, reservation)
        arguments = codec.decode(prepared.payload)
        timeout = self._defaults.timeout if reservation.timeout is None else reservation.timeout
        limits = self._limits_of(reservation)
        prepared.fill(plan, arguments, limits, timeout / SECOND)
        prepared.retry_delay_us = self._after_timeout(cls, reservation, limits)

    def _limits_of(self, reservation: Reservation) -> Limits:
        """Mostly those of the job before."""
        said = (reservation.max_tries, reservation.retry_until, reservation.backoff)
        before, limits = self._latest
        if limits is None or before != said:
            tries, until, backoff = said
            most = self._defaults.max_tries if tries is None else tries
            limits = Limits(most, until, self._backoff(backoff), backoff is not None)
            self._latest = said, limits  # at once: threads share this
        return limits

    def _open(self, prepared: Prepared, plan: Plan, reservation: Reservation) -> None:
        """Check the signature and decrypt the arguments, as they were dispatched. Raises InvalidSignature, UnknownKey."""
        keyring = self._runtime.keyring
        demanded = plan.sealed or (self._strict and reservation.name != FOLLOW_UP)  # which the store makes by itself
        prepared.payload = sealing.opened(reservation, keyring, demanded=demanded)
        encrypted = plan.sealed or prepared.payload is not reservation.payload
        if encrypted or ((queue := self._runtime.routing.queue(reservation.queue)) is not None and queue.sealed and keyring):
            prepared.cover = Cover(keyring, reservation.id)

    def _after_timeout(self, cls: type[Shape], reservation: Reservation, limits: Limits) -> Micros | None:
        """The delay before the next try, should the guardian have to kill this one for its timeout; None: it was the last."""
        if limits.max_tries is not None and reservation.attempt >= limits.max_tries:
            return None
        delay = round(backoffs.delay(limits.backoff, reservation.attempt, random()) * SECOND)
        if limits.retry_until is None and cls.retry_on is None and cls.dont_retry_on is None:
            return delay
        verdict = decide.after_failure(
            attempt=reservation.attempt,
            max_tries=limits.max_tries,
            now=now() if limits.retry_until is not None else 0,
            delay=delay,
            retry_until=limits.retry_until,
            wanted=decide.wanted(JobTimeout(), *retry_lists(cls)),
        )
        return verdict.delay if isinstance(verdict, decide.Again) else None

    def _backoff(self, text: str | None) -> Backoff:
        if text is None:
            return self._defaults.backoff
        found = self._backoffs.get(text)
        if found is None:
            try:
                decoded = backoffs.decode(text)
                found = self._defaults.backoff if decoded is None else decoded
            except (InvalidOption, ValueError, TypeError) as error:
                raise InvalidPayload(f"the stored backoff {text[:80]!r} cannot be read: {error}") from None
            if len(self._backoffs) > MAX_NAMES:
                self._backoffs.clear()
            self._backoffs[text] = found
        return found

    # what is not run ------------------------------------------------------------------------------

    def _why_unknown(self, reservation: Reservation, cls: type[Shape] | None) -> str:
        if cls is None:
            return (
                f"no module loaded by this worker defines the job {reservation.name!r}; add its module to HORIZON_IMPORTS, or, "
                f"where the class was renamed, give it aliases = [{reservation.name!r}]; then retry this job"
            )
        return (
            f"the job was stored in format {reservation.version} and this worker reads up to {VERSION}; "
            "upgrade Horizon where the workers run, then retry this job"
        )

    def _not_known(self, reservation: Reservation, why: str) -> Outcome:
        at = now()
        if len(self._unknown) > MAX_NAMES:
            self._unknown.clear()
        verdict = decide.unknown(
            now=at,
            created_at=reservation.created_at,
            first_seen=self._unknown.setdefault(reservation.name, at),
            patience=self._patience,
        )
        if isinstance(verdict, decide.Again):
            return Outcome(
                id=reservation.id,
                ref=reservation.ref,
                token=reservation.token,
                kind=Kind.RETURNED,
                delay=verdict.delay,
                reason=f"unknown here: {why}",
                started=False,
            )
        error = UnknownJobName(f"{verdict.reason}: {why}")
        return _failed(reservation, failure.describe(error, self._room.max_error, reservation.name), "unknown job")

    def _over(self, reservation: Reservation, reason: str) -> Outcome:
        return _failed(reservation, failure.describe(JobTimeout(reason), self._room.max_error, reservation.name), reason)


def _failed(reservation: Reservation, error: Failure, reason: str) -> Outcome:
    return Outcome(
        id=reservation.id, ref=reservation.ref, token=reservation.token, kind=Kind.FAILED, error=error, reason=reason, started=False
    )  # fmt: skip
