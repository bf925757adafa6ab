"""Acts on several rows of a list, told; and the filters that lists of rows share."""

from __future__ import annotations

from horizon.core.group import GroupKind
from horizon.web import lists
from horizon.web.api.doc import examples as ex
from horizon.web.api.doc.care import CARE
from horizon.web.api.doc.operations import FULL
from horizon.web.api.doc.words import TEXT, Answer, Param, Schema, Told, either, many, obj, said, words
from horizon.web.narrowing import Narrowing

NAMES: Schema = many(TEXT)
FILTER = said(either(TEXT), "a search in the words of the page; all that match are meant")
REASON = said(either(TEXT), "kept in the audit log, and with what is paused or cancelled")
LEFT: Schema = {"type": "object", "additionalProperties": TEXT}


def filters(how: Narrowing[object], example: str) -> tuple[Param, ...]:
    """The filters of a list."""
    keys = ", ".join(f"`{key}:`" for key in how.keys)
    return (
        Param(
            name="q",
            schema=TEXT,
            text=f"A search, in the words of the page: {keys} and plain words, `-` to leave out, such as `{example}`.",
        ),
        Param(name="state", schema=words(*how.states), text="Only in this state."),
    )


OF_SCHEDULES = filters(lists.SCHEDULES, "queue:emails -class:Ping")  # type: ignore[arg-type]
OF_QUEUES = filters(lists.QUEUES, "-name:archive")  # type: ignore[arg-type]
OF_WATCHED = filters(lists.WATCHED, "tenant: -user:ana")  # type: ignore[arg-type]
OF_ALERTS = filters(lists.ALERTS, "about:emails -user:ana")[:1]  # type: ignore[arg-type]
OF_REMOVED = filters(lists.REMOVED, "class:SendEmail by:ana")[:1]  # type: ignore[arg-type]
OF_WORKERS = filters(lists.WORKERS, "host:web-1 version:a41f9c2")  # type: ignore[arg-type]


def _asked(*verbs: str, named: str = "names", **more: Schema) -> Schema:
    props = {"action": words(*verbs), named: said(either(NAMES), "which are meant; or filter"), "filter": FILTER, "reason": REASON, **more}
    return obj(props, optional=tuple(name for name in props if name != "action"), closed=True)


COMPONENTS: dict[str, Schema] = {
    "ActOnSchedules": _asked("pause", "resume", "run"),
    "ActOnQueues": _asked("pause", "resume"),
    "ActOnGroups": _asked("cancel", "retry", named="ids", connection=said(either(TEXT), "one of `HORIZON_CONNECTIONS`"), **CARE),
    "RowsActed": obj({"action": TEXT, "done": NAMES, "left_alone": said(LEFT, "the others, and why")}),
}
DONE = {"action": "pause", "done": ["nightly-report"], "left_alone": {"weekly": "it is paused already"}}


def _of_groups(kind: GroupKind, plural: str) -> Told:
    return Told(
        group="groups", summary=f"Cancel several {plural}, or retry what failed of them", body="ActOnGroups", errors=(400, 404, 413, 422),
        text="The newest 1,000 that match. The first 25 at once; the rest goes on in the background, as an operation that can be stopped and, "
        "for a cancel, undone. A retry with a `pace`, a `canary` or `stop_when_failing`, which count jobs, goes on in the background from its "
        "first job.",
        examples={
            "those of a name": {"action": "cancel", "filter": 'name:"Import of June"', "reason": "wrong file"},
            "retry, ten jobs first": {"action": "retry", "filter": "name:Import", "pace": "10/s", "canary": 10, "stop_when_failing": 20},
        },
        answers={
            200: Answer(text="Done; its figures count " + plural, schema="OperationInFull", example=FULL),
            202: Answer(text="It goes on in the background", schema="OperationStarted", example=ex.STARTED, location=True),
        },
    )  # fmt: skip


TOLD: dict[str, Told] = {
    "api_act_on_batches": _of_groups(GroupKind.BATCH, "batches"),
    "api_act_on_chains": _of_groups(GroupKind.CHAIN, "chains"),
    "api_act_on_workflows": _of_groups(GroupKind.WORKFLOW, "workflows"),
    "api_act_on_schedules": Told(
        group="schedules", summary="Pause, resume or run several schedules", body="ActOnSchedules", errors=(400, 413, 422),
        text="Named, or found by a search; those for which there is nothing to do are left alone.",
        examples={"all of a queue": {"action": "pause", "filter": "queue:reports", "reason": "the warehouse moves"}},
        answers={200: Answer(text="What became of each", schema="RowsActed", example=DONE)},
    ),
    "api_act_on_queues": Told(
        group="queues", summary="Pause or resume several queues", body="ActOnQueues", errors=(400, 413, 422),
        text="A name is `QUEUE/CONNECTION`, or that of a queue of the default connection.",
        examples={"two": {"action": "pause", "names": ["emails", "letters"], "reason": "the relay moves"}},
        answers={200: Answer(text="What became of each", schema="RowsActed", example={"action": "pause", "done": ["emails/default"], "left_alone": {}})},
    ),
}  # fmt: skip
