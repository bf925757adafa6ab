"""Figures over a stretch of time: in all, per class, per queue, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.base import Backend
from horizon.core.clock import Micros, from_datetime, iso
from horizon.core.errors import InvalidFilter, InvalidOption
from horizon.monitor import report as reports
from horizon.monitor.asking import backend_of, kept
from horizon.monitor.chosen import ALL, Choice
from horizon.monitor.forecast import Expected
from horizon.monitor.measures import Metrics, Timing
from horizon.monitor.naming import name_meant
from horizon.monitor.queue_stats import queue_stats
from horizon.monitor.report import Report
from horizon.monitor.span import STEPS, Kept, Span, before, span
from horizon.web import filters, search
from horizon.web.api import answers
from horizon.web.api.shapes import Json
from horizon.web.state import State, state_of


def show_metrics() -> Response:
    """`GET /api/jobs/metrics`."""
    runtime, args = state_of().runtime, request.args
    connection, limit = args.get("connection") or None, filters.limit_of(args)
    store = backend_of(runtime, connection)
    now, holds = store.now(), kept(runtime)
    over, compared = span_of(args, now, holds), _is_compared(args)
    name, queue = args.get("class") or None, args.get("queue") or None

    def read() -> Json:
        if queue is not None:
            queue_stats(runtime, queue, connection)  # one that nobody knows is an error, not an empty answer
        choice = Choice(queue=queue, names=None if name is None else tuple(meant(state_of(), store, name)))
        return shown(read_report(state_of(), over, now, connection, choice, compared=compared), limit)

    asked = (connection, name, queue, limit, compared, over.since, None if over.open else over.until, over.step)
    return answers.unless_known(store, lambda: state_of().dear.get(asked, read))


def read_report(state: State, over: Span, now: Micros, connection: str | None, choice: Choice, *, compared: bool) -> Report:
    """What happened in a stretch; `compared`: against as long before, as far as that is kept. Raises BackendUnavailable."""
    runtime, holds, earlier = state.runtime, kept(state.runtime), None
    if compared:
        steps = -(-(over.until - over.since) // over.step)
        span = before(over, steps * over.step, now, holds)
        earlier = reports.report(runtime, state.pasts.stretch(runtime, span, now, connection=connection, choice=choice))
    period = state.pasts.stretch(runtime, over, now, connection=connection, choice=choice)
    expected = state.pasts.expected(runtime, period, now, connection=connection, kept=holds) if choice == ALL else ()
    return reports.report(runtime, period, earlier, expected)


def span_of(args: Mapping[str, str], now: Micros, kept: Kept, zone: tzinfo = UTC) -> Span:
    """The stretch and the step that a query string asks for; times without a zone are of `zone`. Raises InvalidFilter."""
    step = args.get("step", "").strip()
    if step and step not in STEPS:
        raise InvalidFilter(f"step is one of {', '.join(STEPS)}, or left out; got {step[:40]!r}")
    try:
        return span(now, _moment(args, "since", now, zone), _moment(args, "until", now, zone), STEPS.get(step), kept)
    except InvalidOption as error:
        raise InvalidFilter(str(error)) from None


def _is_compared(args: Mapping[str, str]) -> bool:
    given = args.get("before", "").strip()
    if given not in ("", "true", "false"):
        raise InvalidFilter(f"before is true, or left out; got {given[:40]!r}")
    return given == "true"


def _moment(args: Mapping[str, str], key: str, now: Micros, zone: tzinfo) -> Micros | None:
    given = args.get(key, "").strip()
    if len(given) > search.MAX_TEXT:
        raise InvalidFilter(f"{key} has at most {search.MAX_TEXT:,} characters, got {len(given):,}")
    return min(max(search.when(given, f"{key}={given[:80]}", search.Moment(now=now, zone=zone)), 0), search.LAST) if given else None


def meant(state: State, store: Backend, given: str) -> tuple[str, ...]:
    """The names under which the jobs of a class are stored. Raises NotFound, InvalidFilter."""
    asked = state.runtime
    state.imports.ensure()  # a class that is not loaded is known by nothing but its stored jobs
    names = reports.names_of(asked, store)
    try:
        return names.stored_as[name_meant(given, asked.registry, names)]
    except InvalidOption as error:
        raise InvalidFilter(str(error)) from None


def shown(report: Report, limit: int) -> Json:
    """Everything, of classes and queues at most `limit` each; of the stretch before those that are told of this one."""
    found = told(report, limit)
    if report.before is not None:
        names = {kind: {one["name"] for one in found[kind]} for kind in ("classes", "queues")}
        earlier = told(report.before, len(report.before.classes) + len(report.before.queues))
        found["before"] = {**earlier, **{kind: [one for one in earlier[kind] if one["name"] in names[kind]] for kind in names}}
    return found


def told(report: Report, limit: int) -> Json:
    """One stretch."""
    return {
        "since": iso(report.span.since),
        "until": iso(report.span.until),
        "step": report.span.unit,
        "total": figures(report.total),
        "classes": [{"name": one.name, **figures(one)} for one in report.classes[:limit]],
        "classes_total": len(report.classes),
        "queues": [{"name": one.name, **figures(one)} for one in report.queues[:limit]],
        "queues_total": len(report.queues),
        "steps": [{"at": iso(from_datetime(one.since)), **figures(one)} for one in report.steps],
        "forecast": [{"at": iso(at), **foretold(one)} for at, one in report.forecast],
    }


def foretold(one: Expected) -> Json:
    """How many jobs were to be expected to end, in whole ones."""
    return {"low": round(one.low), "middle": round(one.middle), "high": round(one.high), "known": one.of}


def figures(of: Metrics) -> Json:
    """What happened to some of them."""
    return {
        "pushed": of.pushed,
        "completed": of.completed,
        "failed": of.failed,
        "cancelled": of.cancelled,
        "retried": of.retried,
        "success_rate": of.success_rate,
        "throughput_per_minute": round(of.throughput_per_minute, 3),
        "runtime": timing(of.runtime),
        "wait": timing(of.wait),
        "memory_mb": of.peak_memory_mb,
    }


def timing(of: Timing) -> Json:
    """How long something took, in seconds."""
    return {"count": of.count, **{key: _micros(getattr(of, key)) for key in ("mean", "p50", "p95", "p99")}, "max": _micros(of.longest)}


def _micros(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)
