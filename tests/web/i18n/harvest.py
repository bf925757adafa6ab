"""Everything that a catalogue should hold: the texts of the templates, and the sentences and nouns that the code makes.

`python -m tests.web.i18n.harvest de` writes what the catalogue of a language lacks, and what it has too much, to standard output.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from horizon.backends.circuits import State
from horizon.backends.values import Verb
from horizon.core.alert import Severity
from horizon.core.group import GroupState
from horizon.core.states import JobState
from horizon.monitor.triage import CauseState
from horizon.security.permissions import ROLES
from horizon.web.errors import TITLES
from horizon.web.i18n import catalogue, plans
from horizon.web.i18n.literals import with_texts
from horizon.web.i18n.naming import placeholder
from horizon.web.i18n.pieces import STATEMENT, pieces
from horizon.web.i18n.scripts import TEXTS
from horizon.web.i18n.templates import is_told
from horizon.web.i18n.units import keys
from tests.web.i18n.sentences import assigned, spellings, used

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / "templates"
SPEAKING = (
    "horizon/monitor", "horizon/web/pages", "horizon/web/draw", "horizon/web/words.py", "horizon/web/completing.py", "horizon/web/finding.py",
    "horizon/control/pacing.py", "horizon/web/lists.py",
    "horizon/core/limit.py", "horizon/jobs/answers.py", "horizon/backends/redis/safety.py",
)  # fmt: skip
"""Code whose sentences people see on pages."""
UNSEEN = (
    "horizon/monitor/doctor",
    "horizon/control/tokens.py",
    "horizon/control/users.py",
    "horizon/web/pages/reference.py",
    "horizon/monitor/manager.py",
)
"""Code below those that speaks on the command line alone."""
REFUSING = (
    "horizon/web/pages", "horizon/web/search.py", "horizon/web/filters.py", "horizon/web/sight.py", "horizon/web/blueprint.py",
    "horizon/web/audit.py", "horizon/control", "horizon/monitor", "horizon/security/permissions.py", "horizon/timetable/cron.py", "horizon/jobs/answers.py", "horizon/jobs/form.py", "horizon/backends/memory/read.py",
)  # fmt: skip
"""Code whose errors people see on pages."""
REFUSALS = frozenset({
    "InvalidFilter", "InvalidCursor", "UnknownAction", "GroupEnded", "InvalidInput", "InvalidTransition", "NotFound", "PermissionDenied",
    "NotSignedIn", "TooManyAttempts", "QueueFull", "PayloadTooLarge", "InvalidOption", "InvalidName", "NameTaken", "UnknownJobName", "Wrong",
})  # fmt: skip
"""Errors that are told to whoever asked."""
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
SHORT_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
GROUPS = ("batch", "batches", "chain", "chains", "workflow", "workflows", "job", "jobs", "step", "steps")
WORDS = (
    "{span} ago",
    "in {span}",
    "just now",
    "now",
    *ROLES,
    "before",
    "minute",
    "hour",
    "day",
    "running",
    "stopped",
    "ended",
    "paused",
    "draining",
    "yes",
    "no",
    "page",
    "queue",
    "schedule",
    "older",
    "today",
    "yesterday",
    "workers",
    "queues",
    "normal",
    "refused",
    "missed",
    "skipped",
    "dispatched",
    "overdue",
    "due",
    "forgotten",
    "pushed",
    "by hand",
    "JSON object",
    "returned",
    "released",
    "lost",
    "alive",
    "starting",
    "evenly",
    "{n} and above",
    "critical and above",
    "high and above",
    "normal and above",
    "low and above",
    "dispatch",
    "re-opening",
    "its first start",
    "completion",
    "forecast",
    "failure",
    "cancellation",
    "{later} later",
    "key|keys",
    "item|items",
    "{busy} of {slots} busy",
    "{done} jobs done",
    "{missed} missed in all",
    "{late} late",
    "{over} overlapping",
    "{times} of the clock",
    "{count} a second",
    "{count} a minute",
    "{count} an hour",
    "batch|batches",
    "chain|chains",
    "workflow|workflows",
    "minute|minutes",
    "hour|hours",
    "day|days",
    "second|seconds",
)
"""Words that stand alone where they are shown."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONG_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
CRON = (
    *DAYS, *LONG_MONTHS, "Every second", "Every minute", "Every {span}", "At the start of every hour", "At {times}", "At {times} every day",
    "At {times} on {days}", "At {times} in {months}", "At {times} every day in {months}", "At {times} on {days} in {months}",
    "At {unit} {minutes} of every hour", "Every {nth} minute of every hour", "Every {nth} minute past every hour",
    "At the start of every hour on {days}", "Every minute from {start} through {stop}", "Every minute from {start} through {stop} on {days}",
    "Every {nth} minute from {start} through {stop}", "Every {nth} minute from {start} through {stop} on {days}", "Every {nth} minute of every hour on {days}",
    "{start} through {stop}", "{first} and {second}", "and {last}", "the {nth} day of every month", "the {nth} day of {months}",
    "the last day of every month", "the last day of the month", "the last {days} of the month", "the {nth} {days} of the month",
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "minutes", *plans.KEYS,
)  # fmt: skip
"""Plans of schedules in words, as the library says them that reads them."""
SENTENCES = (
    "{most} times in {per}, evenly", "{most} times in {per} of the clock", "{again} of the first {count} failed again, more than {share} %",
    "{again} of the latest {count} failed again, more than {share} %", "The database", "The mail server", "The network", "What it speaks to", "An HTTP service", "A service behind TLS",
    "the memory store ends with its process and is seen by no other one: use it in tests only",
    "synchronous={synchronous} on {location}: a power cut can take the last commits with it (a crash of a process cannot); HORIZON_SQLITE_SYNCHRONOUS=FULL keeps them",
    "innodb_flush_log_at_trx_commit={flush} on {location}: a crash of the server, or a power cut, can take the last second's commits; set it to 1 there",
    "innodb_flush_log_at_trx_commit={flush} on {location}: a power cut can take the last second's commits; set it to 1 there",
    "waits for its limit: {key}, {most} at a time", "waits for its limit: {key}, {most} in {span}",
    "only a job that ended can be retried; it is {state}", "only a scheduled or retrying job can be run now; it is {state}",
    "only a pending, scheduled or retrying job can be rescheduled; it is {state}", "only a job that waits can change its priority; it is {state}",
    "only a job that waits can be moved; it is {state}", "only a cancelled job can be put back; it is {state}",
    "no job is registered as {name}; is its module in HORIZON_IMPORTS?", "no job is registered as {name}; did you mean {near}?", "; {jobs} of it still run", "; {jobs} of it still runs", "{jobs} of it still run", "{jobs} of it still runs", "Paused {queue}; {jobs} of it still run", "Paused {queue}; {jobs} of it still runs",
    "it waits for its limit: {key}, {most} at a time", "it waits for its limit: {key}, {most} in {span}",
    "Stopped.", "{count} first", "cancelled by {name}", "cancelled by {name}: {why}", "forgotten by {name}", "forgotten by {name}: {why}",
)  # fmt: skip
"""What stands in modules that say nothing else to people."""
COUNTERS = ("plural", "_count", "counted")
_SENTENCE = re.compile(r"\S*[A-Za-z]{2}\S* \S|[A-Z][a-z]+$")
_NO_SENTENCE = re.compile(
    r"^[a-z_./-]+$|horizon\.|^horizon [a-z]+|^[A-Z_]+$|:%|^[^\w{]|^[a-z]+:|^(?:POST|GET|SELECT|curl|pip|app\.config|HX|WWW|Content|Retry-After|text/)"
    r"|^[A-Z][a-z]+(?:[A-Z][a-z]+)+$|^[A-Z]\{|^\{[a-z_0-9]+\}(?![ ,:;])|^s-[a-z]|^(?:meta|num|fig|hit) [a-z]|^[a-z]+ [a-z-]+-[a-z-]+$|\\n|^(?:any|one)Of$|font-family|attachment;|translate\("
)
"""What looks like a sentence and is code: names of errors, headers, classes of CSS, commands, paths of drawings."""
_BY_HAND = re.compile(
    r"[;,] got \{|^a [a-z]+ takes \{| [tT]here are: \{|in microseconds|are a dict,|is missing: the registered|^one act takes|^the address of a view|^at most \{"
    r"|cron has five|never comes|`horizon|takes at most (?:500|\{)|this token|by its fingerprint"
)
"""What only an address or a form that somebody wrote by hand can get wrong: it is told in English."""
_LOOPS = re.compile(r"\{%-?\s*(?:for|with)\b")
_PLURAL = re.compile(r"plural\(\s*(\"[^\"]*\"|'[^']*')(?:\s*,\s*(\"[^\"]*\"|'[^']*'))?\s*\)")


def of_templates() -> set[str]:
    """Texts of every template."""
    found: set[str] = set()
    for path in sorted(path for path in TEMPLATES.rglob("*.html") if is_told(path.relative_to(TEMPLATES).as_posix())):
        source = path.read_text("utf-8")
        found.update(keys(source))
        found.update(of_loops(source))
        found.update(_noun(one[1:-1], many[1:-1]) for one, many in _PLURAL.findall(source))
    return found


def of_loops(source: str) -> set[str]:
    """Texts in the lists that a template goes through: they are told where they are shown."""
    found: list[str] = []
    for piece in pieces(source):
        if piece.kind == STATEMENT and _LOOPS.match(piece.source):
            with_texts(piece.source, lambda text: found.append(text))
    return set(found)


def of_code() -> set[str]:
    """Sentences and nouns that modules make which speak on pages."""
    said = {key for path in _modules(SPEAKING) for key in _of_module(ast.parse(path.read_text("utf-8")))}
    return said | {key for path in _modules(REFUSING) for key in _refusals(ast.parse(path.read_text("utf-8")))}


def of_words() -> set[str]:
    """States, months, ages, and what scripts say."""
    states = {state.value for kind in (JobState, GroupState, State, CauseState, Severity, Verb) for state in kind}
    kinds = {word for kind in GROUPS for word in (kind, kind.capitalize())}
    return {
        *states,
        *MONTHS,
        *SHORT_DAYS,
        *TEXTS,
        *WORDS,
        *SENTENCES,
        *CRON,
        *TITLES.values(),
        *kinds,
        *(f"{state.value.capitalize()} jobs" for state in JobState),
        *(state.capitalize() for state in states),
    }


@cache
def everything() -> set[str]:
    """All that a catalogue should hold."""
    return of_templates() | of_code() | of_words()


def _modules(names: Sequence[str]) -> Iterator[Path]:
    for name in names:
        path = ROOT / name
        found = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        yield from (one for one in found if not one.relative_to(ROOT).as_posix().startswith(UNSEEN))


def _of_module(tree: ast.Module) -> Iterator[str]:
    silent = {id(node) for node in _not_said(tree)}
    used.clear()
    named = list(_with_names(tree))
    for node, names in named:
        if isinstance(node, ast.JoinedStr):
            spellings(node, names)
    silent |= used
    for node, names in named:
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in COUNTERS:
            yield from _nouns(node)
        elif isinstance(node, (ast.JoinedStr, ast.Constant)) and id(node) not in silent:
            for key in map(_filled, spellings(node, names)):
                if _SENTENCE.search(_without_holes(key)) and not _NO_SENTENCE.search(key):
                    yield key


def _filled(text: str) -> str:
    """`{}` and `{:,}` are holes as well."""
    taken: set[str] = set()
    return re.sub(r"\{(?::[^{}]*)?\}", lambda found: "{" + placeholder("value", taken) + "}", text)


def _with_names(tree: ast.Module) -> Iterator[tuple[ast.AST, dict[str, ast.expr]]]:
    """Every node, with what names stand for in the innermost function around it."""
    inner: dict[int, dict[str, ast.expr]] = {}
    for around, names in assigned(tree):
        inner.update((id(node), names) for node in ast.walk(around))
    yield from ((node, inner[id(node)]) for node in ast.walk(tree))


def _refusals(tree: ast.Module) -> Iterator[str]:
    """What the errors of a module say to people."""
    for node, names in _with_names(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in REFUSALS and node.args:
            for said in _branches(node.args[0]):
                yield from (
                    key
                    for key in spellings(said, names)
                    if _SENTENCE.search(_without_holes(key)) and ("did you mean" in key or not _BY_HAND.search(key))
                )


def _branches(node: ast.AST) -> Iterator[ast.AST]:
    """The texts of an expression: of both sides of a condition."""
    if isinstance(node, ast.IfExp):
        yield from (*_branches(node.body), *_branches(node.orelse))
    elif isinstance(node, (ast.JoinedStr, ast.Constant)):
        yield node


def _not_said(tree: ast.Module) -> Iterator[ast.AST]:
    """Docstrings, what stands alone as one, the parts of f-strings, what is raised or logged, and what counts something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield from (part for value in node.values for part in ast.walk(value) if not isinstance(value, ast.FormattedValue))
            yield from (
                part
                for value in node.values
                if isinstance(value, ast.FormattedValue) and value.format_spec
                for part in ast.walk(value.format_spec)
            )
        elif isinstance(node, (ast.Raise, ast.Assert)) or (
            isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("warning", "error", "info", "exception", "debug", "compile")
        ):
            yield from ast.walk(node)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in COUNTERS:
            yield from (part for argument in node.args[1:] for part in ast.walk(argument))


def _without_holes(key: str) -> str:
    return re.sub(r"\{[a-z_0-9]+\}", "x", key)


def _nouns(call: ast.Call) -> Iterator[str]:
    words = [one.value for one in call.args[1:] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if words:
        yield _noun(words[0], words[1] if len(words) > 1 else "")


def _noun(one: str, many: str) -> str:
    return f"{one}|{many or one + 's'}"


def main(code: str) -> None:
    """What is missing and what is left over."""
    known, wanted = set(catalogue.of(code).texts), everything()
    json.dump({"missing": sorted(wanted - known), "left over": sorted(known - wanted)}, sys.stdout, ensure_ascii=False, indent=0)


if __name__ == "__main__":
    main(sys.argv[1])
