"""The stores that stand together, and how all of them are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from horizon.backends.base import Backend
from horizon.backends.outages import Outages
from horizon.core.errors import BackendUnavailable

T = TypeVar("T")


class Stores(Protocol):
    """What is needed of a runtime."""

    default: str
    outages: Outages

    def backend(self, connection: str | None = None) -> Backend:
        """The store of a connection."""

    def connections(self) -> tuple[str, ...]:
        """Every connection by name, the default one first."""


class Members:
    """All stores of one app. One that is down is left out; where none answers, its error passes."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def names(self) -> tuple[str, ...]:
        """By name, the default one first."""
        return self._stores.connections()

    def one(self, name: str, question: Callable[[Backend], T]) -> T:
        """Ask one of them. Raises BackendUnavailable."""
        return self._stores.outages.ask(name, lambda: question(self._stores.backend(name)))

    def all(self, question: Callable[[Backend], T], names: Iterable[str] | None = None) -> dict[str, T]:
        """What each says, by name, those that are down left out. Raises BackendUnavailable where all of them are."""
        answers: dict[str, T] = {}
        error: BackendUnavailable | None = None
        for name in self.names() if names is None else names:
            try:
                answers[name] = self.one(name, question)
            except BackendUnavailable as found:
                error = error or found
        if error is not None and not answers:
            raise error
        return answers

    def first(self, question: Callable[[Backend], T]) -> T:
        """What the first that answers says. Raises BackendUnavailable where none does."""
        for name in self.names()[:-1]:
            try:
                return self.one(name, question)
            except BackendUnavailable:
                continue
        return self.one(self.names()[-1], question)

    def silent(self, answers: Iterable[str]) -> tuple[str, ...]:
        """Those that are not among the ones that answered."""
        answered = set(answers)
        return tuple(name for name in self.names() if name not in answered)
