"""How jobs do over time: every class and queue in a table, one of each in full, as charts and step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from flask import g, request
from werkzeug.wrappers import Response

from horizon.core.clock import iso
from horizon.core.errors import BackendUnavailable, InvalidFilter, InvalidOption, NotFound
from horizon.jobs import options
from horizon.monitor import history, trends
from horizon.monitor.asking import kept
from horizon.monitor.chosen import ALL, Choice
from horizon.monitor.deploys import Deploy, noted
from horizon.monitor.forecast import Expected
from horizon.monitor.history import Range
from horizon.monitor.measures import Sum
from horizon.monitor.naming import name_meant, present
from horizon.monitor.past import Period
from horizon.monitor.patience import Unfinished
from horizon.monitor.report import names_of
from horizon.monitor.trends import Trend
from horizon.web import addresses, render
from horizon.web.draw import trend as draw
from horizon.web.draw.heat import heat
from horizon.web.pages import frame, metrics_table
from horizon.web.pages.queues import page_of
from horizon.web.render import viewer
from horizon.web.search import Term
from horizon.web.state import state_of

VIEWS = ("classes", "queues", "charts", "table")
ROWS = 20
"""Rows on one page: a page stays below 40 kB."""
PARTS = 6
"""Rows of the classes of a queue, or the queues of a class."""
DEPLOYS = 12
AT_ONCE = 2_000
"""Sums of a queue and class that are read for one look at the tables, which takes some 20 ms; the next look goes on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What a page is about: all jobs, those of a class, or those of a queue."""

    kind: str = ""
    """`class`, `queue`, or empty: all."""
    name: str = ""
    choice: Choice = ALL

    @property
    def term(self) -> str:
        """As the search for jobs spells it."""
        return Term(key=self.kind, value=self.name).spelt() if self.kind else ""


def show() -> Response:
    """GET /metrics"""
    views = request.args.get("view", "classes")
    return _page(Subject(), view=views if views in VIEWS else "classes")


def of_class(name: str) -> Response:
    """GET /metrics/jobs/NAME"""
    return _page(class_named(name), view=_view())


def of_queue(name: str) -> Response:
    """GET /metrics/queues/NAME"""
    return _page(queue_named(name), view=_view())


def _view() -> str:
    return "table" if request.args.get("view") == "table" else "charts"


def class_named(name: str) -> Subject:
    """The jobs of a class. Raises NotFound, InvalidFilter."""
    state = state_of()
    state.imports.ensure()  # a class that is not loaded is known by nothing but its stored jobs
    names = names_of(state.runtime, frame.store())
    try:
        found = name_meant(name, state.runtime.registry, names)
    except InvalidOption as error:
        raise InvalidFilter(str(error)) from None
    return Subject(kind="class", name=found, choice=Choice(names=tuple(names.stored_as[found])))


def queue_named(name: str) -> Subject:
    """The jobs of a queue. Raises NotFound for what cannot be a queue's name."""
    try:
        options.queue(name)
    except InvalidOption as error:
        raise NotFound(str(error)) from None
    return Subject(kind="queue", name=name, choice=Choice(queue=name))


def range_of(args: Mapping[str, str]) -> Range:
    """The range that an address asks for; an hour where it asks for none there is."""
    return history.RANGES.get(args.get("range", ""), history.RANGES["1h"])


def trend_of(over: Range, choice: Choice = ALL, *, pairs: bool = True, most: int | None = None) -> Trend:
    """What happened, asked once for all who look at the same moment; `pairs`: per queue and class, too, for which `most` so many sums are
    read. Raises BackendUnavailable, Unfinished."""
    connection, glance = frame.connection(), g.get("_horizon_glance")
    if connection is not None:
        frame.store()  # for the NotFound of one that does not exist
    ask = partial(
        state_of().pasts.trend, frame.stores(), over, connection=connection, choice=choice, kept=kept(state_of().runtime), pairs=pairs,
        asked=frame.asked(), most=most,
    )  # fmt: skip
    return ask() if glance is None else cast(Trend, glance.once(("trend", over.key, connection, choice, pairs), ask))


def expected(subject: Subject, trend: Trend) -> Sequence[Expected | None]:
    """How many of all jobs were to be expected to end in each step; nothing for one class or queue, nor where a store does not answer."""
    if subject.kind:
        return ()
    ask = partial(
        state_of().pasts.expected,
        frame.stores(),
        trend.now,
        trend.now.span.until,
        connection=frame.connection(),
        kept=kept(state_of().runtime),
    )
    glance = g.get("_horizon_glance")
    try:
        return (
            ask() if glance is None else cast(Sequence[Expected | None], glance.once(("expected", trend.over.key, frame.connection()), ask))
        )
    except BackendUnavailable:
        return ()


def by_class(period: Period) -> Mapping[str, Sum]:
    """One sum for each class, by its present name."""
    return trends.by_class(period, partial(present, state_of().runtime.registry))


def deploys(trend: Trend) -> Sequence[Deploy]:
    """Versions that came into use within the range; none where the store that has them does not answer."""
    try:
        return noted(frame.stores().backend(), trend.now.span.since)[-DEPLOYS:]
    except BackendUnavailable:
        return ()


def _page(subject: Subject, view: str) -> Response:
    standing, over = frame.standing(), range_of(request.args)
    around: dict[str, Any] = {
        "subject": subject,
        "view": view,
        "over": over,
        "ranges": history.RANGES.values(),
        "here_at": partial(address, subject, **asked()),
    }
    try:
        trend, adding = seen(over, subject, pairs=bool(subject.kind) or view in ("classes", "queues"))
    except Unfinished:
        return render.page("metrics/adding.html", at=standing["figures"].at, order=metrics_table.Order(), plots=None, **around, **standing)
    charts = draw.Charts(trend, viewer().zone, expected(subject, trend))
    table = _table(subject, view, trend)
    return render.page(
        "metrics/page.html", at=standing["figures"].at, status=400 if table["wrong"] else 200, trend=trend,
        plots=charts, heat=heat(trend.now.steps) if view == "charts" else None, marks=marks(trend, charts.axis),
        spans=[(iso(start), iso(start + over.span)) for start in charts.axis.starts] if view == "table" else (), total=total_of(trend),
        adding=adding, columns=metrics_table.COLUMNS, **around, **table, **standing,
    )  # fmt: skip


def seen(over: Range, subject: Subject, *, pairs: bool) -> tuple[Trend, bool]:
    """What happened, and whether what each class and queue did is still being added up: so long there are the figures of all. Raises
    Unfinished for a class or a queue, of which all is made of that."""
    try:
        return trend_of(over, subject.choice, pairs=pairs, most=AT_ONCE), False
    except Unfinished:
        render.unfinished()
        if subject.kind:
            raise
        return trend_of(over, subject.choice, pairs=False), True


def address(subject: Subject, **given: object) -> str:
    """The page of a subject with these parameters."""
    if not subject.kind:
        return addresses.to("horizon.metrics", **given)
    return addresses.to("horizon.metrics_job" if subject.kind == "class" else "horizon.metrics_queue", name=subject.name, **given)


def asked() -> dict[str, str | None]:
    """What the address of this page says, as far as its links repeat it; what is usual is left out."""
    over = request.args.get("range", "")
    return {"range": over if over in history.RANGES else None, "connection": frame.connection()}


def marks(trend: Trend, axis: draw.Axis) -> list[tuple[Deploy, float | None]]:
    """Versions that came into use, and where they stand in the charts."""
    return [(one, axis.place(one.at, trend.over.span)) for one in deploys(trend)]


def total_of(trend: Trend) -> metrics_table.Line:
    """All of it as one row."""
    before = trends.summed(trend.before) if trend.known_before else None
    return metrics_table.Line(name="", cells=metrics_table.cells(trends.summed(trend.now), before, trend))


def _table(subject: Subject, view: str, trend: Trend) -> dict[str, Any]:
    """The rows of the page: classes, or queues, as many as fit."""
    rows_are = "queues" if subject.kind == "class" or (not subject.kind and view == "queues") else "classes"
    by, wrong = trends.by_queue if rows_are == "queues" else by_class, ""
    try:
        order, number = metrics_table.order_of(request.args.get("sort", "")), page_of(request.args.get("page", ""))
    except InvalidFilter as error:
        order, number, wrong = metrics_table.Order(), 1, str(error)
    sums, most = by(trend.now), PARTS if subject.kind else ROWS
    pages = max(1, -(-len(sums) // most))
    number = min(number, pages)
    shown = order.sorted(sums)[(number - 1) * most : number * most] if view in (rows_are, "charts" if subject.kind else rows_are) else []
    return {
        "rows": metrics_table.lines(shown, sums, by(trend.before), trend), "rows_are": rows_are, "all_rows": len(sums), "order": order,
        "number": number, "last_page": pages, "wrong": wrong,
    }  # fmt: skip
