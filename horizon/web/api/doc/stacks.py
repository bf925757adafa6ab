"""Stacks of running jobs and cancellations, told: schemas, examples, and rows of the table of routes."""

from __future__ import annotations

from typing import Any

from horizon.control.stopping import By
from horizon.core.stack import How
from horizon.web.api.doc.words import MOMENT, TEXT, TRUTH, WHOLE, Answer, Schema, Told, either, obj, said, words

SCHEMAS: dict[str, Schema] = {
    "Stack": obj(
        {
            "asked_at": MOMENT,
            "asked_by": either(TEXT),
            "heard": said(TRUTH, "false: the worker's lease had run out, so nobody got the question"),
            "at": said(either(MOMENT), "when it was read; null: the worker has not answered yet"),
            "how": said(
                either(words(*How)),
                "`python`: read by another thread; `task`: what an async job awaits; `loop`: the event loop was busy; `held`: C code holds "
                "the interpreter, told by the system; `ended`: the job had ended; `silent`: it could not be told",
            ),
            "stack": said(either(TEXT), "as Python writes a traceback, the innermost call last; no values"),
            "thread": said(either(TEXT), "what the thread does, as the system sees it: `running`, `sleeping` ..."),
            "pid": either(WHOLE),
        }
    ),
    "Cancellation": obj(
        {
            "requested_by": either(TEXT),
            "requested_at": either(MOMENT),
            "reason": either(TEXT),
            "noticed_at": said(either(MOMENT), "when its worker told the job"),
            "stopped_at": either(MOMENT),
            "by": said(
                either(words(*By)),
                "`flag`: it ended by itself; `exception`: one was raised in it; `process`: its process was ended; `error`: it raised one of "
                "its own; `completed`: it was through first; null: it has not stopped yet",
            ),
        }
    ),
}
STACK: dict[str, Any] = {
    "asked_at": "2026-11-22T14:03:20.114Z", "asked_by": "ana", "heard": True, "at": "2026-11-22T14:03:21.020Z", "how": "python",
    "stack": '  File "/srv/shop/reports.py", line 41, in handle\n    rows = self.fetch(month)\n', "thread": "sleeping", "pid": 4127,
}  # fmt: skip
ASKED = {**STACK, "at": None, "how": None, "stack": None, "thread": None, "pid": None}
TOLD: dict[str, Told] = {
    "api_stack": Told(
        group="jobs", summary="What a running job is doing", errors=(404,), tagged=True,
        text="The answer to whoever asked last, for ten minutes. For operators. 404 where nobody has asked.",
        answers={200: Answer(text="The question, and the answer where there is one", schema="Stack", example=STACK)},
    ),
    "api_ask_stack": Told(
        group="jobs", summary="Ask what a running job is doing", errors=(404, 422),
        text="Its worker answers with its next renewal, within seconds; the job goes on undisturbed. The audit log keeps who asked.",
        answers={202: Answer(text="Asked", schema="Stack", example=ASKED)},
    ),
}  # fmt: skip
