"""How it goes: figures, throughput, queues, causes, workers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from horizon.backends.circuits import State
from horizon.monitor.figures import Overview
from horizon.monitor.history import RANGES as ALL_RANGES
from horizon.monitor.history import Range
from horizon.monitor.limits import CircuitFigures, circuits
from horizon.web import hooks, render, sight
from horizon.web.auth import current_actor
from horizon.web.draw import chart
from horizon.web.draw import trend as draw
from horizon.web.pages import alerts, frame, metrics, workers
from horizon.web.render import viewer
from horizon.web.state import state_of

RANGES = tuple(one for one in ALL_RANGES.values() if one.key != "90d")
"""Of the chart of throughput."""


def show() -> Response:
    """GET /"""
    standing = frame.standing()
    figures = standing["figures"] = seen(standing["figures"])
    busy = workers.living(frame.store(), figures)
    plot, over = (
        chart.throughput(figures.minutes, viewer().zone),
        next((one for one in RANGES if one.key == request.args.get("range")), RANGES[0]),
    )
    return render.page(
        "overview/page.html",
        at=figures.at,
        plot=plot,
        past_hour=lambda of: [getattr(minute, of) for minute in figures.minutes],
        chart=chart,
        workers=busy,
        silent={one.session.info.id for one in figures.quiet},
        circuits=broken(),
        panels=panels(),
        over=over,
        ranges=RANGES,
        **further(over),
        **alerts.panel(),
        **standing,
    )


def further(over: Range) -> dict[str, Any]:
    """What the chart of throughput shows beyond the past hour, which the figures have anyhow."""
    if over == RANGES[0]:
        return {"trend": None}
    trend = metrics.trend_of(over, pairs=False)
    plots = draw.Charts(trend, viewer().zone)
    return {"trend": trend, "plots": plots, "total": metrics.total_of(trend), "marks": metrics.marks(trend, plots.axis)}


def broken() -> list[CircuitFigures]:
    """Circuits that are not closed: jobs wait because something they need does not work."""
    return [one for one in circuits(frame.stores(), frame.connection()) if one.record.state is not State.CLOSED]


def seen(figures: Overview) -> Overview:
    """The figures as the actor of this request sees them: causes of failure quote what exceptions say."""
    return replace(figures, causes=sight.causes(figures.causes))


def panels() -> list[hooks.Drawn]:
    """What the host shows here."""
    return hooks.panels(state_of().hooks, "overview", current_actor())
