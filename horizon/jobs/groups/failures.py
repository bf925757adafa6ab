"""What failed first in a group, as an exception for those who handle it."""

from __future__ import annotations

import builtins

from horizon.core.errors import HorizonError
from horizon.core.group import GroupRecord
from horizon.jobs import unsealing
from horizon.jobs.ambient import runtime
from horizon.security.sealed import is_sealed


class MemberFailed(HorizonError):
    """A job of a group failed. `job_id` says which; `type` and `message` are those of its exception, as they were recorded."""

    code = "member_failed"

    def __init__(self, job_id: str, type: str | None, message: str | None) -> None:
        super().__init__(f"{type}: {message}" if type else message or f"job {job_id} failed")
        self.job_id, self.type, self.message = job_id, type, message


def exception_of(group: GroupRecord) -> Exception | None:
    """Python's own exception where the recorded type is one and can be made from its text, else `MemberFailed`.

    None where nothing failed. An app's own class is not looked for: its constructor could do anything with a recorded text.
    """
    first = group.first_failure
    if first is None:
        return None
    message = first.message
    if message is not None and is_sealed(message):
        message = unsealing.words(first.job_id, message, runtime().keyring)
    kind = getattr(builtins, first.type or "", None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(message or "")
        except TypeError:  # such as UnicodeDecodeError, which takes five arguments
            pass
    return MemberFailed(first.job_id, first.type, message)
