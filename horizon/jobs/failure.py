"""An exception as text: what it was, where, and a fingerprint that stays the same when lines move."""

from __future__ import annotations

import os
import sysconfig
import traceback
from collections.abc import Callable
from types import TracebackType

from horizon.core.outcome import Failure
from horizon.jobs.folding import DIGITS, kind
from horizon.jobs.running import clean

MAX_MESSAGE = 4_000
"""Characters kept of an exception's message."""
LONGEST_CAUSE = 200

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_GUESTS = (_OURS + "demo" + os.sep, _OURS + "contrib" + os.sep)  # jobs like anybody's
_NOT_OWN = tuple({path + os.sep for key, path in sysconfig.get_paths().items() if key in ("stdlib", "platstdlib", "purelib", "platlib")})


def describe(error: BaseException, limit: int = 32_000, job: str = "", hide: Callable[[str], str] | None = None) -> Failure:
    """Type, message, traceback (without our own frames above the job's, without locals, the middle cut beyond `limit` bytes).

    `job`: its name, for the fingerprint of what was raised before any code of the app ran. `hide`: takes secrets out.
    """
    name = type_name(type(error))
    message = _message(error, hide)
    try:
        own = _from_the_job(error.__traceback__)
        text = "".join(traceback.format_exception(type(error), error, own))
    except Exception as broken:
        text = f"{name}: {message}\n(the traceback could not be written: {type(broken).__name__})"
    if hide is not None:
        text = hide(text)
    return Failure(
        type=name, message=message, traceback=cut(clean(text), limit), cause=fingerprint(name, error.__traceback__, job, message)
    )


def type_name(kind: type[BaseException]) -> str:
    """`ValueError`, `smtplib.SMTPRecipientsRefused`."""
    return kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"


def _message(error: BaseException, hide: Callable[[str], str] | None) -> str:
    try:
        text = str(error)
    except Exception as broken:
        text = f"<the exception's own text raised {type(broken).__name__}>"
    if hide is not None:
        text = hide(text)
    return clean(text if len(text) <= MAX_MESSAGE else f"{text[:MAX_MESSAGE]}… ({len(text)} characters)")


def _from_the_job(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the first frame that is not ours; all of it where every frame is."""
    step = trace
    while step is not None and _ours(step.tb_frame.f_code.co_filename):
        step = step.tb_next
    return step or trace


def cut(text: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8: the beginning and the end, with a note between them."""
    data = text.encode()
    if len(data) <= limit:
        return text
    note = f"\n… {len(data) - limit:,} bytes cut …\n"
    half = max(0, (limit - len(note.encode())) // 2)
    return data[:half].decode(errors="ignore") + note + data[len(data) - half :].decode(errors="ignore")


def fingerprint(name: str, trace: TracebackType | None, job: str = "", message: str = "") -> str:
    """Exception type, the innermost frame of the app's own code, and the kind of message: `ValueError shop/mail.py:send 3f1c9a0b`.

    Libraries' frames are passed over. Neither line numbers count, nor what differs in the message from job to job, so that one
    fault is one cause; two faults in one place, which say different things, are two.
    """
    frames = [code for step in _steps(trace) if not _ours((code := step.tb_frame.f_code).co_filename)]
    own = [code for code in frames if not code.co_filename.startswith((*_NOT_OWN, "<frozen"))]
    where = job
    if frames:
        code = (own or frames)[-1]
        where = "/".join(code.co_filename.replace(os.sep, "/").rsplit("/", 2)[-2:]) + f":{code.co_qualname}"
    placed = " ".join(clean(f"{name} {where}").split())[: LONGEST_CAUSE - DIGITS - 1]
    return f"{placed} {kind(message)}".strip()


def _ours(file: str) -> bool:
    return file.startswith(_OURS) and not file.startswith(_GUESTS)


def _steps(trace: TracebackType | None) -> list[TracebackType]:
    steps = []
    while trace is not None:
        steps.append(trace)
        trace = trace.tb_next
    return steps
