"""Statements that several files of this dialect share."""

from __future__ import annotations

TIME = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
CHANNEL = "horizon"
AWAITED = "awaited"
"""The name, in `horizon_meta`, of the moment until which somebody wants to be told of new jobs."""
NOTIFY = f"SELECT pg_notify('{CHANNEL}', '') FROM horizon_meta WHERE name = '{AWAITED}' AND value > ?"
OURS = 4861
"""The first of the two numbers of our advisory locks, so that they do not meet those of the host."""
SORT_OFF, SORT_ON = (f"SET LOCAL enable_sort = {word}" for word in ("off", "on"))
"""Without sorting, what has to come in order can only walk its index, whatever the server believes about how much there is."""
