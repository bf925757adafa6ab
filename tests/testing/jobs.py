"""Jobs that these tests dispatch."""

from __future__ import annotations

from horizon import Job, ShouldBeUnique, job


class SendEmail(Job):
    queue = "emails"

    def __init__(self, to: str, subject: str = "Hi") -> None:
        self.to, self.subject = to, subject

    def handle(self) -> str:
        self.log(f"to {self.to}")
        return f"sent to {self.to}"


class SendSMS(Job):
    def __init__(self, number: str) -> None:
        self.number = number

    def handle(self) -> None: ...


class Reindex(ShouldBeUnique, Job):
    def __init__(self, shop: int) -> None:
        self.shop = shop

    def handle(self) -> None: ...


@job(queue="reports")
def make_report(year: int) -> int:
    return year
