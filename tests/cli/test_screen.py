from __future__ import annotations

import os
from collections.abc import Callable

import click
import pytest

from horizon.cli import screen
from horizon.core.errors import BackendUnavailable


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """A terminal of five lines, and all that was sent to it."""
    monkeypatch.setattr(screen, "at_terminal", lambda: True)
    monkeypatch.setattr(screen.shutil, "get_terminal_size", lambda: os.terminal_size((40, 5)))
    return lambda: capsys.readouterr().out


def test_elsewhere_it_is_drawn_once_and_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    screen.show(lambda: click.echo("hello"))
    assert capsys.readouterr().out == "hello\n"


def test_at_a_terminal_it_is_drawn_until_somebody_has_seen_enough(terminal: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    monkeypatch.setattr(screen, "wait", lambda keys, seconds: seen.append(seconds) or len(seen) == 3)
    screen.show(lambda: click.echo(f"look {len(seen)}"), every=7)
    shown = terminal()
    assert seen == [7, 7, 7]
    assert shown.startswith(screen.ENTER)
    assert shown.endswith(screen.LEAVE)
    assert [f"look {n}" in shown for n in range(4)] == [True, True, True, False]


def test_ctrl_c_brings_back_what_stood_there(terminal: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(keys: object, seconds: float) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(screen, "wait", interrupt)
    screen.show(lambda: click.echo("hello"))
    assert terminal().endswith(screen.LEAVE)


def test_a_store_that_goes_away_is_told_and_looked_at_again(terminal: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([BackendUnavailable("gone\x1b[2J"), None])
    monkeypatch.setattr(screen, "wait", lambda keys, seconds, left=[1, 0]: left.pop(0) == 0)

    def draw() -> None:
        if error := next(looks):
            raise error
        click.echo("back again")

    screen.show(draw)
    shown = terminal()
    assert "The store does not answer: gone\\x1b[2J" in shown
    assert "back again" in shown


def test_any_other_error_passes_and_leaves_the_terminal_as_it_was(terminal: Callable[[], str]) -> None:
    with pytest.raises(ZeroDivisionError):
        screen.show(lambda: click.echo(1 / 0))
    assert terminal().endswith(screen.LEAVE)


def test_what_does_not_fit_is_counted() -> None:
    shown = screen.picture("a\nb\nc\nd\ne\n", 4)
    assert shown == f"{screen.HOME}a{screen.LINE_END}\nb{screen.LINE_END}\n... 3 more lines{screen.LINE_END}\n{screen.REST}"
    assert "more" not in screen.picture("a\nb\nc", 4)


@pytest.mark.parametrize(("typed", "enough"), [(b"q", True), (b"x", False), (b"", True)])
def test_keys(typed: bytes, enough: bool) -> None:
    read, write = os.pipe()
    os.write(write, typed)
    os.close(write)
    with os.fdopen(read) as keys:
        assert screen.wait(keys, 30) is enough
