"""Effects that took place. Of several rows of one name the first counts."""

from __future__ import annotations

from horizon.backends.database.columns import Bytes, Id, Long, Word, col, index, table

effect = table(
    "effect",
    col("seq", Long, key=True, auto=True),
    col("name", Word),
    col("job", Id),
    col("at", Long),
    col("data", Bytes, null=True),
    index("effect_name", "name", "seq"),
    index("effect_at", "at"),
)
