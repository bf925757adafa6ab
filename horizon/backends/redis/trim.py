"""What is kept no longer: old records, forgotten ones, old audit entries, sessions, operations and fine-grained numbers."""

from __future__ import annotations

from horizon.backends.redis.store import Store

LOOKS = 4
"""How many records are looked at for each that may go: those that live jobs refer to stay, and are passed over."""


def trim(store: Store, limit: int) -> int:
    """Remove at most `limit` records whose time is over."""
    kept = store.retention
    what = {
        "limit": limit, "look": LOOKS * limit + 100, "most": kept.completed_jobs, "undo": kept.undo,
        "kept": {"6": kept.completed, "7": kept.failed, "8": kept.cancelled},
    }  # fmt: skip
    return int(store.run("trim", what))


def sweep(store: Store, limit: int) -> int:
    """Everything else that has outlived its setting; returns how many figures went into coarser ones."""
    kept = store.retention
    what = {
        "limit": limit, "audit": kept.audit, "sessions": kept.sessions, "effects": kept.effects, "minutes": kept.minutes, "hours": kept.hours, "days": kept.days,
        "groups": {"6": kept.completed, "7": kept.failed, "8": kept.cancelled},
    }  # fmt: skip
    return int(store.run("sweep", what))
