"""Notes by kind and name."""

from __future__ import annotations

from horizon.backends.database.columns import Long, Prose, Word, col, index, table

note = table(
    "note",
    col("kind", Word, key=True),
    col("name", Word, key=True),
    col("body", Prose),
    col("version", Long),
    col("at", Long),
    col("until", Long, null=True),
    index("note_over", "until"),
)
