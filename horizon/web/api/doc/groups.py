"""Batches, chains and workflows, told: their schemas, an example, and their rows of the table of routes."""

from __future__ import annotations

from typing import Any

from horizon.core.group import GroupKind, GroupState
from horizon.web.api.doc import rows
from horizon.web.api.doc.care import CARE
from horizon.web.api.doc.words import (
    ANYTHING,
    COUNT,
    MOMENT,
    TEXT,
    TRUTH,
    WHOLE,
    Answer,
    Param,
    Schema,
    Told,
    either,
    many,
    obj,
    page_of,
    ref,
    said,
    words,
)  # fmt: skip

STATES = words(*GroupState)
PLACE: Schema = {"type": ["integer", "string", "null"]}
PERCENT: Schema = {"type": "integer", "minimum": 0, "maximum": 100, "description": "percent of its jobs that have ended"}
GROUP: dict[str, Schema] = {
    "id": TEXT,
    "kind": words(*GroupKind),
    "name": TEXT,
    "connection": said(TEXT, "where it lives, with all its jobs"),
    "state": said(STATES, "`open`: its jobs are still being pushed"),
    "progress": PERCENT,
    "total": said(COUNT, "its jobs; a nested group is one. The next five add up to it at every moment"),
    "pending": COUNT,
    "processing": COUNT,
    "completed": COUNT,
    "failed": COUNT,
    "cancelled": COUNT,
    "allow_failures": said({"type": ["integer", "number", "boolean", "null"]}, "how many may fail; a share below 1; true: any number"),
    "parent_id": said(either(TEXT), "the group it is nested in"),
    "user": either(TEXT),
    "tenant": either(TEXT),
    "options": said(ANYTHING, "what was kept with it, as far as you may see it"),
    "created_at": MOMENT,
    "finished_at": either(MOMENT),
    "reason": said(either(TEXT), "why it was cancelled"),
    "failure": said(either(obj({"job_id": TEXT, "type": either(TEXT), "message": either(TEXT)})), "what failed first"),
}
STEP = obj(
    {
        "number": said(WHOLE, "from 1; each comes after those that it waits for"),
        "id": TEXT,
        "kind": words("job", *GroupKind),
        "name": TEXT,
        "state": TEXT,
        "progress": either(WHOLE),
        "needed": said(TRUTH, "false: its condition did not come to pass, or it was removed, so it was cancelled and nobody misses it"),
        "removed": said(TRUTH, "somebody took it out of its chain"),
        "after": said(many(TEXT), "ids of the steps it waits for, or waited for"),
        "started_at": either(MOMENT),
        "finished_at": either(MOMENT),
    }
)
IN_FULL = {
    **GROUP,
    "current_step": said(either(WHOLE), "of the first step that has not completed; of chains and workflows only"),
    "steps": said(either(many(ref("GroupStep"))), "of chains and workflows only; null where there are more than 1,000"),
}
GROUPS = page_of(ref("Group"), searched_back_to=said(MOMENT, "only where the search for words stopped before the page was full"))
GROUPS["required"].remove("searched_back_to")
COMPONENTS: dict[str, Schema] = {
    "Group": obj(GROUP),
    "GroupStep": STEP,
    "GroupInFull": obj(IN_FULL, optional=("current_step", "steps")),
    "Groups": GROUPS,
    **rows.COMPONENTS,
    "ActOnGroup": obj(
        {"action": words("cancel", "uncancel", "retry"), "reason": said(either(TEXT), "of a cancel or a retry"), **CARE}, optional=("reason", *CARE), closed=True
    ),
    "ActOnSteps": obj(
        {
            "action": words("add", "remove", "restore"),
            "name": said(either({"type": "string", "maxLength": 200}), "of add: the registered name of the job's class"),
            "args": said(either({"type": "object"}), "of add: keyword arguments of its constructor"),
            "after": said(PLACE, "of add: behind this step, by its number from 1 or its id; left out: at the end"),
            "step": said(PLACE, "of remove: its number from 1, or its id"),
        },
        optional=("name", "args", "after", "step"), closed=True,
    ),
    "StepActed": obj({"action": words("add", "remove", "restore"), "job_id": TEXT}),
    "GroupActed": {
        "anyOf": [
            ref("Group"),
            obj(
                {
                    "action": words("retry", "uncancel"),
                    "done": COUNT,
                    "skipped": many(obj({"id": TEXT, "reason": TEXT})),
                    "operations": said(many(TEXT), "acts that go on in the background, where more than 500 jobs failed"),
                }
            ),
        ]
    },
}  # fmt: skip

ID = "0199f3c2-7b1e-7c44-b1d5-3f6e8a2b9c10"
EXAMPLE: dict[str, Any] = {
    "id": ID, "kind": "batch", "name": "Import of June", "connection": "default", "state": "running", "progress": 66, "total": 3, "pending": 0,
    "processing": 1, "completed": 1, "failed": 1, "cancelled": 0, "allow_failures": 1, "parent_id": None, "user": "7", "tenant": None,
    "options": {"file": "june.csv"}, "created_at": "2026-11-22T14:03:08.000Z", "finished_at": None, "reason": None,
    "failure": {"job_id": "0199f3c2-7b1e-7c44-b1d5-5e2a0c9d1f00", "type": "ValueError", "message": "a bad row"},
}  # fmt: skip
STEP_EXAMPLE: dict[str, Any] = {
    "number": 1, "id": "0199f3c2-7b1e-7c44-b1d5-5e2a0c9d1f00", "kind": "job", "name": "shop.jobs:Extract", "state": "completed", "needed": True, "removed": False,
    "progress": None, "after": [], "started_at": "2026-11-22T14:03:08.000Z", "finished_at": "2026-11-22T14:03:09.000Z",
}  # fmt: skip
RETRIED: dict[str, Any] = {"action": "retry", "done": 1, "skipped": [], "operations": []}
PARAMS = (
    Param(
        name="q",
        schema=TEXT,
        text="A search, in the words of the page: `name:Newsletter user:7 after:24h june`; plain words are parts of name, user, id, reason or first failure.",
    ),
    Param(name="after", schema=TEXT, text="Only pushed since then: `1h`, `14:03`, `yesterday`, `2026-11-22`."),
    Param(name="before", schema=TEXT, text="Only pushed before that, in the same spellings."),
    Param(name="nested", schema=TEXT, text="`1`: those nested in others too."),
    Param(name="state", schema=STATES, text="Only in this state."),
    Param(name="name", schema=TEXT, text="Only of this name, word for word."),
    Param(name="parent", schema=TEXT, text="Those nested in this group; left out: those nested in none."),
    Param(name="user", schema=TEXT, text="Only on behalf of this user."),
    Param(name="tenant", schema=TEXT, text="Only of this tenant."),
    Param(name="cursor", schema=TEXT, text="The `next` of the page before."),
    Param(name="limit", schema={"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, text="How many at the most."),
    Param(name="connection", schema=TEXT, text="One of `HORIZON_CONNECTIONS`."),
)


def _told(kind: GroupKind, plural: str) -> dict[str, Told]:
    example = {**EXAMPLE, "kind": str(kind)}
    full = example if kind is GroupKind.BATCH else {**example, "current_step": 2, "steps": [STEP_EXAMPLE]}
    page = {"items": [example], "next": None, "total": 1, "total_at_least": 1}
    return {
        f"api_{plural}": Told(
            group="groups", summary=f"{plural.capitalize()}, newest first", params=PARAMS, errors=(400, 404), tagged=True,
            answers={200: Answer(text=f"A page of {plural}", schema="Groups", example=page)},
        ),
        f"api_{kind}": Told(
            group="groups", summary=f"One {kind}", errors=(404,), tagged=True,
            text=f"Its jobs are found with the search `batch:ID`{'' if kind is GroupKind.BATCH else '; its steps come in order'}.",
            answers={200: Answer(text=f"The {kind}", schema="GroupInFull", example=full)},
        ),
        f"api_act_on_{kind}": Told(
            group="groups", summary=f"Cancel a {kind}, or retry what failed of it", body="ActOnGroup", errors=(400, 404, 413, 422),
            text="`cancel` cancels what has not started and asks what runs to stop; `retry` retries what failed, in nested groups too, and "
            "what waited for it waits again; `uncancel` puts what a cancel has ended back to where it stood.",
            examples={"retry": {"action": "retry"}, "cancel": {"action": "cancel", "reason": "wrong file"}},
            answers={200: Answer(text=f"The {kind} as it stands, or how many were retried", schema="GroupActed", example=RETRIED)},
        ),
    }  # fmt: skip


TOLD: dict[str, Told] = {
    **_told(GroupKind.BATCH, "batches"),
    **_told(GroupKind.CHAIN, "chains"),
    **_told(GroupKind.WORKFLOW, "workflows"),
    "api_chain_steps": Told(
        group="groups", summary="Add a step to a chain, or take one out", body="ActOnSteps", errors=(400, 404, 409, 413, 422),
        text="A chain that goes on takes a job at its end, or behind a step whose next one has not begun; a step that waits for another one "
        "can be removed, and put back (`restore`) as a new job while the next one has not begun.",
        examples={"add": {"action": "add", "name": "shop.jobs:Check", "args": {"day": 3}, "after": 2}, "remove": {"action": "remove", "step": 3}},
        answers={200: Answer(text="Done", schema="StepActed", example={"action": "add", "job_id": STEP_EXAMPLE["id"]})},
    ),
}  # fmt: skip
