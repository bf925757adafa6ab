"""A dispatch shares the fate of the host's writes where the host's database is the same MariaDB, as on PostgreSQL."""

from __future__ import annotations

from tests.backends.database.postgres.test_host import *  # noqa: F403
