"""A chart as a file of its own: the same bars and lines, with its words beside them, in colours for paper. Pure."""

from __future__ import annotations

from markupsafe import escape

from horizon.web.draw.chart import HEIGHT, WIDTH
from horizon.web.draw.trend import Axis, Curve, Plot

TITLES = {
    "throughput": "jobs that ended", "failures": "failure rate", "runtime": "runtime", "wait": "wait before the start", "memory": "peak memory",
}  # fmt: skip
COLOURS = {
    "s-failed": "#c52a41", "s-completed": "#0f7a54", "s-cancelled": "#5f677e", "s-accent": "#6941de", "k50": "#6941de", "k95": "#0b7299",
    "k99": "#a35706", "faint-line": "#b3b9c7",
}  # fmt: skip
LEFT, ABOVE, TALL = 70, 60, 260
"""Room for the words at the left and above, and how high the plot is."""
FONT = "font-family='Inter, Helvetica, Arial, sans-serif'"


def drawn(plot: Plot, axis: Axis, *, heading: str) -> str:
    """The file."""
    parts = [*_grid(plot), *(_bar(curve, axis.width * 0.76) for curve in plot.bars), *(_line(curve) for curve in plot.lines)]
    scale = f"translate({LEFT} {ABOVE}) scale(1 {TALL / HEIGHT:g})"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {LEFT + WIDTH + 30} {ABOVE + TALL + 40}' role='img' {FONT} font-size='12'>"
        f"<title>{escape(heading)}</title><rect width='100%' height='100%' fill='#fff'/>"
        f"<text x='{LEFT}' y='24' font-size='15' font-weight='600' fill='#1a1f2e'>{escape(heading)}</text>"
        f"{''.join(_legend(plot))}<g transform='{scale}'>{''.join(parts)}</g>{''.join(_ticks(plot))}{''.join(_times(axis))}</svg>"
    )


def _grid(plot: Plot) -> list[str]:
    lines = len(plot.ticks) - 1
    return [
        f"<path d='M0 {HEIGHT * at / lines:g}H{WIDTH}' stroke='#e5e8f0' vector-effect='non-scaling-stroke'/>" for at in range(lines + 1)
    ]


def _bar(curve: Curve, width: float) -> str:
    return f"<path d='{curve.path}' fill='none' stroke='{COLOURS[curve.colour]}' stroke-width='{width:.1f}'/>"


def _line(curve: Curve) -> str:
    dashes = {"k95": " stroke-dasharray='6 3'", "k99": " stroke-dasharray='2 3'"}.get(curve.colour, "")
    return (
        f"<path d='{curve.path}' fill='none' stroke='{COLOURS[curve.colour]}' stroke-width='1.8' stroke-linejoin='round'{dashes}"
        " vector-effect='non-scaling-stroke'/>"
    )


def _ticks(plot: Plot) -> list[str]:
    lines = len(plot.ticks) - 1
    return [
        f"<text x='{LEFT - 8}' y='{ABOVE + TALL * at / lines + 4:g}' text-anchor='end' fill='#545c73'>{escape(tick)}</text>"
        for at, tick in enumerate(plot.ticks)
    ]


def _times(axis: Axis) -> list[str]:
    gaps = max(1, len(axis.times) - 1)
    return [
        f"<text x='{LEFT + WIDTH * at / gaps:g}' y='{ABOVE + TALL + 22}' text-anchor='middle' fill='#545c73'>{escape(time)}</text>"
        for at, time in enumerate(axis.times)
    ]


def _legend(plot: Plot) -> list[str]:
    made, x = [], LEFT
    for curve in (*plot.bars, *reversed(plot.lines)):
        made.append(f"<rect x='{x}' y='36' width='10' height='10' rx='2' fill='{COLOURS[curve.colour]}'/>")
        made.append(f"<text x='{x + 15}' y='45' fill='#545c73'>{escape(curve.name)}</text>")
        x += 30 + 7 * len(curve.name)
    return made
