"""A terminal that is drawn again and again until somebody has seen enough; anywhere else, once."""

from __future__ import annotations

import contextlib
import io
import os
import select
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO, TypeVar

import click

from horizon.cli.output import at_terminal, escaped
from horizon.core import clock
from horizon.core.errors import BackendUnavailable

EVERY = 2.0
"""Seconds between two looks where nobody says."""
ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
"""The other screen, so that what stood here comes back; no cursor; lines that are too long are cut off, not wrapped."""
LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l"
HOME, LINE_END, REST = "\x1b[H", "\x1b[K", "\x1b[J"
QUIT = ("q", "Q", "\x1b", "\x03")
Draw = Callable[[], None]
F = TypeVar("F", bound=Callable[..., Any])


class Sheet(io.StringIO):
    """What is printed meanwhile, as for the terminal it will be shown at."""

    def isatty(self) -> bool:
        """It will be shown at one."""
        return True


def options(function: F) -> F:
    """How often to look."""
    for add in (
        click.option("--once", is_flag=True, help="Look once, at a terminal too."),
        click.option(
            "--every", type=click.FloatRange(0.2, 3600), default=EVERY, show_default=True, metavar="SECONDS", help="Between two looks."
        ),
    ):
        function = add(function)
    return function


def show(draw: Draw, *, every: float = EVERY, once: bool = False) -> None:
    """Let `draw` print, again every so many seconds until Ctrl-C or q; once where nobody looks.

    A store that does not answer is told in the picture's place: whoever watches wants to see it come back.
    """
    if once or not at_terminal():
        draw()
        return
    screen = sys.stdout
    with _keys() as keys:
        screen.write(ENTER)
        try:
            while True:
                screen.write(picture(drawn(draw), shutil.get_terminal_size().lines))
                screen.flush()
                if wait(keys, every):
                    return
        except KeyboardInterrupt:
            return
        finally:
            screen.write(LEAVE)
            screen.flush()


def drawn(draw: Draw) -> str:
    """What `draw` prints."""
    sheet = Sheet()
    with contextlib.redirect_stdout(sheet), contextlib.redirect_stderr(sheet):
        try:
            draw()
        except BackendUnavailable as error:
            click.secho(f"The store does not answer: {escaped(error)}", fg="red")
    return sheet.getvalue()


def picture(text: str, lines: int) -> str:
    """What to send so that the screen shows this text, and of the one before nothing. Pure."""
    rows = text.rstrip("\n").split("\n")
    shown = rows[: max(1, lines - 1)]
    if len(shown) < len(rows):
        shown[-1] = f"... {len(rows) - len(shown) + 1} more lines"
    return HOME + "".join(f"{row}{LINE_END}\n" for row in shown) + REST


@contextlib.contextmanager
def _keys() -> Iterator[TextIO | None]:
    """Standard input with each key at once; None where nobody types."""
    if not sys.stdin.isatty():
        yield None
        return
    import termios
    import tty

    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    tty.setcbreak(number)
    try:
        yield sys.stdin
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)


def wait(keys: TextIO | None, seconds: float) -> bool:
    """Let time pass; True where somebody has seen enough."""
    if keys is None:
        clock.sleep(seconds)
        return False
    end = clock.monotonic() + seconds
    while (left := end - clock.monotonic()) > 0:
        ready, _, _ = select.select([keys], [], [], left)
        if ready:
            typed = os.read(keys.fileno(), 32).decode(errors="replace")
            return not typed or typed in QUIT
    return False
