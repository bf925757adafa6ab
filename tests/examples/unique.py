"""Unique."""

# ruff: noqa
# fmt: off
from datetime import timedelta

from horizon import Job, ShouldBeUnique

# --- as on the page ---
class ProcessUserData(Job, ShouldBeUnique):
    def unique_id(self) -> str: return f"process_user_{self.user_id}"
    def unique_for(self) -> timedelta: return timedelta(hours=1)
# --- what the page leaves out ---
    def __init__(self, user_id: int): self.user_id = user_id
    def handle(self) -> None: ...

first, second = ProcessUserData.dispatch(7), ProcessUserData.dispatch(7)
