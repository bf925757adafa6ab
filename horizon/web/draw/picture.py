"""A chart as a file of its own: the same bars and lines, with its words beside them, in colours for paper. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import escape

from horizon.web.draw.chart import HEIGHT, WIDTH
from horizon.web.draw.heat import Heat
from horizon.web.draw.trend import Axis, Curve, Plot

TITLES = {
    "throughput": "jobs that ended", "failures": "failure rate", "runtime": "runtime of an attempt", "wait": "wait before the start", "memory": "peak memory", "heat": "runtime, attempt by attempt",
}  # fmt: skip
COLOURS = {
    "s-failed": "#c52a41", "s-completed": "#0f7a54", "s-cancelled": "#5f677e", "s-accent": "#6941de", "k50": "#6941de", "k95": "#0b7299",
    "k99": "#a35706", "faint-line": "#b3b9c7", "expected": "#9db8d9",
}  # fmt: skip
SHADES = ("#e3dcfa", "#c6b8f4", "#a58feb", "#8768e3", "#6941de")
"""Of the map of runtimes, the faintest first."""
OPEN, DEPLOY = "#e9ecf3", "#545c73"
"""The step that still goes on, and the lines of new versions."""
Say = Callable[[str], str]
"""Puts a text of ours into the language of whoever reads the file."""
Marks = Sequence[tuple[str, float]]
"""Versions of the code that came into use, and where."""
NAMED, LONGEST = 2, 12
"""Versions that the legend names, and characters of each."""
LEFT, ABOVE, TALL = 70, 60, 260
"""Room for the words at the left and above, and how high the plot is."""
FONT = "font-family='Inter, Helvetica, Arial, sans-serif'"


def drawn(plot: Plot, axis: Axis, *, heading: str, marks: Marks = (), say: Say = str) -> str:
    """The file; the heading is in its language already."""
    parts = [
        f"<rect x='{axis.open_at}' y='0' width='{axis.width}' height='{HEIGHT}' fill='{OPEN}'/>",
        *_grid(plot),
        *(_area(curve) for curve in plot.areas),
        *(_bar(curve, axis.width * 0.76) for curve in plot.bars),
        *(_line(curve) for curve in plot.lines),
        *_deploys(marks, say),
    ]
    words = [*_legend(plot, say), (say("so far"), OPEN), *_told(marks, say)]
    return _file(heading, _words(words), parts, _ticks([say(tick) for tick in plot.ticks]), _times([say(time) for time in axis.times]))


def heat_map(heat: Heat, axis: Axis, *, heading: str, marks: Marks = (), say: Say = str) -> str:
    """The map of runtimes as a file: darker where there were more."""
    parts = [f"<path d='{path}' fill='{shade}'/>" for path, shade in zip(heat.shades, SHADES, strict=True) if path]
    words = [(say("few"), SHADES[0]), (say(f"up to {heat.most:,} in one cell"), SHADES[-1]), *_told(marks, say)]
    ticks, times = [say(tick) for tick in heat.ticks], [say(time) for time in axis.times]
    return _file(heading, _words(words), [*parts, *_deploys(marks, say)], _ticks(ticks), _times(times))


def _file(heading: str, legend: list[str], parts: list[str], ticks: list[str], times: list[str]) -> str:
    scale = f"translate({LEFT} {ABOVE}) scale(1 {TALL / HEIGHT:g})"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {LEFT + WIDTH + 30} {ABOVE + TALL + 40}' role='img' {FONT} font-size='12'>"
        f"<title>{escape(heading)}</title><rect width='100%' height='100%' fill='#fff'/>"
        f"<text x='{LEFT}' y='24' font-size='15' font-weight='600' fill='#1a1f2e'>{escape(heading)}</text>"
        f"{''.join(legend)}<g transform='{scale}'>{''.join(parts)}</g>{''.join(ticks)}{''.join(times)}</svg>"
    )


def _deploys(marks: Marks, say: Say) -> list[str]:
    return [
        f"<path d='M{x} 0V{HEIGHT}' stroke='{DEPLOY}' stroke-dasharray='1 3' vector-effect='non-scaling-stroke'>"
        f"<title>{escape(say(f'version {version}'))}</title></path>"
        for version, x in marks
    ]


def _told(marks: Marks, say: Say) -> list[tuple[str, str]]:
    """The versions by name, as many as there is room for."""
    names = [version if len(version) <= LONGEST else version[: LONGEST - 1] + "…" for version, _ in marks]
    told = ", ".join(names[:NAMED]) + (f" +{len(names) - NAMED}" if len(names) > NAMED else "")
    return [(say(f"new version: {told}" if len(marks) == 1 else f"new versions: {told}"), DEPLOY)] if marks else []


def _grid(plot: Plot) -> list[str]:
    lines = len(plot.ticks) - 1
    return [
        f"<path d='M0 {HEIGHT * at / lines:g}H{WIDTH}' stroke='#e5e8f0' vector-effect='non-scaling-stroke'/>" for at in range(lines + 1)
    ]


def _area(curve: Curve) -> str:
    return f"<path d='{curve.path}' fill='{COLOURS[curve.colour]}' fill-opacity='0.35'/>"


def _bar(curve: Curve, width: float) -> str:
    return f"<path d='{curve.path}' fill='none' stroke='{COLOURS[curve.colour]}' stroke-width='{width:.1f}'/>"


def _line(curve: Curve) -> str:
    dashes = {"k95": " stroke-dasharray='6 3'", "k99": " stroke-dasharray='2 3'"}.get(curve.colour, "")
    alone = (
        f"<path d='{curve.dots}' fill='none' stroke='{COLOURS[curve.colour]}' stroke-width='{3.5 if curve.before else 5}' stroke-linecap='round'"
        " vector-effect='non-scaling-stroke'/>"
    )
    return (alone if curve.dots else "") + (
        f"<path d='{curve.path}' fill='none' stroke='{COLOURS[curve.colour]}' stroke-width='1.8' stroke-linejoin='round'{dashes}"
        " vector-effect='non-scaling-stroke'/>"
    )


def _ticks(ticks: Sequence[str]) -> list[str]:
    lines = max(1, len(ticks) - 1)
    return [
        f"<text x='{LEFT - 8}' y='{ABOVE + TALL * at / lines + 4:g}' text-anchor='end' fill='#545c73'>{escape(tick)}</text>"
        for at, tick in enumerate(ticks)
    ]


def _times(times: Sequence[str]) -> list[str]:
    gaps = max(1, len(times) - 1)
    return [
        f"<text x='{LEFT + WIDTH * at / gaps:g}' y='{ABOVE + TALL + 22}' text-anchor='middle' fill='#545c73'>{escape(time)}</text>"
        for at, time in enumerate(times)
    ]


def _legend(plot: Plot, say: Say) -> list[tuple[str, str]]:
    return [(say(curve.name), COLOURS[curve.colour]) for curve in (*plot.bars, *reversed(plot.lines), *plot.areas)]


def _words(named: Sequence[tuple[str, str]]) -> list[str]:
    made, x = [], LEFT
    for name, colour in named:
        made.append(f"<rect x='{x}' y='36' width='10' height='10' rx='2' fill='{colour}'/>")
        made.append(f"<text x='{x + 15}' y='45' fill='#545c73'>{escape(name)}</text>")
        x += 30 + 7 * len(name)
    return made
