"""Jobs that web tests dispatch."""

from __future__ import annotations

from horizon import Job

SEEN: list[object] = []


class SendMail(Job):
    name = "web-tests:send-mail"
    queue = "mail"
    tags = ["shop"]

    def __init__(self, to: str, copies: int = 1) -> None:
        super().__init__()
        if copies < 0:
            raise ValueError("copies cannot be negative")
        self.to, self.copies = to, copies

    def handle(self) -> str:
        SEEN.append(self.to)
        return self.to
