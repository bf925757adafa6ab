from __future__ import annotations

import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from horizon.demo.smtp import KEPT, Catcher
from tests.waiting import until


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-m", "horizon.demo.smtp", "--fd", str(listener.fileno()), "--folder", str(tmp_path)]
        process = subprocess.Popen(command, pass_fds=[listener.fileno()])
        yield int(listener.getsockname()[1])
        process.terminate()
        assert process.wait(10) == 0


def letter(to: str, text: str = "hello\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "shop@corner-shop.example", to, "Your order"
    made.set_content(text)
    return made


def send(port: int, made: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="test.example", timeout=30) as server:
        server.send_message(made)


def test_a_letter_is_kept_as_it_was_sent(port: int, tmp_path: Path) -> None:
    send(port, letter("ada@post.example", "first\n.\n..dots\n"))
    (kept,) = until(lambda: list(tmp_path.glob("*.eml")))
    text = kept.read_text()
    assert "X-To: ada@post.example" in text
    assert text.endswith("first\n.\n..dots\n")


def test_a_mistyped_domain_is_refused_for_good(port: int) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="550"):
        send(port, letter("ada@gmial.example"))


def test_slow_post_takes_a_letter_the_second_time(port: int) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="451"):
        send(port, letter("ada@slow-post.example"))
    send(port, letter("ada@slow-post.example"))


def test_nonsense_and_wrong_order_are_answered_and_the_server_goes_on(port: int, tmp_path: Path) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as peer:
        lines = peer.makefile("rwb")
        lines.readline()
        for said, code in ((b"DATA", b"503"), (b"RCPT TO:<a@b>", b"503"), (b"\xff\xfe", b"500"), (b"NOOP", b"250"), (b"RSET", b"250")):
            lines.write(said + b"\r\n")
            lines.flush()
            assert lines.readline().startswith(code), said
    with socket.create_connection(("127.0.0.1", port), timeout=30) as peer:
        peer.sendall(b"x" * 200_000)  # a line without end
    send(port, letter("ada@post.example"))
    assert until(lambda: list(tmp_path.glob("*.eml")))


def test_only_the_latest_letters_are_kept(tmp_path: Path) -> None:
    catcher = Catcher(tmp_path)
    for _ in range(KEPT + 5):
        catcher.keep("a@b", ["c@d"], b"hello")
    assert len(list(tmp_path.glob("*.eml"))) == KEPT
