from __future__ import annotations

import contextlib
import os

from horizon.worker import screen


def test_a_line_nobody_takes_is_dropped_instead_of_waited_for(monkeypatch):
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    while True:
        try:
            os.write(writer, b"x" * 4096)
        except BlockingIOError:
            break
    os.set_blocking(writer, True)
    with os.fdopen(writer, "w") as full:
        monkeypatch.setattr(screen.sys, "stderr", full)
        screen.say("nobody reads this")
        assert b"nobody" not in os.read(reader, 1_000_000)
        screen.say("this is read")
        assert b"this is read" in os.read(reader, 1_000_000)
    os.close(reader)


def test_a_closed_stderr_is_nobodys_problem(monkeypatch):
    reader, writer = os.pipe()
    stream = os.fdopen(writer, "w")
    monkeypatch.setattr(screen.sys, "stderr", stream)
    os.close(reader)
    screen.say("hello?")
    with contextlib.suppress(BrokenPipeError):
        stream.close()
    screen.say("hello?")


def test_a_line_has_an_end(capsys):
    screen.say("y" * 5000)
    assert capsys.readouterr().err.count("y") == screen.LINE
