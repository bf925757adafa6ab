"""What a slot is doing at this moment, as Python would write it in a traceback: code only, no values.

Reading another thread's frames needs the interpreter for a moment, and no help of the thread that is looked at: it may
compute, sleep or wait in C code that has let go of the interpreter. Where C code holds it, nobody gets here; see `inquiry`.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

from horizon.core.stack import How, cut

if TYPE_CHECKING:
    from horizon.jobs.prepared import Prepared
    from horizon.worker.slot import Slot

MOST_FRAMES = 200
DEEPEST = 50
"""Tasks that wait for each other, followed at the most."""
_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_GUESTS = (_OURS + "demo" + os.sep, _OURS + "contrib" + os.sep)
_START = os.path.join("horizon", "jobs", "prepared.py")
Told = dict[str, Any]


def of(slot: Slot, token: str) -> Told:
    """What the attempt with this token is doing, as the words of an answer."""
    prepared = slot.prepared
    told = None if prepared is None or prepared.reservation.token != token else _seen(slot, prepared)
    # whoever has ended meanwhile has left its thread to the next job: what was seen there may be that one's
    return told if told is not None and slot.prepared is prepared else {"how": How.ENDED, "text": ""}


def _seen(slot: Slot, prepared: Prepared) -> Told:
    task = prepared.task
    if task is not None and not task.done() and not _is_on_turn(task):
        frames, beside = _awaiting(task)
        return {"how": How.TASK, "text": _written(prepared, frames), "beside": beside}
    frame = sys._current_frames().get(slot.thread)
    how = How.LOOP if prepared.is_async else How.PYTHON
    return {"how": how, "text": _written(prepared, _calls(frame))}


def _is_on_turn(task: Any) -> bool:
    """Whether the loop is running this very task."""
    return bool(getattr(task.get_coro(), "cr_running", False))


def _calls(frame: FrameType | None) -> list[tuple[FrameType, int]]:
    """From the outermost call to the innermost."""
    return [] if frame is None else list(traceback.walk_stack(frame))[::-1]


def _awaiting(task: Any) -> tuple[list[tuple[FrameType, int]], int]:
    """(the chain of what a task awaits, how many tasks it waits for together)."""
    frames: list[tuple[FrameType, int]] = []
    beside = 0
    for _ in range(DEEPEST):
        frames += _chain(task.get_coro())
        waiter = getattr(task, "_fut_waiter", None)
        group = [one for one in getattr(waiter, "_children", ()) if not one.done()]
        beside = beside or (len(group) if len(group) > 1 else 0)
        waiter = group[0] if group else waiter
        if not hasattr(waiter, "get_coro"):
            break
        task = waiter
    return frames, beside


def _chain(awaited: Any) -> Iterator[tuple[FrameType, int]]:
    """The frames of a coroutine, of what it awaits, and so on; generators and async generators among them."""
    for _ in range(MOST_FRAMES):
        frame = _first(awaited, "cr_frame", "gi_frame", "ag_frame")
        if frame is None:
            return
        yield frame, frame.f_lineno
        awaited = _first(awaited, "cr_await", "gi_yieldfrom", "ag_await")


def _first(what: Any, *names: str) -> Any:
    return next((found for name in names if (found := getattr(what, name, None)) is not None), None)


def _written(prepared: Any, frames: list[tuple[FrameType, int]]) -> str:
    """Without the frames of the worker above the job's own, and without what the job's arguments keep secret."""
    own = _from_the_job(frames)
    summary = traceback.StackSummary.extract(iter(own[-MOST_FRAMES:]), capture_locals=False)
    left_out = f"  … {len(own) - MOST_FRAMES:,} calls above are left out …\n" if len(own) > MOST_FRAMES else ""
    return cut(str(prepared.hide(left_out + "".join(summary.format()))))


def _from_the_job(frames: list[tuple[FrameType, int]]) -> list[tuple[FrameType, int]]:
    """From the first frame below the worker's that is not ours; where all are, from where the worker begins with a job."""
    start = next((at for at, (frame, _) in enumerate(frames) if frame.f_code.co_filename.endswith(_START)), 0)
    below = frames[start:]
    first = next((at for at, (frame, _) in enumerate(below) if not _ours(frame.f_code.co_filename)), 0)
    return below[first:]


def _ours(file: str) -> bool:
    return file.startswith(_OURS) and not file.startswith(_GUESTS)
