"""How it goes: figures, throughput, queues, causes, workers."""

from __future__ import annotations

from werkzeug.wrappers import Response

from horizon.web import render
from horizon.web.draw import chart
from horizon.web.pages import frame, workers
from horizon.web.render import viewer


def show() -> Response:
    """GET /"""
    standing = frame.standing()
    figures = standing["figures"]
    busy = workers.living(frame.store(), figures)
    plot = chart.throughput(figures.minutes, viewer().zone)
    return render.page("overview/page.html", at=figures.at, plot=plot, chart=chart, workers=busy, **standing)
