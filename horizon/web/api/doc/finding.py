"""Finding, saved views and watched tags, told: their schemas, examples, and rows of the table of routes."""

from __future__ import annotations

from typing import Any

from horizon.backends.tags import DEEP
from horizon.control.views import LONGEST_NAME, PAGES
from horizon.core.states import JobState
from horizon.web.api.doc import rows
from horizon.web.api.doc.words import (
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
)

VIEW: dict[str, Schema] = {
    "id": TEXT,
    "name": TEXT,
    "page": said(TEXT, "the list it is about"),
    "query": said(TEXT, "its parameters, as in an address"),
    "owner": TEXT,
    "shared": said(TRUTH, "everybody sees it"),
    "pinned": said(TRUTH, "it stands above its list"),
    "changed_at": either(MOMENT),
}
WATCHED: dict[str, Schema] = {
    "tag": TEXT,
    "by": said(TEXT, "who watches it"),
    "since": MOMENT,
    "jobs": said(COUNT, f"how many carry it, of the newest {DEEP:,}"),
    "whole": said(TRUTH, f"false: more than {DEEP:,} carry it, and the older ones are not counted"),
    "counts": obj({state.value: COUNT for state in JobState}),
    "hours": said(many(COUNT), "of these, pushed in each of the past 24 hours, the oldest first"),
}
COMPONENTS: dict[str, Schema] = {
    "Found": obj(
        {"items": many(obj({
            "kind": said(TEXT, "job, page, queue, class, tag, view, batch, chain, workflow, schedule or search"),
            "key": said(TEXT, "its id or name"), "label": TEXT, "hint": TEXT, "url": said(TEXT, "its page"),
        }))}
    ),
    "Completions": obj(
        {"items": many(obj({"text": said(TEXT, "the whole search with it"), "caret": said(WHOLE, "where to go on typing"), "label": TEXT, "hint": TEXT}))}
    ),
    "View": obj(VIEW),
    "Views": page_of(ref("View")),
    "ActOnView": obj(
        {
            "action": words("save", "change", "remove"),
            "id": said(either(TEXT), "of change and remove: which"),
            "name": either({"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}),
            "page": said(either(words(*PAGES)), "of save; left out: jobs"),
            "query": said(either(TEXT), "of save: parameters, as in an address"),
            "shared": either(TRUTH),
            "pinned": either(TRUTH),
        },
        optional=("id", "name", "page", "query", "shared", "pinned"), closed=True,
    ),
    "WatchedTags": page_of(obj(WATCHED), frequent=said(many(obj({"tag": TEXT, "jobs": COUNT})), "tags of the latest 200 jobs that nobody watches")),
    "ActOnTag": obj({"action": words("watch", "stop"), "tag": {"type": "string", "minLength": 1, "maxLength": 250}}, closed=True),
    "ActedOnTag": obj({"action": TEXT, "tag": TEXT, "done": said(TRUTH, "false: it was so already")}),
}  # fmt: skip
P_CONNECTION = Param(name="connection", schema=TEXT, text="One of `HORIZON_CONNECTIONS`; left out: all of them.")
A_VIEW: dict[str, Any] = {
    "id": "5f3a9c0b7d1e2f48", "name": "Failed mails", "page": "jobs", "query": "q=tag%3Amail&state=failed", "owner": "ana", "shared": True,
    "pinned": True, "changed_at": "2026-11-22T14:03:22Z",
}  # fmt: skip
A_TAG: dict[str, Any] = {
    "tag": "tenant:7", "by": "ana", "since": "2026-11-22T14:03:22Z", "jobs": 12, "whole": True,
    "counts": {state.value: 12 if state is JobState.COMPLETED else 0 for state in JobState}, "hours": [0] * 23 + [12],
}  # fmt: skip
ONE_PAGE: dict[str, Any] = {"next": None, "total": 1, "total_at_least": 1}

TOLD: dict[str, Told] = {
    "api_find": Told(
        group="jobs", summary="Find anything by name or id", tagged=True, errors=(404,),
        text="Pages, queues, classes, tags, saved views, batches, chains, workflows and schedules by a part of their name; jobs and groups by "
        "an id anywhere in the text. At most 20, the best first.",
        params=(Param(name="q", schema=TEXT, text="What was typed; up to 300 characters count."), P_CONNECTION),
        answers={200: Answer(text="What fits", schema="Found", example={"items": [
            {"kind": "queue", "key": "emails", "label": "emails", "hint": "queue", "url": "/horizon/queues/emails"}]})},
    ),
    "api_complete": Told(
        group="jobs", summary="Complete a half-typed search", tagged=True, errors=(400, 404, 422),
        text="Keys and values of the search language for the term that somebody is at: queues, classes, tags, states and so on that occur.",
        params=(
            Param(name="q", schema=TEXT, text="The search as far as it is typed."),
            Param(name="at", schema={"type": "integer", "minimum": 0, "maximum": 99_999}, text="Where the caret stands; left out: at the end."),
            Param(name="lang", schema=TEXT, text="Language of the hints, such as de; left out, or where there are no texts in it: English."),
            P_CONNECTION,
        ),
        answers={200: Answer(text="The best ways to go on", schema="Completions", example={"items": [
            {"text": "queue:emails ", "caret": 13, "label": "queue:emails", "hint": ""}]})},
    ),
    "api_views": Told(
        group="jobs", summary="Saved views", tagged=True, text="Your own, and those that somebody shared.",
        answers={200: Answer(text="By name", schema="Views", example={"items": [A_VIEW], **ONE_PAGE})},
    ),
    "api_control_views": Told(
        group="jobs", summary="Save, change or remove a view", body="ActOnView", errors=(400, 404, 409, 413, 422),
        text="Own ones are anybody's to keep; to share one takes the ability `operate`, and somebody else's is changed by an admin only.",
        examples={"save one": {"action": "save", "name": "Failed mails", "page": "jobs", "query": "q=tag:mail&state=failed", "shared": True}},
        answers={200: Answer(text="The view, changed or removed", schema="View", example=A_VIEW), 201: Answer(text="The new view", schema="View", example=A_VIEW)},
    ),
    "api_monitoring": Told(
        group="figures", summary="Watched tags", tagged=True, params=(*rows.OF_WATCHED, P_CONNECTION), errors=(400, 404),
        text=f"How many jobs carry each, by state. Of a tag that more than {DEEP:,} jobs carry, the newest {DEEP:,} are counted, and `whole` is false.",
        answers={200: Answer(text="By tag", schema="WatchedTags", example={"items": [A_TAG], **ONE_PAGE, "frequent": [{"tag": "mail", "jobs": 40}]})},
    ),
    "api_control_monitoring": Told(
        group="figures", summary="Watch a tag, or stop", body="ActOnTag", errors=(400, 404, 409, 413, 422),
        text="It takes the ability `operate`; at most 50 tags are watched at a time.",
        examples={"watch one": {"action": "watch", "tag": "tenant:7"}},
        answers={200: Answer(text="Done", schema="ActedOnTag", example={"action": "watch", "tag": "tenant:7", "done": True})},
    ),
}  # fmt: skip
