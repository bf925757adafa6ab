"""`python -m horizon.demo.smtp`: a mail server for the demo, on this machine only. It takes letters and delivers none.

Two of its rules make honest failures: an address with a mistyped domain is refused for good (550), and slow post is
asked to come again the first time (451), as cautious mail servers do with senders they do not know.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import socket
from collections import deque
from pathlib import Path

from horizon.demo.place import MISTYPED, SLOW

KEPT = 200
"""Letters kept on disk; the oldest go first."""
MAX_LETTER = 1_000_000
MAX_GREETED = 10_000
"""Recipients of slow post that are remembered."""


class Catcher:
    """What the server knows beyond one connection."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: deque[Path] = deque(sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime))
        self.greeted: set[str] = set()
        self.count = 0

    def judge(self, recipient: str) -> str:
        """The answer to `RCPT TO` for this address."""
        domain = recipient.rpartition("@")[2]
        if domain == MISTYPED:
            return f"550 5.1.2 <{recipient}>: there is no such domain; was it mistyped?"
        if domain == SLOW and recipient not in self.greeted:
            if len(self.greeted) < MAX_GREETED:
                self.greeted.add(recipient)
            return f"451 4.7.1 <{recipient}>: please bring this letter again in a moment"
        return "250 2.1.5 will be delivered"

    def keep(self, sender: str, recipients: list[str], text: bytes) -> None:
        """Write a letter to disk, and remove the oldest where there are too many."""
        self.count += 1
        path = self.folder / f"{self.count:06d}.eml"
        path.write_bytes(f"X-From: {sender}\r\nX-To: {', '.join(recipients)}\r\n".encode() + text)
        self.kept.append(path)
        while len(self.kept) > KEPT:
            oldest = self.kept.popleft()
            if oldest not in self.kept:
                oldest.unlink(missing_ok=True)


class Conversation:
    """One connection: a command a line, an answer a line."""

    def __init__(self, catcher: Catcher, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.catcher, self.reader, self.writer = catcher, reader, writer
        self.sender: str | None = None
        self.recipients: list[str] = []

    async def hold(self) -> None:
        """Until the other side says QUIT or goes away."""
        self.say("220 catcher.example takes letters and delivers none")
        while line := await self.reader.readline():
            verb, _, rest = line.decode(errors="replace").strip().partition(" ")
            if verb.upper() == "DATA" and self.recipients:
                await self.letter()
            else:
                self.say(self.answer(verb.upper(), rest))
            await self.writer.drain()
            if verb.upper() == "QUIT":
                return

    def answer(self, verb: str, rest: str) -> str:
        """What to say to a command that is one line long."""
        match verb:
            case "EHLO" | "HELO":
                return "250 catcher.example"
            case "MAIL":
                self.sender, self.recipients = _address(rest), []
                return "250 2.1.0 go on"
            case "RCPT" if self.sender is not None:
                recipient = _address(rest)
                answer = self.catcher.judge(recipient)
                if answer.startswith("250"):
                    self.recipients.append(recipient)
                return answer
            case "RSET":
                self.sender, self.recipients = None, []
                return "250 2.0.0 forgotten"
            case "NOOP":
                return "250 2.0.0 still here"
            case "QUIT":
                return "221 2.0.0 good bye"
            case "RCPT" | "DATA":
                return "503 5.5.1 first MAIL, then RCPT, then DATA"
        return "500 5.5.2 that is no command of this server"

    async def letter(self) -> None:
        """The text of a letter, up to a line with a single dot; other dots at the start of a line were doubled."""
        self.say("354 end with a line that is a single dot")
        await self.writer.drain()
        lines, size = [], 0
        while (line := await self.reader.readline()) not in (b".\r\n", b".\n", b""):
            size += len(line)
            if size <= MAX_LETTER:
                lines.append(line[1:] if line.startswith(b"..") else line)
        if not line:
            return
        if size > MAX_LETTER:
            self.say(f"552 5.3.4 more than {MAX_LETTER} bytes")
        else:
            self.catcher.keep(self.sender or "", self.recipients, b"".join(lines))
            self.say("250 2.0.0 taken")
        self.sender, self.recipients = None, []

    def say(self, line: str) -> None:
        self.writer.write(f"{line}\r\n".encode())


def _address(rest: str) -> str:
    """The address in `TO:<somebody@example.com> SIZE=12`."""
    return rest.partition("<")[2].partition(">")[0].lower()


async def serve(listener: socket.socket, folder: Path) -> None:
    """Take letters until TERM or INT."""
    catcher, stop = Catcher(folder), asyncio.Event()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ValueError, asyncio.CancelledError):  # ValueError: a line without end
            await Conversation(catcher, reader, writer).hold()
        writer.close()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await asyncio.start_server(meet, sock=listener)
    await stop.wait()
    server.close()


def main() -> None:
    """Listen on the socket that was handed down as `--fd`."""
    parser = argparse.ArgumentParser(prog="python -m horizon.demo.smtp")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(socket.socket(fileno=args.fd), args.folder))


if __name__ == "__main__":
    main()
