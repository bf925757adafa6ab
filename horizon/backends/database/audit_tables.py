"""Who did what, and the chain of it."""

from __future__ import annotations

from sqlalchemy import String

from horizon.backends.database.columns import Bytewise, Long, Prose, Word, col, index, table

Digest = String(64).with_variant(Bytewise, "postgresql")

audit = table(
    "audit",
    col("seq", Long, key=True, auto=True),
    col("at", Long),
    col("actor", Word),
    col("verb", Word),
    col("target", Prose),
    col("count", Long),
    col("detail", Prose, null=True),
    col("origin", Prose, null=True),
    col("changes", Prose, null=True),
    col("link", Long, null=True),
    col("hash", Digest, null=True),
    index("audit_at", "at"),
    index("audit_actor", "actor", "seq"),
    index("audit_verb", "verb", "seq"),
    index("audit_link", "link", "seq"),
)

seal = table(
    "seal",
    col("name", Word, key=True),
    col("link", Long),
    col("hash", Digest),
    col("at", Long),
)
"""Two rows: where the chain begins (`anchor`) and where it ends (`head`)."""
