"""Functions as bytes. The home of cloudpickle: reading such bytes runs whatever is in them, so who reads has checked a stamp before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from horizon.core.errors import ConfigurationError

NO_CLOUDPICKLE = "closures as callbacks need the package cloudpickle, which is not installed here: pip install 'flask-horizon[closures]'"


def dumps(function: Callable[..., Any]) -> bytes:
    """With all that it holds. Raises ConfigurationError where cloudpickle is not installed, and whatever pickling raises."""
    data: bytes = _cloudpickle().dumps(function)
    return data


def loads(data: bytes) -> Callable[..., Any]:
    """Whoever wrote these bytes decides what happens here. Raises ConfigurationError where cloudpickle is not installed."""
    function: Callable[..., Any] = _cloudpickle().loads(data)
    return function


def _cloudpickle() -> Any:
    try:
        import cloudpickle  # an extra: only who stores closures pays for it
    except ImportError as error:
        raise ConfigurationError(NO_CLOUDPICKLE) from error
    return cloudpickle
