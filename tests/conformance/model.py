"""What a store must do, once more, in plain dicts and without a thought for speed, places or indexes.

Written from the contract and not from a backend. The stateful test drives it beside a real store: every reply and,
after every step, every record must be the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from horizon.backends.values import Verb, VerdictKind
from horizon.core.clock import SECOND, Micros
from horizon.core.envelope import Envelope, On
from horizon.core.outcome import Answer, Kind
from tests.conformance.limits_model import Gauges
from tests.conformance.turns_model import place_of

ENDED = ("completed", "failed", "cancelled")
WORD = {Kind.COMPLETED: "completed", Kind.FAILED: "failed", Kind.CANCELLED: "cancelled"}
MAX_CRASHES = 3
DEAD_AFTER = {"b": 2}
"""Queue → rounds after which a job that failed is set aside."""
Row = dict[str, Any]


class Model:
    """Jobs by id, every token ever issued, the holder of every unique key, and which queues stand still."""

    def __init__(self) -> None:
        self.jobs: dict[str, Row] = {}
        self.tokens: dict[str, str] = {}
        self.buried: set[str] = set()
        self.keys: dict[str, str] = {}
        self.paused: set[str] = set()
        self.gauges = Gauges()

    # reading --------------------------------------------------------------------------------------

    def held(self, session: str, executor: int | None = None) -> list[Row]:
        """What a session runs."""
        rows = [job for job in self.jobs.values() if job["state"] == "processing" and job["session"] == session]
        return [job for job in rows if executor in (None, job["executor"])]

    def counts(self, parked: Callable[[Row], bool]) -> dict[tuple[str, str], int]:
        """Visible jobs by queue and state; those that are parked are scheduled, however pending they are here."""
        visible = [job for job in self.jobs.values() if not job["hidden"] and not job["needless"]]
        return dict(Counter((job["queue"], "scheduled" if parked(job) else job["state"]) for job in visible))

    def holder(self, key: str | None, now: Micros) -> str | None:
        """Who holds a key; one past its time holds nothing any more."""
        id = self.keys.get(key or "")
        if id is None or (self.jobs[id]["key_until"] is not None and self.jobs[id]["key_until"] <= now):
            return None
        return id

    def refuses(self, envelope: Envelope) -> bool:
        """Whether an edge leads to a job that ended otherwise."""
        return any(self._shut(edge.on, self.jobs[edge.job_id]) for edge in envelope.edges)

    # pushing --------------------------------------------------------------------------------------

    def push(self, envelope: Envelope, now: Micros) -> tuple[str, str | None]:
        """(status, holder) that the store must answer."""
        if envelope.id in self.jobs:
            return "exists", None
        if holder := self.holder(envelope.unique_key, now):
            return "duplicate", holder
        at = now + envelope.delay
        waits = {edge.job_id: [edge.on, self._opens(edge.on, self.jobs[edge.job_id])] for edge in envelope.edges}
        job: Row = {
            "id": envelope.id, "envelope": envelope, "queue": envelope.queue, "priority": envelope.priority, "at": at, "order": None, "place": None, "n": len(self.jobs),
            "tries": 0, "round": 0, "crashes": 0, "trace": 0, "suspect": False, "alone": False, "token": None, "said": None,
            "session": None, "executor": None, "cancel": None, "forget": False, "hidden": False, "needless": False, "blamed": False,
            "waits": waits, "spent": False, "key_until": None, "state": None,
        }  # fmt: skip
        self.jobs[envelope.id] = job
        self._take_key(job, now)
        if all(met for _, met in waits.values()):
            self._wait(job, at, now)
        else:
            job["state"] = "blocked"
        return "created", None

    def _wait(self, job: Row, at: Micros, now: Micros, waiting: str = "scheduled") -> None:
        if at > now:
            job.update(state=waiting, at=at, order=None)
        else:
            self._stand(job, now)

    def _stand(self, job: Row, at: Micros, *, order: bool = True) -> None:
        place = place_of(self.jobs.values(), job, at)
        plain = order and job["envelope"].fair is None and job["envelope"].deadline is None  # a deadline lets it go before others
        job.update(state="pending", at=at, place=place, order=at if plain else None)

    def _take_key(self, job: Row, now: Micros) -> None:
        envelope = job["envelope"]
        if envelope.unique_key is not None and not job["spent"]:
            self.keys[envelope.unique_key] = job["id"]
            job["key_until"] = None if envelope.unique_for is None else now + envelope.unique_for

    def _free_key(self, job: Row) -> None:
        if self.keys.get(job["envelope"].unique_key) == job["id"]:
            del self.keys[job["envelope"].unique_key]

    # running --------------------------------------------------------------------------------------

    def promote(self, now: Micros) -> int:
        """Everything due becomes pending; how many did."""
        due = [job for job in self.jobs.values() if job["state"] in ("scheduled", "retrying") and job["at"] <= now]
        for job in sorted(due, key=lambda job: (job["at"], job["n"])):
            self._stand(job, job["at"], order=False)
        return len(due)

    def reserve(self, id: str, token: str, session: str, executor: int, now: Micros) -> None:
        """The store handed this job out."""
        job = self.jobs[id]
        self.gauges.take(job, now)
        self.tokens[token] = id
        job.update(state="processing", token=token, session=session, executor=executor, alone=job["suspect"], tries=job["tries"] + 1)
        if job["envelope"].unique_until_processing:
            self._free_key(job)
            job["spent"] = True

    def answers(self, token: str, kind: Kind) -> set[Answer]:
        """What the store may say to an outcome with this token."""
        job = self.jobs[self.tokens[token]]
        if job["token"] == token:
            return {Answer.OK}
        if job["said"] == (token, kind):
            return {Answer.DUP}
        return {Answer.LOST, Answer.DUP} if token in self.buried else {Answer.LOST}

    def settle(self, token: str, kind: Kind, delay: Micros, now: Micros, *, started: bool = True) -> None:
        """The holder of this token said how it ended."""
        job = self.jobs[self.tokens[token]]
        job["said"] = (token, kind)
        job["suspect"] = job["suspect"] and kind is Kind.RETURNED
        self._end_attempt(job, kind, delay, now, started=started)

    def bury(self, job: Row, verdict: VerdictKind | None, now: Micros, *, delay: Micros | None = None, only: bool = True) -> None:
        """The executor of a running job is gone; None: its code had not begun."""
        self.buried.add(job["token"])
        if verdict is VerdictKind.CRASH:
            job["crashes"] += only or job["alone"]
            charged, job["suspect"] = only or job["alone"], True
            failed = charged and job["crashes"] >= MAX_CRASHES and job["cancel"] is None
            self._end_attempt(job, Kind.FAILED if failed else Kind.RETURNED, 0, now, refund=True)
        elif verdict is VerdictKind.TIMEOUT:
            job["suspect"] = False
            self._end_attempt(job, Kind.FAILED if delay is None else Kind.RETRY, delay or 0, now)
        elif verdict is VerdictKind.CANCEL:
            job["suspect"] = False
            self._end_attempt(job, Kind.CANCELLED, 0, now)
        else:
            self._end_attempt(job, Kind.RETURNED, 0, now, started=verdict is not None)

    def _end_attempt(self, job: Row, kind: Kind, delay: Micros, now: Micros, *, started: bool = True, refund: bool = False) -> None:
        self.gauges.end(job, now, started=started or kind is not Kind.RETURNED)
        to = WORD.get(kind) or ("cancelled" if job["cancel"] is not None else None)
        job["tries"] -= kind is Kind.RETURNED or refund
        job["trace"] += started
        job.update(token=None, session=None, executor=None, alone=False)
        if to:
            self._finish(job, to, now)
        elif kind is Kind.RETURNED and delay == 0:
            job["state"] = "pending"
        else:
            self._wait(job, now + delay, now, "retrying" if kind is Kind.RETRY else "scheduled")

    # ends and gates -------------------------------------------------------------------------------

    @staticmethod
    def _opens(on: On, job: Row) -> bool:
        return job["state"] in {On.COMPLETED: ("completed",), On.FAILED: ("failed",), On.ANY: ENDED}[on]

    def _shut(self, on: On, job: Row) -> bool:
        return job["state"] in ENDED and not self._opens(on, job)

    def _finish(self, job: Row, to: str, now: Micros) -> None:
        self._end(job, to, needless=False)
        ended = [job]
        while ended:
            ended = [child for child in self._let_know(ended) if self._goes_down(child, now)]

    def fail(self, job: Row, now: Micros) -> None:
        """It ended without having run."""
        self._finish(job, "failed", now)

    def _end(self, job: Row, to: str, *, needless: bool) -> None:
        job.update(state=to, needless=needless, cancel=None)
        if to == "failed" and job["round"] + 1 >= DEAD_AFTER.get(job["queue"], 10_000):
            job["queue"] = f"dead:{job['queue']}"
        self._free_key(job)
        job["hidden"] = job["forget"]

    def _let_know(self, ended: list[Row]) -> list[Row]:
        children = [child for child in self.jobs.values() if any(job["id"] in child["waits"] for job in ended)]
        for child in children:
            for job in ended:
                wait = child["waits"].get(job["id"], [On.ANY, True])
                wait[1] = wait[1] or self._opens(wait[0], job)
        return [child for child in children if child["state"] == "blocked"]

    def _goes_down(self, child: Row, now: Micros) -> bool:
        """Whether a blocked job is cancelled now, because one it waits for ended otherwise; else it may be free to go."""
        closed = [(on, self.jobs[id]) for id, (on, met) in child["waits"].items() if not met and self._shut(on, self.jobs[id])]
        if closed:
            child["blamed"] = True
            self._end(child, "cancelled", needless=all(on is On.FAILED or parent["needless"] for on, parent in closed))
        elif all(met for _, met in child["waits"].values()):
            self._wait(child, child["at"], now)
        return bool(closed)

    def _reopen(self, job: Row, now: Micros) -> None:
        for child in [child for child in self.jobs.values() if job["id"] in child["waits"]]:
            if child["state"] != "cancelled" or not child["blamed"] or child["hidden"] or child["waits"][job["id"]][1]:
                continue
            if any(not met and self._shut(on, self.jobs[parent]) for parent, (on, met) in child["waits"].items()):
                continue
            if not child["spent"] and self.holder(child["envelope"].unique_key, now):
                continue
            child.update(state="blocked", needless=False, blamed=False)
            self._take_key(child, now)
            self._reopen(child, now)

    # a person -------------------------------------------------------------------------------------

    def act(self, verb: Verb, id: str, now: Micros, *, at: Micros, priority: int, queue: str) -> bool:
        """Do it; False where the store must skip this job."""
        job = self.jobs[id]
        if verb is Verb.RESTORE:
            shown, job["hidden"], job["forget"] = job["hidden"], False, job["forget"] and not job["hidden"]
            return bool(shown)
        if job["hidden"]:
            return False
        return bool(getattr(self, f"_act_{verb}")(job, now, at=at, priority=priority, queue=queue))

    def _act_cancel(self, job: Row, now: Micros, **_: Any) -> bool:
        if job["state"] in ENDED or job["cancel"] is not None:
            return False
        if job["state"] == "processing":
            job["cancel"] = "asked"
        else:
            job["blamed"] = False
            self._finish(job, "cancelled", now)
        return True

    def _act_retry(self, job: Row, now: Micros, *, at: Micros, **_: Any) -> bool:
        other = None if job["spent"] else self.holder(job["envelope"].unique_key, now)
        if job["state"] not in ENDED or other not in (None, job["id"]):
            return False
        job["queue"] = job["queue"].removeprefix("dead:")
        job.update(round=job["round"] + 1, tries=0, crashes=0, suspect=False, needless=False, blamed=False)
        self._wait(job, at, now)
        self._take_key(job, now)
        self._reopen(job, now)
        return True

    def _act_run_now(self, job: Row, now: Micros, **_: Any) -> bool:
        if job["state"] not in ("scheduled", "retrying"):
            return False
        self._wait(job, now, now)
        return True

    def _act_reschedule(self, job: Row, now: Micros, *, at: Micros, **_: Any) -> bool:
        if job["state"] not in ("scheduled", "retrying", "pending"):
            return False
        job.update(state="retrying" if job["state"] == "retrying" else "scheduled", at=at)
        return True

    def _act_prioritize(self, job: Row, now: Micros, *, priority: int, **_: Any) -> bool:
        if job["state"] == "processing" or job["state"] in ENDED or job["priority"] == priority:
            return False
        job["priority"] = priority
        if job["state"] == "pending":
            job["place"] = place_of(self.jobs.values(), job, now)
        return True

    def _act_move(self, job: Row, now: Micros, *, queue: str, **_: Any) -> bool:
        if job["state"] == "processing" or job["queue"] == queue:
            return False
        job.update(queue=queue, order=None)
        return True

    def _act_forget(self, job: Row, now: Micros, **_: Any) -> bool:
        if job["forget"]:
            return False
        job["forget"] = True
        if job["state"] in ENDED:
            job["hidden"] = True
        else:
            self._act_cancel(job, now)
        return True


def seconds(number: float) -> Micros:
    """Store time."""
    return round(number * SECOND)
