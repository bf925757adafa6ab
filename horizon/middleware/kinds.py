"""Which exceptions a middleware is about, checked where it is written: in the worker it would hide the job's own error."""

from __future__ import annotations

from horizon.core.errors import InvalidOption


def kinds(value: object, what: str) -> None:
    """Raises InvalidOption for what `except` could not take."""
    if not all(isinstance(one, type) and issubclass(one, BaseException) for one in (value if isinstance(value, tuple) else (value,))):
        raise InvalidOption(f"{what} is an exception class or a tuple of them, such as (ConnectionError, TimeoutError); got {value!r}")
