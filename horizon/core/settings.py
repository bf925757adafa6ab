"""Every option: its name, default, unit and meaning, in one table.

Values come from `app.config` first, then from environment variables of the same name, then from the table. A key that
starts with `HORIZON_` and is not in the table is reported with the nearest name that is.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from horizon.core.errors import ConfigurationError

PREFIX = "HORIZON_"
TESTS = "HORIZON_TEST_"
"""Variables that only this project's own tests read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One setting. `kind` is how its text form (from the environment) is read."""

    name: str
    kind: str
    default: Any
    help: str
    unit: str = ""
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    secret: bool = False
    """Its value is never shown, not even where it is wrong."""


def _o(name: str, kind: str, default: Any, help: str, **more: Any) -> Option:
    return Option(name=PREFIX + name, kind=kind, default=default, help=help, **more)


DAY = 86_400
OPTIONS: tuple[Option, ...] = (
    # where
    _o("URL", "str", None, "Address of the default connection. Left out: the host's database where `db=` was given, else SQLite in the instance folder."),
    _o("CONNECTIONS", "dict", {}, "More connections: name to address, to a dict with `url`, `failover`, `max_tries`, `timeout`, `backoff`, or to a list of names that stand in for each other; jobs reach them with `on_connection(name)` or `define_queue(connection=)`."),
    _o("URL_PREFIX", "str", "/horizon", "Where the dashboard is mounted."),
    _o("IMPORTS", "list", [], "Modules that define jobs, besides the app itself; web and workers import them."),
    _o("AUTH", "callable", None, "Takes the request, returns None (refused) or an actor: a dict or object with `name` and `role` (viewer, operator, admin)."),
    _o("MIDDLEWARE", "objects", [], "What stands around every job, outside the job's own middleware: objects, or `module:Name` of one or of its class."),
    _o("ROUTES", "routes", {}, "Where jobs go that do not say it themselves: class, stored name, pattern or the class's own name, to a queue, a dict of options or a callable of the job; or one callable for all."),
    _o("READ_ONLY", "bool", False, "Nobody can change anything through the web."),
    _o("PAYLOADS", "str", "operator", "The least role that sees arguments, results, log lines and what exceptions say; who is less sees keys and types.", choices=("viewer", "operator", "admin")),
    _o("REDACT", "list", [], "More names of arguments and keys whose values are masked everywhere, beside those that look like secrets."),
    _o("REVEAL", "str", "admin", "The least role that may look into what encrypted jobs keep, which the audit log remembers; HORIZON_PAYLOADS is needed as well.", choices=("viewer", "operator", "admin")),
    _o("KEYS", "list", [], "Keys that encrypt and sign jobs, the newest first, each as `horizon keys generate` prints it. Web and workers need the same.", secret=True),
    _o("SIGNED_ONLY", "bool", False, "Workers run no job without a signature, of whatever class; set it once nothing unsigned waits any more (`horizon keys check`)."),
    _o("CLOSURES", "bool", False, "Callbacks of batches, chains and workflows may be lambdas and functions inside functions: they are stored as code, signed with HORIZON_KEYS, and run by workers that have this set, too."),
    _o("ACTOR", "callable", None, "Takes nothing, returns the id of the user on whose behalf a job is dispatched here, where `for_user()` says nothing; None: nobody's."),
    _o("PERMISSIONS", "callable", None, "Takes a user's id (None: nobody's), returns the names of their permissions, for jobs that require some: asked at dispatch and again in the worker."),
    _o("SIGN_IN", "float", 43_200.0, "How long a sign-in on the log-in page lasts.", unit="s", least=60, most=366 * DAY),
    _o("SIGN_IN_ATTEMPTS", "int", 10, "Failed log-ins within five minutes: so many per user name, three times as many per address.", unit="attempts", least=1, most=10_000),
    _o("API_RATE", "int", 600, "Requests a minute with one API token, over all web processes; 0: any number.", unit="requests", least=0, most=1_000_000),
    _o("SCHEDULER", "bool", True, "Whether web processes run housekeeping (one of them leads at a time)."),
    _o("TIMEZONE", "zone", "UTC", "The time zone in which schedules are meant that name none, such as Europe/Rome."),
    _o("TITLE", "str", None, "Name of the installation, shown in the dashboard. Left out: the app's name."),
    _o("LANGUAGE", "str", "auto", "Language of the dashboard for whoever chose none: auto (what the browser asks for), en, de, it, fr, or one of HORIZON_CATALOGUES."),
    _o("CATALOGUES", "str", None, "Folder of your own texts of the dashboard, a file for each language such as ar.json; relative to the app."),
    _o("BRAND", "str", None, "Name that stands in the corner and in the titles of pages instead of Horizon; at most 48 characters."),
    _o("LOGO", "str", None, "Picture that stands beside it: a path of this site such as /static/logo.svg, or an https address, which pages may then load pictures from."),
    _o("ACCENT", "str", None, "Colour of buttons, links and what is chosen, such as #0b7285; it is made darker or lighter until it can be read in both themes."),
    _o("ENVIRONMENT", "str", None, "Word that says where one is, such as staging; production, prod and live look different from the others on every page. At most 24 characters."),
    _o("VIEW_TIMEZONE", "zone", None, "The time zone in which everybody sees times, such as Europe/Rome. Left out: that of the browser."),
    _o("LIVE_SECONDS", "float", 2.0, "How often a page asks for news.", unit="s", least=0.5, most=60),
    _o("ALERT_AFTER", "float", 15.0, "How long something has to be wrong (no worker, a queue that nobody serves, a silent store) before it becomes an alert.", unit="s", least=0, most=3600),
    # jobs
    _o("QUEUE", "str", "default", "The queue of jobs that name none."),
    _o("PRIORITIES", "bool", True, "Jobs start by priority, deadline, weight and whose turn it is; False: in the order in which they come, in every queue."),
    _o("STANDARD_QUEUES", "bool", False, "The app has queues in three levels: default, emails and notifications with their sisters _high and _low, and reports, images, data."),
    _o("MAX_TRIES", "int", 3, "How often a job may run before it fails for good.", unit="tries", least=1, most=10_000),
    _o("TIMEOUT", "float", 60.0, "How long one attempt may run.", unit="s", least=0.01, most=30 * DAY),
    _o("BACKOFF", "backoff", None, "Wait between tries: seconds, or a list of them. Left out: exponential from 3 s to 10 min, with jitter.", unit="s"),
    _o("MAX_CRASHES", "int", 3, "How often a job may kill its process before it fails.", unit="crashes", least=1, most=1000),
    _o("MAX_PAYLOAD", "int", 1_000_000, "Largest encoded arguments of one job; more is refused at dispatch.", unit="bytes", least=100, most=64_000_000),
    _o("MAX_RESULT", "int", 100_000, "Largest encoded result; a larger one is kept cut, and marked.", unit="bytes", least=0, most=64_000_000),
    _o("MAX_ERROR", "int", 32_000, "Largest traceback kept of one attempt; the middle of a longer one is cut out.", unit="bytes", least=1000, most=1_000_000),
    _o("LOG_LINES", "int", 1000, "Log lines kept per attempt; the oldest go first.", unit="lines", least=0, most=100_000),
    _o("LOG_LEVEL", "str", "INFO", "Level from which log records inside a job are captured, where the app set none.", choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")),
    _o("UNKNOWN_JOB", "float", 600.0, "How long a job whose class no worker knows is handed back without cost before it fails.", unit="s", least=0, most=7 * DAY),
    _o("CODE_VERSION", "str", None, "Version of the app's code, noted with every job and worker."),
    # workers
    _o("LEASE", "float", 15.0, "How long a worker may be out of touch with the store before its jobs are given to others; renewed every third of it.", unit="s", least=1, most=3600),
    _o("CONCURRENCY", "int", 1, "Slots of one executor: 1 runs in the main thread, more in threads and an event loop.", unit="slots", least=1, most=1000),
    _o("PROCESSES", "int", 1, "Executors of one worker.", unit="processes", least=1, most=256),
    _o("GRACE", "float", 2.0, "From the soft timeout or cancellation to TERM, and from TERM to KILL.", unit="s", least=0.1, most=600),
    _o("CANCEL_GRACE", "float", 10.0, "How long a running job that was cancelled may go on before it is stopped from outside.", unit="s", least=0.1, most=3600),
    _o("MEMORY", "int", 0, "An executor that grew beyond this is replaced after its job; 0: never.", unit="MB", least=0, most=1_000_000),
    _o("BOOT_TIMEOUT", "float", 60.0, "How long an executor may take to load the app before it is replaced.", unit="s", least=1, most=3600),
    # keeping
    _o("KEEP_COMPLETED", "float", 7 * DAY, "How long completed jobs are kept.", unit="s", least=0),
    _o("KEEP_COMPLETED_JOBS", "int", 100_000, "How many completed jobs are kept at the most.", unit="jobs", least=0),
    _o("KEEP_FAILED", "float", 30 * DAY, "How long failed jobs are kept.", unit="s", least=0),
    _o("KEEP_CANCELLED", "float", 30 * DAY, "How long cancelled jobs are kept.", unit="s", least=0),
    _o("KEEP_AUDIT", "float", 365 * DAY, "How long audit entries are kept.", unit="s", least=0),
    _o("KEEP_SESSIONS", "float", 7 * DAY, "How long ended workers are remembered.", unit="s", least=0),
    _o("KEEP_EFFECTS", "float", 30 * DAY, "How long effects are remembered that shall not take place twice: those of `once()`, and jobs `with_idempotency_key()`.", unit="s", least=60),
    _o("KEEP_MINUTES", "float", 2 * 3600.0, "How long figures are kept minute by minute; then they are added up by the hour.", unit="s", least=2 * 3600, most=7 * DAY),
    _o("KEEP_HOURS", "float", 7 * DAY, "How long figures are kept hour by hour; then they are added up by the day.", unit="s", least=7 * DAY, most=92 * DAY),
    _o("KEEP_DAYS", "float", 366 * DAY, "How long figures are kept day by day.", unit="s", least=92 * DAY),
    _o("UNDO", "float", 3600.0, "How long a forgotten job can be restored.", unit="s", least=60),
    _o("SEAL_TIMEOUT", "float", 600.0, "A batch, chain or workflow whose last jobs never came is cancelled after this.", unit="s", least=1),
    # SQLite
    _o("SQLITE_SYNCHRONOUS", "str", "FULL", "FULL survives a power cut; NORMAL is faster and may lose the last commits in one, never in a crash of a process.", choices=("FULL", "NORMAL")),
    _o("SQLITE_BUSY_TIMEOUT", "float", 10.0, "How long a write waits for another process's.", unit="s", least=0.1, most=300),
    # Redis
    _o("ALLOW_EVICTION", "bool", False, "Work with a Redis whose maxmemory-policy is not noeviction, which may throw jobs away when its memory runs out."),
)  # fmt: skip
BY_NAME: dict[str, Option] = {option.name: option for option in OPTIONS}

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def _from_text(option: Option, text: str) -> Any:
    """The value that an environment variable spells."""
    match option.kind:
        case "bool":
            if text.lower() not in _TRUE | _FALSE:
                raise ValueError("true or false")
            return text.lower() in _TRUE
        case "int":
            return int(text)
        case "float":
            return float(text)
        case "list" | "objects":
            return [part.strip() for part in text.split(",") if part.strip()]
        case "dict" | "backoff" | "routes":
            return json.loads(text)
        case "callable":
            raise ValueError("a callable set in app.config (it cannot come from the environment)")
    return text


def _is_zone(name: str) -> bool:
    if name == "UTC":
        return True
    from zoneinfo import ZoneInfo  # here, since it is rarely needed and takes its time to load

    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True


_TYPES: dict[str, Callable[[Any], bool]] = {
    "str": lambda v: isinstance(v, str),
    "bool": lambda v: isinstance(v, bool),
    "int": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "float": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "list": lambda v: isinstance(v, (list, tuple)) and all(isinstance(x, str) for x in v),
    "dict": lambda v: isinstance(v, Mapping),
    "callable": callable,
    "objects": lambda v: isinstance(v, Iterable) and not isinstance(v, (str, bytes)),
    "routes": lambda v: isinstance(v, Mapping) or callable(v),
    "zone": lambda v: isinstance(v, str) and _is_zone(v),
    "backoff": lambda v: v is not None,
}


_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "dict": "JSON",
    "backoff": "JSON",
    "objects": "a list",
    "routes": "a dict or a callable",
    "zone": "a time zone such as Europe/Rome",
}
"""How a kind is called in a message."""


def _problem(option: Option, value: Any) -> str | None:
    """What is wrong with a value, or None."""
    if value is None and option.default is None:
        return None
    if not _TYPES[option.kind](value):
        return f"expected {_KINDS.get(option.kind, option.kind)}{f' ({option.unit})' if option.unit else ''}, got {_shown(option, value)}"
    if option.choices and value not in option.choices:
        return f"expected one of {', '.join(option.choices)}, got {value!r}"
    if option.kind in ("int", "float") and (
        (option.least is not None and value < option.least) or (option.most is not None and value > option.most)
    ):
        bounds = f"at least {option.least:g}" if option.most is None else f"from {option.least:g} to {option.most:g}"
        return f"expected {bounds}{' ' + option.unit if option.unit else ''}, got {value!r}"
    return None


def _listed(option: Option, value: Any) -> Any:
    """Keys are mostly taken from the environment by the app's own code, as one text."""
    return _from_text(option, value) if option.secret and isinstance(value, str) else value


def _shown(option: Option, value: Any) -> str:
    return f"a {type(value).__name__}" if option.secret else repr(value)


class Settings:
    """The resolved values, read as attributes without the prefix: `settings.LEASE`."""

    def __init__(self, values: Mapping[str, Any] | None = None, *, environ: Mapping[str, str] | None = None) -> None:
        """Resolve from `values` (an app's config; other keys are ignored) over `environ` (default: the process's).

        Raises ConfigurationError that lists everything wrong at once.
        """
        given, env = values or {}, os.environ if environ is None else environ
        self.values: dict[str, Any] = {}
        self.origins: dict[str, str] = {}
        problems = []
        for option in OPTIONS:
            value = option.default
            origin = "app.config" if option.name in given else "environment" if option.name in env else "default"
            try:
                if origin == "app.config":
                    value = _listed(option, given[option.name])
                elif origin == "environment":
                    value = _from_text(option, env[option.name])
                wrong = _problem(option, value)
            except ValueError as error:
                wrong = f"expected {_KINDS.get(option.kind, option.kind)}, got {env[option.name]!r} ({error})"
            if wrong:
                problems.append(f"{option.name} (from {origin}): {wrong}")
            self.values[option.name], self.origins[option.name] = value, origin
        if problems:
            raise ConfigurationError("these settings are not usable:\n  " + "\n  ".join(problems))
        keys = {key for key in (*given, *env) if isinstance(key, str) and key.startswith(PREFIX) and not key.startswith(TESTS)}
        self.unknown = sorted(keys - BY_NAME.keys())

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[PREFIX + name]
        except KeyError:
            raise AttributeError(f"there is no setting {PREFIX}{name}") from None

    def warnings(self) -> list[str]:
        """One sentence per unknown `HORIZON_` key, with the nearest known name."""
        return [
            f"{key} is not a setting of Horizon"
            + (f"; did you mean {near[0]}?" if (near := difflib.get_close_matches(key, BY_NAME, 1)) else "")
            for key in self.unknown
        ]
