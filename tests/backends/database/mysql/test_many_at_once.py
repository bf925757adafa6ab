"""The same crowd as on PostgreSQL, in MariaDB: no job twice, none lost, every figure adds up, nothing stuck."""

from __future__ import annotations

from tests.backends.database.postgres.test_many_at_once import *  # noqa: F403
