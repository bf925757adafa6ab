"""How carefully an act on many goes on, told: its pace, a canary, when it stops by itself."""

from __future__ import annotations

from horizon.web.api.doc.words import NUMBER, Schema, either, said

PACE: Schema = {"anyOf": [{"type": ["string", "null"], "maxLength": 40}, {"type": "number", "exclusiveMinimum": 0}]}
"""So many jobs a second, as a number or a text."""
PER_SECOND = said(either(NUMBER), "the pace it was given; null: as fast as it goes")
CANARY: Schema = {"anyOf": [{"type": ["integer", "null"], "minimum": 1, "maximum": 200}, {"type": "string", "pattern": "^[0-9]{1,3}$"}]}
SHARE: Schema = {"anyOf": [{"type": ["number", "null"], "minimum": 0, "exclusiveMaximum": 100}, {"type": "string", "maxLength": 10}]}
CARE: dict[str, Schema] = {
    "pace": said(PACE, "of retry, run_now and requeue: `50/s`, `600/m`, `20/h`, or a number a second"),
    "canary": said(CANARY, "of retry, run_now and requeue: so many first; it goes on by itself when few enough of them fail again"),
    "stop_when_failing": said(SHARE, "of retry, run_now and requeue: it stops by itself when more than so many percent fail again"),
}
