"""Acts on many jobs, told: what one would touch, how carefully it goes on, and what became of its jobs."""

from __future__ import annotations

from typing import Any

from horizon.backends.values import Verb
from horizon.web.api.doc import examples as ex
from horizon.web.api.doc.care import PER_SECOND
from horizon.web.api.doc.words import COUNT, MOMENT, NUMBER, TEXT, TRUTH, Answer, Schema, Told, either, many, obj, page_of, ref, said, words

COUNTS: Schema = {"type": "object", "additionalProperties": COUNT}
OPERATION = {
    "id": TEXT,
    "action": TEXT,
    "actor": TEXT,
    "state": words("running", "done", "stopped"),
    "created_at": MOMENT,
    "finished_at": either(MOMENT),
    "expected": said(either(COUNT), "how many it will look at; null where nobody counted"),
    "per_second": PER_SECOND,
    "canary": said(either(COUNT), "so many first; null: none"),
    "stop_when_failing": said(either(NUMBER), "percent; null: it does not stop by itself but for its canary, at 20"),
    "done": COUNT,
    "skipped": COUNT,
    "reasons": said(COUNTS, "why rows were skipped, and how many"),
}
IN_FULL = {
    **OPERATION,
    "reason": said(either(TEXT), "what somebody said why"),
    "stopped_because": said(either(TEXT), "where it stopped by itself"),
    "watched": said(
        obj({"fine": COUNT, "failed_again": COUNT, "waiting": COUNT, "canary_passed": TRUTH}),
        "of the jobs put to work with a canary or a share to stop at: how it went, and how many have not shown it yet",
    ),
    "acted_on": said(many(TEXT), "ids of the first, at most 100"),
    "failed_again": said(many(TEXT), "ids of the first, at most 20"),
    "left_alone": said({"type": "object", "additionalProperties": many(TEXT)}, "why rows were skipped, with the ids of the first"),
}
PREVIEW = {
    "action": TEXT,
    "count": said(COUNT, "how many match"),
    "exact": said(TRUTH, "false: there are at least so many"),
    "looked_at": said(either(COUNT), "states, queues and names were counted among so many; null: among all"),
    "states": COUNTS,
    "queues": COUNTS,
    "names": COUNTS,
    "causes": many(obj({"cause": TEXT, "type": TEXT, "count": COUNT})),
    "ages": said(COUNTS, "since the end, or the dispatch of what has not ended: within the past `hour`, `day`, `week`, or `older`"),
    "sampled": said(either(COUNT), "causes and ages were counted among so many; null: among all"),
    "left_alone": said(COUNTS, "those that the action leaves as they are, by state"),
}


def components(jobs: dict[str, Schema]) -> dict[str, Schema]:
    """The schemas by name. `jobs`: how the body of an act names jobs."""
    asked = {"action": words(*Verb, "start", "stop"), **jobs, "connection": either(TEXT)}
    return {
        "OperationStarted": obj({"operation": said(TEXT, "its id")}),
        "Operation": obj(OPERATION),
        "OperationInFull": obj(IN_FULL),
        "Operations": page_of(ref("Operation")),
        "PreviewOf": obj(asked, optional=tuple(name for name in asked if name != "action"), closed=True),
        "Preview": obj(PREVIEW),
    }


WATCHED = {"fine": 0, "failed_again": 0, "waiting": 0, "canary_passed": False}
FULL: dict[str, Any] = {
    **ex.OPERATION, "reason": "the relay is back", "stopped_because": None, "watched": WATCHED, "acted_on": [ex.ID], "failed_again": [],
    "left_alone": {"it is pending already": [ex.ID]},
}  # fmt: skip
SEEN: dict[str, Any] = {
    "action": "retry", "count": 1204, "exact": True, "looked_at": None, "states": {"failed": 1204}, "queues": {"emails": 1204},
    "names": {"shop.jobs:SendEmail": 1204}, "causes": [{"cause": "SMTPServerDisconnected:9f2c", "type": "SMTPServerDisconnected", "count": 200}],
    "ages": {"hour": 180, "day": 20}, "sampled": 200, "left_alone": {},
}  # fmt: skip
TOLD: dict[str, Told] = {
    "api_preview": Told(
        group="acts", summary="What an act would touch", body="PreviewOf", errors=(400, 404, 413, 422),
        text="Jobs are named as for `jobs/control`. Nothing is changed. Exact where counters know the answer, else a bounded look.",
        examples={"before a retry": {"action": "retry", "filter": "state:failed queue:emails"}},
        answers={200: Answer(text="What is known of them", schema="Preview", example=SEEN)},
    ),
    "api_operation": Told(
        group="acts", summary="One act in the background", errors=(404,), tagged=True,
        answers={200: Answer(text="How far it is", schema="OperationInFull", example=FULL)},
    ),
    "api_stop_operation": Told(
        group="acts", summary="Stop an act in the background", errors=(404,),
        text="It goes no further; what was done stays done. One that is over stays as it is.",
        answers={
            200: Answer(
                text="How far it came", schema="OperationInFull",
                example={**FULL, "state": "stopped", "finished_at": "2026-11-22T14:11:00.000Z"},
            )
        },
    ),
}  # fmt: skip
