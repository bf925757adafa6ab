from __future__ import annotations

import gc
import threading

import pytest

from horizon.core import current
from horizon.core.errors import NoApp


class Runtime:
    """Something that can be meant."""


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "_known", [])
    monkeypatch.setattr(current, "_finders", [])


def test_without_any_app_the_error_says_what_to_do() -> None:
    with pytest.raises(NoApp, match="Horizon"):
        current.get()


def test_the_only_one_there_is_is_meant() -> None:
    only = Runtime()
    current.register(only)
    assert current.get() is only


def test_of_several_none_is_guessed() -> None:
    kept = [Runtime(), Runtime()]
    for one in kept:
        current.register(one)
    with pytest.raises(NoApp, match="2 apps"):
        current.get()


def test_one_that_is_gone_is_not_meant() -> None:
    left, gone = Runtime(), Runtime()
    current.register(left)
    current.register(gone)
    del gone
    gc.collect()
    assert current.get() is left


def test_a_finder_is_asked_before_guessing() -> None:
    kept = [Runtime(), Runtime()]
    for one in kept:
        current.register(one)
    current.find_with(lambda: kept[1])
    assert current.get() is kept[1]


def test_a_finder_that_finds_nothing_leaves_it_to_the_others() -> None:
    only = Runtime()
    current.register(only)
    current.find_with(lambda: None)
    assert current.get() is only


def test_within_a_block_the_named_one_is_meant_and_afterwards_the_one_before() -> None:
    outer, inner = Runtime(), Runtime()
    with current.use(outer):
        with current.use(inner):
            assert current.get() is inner
        assert current.get() is outer


def test_another_thread_is_not_inside_the_block() -> None:
    seen: list[type[BaseException]] = []

    def look() -> None:
        try:
            current.get()
        except NoApp as error:
            seen.append(type(error))

    with current.use(Runtime()):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert seen == [NoApp]
