"""Every error this product raises, under one root.

A message says what was expected, what came, and what to do. `code` is the word the HTTP API uses for it.
"""

from __future__ import annotations


class HorizonError(Exception):
    """Root of every error raised on purpose."""

    code = "error"


# refused at the door: nothing was written -----------------------------------------------------------


class InvalidInput(HorizonError, ValueError):
    """Something handed in is not acceptable; nothing was changed."""

    code = "invalid"


class InvalidOption(InvalidInput):
    """An option is unknown, of the wrong type or out of range."""

    code = "invalid_option"


class InvalidPayload(InvalidInput):
    """An argument cannot be stored; the message names it and its type."""

    code = "invalid_payload"


class PayloadTooLarge(InvalidPayload):
    """The encoded arguments exceed `HORIZON_MAX_PAYLOAD`."""

    code = "payload_too_large"


class InvalidFilter(InvalidInput):
    """A search text or filter that is not understood, or that no index could answer."""

    code = "invalid_filter"


class InvalidCursor(InvalidInput):
    """A paging cursor that this store did not hand out."""

    code = "invalid_cursor"


class UnknownAction(InvalidInput):
    """A verb that is not one of the allowed ones."""

    code = "unknown_action"


class UnknownDependency(InvalidInput):
    """A job depends on one that does not exist, has failed, or lives on another connection."""

    code = "unknown_dependency"


class DependencyCycle(InvalidInput):
    """Jobs that wait for each other; the message shows the path."""

    code = "dependency_cycle"


class UnknownGroup(InvalidInput):
    """A job belongs to, waits for or is nested in a group that is not on this connection."""

    code = "unknown_group"


class GroupEnded(InvalidInput):
    """A job was to join a group that has ended already."""

    code = "group_ended"


class UnknownJobName(InvalidInput):
    """No registered job has this name."""

    code = "unknown_job_name"


class QueueFull(HorizonError):
    """The queue holds as many waiting jobs as its `max_jobs` allows."""

    code = "queue_full"


# states and lookups ---------------------------------------------------------------------------------


class InvalidTransition(HorizonError):
    """A move between two states that the rules do not allow."""

    code = "invalid_transition"


class NotFound(HorizonError, LookupError):
    """What was asked for is not in the store."""

    code = "not_found"


class NotCommitted(HorizonError):
    """Asked to wait for a job whose dispatch is part of a transaction that has not been committed yet."""

    code = "not_committed"


class PermissionDenied(HorizonError):
    """The actor may not do this."""

    code = "forbidden"


class NotSignedIn(HorizonError):
    """A name, password or token that is not accepted; the message does not say which part was wrong."""

    code = "unauthorized"


class TooManyAttempts(HorizonError):
    """Asked more often than is allowed; `retry_after` says in how many seconds it may be asked again."""

    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ComesLater(HorizonError, NotImplementedError):
    """A capability whose signature stands but whose work comes with a later release."""

    code = "comes_later"


# the store ------------------------------------------------------------------------------------------


class BackendUnavailable(HorizonError):
    """The store did not answer; the message says which, and what to look at."""

    code = "backend_unavailable"


class StoreFull(BackendUnavailable):
    """The store has no room left for another record."""

    code = "store_full"


class SchemaMismatch(HorizonError):
    """The tables are older or newer than this version of the code."""

    code = "schema_mismatch"


class ConfigurationError(HorizonError):
    """A setting is missing, contradictory or malformed."""

    code = "configuration"


class NoApp(HorizonError, RuntimeError):
    """No app, or more than one, could be meant."""

    code = "no_app"


class NotNow(HorizonError):
    """A job that was to run here and now waits for something: a limit, another job, a service."""

    code = "not_now"


# raised inside a job --------------------------------------------------------------------------------


class JobTimeout(HorizonError, TimeoutError):
    """The job ran longer than its timeout."""

    code = "timeout"


class JobExpired(HorizonError):
    """The job's deadline passed before it started, and it was not to start after it."""

    code = "expired"


class MaxAttemptsExceeded(HorizonError):
    """A job released itself on the last of its tries: nothing is left to come back with."""

    code = "max_attempts_exceeded"


class JobCancelled(HorizonError):
    """A person cancelled the job while it ran."""

    code = "cancelled"


class JobCrashed(HorizonError):
    """The process that ran the job died."""

    code = "crashed"


class InvalidSignature(HorizonError):
    """A job, or something of it, that is not what was dispatched: changed, copied from another one, or not signed at all."""

    code = "invalid_signature"


class UnknownKey(HorizonError):
    """Encrypted or signed with a key that this process does not have."""

    code = "unknown_key"


class JobInterrupted(BaseException):
    """The worker was told to stop at once; not an `Exception`, so that `except Exception` lets it through."""
