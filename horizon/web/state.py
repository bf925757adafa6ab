"""What one app's Horizon consists of; kept in `app.extensions["horizon"]`, never on the extension object."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

import horizon
from horizon.control.doors import DoorControl
from horizon.core import clock
from horizon.core.clock import Micros
from horizon.core.ids import token
from horizon.core.settings import Settings
from horizon.monitor.dear import Dear
from horizon.monitor.stats import Stats
from horizon.monitor.tags import Tallies
from horizon.monitor.trends import Pasts
from horizon.monitor.usual import Usuals
from horizon.web.allowance import Allowance
from horizon.web.brand import Brand, brand
from horizon.web.glance import Glances
from horizon.web.hooks import Hooks
from horizon.web.imports import Imports
from horizon.web.outage import Outage
from horizon.web.scheduler import Scheduler

if TYPE_CHECKING:
    from horizon.runtime import Runtime

BODY_SLACK = 100_000


@dataclass(kw_only=True)
class State:
    """Everything that belongs to one app."""

    runtime: Runtime
    prefix: str
    """Where it is mounted, without a trailing slash; empty for the root."""
    scheduler: Scheduler
    hooks: Hooks = field(default_factory=Hooks)
    """What the host added."""
    outage: Outage = field(default_factory=Outage)
    started_at: Micros = field(default_factory=clock.now)
    """When this process loaded the app: how new its code is."""

    @property
    def settings(self) -> Settings:
        """The resolved options."""
        return self.runtime.settings

    @cached_property
    def brand(self) -> Brand:
        """Whose dashboard it is."""
        return brand(self.settings)

    @property
    def max_body(self) -> int:
        """Bytes that the body of a request may have: the largest payload, and room for the names around it."""
        return int(self.settings.MAX_PAYLOAD) + BODY_SLACK

    @cached_property
    def boot(self) -> str:
        """Tells answers drawn by this code over this store apart from others; every process that serves the same agrees.

        A store in memory begins its version anew with each process.
        """
        url = self.runtime.url()
        return token() if url.startswith("memory:") else f"{horizon.__version__} {self.settings.CODE_VERSION} {url}"

    def doors(self) -> DoorControl:
        """How people and programs come in. Made anew each time: a process that forks gets another store."""
        return DoorControl(self.runtime, attempts=self.settings.SIGN_IN_ATTEMPTS)

    @cached_property
    def allowance(self) -> Allowance:
        """How many requests each token has left."""
        return Allowance(self.runtime, self.settings.API_RATE)

    @cached_property
    def imports(self) -> Imports:
        """The modules that define jobs besides the app."""
        return Imports(self.settings.IMPORTS)

    @cached_property
    def stats(self) -> Stats:
        """The figures, shared by every viewer of this process."""
        return Stats(self.runtime)

    @cached_property
    def dear(self) -> Dear:
        """Figures over a stretch of time, shared by whoever asks the same of this process."""
        return Dear()

    @cached_property
    def pasts(self) -> Pasts:
        """Sums of the past, read once by this process."""
        return self.stats.pasts

    @cached_property
    def tallies(self) -> Tallies:
        """Counts of watched tags, shared by whoever looks."""
        return Tallies()

    @cached_property
    def usuals(self) -> Usuals:
        """What is usual for each class, shared by whoever looks at one that runs."""
        return Usuals()

    @cached_property
    def glances(self) -> Glances:
        """What pages that ask for news share."""
        return Glances(self.runtime, self.stats, self.settings.LIVE_SECONDS)


def state_of(app: Flask | None = None) -> State:
    """The state of this app, or of the one that answers the current request."""
    return cast(State, (app or current_app).extensions["horizon"])
