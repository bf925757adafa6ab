"""Metrics to take away: tables and series as CSV and JSON, charts as SVG."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from functools import partial
from typing import Any

from flask import make_response, request
from werkzeug.wrappers import Response

from horizon.core.clock import from_datetime, iso
from horizon.core.errors import InvalidFilter, NotFound
from horizon.monitor import trends
from horizon.monitor.forecast import Expected
from horizon.monitor.measures import Metrics, Sum
from horizon.monitor.past import Period
from horizon.monitor.trends import Trend
from horizon.web import export, text
from horizon.web.api import metrics as api
from horizon.web.draw import picture
from horizon.web.draw import trend as draw
from horizon.web.draw.heat import heat
from horizon.web.i18n.speech import told
from horizon.web.pages import metrics, metrics_table
from horizon.web.pages.metrics import Subject
from horizon.web.render import viewer

WHAT = ("classes", "queues", "steps")
HEAT = "heat"
"""The map of runtimes, beside the charts."""


def take_away() -> Response:
    """GET /export/metrics: `what` is `classes`, `queues` or `steps`, `format` `csv` or `json`; the rest as on the page. Raises InvalidFilter."""
    what, kind = request.args.get("what", "classes"), request.args.get("format", "csv")
    if what not in WHAT or kind not in ("csv", "json"):
        raise InvalidFilter(f"what is {', '.join(WHAT)} and format csv or json; got {what[:40]!r} and {kind[:40]!r}")
    over, about = metrics.range_of(request.args), subject()
    trend = metrics.trend_of(over, about.choice)
    rows = _steps(about, trend) if what == "steps" else _named(what, trend)
    name = f"metrics-{what}-{over.key}"
    columns = tuple(rows[0]) if rows else ("name",)
    return export.stream_csv(name, columns, rows) if kind == "csv" else export.stream_json(name, rows)


def chart() -> Response:
    """GET /export/chart: one chart as an SVG file of its own. Raises NotFound for a chart that is not there."""
    over, about, say = metrics.range_of(request.args), subject(), partial(told, language=viewer().language)
    trend, key = metrics.trend_of(over, about.choice, pairs=False), request.args.get("chart", "")
    charts = draw.Charts(trend, viewer().zone, metrics.expected(about, trend))
    plots = {plot.key: plot for plot in charts.all()}
    if key not in plots and key != HEAT:
        raise NotFound(f"there is no such chart; there are: {', '.join([*plots, HEAT])}")
    heading = f"{about.name or say('All jobs')} · {say(picture.TITLES[key])} · {say(over.label)}"
    marks = [(text.plain(one.version, 40), x) for one, x in metrics.marks(trend, charts.axis) if x is not None]
    drawn = (
        picture.heat_map(heat(trend.now.steps), charts.axis, heading=heading, marks=marks, say=say)
        if key == HEAT
        else picture.drawn(plots[key], charts.axis, heading=heading, marks=marks, say=say)
    )
    response = make_response(drawn)
    response.mimetype = "image/svg+xml"
    response.headers["Content-Disposition"] = f'attachment; filename="horizon-{key}-{over.key}.svg"'
    return response


def subject() -> Subject:
    """The class or the queue that the address names. Raises NotFound, InvalidFilter."""
    name, queue = request.args.get("class", ""), request.args.get("queue", "")
    if name and queue:
        raise InvalidFilter("an export is about a class or about a queue, not about both")
    return metrics.class_named(name) if name else metrics.queue_named(queue) if queue else Subject()


def _named(what: str, trend: Trend) -> list[dict[str, object]]:
    by = trends.by_queue if what == "queues" else metrics.by_class
    now, before = by(trend.now), by(trend.before)
    names = metrics_table.order_of(request.args.get("sort", "")).sorted(now)
    return [{"name": name, **_flat(_told(now[name], trend.now)), **_before(before.get(name), trend)} for name in names]


def _told(one: Sum, period: Period) -> Metrics:
    return one.metrics("", period.span.since, period.span.until)


def _before(one: Sum | None, trend: Trend) -> dict[str, object]:
    found = _flat(_told(one if one is not None else Sum(), trend.before))
    return {f"before_{key}": value for key, value in found.items()}


def _steps(about: Subject, trend: Trend) -> list[dict[str, object]]:
    """Every step, and where that is told for such steps how many jobs were to be expected to end in it."""
    steps, likely = trends.each(trend.now), metrics.expected(about, trend)
    if not any(likely):
        return [step(one) for one in steps]
    return [{**step(one), **_foretold(expected)} for one, expected in zip(steps, likely, strict=False)]


def _foretold(one: Expected | None) -> dict[str, object]:
    told = None if one is None else api.foretold(one)
    return {f"forecast_{key}": None if told is None else told[key] for key in ("low", "middle", "high")}


def step(one: Metrics) -> dict[str, object]:
    """One step of the range."""
    return {"at": iso(from_datetime(one.since.astimezone(UTC))), **_flat(one)}


def _flat(one: Metrics) -> dict[str, object]:
    """The figures of the API, those of timings with the name of the timing before them."""
    made: dict[str, object] = {}
    told: Mapping[str, Any] = api.figures(one)
    for key, value in told.items():
        if isinstance(value, Mapping):
            made.update({f"{key}_{part}": figure for part, figure in value.items()})
        else:
            made[key] = value
    return made
