"""How it goes: figures, throughput, queues, causes, workers."""

from __future__ import annotations

from dataclasses import replace

from werkzeug.wrappers import Response

from horizon.backends.circuits import State
from horizon.monitor.figures import Overview
from horizon.monitor.limits import CircuitFigures, circuits
from horizon.web import hooks, render, sight
from horizon.web.auth import current_actor
from horizon.web.draw import chart
from horizon.web.pages import alerts, frame, workers
from horizon.web.render import viewer
from horizon.web.state import state_of


def show() -> Response:
    """GET /"""
    standing = frame.standing()
    figures = standing["figures"] = seen(standing["figures"])
    busy = workers.living(frame.store(), figures)
    plot = chart.throughput(figures.minutes, viewer().zone)
    return render.page(
        "overview/page.html",
        at=figures.at,
        plot=plot,
        chart=chart,
        workers=busy,
        circuits=broken(),
        panels=panels(),
        **alerts.panel(),
        **standing,
    )


def broken() -> list[CircuitFigures]:
    """Circuits that are not closed: jobs wait because something they need does not work."""
    return [one for one in circuits(frame.stores(), frame.connection()) if one.record.state is not State.CLOSED]


def seen(figures: Overview) -> Overview:
    """The figures as the actor of this request sees them: causes of failure quote what exceptions say."""
    return replace(figures, causes=sight.causes(figures.causes))


def panels() -> list[hooks.Drawn]:
    """What the host shows here."""
    return hooks.panels(state_of().hooks, "overview", current_actor())
