"""Names that belong to the product, so that nobody hides `self.progress()` behind a number of their own by accident."""

from __future__ import annotations

from horizon.core.errors import InvalidOption

FLUENT = frozenset({
    "on_queue", "on_connection", "delay_until", "later", "with_priority", "with_deadline", "tagged", "for_user", "for_tenant",
    "unique_by", "debounce", "depends_on", "with_tries", "with_backoff", "with_timeout", "with_idempotency_key",
    "after_commit", "immediately",
})  # fmt: skip
DISPATCH = frozenset({"dispatch", "dispatch_many", "dispatch_if", "dispatch_unless", "dispatch_now", "dispatch_after_response"})
INSIDE = frozenset({
    "attempts", "job_id", "progress", "log", "release", "fail", "delete", "heartbeat", "cancel_requested", "batch", "append_to_chain",
    "prepend_to_chain", "get_previous_result", "get_previous_results", "once", "effect_of", "took_effect",
})  # fmt: skip

ON_CLASS = FLUENT | DISPATCH | INSIDE
"""What a subclass may not define."""
ON_INSTANCE = ON_CLASS | {"failed", "handle"}
"""What may not be assigned; `handle` and `failed` are for the class to define."""


def check_class(cls: type, root: type) -> None:
    """Raise InvalidOption where `cls`, or a class mixed into it before `root`, defines a name of the product."""
    for base in cls.__mro__:
        if base is root:
            return
        if base is not cls and issubclass(base, root):
            continue  # it was checked when it was made
        taken = sorted(ON_CLASS & base.__dict__.keys())
        if taken:
            raise InvalidOption(
                f"{base.__module__}.{base.__qualname__} defines {', '.join(taken)}, which every job has already; "
                f"choose another name, for instance my_{taken[0]}"
            )


def refuse_assignment(name: str, job: str) -> InvalidOption:
    """The error for `self.progress = ...` and its like."""
    return InvalidOption(
        f"{job}.{name} cannot be assigned: every job has a {name} of its own; choose another name, for instance self.my_{name}"
    )
