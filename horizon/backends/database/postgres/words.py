"""Statements that several files of this dialect share."""

from __future__ import annotations

TIME = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
CHANNEL = "horizon"
AWAITED = "awaited"
"""The name, in `horizon_meta`, of the moment until which somebody wants to be told of new jobs."""
NOTIFY = f"SELECT pg_notify('{CHANNEL}', '') FROM horizon_meta WHERE name = '{AWAITED}' AND value > ?"
