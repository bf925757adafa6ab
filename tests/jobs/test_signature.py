from __future__ import annotations

from typing import Any

import pytest

from horizon.jobs.signature import Signature


def plain(a: int, b: int = 2) -> list[Any]:
    return [a, b]


def everything(a: int, /, b: int, *rest: int, only: int = 0, **more: int) -> list[Any]:
    return [a, b, rest, only, more]


def nothing() -> list[Any]:
    return []


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "named"),
    [
        (plain, (1,), {}, {"a": 1}),
        (plain, (1, 3), {}, {"a": 1, "b": 3}),
        (plain, (), {"b": 5, "a": 4}, {"a": 4, "b": 5}),
        (nothing, (), {}, {}),
        (everything, (1, 2), {}, {"a": 1, "b": 2}),
        (everything, (1,), {"b": 2, "only": 7}, {"a": 1, "b": 2, "only": 7}),
        (everything, (1, 2, 3, 4), {"x": 9}, {"a": 1, "b": 2, "*rest": [3, 4], "x": 9}),
        (everything, (1, 2), {"rest": 3}, {"a": 1, "b": 2, "rest": 3}),
    ],
)
def test_arguments_are_named_and_the_call_comes_out_the_same(function: Any, args: Any, kwargs: Any, named: Any) -> None:
    signature = Signature(function)
    assert signature.named(args, kwargs) == named
    assert signature.call(function, named) == function(*args, **kwargs)


def test_a_call_with_arguments_that_no_longer_fit_raises_as_any_call_does() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'gone'"):
        Signature(plain).call(plain, {"a": 1, "gone": 2})
