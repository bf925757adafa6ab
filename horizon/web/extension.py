"""`Horizon(app)`: hangs the dashboard into an app and tells jobs which runtime is theirs.

The extension object keeps nothing of an app: `app.extensions["horizon"]` does, so one object serves several apps.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import Flask, current_app, has_app_context, has_request_context, request_started
from flask import after_this_request as after_this
from werkzeug.wrappers import Response

from horizon.control.many_groups import GroupActs
from horizon.core import current
from horizon.core.connections import DEFAULT
from horizon.core.errors import ConfigurationError
from horizon.core.settings import Settings
from horizon.jobs import after_response
from horizon.monitor.figures import Overview
from horizon.monitor.workers import Worker
from horizon.runtime import Runtime
from horizon.schedule.deploys import Deploys
from horizon.schedule.punctual import Punctual
from horizon.schedule.relay import Relay
from horizon.schedule.watch import Watch
from horizon.web import blueprint
from horizon.web.address import absolute, host_url
from horizon.web.hooks import Hooks
from horizon.web.i18n import language
from horizon.web.pages.workers import old_workers
from horizon.web.scheduler import Scheduler, backends_of
from horizon.web.state import State, state_of
from horizon.web.surroundings import surroundings

log = logging.getLogger("horizon")


class Horizon:
    """Background jobs and their dashboard for a Flask app."""

    def __init__(self, app: Flask | None = None, *, db: Any = None) -> None:
        """With `app`, the same as `init_app`. `db`: the app's Flask-SQLAlchemy object; its database becomes the default store."""
        self.db = db
        self._hooks = Hooks()
        if app is not None:
            self.init_app(app, db=db)

    def init_app(self, app: Flask, *, db: Any = None) -> None:
        """Mount the dashboard and make this app's runtime known. Opens no connection and starts no thread.

        Raises ConfigurationError for settings that are not usable, and where this app has a Horizon already.
        """
        if "horizon" in app.extensions:
            raise ConfigurationError(
                f"the app {app.name!r} has a Horizon already; call init_app (or Horizon(app)) once per app, and for a second "
                "store use HORIZON_CONNECTIONS"
            )
        db = self.db if db is None else db
        settings = _settings(app)
        runtime = Runtime.build(settings, url=_url(app, settings, db), name=app.name, host_db=db)
        runtime.around, runtime.sender = surroundings(app, db), app
        prefix = _prefix(settings.URL_PREFIX)
        app.extensions["horizon"] = State(
            runtime=runtime,
            prefix=prefix,
            hooks=self._hooks,
            scheduler=Scheduler(
                backends_of(runtime.backend, runtime.connections),
                _carried(runtime, app),
                lambda term: Punctual(runtime, term, prepare=state_of(app).imports.ensure),
            ),
        )
        _speaking(app, settings)
        _ = app.extensions["horizon"].brand  # what is wrong with it is told at the start, not on the first page
        app.register_blueprint(blueprint.make(prefix), url_prefix=prefix or None)
        if _scheduled(app, settings):
            request_started.connect(_first_request, app)

    def nav(self, title: str, to: str, *, icon: str = "link", role: str = "viewer") -> None:
        """Add an entry to the navigation of the dashboard: `horizon.nav("Reports", "reports.index", icon="chart")`.

        `to`: an endpoint of the app, a path or an address. `icon`: a name of `static/icons.svg`. `role`: the least one that sees it.
        For every app of this object. Raises ConfigurationError.
        """
        self._hooks.nav(title, to, icon=icon, role=role)

    def panel(self, page: str, what: str | Callable[[], object], *, title: str = "", every: float = 10.0, role: str = "viewer") -> None:
        """Add a panel to a page (`overview`): the name of a template of the app, or a callable that returns text or `Markup`; None or
        nothing: it is not shown this time.

        What it says is kept for `every` seconds and shown to everybody whose role is `role` or more. Where it raises, the panel says so, and
        the log has the trace. Raises ConfigurationError.
        """
        self._hooks.panel(page, what, title=title, every=every, role=role)


def _carried(runtime: Runtime, app: Flask) -> Callable[[str], None]:
    """What a leader does beside letting its store tick."""
    relay, deploys, of_groups = Relay(runtime), Deploys(runtime), GroupActs(runtime)
    watch = Watch(runtime, lambda: _figures(state_of(app)), after=runtime.settings.ALERT_AFTER, sender=app)

    def run(connection: str) -> None:
        deploys.run(connection)
        relay.run(connection)
        if connection == runtime.default:
            of_groups.run()
        watch.run(connection)

    return run


def _figures(state: State) -> tuple[Overview, Sequence[Worker]]:
    """How it goes, and which workers run old code."""
    figures = state.stats.overview()
    return figures, old_workers(state, figures)


def start(app: Flask) -> None:
    """Start housekeeping in this process now; for servers, to be called after the fork. A second call does nothing."""
    state: State = app.extensions["horizon"]
    if state.settings.SCHEDULER:
        state.scheduler.ensure()


def stop(app: Flask) -> None:
    """Stop housekeeping in this process and let another one lead."""
    state: State = app.extensions["horizon"]
    state.scheduler.stop()


# config -----------------------------------------------------------------------------------------------------------------


def _speaking(app: Flask, settings: Settings) -> None:
    """Take the languages of the host. Raises ConfigurationError where nothing is known of the one that it wants."""
    if settings.CATALOGUES:
        language.add(Path(app.root_path, settings.CATALOGUES))
    if settings.LANGUAGE != "auto" and language.find(settings.LANGUAGE) is None:
        known = ", ".join(one.code for one in language.available())
        raise ConfigurationError(f"HORIZON_LANGUAGE is auto or one of {known}; got {settings.LANGUAGE!r}")


def _settings(app: Flask) -> Settings:
    settings = Settings(app.config)
    for warning in settings.warnings():
        log.warning("%s", warning)
    settings.values["HORIZON_CONNECTIONS"] = {name: _anchored(app, given) for name, given in settings.CONNECTIONS.items()}
    return settings


def _anchored(app: Flask, given: Any) -> Any:
    """A connection as configured (an address, or a dict with one), its address no longer depending on any folder."""
    if isinstance(given, str):
        return absolute(given, app.instance_path)
    if isinstance(given, Mapping) and isinstance(given.get("url"), str):
        return {**given, "url": absolute(given["url"], app.instance_path)}
    return given


def _url(app: Flask, settings: Settings, db: Any) -> str:
    said = settings.CONNECTIONS.get(DEFAULT)
    if settings.URL is None and said is not None:
        return str(said["url"] if isinstance(said, Mapping) and "url" in said else said)
    if settings.URL is not None:
        return absolute(settings.URL, app.instance_path)
    if db is not None:
        return host_url(app, db)
    return f"sqlite:///{Path(app.instance_path) / 'horizon.db'}"


def _prefix(given: str) -> str:
    prefix = given.rstrip("/")
    if prefix and not prefix.startswith("/"):
        raise ConfigurationError(f"HORIZON_URL_PREFIX starts with a slash, as in /horizon; got {given!r}")
    return prefix


def _scheduled(app: Flask, settings: Settings) -> bool:
    """Whether requests may start housekeeping. Under test only where the setting says so: a thread of ours would write
    to the store behind the test's back."""
    said = settings.origins["HORIZON_SCHEDULER"] != "default"
    return bool(settings.SCHEDULER) and (said or not app.testing)


# what jobs and requests need of the app -----------------------------------------------------------------------------------


def _first_request(app: Flask, **_: Any) -> None:
    """A listener, not a hook: it hears of every request, can change none, and must not fail one either."""
    try:
        app.extensions["horizon"].scheduler.ensure()
    except Exception:
        log.exception("housekeeping could not be started in this process; workers still do the most urgent of it")


def _of_context() -> object | None:
    """The runtime of the app whose context is active."""
    if has_app_context() and isinstance(state := current_app.extensions.get("horizon"), State):
        return state.runtime
    return None


def _after_this_response(task: Callable[[], None]) -> bool:
    """Run a task once the response of the current request is out; False where there is no request."""
    if not has_request_context():
        return False

    @after_this
    def hang_on(response: Response) -> Response:
        response.call_on_close(task)
        return response

    return True


current.find_with(_of_context)
after_response.schedule_with(_after_this_response)
