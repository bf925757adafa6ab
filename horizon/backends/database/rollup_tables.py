"""Sums of stretches of time that are over; see backends/rollup.py."""

from __future__ import annotations

from horizon.backends.database.columns import Bytes, Long, Prose, col, table

rollup = table("rollup", col("span", Long, key=True), col("at", Long, key=True), col("steps", Prose), col("pairs", Bytes))
