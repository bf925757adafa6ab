"""Middleware for jobs: `from horizon.middleware import MiddlewareStack, LoggingMiddleware`.

Names are loaded when first used.
"""

from __future__ import annotations

import importlib
from typing import Any

_WHERE: dict[str, str] = {
    "Middleware": "horizon.middleware.base",
    "MiddlewareStack": "horizon.middleware.base",
    "LoggingMiddleware": "horizon.middleware.logging",
    "TimingMiddleware": "horizon.middleware.timing",
    "Skip": "horizon.middleware.skip",
    "FailOnException": "horizon.middleware.fail_on_exception",
    "ThrottleMiddleware": "horizon.middleware.throttle",
    "RetryMiddleware": "horizon.middleware.retry",
    "AuthorizationMiddleware": "horizon.middleware.authorization",
    "WithoutOverlapping": "horizon.middleware.without_overlapping",
    "RateLimitedMiddleware": "horizon.middleware.rate_limited",
    "CircuitBreaker": "horizon.middleware.circuit_breaker",
    "SkipIfBatchCancelled": "horizon.middleware.skip_if_batch_cancelled",
    "come_back": "horizon.middleware.sending_back",
}
__all__ = [*_WHERE]


def __getattr__(name: str) -> Any:
    from horizon.core.later import missing

    where = _WHERE.get(name)
    if where is None:
        raise missing("horizon.middleware", name, _WHERE, {})
    value = getattr(importlib.import_module(where), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
